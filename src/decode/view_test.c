/* What a person is shown of pictures drawn here, decoded again from the encoded views. */
#include "decode/view.h"

#include <stdlib.h>

#include <gif_lib.h>
#include <png.h>

#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"
#include "decode/view_encode.h"

/* ---- pictures ---- */

static struct ward_buf file; /* the original */

static ward_bytes written(void)
{
	return (ward_bytes){ (const uint8_t *)file.ptr, file.len };
}

static void begin_file(void)
{
	ward_buf_free(&file);
	ward_buf_init(&file, (size_t)1 << 28);
}

static struct view_image make(uint32_t width, uint32_t height, uint32_t channels)
{
	struct view_image image;

	if (!view_image_make(&image, width, height, channels))
		abort();
	return image;
}

static struct view_image lighthouse(uint32_t width, uint32_t height)
{
	struct view_image image = make(width, height, 3);

	draw_lighthouse(image.pixels, width, height, 3, 3);
	return image;
}

static ward_bytes as_pnm(const struct view_image *image)
{
	begin_file();
	ward_buf_printf(&file, "P%d\n%u %u\n255\n", image->channels == 1 ? 5 : 6, image->width,
			image->height);
	ward_buf_add(&file, image->pixels, (size_t)image->width * image->height * image->channels);
	return written();
}

static ward_bytes as_jpeg(const struct view_image *image, int quality)
{
	begin_file();
	if (view_encode_jpeg(image, quality, &file, NULL))
		abort();
	return written();
}

static void add_segment(struct ward_buf *to, uint8_t marker, const void *bytes, size_t len)
{
	const uint8_t head[4] = { 0xff, marker, (uint8_t)((len + 2) >> 8), (uint8_t)(len + 2) };

	ward_buf_add(to, head, 4);
	ward_buf_add(to, bytes, len);
}

static void put_orientation(uint8_t exif[32], uint8_t orientation)
{
	static const uint8_t block[32] = "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";

	memcpy(exif, block, 32);
	exif[25] = orientation;
}

/* With all that cameras and programs leave in a file, each of it easy to find again. */
static ward_bytes as_telling_jpeg(const struct view_image *image, uint8_t orientation)
{
	struct ward_buf plain, thumbnail;
	struct view_image small = lighthouse(160, 120);
	uint8_t exif[4096] = { 0 };

	ward_buf_init(&plain, (size_t)1 << 28);
	ward_buf_init(&thumbnail, (size_t)1 << 20);
	if (view_encode_jpeg(image, 97, &plain, NULL) ||
			view_encode_jpeg(&small, 60, &thumbnail, NULL))
		abort();
	put_orientation(exif, orientation);
	memcpy(exif + 40, "Taken at 12 Harbour Road by camera 4711", 39);
	begin_file();
	ward_buf_add(&file, plain.ptr, 2);
	add_segment(&file, 0xe1, exif, sizeof(exif));
	add_segment(&file, 0xe1, thumbnail.ptr, thumbnail.len);
	add_segment(&file, 0xe2, "ICC_PROFILE\0\1\1a profile of one's own making", 44);
	add_segment(&file, 0xfe, "a comment about the lighthouse", 30);
	ward_buf_add(&file, plain.ptr + 2, plain.len - 2);
	ward_buf_free(&plain);
	ward_buf_free(&thumbnail);
	view_image_free(&small);
	return written();
}

static ward_bytes as_png_rgba(const uint8_t *rgba, uint32_t width, uint32_t height)
{
	png_image png = { .version = PNG_IMAGE_VERSION,
		.width = width,
		.height = height,
		.format = PNG_FORMAT_RGBA };
	png_alloc_size_t len = 0;

	begin_file();
	if (!png_image_write_to_memory(&png, NULL, &len, 0, rgba, 0, NULL))
		abort();
	char *room = ward_buf_reserve(&file, len);

	if (!room || !png_image_write_to_memory(&png, room, &len, 0, rgba, 0, NULL))
		abort();
	file.len += len;
	return written();
}

