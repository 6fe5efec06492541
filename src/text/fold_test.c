#include "text/fold.h"
#include "text/fold_map.h"

#include "base/test.h"
#include "text/utf8.h"

static struct ward_fold *fold, *plain, *again;
static char folded[1 << 16];

/* Borrowed until the next call; checks what holds of every text. */
static const char *fold_with(unsigned options, const char *text)
{
	ward_str out = { "", 0 };
	struct ward_fold *made = ward_fold_new(options);

	if (!made || ward_fold_text(made, ward_str_from(text), &out, NULL) != WARD_OK)
		return "failed";
	snprintf(folded, sizeof(folded), "%.*s", WARD_FMT(out));
	ward_fold_free(made);
	return folded;
}

#define CHECK_FOLD(text, want) CHECK_STR(fold_with(0, text), want)

static void words_have_one_case_and_one_space_between(void)
{
	CHECK_FOLD("  The LIGHT-house,\r\n at  Sea. ", "the light house at sea");
	CHECK_FOLD("", "");
	CHECK_FOLD(" .,; ", "");
	CHECK_FOLD("don't", "don t");
	CHECK_FOLD("Stra\xc3\x9f"
		   "e STRASSE",
			"strasse strasse");
	CHECK_FOLD("\xc4\xb0stanbul", "istanbul");
}

static void marks_go_where_they_are_no_letters(void)
{
	CHECK_FOLD("c\xcc\xa7\xc3\xa9\xc3\xbc \xc3\xb8re", "ceu ore");
	/* Greek with tonos; alpha and omicron look like a and o. */
	CHECK_FOLD("\xce\xac\xce\xbb\xce\xbb\xce\xbf", "a\xce\xbb\xce\xbbo");
	/* Arabic harakat, tatweel, and the two letters of one kaf. */
	CHECK_FOLD("\xd9\x83\xd9\x8e\xd9\x80\xd8\xaa\xd9\x90\xd8\xa8", "\xd9\x83\xd8\xaa\xd8\xa8");
	CHECK_FOLD("\xda\xa9\xd8\xaa\xd8\xa8", "\xd9\x83\xd8\xaa\xd8\xa8");
	/* Hebrew points. */
	CHECK_FOLD("\xd7\xa9\xd6\xb8\xd7\x81\xd7\x9c", "\xd7\xa9\xd7\x9c");
	/* Devanagari vowel signs and the kana's voice are letters. */
	CHECK_FOLD("\xe0\xa4\xa8\xe0\xa4\xbe\xe0\xa4\xb5", "\xe0\xa4\xa8\xe0\xa4\xbe\xe0\xa4\xb5");
	CHECK_FOLD("\xe3\x81\x8c", "\xe3\x81\x8b\xe3\x82\x99");
}

static void other_widths_and_alphabets_are_undone(void)
{
	CHECK_FOLD("\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x81\xef\xbd\x94", "boat"); /* wide */
	CHECK_FOLD("\xf0\x9d\x93\xab\xf0\x9d\x93\xb8\xf0\x9d\x93\xaa\xf0\x9d\x93\xbd", "boat");
	CHECK_FOLD("\xe2\x93\x91\xe2\x93\x9e\xe2\x93\x90\xe2\x93\xa3", "boat"); /* circled */
	CHECK_FOLD("b\xd0\xbe\xd0\xb0t", "boat");                               /* Cyrillic o, a */
	CHECK_FOLD("\xf0\x9f\x85\xb1oat", "boat");                              /* negative */
	CHECK_FOLD("\xef\xac\x81sh", "fish");                                   /* ligature */
	CHECK_FOLD("\xd9\xa3\xe0\xa5\xa9", "33");                               /* digits */
}

static void what_is_invisible_goes(void)
{
	CHECK_FOLD("bo\xe2\x80\x8b"
		   "a\xc2\xadt\xe2\x80\xae",
			"boat");
	CHECK_FOLD("b\xcd\x8fo\xe2\x81\xa0"
		   "at\xf3\xa0\x81\x81",
			"boat");
}

static void digits_in_words_are_letters_and_numbers_are_numbers(void)
{
	CHECK_FOLD("b0at l1ghth0u5e 3ngine", "boat lighthouse engine");
	CHECK_FOLD("b00k b000k b12k b2k", "book boook b12k b2k");
	CHECK_FOLD("2004 boat2004 10 1.5 boats5 12b", "2004 boat2004 10 1 5 boatss 12b");
	CHECK_FOLD("b0@t bo@t $ail boat$ f!sh w|nd", "boat boat sail boats fish wind");
	CHECK_FOLD("wow! a@ $5 @name 5$ a!! 1$", "wow a 5 name 5 a 1");
	CHECK_FOLD("tom@boat.example bo@t.", "tom boat example boat");
}

