/*
 * text_bench - megabytes a second from UTF-8 to hits, on one core
 *
 * Text of eight scripts is drawn from vocabularies of made-up words, the common
 * ones oftener; terms are 10 000 words of the same syllables, of which those in
 * Han and Thai count anywhere, as a twentieth of the others does.  One line of JSON a script and
 * one for all together: folding alone, looking alone, both.
 *
 * All of it twice: with a dozen syllables a script, so that nearly every place of the text begins
 * as some term does, and every tenth to twentieth byte of Han and Thai is a hit; and with as many
 * as a script has, as a text that people write.
 */
#include "text/terms.h"
#include "text/utf8.h"

#define TEXT_BYTES ((size_t)4 << 20)
#define WORDS      20000
#define TERMS      10000
#define RUNS       7

static const struct script {
	const char *name, *syllables;
	bool spaced;
} few[] = {
	{ "latin", "ba de ki lo mu na pe ri so tu va ze cha sho ter lin mar gon ves pol", true },
	{ "german",
			"b\xc3\xa4 de ki l\xc3\xb6 mu na pe ri so t\xc3\xbc va ze cha scho ter lin "
			"mar gon",
			true },
	{ "cyrillic",
			"\xd0\xb1\xd0\xb0 \xd0\xb4\xd0\xb5 \xd0\xba\xd0\xb8 \xd0\xbb\xd0\xbe "
			"\xd0\xbc\xd1\x83 "
			"\xd0\xbd\xd0\xb0 \xd0\xbf\xd0\xb5 \xd1\x80\xd0\xb8 \xd1\x88\xd0\xbe "
			"\xd0\xb7\xd0\xb5 "
			"\xd1\x82\xd0\xb5\xd1\x80 \xd0\xbb\xd0\xb8\xd0\xbd",
			true },
	{ "greek",
			"\xce\xb2\xce\xb1 \xce\xb4\xce\xb5 \xce\xba\xce\xb9 \xce\xbb\xce\xbf "
			"\xce\xbc\xcf\x85 "
			"\xce\xbd\xce\xb1 \xcf\x80\xce\xb5 \xcf\x81\xce\xb9 \xcf\x83\xce\xbf "
			"\xcf\x84\xce\xb1",
			true },
	{ "arabic",
			"\xd8\xa8\xd8\xa7 \xd8\xaf\xd9\x8a \xd9\x83\xd9\x88 \xd9\x84\xd8\xa7 "
			"\xd9\x85\xd9\x88 "
			"\xd9\x86\xd8\xa7 \xd8\xb1\xd9\x8a \xd8\xb3\xd9\x88 \xd8\xaa\xd8\xa7 "
			"\xd8\xb2\xd9\x8a",
			true },
	{ "hangul",
			"\xea\xb0\x80 \xeb\x82\x98 \xeb\x8b\xa4 \xeb\x9d\xbc \xeb\xa7\x88 "
			"\xeb\xb0\x94 "
			"\xec\x82\xac \xec\x95\x84 \xec\x9e\x90 \xec\xb0\xa8",
			true },
	{ "han",
			"\xe7\x81\xaf \xe5\xa1\x94 \xe8\x88\xb9 \xe6\xb5\xb7 \xe6\xb8\xaf "
			"\xe5\xb1\xb1 "
			"\xe5\xb7\x9d \xe9\x9b\xa8 \xe9\x9b\xaa \xe9\xa3\x8e \xe6\x9c\xa8 "
			"\xe7\x9f\xb3",
			false },
	{ "thai",
			"\xe0\xb8\x81\xe0\xb8\xb2 \xe0\xb8\x87\xe0\xb8\xb2 "
			"\xe0\xb8\x8a\xe0\xb8\xb2 "
			"\xe0\xb8\x94\xe0\xb8\xb5 \xe0\xb8\x95\xe0\xb8\xb2 "
			"\xe0\xb8\x99\xe0\xb8\xb2 "
			"\xe0\xb8\x9a\xe0\xb8\xb2 \xe0\xb8\xa1\xe0\xb8\xb2",
			false },
};

#define SCRIPTS (sizeof(few) / sizeof(*few))

/*
 * As many letters as a script has: syllables of one of the first and one of the second ("-" is
 * none), or, without them, of code points from..from + count.
 */
