/* PDQ: the constants, the rules for odd sizes, and every code against the plain one. */
#include "base/test.h"
#include "hash/pdq_code.h"
#include "hash/pdq_dct.h"
#include "hash/pdq_reduced.h"

#include <math.h>

#define PIXELS_MAX (4200 * 1100)

static uint8_t pixels[PIXELS_MAX * 3];

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* A lighthouse of sorts: sky, sea, a tower, its beam, and noise, in any size. */
static struct ward_image draw(uint32_t width, uint32_t height, uint32_t channels, size_t stride,
		uint32_t seed)
{
	uint32_t shift = next(&seed) % 97, noise = 1 + next(&seed) % 60;

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			bool tower = x * 8 > width * 3 && x * 8 < width * 4 && y * 4 > height;
			bool sea = y * 3 > height * 2;
			uint32_t base = tower ? (y / 9 % 2 ? 230 : 40) : sea ? 70 : 150;
			uint8_t *at = pixels + y * stride + (size_t)x * channels;

			for (uint32_t c = 0; c < channels; c++)
				at[c] = (uint8_t)(base + c * shift / 3 + x * y / 700 % 50 +
						  next(&seed) % noise);
		}
	}
	return (struct ward_image){ pixels, stride, width, height, channels };
}

static void constants_are_what_the_formula_says(void)
{
	const double pi = 3.14159265358979323846;
	double scale = (double)(float)sqrt(2.0 / 64);

	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < 64; j++) {
			float want = (float)(scale * cos(((pi / 2) / 64) * (i + 1) * (2 * j + 1)));

			CHECK(want == pdq_dct[i][j]);
		}
	}
}

/* The box filter as its definition has it: four phases over one array. */
static void box_by_the_book(const float *in, float *out, int n, int window)
{
	int half = (window + 2) / 2, r = 0, l = 0, o = 0, count = 0;
	float sum = 0;

	for (int i = 0; i < half - 1; i++, count++)
		sum += in[r++];
	for (int i = 0; i < window - half + 1; i++) {
		sum += in[r++];
		count++;
		out[o++] = sum / (float)count;
	}
	for (int i = 0; i < n - window; i++) {
		sum += in[r++];
		sum -= in[l++];
		out[o++] = sum / (float)count;
	}
	for (int i = 0; i < half - 1; i++) {
		sum -= in[l++];
		count--;
		out[o++] = sum / (float)count;
	}
}

static float whole_picture[700 * 700], turned_picture[700 * 700];

static void boxes_both_ways(int width, int height)
{
	float *a = whole_picture, *b = turned_picture, column[700], filtered[700];

	for (int y = 0; y < height; y++)
		box_by_the_book(a + y * width, b + y * width, width, (width + 127) / 128);
	for (int x = 0; x < width; x++) {
		for (int y = 0; y < height; y++)
			column[y] = b[y * width + x];
		box_by_the_book(column, filtered, height, (height + 127) / 128);
		for (int y = 0; y < height; y++)
			a[y * width + x] = filtered[y];
	}
}

static void plain_code_does_what_the_book_says(void)
{
	static const int sizes[][2] = { { 5, 5 }, { 6, 700 }, { 700, 6 }, { 64, 64 }, { 128, 127 },
		{ 129, 130 }, { 257, 255 }, { 512, 512 }, { 640, 480 }, { 699, 700 } };
	static float scratch[200000];
	struct pdq_small small;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int width = sizes[i][0], height = sizes[i][1];
		struct ward_image image = draw((uint32_t)width, (uint32_t)height, 3,
				(size_t)width * 3, (uint32_t)i);
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

		CHECK(ward_pdq_plain.scratch(&source) <= sizeof(scratch) / sizeof(*scratch));
		ward_pdq_plain.filter(&source, scratch, &small);
		for (int y = 0; y < height; y++)
			ward_pdq_luma(&source, pixels + y * image.stride,
					whole_picture + y * width);
		boxes_both_ways(width, height);
		boxes_both_ways(width, height);
		for (int r = 0; r < 64; r++) {
			for (int c = 0; c < 64; c++) {
				int y = (int)((r + 0.5) * height / 64);
				int x = (int)((c + 0.5) * width / 64);

				CHECK(small.at[r][c] == whole_picture[y * width + x]);
			}
		}
	}
}

