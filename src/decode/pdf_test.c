#include <zlib.h>

#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"
#include "decode/pdf_make.h"
#include "decode/pdf_samples.h"

static struct collected got;
static struct pdf_make make;

#define BYTES(literal) ((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static ward_err read_pdf(ward_bytes file)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy(file, &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_PDF, bytes, &got.options, &got.sink, &got.error);

	free(copy);
	return err;
}

static ward_err read_made(const char *trailer)
{
	ward_err err = read_pdf(pdf_make_end(&make, trailer));

	ward_buf_free(&make.out);
	return err;
}

/* The first four objects: one page, whose pictures are /A, the 5th, and /B, the 6th. */
static void begin_with_a_page(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Resources 4 0 R>>");
	pdf_make_object(&make, "<</XObject<</A 5 0 R/B 6 0 R>>>>");
}

#define TRAILER "/Size 7/Root 1 0 R"
#define PICTURE "/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8"
#define GREY    PICTURE "/ColorSpace/DeviceGray"

static bool part_is(uint32_t part, const char *name, ward_bytes bytes)
{
	return part < got.part_count && strcmp(got.part_names[part], name) == 0 &&
	       got.part_bytes[part].len == bytes.len &&
	       memcmp(got.part_bytes[part].ptr, bytes.ptr, bytes.len) == 0;
}

/* ---- samples ---- */

/* One row, as plain bytes. */
static size_t row(struct pdf_samples samples, const char *packed, uint8_t *plain)
{
	size_t packed_len = 0, plain_len = 0;

	samples.height = 1;
	if (!pdf_samples_rows(&samples, &packed_len, &plain_len))
		return 0;
	struct pdf_samples_table *table = pdf_samples_table_new(&samples);

	pdf_samples_row(table, (const uint8_t *)packed, plain);
	pdf_samples_table_free(table);
	return plain_len;
}

#define ROW_IS(want, packed, ...)                                                       \
	(row((struct pdf_samples){ __VA_ARGS__ }, packed, plain) == sizeof(want) - 1 && \
			memcmp(plain, want, sizeof(want) - 1) == 0)

static void samples_of_every_size_become_bytes(void)
{
	uint8_t plain[64];

	CHECK(ROW_IS("\xff\0\xff\xff\0\0\0\0\xff", "\xb0\x80", .width = 9, .bits = 1,
			.components = 1));
	CHECK(ROW_IS("\0\x55\xaa\xff\xff", "\x1b\xc0", .width = 5, .bits = 2, .components = 1));
	CHECK(ROW_IS("\0\xff\x88", "\x0f\x80", .width = 3, .bits = 4, .components = 1));
	CHECK(ROW_IS("\1\2\3\4\5\6", "\1\2\3\4\5\6", .width = 2, .bits = 8, .colours = PDF_RGB,
			.components = 3));
	CHECK(ROW_IS("\1\3", "\1\2\3\4", .width = 2, .bits = 16, .components = 1));
}

static void a_decode_array_turns_values(void)
{
	uint8_t plain[64];

	CHECK(ROW_IS("\0\xff", "\x80", .width = 2, .bits = 1, .components = 1, .has_decode = true,
			.decode = { 1, 0 }));
	CHECK(ROW_IS("\xff\xff\0", "\x80\xff\0", .width = 3, .bits = 8, .components = 1,
			.has_decode = true, .decode = { 0, 2 }));
	CHECK(ROW_IS("\0", "\x80", .width = 1, .bits = 8, .components = 1, .has_decode = true,
			.decode = { -1e300 * 1e300, 1e300 * 1e300 }));
}

static void colours_become_grey_or_rgb(void)
{
	uint8_t plain[64];
	ward_bytes palette = BYTES("\1\2\3\4\5\6\7");

	CHECK(ROW_IS("\xff\0\0\0\0\0", "\0\xff\xff\0\1\2\3\xff", .width = 2, .bits = 8,
			.colours = PDF_CMYK, .components = 4));
	CHECK(ROW_IS("\xfe", "\1", .width = 1, .bits = 8, .colours = PDF_INKS, .components = 1));
	CHECK(ROW_IS("\xf0", "\1\x0f", .width = 1, .bits = 8, .colours = PDF_INKS,
			.components = 2));
	CHECK(ROW_IS("\xfe\xfd\xfc", "\1\2\3", .width = 1, .bits = 8, .colours = PDF_INKS,
			.components = 3));
	CHECK(ROW_IS("\x80", "\x80\1\2", .width = 1, .bits = 8, .colours = PDF_LAB,
			.components = 3));
	/* The last entry is cut off, and what is behind the last is the last. */
	CHECK(ROW_IS("\1\2\3\4\5\6\0\0\0\0\0\0", "\x1b", .width = 4, .bits = 2,
			.colours = PDF_INDEXED, .components = 1, .base = PDF_RGB,
			.base_components = 3, .palette = palette, .index_max = 2));
}