static int write_gif(GifFileType *gif, const GifByteType *bytes, int len)
{
	(void)gif;
	ward_buf_add(&file, bytes, (size_t)len);
	return len;
}

/* Frame i is all of the grey 10 * i. */
static ward_bytes as_gif(int frames, int width, int height)
{
	static uint8_t row[4096];
	GifColorType greys[256];
	int ignored;

	for (int i = 0; i < 256; i++)
		greys[i] = (GifColorType){ (uint8_t)i, (uint8_t)i, (uint8_t)i };
	begin_file();
	ColorMapObject *palette = GifMakeMapObject(256, greys);
	GifFileType *gif = EGifOpen(NULL, write_gif, &ignored);

	if (!gif || EGifPutScreenDesc(gif, width, height, 8, 0, palette) != GIF_OK)
		abort();
	for (int i = 0; i < frames; i++) {
		if (EGifPutImageDesc(gif, 0, 0, width, height, false, NULL) != GIF_OK)
			abort();
		for (int y = 0; y < height; y++) {
			memset(row, 10 * i, sizeof(row)); /* giflib writes to what it reads */
			if (EGifPutLine(gif, row, width) != GIF_OK)
				abort();
		}
	}
	EGifCloseFile(gif, &ignored);
	GifFreeMapObject(palette);
	return written();
}

/* ---- looking ---- */

static struct collected shown; /* what a browser would show */
static struct ward_buf encoded;
static struct decode_view view;
static struct ward_error error;
static struct ward_limits limits;

static ward_err look(ward_bytes bytes, struct ward_view_options want)
{
	const struct ward_decode_options options = { .limits = limits, .view = want };
	uint8_t *copy;
	ward_bytes exact = collect_copy(bytes, &copy);

	ward_buf_free(&encoded);
	ward_buf_init(&encoded, WARD_VIEW_BYTES);
	collect_clear(&shown);
	collect_init(&shown);
	ward_err err = decode_view(ward_media_identify(bytes), exact, &options, &view, &encoded,
			&error);

	free(copy);
	if (err)
		return err;
	err = collect_picture(&shown, view.view.kind,
			(ward_bytes){ (const uint8_t *)encoded.ptr, encoded.len });
	if (err || shown.facts.width != view.view.width || shown.facts.height != view.view.height)
		abort();
	return WARD_OK;
}

static ward_err look_at(ward_bytes bytes, ward_view_level level)
{
	return look(bytes, (struct ward_view_options){ .level = level });
}

static const struct ward_image *picture(void)
{
	return &shown.frames[0].image;
}

static int pixel(uint32_t x, uint32_t y)
{
	const struct ward_image *image = picture();

	return image->pixels[y * image->stride + (size_t)x * image->channels];
}

static int steepest_shown(void)
{
	int most = 0;

	for (uint32_t y = 1; y < picture()->height; y++) {
		for (uint32_t x = 1; x < picture()->width; x++) {
			int across = abs(pixel(x, y) - pixel(x - 1, y));
			int down = abs(pixel(x, y) - pixel(x, y - 1));

			most = across > most ? across : most;
			most = down > most ? down : most;
		}
	}
	return most;
}

/* ---- sizes ---- */

static void a_view_is_no_larger_than_its_level_allows(void)
{
	static const uint32_t most[WARD_LEVEL_COUNT] = { 0, 1024, 1024, 1024, 320, 2048 };
	struct view_image image = lighthouse(2600, 1300);
	ward_bytes bytes = as_pnm(&image);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		struct ward_view_options want = { .level = (ward_view_level)level };

		CHECK_EQ(look(bytes, want), WARD_OK);
		CHECK_EQ(picture()->width, most[level]);
		CHECK_EQ(picture()->height, most[level] / 2);
		want.side_max = 100;
		CHECK_EQ(look(bytes, want), WARD_OK);
		CHECK_EQ(picture()->width, 100);
		want.side_max = 100000;
		CHECK_EQ(look(bytes, want), WARD_OK);
		CHECK_EQ(picture()->width, most[level]);
		CHECK_EQ(view.picture.width, 2600);
		CHECK_EQ(view.picture.height, 1300);
	}
	view_image_free(&image);
}