static float scratch_memory[2][8 << 20] __attribute__((aligned(64)));

/* True when `code` gives exactly the plain code's small picture, quality and values. */
static bool agrees(const struct pdq_code *code, const struct pdq_source *source)
{
	static struct pdq_small small[2];
	static struct pdq_values values[2];
	const struct pdq_code *codes[2] = { &ward_pdq_plain, code };
	int quality[2];

	for (int i = 0; i < 2; i++) {
		uint64_t floats = codes[i]->scratch(source);

		if (floats > 8 << 20)
			return false;
		/* What the last picture left there must not matter. */
		memset(scratch_memory[i], 0x5a, floats * sizeof(float));
		codes[i]->filter(source, scratch_memory[i], &small[i]);
		quality[i] = codes[i]->quality(&small[i]);
		codes[i]->dct(&small[i], &values[i]);
	}
	return quality[0] == quality[1] && memcmp(&small[0], &small[1], sizeof(small[0])) == 0 &&
	       memcmp(&values[0], &values[1], sizeof(values[0])) == 0;
}

static bool all_agree(const struct pdq_source *source)
{
	const struct pdq_code *codes[PDQ_CODES_MAX];
	int count = ward_pdq_codes(codes);

	for (int i = 0; i + 1 < count; i++) {
		if (!agrees(codes[i], source)) {
			printf("# %s differs at %ux%u, %u channels\n", codes[i]->name,
					(unsigned)source->width, (unsigned)source->height,
					(unsigned)source->image->channels);
			return false;
		}
	}
	return true;
}

static void every_code_agrees_on_drawn_sizes(void)
{
	uint32_t seed = 11;

	for (int i = 0; i < 400; i++) {
		uint32_t width = 5 + next(&seed) % 696, height = 5 + next(&seed) % 696;
		uint32_t channels = next(&seed) % 2 ? 3 : 1;
		size_t stride = (size_t)width * channels + next(&seed) % 40;

		if (i % 4 == 1)
			width = 5 + width % 60;
		if (i % 4 == 2)
			height = 5 + height % 60;
		struct ward_image image = draw(width, height, channels, stride, (uint32_t)i);
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

		CHECK(all_agree(&source));
	}
}

static void every_code_agrees_at_each_small_width(void)
{
	for (uint32_t width = 5; width < 140; width++) {
		struct ward_image image = draw(width, 5 + width % 13, 3, (size_t)width * 3, width);
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

		CHECK(all_agree(&source));
	}
}

static void every_code_agrees_on_tall_wide_and_large_pictures(void)
{
	static const uint32_t sizes[][2] = { { 4000, 1100 }, { 1100, 4000 }, { 60000, 7 },
		{ 7, 60000 }, { 4096, 1024 }, { 2049, 2047 } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (uint32_t channels = 1; channels <= 3; channels += 2) {
			struct ward_image image = draw(sizes[i][0], sizes[i][1], channels,
					(size_t)sizes[i][0] * channels, (uint32_t)i);
			struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

			CHECK(all_agree(&source));
			source.sampled = true;
			source.width = source.height = PDQ_SAMPLED;
			CHECK(all_agree(&source));
		}
	}
}

/* Flat pictures are nothing but rounding residue, so they are the hardest. */
static void every_code_agrees_on_flat_pictures(void)
{
	uint32_t seed = 5;

	for (int i = 0; i < 60; i++) {
		uint32_t side = i % 2 ? 40 + next(&seed) % 100 : 200 + next(&seed) % 800;
		uint8_t colour[3] = { (uint8_t)next(&seed), (uint8_t)next(&seed),
			(uint8_t)next(&seed) };

		for (size_t p = 0; p < (size_t)side * side; p++)
			memcpy(pixels + 3 * p, colour, 3);
		struct ward_image image = { pixels, (size_t)side * 3, side, side, 3 };
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

		CHECK(all_agree(&source));
	}
}

