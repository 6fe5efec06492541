#include "base/checksum.h"
#include "base/test.h"

/* The algorithm's published values, seed 0. */
static void agrees_with_the_published_values(void)
{
	CHECK(checksum_of("", 0) == 0xef46db3751d8e999);
	CHECK(checksum_of("a", 1) == 0xd24ec4f1a98c6e5b);
	CHECK(checksum_of("abc", 3) == 0x44bc2cf5ad770999);
	CHECK(checksum_of("Nobody inspects the spammish repetition", 39) == 0xfbcea83c8a378bf1);
}

static void does_not_depend_on_how_bytes_arrive(void)
{
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 151 >> 1);
	for (size_t len = 0; len <= sizeof(bytes); len += 7) {
		for (size_t piece = 1; piece < 70; piece += 3) {
			struct checksum sum = checksum_begin();

			for (size_t at = 0; at < len; at += piece)
				checksum_add(&sum, bytes + at, len - at < piece ? len - at : piece);
			CHECK(checksum_end(&sum) == checksum_of(bytes, len));
		}
	}
}

static void one_changed_bit_changes_it(void)
{
	uint8_t bytes[90] = { 0 };
	uint64_t before = checksum_of(bytes, sizeof(bytes));

	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(checksum_of(bytes, sizeof(bytes)) != before);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static const struct test_case cases[] = {
	{ "agrees with the published values", agrees_with_the_published_values },
	{ "does not depend on how bytes arrive", does_not_depend_on_how_bytes_arrive },
	{ "one changed bit changes it", one_changed_bit_changes_it },
};
TEST_MAIN(cases)