static void a_small_picture_is_not_enlarged(void)
{
	struct view_image image = lighthouse(90, 50);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		CHECK_EQ(look_at(as_pnm(&image), (ward_view_level)level), WARD_OK);
		CHECK_EQ(picture()->width, 90);
		CHECK_EQ(picture()->height, 50);
	}
	view_image_free(&image);
}

static void options_that_make_no_sense_are_refused(void)
{
	static const struct ward_view_options wrong[] = {
		{ .level = WARD_LEVEL_FACTS },
		{ .level = WARD_LEVEL_COUNT },
		{ .level = (ward_view_level)-1 },
		{ .level = WARD_LEVEL_CLEAR, .side_max = 15 },
		{ .level = WARD_LEVEL_MOSAIC, .cells = 65 },
		{ .level = WARD_LEVEL_MOSAIC, .cells = 3 },
		{ .level = WARD_LEVEL_BLURRED, .blur = 23 }, /* never less than the level's own */
		{ .level = WARD_LEVEL_BLURRED, .blur = 257 },
		{ .level = WARD_LEVEL_MOSAIC, .reveal = true },
		{ .level = WARD_LEVEL_REDUCED, .reveal = true },
	};
	struct view_image image = lighthouse(90, 50);
	ward_bytes bytes = as_pnm(&image);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK_EQ(look(bytes, wrong[i]), WARD_E_ARGUMENT);
		CHECK_EQ(encoded.len, 0);
	}
	view_image_free(&image);
}

/* ---- what each level leaves ---- */

static void levels_below_four_are_grey_whatever_is_asked(void)
{
	struct view_image image = lighthouse(400, 300);
	ward_bytes bytes = as_pnm(&image);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		struct ward_view_options want = { .level = (ward_view_level)level };

		CHECK_EQ(look(bytes, want), WARD_OK);
		CHECK_EQ(picture()->channels, 1);
		want.colour = true;
		CHECK_EQ(look(bytes, want), WARD_OK);
		CHECK_EQ(picture()->channels, level < WARD_LEVEL_SMALL ? 1 : 3);
	}
	view_image_free(&image);
}

static void a_mosaic_has_sixteen_tiles_along_its_longer_side(void)
{
	static const uint32_t sizes[][2] = { { 2600, 1300 }, { 300, 500 }, { 64, 64 }, { 17, 9 } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct view_image image = lighthouse(sizes[i][0], sizes[i][1]);

		CHECK_EQ(look_at(as_pnm(&image), WARD_LEVEL_MOSAIC), WARD_OK);
		uint32_t width = picture()->width, height = picture()->height;
		uint32_t tile = ((width > height ? width : height) + 15) / 16;

		for (uint32_t y = 0; y < height; y++) {
			for (uint32_t x = 0; x < width; x++)
				CHECK_EQ(pixel(x, y), pixel(x - x % tile, y - y % tile));
		}
		CHECK((width + tile - 1) / tile <= 16 && (height + tile - 1) / tile <= 16);
		view_image_free(&image);
	}
}

static void a_blurred_view_has_no_step_between_neighbours(void)
{
	static const uint32_t sides[] = { 1024, 512, 256 };
	struct view_image image = lighthouse(2000, 1500);
	ward_bytes bytes = as_pnm(&image);

	for (size_t i = 0; i < 3; i++) {
		const struct ward_view_options want = { .level = WARD_LEVEL_BLURRED,
			.side_max = sides[i] };

		CHECK_EQ(look(bytes, want), WARD_OK);
		/* The slope of black beside white, and what JPEG makes of it. */
		int bound = (int)(255.0 / (24.0 * sides[i] / 1024 * 1.7)) + 5;

		printf("# %u pixels: neighbours differ by %d at most\n", sides[i],
				steepest_shown());
		CHECK(steepest_shown() <= bound);
	}
	view_image_free(&image);
}

