#include "text/terms.h"

#include "base/test.h"
#include "text/page.h"

#include <math.h>

static struct ward_terms *compile(const char *text, ward_term_format format,
		struct ward_error *error)
{
	struct ward_term_list *list = ward_term_list_new(0);
	struct ward_terms *terms = NULL;

	if (list && ward_term_list_read(list, ward_str_from(text), format, error) == WARD_OK &&
			ward_terms_compile(list, &terms, error) != WARD_OK)
		terms = NULL;
	ward_term_list_free(list);
	return terms;
}

struct seen {
	const struct ward_terms *terms;
	const struct ward_fold *fold;
	const char *text;
	char all[1024];
};

static bool see(void *context, const struct terms_found *found)
{
	struct seen *seen = context;
	struct ward_fold_span span = ward_fold_source(seen->fold, found->at, found->len);
	size_t len = strlen(seen->all);

	snprintf(seen->all + len, sizeof(seen->all) - len, "%s%u.%u[%.*s]", len ? " " : "",
			found->term, found->part, (int)span.len, seen->text + span.offset);
	return true;
}

/* "TERM.PART[what stood there]" of all that is found; borrowed until the next call. */
static const char *find(const char *list, const char *text)
{
	static struct seen seen;
	struct ward_terms *terms = compile(list, WARD_TERM_FORMAT_WARD, NULL);
	struct ward_fold *fold = ward_fold_new(0);
	ward_str folded;

	seen = (struct seen){ .terms = terms, .fold = fold, .text = text };
	if (!terms || !fold || ward_fold_text(fold, ward_str_from(text), &folded, NULL) != WARD_OK)
		return "failed";
	terms_scan(terms, fold, see, &seen);
	ward_terms_free(terms);
	ward_fold_free(fold);
	return seen.all;
}

#define CHECK_FIND(list, text, want) CHECK_STR(find(list, text), want)

static void words_are_found_as_words(void)
{
	CHECK_FIND("boat\nzorbel", "A boat, a Zorbel. boats and zorbels", "0.0[boat] 1.0[Zorbel]");
	CHECK_FIND("boat", "boat", "0.0[boat]");
	CHECK_FIND("boat", "boa t", "");
	CHECK_FIND("averyveryverylongword", "averyveryverylongword averyveryverylongwort",
			"0.0[averyveryverylongword]");
}

static void phrases_are_found_over_any_gap(void)
{
	CHECK_FIND("light house", "the light\n-- house stands", "0.0[light\n-- house]");
	CHECK_FIND("light house", "the light houses", "");
	CHECK_FIND("light house\nlight", "light house", "1.0[light] 0.0[light house]");
}

static void parts_are_found_anywhere(void)
{
	CHECK_FIND("oat\tcontext=part", "boats oat", "0.0[oat] 0.0[oat]");
	CHECK_FIND("lighthouse\tcontext=part", "Lighthousekeepers", "0.0[Lighthouse]");
	CHECK_FIND("ab\tcontext=part", "abcab", "0.0[ab] 0.0[ab]");
}

static void scripts_without_spaces_have_words_anywhere(void)
{
	CHECK_FIND("\xe7\x81\xaf\xe5\xa1\x94", "\xe5\xb0\x8f\xe7\x81\xaf\xe5\xa1\x94\xe4\xb8\x8a",
			"0.0[\xe7\x81\xaf\xe5\xa1\x94]");
	CHECK_FIND("\xd0\xbb\xd0\xbe\xd0\xb4\xd0\xba\xd0\xb0",
			"\xd0\x9b\xd0\x9e\xd0\x94\xd0\x9a\xd0\x90!",
			"0.0[\xd0\x9b\xd0\x9e\xd0\x94\xd0\x9a\xd0\x90]");
}

static void disguises_are_seen_through(void)
{
	CHECK_FIND("boat", "b0@t", "0.0[b0@t]");
	CHECK_FIND("boat", "this is a b.o.a.t", "0.0[b.o.a.t]");
	CHECK_FIND("boat", "b o a t", "0.0[b o a t]");
	/* 1 folds to i and may be l; a plain i is none. */
	CHECK_FIND("lighthouse", "1ighthouse", "0.0[1ighthouse]");
	CHECK_FIND("lighthouse", "iighthouse", "");
	CHECK_FIND("sail", "sa1l sai1 sail", "0.0[sa1l] 0.0[sai1] 0.0[sail]");
	/* Capitals of Cyrillic all through; their small letters are another word. */
	CHECK_FIND("boat", "\xd0\x92\xd0\x9e\xd0\x90\xd0\xa2",
			"0.0[\xd0\x92\xd0\x9e\xd0\x90\xd0\xa2]");
	CHECK_FIND("bot", "\xd0\xb2\xd0\xbe\xd1\x82", "");
}