static void single_letters_are_joined(void)
{
	CHECK_FOLD("a b.o.a.t now", "aboat now");
	CHECK_FOLD("see b o a t now", "see boat now");
	CHECK_FOLD("b-o-a-t, b_0_a_t", "boatboat");
	CHECK_FOLD("it b * o * a * t s", "it boats");
	CHECK_FOLD("x y", "x y");
	CHECK_FOLD("1.2.3.4", "1 2 3 4");
	CHECK_FOLD("v 1 2 3", "v 1 2 3");
	CHECK_FOLD("U.S.A.", "usa");
}

static void letters_of_scripts_without_spaces_stand_alone(void)
{
	CHECK_FOLD("boat\xe7\x81\xaf\xe5\xa1\x94 3\xe6\x9c\x88",
			"boat \xe7\x81\xaf\xe5\xa1\x94 3 \xe6\x9c\x88");
	CHECK_FOLD("\xe5\xb0\x8f \xe7\x81\xaf.\xe5\xa1\x94",
			"\xe5\xb0\x8f\xe7\x81\xaf\xe5\xa1\x94");
	CHECK_FOLD("go\xf0\x9f\x9a\xa4\xf0\x9f\x9a\xa4.now",
			"go \xf0\x9f\x9a\xa4 \xf0\x9f\x9a\xa4 now");
}

static void hangul_is_put_together(void)
{
	CHECK_FOLD("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c");
	CHECK_FOLD("\xed\x95\x9c\xea\xb5\xad", "\xed\x95\x9c\xea\xb5\xad");
	CHECK_FOLD("\xe1\x84\x92.\xe1\x85\xa1.\xe1\x86\xab", "\xed\x95\x9c");
}

static void broken_bytes_are_gaps(void)
{
	CHECK_FOLD("boat\xff\xc3(sea\xed\xa0\x80\xf4\x90\x80\x80x\xe2\x82", "boat sea x");
}

static void repeated_letters_count_once_when_asked(void)
{
	CHECK_STR(fold_with(WARD_FOLD_REPEATS, "booooaaat 1000 b00k"), "boat 1000 bok");
	CHECK_STR(fold_with(WARD_FOLD_REPEATS, "aa bb o a t"), "aboat");
	CHECK_FOLD("boooat", "boooat");
}

/* ---- properties ---- */

/* The check with letters mapped by each form that this CPU runs. */
static void check_by_each_form(void (*check)(void))
{
	static const char *const forms[] = { "plain", "avx512" };

	for (size_t i = 0; i < 2; i++) {
		if (fold_mapper_limit(forms[i]))
			check();
	}
	CHECK(fold_mapper_limit(NULL));
}

static uint64_t seed = 88172645463325252u;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static const char *const bits[] = { " ", " ", " ", ".", "-", ", ", "\n", "1", "0", "4", "2", "@",
	"$", "!", "|", "a", "b", "o", "t", "i", "T", "zorbel ", "boat", "lighthouse at the sea ",
	"x y ", "\xd0\xbe", "\xd0\xb6\xd1\x83\xd0\xba ",
	"\xd0\x9b\xd0\xbe\xd0\xb4\xd0\xba\xd0\xb0 ", "\xe7\x81\xaf",
	"\xe5\xa1\x94\xe7\x81\xaf\xe5\xa1\x94", "\xe3\x81\x8c", "\xe1\x84\x92", "\xe1\x85\xa1",
	"\xe1\x86\xab", "\xed\x95\x9c", "\xe2\x80\x8b", "\xcc\x81", "\xef\xac\x81",
	"\xf0\x9f\x9a\xa4", "\xf0\x9d\x93\xab", "\xff", "\xe2\x82", "\xc3\xa9", "\xd9\x83",
	"\xe0\xa4\xbe", "\xd9\xa3", "\xc2\xbd", "\xef\xb7\xba",
	"the quick boats of a man are at sea, and he is ", "\xe0\xb8\x81\xe0\xb8\xb2", "\xd7\xa9" };

static size_t make_text(char *text, size_t room, uint32_t kinds)
{
	size_t len = 0, want = 1 + rnd(rnd(4) ? 60 : 400);
	uint32_t first = rnd((uint32_t)(sizeof(bits) / sizeof(*bits)));

	for (size_t i = 0; i < want; i++) {
		/* Few kinds in one text make the rare meet. */
		const char *bit = bits[(first + rnd(kinds) * 7) % (sizeof(bits) / sizeof(*bits))];

		if (len + strlen(bit) > room)
			break;
		memcpy(text + len, bit, strlen(bit));
		len += strlen(bit);
	}
	return len;
}