static const struct {
	const char *first, *second;
	uint32_t from, count;
} many[SCRIPTS] = {
	{ "b c d f g h j k l m n p r s t v w z ch st tr", "a e i o u ai en er on al", 0, 0 },
	{ "b d f g h j k l m n p r s t v w z ch st tr sch",
			"a e i o u \xc3\xa4 \xc3\xb6 \xc3\xbc en er ei ung", 0, 0 },
	{ "\xd0\xb1 \xd0\xb2 \xd0\xb3 \xd0\xb4 \xd0\xb6 \xd0\xb7 \xd0\xba \xd0\xbb \xd0\xbc "
	  "\xd0\xbd "
	  "\xd0\xbf \xd1\x80 \xd1\x81 \xd1\x82 \xd1\x84 \xd1\x85 \xd1\x86 \xd1\x87 \xd1\x88",
			"\xd0\xb0 \xd0\xb5 \xd0\xb8 \xd0\xbe \xd1\x83 \xd1\x8b \xd1\x8f "
			"\xd0\xbe\xd0\xb9",
			0, 0 },
	{ "\xce\xb2 \xce\xb3 \xce\xb4 \xce\xb6 \xce\xb8 \xce\xba \xce\xbb \xce\xbc \xce\xbd "
	  "\xce\xbe "
	  "\xcf\x80 \xcf\x81 \xcf\x83 \xcf\x84 \xcf\x86 \xcf\x87",
			"\xce\xb1 \xce\xb5 \xce\xb7 \xce\xb9 \xce\xbf \xcf\x85 \xcf\x89 "
			"\xce\xbf\xcf\x85",
			0, 0 },
	{ "\xd8\xa8 \xd8\xaa \xd8\xac \xd8\xad \xd8\xaf \xd8\xb1 \xd8\xb2 \xd8\xb3 \xd8\xb4 "
	  "\xd8\xb5 "
	  "\xd8\xb7 \xd8\xb9 \xd9\x81 \xd9\x82 \xd9\x83 \xd9\x84 \xd9\x85 \xd9\x86 \xd9\x87",
			"\xd8\xa7 \xd9\x88 \xd9\x8a -", 0, 0 },
	{ NULL, NULL, 0xac00, 2350 },
	{ NULL, NULL, 0x4e00, 3000 },
	{ "\xe0\xb8\x81 \xe0\xb8\x82 \xe0\xb8\x84 \xe0\xb8\x87 \xe0\xb8\x88 \xe0\xb8\x8a "
	  "\xe0\xb8\x94 "
	  "\xe0\xb8\x95 \xe0\xb8\x97 \xe0\xb8\x99 \xe0\xb8\x9a \xe0\xb8\x9b \xe0\xb8\x9e "
	  "\xe0\xb8\xa1 "
	  "\xe0\xb8\xa3 \xe0\xb8\xa5 \xe0\xb8\xa7 \xe0\xb8\xaa \xe0\xb8\xab",
			"\xe0\xb8\xb0 \xe0\xb8\xb2 \xe0\xb8\xb4 \xe0\xb8\xb5 \xe0\xb8\xb8 "
			"\xe0\xb8\xb9 -",
			0, 0 },
};

#define SYLLABLES_MAX 3000

/* Of one script; a word is drawn from them. */
struct syllables {
	char text[SYLLABLES_MAX][8];
	uint32_t count;
};

static struct syllables syllables[SCRIPTS];

