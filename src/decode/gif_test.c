/* GIF: composition as players do it, shown on files that giflib wrote. */
#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"

#include <gif_lib.h>

static struct collected got;

/* ---- writing ---- */

static struct {
	GifFileType *file;
	uint8_t bytes[1 << 20];
	size_t len;
} out;

static int write_memory(GifFileType *file, const GifByteType *bytes, int len)
{
	(void)file;
	if ((size_t)len > sizeof(out.bytes) - out.len)
		return 0;
	memcpy(out.bytes + out.len, bytes, (size_t)len);
	out.len += (size_t)len;
	return len;
}

static void sure(int code)
{
	if (code != GIF_OK)
		abort();
}

#define RED   1
#define GREEN 2
#define BLUE  3

static ColorMapObject *four_colours(void)
{
	static const GifColorType colours[4] = { { 10, 20, 30 }, { 255, 0, 0 }, { 0, 255, 0 },
		{ 0, 0, 255 } };

	return GifMakeMapObject(4, colours);
}

static void begin(int width, int height, ColorMapObject *palette)
{
	int ignored;

	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
	out.len = 0;
	out.file = EGifOpen(NULL, write_memory, &ignored);
	if (!out.file)
		abort();
	EGifSetGifVersion(out.file, true);
	sure(EGifPutScreenDesc(out.file, width, height, 8, 0, palette));
	GifFreeMapObject(palette);
}

static void control(int disposal, int transparent, int delay)
{
	const GraphicsControlBlock block = { disposal, false, delay, transparent };
	GifByteType bytes[4];

	EGifGCBToExtension(&block, bytes);
	sure(EGifPutExtension(out.file, GRAPHICS_EXT_FUNC_CODE, 4, bytes));
}

static void image(int left, int top, int width, int height, const uint8_t *pixels)
{
	static uint8_t copy[1 << 16];

	/* giflib writes to what it reads. */
	memcpy(copy, pixels, (size_t)(width * height));
	sure(EGifPutImageDesc(out.file, left, top, width, height, false, NULL));
	sure(EGifPutLine(out.file, copy, width * height));
}

static void block(int left, int top, int width, int height, uint8_t colour)
{
	uint8_t pixels[64];

	memset(pixels, colour, sizeof(pixels));
	image(left, top, width, height, pixels);
}

static ward_bytes written(void)
{
	int ignored;

	sure(EGifCloseFile(out.file, &ignored));
	return (ward_bytes){ out.bytes, out.len };
}

static ward_err decode(void)
{
	ward_bytes file = written();

	if (ward_media_identify(file) != WARD_MEDIA_GIF)
		return WARD_E_ARGUMENT;
	return collect_picture(&got, WARD_MEDIA_GIF, file);
}

/* ---- asking ---- */

/* What a row of a told frame shows, a letter a pixel; its beginning when it is long. */
static const char *row_of(uint32_t number, uint32_t y)
{
	static char letters[64];
	const struct ward_image *picture = &got.frames[number].image;

	if (number >= got.frame_count || y >= picture->height)
		return "nothing";
	uint32_t width = picture->width < sizeof(letters) ? picture->width : sizeof(letters) - 1;

	for (uint32_t x = 0; x < width; x++) {
		const uint8_t *rgb = picture->pixels + y * picture->stride + (size_t)x * 3;
		uint32_t colour = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];

		letters[x] = colour == 0xff0000   ? 'R'
			     : colour == 0x00ff00 ? 'G'
			     : colour == 0x0000ff ? 'B'
			     : colour == 0xffffff ? 'W'
			     : colour == 0x0a141e ? '0'
						  : '?';
	}
	letters[width] = 0;
	return letters;
}

static void a_picture_is_its_palette_s_colours(void)
{
	static const uint8_t pixels[] = { RED, GREEN, BLUE, 0, 0, RED };

	begin(3, 2, four_colours());
	image(0, 0, 3, 2, pixels);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_EQ(got.facts_told, 1);
	CHECK_EQ(got.facts.width, 3);
	CHECK_EQ(got.facts.height, 2);
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.facts.bits, 8);
	CHECK_EQ(got.facts.has_alpha, false);
	CHECK_EQ(got.frame_count, 1);
	CHECK_STR(row_of(0, 0), "RGB");
	CHECK_STR(row_of(0, 1), "00R");
}

