#include "base/test.h"
#include "decode/collect.h"

static struct collected got;
static struct ward_buf file;

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

/* ---- files, field by field ---- */

static void add_u16(uint32_t value)
{
	ward_buf_char(&file, (char)value);
	ward_buf_char(&file, (char)(value >> 8));
}

static void add_u32(uint32_t value)
{
	add_u16(value & 0xffff);
	add_u16(value >> 16);
}

#define ADD(literal) ward_buf_add(&file, (literal), sizeof(literal) - 1)

struct header {
	uint32_t len; /* 12, 16, 40, 52, 56, 64, 108, 124 */
	int32_t width, height;
	uint32_t bits, compression, colours;
	uint32_t between; /* bytes from the header's end to the samples */
	uint32_t masks[4];
};

static void add_header(const struct header *header)
{
	ward_buf_clear(&file);
	ADD("BM\0\0\0\0\0\0\0\0");
	add_u32(14 + header->len + header->between);
	add_u32(header->len);
	if (header->len == 12) {
		add_u16((uint32_t)header->width);
		add_u16((uint32_t)header->height);
	} else {
		add_u32((uint32_t)header->width);
		add_u32((uint32_t)header->height);
	}
	add_u16(1);
	add_u16(header->bits);
	if (header->len < 40)
		return;
	add_u32(header->compression);
	ADD("\0\0\0\0\x13\x0b\0\0\x13\x0b\0\0");
	add_u32(header->colours);
	add_u32(0);
	for (uint32_t at = 40; at < header->len; at += 4)
		add_u32(at < 56 ? header->masks[(at - 40) / 4] : 0);
}

static ward_err decode(void)
{
	return collect_picture(&got, WARD_MEDIA_BMP,
			(ward_bytes){ (const uint8_t *)file.ptr, file.len });
}

static ward_err decode_with(struct header header, const void *behind, size_t len)
{
	add_header(&header);
	ward_buf_add(&file, behind, len);
	return decode();
}
#define DECODE(literal, ...) \
	decode_with((struct header){ __VA_ARGS__ }, (literal), sizeof(literal) - 1)

static bool pixels_are(uint32_t frame, const void *want, size_t len)
{
	const struct ward_image *image = &got.frames[frame].image;
	size_t have = image->stride * image->height;
	bool same = frame < got.frame_count && image->channels == 3 && have == len &&
		    memcmp(image->pixels, want, len) == 0;

	if (!same)
		printf("#   frame %u of %u: %zu bytes\n", frame, got.frame_count, have);
	for (size_t i = 0; !same && frame < got.frame_count && i < have && i < 48; i++)
		printf("#   %zu: %d\n", i, image->pixels[i]);
	return same;
}
#define PIXELS(frame, literal) pixels_are((frame), (literal), sizeof(literal) - 1)

/* A row of a told frame as letters: what is drawn here is red, green, blue, white or black. */
static const char *row_of(uint32_t frame, uint32_t y)
{
	static const struct {
		char letter, rgb[3];
	} colours[] = { { 'R', "\xff\0" }, { 'G', "\0\xff" }, { 'B', "\0\0\xff" },
		{ 'W', "\xff\xff\xff" }, { '0', "\0\0" } };
	static char row[64];
	const struct ward_image *image = &got.frames[frame].image;

	memset(row, 0, sizeof(row));
	for (uint32_t x = 0; x < image->width && x < sizeof(row) - 1; x++) {
		const uint8_t *pixel = image->pixels + y * image->stride + (size_t)x * 3;

		row[x] = '?';
		for (size_t i = 0; i < sizeof(colours) / sizeof(*colours); i++) {
			if (memcmp(pixel, colours[i].rgb, 3) == 0)
				row[x] = colours[i].letter;
		}
	}
	return row;
}

/* Blue, green, red, nothing: black, red, green, blue, white. */
#define FIVE_COLOURS "\0\0\0\0\0\0\xff\0\0\xff\0\0\xff\0\0\0\xff\xff\xff\0"

/* ---- palettes ---- */

