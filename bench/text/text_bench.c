/*
 * text_bench - megabytes a second from UTF-8 to hits, on one core
 *
 * Text of eight scripts is drawn from vocabularies of made-up words, the common
 * ones oftener; terms are 10 000 words of the same syllables, of which those in
 * Han and Thai count anywhere, as a twentieth of the others does.  One line of JSON a script and
 * one for all together: folding alone, looking alone, both.
 */
#include "text/terms.h"

#define TEXT_BYTES ((size_t)4 << 20)
#define WORDS      20000
#define TERMS      10000
#define RUNS       7

static const struct {
	const char *name, *syllables;
	bool spaced;
} scripts[] = {
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

#define SCRIPTS (sizeof(scripts) / sizeof(*scripts))

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

static void add_word(struct ward_buf *out, size_t script, uint32_t least, uint32_t most)
{
	ward_str syllables[32], rest = ward_str_from(scripts[script].syllables);
	uint32_t count = 0, length = least + rnd(most - least + 1);

	while (rest.len > 0)
		syllables[count++] = ward_str_cut(&rest, ' ');
	while (length-- > 0)
		ward_buf_str(out, syllables[rnd(count)]);
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
		ward_buf_str(out, mark < 7                              ? WARD_STR(", ")
				  : mark < 12                           ? WARD_STR(". ")
				  : scripts[script].spaced || mark < 25 ? WARD_STR(" ")
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

static void measure(const char *name, const struct ward_terms *terms, ward_str text)
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
	printf("{\"script\": \"%s\", \"mb_s\": %.0f, \"fold_mb_s\": %.0f, \"look_mb_s\": %.0f, "
	       "\"bytes\": %zu, \"hits\": %llu}\n",
			name, mega / median(both), mega / median(folds), mega / median(looks),
			text.len, (unsigned long long)hits);
	ward_fold_free(fold);
}

/* text_bench [SCRIPT]: of that one alone, to look at it with a profiler. */
int main(int argc, char **argv)
{
	struct ward_terms *terms = make_terms();
	struct ward_buf text, all;

	ward_buf_init(&all, SIZE_MAX / 4);
	for (size_t i = 0; i < SCRIPTS; i++) {
		ward_buf_init(&text, SIZE_MAX / 4);
		add_text(&text, i, TEXT_BYTES);
		if (argc < 2 || strcmp(argv[1], scripts[i].name) == 0)
			measure(scripts[i].name, terms, ward_buf_text(&text));
		ward_buf_free(&text);
	}
	/* Pages of 64 kB in turn. */
	for (size_t i = 0; i < 16 * SCRIPTS; i++)
		add_text(&all, i % SCRIPTS, 65536);
	if (argc < 2 || strcmp(argv[1], "all") == 0)
		measure("all", terms, ward_buf_text(&all));
	ward_buf_free(&all);
	ward_terms_free(terms);
	return 0;
}