static void a_local_palette_goes_before_the_global_one(void)
{
	static const GifColorType colours[2] = { { 0, 255, 0 }, { 0, 0, 255 } };
	static uint8_t pixels[] = { 0, 1 };
	ColorMapObject *local = GifMakeMapObject(2, colours);

	begin(2, 1, four_colours());
	/* The local one comes last: giflib forgets to free it when an image without one follows. */
	image(0, 0, 2, 1, pixels);
	sure(EGifPutImageDesc(out.file, 0, 0, 2, 1, false, local));
	sure(EGifPutLine(out.file, pixels, 2));
	GifFreeMapObject(local);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_STR(row_of(0, 0), "0R");
	CHECK_STR(row_of(1, 0), "GB");
}

static void without_any_palette_an_index_is_a_grey(void)
{
	static const uint8_t pixels[] = { 0, 3 };

	begin(2, 1, four_colours());
	image(0, 0, 2, 1, pixels);
	ward_bytes file = written();

	/* Four colours of the global palette go, and the mark that there is one. */
	out.bytes[10] &= 0x7f;
	memmove(out.bytes + 13, out.bytes + 25, file.len - 25);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ file.ptr, file.len - 12 }),
			WARD_OK);
	CHECK_EQ(got.frames[0].image.pixels[0], 0);
	CHECK_EQ(got.frames[0].image.pixels[3], 3);
	CHECK_EQ(got.frames[0].image.pixels[5], 3);
}

static void interlaced_rows_find_their_places(void)
{
	for (int height = 1; height < 20; height++) {
		begin(1, height, four_colours());
		sure(EGifPutImageDesc(out.file, 0, 0, 1, height, true, NULL));
		for (int pass = 0; pass < 4; pass++) {
			static const int first[4] = { 0, 4, 2, 1 }, step[4] = { 8, 8, 4, 2 };

			for (int y = first[pass]; y < height; y += step[pass])
				sure(EGifPutPixel(out.file, (GifPixelType)(y % 3 + 1)));
		}
		CHECK_EQ(decode(), WARD_OK);
		for (int y = 0; y < height; y++)
			CHECK_EQ(row_of(0, (uint32_t)y)[0], "RGB"[y % 3]);
	}
}

static void frames_are_painted_over_what_was_there(void)
{
	begin(4, 1, four_colours());
	control(DISPOSE_DO_NOT, NO_TRANSPARENT_COLOR, 7);
	block(0, 0, 4, 1, RED);
	control(DISPOSAL_UNSPECIFIED, NO_TRANSPARENT_COLOR, 5);
	block(1, 0, 2, 1, GREEN);
	block(3, 0, 1, 1, BLUE);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_EQ(got.facts.frames, 3);
	CHECK_EQ(got.frame_count, 3);
	CHECK_STR(row_of(0, 0), "RRRR");
	CHECK_STR(row_of(1, 0), "RGGR");
	CHECK_STR(row_of(2, 0), "RGGB");
	CHECK_EQ(got.frames[1].index, 1);
	CHECK_EQ(got.frames[1].time_ms, 70);
	CHECK_EQ(got.frames[2].time_ms, 120);
	CHECK_EQ(got.frames[2].view, WARD_VIEW_STORED);
}

static void transparent_pixels_let_the_frame_before_through(void)
{
	static const uint8_t pixels[] = { 0, BLUE, 0 };

	begin(3, 1, four_colours());
	block(0, 0, 3, 1, RED);
	control(DISPOSE_DO_NOT, 0, 0);
	image(0, 0, 3, 1, pixels);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	CHECK_STR(row_of(1, 0), "RBR");
	CHECK_EQ(got.facts.has_alpha, true);
}