/* A sanitizer or valgrind sees a code that reads one byte too many. */
static void no_code_reads_past_the_last_pixel(void)
{
	uint32_t seed = 21;

	for (int i = 0; i < 60; i++) {
		uint32_t channels = i % 2 ? 3 : 1;
		uint32_t width = 5 + next(&seed) % 600, height = 5 + next(&seed) % 70;
		size_t len = (size_t)width * height * channels;
		uint8_t *exact = malloc(len);
		struct ward_image image =
				draw(width, height, channels, (size_t)width * channels, seed);

		memcpy(exact, pixels, len);
		image.pixels = exact;
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);
		bool ok = all_agree(&source);

		source.sampled = true;
		source.width = source.height = PDQ_SAMPLED;
		ok = ok && all_agree(&source);
		free(exact);
		CHECK(ok);
	}
}

static void grey_and_its_rgb_double_have_one_hash(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	static uint8_t rgb[300 * 200 * 3];
	struct ward_image grey = draw(300, 200, 1, 300, 3);
	struct ward_image colour = { rgb, 900, 300, 200, 3 };
	struct ward_pdq_result a, b;

	for (int i = 0; i < 300 * 200; i++)
		memset(rgb + 3 * i, pixels[i], 3);
	CHECK_EQ(ward_pdq_hash(hasher, &grey, WARD_PDQ_FULL, &a, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_hash(hasher, &colour, WARD_PDQ_FULL, &b, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_distance(a.hash, b.hash), 0);
	CHECK_EQ(a.quality, b.quality);
	/* One pixel of colour, anywhere, and it is a colour picture. */
	for (size_t i = 0; i < sizeof(rgb); i += 1 + i / 9) {
		CHECK(ward_pdq_source(&colour, WARD_PDQ_FULL).weight[0] == 1);
		rgb[i] ^= 1;
		CHECK(ward_pdq_source(&colour, WARD_PDQ_FULL).weight[0] < 1);
		rgb[i] ^= 1;
	}
	ward_pdq_hasher_free(hasher);
}

static void a_side_below_5_gives_zero_unless_it_is_sampled(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_image image = draw(4, 600, 3, 12, 3);
	struct ward_pdq_result result = { .quality = 7 };
	ward_pdq all[WARD_DIHEDRAL_COUNT];
	int quality;

	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &result, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_ones(result.hash), 0);
	CHECK_EQ(result.quality, 0);
	CHECK_EQ(ward_pdq_hash_dihedral(hasher, &image, WARD_PDQ_FULL, all, &quality, NULL),
			WARD_OK);
	CHECK_EQ(ward_pdq_ones(all[5]), 0);
	CHECK_EQ(quality, 0);
	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_512, &result, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_ones(result.hash), 128);
	image.width = image.height = 0;
	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_512, &result, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_ones(result.hash), 0);
	ward_pdq_hasher_free(hasher);
}

static void two_or_four_channels_are_refused(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_image image = draw(40, 40, 3, 160, 3);
	struct ward_pdq_result result = { .quality = 7 };
	struct ward_error error = { 0 };

	image.channels = 4;
	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &result, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "a picture to hash has 1 or 3 channels, not 4");
	CHECK_EQ(result.quality, 7);
	ward_pdq_hasher_free(hasher);
}

/* The single path of the reference takes 64x64 as it is; its dihedral path filters it. */
static void a_64x64_picture_is_its_own_small_picture(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_image image = draw(64, 64, 3, 64 * 3, 9);
	struct pdq_small small;
	struct pdq_values values;
	struct ward_pdq_result result;

	struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_512);

	for (int y = 0; y < 64; y++)
		ward_pdq_luma(&source, pixels + y * image.stride, small.at[y]);
	ward_pdq_plain.dct(&small, &values);
	ward_pdq want = ward_pdq_bits(&values);

	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_512, &result, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_distance(result.hash, want), 0);
	CHECK_EQ(result.quality, ward_pdq_plain.quality(&small));
	ward_pdq_hasher_free(hasher);
}

