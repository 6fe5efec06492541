/* What the filters leave of a picture, measured. */
#include "decode/view_filter.h"

#include <stdlib.h>

#include "base/test.h"
#include "decode/draw.h"

static struct view_image make(uint32_t width, uint32_t height, uint32_t channels)
{
	struct view_image image;

	if (!view_image_make(&image, width, height, channels))
		abort();
	return image;
}

static struct view_image lighthouse(uint32_t width, uint32_t height, uint32_t channels)
{
	struct view_image image = make(width, height, channels);

	draw_lighthouse(image.pixels, width, height, channels, 3);
	return image;
}

/* Black and white, one pixel each: nothing is finer. */
static struct view_image chequers(uint32_t width, uint32_t height)
{
	struct view_image image = make(width, height, 1);

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++)
			image.pixels[(size_t)y * width + x] = (x + y) % 2 ? 255 : 0;
	}
	return image;
}

static struct ward_image borrow(const struct view_image *image)
{
	return (struct ward_image){ image->pixels, (size_t)image->width * image->channels,
		image->width, image->height, image->channels };
}

/* The largest difference of two neighbours in a row or a column. */
static int steepest(const struct view_image *image)
{
	size_t row = (size_t)image->width * image->channels;
	int most = 0;

	for (uint32_t y = 0; y < image->height; y++) {
		for (size_t x = 0; x < row; x++) {
			const uint8_t *at = image->pixels + y * row + x;
			int right = x + image->channels < row ? abs(at[image->channels] - *at) : 0;
			int below = y + 1 < image->height ? abs(at[row] - *at) : 0;

			most = right > most ? right : most;
			most = below > most ? below : most;
		}
	}
	return most;
}

/* ---- resizing ---- */

/* As it is defined, one sample at a time, in 1/(w*h) of a sample. */
static uint8_t covered_mean(const struct view_image *from, const struct view_image *to, uint32_t x,
		uint32_t y, uint32_t c)
{
	uint64_t sum = 0, area = (uint64_t)from->width * from->height;

	for (uint64_t v = 0; v < from->height; v++) {
		for (uint64_t u = 0; u < from->width; u++) {
			uint64_t left = u * to->width, right = left + to->width;
			uint64_t top = v * to->height, bottom = top + to->height;
			uint64_t x0 = (uint64_t)x * from->width, x1 = x0 + from->width;
			uint64_t y0 = (uint64_t)y * from->height, y1 = y0 + from->height;

			left = left > x0 ? left : x0;
			right = right < x1 ? right : x1;
			top = top > y0 ? top : y0;
			bottom = bottom < y1 ? bottom : y1;
			if (left < right && top < bottom)
				sum += (right - left) * (bottom - top) *
				       from->pixels[(v * from->width + u) * from->channels + c];
		}
	}
	return (uint8_t)((sum + area / 2) / area);
}

static void a_resized_sample_is_the_mean_of_what_it_covers(void)
{
	static const uint32_t sizes[][4] = { { 40, 30, 16, 12 }, { 41, 29, 7, 5 }, { 64, 64, 8, 8 },
		{ 9, 50, 9, 1 }, { 13, 7, 31, 20 }, { 1, 1, 5, 3 }, { 50, 2, 49, 2 } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (uint32_t channels = 1; channels <= 3; channels += 2) {
			struct view_image from = lighthouse(sizes[i][0], sizes[i][1], channels);
			struct view_image to = make(sizes[i][2], sizes[i][3], channels);
			struct ward_image image = borrow(&from);
			size_t at = 0;

			CHECK(view_resize(&image, &to));
			for (uint32_t y = 0; y < to.height; y++) {
				for (uint32_t x = 0; x < to.width; x++) {
					for (uint32_t c = 0; c < channels; c++)
						CHECK_EQ(to.pixels[at++],
								covered_mean(&from, &to, x, y, c));
				}
			}
			view_image_free(&from);
			view_image_free(&to);
		}
	}
}

static void a_picture_fits_its_box_and_is_never_enlarged(void)
{
	static const uint32_t wants[][4] = { { 4000, 3000, 1024, 768 }, { 3000, 4000, 768, 1024 },
		{ 100, 80, 100, 80 }, { 1, 100000, 1, 1024 }, { 100000, 1, 1024, 1 },
		{ 1025, 1025, 1024, 1024 } };

	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		uint32_t width = wants[i][0], height = wants[i][1];

		view_fit(&width, &height, 1024, 1024);
		CHECK_EQ(width, wants[i][2]);
		CHECK_EQ(height, wants[i][3]);
	}
}

