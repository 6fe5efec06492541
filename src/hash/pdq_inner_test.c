#include "base/test.h"
#include <ward/hash.h>

#include <string.h>

enum { WIDTH = 1002, HEIGHT = 800, SCALE = 4, TOP = 100, LEFT = 80 };

static uint8_t full[WIDTH * HEIGHT];
static uint8_t quarter[WIDTH * HEIGHT];

/* A picture of tiles within a grey border, 100 above and below, and 80 at the sides with `sides`.
 */
static struct ward_image draw(bool sides)
{
	int left = sides ? LEFT : 0;

	memset(full, 90, sizeof(full));
	for (int y = TOP; y < HEIGHT - TOP; y++) {
		for (int x = left; x < WIDTH - left; x++)
			full[y * WIDTH + x] = (uint8_t)(120 + (x / 53 * 71 + y / 37 * 43) % 131);
	}
	return (struct ward_image){ full, WIDTH, WIDTH, HEIGHT, 1 };
}

/* Each pixel the mean of 4 by 4; fewer at the right edge, where 1002 leaves two. */
static struct ward_reduced_image reduce(void)
{
	uint32_t width = (WIDTH + SCALE - 1) / SCALE, height = HEIGHT / SCALE;

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			unsigned sum = 0, count = 0;

			for (uint32_t i = 0; i < SCALE * SCALE; i++) {
				uint32_t at = x * SCALE + i % SCALE;

				if (at < WIDTH) {
					sum += full[(y * SCALE + i / SCALE) * WIDTH + at];
					count++;
				}
			}
			quarter[y * width + x] = (uint8_t)((sum + count / 2) / count);
		}
	}
	return (struct ward_reduced_image){ { quarter, width, width, height, 1 }, SCALE, WIDTH,
		HEIGHT };
}

static ward_pdq hash(const struct ward_reduced_image *picture)
{
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_pdq_result result = { 0 };

	ward_err err = ward_pdq_hash_reduced(hasher, picture, &result, NULL);

	ward_pdq_hasher_free(hasher);
	test_check(err == WARD_OK, __FILE__, __LINE__, "a picture that can be hashed");
	return result.hash;
}

static void within_borders_is_the_hash_of_the_picture_cropped(void)
{
	static uint8_t cropped[WIDTH * HEIGHT];
	struct ward_reduced_image picture = { draw(true), 1, WIDTH, HEIGHT };
	struct ward_reduced_image inner = { 0 };
	uint32_t width = WIDTH - 2 * LEFT, height = HEIGHT - 2 * TOP;
	struct ward_reduced_image crop = { { cropped, width, width, height, 1 }, 1, width, height };

	for (uint32_t y = 0; y < height; y++)
		memcpy(cropped + (size_t)y * width, full + (size_t)(y + TOP) * WIDTH + LEFT, width);
	CHECK(ward_reduced_image_find_inner(&picture, &inner));
	CHECK_EQ(inner.width, width);
	CHECK_EQ(inner.height, height);
	CHECK_EQ(ward_pdq_distance(hash(&inner), hash(&crop)), 0);
}

static void a_reduced_picture_has_nearly_the_same_within(void)
{
	struct ward_reduced_image picture = { draw(true), 1, WIDTH, HEIGHT };
	struct ward_reduced_image reduced = reduce();
	struct ward_reduced_image exact = { 0 }, near = { 0 };

	CHECK(ward_reduced_image_find_inner(&picture, &exact));
	CHECK(ward_reduced_image_find_inner(&reduced, &near));
	CHECK_EQ(near.scale, SCALE);
	CHECK(ward_pdq_distance(hash(&exact), hash(&near)) <= 10);
}

static void sides_that_reach_the_edge_keep_what_the_scale_leaves_over(void)
{
	struct ward_image image = draw(false);
	struct ward_reduced_image reduced = reduce();
	struct ward_reduced_image inner = { 0 };

	CHECK_EQ(image.width, WIDTH);
	CHECK(ward_reduced_image_find_inner(&reduced, &inner));
	CHECK_EQ(inner.width, WIDTH);
	CHECK_EQ(inner.image.width, (WIDTH + SCALE - 1) / SCALE);
	CHECK_EQ(inner.height, HEIGHT - 2 * TOP);
}

static void says_no_to_a_picture_told_in_two_ways(void)
{
	struct ward_reduced_image picture = { draw(true), 2, WIDTH, HEIGHT };
	struct ward_reduced_image inner;

	CHECK(!ward_reduced_image_find_inner(&picture, &inner));
}

static const struct test_case cases[] = {
	{ "within borders is the hash of the picture cropped",
			within_borders_is_the_hash_of_the_picture_cropped },
	{ "a reduced picture has nearly the same within",
			a_reduced_picture_has_nearly_the_same_within },
	{ "sides that reach the edge keep what the scale leaves over",
			sides_that_reach_the_edge_keep_what_the_scale_leaves_over },
	{ "says no to a picture told in two ways", says_no_to_a_picture_told_in_two_ways },
};
TEST_MAIN(cases)