static uint64_t seed = 88172645463325252u;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static double now(void)
{
	struct timespec time;

	/* Of the thread: what others do on this machine is not measured. */
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void add_syllable(struct syllables *to, ward_str first, ward_str second)
{
	if (ward_str_eq(second, WARD_STR("-")))
		second.len = 0;
	snprintf(to->text[to->count++], sizeof(to->text[0]), "%.*s%.*s", WARD_FMT(first),
			WARD_FMT(second));
}

static void make_syllables(size_t script, bool all)
{
	struct syllables *to = &syllables[script];
	ward_str rest = ward_str_from(few[script].syllables);

	to->count = 0;
	while (!all && rest.len > 0)
		add_syllable(to, ward_str_cut(&rest, ' '), WARD_STR(""));
	for (uint32_t i = 0; all && i < many[script].count; i++) {
		char text[4];
		uint32_t step = many[script].from == 0xac00 ? 4 : 1;

		add_syllable(to, (ward_str){ text, utf8_write(many[script].from + i * step, text) },
				WARD_STR(""));
	}
	rest = ward_str_from(all && many[script].first ? many[script].first : "");
	while (rest.len > 0) {
		ward_str first = ward_str_cut(&rest, ' ');
		ward_str seconds = ward_str_from(many[script].second);

		while (seconds.len > 0)
			add_syllable(to, first, ward_str_cut(&seconds, ' '));
	}
}

static void add_word(struct ward_buf *out, size_t script, uint32_t least, uint32_t most)
{
	const struct syllables *from = &syllables[script];
	uint32_t length = least + rnd(most - least + 1);

	while (length-- > 0)
		ward_buf_str(out, ward_str_from(from->text[rnd(from->count)]));
}

struct vocabulary {
	struct ward_buf text;
	struct {
		size_t at, len;
	} words[WORDS];
};

/* Common words are drawn oftener: the square of a number below one is mostly small. */
static void add_text(struct ward_buf *out, size_t script, size_t bytes)
{
	static struct vocabulary vocabulary;
	size_t end = out->len + bytes;

	ward_buf_init(&vocabulary.text, SIZE_MAX / 4);
	for (size_t i = 0; i < WORDS; i++) {
		vocabulary.words[i].at = vocabulary.text.len;
		add_word(&vocabulary.text, script, 1, 4);
		vocabulary.words[i].len = vocabulary.text.len - vocabulary.words[i].at;
	}
	while (out->len < end) {
		uint32_t draw = rnd(65536), word = (uint32_t)((uint64_t)draw * draw * WORDS >> 32);
		uint32_t mark = rnd(100);

		ward_buf_add(out, vocabulary.text.ptr + vocabulary.words[word].at,
				vocabulary.words[word].len);
		ward_buf_str(out, mark < 7                          ? WARD_STR(", ")
				  : mark < 12                       ? WARD_STR(". ")
				  : few[script].spaced || mark < 25 ? WARD_STR(" ")
								    : WARD_STR(""));
	}
	ward_buf_free(&vocabulary.text);
}

static struct ward_terms *make_terms(void)
{
	struct ward_term_list *list = ward_term_list_new(0);
	struct ward_terms *terms = NULL;
	struct ward_error error;
	struct ward_buf text;

	ward_buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < TERMS; i++) {
		add_word(&text, i % SCRIPTS, 3, 6);
		ward_buf_str(&text, rnd(20) ? WARD_STR("\n") : WARD_STR("\tcontext=part\n"));
	}
	if (!list ||
			ward_term_list_read(list, ward_buf_text(&text), WARD_TERM_FORMAT_WARD,
					&error) ||
			ward_terms_compile(list, &terms, &error))
		exit(2);
	ward_term_list_free(list);
	ward_buf_free(&text);
	return terms;
}

static bool count_hit(void *context, const struct terms_found *found)
{
	uint64_t *hits = context;

	*hits += found->part == 0;
	return true;
}

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return one < two ? -1 : one > two;
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), by_value);
	return values[RUNS / 2];
}

static void measure(const char *letters, const char *name, const struct ward_terms *terms,
		ward_str text)
{
	struct ward_fold *fold = ward_fold_new(0);
	double folds[RUNS], looks[RUNS], both[RUNS], mega = (double)text.len / 1e6;
	uint64_t hits = 0;
	ward_str folded;

	for (int i = 0; i < RUNS; i++) {
		double start = now(), middle;

		if (!fold || ward_fold_text(fold, text, &folded, NULL))
			exit(2);
		middle = now();
		hits = 0;
		terms_scan(terms, fold, count_hit, &hits);
		both[i] = now() - start;
		folds[i] = middle - start;
		looks[i] = both[i] - folds[i];
	}
	printf("{\"script\": \"%s\", \"letters\": \"%s\", \"mb_s\": %.0f, \"fold_mb_s\": %.0f, "
	       "\"look_mb_s\": %.0f, "
	       "\"bytes\": %zu, \"hits\": %llu}\n",
			name, letters, mega / median(both), mega / median(folds),
			mega / median(looks), text.len, (unsigned long long)hits);
	ward_fold_free(fold);
}

/* Each script, then pages of 64 kB of all in turn; with `only` that one alone. */
static void measure_all(bool all, const char *only)
{
	const char *letters = all ? "many" : "few";
	struct ward_terms *terms;
	struct ward_buf text;

	for (size_t i = 0; i < SCRIPTS; i++)
		make_syllables(i, all);
	terms = make_terms();
	for (size_t i = 0; i < SCRIPTS; i++) {
		ward_buf_init(&text, SIZE_MAX / 4);
		add_text(&text, i, TEXT_BYTES);
		if (!only || strcmp(only, few[i].name) == 0)
			measure(letters, few[i].name, terms, ward_buf_text(&text));
		ward_buf_free(&text);
	}
	ward_buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < 16 * SCRIPTS; i++)
		add_text(&text, i % SCRIPTS, 65536);
	if (!only || strcmp(only, "all") == 0)
		measure(letters, "all", terms, ward_buf_text(&text));
	ward_buf_free(&text);
	ward_terms_free(terms);
}

/* text_bench [SCRIPT]: of that one alone, to look at it with a profiler. */
int main(int argc, char **argv)
{
	measure_all(false, argc > 1 ? argv[1] : NULL);
	measure_all(true, argc > 1 ? argv[1] : NULL);
	return 0;
}