static void samples_that_make_no_sense_are_refused(void)
{
	uint8_t plain[4];

	CHECK_EQ(row((struct pdf_samples){ .width = 1, .bits = 3, .components = 1 }, "", plain), 0);
	CHECK_EQ(row((struct pdf_samples){ .width = 0, .bits = 8, .components = 1 }, "", plain), 0);
	CHECK_EQ(row((struct pdf_samples){ .width = 1, .bits = 8 }, "", plain), 0);
	CHECK_EQ(row((struct pdf_samples){ .width = 1, .bits = 8, .components = 33 }, "", plain),
			0);
	CHECK_EQ(row((struct pdf_samples){ .width = 1,
				     .bits = 16,
				     .colours = PDF_INDEXED,
				     .components = 1 },
				 "", plain),
			0);
}

/* ---- pictures ---- */

static void pictures_of_a_page_are_members(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	pdf_make_stream(&make, PICTURE "/ColorSpace[/Indexed/DeviceRGB 1<010203040506>]",
			BYTES("\0\1\1\0"));
	CHECK_EQ(read_made(TRAILER), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\nabcd")));
	CHECK(part_is(1, "page 1 picture 2.ppm", BYTES("P6\n2 2\n255\n\1\2\3\4\5\6\4\5\6\1\2\3")));
}

static void a_codec_behind_a_text_of_digits_is_told_as_it_is(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/Filter[/ASCIIHexDecode/DCTDecode]", BYTES("ffd8ff41>"));
	pdf_make_stream(&make, GREY "/Filter/JBIG2Decode", BYTES("jb2"));
	CHECK_EQ(read_made(TRAILER), WARD_E_UNSUPPORTED);
	CHECK(part_is(0, "page 1 picture 1.jpg",
			BYTES("\xff\xd8\xff"
			      "A")));
	CHECK(part_is(1, "page 1 picture 2.jb2", BYTES("jb2")));
	CHECK_STR(got.error.message, "a picture of the pdf is packed as JBIG2, which is not read");
}

static void filters_are_undone(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/Filter/RunLengthDecode",
			BYTES("\xfd"
			      "x\x80"));
	pdf_make_stream(&make, GREY "/Filter[/ASCII85Decode/ASCIIHexDecode]",
			BYTES("2DI*E2DI*E~>")); /* "61616161" */
	CHECK_EQ(read_made(TRAILER), WARD_OK);
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\nxxxx")));
	CHECK(part_is(1, "page 1 picture 2.pgm", BYTES("P5\n2 2\n255\naaaa")));
}

static void a_fax_stands_in_a_tiff(void)
{
	begin_with_a_page();
	pdf_make_stream(&make,
			PICTURE "/ColorSpace/DeviceGray/Filter/CCITTFaxDecode"
				"/DecodeParms<</K -1/Columns 2>>",
			BYTES("fax"));
	pdf_make_object(&make, "null");
	CHECK_EQ(read_made(TRAILER), WARD_OK);
	CHECK_STR(got.part_names[0], "page 1 picture 1.tif");
	CHECK_EQ(got.part_bytes[0].len, 122 + 3);
	CHECK(memcmp(got.part_bytes[0].ptr, "II*\0\x08\0\0\0\x09\0", 10) == 0);
	CHECK(memcmp(got.part_bytes[0].ptr + 122, "fax", 3) == 0);
	/* Black is 0 where it is 1 and turned. */
	CHECK_EQ(got.part_bytes[0].ptr[58 + 8], 0);
	begin_with_a_page();
	pdf_make_stream(&make,
			"/Subtype/Image/Width 2/Height 2/ImageMask true/Decode[1 0]"
			"/Filter/CCITTFaxDecode/DecodeParms<</K 1/Columns 2/BlackIs1 true>>",
			BYTES("fax"));
	pdf_make_stream(&make,
			"/Subtype/Image/Width 2/Height 2/BitsPerComponent 1"
			"/ColorSpace[/Indexed/DeviceGray 1<ff00>]"
			"/Filter[/CCITTFaxDecode]/DecodeParms[<</K 0/Columns 2>>]",
			BYTES("fax"));
	CHECK_EQ(read_made(TRAILER), WARD_OK);
	CHECK_EQ(got.part_bytes[0].ptr[58 + 8], 0);
	CHECK_EQ(got.part_bytes[1].ptr[58 + 8], 1);
}