static void the_first_of_the_8_is_the_hash_itself(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_image image = draw(333, 222, 3, 1000, 9);
	ward_pdq all[WARD_DIHEDRAL_COUNT];
	struct ward_pdq_result result;
	int quality;

	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &result, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_hash_dihedral(hasher, &image, WARD_PDQ_FULL, all, &quality, NULL),
			WARD_OK);
	CHECK_EQ(ward_pdq_distance(result.hash, all[WARD_ORIG]), 0);
	CHECK_EQ(quality, result.quality);
	for (int i = 1; i < WARD_DIHEDRAL_COUNT; i++)
		CHECK(ward_pdq_distance(all[0], all[i]) > 31);
	CHECK_STR(ward_dihedral_name(WARD_ROT270), "rot270");
	ward_pdq_hasher_free(hasher);
}

/* A picture of blocks of one colour each: `blocks` has one pixel a block, the result them all. */
static struct ward_image enlarge(const struct ward_image *blocks, uint32_t scale, uint32_t width,
		uint32_t height)
{
	static uint8_t enlarged[1300 * 1300 * 3];
	uint32_t channels = blocks->channels;
	uint8_t *to = enlarged;

	for (uint32_t y = 0; y < height; y++) {
		const uint8_t *row = blocks->pixels + y / scale * blocks->stride;

		for (uint32_t x = 0; x < width; x++, to += channels)
			memcpy(to, row + (size_t)(x / scale) * channels, channels);
	}
	return (struct ward_image){ enlarged, (size_t)width * channels, width, height, channels };
}

static void a_reduced_picture_has_the_samples_of_the_full_one(void)
{
	static struct pdq_small exact, near;
	uint32_t seed = 31;

	for (int i = 0; i < 60; i++) {
		uint32_t scale = 2u << i % 3, channels = i % 2 ? 3 : 1;
		uint32_t width = 5 + next(&seed) % 1296, height = 5 + next(&seed) % 1296;
		uint32_t small_width = (width + scale - 1) / scale;
		struct ward_image blocks = draw(small_width, (height + scale - 1) / scale, channels,
				(size_t)small_width * channels + i % 5, seed);
		struct ward_image image = enlarge(&blocks, scale, width, height);
		struct ward_reduced_image reduced = { blocks, scale, width, height };
		struct pdq_source source = ward_pdq_source(&image, WARD_PDQ_FULL);

		CHECK(ward_pdq_reduced_scratch(&reduced) <= 8 << 20);
		memset(scratch_memory[0], 0x5a, sizeof(scratch_memory[0]));
		ward_pdq_reduced_filter(&reduced, scratch_memory[0], &near);
		ward_pdq_plain.filter(&source, scratch_memory[1], &exact);
		for (int k = 0; k < PDQ_SIDE * PDQ_SIDE; k++)
			CHECK(fabsf(near.at[k / 64][k % 64] - exact.at[k / 64][k % 64]) < 0.01f);
	}
}

static void a_reduced_picture_has_nearly_the_hash_of_the_full_one(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_image blocks = draw(301, 270, 3, 301 * 3, 5);
	struct ward_image image = enlarge(&blocks, 4, 1203, 1080);
	struct ward_reduced_image reduced = { blocks, 4, 1203, 1080 };
	ward_pdq near_all[WARD_DIHEDRAL_COUNT], exact_all[WARD_DIHEDRAL_COUNT];
	struct ward_pdq_result near, exact;
	int quality;

	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &exact, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_hash_reduced(hasher, &reduced, &near, NULL), WARD_OK);
	CHECK(ward_pdq_distance(near.hash, exact.hash) <= 2);
	CHECK(abs(near.quality - exact.quality) <= 1);
	CHECK_EQ(ward_pdq_hash_dihedral(hasher, &image, WARD_PDQ_FULL, exact_all, &quality, NULL),
			WARD_OK);
	CHECK_EQ(ward_pdq_hash_reduced_dihedral(hasher, &reduced, near_all, &quality, NULL),
			WARD_OK);
	CHECK_EQ(quality, near.quality);
	for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++)
		CHECK(ward_pdq_distance(near_all[i], exact_all[i]) <= 2);
	ward_pdq_hasher_free(hasher);
}