static void combinations_tell_their_parts(void)
{
	CHECK_FIND("boat\twith=sail\twithin=3", "a sail of the boat", "0.1[sail] 0.0[boat]");
}

static void says_which_line_is_wrong(void)
{
	static const struct {
		const char *line, *says;
	} wrong[] = {
		{ "boat\tweight=x", "line 2: a weight is a number" },
		{ "boat\twithin=3", "line 2: within needs a with" },
		{ "boat\tcontext=near", "line 2: a context is word or part" },
		{ "boat\tcolour=red", "line 2: there is no such attribute" },
		{ "boat\tkind=bad", "line 2: a kind is weighted, banned or exception" },
		{ "...", "line 2: nothing is left of the term when it is folded" },
		{ "bo\xff", "line 2: not UTF-8" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct ward_error error = { 0 };
		char text[256];

		snprintf(text, sizeof(text), "# list\n%s\n", wrong[i].line);
		CHECK(!compile(text, WARD_TERM_FORMAT_WARD, &error));
		CHECK_EQ(error.code, WARD_E_FORMAT);
		CHECK_STR(error.message, wrong[i].says);
	}
}

static void reads_lists_of_e2guardian(void)
{
	struct ward_terms *terms = compile("#list\n<boat>,< sail ><-30>\n< zorbel ><20>\n",
			WARD_TERM_FORMAT_E2_WEIGHTED, NULL);

	CHECK(terms);
	CHECK_EQ(ward_terms_count(terms), 2);
	CHECK(ward_str_eq(ward_terms_at(terms, 0).with[0], WARD_STR("sail")));
	CHECK(ward_terms_at(terms, 0).weight == -30 && ward_terms_at(terms, 0).part);
	CHECK(ward_terms_at(terms, 1).weight == 20 && !ward_terms_at(terms, 1).part);
	ward_terms_free(terms);
	terms = compile("<boat>,<sail>\n<zorbel>", WARD_TERM_FORMAT_E2_BANNED, NULL);
	CHECK(terms);
	CHECK_EQ(ward_terms_at(terms, 1).kind, WARD_TERM_BANNED);
	CHECK_EQ(ward_terms_at(terms, 0).with_count, 1);
	ward_terms_free(terms);
	CHECK(!compile("<boat>", WARD_TERM_FORMAT_E2_WEIGHTED, NULL));
	CHECK(!compile("<boat><x>", WARD_TERM_FORMAT_E2_WEIGHTED, NULL));
	CHECK(!compile("boat", WARD_TERM_FORMAT_E2_BANNED, NULL));
	CHECK(!compile("<boat", WARD_TERM_FORMAT_E2_BANNED, NULL));
	CHECK(!compile(".Include</x>", WARD_TERM_FORMAT_E2_BANNED, NULL));
	CHECK(!compile("<a>,", WARD_TERM_FORMAT_E2_BANNED, NULL));
}

static void a_wrong_list_adds_nothing(void)
{
	struct ward_term_list *list = ward_term_list_new(0);

	CHECK(list);
	CHECK_EQ(ward_term_list_read(list, WARD_STR("boat\nsail\tx=y\n"), WARD_TERM_FORMAT_WARD,
				 NULL),
			WARD_E_FORMAT);
	CHECK_EQ(ward_term_list_count(list), 0);
	ward_term_list_free(list);
}

static void see_doubt(void *context, ward_term_doubt doubt, size_t term, size_t other)
{
	char *all = context;
	size_t len = strlen(all);

	snprintf(all + len, 256 - len, "%s:%zu:%zu ", ward_term_doubt_name(doubt), term, other);
}

static void doubts_are_told(void)
{
	struct ward_term_list *list = ward_term_list_new(0);
	char all[256] = "";

	CHECK(list);
	CHECK_EQ(ward_term_list_read(list, WARD_STR("boat\nB0AT\nxy\n12\noat\tcontext=part\n"),
				 WARD_TERM_FORMAT_WARD, NULL),
			WARD_OK);
	CHECK_EQ(ward_term_list_check(list, see_doubt, all, NULL), WARD_OK);
	CHECK_STR(all, "short:2:2 number:3:3 inside:4:0 same:1:0 ");
	ward_term_list_free(list);
}

static void what_is_saved_is_what_is_loaded(void)
{
	struct ward_terms *terms =
			compile("boat\tweight=3\tcategory=sea\tlanguage=en\nsail\twith=zorbel",
					WARD_TERM_FORMAT_WARD, NULL);
	struct ward_terms *loaded = NULL;
	struct ward_buf out;

	CHECK(terms);
	ward_buf_init(&out, 1 << 20);
	CHECK_EQ(ward_terms_save(terms, &out, NULL), WARD_OK);
	ward_bytes file = { (const uint8_t *)out.ptr, out.len };

	CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_OK);
	CHECK_STR(ward_terms_version(loaded), ward_terms_version(terms));
	CHECK(ward_str_eq(ward_terms_at(loaded, 0).category, WARD_STR("sea")));
	CHECK(ward_str_eq(ward_terms_at(loaded, 1).with[0], WARD_STR("zorbel")));
	ward_terms_free(loaded);
	for (size_t i = 8; i < out.len; i += 1 + i / 50) {
		struct ward_error error;

		out.ptr[i] ^= 0x40;
		CHECK_EQ(ward_terms_load(file, &loaded, &error), WARD_E_CORRUPT);
		out.ptr[i] ^= 0x40;
	}
	file.len--;
	CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_E_CORRUPT);
	ward_terms_free(terms);
	ward_buf_free(&out);
}