static void a_picture_on_no_page_is_found_and_a_mask_is_a_picture_too(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/SMask 7 0 R", BYTES("abcd"));
	pdf_make_stream(&make, "/Subtype/Form/Resources<</XObject<</C 8 0 R/B 6 0 R>>>>",
			BYTES(""));
	pdf_make_stream(&make, GREY, BYTES("mask"));
	pdf_make_stream(&make, GREY, BYTES("form"));
	pdf_make_stream(&make, GREY, BYTES("lost"));
	CHECK_EQ(read_made("/Size 10/Root 1 0 R"), WARD_OK);
	CHECK_EQ(got.part_count, 4);
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\nabcd")));
	CHECK(part_is(1, "page 1 picture 2.pgm", BYTES("P5\n2 2\n255\nform")));
	CHECK(part_is(2, "picture 7.pgm", BYTES("P5\n2 2\n255\nmask")));
	CHECK(part_is(3, "picture 9.pgm", BYTES("P5\n2 2\n255\nlost")));
}

static void what_names_a_picture_as_something_else_does_not_hide_it(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[10 0 R 3 0 R]/Count 2>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Resources 4 0 R>>");
	pdf_make_object(&make, "<</XObject<</A 5 0 R/B 6 0 R/C 7 0 R>>>>");
	/* As a form's resources, a mask, the colours of another, a file, and a page's instructions.
	 */
	pdf_make_stream(&make, "/Subtype/Form/Resources<</XObject 8 0 R>>", BYTES(""));
	pdf_make_stream(&make, GREY "/SMask 8 0 R", BYTES("abcd"));
	pdf_make_stream(&make,
			"/Subtype/Image/Width 1/Height 1/BitsPerComponent "
			"8/ColorSpace[/Indexed/DeviceRGB 1 8 0 R]",
			BYTES("\0"));
	pdf_make_stream(&make, GREY "/Filter/DCTDecode", BYTES("\xff\xd8jpeg"));
	pdf_make_object(&make, "<</Type/Filespec/EF<</F 8 0 R>>>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Contents 8 0 R>>");
	(void)read_made("/Size 11/Root 1 0 R");

	bool found = false;

	for (uint32_t i = 0; i < got.part_count; i++)
		found |= part_is(i, "picture 8.jpg", BYTES("\xff\xd8jpeg"));
	CHECK(found);
}