/* ---- levels ---- */

static void a_mosaics_tiles_are_constant_and_mean_what_they_cover(void)
{
	struct view_image image = lighthouse(200, 150, 1), before = lighthouse(200, 150, 1);

	view_mosaic(&image, 13);
	for (uint32_t top = 0; top < 150; top += 13) {
		for (uint32_t left = 0; left < 200; left += 13) {
			unsigned sum = 0, count = 0, first = image.pixels[top * 200 + left];

			for (uint32_t y = top; y < top + 13 && y < 150; y++) {
				for (uint32_t x = left; x < left + 13 && x < 200; x++) {
					CHECK_EQ(image.pixels[y * 200 + x], first);
					sum += before.pixels[y * 200 + x];
					count++;
				}
			}
			CHECK_EQ(first, (sum + count / 2) / count);
		}
	}
	view_image_free(&image);
	view_image_free(&before);
}

static void a_blur_leaves_no_step_between_neighbours(void)
{
	static const double sigmas[] = { 3, 6, 12, 24, 48, 256 };

	for (size_t i = 0; i < sizeof(sigmas) / sizeof(*sigmas); i++) {
		struct view_image images[2] = { chequers(640, 480), lighthouse(640, 480, 3) };
		int bound = (int)(255 / (sigmas[i] * 1.7)) + 3;

		for (int j = 0; j < 2; j++) {
			int before = steepest(&images[j]);

			CHECK(view_blur(&images[j], sigmas[i]));
			printf("# sigma %3.0f, picture %d: neighbours differ by %d, before by %d\n",
					sigmas[i], j, steepest(&images[j]), before);
			CHECK(before > 100);
			CHECK(steepest(&images[j]) <= bound);
			view_image_free(&images[j]);
		}
	}
}

static void nothing_is_left_of_the_finest_pattern(void)
{
	struct view_image image = chequers(640, 480);

	CHECK(view_blur(&image, 3));
	/* At the border one colour is repeated. */
	for (uint32_t y = 0; y < 480; y++) {
		for (uint32_t x = 0; x < 640; x++) {
			bool inside = x > 12 && y > 12 && x < 627 && y < 467;
			int grey = image.pixels[(size_t)y * 640 + x];

			CHECK(abs(grey - 128) <= (inside ? 2 : 32));
		}
	}
	view_image_free(&image);
}

/* A step becomes the sum of a bell curve, whose width is seen in its slopes. */
static void three_boxes_are_as_wide_as_the_curve_they_stand_for(void)
{
	for (int sigma = 4; sigma <= 64; sigma *= 2) {
		struct view_image image = make(1024, 1, 1);
		double sum = 0, mean = 0, square = 0;

		for (int x = 0; x < 1024; x++)
			image.pixels[x] = x < 512 ? 0 : 255;
		CHECK(view_blur(&image, sigma));
		for (int x = 0; x < 1023; x++) {
			double slope = image.pixels[x + 1] - image.pixels[x];

			sum += slope;
			mean += slope * x;
			square += slope * x * x;
		}
		mean /= sum;
		double variance = square / sum - mean * mean;

		printf("# sigma %d: variance %.1f, wanted %d\n", sigma, variance, sigma * sigma);
		CHECK_EQ((int)sum, 255);
		CHECK(variance > 0.97 * sigma * sigma && variance < 1.2 * sigma * sigma + 1);
		view_image_free(&image);
	}
}

static void a_blur_of_an_even_picture_changes_nothing(void)
{
	for (int value = 0; value < 256; value++) {
		struct view_image image = make(33, 21, 1);

		memset(image.pixels, value, 33 * 21);
		CHECK(view_blur(&image, 7));
		for (int i = 0; i < 33 * 21; i++)
			CHECK_EQ(image.pixels[i], value);
		view_image_free(&image);
	}
}

