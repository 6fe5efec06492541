#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"
#include "decode/pdf_make.h"

static struct collected got;
static struct pdf_make make;

#define TABLE(rows) "/CIDInit /ProcSet findresource begin begincmap\n" rows "endcmap end"

static ward_bytes bytes_of(const char *text)
{
	return (ward_bytes){ (const uint8_t *)text, strlen(text) };
}

/* One page: its font /F is the 5th object, then what is added. */
static void begin(ward_bytes instructions, const char *font)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make,
			"<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F 5 0 R>>>>>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>");
	pdf_make_stream(&make, "", instructions);
	pdf_make_object(&make, font);
}

static ward_err read_made(void)
{
	uint8_t *copy;
	ward_bytes file = collect_copy(pdf_make_end(&make, "/Size 10/Root 1 0 R"), &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_PDF, file, &got.options, &got.sink, &got.error);

	free(copy);
	ward_buf_free(&make.out);
	return err;
}

static bool text_is(const char *text)
{
	bool is = got.part_count == 1 && strcmp(got.part_names[0], "text.txt") == 0 &&
		  strcmp(ward_buf_text(&got.part_bytes[0]).ptr, text) == 0;

	if (!is)
		printf("# %u parts: %s\n", got.part_count,
				got.part_count ? ward_buf_text(&got.part_bytes[0]).ptr : "");
	return is;
}

#define PLAIN "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

/* What a page of that font says. */
static bool says(const char *instructions, const char *font, const char *text)
{
	begin(bytes_of(instructions), font);
	return read_made() == WARD_OK && text_is(text);
}

/* ---- where words and lines end ---- */

static void what_is_shown_is_text_by_its_lines(void)
{
	CHECK(says("BT /F 10 Tf 1 0 0 1 50 700 Tm 12 TL (See www.lamp.example/way) Tj\n"
		   "T* [(The la) 20 (mp) -300 (is) -2000 (lit)] TJ (. \\(At\\040n\\151ght\\)) '\n"
		   "0 -12 Td <426F617473> Tj 0 2 (?) \" ET",
			PLAIN,
			"See www.lamp.example/way\nThe lamp is lit\n. (At night)\nBoats\n?\n"));
	/* A name that is written otherwise; and a word that no picture is before. */
	CHECK(says("BT /#46 9 Tf (a) Tj ID (b) Tj EI (c) Tj ET", PLAIN, "abc\n"));
	CHECK(says("1 0 0 RG 0 0 m 9 9 l S", PLAIN, "") == false);
	CHECK_EQ(got.part_count, 0);
}

static void glyphs_that_are_placed_one_by_one_are_words_by_their_widths(void)
{
	static const char font[] = "<</Subtype/TrueType/FirstChar 97/Widths[500 1000 250]>>";

	CHECK(says("BT /F 10 Tf 5 0 0 5 0 0 Tm (a) Tj 5 0 Td (b) Tj 10 0 Td (c) Tj\n"
		   "2.5 0 Td (a) Tj 9 0 Td (b) Tj ET",
			font, "abca b\n"));
	/* Turned by a quarter, and shrunk across. */
	CHECK(says("BT /F 10 Tf 50 Tz 0 1 -1 0 0 0 Tm (a) Tj 2.5 0 Td (b) Tj 0 -12 Td (c) Tj ET",
			font, "ab\nc\n"));
	/* By a matrix of the font's own, and of a space that is wider. */
	CHECK(says("BT /F 1 Tf 3 Tc (aa) Tj 10 0 Td (a) Tj 7 0 Td (a) Tj ET",
			"<</Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FirstChar 97/Widths[200]>>",
			"aaa a\n"));
}

/* ---- what codes are ---- */

static void names_of_glyphs_are_letters(void)
{
	CHECK(says("BT /F 9 Tf (A\\001\\002\\003\\004\\005) Tj ET",
			"<</Subtype/Type1/Encoding<</Differences[1/adieresis/uni20AC/ff/slash/"
			"g17]>>>>",
			"Aa\xcc\x88\xe2\x82\xac\xef\xac\x80/\n"));
	/* Windows' own. */
	CHECK(says("BT /F 9 Tf (\\200\\344) Tj ET", PLAIN, "\xe2\x82\xac\xc3\xa4\n"));
}