static void a_picture_that_breaks_off_is_told_and_those_behind_it_arrive(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY, BYTES("abc"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK_EQ(read_made(TRAILER), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "a picture of the pdf breaks off");
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\nabc\0")));
	CHECK(part_is(1, "page 1 picture 2.pgm", BYTES("P5\n2 2\n255\nabcd")));
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/Filter/Unknown", BYTES("abcd"));
	pdf_make_stream(&make, PICTURE "/ColorSpace/Pattern", BYTES("abcd"));
	CHECK_EQ(read_made(TRAILER), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
	CHECK_STR(got.error.message, "a picture of the pdf cannot be unpacked");
}

static void a_picture_within_the_instructions_is_a_member(void)
{
	static const char format[] =
			"q (BI ID EI \\) BI) Tj %% BI ID EI\n%s /W 32/H 32/BPC 8/CS/%s %s\n"
			"ID %s\nEI Q\n";
	char text[4096], samples[1025], digits[2050], small[64];

	memset(samples, 'a', 1024);
	memcpy(samples + 500, " EI \x80", 5);
	samples[1024] = 0;
	for (int i = 0; i < 1024; i++)
		snprintf(digits + (size_t)2 * i, 3, "61");
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 1>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Contents[4 0 R 5 0 R]/Resources"
			       "<</ColorSpace<</C/DeviceGray>>/XObject<</A 6 0 R>>>>>>");
	snprintf(text, sizeof(text), format, "BI", "G", "", samples);
	pdf_make_stream(&make, "", (ward_bytes){ (uint8_t *)text, strlen(text) });
	snprintf(text, sizeof(text), format, "BI", "C", "/F/AHx", digits);
	pdf_make_stream(&make, "", (ward_bytes){ (uint8_t *)text, strlen(text) });
	snprintf(small, sizeof(small), "BI/W 2/H 2/BPC 8/CS/G ID abcd EI");
	pdf_make_stream(&make, "/Subtype/Form", (ward_bytes){ (uint8_t *)small, strlen(small) });
	CHECK_EQ(read_made(TRAILER), WARD_OK); /* the form's is too small to say anything */
	CHECK_EQ(got.part_count, 2);
	CHECK_STR(got.part_names[0], "page 1 picture 1.pgm");
	CHECK(memcmp(got.part_bytes[0].ptr + 13, samples, 1024) == 0);
	CHECK_STR(got.part_names[1], "page 1 picture 2.pgm");
	CHECK_EQ(got.part_bytes[1].ptr[got.part_bytes[1].len - 1], 'a');
}

/* A stream whose instructions hold a picture of that letter. */
static void add_instructions(const char *dictionary, char letter)
{
	char text[1100] = "BI/W 32/H 32/BPC 8/CS/G ID ";
	size_t len = strlen(text);

	memset(text + len, letter, 1024);
	memcpy(text + len + 1024, " EI", 4);
	pdf_make_stream(&make, dictionary, (ward_bytes){ (uint8_t *)text, len + 1027 });
}

/* The letter that all of a part is of; 0 when there is no such part. */
static char letter_of(uint32_t part)
{
	return part < got.part_count && got.part_bytes[part].len == 13 + 1024
			       ? got.part_bytes[part].ptr[13 + 512]
			       : 0;
}

static void pictures_in_the_looks_of_notes_in_patterns_and_glyphs_are_members(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Annots[<</Subtype/Stamp/AP<</N 4 0 R>>>>]"
			       "/Resources<</Pattern<</P 5 0 R>>/Font<</F 6 0 R>>>>>>");
	add_instructions("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", 'n');
	add_instructions("/Type/Pattern/PatternType 1/PaintType 1", 'p');
	pdf_make_object(&make, "<</Type/Font/Subtype/Type3/CharProcs<</a 7 0 R/b 7 0 R>>>>");
	add_instructions("", 'g');
	CHECK_EQ(read_made("/Size 8/Root 1 0 R"), WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK_EQ(letter_of(0), 'g');
	CHECK_EQ(letter_of(1), 'n');
	CHECK_EQ(letter_of(2), 'p');
}

static void forms_that_lie_deep_are_read_and_pages_that_do_are_told(void)
{
	struct ward_buf pages;
	char form[128];

	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Page/Resources<</XObject<</A 3 0 R>>>>>>");
	for (int i = 4; i <= 30; i++) {
		snprintf(form, sizeof(form), "/Subtype/Form/Resources<</XObject<</A %d 0 R>>>>", i);
		pdf_make_stream(&make, form, BYTES(""));
	}
	add_instructions("/Subtype/Form", 'd');
	CHECK_EQ(read_made("/Size 31/Root 1 0 R"), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(letter_of(0), 'd');
	ward_buf_init(&pages, 1 << 20);
	for (int i = 0; i < 70; i++)
		ward_buf_str(&pages, WARD_STR("<</Kids["));
	for (int i = 0; i < 70; i++)
		ward_buf_str(&pages, WARD_STR("]>>"));
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, ward_buf_text(&pages).ptr);
	CHECK_EQ(read_made("/Size 3/Root 1 0 R"), WARD_E_LIMIT);
	ward_buf_free(&pages);
}

/* 1: the pages; 3 and 4: two of them, the second with instructions that hold a picture. */
static void begin_with_instructions(const char *first)
{
	char text[1200] = "BI/W 32/H 32/BPC 8/CS/G ID ";
	size_t len = strlen(text);

	memset(text + len, 'a', 1024);
	memcpy(text + len + 1024, " EI", 4);
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>");
	pdf_make_object(&make, first);
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Contents 5 0 R>>");
	pdf_make_stream(&make, "", (ward_bytes){ (uint8_t *)text, len + 1024 + 3 });
}

static void what_names_a_page_as_something_else_does_not_hide_its_instructions(void)
{
	static const char *const firsts[] = {
		"<</Type/Page/Parent 2 0 R/Resources 4 0 R>>",
		"<</Type/Page/Parent 2 0 R/Resources<</XObject 4 0 R>>>>",
		"<</Type/Page/Parent 2 0 R/Resources 5 0 R>>",
		"<</Type/Page/Parent 2 0 R/Resources<</XObject 5 0 R>>>>",
	};

	for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		begin_with_instructions(firsts[i]);
		CHECK_EQ(read_made("/Size 6/Root 1 0 R"), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK_STR(got.part_names[0], "page 2 picture 1.pgm");
	}
}

static void instructions_that_cannot_be_read_are_told(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
	pdf_make_object(&make, "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>");
	pdf_make_stream(&make, "/Filter/Unknown", BYTES("abcd"));
	CHECK_EQ(read_made("/Size 5/Root 1 0 R"), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "a page of the pdf cannot be read");
	begin_with_a_page();
	pdf_make_stream(&make, "/Subtype/Form/Filter/Unknown", BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK_EQ(read_made(TRAILER), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "a form of the pdf cannot be read, or not to its end");
	CHECK_EQ(got.part_count, 1);
}

/* ---- what is beside ---- */

static void attached_files_and_links_are_members(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, "/Type/EmbeddedFile", BYTES("words"));
	pdf_make_object(&make,
			"<</Type/Filespec/F(x)/UF<feff00fc002f00e4002e007a>/EF<</F 5 0 R>>>>");
	pdf_make_stream(&make, "/Type/EmbeddedFile", BYTES("more"));
	pdf_make_object(&make, "<</Annots[<</A<</S/URI/URI(https://lamp.example/\\n a)>>>>]>>");
	pdf_make_object(&make, "<</S/URI/URI(http://b.example/)>>");
	CHECK_EQ(read_made("/Size 10/Root 1 0 R"), WARD_OK);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(0, "attachments/\xc3\xa4.z", BYTES("words")));
	CHECK(part_is(1, "attachments/file 1", BYTES("more")));
	CHECK(part_is(2, "links.txt", BYTES("https://lamp.example/a\nhttp://b.example/\n")));
}