/* How far a view is from the picture itself, as the mean of squares over 256 x 192 points. */
static double distance_from(const struct view_image *truth)
{
	struct view_image small = make(truth->width, truth->height, 1);
	double sum = 0;

	if (!view_resize(picture(), &small))
		abort();
	for (size_t i = 0; i < (size_t)small.width * small.height; i++) {
		double apart = (double)small.pixels[i] - truth->pixels[i];

		sum += apart * apart;
	}
	view_image_free(&small);
	return sum / ((double)truth->width * truth->height);
}

/* L3 is drawn in other greys: it is nearer in its edges, not in its brightness. */
static void each_step_shows_more_than_the_one_below(void)
{
	static const ward_view_level levels[] = { WARD_LEVEL_MOSAIC, WARD_LEVEL_BLURRED,
		WARD_LEVEL_SMALL, WARD_LEVEL_CLEAR };

	for (uint32_t seed = 0; seed < 5; seed++) {
		struct view_image image = make(1600, 1200, 1), truth = make(256, 192, 1);
		double last = 1e9;

		draw_lighthouse(image.pixels, 1600, 1200, 1, seed);
		const struct ward_image whole = { image.pixels, 1600, 1600, 1200, 1 };

		CHECK(view_resize(&whole, &truth));
		for (size_t i = 0; i < 4; i++) {
			CHECK_EQ(look_at(as_pnm(&image), levels[i]), WARD_OK);
			double distance = distance_from(&truth);

			printf("# picture %u, %s: %.1f\n", seed, ward_view_level_name(levels[i]),
					distance);
			CHECK(distance < last);
			last = distance;
		}
		view_image_free(&image);
		view_image_free(&truth);
	}
}

/*
 * A large JPEG is decoded at an eighth for the coarse levels: that shows what
 * a full decode shows, and nothing more.
 */
static void a_scaled_decode_shows_what_a_full_one_does(void)
{
	struct view_image image = lighthouse(2400, 1800);
	ward_bytes jpeg = as_jpeg(&image, 92);
	struct collected full;

	/* The same samples without the codec's scaling. */
	collect_init(&full);
	CHECK_EQ(collect_picture(&full, WARD_MEDIA_JPEG, jpeg), WARD_OK);
	memcpy(image.pixels, full.frames[0].image.pixels, (size_t)2400 * 1800 * 3);
	collect_clear(&full);
	for (int level = WARD_LEVEL_MOSAIC; level <= WARD_LEVEL_BLURRED; level++) {
		struct view_image plain = make(1024, 768, 1);
		int most = 0;

		CHECK_EQ(look_at(as_pnm(&image), (ward_view_level)level), WARD_OK);
		memcpy(plain.pixels, picture()->pixels, 1024 * 768);
		CHECK_EQ(look_at(as_jpeg(&image, 92), (ward_view_level)level), WARD_OK);
		for (uint32_t i = 0; i < 1024 * 768; i++) {
			int apart = abs(plain.pixels[i] - picture()->pixels[i]);

			most = apart > most ? apart : most;
		}
		printf("# %s: at most %d of 255 apart\n",
				ward_view_level_name((ward_view_level)level), most);
		CHECK(most <= 3);
		view_image_free(&plain);
	}
	view_image_free(&image);
}

static void a_disc_is_clear_and_the_rest_is_not(void)
{
	struct view_image image = make(1024, 768, 1);
	struct ward_view_options want = { .level = WARD_LEVEL_BLURRED };

	/* Stripes of four pixels: blurred they are even. */
	for (size_t i = 0; i < 1024 * 768; i++)
		image.pixels[i] = i % 8 < 4 ? 40 : 220;
	want.reveal = true;
	want.reveal_x = 500;
	want.reveal_y = 300;
	CHECK_EQ(look(as_pnm(&image), want), WARD_OK);
	for (uint32_t y = 0; y < 768; y++) {
		for (uint32_t x = 0; x < 1024; x++) {
			double across = (double)x - 500, down = (double)y - 300;
			double away = across * across + down * down;

			/* JPEG's blocks of 8 blur its rim; at the border one stripe is repeated. */
			if (away < 40.0 * 40)
				CHECK(abs(pixel(x, y) - (x % 8 < 4 ? 40 : 220)) < 30);
			if (away > 60.0 * 60 && x > 100 && x < 924)
				CHECK(abs(pixel(x, y) - 130) < 8);
		}
	}
	view_image_free(&image);
}