static bool open_folds(unsigned options)
{
	fold = ward_fold_new(options);
	plain = ward_fold_new(options);
	again = ward_fold_new(options);
	if (plain)
		plain->plain = true;
	return fold && plain && again;
}

static void close_folds(void)
{
	ward_fold_free(fold);
	ward_fold_free(plain);
	ward_fold_free(again);
}

static bool same_ranges(void)
{
	size_t a = 0, b = 0;

	for (; a < fold->range_count && b < plain->range_count; a++, b++) {
		if (fold->ranges[a].start != plain->ranges[b].start ||
				fold->ranges[a].end != plain->ranges[b].end)
			return false;
	}
	return fold->range_count == plain->range_count;
}

static bool agree(ward_str text)
{
	ward_str fast, slow, twice;

	if (ward_fold_text(fold, text, &fast, NULL) != WARD_OK ||
			ward_fold_text(plain, text, &slow, NULL) != WARD_OK ||
			ward_fold_text(again, slow, &twice, NULL) != WARD_OK)
		return false;
	if (!ward_str_eq(fast, slow) || !ward_str_eq(slow, twice) || !same_ranges()) {
		printf("# of [%.*s]\n# fast [%.*s]\n# slow [%.*s]\n# again [%.*s]\n",
				WARD_FMT(text), WARD_FMT(fast), WARD_FMT(slow), WARD_FMT(twice));
		return false;
	}
	return true;
}

/* Where each byte stood is told the same by both, and is never earlier than that of the last. */
static bool agree_on_sources(size_t len)
{
	size_t before = 0;

	for (size_t at = 0; at < fold->out_len; at += 1 + fold->out_len / 40) {
		struct ward_fold_span a = ward_fold_source(fold, at, 1);
		struct ward_fold_span b = ward_fold_source(plain, at, 1);

		if (a.offset != b.offset || a.len != b.len || a.offset < before ||
				a.offset + a.len > len)
			return false;
		before = a.offset;
	}
	return true;
}

static void check_texts(void)
{
	char text[16384];

	CHECK(open_folds(0));
	for (int i = 0; i < 3000; i++) {
		ward_str made = { text, make_text(text, sizeof(text), 1 + rnd(50)) };

		CHECK(agree(made));
		CHECK(agree_on_sources(made.len));
	}
	close_folds();
}

static void the_fast_way_is_the_plain_way_and_twice_is_once(void)
{
	check_by_each_form(check_texts);
}

static void every_code_point_folds_to_what_folds_to_itself(void)
{
	CHECK(open_folds(0));
	for (uint32_t point = 1; point < 0x110000; point++) {
		char text[32] = "go ";
		size_t len = 3;

		if (point >= 0x33000 && point < 0xe0000)
			continue;
		len += utf8_write(point, text + len);
		memcpy(text + len, "x on", 4);
		CHECK(agree((ward_str){ text, len + 4 }));
	}
	close_folds();
}

static void long_texts_without_a_gap_are_folded_in_step(void)
{
	static const char *const runs[] = { "a", "a1", "\xd0\xbe\xd0\xb6", "\xe7\x81\xaf",
		"\xed\x95\x9c", "a ", "\xe2\x80\x8b", "1", "b\xe7\x81\xaf", "\xd0\xb6 ", "@",
		"a@" };
	static char text[40000];

	CHECK(open_folds(0));
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		ward_str a, b;
		size_t len = 0;

		while (len + 16 < sizeof(text)) {
			memcpy(text + len, runs[i], strlen(runs[i]));
			len += strlen(runs[i]);
		}
		memcpy(text + len, "0x4b@t boat", 11);
		CHECK_EQ(ward_fold_text(fold, (ward_str){ text, len + 11 }, &a, NULL), WARD_OK);
		CHECK_EQ(ward_fold_text(plain, (ward_str){ text, len + 11 }, &b, NULL), WARD_OK);
		CHECK(ward_str_eq(a, b));
		CHECK(same_ranges());
		CHECK(agree_on_sources(len + 11));
	}
	close_folds();
}

static const char *const rare[] = { "\xff", "\xe2\x82", "\xed\xa0\x80", "\xe0\x80\x81", "\xc1\xa1",
	"\xf0\x9f\x9a\xa4", "\xcc\x81", "4", "@", " a b c ", "\xe1\x86\xab", "\xe2\x80\x94 ",
	"\xef\xac\x81", "boat", "\xe7\x81\xaf", "\x82", "! ", "|", "!-" };