/* ---- hostile ones ---- */

static void pages_in_a_circle_end(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R 3 0 R]/Count 1000000000>>");
	pdf_make_object(&make, "<</Type/Pages/Kids[2 0 R 3 0 R 4 0 R]/Parent 3 0 R>>");
	pdf_make_object(&make, "<</Type/Page/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>>>");
	pdf_make_stream(&make, "/Subtype/Form/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>",
			BYTES(""));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK_EQ(read_made("/Size 2000000000/Root 1 0 R"), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\nabcd")));
}

static void objects_that_lead_to_themselves_end(void)
{
	pdf_make_begin(&make);
	pdf_make_object(&make, "<</Type/Catalog/Pages 2 0 R/Length 3 0 R>>");
	pdf_make_object(&make, "2 0 R");
	pdf_make_stream(&make, "/Type/ObjStm/N 3/First 4/Extends 3 0 R", BYTES("3 0 4 0 3 0 R"));
	pdf_make_stream(&make, GREY "/Filter 4 0 R/DecodeParms 4 0 R", BYTES("abcd"));
	pdf_make_object(&make, "<</EF 5 0 R/F 5 0 R/UF 5 0 R/URI 5 0 R/Kids[5 0 R]>>");
	CHECK(read_made("/Size 6/Root 1 0 R/Prev 9") != WARD_E_NOMEM);
	CHECK(got.part_count <= 1);
}

static void what_is_nested_deep_ends(void)
{
	struct ward_buf deep;

	ward_buf_init(&deep, 1 << 20);
	for (int i = 0; i < 100000; i++)
		ward_buf_char(&deep, '[');
	begin_with_a_page();
	pdf_make_object(&make, ward_buf_text(&deep).ptr);
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	(void)read_made(TRAILER);
	CHECK_EQ(got.part_count, 1);
	ward_buf_free(&deep);
}

static void a_picture_beyond_the_limit_is_passed_over(void)
{
	begin_with_a_page();
	pdf_make_stream(&make,
			"/Subtype/Image/Width 1000000/Height 1000000/BitsPerComponent 1"
			"/ColorSpace/DeviceGray",
			BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK_EQ(read_made(TRAILER), WARD_E_LIMIT);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.error.message, "a picture of the pdf has more pixels than the limit");
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/Height -1", BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK(read_made(TRAILER) != WARD_OK);
	CHECK_EQ(got.part_count, 1);
}