/* ---- what must not be seen ---- */

static void hidden_colour_is_never_shown(void)
{
	enum { WIDTH = 200, HEIGHT = 100 };
	uint8_t *rgba = calloc(WIDTH * HEIGHT, 4);

	CHECK(rgba);
	draw_lighthouse(rgba, WIDTH, HEIGHT, 4, 3);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		rgba[4 * i + 3] = 0;
	ward_bytes bytes = as_png_rgba(rgba, WIDTH, HEIGHT);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		struct ward_view_options want = { .level = (ward_view_level)level, .colour = true };

		CHECK_EQ(look(bytes, want), WARD_OK);
		for (uint32_t y = 0; y < HEIGHT; y++) {
			for (uint32_t x = 0; x < WIDTH; x++)
				CHECK(level == WARD_LEVEL_REDUCED ? pixel(x, y) == pixel(0, 0)
								  : pixel(x, y) == DECODE_GROUND);
		}
	}
	/* Half there is half there, over grey and not over white. */
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		memcpy(rgba + 4 * i, "\0\0\0\x80", 4);
	CHECK_EQ(look_at(as_png_rgba(rgba, WIDTH, HEIGHT), WARD_LEVEL_CLEAR), WARD_OK);
	CHECK(abs(pixel(5, 5) - 64) <= 1);
	free(rgba);
}

/* One bit for each run of 8 bytes of the view, by its hash: most questions end here. */
static uint8_t runs[1 << 20];

static size_t run_of(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, 8);
	return (size_t)((word * 0x9e3779b97f4a7c15u) >> 41);
}

static void find_runs(void)
{
	memset(runs, 0, sizeof(runs));
	for (size_t at = 0; at + 8 <= encoded.len; at++) {
		size_t run = run_of((const uint8_t *)encoded.ptr + at);

		runs[run / 8] |= (uint8_t)(1 << run % 8);
	}
}

static bool holds(const void *bytes, size_t len)
{
	for (size_t at = 0; at + len <= encoded.len; at++) {
		if (memcmp(encoded.ptr + at, bytes, len) == 0)
			return true;
	}
	return false;
}

/* True when so many bytes of `bytes` from `from` on are in the encoded view. */
static bool holds_run_of(ward_bytes bytes, size_t from, size_t len)
{
	size_t run = run_of(bytes.ptr + from);

	return from + len <= bytes.len && (runs[run / 8] >> run % 8 & 1) &&
	       holds(bytes.ptr + from, len);
}

/* The frame's and the scan's header, and tables: how samples are coded, and none of them. */
static bool begins_table(ward_bytes bytes, size_t at)
{
	uint8_t marker = bytes.ptr[at + 1];

	return bytes.ptr[at] == 0xff &&
	       (marker == 0xc0 || marker == 0xc4 || marker == 0xda || marker == 0xdb);
}

/* JPEGs of one size that code as the standard suggests have that alike; all else is the file's own.
 */
static void a_view_holds_no_run_of_the_original_and_no_metadata(void)
{
	struct view_image image = lighthouse(640, 480);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		ward_bytes bytes = as_telling_jpeg(&image, 1);

		CHECK_EQ(look(bytes, (struct ward_view_options){ .level = (ward_view_level)level,
						     .colour = true }),
				WARD_OK);
		find_runs();
		/* What is there is found. */
		CHECK(holds_run_of((ward_bytes){ (const uint8_t *)encoded.ptr, encoded.len },
				encoded.len / 2, 16));
		for (size_t at = 2; at + 16 < bytes.len; at++) {
			if (begins_table(bytes, at)) {
				at += 1 + ((size_t)bytes.ptr[at + 2] << 8 | bytes.ptr[at + 3]);
				continue;
			}
			bool blank = memcmp(bytes.ptr + at, bytes.ptr + at + 1, 15) == 0;

			CHECK(blank || !holds_run_of(bytes, at, 16) || begins_table(bytes, at + 1));
		}
		CHECK(!holds("Exif", 4));
		CHECK(!holds("ICC", 3));
		CHECK(!holds("JFIF", 4));
	}
	view_image_free(&image);
}

