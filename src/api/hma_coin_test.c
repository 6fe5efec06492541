/* The expected numbers are what random.Random(seed).random() gives in Python 3.11. */
#include "api/hma_coin.h"
#include "base/test.h"

static const struct {
	const char *seed;
	double coin;
} falls[] = {
	{ "", 0.9602256525641875 },
	{ "a", 0.2720295377534757 },
	{ "42", 0.473659421919327 },
	{ "content-1", 0.07925192725878893 },
	{ "b\xc3\xb4"
	  "at",
			0.27933531644697396 },
};

static void the_coin_falls_as_pythons(void)
{
	char text[3000];

	for (size_t i = 0; i < sizeof(falls) / sizeof(*falls); i++)
		CHECK(hma_coin_of(ward_str_from(falls[i].seed)) == falls[i].coin);
	memset(text, 'x', sizeof(text));
	CHECK(hma_coin_of((ward_str){ text, sizeof(text) }) == 0.47422297912728983);
	CHECK(hma_coin_of((ward_str){ "\0\0\0", 3 }) == 0.482051941648186);
}

static void a_long_seed_is_cut(void)
{
	static char text[10000];

	memset(text, 'x', sizeof(text));
	CHECK(hma_coin_of((ward_str){ text, 9000 }) == hma_coin_of((ward_str){ text, 4096 }));
}

static void without_a_seed_all_sides_come(void)
{
	int low = 0;

	for (int i = 0; i < 1000; i++) {
		double coin = hma_coin();

		CHECK(coin >= 0 && coin < 1);
		low += coin < .5;
	}
	CHECK(low > 350 && low < 650);
}

static const struct test_case cases[] = {
	{ "the coin falls as Python's", the_coin_falls_as_pythons },
	{ "a long seed is cut", a_long_seed_is_cut },
	{ "without a seed all sides come", without_a_seed_all_sides_come },
};
TEST_MAIN(cases)