/* Writes `value` into the block of `out` at `at`, and makes the checksum good. */
static void forge(struct ward_buf *out, size_t at, const void *value, size_t len)
{
	const size_t summed = offsetof(struct terms_header, size);
	uint64_t sum;

	memcpy(out->ptr + at, value, len);
	sum = terms_checksum((ward_bytes){ (const uint8_t *)out->ptr + summed, out->len - summed });
	memcpy(out->ptr + offsetof(struct terms_header, checksum), &sum, sizeof(sum));
}

static void a_forged_file_is_refused_by_what_it_says(void)
{
	struct ward_terms *terms = compile("boat\nzorbel", WARD_TERM_FORMAT_WARD, NULL);
	static const double weights[] = { (double)NAN, (double)INFINITY, -(double)INFINITY, 2e6 };
	const uint64_t beyond = 1 << 4, within = 1 << 3;
	struct ward_terms *loaded;
	struct ward_buf out;

	ward_buf_init(&out, 1 << 20);
	CHECK(terms != NULL);
	CHECK_EQ(ward_terms_save(terms, &out, NULL), WARD_OK);

	const ward_bytes file = { (const uint8_t *)out.ptr, out.len };
	const size_t weight = terms->header.terms_at + offsetof(struct terms_row, weight);
	const size_t spelled = terms->header.patterns_at + offsetof(struct terms_pattern, spelled);
	const double good = 5;

	for (size_t i = 0; i < 4; i++) {
		forge(&out, weight, &weights[i], sizeof(double));
		CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_E_CORRUPT);
	}
	forge(&out, weight, &good, sizeof(good));
	CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_OK);
	ward_terms_free(loaded);
	/* "boat" has four bytes. */
	forge(&out, spelled, &beyond, sizeof(beyond));
	CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_E_CORRUPT);
	forge(&out, spelled, &within, sizeof(within));
	CHECK_EQ(ward_terms_load(file, &loaded, NULL), WARD_OK);
	ward_terms_free(loaded);
	ward_terms_free(terms);
	ward_buf_free(&out);
}

static void no_terms_find_nothing(void)
{
	CHECK_FIND("# none\n", "boat", "");
}

/* ---- the same as looking for each pattern at each byte ---- */

static uint64_t seed = 88172645463325252u;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

#define FOUND_MAX 65536

struct found_list {
	struct terms_found rows[FOUND_MAX];
	size_t count;
};

static bool keep_found(void *context, const struct terms_found *found)
{
	struct found_list *list = context;

	if (list->count < FOUND_MAX)
		list->rows[list->count++] = *found;
	return true;
}