static void reduced_detail_is_a_few_greys_and_no_texture(void)
{
	struct view_image image = lighthouse(1024, 768, 1), texture = chequers(1024, 768);
	bool seen[256] = { false };
	int greys = 0;

	CHECK(view_reduce(&image, 4) && view_reduce(&texture, 4));
	for (size_t i = 0; i < 1024 * 768; i++)
		seen[image.pixels[i]] = true;
	for (int i = 0; i < 256; i++)
		greys += seen[i];
	CHECK(greys >= 3 && greys <= VIEW_GREYS + 1);
	CHECK(seen[0]); /* the tower has edges */
	/* A grey of 127 or 128 may fall on either side of a boundary, but makes no edge. */
	for (size_t i = 0; i < 1024 * 768; i++)
		CHECK(texture.pixels[i] == 125 || texture.pixels[i] == 190);
	view_image_free(&image);
	view_image_free(&texture);
}

static void grey_weighs_colours_as_eyes_do(void)
{
	struct view_image image = make(4, 1, 3);
	static const uint8_t colours[12] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9 };

	memcpy(image.pixels, colours, 12);
	view_to_grey(&image);
	CHECK_EQ(image.channels, 1);
	CHECK_EQ(image.pixels[0], 76);
	CHECK_EQ(image.pixels[1], 150);
	CHECK_EQ(image.pixels[2], 29);
	CHECK_EQ(image.pixels[3], 9);
	view_image_free(&image);
}

/* Rows of numbers, stored the way each orientation says, come out as 0 1 2 / 3 4 5. */
static void each_orientation_is_turned_upright(void)
{
	static const uint8_t stored[9][6] = { [1] = { 0, 1, 2, 3, 4, 5 },
		[2] = { 2, 1, 0, 5, 4, 3 },
		[3] = { 5, 4, 3, 2, 1, 0 },
		[4] = { 3, 4, 5, 0, 1, 2 },
		[5] = { 0, 3, 1, 4, 2, 5 },
		[6] = { 2, 5, 1, 4, 0, 3 },
		[7] = { 5, 2, 4, 1, 3, 0 },
		[8] = { 3, 0, 4, 1, 5, 2 } };

	for (uint32_t orientation = 1; orientation <= 8; orientation++) {
		struct view_image image = orientation < 5 ? make(3, 2, 1) : make(2, 3, 1);

		memcpy(image.pixels, stored[orientation], 6);
		CHECK(view_turn(&image, orientation));
		CHECK_EQ(image.width, 3);
		for (int i = 0; i < 6; i++)
			CHECK_EQ(image.pixels[i], i);
		view_image_free(&image);
	}
}

static void a_disc_is_round_and_ends_at_the_border(void)
{
	struct view_image black = make(20, 20, 1), white = make(20, 20, 1);
	int copied = 0;

	memset(black.pixels, 0, 400);
	memset(white.pixels, 255, 400);
	view_copy_disc(&black, &white, 0, 19, 5);
	for (int i = 0; i < 400; i++)
		copied += black.pixels[i] == 255;
	CHECK_EQ(copied, 26); /* a quarter of 81 points with their axes */
	view_copy_disc(&black, &white, 4000000000u, 4000000000u, 5);
	view_image_free(&black);
	view_image_free(&white);
}

static const struct test_case cases[] = {
	{ "a resized sample is the mean of what it covers",
			a_resized_sample_is_the_mean_of_what_it_covers },
	{ "a picture fits its box and is never enlarged",
			a_picture_fits_its_box_and_is_never_enlarged },
	{ "a mosaic's tiles are constant, and the mean of what they cover",
			a_mosaics_tiles_are_constant_and_mean_what_they_cover },
	{ "a blur leaves no step between neighbours", a_blur_leaves_no_step_between_neighbours },
	{ "a blur leaves nothing of the finest pattern", nothing_is_left_of_the_finest_pattern },
	{ "three boxes are as wide as the curve they stand for",
			three_boxes_are_as_wide_as_the_curve_they_stand_for },
	{ "a blur of an even picture changes nothing", a_blur_of_an_even_picture_changes_nothing },
	{ "reduced detail is a few greys and no texture",
			reduced_detail_is_a_few_greys_and_no_texture },
	{ "grey weighs colours as eyes do", grey_weighs_colours_as_eyes_do },
	{ "each orientation is turned upright", each_orientation_is_turned_upright },
	{ "a disc is round and ends at the border", a_disc_is_round_and_ends_at_the_border },
};
TEST_MAIN(cases)