static void a_frame_may_be_cleared_or_undone_after_it_was_shown(void)
{
	begin(4, 1, four_colours());
	block(0, 0, 4, 1, RED);
	control(DISPOSE_PREVIOUS, NO_TRANSPARENT_COLOR, 0);
	block(0, 0, 2, 1, GREEN);
	control(DISPOSE_BACKGROUND, NO_TRANSPARENT_COLOR, 0);
	block(1, 0, 2, 1, BLUE);
	block(3, 0, 1, 1, GREEN);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_STR(row_of(0, 0), "RRRR");
	CHECK_STR(row_of(1, 0), "GGRR");
	CHECK_STR(row_of(2, 0), "RBBR");
	/* Cleared is the background's colour as stored, and white when composited. */
	CHECK_EQ(got.frame_count, 5);
	CHECK_STR(row_of(3, 0), "R00G");
	CHECK_EQ(got.frames[3].view, WARD_VIEW_STORED);
	CHECK_STR(row_of(4, 0), "RWWG");
	CHECK_EQ(got.frames[4].view, WARD_VIEW_COMPOSITED);
	CHECK_EQ(got.frames[4].index, 3);
}

static void undoing_the_first_frame_leaves_nothing(void)
{
	begin(2, 1, four_colours());
	control(DISPOSE_PREVIOUS, NO_TRANSPARENT_COLOR, 0);
	block(0, 0, 2, 1, RED);
	block(1, 0, 1, 1, GREEN);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_STR(row_of(1, 0), "0G");
	CHECK_STR(row_of(2, 0), "WG");
}

static void transparent_pixels_of_the_first_frame_keep_their_stored_colour(void)
{
	static const uint8_t pixels[] = { GREEN, RED };

	begin(3, 1, four_colours());
	control(DISPOSE_DO_NOT, GREEN, 0);
	image(0, 0, 2, 1, pixels);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_STR(row_of(0, 0), "GRG");
	CHECK_STR(row_of(1, 0), "WRW");
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
}

static void the_canvas_grows_to_the_first_frame_and_cuts_the_others(void)
{
	begin(1, 1, four_colours());
	block(1, 0, 2, 2, RED);
	block(2, 1, 8, 8, GREEN);
	block(60000, 60000, 1, 1, GREEN);
	CHECK_EQ(decode(), WARD_OK);
	CHECK_EQ(got.facts.width, 3);
	CHECK_EQ(got.facts.height, 2);
	CHECK_STR(row_of(0, 0), "0RR");
	CHECK_STR(row_of(2, 1), "0RG");
}

static void only_the_first_frame_is_decoded_when_that_is_all(void)
{
	begin(1, 1, four_colours());
	block(0, 0, 1, 1, RED);
	block(0, 0, 1, 1, GREEN);
	got.options.first_frame_only = true;
	CHECK_EQ(decode(), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.facts.frames, 2);
}

static void a_lighthouse_in_grey_comes_out_as_drawn(void)
{
	enum { WIDTH = 300, HEIGHT = 200 };
	static uint8_t drawn[WIDTH * HEIGHT];
	GifColorType greys[256];

	for (int i = 0; i < 256; i++)
		greys[i] = (GifColorType){ (uint8_t)i, (uint8_t)i, (uint8_t)i };
	draw_lighthouse(drawn, WIDTH, HEIGHT, 1, 1);
	begin(WIDTH, HEIGHT, GifMakeMapObject(256, greys));
	image(0, 0, WIDTH, HEIGHT, drawn);
	CHECK_EQ(decode(), WARD_OK);
	for (size_t i = 0; i < sizeof(drawn); i++)
		CHECK_EQ(got.frames[0].image.pixels[3 * i], drawn[i]);
}

/* ---- trouble ---- */

static void more_frames_than_agreed_are_a_limit(void)
{
	begin(1, 1, four_colours());
	for (int i = 0; i < 4; i++)
		block(0, 0, 1, 1, RED);
	got.options.limits.frames_max = 2;
	CHECK_EQ(decode(), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the gif picture has more frames than the limit of 2");
	CHECK_EQ(got.frame_count, 2);
}

static void a_missing_end_is_no_damage(void)
{
	begin(2, 1, four_colours());
	block(0, 0, 2, 1, RED);
	ward_bytes file = written();

	CHECK_EQ(out.bytes[file.len - 1], ';');
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ file.ptr, file.len - 1 }),
			WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	/* Nor is a zero before it. */
	out.bytes[file.len - 1] = 0;
	out.bytes[file.len] = ';';
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ file.ptr, file.len + 1 }),
			WARD_OK);
}