static int by_all(const void *a, const void *b)
{
	const struct terms_found *one = a, *two = b;

	if (one->at != two->at)
		return one->at < two->at ? -1 : 1;
	if (one->len != two->len)
		return one->len < two->len ? -1 : 1;
	if (one->term != two->term)
		return one->term < two->term ? -1 : 1;
	return one->part < two->part ? -1 : one->part > two->part;
}

static bool in_row(const struct ward_fold *fold, size_t at)
{
	for (size_t i = 0; i < fold->range_count; i++) {
		if (at >= fold->ranges[i].start && at < fold->ranges[i].end)
			return true;
	}
	return false;
}

static bool edge_at(const struct ward_fold *fold, size_t at)
{
	return at == 0 || at >= fold->out_len || fold->out[at - 1] == ' ' || fold->out[at] == ' ' ||
	       in_row(fold, at - 1);
}

/* Of a row a single letter is no word. */
static bool word_begins(const struct ward_fold *fold, const struct terms_pattern *pattern,
		size_t at)
{
	size_t end = at + pattern->text.len;

	if (pattern->flags & (TERMS_PART | TERMS_WIDE_START | TERMS_WIDE_END))
		return true;
	if (pattern->text.len == 1 && end < fold->out_len && fold->out[end] != ' ')
		return false;
	return at == 0 || fold->out[at - 1] == ' ' || (pattern->text.len > 1 && in_row(fold, at));
}

static bool spelled_at(const struct ward_fold *fold, const struct terms_pattern *pattern, size_t at)
{
	for (size_t i = 0; i < 64 && i < pattern->text.len; i++) {
		struct ward_fold_span span = ward_fold_source(fold, at + i, 1);
		const uint8_t *stood = fold->text + span.offset;

		if (!(pattern->spelled >> i & 1))
			continue;
		if (fold->out[at + i] == 'i' ? !memchr("1|!I", *stood, 4)
					     : *stood != 0xd0 || stood[1] < 0x90 || stood[1] > 0xaf)
			return false;
	}
	return true;
}

static bool stands_at(const struct ward_terms *terms, const struct ward_fold *fold,
		const struct terms_pattern *pattern, size_t at)
{
	const char *text = (const char *)terms->block + terms->header.strings_at + pattern->text.at;
	size_t end = at + pattern->text.len;

	if (end > fold->out_len || memcmp(fold->out + at, text, pattern->text.len) != 0)
		return false;
	if (!(pattern->flags & (TERMS_PART | TERMS_WIDE_START)) && !edge_at(fold, at))
		return false;
	if (!(pattern->flags & (TERMS_PART | TERMS_WIDE_END)) && !edge_at(fold, end))
		return false;
	return word_begins(fold, pattern, at) && spelled_at(fold, pattern, at);
}

static void find_plainly(const struct ward_terms *terms, const struct ward_fold *fold,
		struct found_list *list)
{
	const struct terms_pattern *patterns =
			(const struct terms_pattern *)(const void *)(terms->block +
								     terms->header.patterns_at);
	const struct terms_use *uses =
			(const struct terms_use *)(const void *)(terms->block +
								 terms->header.uses_at);

	for (uint32_t i = 0; i < terms->header.patterns_len; i++) {
		for (size_t at = 0; at < fold->out_len; at++) {
			if (!stands_at(terms, fold, &patterns[i], at))
				continue;
			for (uint32_t use = 0; use < patterns[i].use_count; use++)
				keep_found(list, &(struct terms_found){
								 uses[patterns[i].use_first + use]
										 .term,
								 uses[patterns[i].use_first + use]
										 .part,
								 at, patterns[i].text.len });
		}
	}
}

static void add_syllables(struct ward_buf *out, uint32_t script, uint32_t count)
{
	static const char *const syllables[][6] = {
		{ "ba", "de", "lo", "k", "i", "the" },
		{ "ba", "de", "lo", "b", "1", "sail" },
		{ "\xd0\xb1\xd1\x83", "\xd0\xbe", "\xd0\xb6\xd0\xb8", "\xd0\x92", "\xd1\x8f",
				"\xd0\xbb" },
		{ "\xe7\x81\xaf", "\xe5\xa1\x94", "\xe8\x88\xb9", "\xe6\xb5\xb7", "\xe5\xb1\xb1",
				"\xe9\x9b\xa8" },
		{ "\xe0\xb8\x81\xe0\xb8\xb2", "\xe0\xb8\x87", "\xe0\xb8\xaa",
				"\xe0\xb8\x95\xe0\xb8\xb5", "\xe0\xb8\xa1", "\xe0\xb8\xa2" },
		{ "\xea\xb0\x80", "\xeb\x82\x98", "\xeb\x8b\xa4", "\xed\x95\x9c", "ba",
				"\xe7\x81\xaf" },
	};

	while (count-- > 0)
		ward_buf_str(out, ward_str_from(syllables[script % 6][rnd(6)]));
}

