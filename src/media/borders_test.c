#include "base/test.h"
#include <ward/media.h>

#include <math.h>
#include <string.h>

#define WIDTH  200
#define HEIGHT 150

static uint8_t pixels[WIDTH * HEIGHT * 3];
static uint32_t state;

static uint32_t any(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static struct ward_image image_of(uint32_t channels)
{
	return (struct ward_image){ pixels, (size_t)WIDTH * channels, WIDTH, HEIGHT, channels };
}

static void fill(const struct ward_image *image, struct ward_rectangle in, const uint8_t *colour,
		uint32_t noise)
{
	for (uint32_t y = in.y; y < in.y + in.height; y++) {
		for (uint32_t x = in.x; x < in.x + in.width; x++) {
			uint8_t *at = pixels + y * image->stride + (size_t)x * image->channels;

			for (uint32_t c = 0; c < image->channels; c++)
				at[c] = colour ? (uint8_t)(colour[c] + any(noise + 1))
					       : (uint8_t)any(256);
		}
	}
}

static const struct ward_rectangle whole = { 0, 0, WIDTH, HEIGHT };

static void finds_random_borders_exactly(void)
{
	for (uint32_t seed = 0; seed < 300; seed++) {
		struct ward_rectangle in, found = { 0 };
		struct ward_image image = image_of(seed % 2 ? 1 : 3);

		state = seed;
		uint8_t colour[3] = { (uint8_t)any(248), (uint8_t)any(248), (uint8_t)any(248) };
		/* bars above and below, at the sides, or both */
		uint32_t kind = any(3);

		in = whole;
		if (kind != 0) {
			in.x = 4 + any(60);
			in.width = WIDTH - in.x - 4 - any(60);
		}
		if (kind != 1) {
			in.y = 4 + any(50);
			in.height = HEIGHT - in.y - 4 - any(50);
		}
		fill(&image, whole, colour, 7);
		fill(&image, in, NULL, 0);
		CHECK(ward_image_find_inner(&image, &found));
		CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
	}
}

static void finds_none_where_there_are_none(void)
{
	for (uint32_t seed = 0; seed < 100; seed++) {
		struct ward_rectangle found = { 1, 2, 3, 4 };
		struct ward_image image = image_of(seed % 2 ? 1 : 3);

		state = seed;
		fill(&image, whole, NULL, 0);
		CHECK(!ward_image_find_inner(&image, &found));
		CHECK_EQ(found.height, 4);
	}
}

static void finds_a_frame_within_bars_of_another_colour(void)
{
	static const uint8_t black[3] = { 0, 0, 0 }, blue[3] = { 20, 40, 200 };
	const struct ward_rectangle bars = { 0, 20, WIDTH, HEIGHT - 40 };
	const struct ward_rectangle in = { 15, 33, WIDTH - 30, HEIGHT - 66 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, black, 0);
	fill(&image, bars, blue, 0);
	fill(&image, in, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
}

/* A bar on one side, or a sky: which it is cannot be told, and a look-up more does no harm. */
static void cuts_one_side_where_no_two_are_alike(void)
{
	static const uint8_t sky[3] = { 120, 180, 240 }, sand[3] = { 220, 200, 150 };
	const struct ward_rectangle below = { 0, 60, WIDTH, HEIGHT - 60 };
	const struct ward_rectangle between = { 0, 60, WIDTH, 60 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, NULL, 0);
	fill(&image, (struct ward_rectangle){ 0, 0, WIDTH, 60 }, sky, 3);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &below, sizeof(below)), 0);
	fill(&image, (struct ward_rectangle){ 0, 120, WIDTH, 30 }, sand, 3);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &between, sizeof(between)), 0);
}

/* Or a frame around a sky would take the sky along, and what is within would be another picture. */
static void leaves_a_sky_within_a_frame(void)
{
	static const uint8_t black[3] = { 0, 0, 0 }, sky[3] = { 120, 180, 240 };
	const struct ward_rectangle in = { 20, 20, WIDTH - 40, HEIGHT - 40 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, black, 0);
	fill(&image, in, NULL, 0);
	fill(&image, (struct ward_rectangle){ 20, 20, WIDTH - 40, 30 }, sky, 3);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
}

static void passes_words_on_a_bar(void)
{
	static const uint8_t white[3] = { 250, 250, 250 };
	const struct ward_rectangle below = { 0, 50, WIDTH, HEIGHT - 50 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, NULL, 0);
	fill(&image, (struct ward_rectangle){ 0, 0, WIDTH, 50 }, white, 3);
	fill(&image, (struct ward_rectangle){ 20, 10, 150, HEIGHT / 8 }, NULL, 0);
	fill(&image, (struct ward_rectangle){ 20, 35, 150, 12 }, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &below, sizeof(below)), 0);
	/* What is higher than words are is the picture. */
	fill(&image, (struct ward_rectangle){ 0, 10, WIDTH, HEIGHT / 8 + 1 }, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(found.y, 10);
}

/* Even lines of the bars' colour not far behind an edge are no more of the bar. */
static void leaves_a_dark_stripe_of_a_picture_between_bars(void)
{
	static const uint8_t black[3] = { 0, 0, 0 };
	const struct ward_rectangle in = { 0, 20, WIDTH, HEIGHT - 40 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, black, 0);
	fill(&image, in, NULL, 0);
	fill(&image, (struct ward_rectangle){ 0, 32, WIDTH, 3 }, black, 3);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
}