static void a_file_that_breaks_off_gives_what_was_before(void)
{
	enum { SIDE = 64 };
	static uint8_t drawn[SIDE * SIDE];

	for (size_t i = 0; i < sizeof(drawn); i++)
		drawn[i] = (uint8_t)(i * i / 7 % 3 + 1);
	begin(SIDE, SIDE, four_colours());
	block(0, 0, 8, 8, RED);
	image(0, 0, SIDE, SIDE, drawn);
	ward_bytes file = written();

	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ file.ptr, file.len / 2 }),
			WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the gif picture is damaged: ") == got.error.message);
	CHECK_EQ(got.facts.frames, 2);
	/* The first in two views, then the second as far as it went. */
	CHECK_EQ(row_of(2, 0)[5], "RGB"[25 / 7 % 3]);
	/* Every shorter file is told as well: some frames, then why. */
	for (size_t len = 0; len + 1 < file.len; len++) {
		ward_err err = collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ file.ptr, len });

		CHECK(err == WARD_E_FORMAT || (err == WARD_OK && got.frame_count == 2));
		CHECK(err == WARD_OK || got.error.message[0] != 0);
	}
}

static void a_damaged_frame_does_not_hide_those_behind_it(void)
{
	begin(8, 8, four_colours());
	block(0, 0, 8, 8, RED);
	size_t at = out.len;

	block(0, 0, 8, 8, GREEN);
	block(0, 0, 8, 8, BLUE);
	ward_bytes file = written();

	/* The block of codes behind the descriptor and the code size: its first codes make no
	 * sense. */
	memset(out.bytes + at + 10 + 2, 0xff, 3);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, file), WARD_E_FORMAT);
	CHECK_EQ(got.frame_count, 3);
	CHECK_EQ(row_of(2, 7)[7], 'B');
}

static void a_header_that_lies_about_its_size_costs_no_memory(void)
{
	begin(1, 1, four_colours());
	block(0, 0, 1, 1, RED);
	ward_bytes file = written();

	/* The image descriptor is behind the 13 bytes of header and 12 of palette. */
	memset(out.bytes + 25 + 5, 0x20, 4);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, file), WARD_E_FORMAT);
	CHECK_STR(got.error.message,
			"the gif picture says 8224 x 8224, more than its 41 bytes can hold");
	CHECK(got.canvas == NULL);
}

static void what_is_no_gif_is_an_error(void)
{
	begin(1, 1, four_colours());
	CHECK_EQ(decode(), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the gif picture holds no image");
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_GIF, (ward_bytes){ (const uint8_t *)"GIF89", 5 }),
			WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the gif picture is damaged: it has no header");
}

static const struct test_case cases[] = {
	{ "a picture is its palette's colours", a_picture_is_its_palette_s_colours },
	{ "a local palette goes before the global one",
			a_local_palette_goes_before_the_global_one },
	{ "without any palette an index is a grey", without_any_palette_an_index_is_a_grey },
	{ "interlaced rows find their places", interlaced_rows_find_their_places },
	{ "frames are painted over what was there", frames_are_painted_over_what_was_there },
	{ "transparent pixels let the frame before through",
			transparent_pixels_let_the_frame_before_through },
	{ "a frame may be cleared or undone after it was shown",
			a_frame_may_be_cleared_or_undone_after_it_was_shown },
	{ "undoing the first frame leaves nothing", undoing_the_first_frame_leaves_nothing },
	{ "transparent pixels of the first frame keep their stored colour",
			transparent_pixels_of_the_first_frame_keep_their_stored_colour },
	{ "the canvas grows to the first frame and cuts the others",
			the_canvas_grows_to_the_first_frame_and_cuts_the_others },
	{ "only the first frame is decoded when that is all",
			only_the_first_frame_is_decoded_when_that_is_all },
	{ "a lighthouse in grey comes out as drawn", a_lighthouse_in_grey_comes_out_as_drawn },
	{ "more frames than agreed are a limit", more_frames_than_agreed_are_a_limit },
	{ "a missing end is no damage", a_missing_end_is_no_damage },
	{ "a file that breaks off gives what was before",
			a_file_that_breaks_off_gives_what_was_before },
	{ "a damaged frame does not hide those behind it",
			a_damaged_frame_does_not_hide_those_behind_it },
	{ "a header that lies about its size costs no memory",
			a_header_that_lies_about_its_size_costs_no_memory },
	{ "what is no GIF is an error", what_is_no_gif_is_an_error },
};

int main(void)
{
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