static struct ward_terms *random_terms(bool parts, bool phrases)
{
	static const char *const behind[] = { "\n", "\n", "\tcontext=part\n", "\twith=lode\n" };
	struct ward_terms *terms;
	struct ward_buf list;

	ward_buf_init(&list, 1 << 20);
	for (int i = 0; i < 30; i++) {
		add_syllables(&list, rnd(6), 1 + rnd(rnd(2) ? 4 : 12));
		if (phrases && rnd(5) == 0) {
			ward_buf_str(&list, WARD_STR(" "));
			add_syllables(&list, rnd(6), 1 + rnd(3));
		}
		ward_buf_str(&list, ward_str_from(behind[parts ? rnd(4) : 0]));
	}
	ward_buf_add(&list, "", 1);
	terms = compile(list.ptr, WARD_TERM_FORMAT_WARD, NULL);
	ward_buf_free(&list);
	return terms;
}

static void random_text(struct ward_buf *out)
{
	static const char *const gaps[] = { " ", " ", " ", ", ", "", "", ".", "\xe2\x80\x8b" };
	uint32_t words = 1 + rnd(200);

	for (uint32_t i = 0; i < words; i++) {
		uint32_t script = rnd(3) ? i / 16 : rnd(6);

		add_syllables(out, script, 1 + rnd(6));
		if (rnd(20) == 0)
			ward_buf_str(out, WARD_STR(" b.a.d.e l 0 i "));
		ward_buf_str(out, ward_str_from(gaps[rnd(8)]));
	}
}

static bool found_alike(const struct ward_terms *terms, struct ward_fold *fold, ward_str text)
{
	static struct found_list fast, plain;
	ward_str folded;

	fast.count = plain.count = 0;
	if (ward_fold_text(fold, text, &folded, NULL) != WARD_OK)
		return false;
	terms_scan(terms, fold, keep_found, &fast);
	find_plainly(terms, fold, &plain);
	qsort(fast.rows, fast.count, sizeof(*fast.rows), by_all);
	qsort(plain.rows, plain.count, sizeof(*plain.rows), by_all);
	for (size_t i = 0; i < fast.count && i < plain.count; i++) {
		if (by_all(&fast.rows[i], &plain.rows[i]) != 0)
			return false;
	}
	return fast.count == plain.count && fast.count < FOUND_MAX;
}

static void all_is_found_that_stands_there(void)
{
	struct ward_fold *fold = ward_fold_new(0);

	CHECK(fold);
	for (int i = 0; i < 30; i++) {
		struct ward_terms *terms = random_terms(i % 4 > 0, i % 3 > 0);

		CHECK(terms);
		for (int j = 0; j < 8; j++) {
			struct ward_buf text;

			ward_buf_init(&text, 1 << 20);
			random_text(&text);
			CHECK(found_alike(terms, fold, ward_buf_text(&text)));
			ward_buf_free(&text);
		}
		ward_terms_free(terms);
	}
	ward_fold_free(fold);
}

static const struct test_case cases[] = {
	{ "words are found as words", words_are_found_as_words },
	{ "phrases are found over any gap", phrases_are_found_over_any_gap },
	{ "parts are found anywhere", parts_are_found_anywhere },
	{ "scripts without spaces have words anywhere",
			scripts_without_spaces_have_words_anywhere },
	{ "disguises are seen through", disguises_are_seen_through },
	{ "combinations tell their parts", combinations_tell_their_parts },
	{ "says which line is wrong", says_which_line_is_wrong },
	{ "reads lists of e2guardian", reads_lists_of_e2guardian },
	{ "a wrong list adds nothing", a_wrong_list_adds_nothing },
	{ "doubts are told", doubts_are_told },
	{ "what is saved is what is loaded", what_is_saved_is_what_is_loaded },
	{ "a forged file is refused by what it says", a_forged_file_is_refused_by_what_it_says },
	{ "no terms find nothing", no_terms_find_nothing },
	{ "all is found that stands there", all_is_found_that_stands_there },
};
TEST_MAIN(cases)