static void leaves_a_thing_on_a_plain_ground(void)
{
	static const uint8_t white[3] = { 245, 245, 245 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found;

	fill(&image, whole, white, 5);
	for (uint32_t y = 0; y < HEIGHT; y++) {
		for (uint32_t x = 0; x < WIDTH; x++) {
			double far = hypot(x - 100.0, y - 75.0);

			if (far < 45)
				fill(&image, (struct ward_rectangle){ x, y, 1, 1 }, NULL, 0);
		}
	}
	CHECK(!ward_image_find_inner(&image, &found));
}

static void passes_specks_and_a_soft_edge(void)
{
	static const uint8_t grey[3] = { 40, 40, 40 }, half[3] = { 70, 70, 70 };
	const struct ward_rectangle in = { 0, 30, WIDTH, HEIGHT - 60 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found = { 0 };

	fill(&image, whole, grey, 6);
	fill(&image, (struct ward_rectangle){ 0, 29, WIDTH, HEIGHT - 58 }, half, 0);
	fill(&image, in, NULL, 0);
	fill(&image, (struct ward_rectangle){ 50, 7, 2, 3 }, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
}

static void leaves_what_is_all_border_or_hardly_a_picture(void)
{
	static const uint8_t red[3] = { 200, 10, 10 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found;

	fill(&image, whole, red, 0);
	CHECK(!ward_image_find_inner(&image, &found));
	fill(&image, (struct ward_rectangle){ 0, 74, WIDTH, 2 }, NULL, 0);
	CHECK(!ward_image_find_inner(&image, &found));
	for (uint32_t side = 0; side <= 20; side++) {
		image.width = side;
		image.height = side ? 1 + 40 / side : 0;
		CHECK(!ward_image_find_inner(&image, &found));
	}
}

static void leaves_a_side_that_is_half_the_picture(void)
{
	static const uint8_t black[3] = { 0, 0, 0 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found;

	fill(&image, whole, black, 0);
	fill(&image, (struct ward_rectangle){ 0, 75, WIDTH, 50 }, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(found.y, 0);
	CHECK_EQ(found.height, 125);
	fill(&image, whole, black, 0);
	fill(&image, (struct ward_rectangle){ 0, 74, WIDTH, 50 }, NULL, 0);
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(found.y, 74);
	CHECK_EQ(found.height, 50);
}

/* 1 of 200 lines above and below would not move a hash. */
static void leaves_a_hairline(void)
{
	static const uint8_t black[3] = { 0, 0, 0 };
	struct ward_image image = image_of(3);
	struct ward_rectangle found;

	fill(&image, whole, black, 0);
	fill(&image, (struct ward_rectangle){ 0, 1, WIDTH, HEIGHT - 2 }, NULL, 0);
	CHECK(!ward_image_find_inner(&image, &found));
}

/* Of whose lines some samples are looked at, and of whose sides every line. */
static void finds_the_borders_of_a_wide_picture(void)
{
	enum { WIDE = 5000, HIGH = 40 };
	static uint8_t wide[WIDE * HIGH];
	const struct ward_image image = { wide, WIDE, WIDE, HIGH, 1 };
	const struct ward_rectangle in = { 301, 7, 4401, 29 };
	struct ward_rectangle found = { 0 };

	state = 1;
	for (uint32_t y = in.y; y < in.y + in.height; y++) {
		for (uint32_t x = in.x; x < in.x + in.width; x++)
			wide[y * WIDE + x] = (uint8_t)(40 + any(200));
	}
	CHECK(ward_image_find_inner(&image, &found));
	CHECK_EQ(memcmp(&found, &in, sizeof(in)), 0);
}

/* Not a byte of it is looked at. */
static void leaves_a_picture_that_would_take_seconds(void)
{
	const struct ward_image image = { pixels, 1 << 14, 1 << 14, (1 << 13) + 1, 1 };
	struct ward_rectangle found;

	CHECK(!ward_image_find_inner(&image, &found));
}

static const struct test_case cases[] = {
	{ "finds random borders exactly", finds_random_borders_exactly },
	{ "finds none where there are none", finds_none_where_there_are_none },
	{ "finds a frame within bars of another colour",
			finds_a_frame_within_bars_of_another_colour },
	{ "cuts one side where no two are alike", cuts_one_side_where_no_two_are_alike },
	{ "leaves a sky within a frame", leaves_a_sky_within_a_frame },
	{ "passes words on a bar", passes_words_on_a_bar },
	{ "leaves a dark stripe of a picture between bars",
			leaves_a_dark_stripe_of_a_picture_between_bars },
	{ "leaves a thing on a plain ground", leaves_a_thing_on_a_plain_ground },
	{ "passes specks and a soft edge", passes_specks_and_a_soft_edge },
	{ "leaves what is all border, or hardly a picture",
			leaves_what_is_all_border_or_hardly_a_picture },
	{ "leaves a side that is half the picture", leaves_a_side_that_is_half_the_picture },
	{ "leaves a hairline", leaves_a_hairline },
	{ "finds the borders of a wide picture", finds_the_borders_of_a_wide_picture },
	{ "leaves a picture that would take seconds", leaves_a_picture_that_would_take_seconds },
};
TEST_MAIN(cases)