static void a_turned_picture_is_shown_upright(void)
{
	for (uint8_t orientation = 1; orientation <= 8; orientation++) {
		struct view_image image = make(160, 80, 3);
		/* A white corner where the upright picture's upper left one is stored. */
		bool right = orientation == 2 || orientation == 3 || orientation == 7 ||
			     orientation == 8;
		bool low = orientation == 3 || orientation == 4 || orientation == 6 ||
			   orientation == 7;

		right = orientation >= 5 ? orientation == 7 || orientation == 8 : right;
		low = orientation >= 5 ? orientation == 6 || orientation == 7 : low;
		memset(image.pixels, 0, (size_t)160 * 80 * 3);
		for (uint32_t y = 0; y < 40; y++)
			memset(image.pixels + (size_t)((low ? 40 : 0) + y) * 480 +
							(right ? 240 : 0),
					255, 240);
		CHECK_EQ(look_at(as_telling_jpeg(&image, orientation), WARD_LEVEL_CLEAR), WARD_OK);
		CHECK_EQ(picture()->width, orientation < 5 ? 160 : 80);
		CHECK_EQ(picture()->height, orientation < 5 ? 80 : 160);
		CHECK(pixel(5, 5) > 240);
		CHECK(pixel(picture()->width - 5, 5) < 15);
		CHECK(pixel(5, picture()->height - 5) < 15);
		view_image_free(&image);
	}
}

/* ---- animations and damage ---- */

static void an_animation_is_a_sheet_of_nine_from_first_to_last(void)
{
	static const int frames[] = { 2, 3, 4, 5, 9, 10, 25 };

	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		uint32_t tiles = frames[i] < 9 ? (uint32_t)frames[i] : 9;
		uint32_t columns = tiles <= 4 ? 2 : 3, rows = (tiles + columns - 1) / columns;

		CHECK_EQ(look_at(as_gif(frames[i], 60, 40), WARD_LEVEL_CLEAR), WARD_OK);
		CHECK_EQ(view.view.frames, tiles);
		CHECK_EQ(view.picture.frames, frames[i]);
		CHECK(!view.view.partial);
		CHECK_EQ(picture()->width, columns * 60);
		CHECK_EQ(picture()->height, rows * 40);
		for (uint32_t t = 0; t < tiles; t++) {
			int frame = (int)(t * ((unsigned)frames[i] - 1) / (tiles - 1));
			int grey = pixel(t % columns * 60 + 30, t / columns * 40 + 20);

			CHECK(abs(grey - 10 * frame) <= 2);
		}
	}
}

static void a_sheet_keeps_to_its_levels_size_and_detail(void)
{
	static const uint32_t most[WARD_LEVEL_COUNT] = { 0, 1024, 1024, 1024, 320, 2048 };

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		CHECK_EQ(look_at(as_gif(12, 900, 700), (ward_view_level)level), WARD_OK);
		CHECK(picture()->width <= most[level] && picture()->height <= most[level]);
		CHECK(picture()->width > most[level] - 20);
	}
}

static void a_damaged_picture_is_shown_as_far_as_it_goes(void)
{
	struct view_image image = lighthouse(640, 480);
	ward_bytes bytes = as_jpeg(&image, 90);

	bytes.len /= 2;
	CHECK_EQ(look_at(bytes, WARD_LEVEL_BLURRED), WARD_OK);
	CHECK(view.view.partial);
	bytes.len = 40;
	CHECK(look_at(bytes, WARD_LEVEL_BLURRED) != WARD_OK);
	CHECK(error.message[0] != 0);
	CHECK_EQ(encoded.len, 0);
	view_image_free(&image);
}