static void a_table_of_codes_is_believed(void)
{
	begin(bytes_of("BT /F 9 Tf <000100020003001000110012FFFF0020> Tj ET"),
			"<</Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[7 0 "
			"R]>>");
	pdf_make_stream(&make, "",
			bytes_of(TABLE("2 beginbfchar <0001><004C> <0020><D83DDE00> endbfchar\n"
				       "2 beginbfrange <0002><0003><0061> "
				       "<0010><0012>[<00660066><0069><002E>] endbfrange\n")));
	pdf_make_object(&make, "<</Subtype/CIDFontType2/DW 500/W[1[600 700]3 17 500]>>");
	CHECK_EQ(read_made(), WARD_OK);
	CHECK(text_is("Labffi.\xf0\x9f\x98\x80\n"));
	/* Codes that are letters. */
	CHECK(says("BT /F 9 Tf <004C0061> Tj ET",
			"<</Subtype/Type0/Encoding/UniJIS-UTF16-H/DescendantFonts[]>>", "La\n"));
}

/* ---- where it is ---- */

static void forms_have_text_and_pictures_in_a_page_have_none(void)
{
	begin(bytes_of("BT /F 9 Tf (one) Tj ET BI /W 1 /H 1 /BPC 8 /CS /G ID (BT (x) Tj EI\n"
		       "BT /F 9 Tf (two) Tj ET"),
			PLAIN);
	pdf_make_stream(&make, "/Subtype/Form/Resources<</Font<</G 5 0 R>>>>",
			bytes_of("BT /G 9 Tf (form) Tj ET"));
	CHECK_EQ(read_made(), WARD_OK);
	CHECK(text_is("one\ntwo\nform\n"));
}

/* ---- hostile ones ---- */

static void long_texts_are_told_in_parts_and_whole(void)
{
	enum { LINES = 1300, LINE = 2000 };
	struct ward_buf long_one;

	ward_buf_init(&long_one, SIZE_MAX);
	ward_buf_str(&long_one, WARD_STR("BT /F 9 Tf 12 TL "));
	for (int i = 0; i < LINES; i++)
		ward_buf_printf(&long_one, "(%0*d) '\n", LINE, i);
	begin((ward_bytes){ (const uint8_t *)long_one.ptr, long_one.len }, PLAIN);
	CHECK_EQ(read_made(), WARD_OK);
	ward_buf_free(&long_one);
	CHECK_EQ(got.part_count, 2);
	CHECK_STR(got.part_names[0], "text.txt");
	CHECK_STR(got.part_names[1], "text 2.txt");
	CHECK_EQ(got.part_bytes[0].len + got.part_bytes[1].len, LINES * (LINE + 1));
	/* Also when it is shown at once. */
	ward_buf_init(&long_one, SIZE_MAX);
	ward_buf_printf(&long_one, "BT /F 9 Tf (%0*d) Tj ET", LINES * LINE, 1);
	begin((ward_bytes){ (const uint8_t *)long_one.ptr, long_one.len }, PLAIN);
	CHECK_EQ(read_made(), WARD_OK);
	ward_buf_free(&long_one);
	CHECK_EQ(got.part_count, 2);
	CHECK_EQ(got.part_bytes[0].len, 2 << 20);
}

static void what_makes_no_sense_gives_what_there_is(void)
{
	CHECK(says("BT /F 9 Tf (a) Tj /G 9 Tf (b) Tj 1e 99999999999999999999 Td (c\\", PLAIN,
			"a\n"));
	CHECK(says("Q Q ] TJ Tj Tf BT /F 9 Tf q q Q 0 0 0 0 0 0 Tm (a) Tj <4> Tj", PLAIN,
			"a\n@\n"));
	CHECK(says("BT /F 9 Tf (ab) Tj ET", "<</Widths[1e30 -5]/FirstChar -9/ToUnicode 5 0 R>>",
			"ab\n"));
	begin(bytes_of("BT /F 9 Tf (a) Tj ET"), "<</Subtype/Type1/ToUnicode 6 0 R>>");
	pdf_make_stream(&make, "",
			bytes_of("beginbfrange <61><60><0041> <0><FFFFFFFF><0041> <61>"));
	CHECK_EQ(read_made(), WARD_OK);
	CHECK(text_is("a\n"));
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "what is shown is text, by its lines", what_is_shown_is_text_by_its_lines },
		{ "glyphs that are placed one by one are words by their widths",
				glyphs_that_are_placed_one_by_one_are_words_by_their_widths },
		{ "names of glyphs are letters", names_of_glyphs_are_letters },
		{ "a table of codes is believed", a_table_of_codes_is_believed },
		{ "forms have text, and pictures in a page have none",
				forms_have_text_and_pictures_in_a_page_have_none },
		{ "long texts are told in parts, and whole",
				long_texts_are_told_in_parts_and_whole },
		{ "what makes no sense gives what there is",
				what_makes_no_sense_gives_what_there_is },
	};

	collect_init(&got);
	return test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