static void a_picture_that_is_not_reduced_has_its_exact_hash(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_reduced_image whole = { draw(333, 222, 3, 1000, 9), 1, 333, 222 };
	struct ward_pdq_result near, exact;

	CHECK_EQ(ward_pdq_hash(hasher, &whole.image, WARD_PDQ_FULL, &exact, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_hash_reduced(hasher, &whole, &near, NULL), WARD_OK);
	CHECK_EQ(ward_pdq_distance(near.hash, exact.hash), 0);
	CHECK_EQ(near.quality, exact.quality);
	ward_pdq_hasher_free(hasher);
}

static void a_reduced_picture_that_cannot_be_is_refused(void)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_reduced_image wrong = { draw(100, 80, 3, 300, 9), 2, 199, 161 };
	struct ward_reduced_image none = { { pixels, 300, 100, 80, 3 }, 0, 100, 80 };
	struct ward_reduced_image tiny = { { pixels, 3, 1, 1, 3 }, 4, 4, 4 };
	struct ward_pdq_result result = { .quality = 7 };
	struct ward_error error = { 0 };

	CHECK_EQ(ward_pdq_hash_reduced(hasher, &wrong, &result, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "a picture of 100x80 is not one of 199x161 reduced to 1/2");
	CHECK_EQ(ward_pdq_hash_reduced(hasher, &none, &result, &error), WARD_E_ARGUMENT);
	CHECK_EQ(result.quality, 7);
	CHECK_EQ(ward_pdq_hash_reduced(hasher, &tiny, &result, &error), WARD_OK);
	CHECK_EQ(ward_pdq_ones(result.hash), 0);
	ward_pdq_hasher_free(hasher);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void a_bit_is_set_above_the_128th_smallest_value(void)
{
	uint32_t seed = 17;

	for (int round = 0; round < 500; round++) {
		struct pdq_values values;
		float sorted[256];

		for (int i = 0; i < 256; i++)
			values.at[i] = (float)((int)(next(&seed) % (round + 2)) - round / 2) / 3;
		memcpy(sorted, &values, sizeof(sorted));
		qsort(sorted, 256, sizeof(float), by_value);
		ward_pdq hash = ward_pdq_bits(&values);

		for (int k = 0; k < 256; k++)
			CHECK_EQ(hash.word[k / 64] >> (k % 64) & 1, values.at[k] > sorted[127]);
	}
}

static void a_code_can_be_chosen_by_name(void)
{
	CHECK(ward_hash_cpu_limit("plain"));
	CHECK_STR(ward_hash_cpu(), "plain");
	CHECK(!ward_hash_cpu_limit("abacus"));
	CHECK(ward_hash_cpu_limit(NULL));
}

static const struct test_case cases[] = {
	{ "the constants are what the formula says", constants_are_what_the_formula_says },
	{ "the plain code does what the book says", plain_code_does_what_the_book_says },
	{ "every code agrees on drawn sizes", every_code_agrees_on_drawn_sizes },
	{ "every code agrees at each small width", every_code_agrees_at_each_small_width },
	{ "every code agrees on tall, wide and large pictures",
			every_code_agrees_on_tall_wide_and_large_pictures },
	{ "every code agrees on flat pictures", every_code_agrees_on_flat_pictures },
	{ "no code reads past the last pixel", no_code_reads_past_the_last_pixel },
	{ "grey and its RGB double have one hash", grey_and_its_rgb_double_have_one_hash },
	{ "a side below 5 gives zero unless it is sampled",
			a_side_below_5_gives_zero_unless_it_is_sampled },
	{ "two or four channels are refused", two_or_four_channels_are_refused },
	{ "a 64x64 picture is its own small picture", a_64x64_picture_is_its_own_small_picture },
	{ "the first of the 8 is the hash itself", the_first_of_the_8_is_the_hash_itself },
	{ "a reduced picture has the samples of the full one",
			a_reduced_picture_has_the_samples_of_the_full_one },
	{ "a reduced picture has nearly the hash of the full one",
			a_reduced_picture_has_nearly_the_hash_of_the_full_one },
	{ "a picture that is not reduced has its exact hash",
			a_picture_that_is_not_reduced_has_its_exact_hash },
	{ "a reduced picture that cannot be is refused",
			a_reduced_picture_that_cannot_be_is_refused },
	{ "a bit is set above the 128th smallest value",
			a_bit_is_set_above_the_128th_smallest_value },
	{ "a code can be chosen by name", a_code_can_be_chosen_by_name },
};
TEST_MAIN(cases)