static void more_than_agreed_ends_the_job(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	got.options.limits.parts_max = 1;
	CHECK_EQ(read_made(TRAILER), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the pdf has more members than the limit of 1");
	got.options.limits = ward_limits_default();
	got.options.limits.bytes_max = 14;
	begin_with_a_page();
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	CHECK_EQ(read_made(TRAILER), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
}

/* 64 MB of zeroes in 64 kB, where four samples are asked for. */
static void a_stream_that_swells_is_cut_to_its_picture(void)
{
	static uint8_t packed[1 << 17], zeroes[1 << 20];
	z_stream stream = { .next_out = packed, .avail_out = sizeof(packed) };

	CHECK_EQ(deflateInit(&stream, 9), Z_OK);
	for (int i = 0; i < 64; i++) {
		stream.next_in = zeroes;
		stream.avail_in = sizeof(zeroes);
		(void)deflate(&stream, i == 63 ? Z_FINISH : Z_NO_FLUSH);
	}
	begin_with_a_page();
	pdf_make_stream(&make, GREY "/Filter/FlateDecode",
			(ward_bytes){ packed, stream.total_out });
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	(void)deflateEnd(&stream);
	CHECK_EQ(read_made(TRAILER), WARD_OK);
	CHECK(part_is(0, "page 1 picture 1.pgm", BYTES("P5\n2 2\n255\n\0\0\0\0")));
	CHECK_EQ(got.part_count, 2);
}

static void a_pdf_that_breaks_off_gives_what_is_there(void)
{
	begin_with_a_page();
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	pdf_make_stream(&make, GREY, BYTES("abcd"));
	ward_bytes file = pdf_make_end(&make, TRAILER);

	file.len = make.at[6];
	CHECK_EQ(read_pdf(file), WARD_E_FORMAT);
	ward_buf_free(&make.out);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "picture 5.pgm", BYTES("P5\n2 2\n255\nabcd")));
	CHECK_STR(got.error.message, "the pdf is damaged; what could be found in it was looked at");
	CHECK_EQ(read_pdf(BYTES("%PDF-1.7\nwords")), WARD_E_FORMAT);
	CHECK_EQ(read_pdf(BYTES("")), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
}

static const struct test_case cases[] = {
	{ "samples of every size become bytes", samples_of_every_size_become_bytes },
	{ "a Decode array turns values", a_decode_array_turns_values },
	{ "colours become grey or RGB", colours_become_grey_or_rgb },
	{ "samples that make no sense are refused", samples_that_make_no_sense_are_refused },
	{ "pictures of a page are members", pictures_of_a_page_are_members },
	{ "a codec behind a text of digits is told as it is",
			a_codec_behind_a_text_of_digits_is_told_as_it_is },
	{ "filters are undone", filters_are_undone },
	{ "a fax stands in a TIFF", a_fax_stands_in_a_tiff },
	{ "a picture on no page is found, and a mask is a picture, too",
			a_picture_on_no_page_is_found_and_a_mask_is_a_picture_too },
	{ "what names a picture as something else does not hide it",
			what_names_a_picture_as_something_else_does_not_hide_it },
	{ "a picture that breaks off is told, and those behind it arrive",
			a_picture_that_breaks_off_is_told_and_those_behind_it_arrive },
	{ "a picture within the instructions is a member",
			a_picture_within_the_instructions_is_a_member },
	{ "pictures in the looks of notes, in patterns and glyphs are members",
			pictures_in_the_looks_of_notes_in_patterns_and_glyphs_are_members },
	{ "forms that lie deep are read, and pages that do are told",
			forms_that_lie_deep_are_read_and_pages_that_do_are_told },
	{ "what names a page as something else does not hide its instructions",
			what_names_a_page_as_something_else_does_not_hide_its_instructions },
	{ "instructions that cannot be read are told", instructions_that_cannot_be_read_are_told },
	{ "attached files and links are members", attached_files_and_links_are_members },
	{ "pages in a circle end", pages_in_a_circle_end },
	{ "objects that lead to themselves end", objects_that_lead_to_themselves_end },
	{ "what is nested deep ends", what_is_nested_deep_ends },
	{ "a picture beyond the limit is passed over", a_picture_beyond_the_limit_is_passed_over },
	{ "more than agreed ends the job", more_than_agreed_ends_the_job },
	{ "a stream that swells is cut to its picture",
			a_stream_that_swells_is_cut_to_its_picture },
	{ "a PDF that breaks off gives what is there", a_pdf_that_breaks_off_gives_what_is_there },
};

int main(void)
{
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