static void palettes_of_every_depth(void)
{
	start();
	CHECK_EQ(DECODE("\0\0\xff\0\xff\0\0\0"
			"\x50\0\0\0\x80\0\0\0",
				 .len = 40, .width = 4, .height = 2, .bits = 1, .between = 8),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "BRRR"); /* the last row is the upper one */
	CHECK_STR(row_of(0, 1), "RBRB");
	CHECK_EQ(got.facts.bits, 8);
	CHECK(!got.facts.has_alpha);
	CHECK_EQ(DECODE("\0\0\0\0\0\0\xff\0\0\xff\0\0\xff\0\0\0"
			"\x1b\xc0\0\0",
				 .len = 40, .width = 5, .height = 1, .bits = 2, .between = 16),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "0RGBB");
	CHECK_EQ(DECODE(FIVE_COLOURS "\x12\x34\x00\0", .len = 40, .width = 5, .height = 1,
				 .bits = 4, .colours = 5, .between = 20),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RGBW0");
	CHECK_EQ(DECODE(FIVE_COLOURS "\4\3\2\1", .len = 40, .width = 4, .height = 1, .bits = 8,
				 .colours = 5, .between = 20),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "WBGR");
}

static void both_headers_of_os2(void)
{
	start();
	/* Three bytes a colour. */
	CHECK_EQ(DECODE("\0\0\xff\xff\xff\xff"
			"\x40\0\0\0",
				 .len = 12, .width = 3, .height = 1, .bits = 1, .between = 6),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RWR");
	CHECK_EQ(DECODE("\0\0\xff\0\xff\xff\xff\0"
			"\x40\0\0\0",
				 .len = 16, .width = 3, .height = 1, .bits = 1, .between = 8),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RWR");
	CHECK_EQ(DECODE("\0\0\xff\0", .len = 64, .width = 1, .height = 1, .bits = 24), WARD_OK);
	CHECK_STR(row_of(0, 0), "R");
}

static void a_short_palette_is_black_beyond_its_end(void)
{
	start();
	/* Says 256, has two. */
	CHECK_EQ(DECODE("\0\0\xff\0\0\xff\0\0"
			"\0\1\2\xff",
				 .len = 40, .width = 4, .height = 1, .bits = 8, .between = 8),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RG00");
	/* Says a billion. */
	CHECK_EQ(DECODE("\0\0\xff\0\0\xff\0\0"
			"\0\1\2\xff",
				 .len = 40, .width = 4, .height = 1, .bits = 8, .colours = 1u << 30,
				 .between = 8),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RG00");
	/* Says two of 256: what follows them is none. */
	CHECK_EQ(DECODE("\0\0\xff\0\0\xff\0\0\xff\0\0\0"
			"\0\1\2\xff",
				 .len = 40, .width = 4, .height = 1, .bits = 8, .colours = 2,
				 .between = 12),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RG00");
	/* Has none: greys. */
	CHECK_EQ(DECODE("\0\x7f\x80\xff", .len = 40, .width = 4, .height = 1, .bits = 8), WARD_OK);
	CHECK(PIXELS(0, "\0\0\0\x7f\x7f\x7f\x80\x80\x80\xff\xff\xff"));
	/* Ends with the file. */
	CHECK_EQ(DECODE("\0\0\xff\0\0\xff", .len = 40, .width = 4, .height = 1, .bits = 8,
				 .between = 1024),
			WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the bmp picture breaks off in row 0 of 1");
	CHECK_EQ(got.frame_count, 0);
}

static void samples_said_to_begin_in_the_header_follow_the_palette(void)
{
	start();
	add_header(&(struct header){ .len = 40, .width = 4, .height = 1, .bits = 8, .colours = 5 });
	memset(file.ptr + 10, 0, 4);
	ADD(FIVE_COLOURS "\4\3\2\1");
	CHECK_EQ(decode(), WARD_OK);
	CHECK_STR(row_of(0, 0), "WBGR");
}

/* ---- colours ---- */

static void rows_of_24_bits_are_padded_to_four_bytes(void)
{
	start();
	CHECK_EQ(DECODE("abcdef..ghijkl..", .len = 40, .width = 2, .height = 2, .bits = 24),
			WARD_OK);
	CHECK(PIXELS(0, "ihglkjcbafed"));
	CHECK_EQ(DECODE("abcdef..ghijkl..", .len = 40, .width = 2, .height = -2, .bits = 24),
			WARD_OK);
	CHECK(PIXELS(0, "cbafedihglkj"));
	/* Some leave off the last padding. */
	CHECK_EQ(DECODE("abcdef..ghijkl", .len = 12, .width = 2, .height = 2, .bits = 24), WARD_OK);
	CHECK(PIXELS(0, "ihglkjcbafed"));
	CHECK_EQ(got.facts.bits, 8);
}

static void sixteen_bits_are_five_each_or_as_masks_say(void)
{
	start();
	CHECK_EQ(DECODE("\xff\x7f\x00\x7c\xe0\x03\x10\0", .len = 40, .width = 4, .height = 1,
				 .bits = 16),
			WARD_OK);
	CHECK(PIXELS(0, "\xff\xff\xff\xff\0\0\0\xff\0\0\0\x84")); /* 16 of 31 is 132 of 255 */
	CHECK_EQ(got.facts.bits, 5);
	CHECK_EQ(DECODE("\0\xf8\0\0\xe0\x07\0\0\x1f\0\0\0"
			"\0\xf8\xe0\x07\0\x04\x1f\0",
				 .len = 40, .width = 4, .height = 1, .bits = 16, .compression = 3,
				 .between = 12),
			WARD_OK);
	CHECK(PIXELS(0, "\xff\0\0\0\xff\0\0\x82\0\0\0\xff")); /* 32 of 63 is 130 of 255 */
	CHECK_EQ(got.facts.bits, 6);
}

static void masks_of_any_width_and_place(void)
{
	start();
	/* 11, 11 and 10 bits. */
	CHECK_EQ(DECODE("\0\0\xe0\xff\0\xfc\x1f\0\xff\x03\0\0"
			"\xff\xff\xff\xff\0\x02\0\x80",
				 .len = 40, .width = 2, .height = 1, .bits = 32, .compression = 3,
				 .between = 12),
			WARD_OK);
	CHECK(PIXELS(0, "\xff\xff\xff\x80\0\x80"));
	CHECK_EQ(got.facts.bits, 11);
	/* One takes all 32 bits, one a single one, one none. */
	CHECK_EQ(DECODE("\xff\xff\xff\xff\1\0\0\0\0\0\0\0"
			"\xff\xff\xff\xff\1\0\0\x40",
				 .len = 40, .width = 2, .height = 1, .bits = 32, .compression = 3,
				 .between = 12),
			WARD_OK);
	CHECK(PIXELS(0, "\xff\xff\0\x40\xff\0"));
	/* A mask with a hole still has its least and its greatest. */
	CHECK_EQ(DECODE("\x99\0\0\0\0\xff\0\0\0\0\xff\0"
			"\x99\1\2\0\0\1\2\0",
				 .len = 40, .width = 2, .height = 1, .bits = 32, .compression = 3,
				 .between = 12),
			WARD_OK);
	CHECK(PIXELS(0, "\xff\1\2\0\1\2"));
	/* None at all: as without. */
	CHECK_EQ(DECODE("\0\0\0\0\0\0\0\0\0\0\0\0"
			"abc.",
				 .len = 40, .width = 1, .height = 1, .bits = 32, .compression = 3,
				 .between = 12),
			WARD_OK);
	CHECK(PIXELS(0, "cba"));
}

static void masks_may_be_part_of_the_header(void)
{
	static const uint32_t lens[] = { 52, 56, 108, 124 };

	start();
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		CHECK_EQ(DECODE("abcd", .len = lens[i], .width = 1, .height = 1, .bits = 32,
					 .compression = 3, .masks = { 0xff, 0xff00, 0xff0000 }),
				WARD_OK);
		CHECK(PIXELS(0, "abc"));
		CHECK(!got.facts.has_alpha);
		/* Where nothing says that there are any, they are not looked at. */
		CHECK_EQ(DECODE("abcd", .len = lens[i], .width = 1, .height = 1, .bits = 32,
					 .masks = { 0xff, 0xff00, 0xff0000 }),
				WARD_OK);
		CHECK(PIXELS(0, "cba"));
	}
}

/* ---- alpha ---- */

static void alpha_is_there_only_where_a_mask_says_so(void)
{
	start();
	CHECK_EQ(DECODE("\x64\x96\xc8\x80", .len = 40, .width = 1, .height = 1, .bits = 32),
			WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK(!got.facts.has_alpha);
	CHECK_EQ(DECODE("\xc8\x96\x64\x80", .len = 124, .width = 1, .height = 1, .bits = 32,
				 .compression = 3, .masks = { 0xff0000, 0xff00, 0xff, 0xff000000 }),
			WARD_OK);
	CHECK(got.facts.has_alpha);
	CHECK_EQ(got.frame_count, 2);
	CHECK(PIXELS(0, "\x64\x96\xc8"));
	CHECK(PIXELS(1, "\xb1\xca\xe3")); /* v * 128/255 + 255 * 127/255 */
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	/* Behind a header of 40 bytes, one bit of it. */
	CHECK_EQ(DECODE("\0\x7c\0\0\xe0\x03\0\0\x1f\0\0\0\0\x80\0\0"
			"\0\x7c\0\xfc",
				 .len = 40, .width = 2, .height = 1, .bits = 16, .compression = 6,
				 .between = 16),
			WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	CHECK_STR(row_of(0, 0), "RR");
	CHECK_STR(row_of(1, 0), "WR");
}

static void a_picture_that_would_be_all_transparent_is_opaque(void)
{
	start();
	CHECK_EQ(DECODE("abc\0def\0", .len = 108, .width = 2, .height = 1, .bits = 32,
				 .compression = 3, .masks = { 0xff0000, 0xff00, 0xff, 0xff000000 }),
			WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK(PIXELS(0, "cbafed"));
}

/* ---- run lengths ---- */

#define RUNS_OF_8(w, h)                                                                    \
	.len = 40, .width = (w), .height = (h), .bits = 8, .compression = 1, .colours = 5, \
	.between = 20

static void runs_and_pixels_as_they_are(void)
{
	start();
	CHECK_EQ(DECODE(FIVE_COLOURS "\3\1\0\3\2\3\4\0\0\0"
				     "\6\4\0\1",
				 RUNS_OF_8(6, 2)),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "WWWWWW");
	CHECK_STR(row_of(0, 1), "RRRGBW");
	CHECK_EQ(got.frame_count, 1);
	/* Two colours take turns; what stands as it is ends at an even byte. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\5\x12\0\5\x43\x21\x40\0\0\1", .len = 40, .width = 10,
				 .height = 1, .bits = 4, .compression = 2, .colours = 5,
				 .between = 20),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RGRGRWBGRW");
	/* OS/2's, of 24 bits. */
	CHECK_EQ(DECODE("\2\0\0\xff\0\3\xff\0\0\0\xff\0\xff\xff\xff\0\0\1", .len = 64, .width = 5,
				 .height = 1, .bits = 24, .compression = 4),
			WARD_OK);
	CHECK_STR(row_of(0, 0), "RRBGW");
}

static void what_runs_pass_over_is_transparent(void)
{
	start();
	/* The palette's first colour here is green. */
	CHECK_EQ(DECODE("\0\xff\0\0\0\0\xff\0"
			"\1\1\0\2\1\1\1\1\0\1",
				 .len = 40, .width = 4, .height = 3, .bits = 8, .compression = 1,
				 .colours = 2, .between = 8),
			WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	CHECK_STR(row_of(0, 2), "RGGG");
	CHECK_STR(row_of(0, 1), "GGRG");
	CHECK_STR(row_of(0, 0), "GGGG");
	CHECK_STR(row_of(1, 2), "RWWW");
	CHECK_STR(row_of(1, 1), "WWRW");
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	/* A row may end early. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\2\1\0\0\4\2\0\0\0\1", RUNS_OF_8(4, 2)), WARD_OK);
	CHECK_STR(row_of(0, 1), "RR00");
	CHECK_STR(row_of(0, 0), "GGGG");
}

static void runs_beyond_the_edges_paint_nothing(void)
{
	start();
	/* Over the row's end. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\xff\1\0\0\xff\2\0\1", RUNS_OF_8(3, 2)), WARD_OK);
	CHECK_STR(row_of(0, 1), "RRR");
	CHECK_STR(row_of(0, 0), "GGG");
	CHECK_EQ(got.frame_count, 1);
	/* A step to the right of it, as often as it likes, and above the last row. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\0\2\xff\0\0\2\xff\0\1\1\0\0\3\2\0\2\0\xff\3\3\0\1",
				 RUNS_OF_8(3, 2)),
			WARD_OK);
	CHECK_STR(row_of(0, 1), "000");
	CHECK_STR(row_of(0, 0), "GGG");
	/* More rows than there are. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\3\1\0\0\3\2\0\0\3\3\0\0\3\4\0\1", RUNS_OF_8(3, 2)), WARD_OK);
	CHECK_STR(row_of(0, 1), "RRR");
	CHECK_STR(row_of(0, 0), "GGG");
}

static void runs_that_break_off_are_told_and_then_the_trouble(void)
{
	start();
	CHECK_EQ(DECODE(FIVE_COLOURS "\3\1\0\0\2\2", RUNS_OF_8(3, 2)), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the bmp picture breaks off in row 1 of 2");
	CHECK_STR(row_of(0, 1), "RRR");
	CHECK_STR(row_of(0, 0), "GG0");
	/* Whole without its end mark. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\3\1\0\0\3\2", RUNS_OF_8(3, 2)), WARD_OK);

	static const char whole[] = FIVE_COLOURS "\1\1\0\3\1\2\3\0\0\2\1\1\0\0\0\3\1\2\3\0";

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		CHECK_EQ(decode_with((struct header){ RUNS_OF_8(9, 9) }, whole, len),
				WARD_E_FORMAT);
		CHECK(got.error.message[0] != 0);
	}
}

/* ---- trouble ---- */

static void what_is_not_read_is_said(void)
{
	start();
	CHECK_EQ(DECODE("x", .len = 40, .width = 9, .height = 9, .compression = 4),
			WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the bmp picture is a JPEG for a printer, which is not read");
	CHECK_EQ(DECODE("x", .len = 40, .width = 9, .height = 9, .compression = 5),
			WARD_E_UNSUPPORTED);
	CHECK_EQ(DECODE("x", .len = 64, .width = 9, .height = 9, .bits = 1, .compression = 3),
			WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the bmp picture is packed as for fax, which is not read");
	CHECK_EQ(DECODE("x", .len = 40, .width = 9, .height = 9, .bits = 64), WARD_E_UNSUPPORTED);

	static const struct {
		uint32_t bits, compression;
	} odd[] = { { 0, 0 }, { 3, 0 }, { 4, 1 }, { 8, 2 }, { 24, 1 }, { 8, 3 }, { 16, 7 },
		{ 32, 11 }, { 32, UINT32_MAX }, { 65535, 0 } };

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		CHECK_EQ(DECODE("x", .len = 40, .width = 1, .height = 1, .bits = odd[i].bits,
					 .compression = odd[i].compression),
				WARD_E_UNSUPPORTED);
	}
	CHECK_EQ(got.facts_told, 0);
}

static void a_picture_that_breaks_off_is_told_and_then_the_trouble(void)
{
	start();
	CHECK_EQ(DECODE("abc.def.ghi.jk", .len = 40, .width = 1, .height = 4, .bits = 24),
			WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the bmp picture breaks off in row 3 of 4");
	CHECK(PIXELS(0, "\0\0\0ihgfedcba"));
	CHECK_EQ(DECODE("abc\xff"
			"ab",
				 .len = 124, .width = 1, .height = 2, .bits = 32, .compression = 3,
				 .masks = { 0xff0000, 0xff00, 0xff, 0xff000000 }),
			WARD_E_FORMAT);
	CHECK(PIXELS(0, "\0\0\0cba"));
}

static void a_header_that_claims_more_than_the_file_can_hold(void)
{
	start();
	CHECK_EQ(DECODE("abc", .len = 40, .width = 20000, .height = 20000, .bits = 24),
			WARD_E_FORMAT);
	CHECK_STR(got.error.message,
			"the bmp picture says 20000 x 20000, more than its 57 bytes can hold");
	CHECK_EQ(DECODE(FIVE_COLOURS "\0\1", RUNS_OF_8(20000, 20000)), WARD_E_FORMAT);
	CHECK_EQ(DECODE("abc", .len = 40, .width = INT32_MAX, .height = INT32_MIN, .bits = 32),
			WARD_E_FORMAT);
	CHECK_EQ(got.facts_told, 0);
	CHECK(got.canvas == NULL);
	/* Almost empty is fine, when it is small. */
	CHECK_EQ(DECODE(FIVE_COLOURS "\0\1", RUNS_OF_8(1000, 1000)), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
}

static void headers_that_make_no_sense(void)
{
	start();
	CHECK_EQ(DECODE("abc", .len = 40, .width = -1, .height = 1, .bits = 24), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the bmp picture has a width below nothing");
	CHECK_EQ(DECODE("abc", .len = 40, .width = 0, .height = 1, .bits = 24), WARD_E_FORMAT);
	CHECK_EQ(DECODE("abc", .len = 40, .width = 1, .height = 0, .bits = 24), WARD_E_FORMAT);
	add_header(&(struct header){ .len = 40, .width = 1, .height = 1, .bits = 24 });
	ADD("abc");
	for (int len = 0; len < 256; len++) {
		file.ptr[14] = (char)len;
		ward_err err = decode();

		CHECK((err == WARD_OK) == (len >= 16 && len <= 40));
	}
	for (file.len = 0; file.len < 54; file.len++) {
		file.ptr[14] = 40;
		CHECK_EQ(decode(), WARD_E_FORMAT);
	}
	CHECK_EQ(got.facts_told, 0);
}

static void more_pixels_or_memory_than_agreed(void)
{
	start();
	got.options.limits.pixels_max = 3;
	CHECK_EQ(DECODE("abc.def.ghi.jkl.", .len = 40, .width = 1, .height = 4, .bits = 24),
			WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the bmp picture is 1 x 4, more than the limit of 3 pixels");
	got.options.limits = ward_limits_default();
	got.options.limits.memory_max = 14;
	CHECK_EQ(DECODE(FIVE_COLOURS "\2\1\0\1", RUNS_OF_8(2, 2)), WARD_E_LIMIT);
	CHECK_EQ(DECODE("abcdabcdabcdabcd", .len = 108, .width = 2, .height = 2, .bits = 32,
				 .masks = { 0, 0, 0, 0xff000000 }),
			WARD_E_LIMIT);
	got.options.limits.memory_max = 11;
	CHECK_EQ(DECODE("abc.def.ghi.jkl.", .len = 40, .width = 1, .height = 4, .bits = 24),
			WARD_E_LIMIT);
	CHECK_EQ(got.frame_count, 0);
}

static const struct test_case cases[] = {
	{ "palettes of every depth", palettes_of_every_depth },
	{ "both headers of OS/2", both_headers_of_os2 },
	{ "a short palette is black beyond its end", a_short_palette_is_black_beyond_its_end },
	{ "samples said to begin in the header follow the palette",
			samples_said_to_begin_in_the_header_follow_the_palette },
	{ "rows of 24 bits are padded to four bytes", rows_of_24_bits_are_padded_to_four_bytes },
	{ "16 bits are five each, or as masks say", sixteen_bits_are_five_each_or_as_masks_say },
	{ "masks of any width and place", masks_of_any_width_and_place },
	{ "masks may be part of the header", masks_may_be_part_of_the_header },
	{ "alpha is there only where a mask says so", alpha_is_there_only_where_a_mask_says_so },
	{ "a picture that would be all transparent is opaque",
			a_picture_that_would_be_all_transparent_is_opaque },
	{ "runs, and pixels as they are", runs_and_pixels_as_they_are },
	{ "what runs pass over is transparent", what_runs_pass_over_is_transparent },
	{ "runs beyond the edges paint nothing", runs_beyond_the_edges_paint_nothing },
	{ "runs that break off are told, and then the trouble",
			runs_that_break_off_are_told_and_then_the_trouble },
	{ "what is not read is said", what_is_not_read_is_said },
	{ "a picture that breaks off is told, and then the trouble",
			a_picture_that_breaks_off_is_told_and_then_the_trouble },
	{ "a header that claims more than the file can hold",
			a_header_that_claims_more_than_the_file_can_hold },
	{ "headers that make no sense", headers_that_make_no_sense },
	{ "more pixels or memory than agreed", more_pixels_or_memory_than_agreed },
};

int main(void)
{
	collect_init(&got);
	ward_buf_init(&file, 1 << 20);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_buf_free(&file);
	collect_clear(&got);
	return failed;
}