static void more_frames_than_allowed_are_a_partial_view(void)
{
	limits.frames_max = 4;
	CHECK_EQ(look_at(as_gif(12, 30, 20), WARD_LEVEL_CLEAR), WARD_OK);
	CHECK_EQ(view.view.frames, 4);
	CHECK(view.view.partial);
	limits.frames_max = 1;
	CHECK_EQ(look_at(as_gif(12, 30, 20), WARD_LEVEL_CLEAR), WARD_OK);
	CHECK_EQ(view.view.frames, 1);
	CHECK(view.view.partial);
	limits = ward_limits_default();
}

static void too_little_memory_is_said(void)
{
	struct view_image image = lighthouse(640, 480);
	ward_bytes bytes = as_jpeg(&image, 90);

	for (uint64_t memory = 1; memory < 640 * 480; memory *= 4) {
		limits.memory_max = memory;
		ward_err err = look_at(bytes, WARD_LEVEL_CLEAR);

		CHECK(err == WARD_E_LIMIT || err == WARD_E_NOMEM);
		CHECK(error.message[0] != 0);
	}
	limits = ward_limits_default();
	view_image_free(&image);
}

static void a_buffer_that_is_full_is_a_limit(void)
{
	struct view_image image = lighthouse(640, 480);
	ward_view_level levels[2] = { WARD_LEVEL_REDUCED, WARD_LEVEL_CLEAR };

	for (int i = 0; i < 2; i++) {
		const struct ward_decode_options options = { .limits = limits,
			.view = { .level = levels[i] } };
		ward_bytes bytes = as_pnm(&image);
		struct ward_buf small;

		ward_buf_init(&small, 1000);
		CHECK_EQ(decode_view(WARD_MEDIA_PNM, bytes, &options, &view, &small, &error),
				WARD_E_LIMIT);
		ward_buf_free(&small);
	}
	view_image_free(&image);
}

static const struct test_case cases[] = {
	{ "a view is no larger than its level allows", a_view_is_no_larger_than_its_level_allows },
	{ "a small picture is not enlarged", a_small_picture_is_not_enlarged },
	{ "options that make no sense are refused", options_that_make_no_sense_are_refused },
	{ "levels below four are grey, whatever is asked",
			levels_below_four_are_grey_whatever_is_asked },
	{ "a mosaic has sixteen tiles along its longer side",
			a_mosaic_has_sixteen_tiles_along_its_longer_side },
	{ "a blurred view has no step between neighbours",
			a_blurred_view_has_no_step_between_neighbours },
	{ "each step shows more than the one below", each_step_shows_more_than_the_one_below },
	{ "a scaled decode shows what a full one does",
			a_scaled_decode_shows_what_a_full_one_does },
	{ "a disc is clear and the rest is not", a_disc_is_clear_and_the_rest_is_not },
	{ "hidden colour is never shown", hidden_colour_is_never_shown },
	{ "a view holds no run of the original and no metadata",
			a_view_holds_no_run_of_the_original_and_no_metadata },
	{ "a turned picture is shown upright", a_turned_picture_is_shown_upright },
	{ "an animation is a sheet of nine, from first to last",
			an_animation_is_a_sheet_of_nine_from_first_to_last },
	{ "a sheet keeps to its level's size", a_sheet_keeps_to_its_levels_size_and_detail },
	{ "a damaged picture is shown as far as it goes",
			a_damaged_picture_is_shown_as_far_as_it_goes },
	{ "more frames than allowed are a partial view",
			more_frames_than_allowed_are_a_partial_view },
	{ "too little memory is said", too_little_memory_is_said },
	{ "a buffer that is full is a limit", a_buffer_that_is_full_is_a_limit },
};

int main(void)
{
	limits = ward_limits_default();
	ward_buf_init(&file, 1);
	ward_buf_init(&encoded, 1);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_buf_free(&file);
	ward_buf_free(&encoded);
	collect_clear(&shown);
	return failed;
}