/* Whole blocks of letters, with a rare one at each place of their edges, and ends at each. */
static void check_edges(void)
{
	static const char *const letters[] = { "\xd0\xb6", "\xd8\xa8", "\xed\x95\x9c",
		"\xe7\x81\xaf", "\xe0\xb8\x81", "b", "\xc3\xbc" };
	char text[1400];

	CHECK(open_folds(0));
	for (int i = 0; i < 600; i++) {
		const char *letter = letters[rnd(7)], *other = letters[rnd(7)];
		const size_t word = 2 + rnd(rnd(4) ? 9 : 300), at = rnd(600);
		size_t len = 0;

		for (size_t count = 1; len < 1200; count++) {
			const char *bit = count % word == 0 ? " " : rnd(200) ? letter : other;

			if (len >= at && len < at + 3)
				bit = rare[rnd((uint32_t)(sizeof(rare) / sizeof(*rare)))];
			memcpy(text + len, bit, strlen(bit));
			len += strlen(bit);
		}
		len = at + rnd(600);
		CHECK(agree((ward_str){ text, len }));
		CHECK(i % 8 || agree_on_sources(len));
	}
	close_folds();
}

static void edges_of_blocks_are_no_edges(void)
{
	check_by_each_form(check_edges);
}

/* The first block ends within a rare one, or within the letter behind it. */
static void check_broken(void)
{
	static const char *const words[] = { "\xd0\xb6\xd0\xb6 ", "\xed\x95\x9c\xed\x95\x9c ",
		"bb " };

	CHECK(open_folds(0));
	for (size_t i = 0; i < 3 * sizeof(rare) / sizeof(*rare); i++) {
		for (int before = 54; before < 68; before++) {
			char text[512] = "";

			strncat(text, before % 2 ? "b" : "", 2);
			for (int letter = 0; letter < before / 2; letter++)
				strncat(text, letter % 5 ? "\xd0\xb6" : "e ", 3);
			strncat(text, rare[i / 3], 8);
			for (int more = 0; more < 40; more++)
				strncat(text, words[i % 3], 8);
			CHECK(agree(ward_str_from(text)));
		}
	}
	close_folds();
}

static void what_is_broken_at_an_edge_is_broken(void)
{
	check_by_each_form(check_broken);
}

static void says_where_a_word_stood(void)
{
	const char text[] = "At the b.0-\xd0\xb0 t of \xc3\x89lan";
	ward_str out;

	CHECK(open_folds(0));
	CHECK_EQ(ward_fold_text(fold, ward_str_from(text), &out, NULL), WARD_OK);
	CHECK(ward_str_eq(out, WARD_STR("at the boat of elan")));
	CHECK_EQ(ward_fold_source(fold, 7, 4).offset, 7);
	CHECK_EQ(ward_fold_source(fold, 7, 4).len, 8);
	CHECK_EQ(ward_fold_source(fold, 15, 4).offset, 19);
	CHECK_EQ(ward_fold_source(fold, 15, 4).len, 5);
	close_folds();
}

static const struct test_case cases[] = {
	{ "words have one case and one space between", words_have_one_case_and_one_space_between },
	{ "marks go where they are no letters", marks_go_where_they_are_no_letters },
	{ "other widths and alphabets are undone", other_widths_and_alphabets_are_undone },
	{ "what is invisible goes", what_is_invisible_goes },
	{ "digits in words are letters and numbers are numbers",
			digits_in_words_are_letters_and_numbers_are_numbers },
	{ "single letters are joined", single_letters_are_joined },
	{ "letters of scripts without spaces stand alone",
			letters_of_scripts_without_spaces_stand_alone },
	{ "Hangul is put together", hangul_is_put_together },
	{ "broken bytes are gaps", broken_bytes_are_gaps },
	{ "repeated letters count once when asked", repeated_letters_count_once_when_asked },
	{ "the fast way is the plain way and twice is once",
			the_fast_way_is_the_plain_way_and_twice_is_once },
	{ "every code point folds to what folds to itself",
			every_code_point_folds_to_what_folds_to_itself },
	{ "long texts without a gap are folded in step",
			long_texts_without_a_gap_are_folded_in_step },
	{ "edges of blocks are no edges", edges_of_blocks_are_no_edges },
	{ "what is broken at an edge is broken", what_is_broken_at_an_edge_is_broken },
	{ "says where a word stood", says_where_a_word_stood },
};
TEST_MAIN(cases)
