#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"

static struct collected got;
static const char *said; /* the text, which is the last part and is not counted; NULL without */

#define GIF_DIGITS "4749463839610100010000000 02c0000000001000100\r\n0002024401003b"
#define GIF        "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
#define GIF_LEN    (sizeof(GIF) - 1)

static ward_err read_bytes(const char *text, size_t len)
{
	uint8_t *copy;
	ward_bytes file = collect_copy((ward_bytes){ (const uint8_t *)text, len }, &copy);

	collect_clear(&got);
	ward_err err = document_read(WARD_MEDIA_RTF, file, &got.options, &got.sink, &got.error);

	free(copy);
	said = NULL;
	if (got.part_count > 0 && strcmp(got.part_names[got.part_count - 1], "text.txt") == 0)
		said = ward_buf_text(&got.part_bytes[--got.part_count]).ptr;
	return err;
}

static ward_err read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static bool part_is(uint32_t part, const char *name, const char *bytes, size_t len)
{
	return got.part_count > part && strcmp(got.part_names[part], name) == 0 &&
	       got.part_bytes[part].len == len && memcmp(got.part_bytes[part].ptr, bytes, len) == 0;
}

static void text_and_links_are_told(void)
{
	CHECK_EQ(read_text("{\\rtf1\\ansi{\\fonttbl{\\f0 Lamp Sans;}}\\f0\\b The lamp\\b0  is\r\n "
			   "lit\\'fc\\par\n{\\field{\\*\\fldinst HYPERLINK "
			   "\"http://buoy.example/\"}{\\fldrslt here}}\\tab\\uc2\\u252?? \\{x\\}"
			   "{\\*\\htmltag <a href=//lamp.example>}{\\pict 4749}}"),
			WARD_OK);
	CHECK(said);
	CHECK_STR(said, "The lamp is lit\xc3\xbc\n HYPERLINK \"http://buoy.example/\"here \xc3\xbc "
			"{x} "
			"<a href=//lamp.example>");
	CHECK_EQ(read_text("{\\rtf1}}}}\\'z\\u-3 \\bin99 "), WARD_OK);
	CHECK_EQ(read_text("{\\rtf1{\\pict\\bin3 abc}}"), WARD_OK);
	CHECK(!said);
}

static void groups_within_each_other_have_an_end(void)
{
	struct ward_buf deep;

	ward_buf_init(&deep, SIZE_MAX);
	ward_buf_str(&deep, WARD_STR("{\\rtf1 "));
	for (int i = 0; i < 10000; i++)
		ward_buf_char(&deep, '{');
	ward_buf_char(&deep, 'x');
	for (int i = 0; i < 10000; i++)
		ward_buf_char(&deep, '}');
	ward_buf_str(&deep, WARD_STR("y}"));
	CHECK_EQ(read_text(ward_buf_text(&deep).ptr), WARD_OK);
	ward_buf_free(&deep);
	CHECK(said);
	CHECK_STR(said, "xy");
}

static void pictures_are_read_from_digits_and_from_bytes(void)
{
	static const char raw[] = "{\\rtf1{\\pict\\picw1\\bin29 " GIF "}}";
	const char *words = "{\\rtf1\\ansi The \\b lamp\\b0 .{\\*\\shppict{\\pict{\\*\\blipuid "
			    "00ff}\\pngblip\\picw-1 " GIF_DIGITS "}}\\par {\\pict " GIF_DIGITS "}}";

	CHECK_EQ(GIF_LEN, 29);
	CHECK_EQ(read_text(words), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(part_is(0, "picture 1.gif", GIF, GIF_LEN));
	CHECK(part_is(1, "picture 2.gif", GIF, GIF_LEN));
	CHECK_EQ(read_bytes(raw, sizeof(raw) - 1), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "picture 1.gif", GIF, GIF_LEN));
	CHECK_EQ(read_text("{\\rtf1 No picture, but braces \\{ \\'7d and 47494638 digits}"),
			WARD_OK);
	CHECK_EQ(got.part_count, 0);
}

static void a_bitmap_gets_the_head_that_it_lacks(void)
{
	CHECK_EQ(read_text("{\\rtf1{\\pict\\dibitmap0 28000000010000000100000001001800"
			   "0000000004000000000000000000000000000000000000000a0b0c00}}"),
			WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "picture 1.bmp",
			"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"
			"\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a\x0b\x0c",
			58));
	/* One that is said to be a bitmap, and is another thing. */
	CHECK_EQ(read_text("{\\rtf1{\\pict\\dibitmap0 " GIF_DIGITS "}}"), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "picture 1.gif", GIF, GIF_LEN));
}

static void objects_are_read(void)
{
	/* By the packager: two names, a path, and the file. */
	CHECK_EQ(read_text("{\\rtf1{\\object\\objemb{\\*\\objdata 01050000 02000000 08000000 "
			   "5061636b61676500 00000000 00000000 29000000 0200 6100 6200 00000300 "
			   "02000000 "
			   "6300 06000000 6c616d702121 000000}{\\result {\\pict " GIF_DIGITS
			   "}}}}"),
			WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK(part_is(0, "object 1", "lamp!!", 6));
	CHECK(part_is(1, "picture 1.gif", GIF, GIF_LEN));
	/* By another program. */
	CHECK_EQ(read_text("{\\rtf1{\\object{\\*\\objdata 01050000 02000000 02000000 4100 00000000 "
			   "00000000 21000000" GIF_DIGITS "}}}"),
			WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK(part_is(0, "object 1", GIF, GIF_LEN));
}

static void what_breaks_off_is_told_with_what_is_there(void)
{
	CHECK_EQ(read_text("{\\rtf1{\\pict " GIF_DIGITS), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(read_bytes("{\\rtf1{\\pict\\bin99 " GIF, 19 + GIF_LEN), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(read_text("{\\rtf1 }}}} \\"), WARD_OK);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "text and links are told", text_and_links_are_told },
		{ "groups within each other have an end", groups_within_each_other_have_an_end },
		{ "pictures are read from digits and from bytes",
				pictures_are_read_from_digits_and_from_bytes },
		{ "a bitmap gets the head that it lacks", a_bitmap_gets_the_head_that_it_lacks },
		{ "objects are read", objects_are_read },
		{ "what breaks off is told, with what is there",
				what_breaks_off_is_told_with_what_is_there },
	};

	collect_init(&got);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	collect_clear(&got);
	return failed;
}
