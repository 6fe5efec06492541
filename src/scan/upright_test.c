#include "base/test.h"
#include "scan/upright.h"

/* 3 wide, 2 high, in a row of 4: "abc/def". */
static const uint8_t samples[] = "abc.def.";
static const struct ward_image picture = { samples, 4, 3, 2, 1 };

/* EXIF 2.32: what a viewer shows for each stored orientation. */
static void turns_by_all_eight_orientations(void)
{
	static const char *const shown[] = { "abcdef", "cbafed", "fedcba", "defabc", "adbecf",
		"daebfc", "fcebda", "cfbead" };

	for (uint32_t orientation = 1; orientation <= 8; orientation++) {
		char out[7] = "";
		struct ward_image turned;

		CHECK_EQ(upright_size(&picture), 6);
		upright_turn(&picture, orientation, (uint8_t *)out, &turned);
		CHECK_STR(out, shown[orientation - 1]);
		CHECK_EQ(turned.width, orientation >= 5 ? 2 : 3);
		CHECK_EQ(turned.height, orientation >= 5 ? 3 : 2);
		CHECK(turned.pixels == (uint8_t *)out);
	}
}

static void keeps_the_three_samples_of_a_colour_together(void)
{
	static const uint8_t pair[] = "RGBrgb";
	const struct ward_image colours = { pair, 6, 2, 1, 3 };
	char out[7] = "";
	struct ward_image turned;

	upright_turn(&colours, 2, (uint8_t *)out, &turned);
	CHECK_STR(out, "rgbRGB");
}

static void says_when_a_size_does_not_fit(void)
{
	const struct ward_image huge = { NULL, 0, UINT32_MAX, UINT32_MAX, 3 };

	CHECK(upright_size(&huge) == SIZE_MAX);
}

static const struct test_case cases[] = {
	{ "turns by all eight orientations", turns_by_all_eight_orientations },
	{ "keeps the three samples of a colour together",
			keeps_the_three_samples_of_a_colour_together },
	{ "says when a size does not fit", says_when_a_size_does_not_fit },
};
TEST_MAIN(cases)
