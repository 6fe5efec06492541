#include "seal/pair.h"

#include "base/file.h"
#include "base/test.h"
#include "base/test_folder.h"

static void a_key_is_read_as_it_was_written(void)
{
	uint8_t key[PAIR_KEY], again[PAIR_KEY];
	char line[PAIR_LINE];
	struct ward_error error;

	for (uint8_t i = 0; i < PAIR_KEY; i++)
		key[i] = (uint8_t)(7 * i);
	pair_public_format(key, line);
	CHECK(pair_public_parse(ward_str_from(line), again));
	CHECK(memcmp(key, again, PAIR_KEY) == 0);
	fresh_folder();
	pair_secret_format(key, line);
	CHECK_EQ(file_replace(in_folder("key"), (ward_bytes){ (const uint8_t *)line, strlen(line) },
				 0600, &error),
			WARD_OK);
	memset(again, 0, sizeof(again));
	CHECK_EQ(pair_secret_read(in_folder("key"), again, &error), WARD_OK);
	CHECK(memcmp(key, again, PAIR_KEY) == 0);
}

static void one_half_is_not_taken_for_the_other(void)
{
	uint8_t key[PAIR_KEY] = { 1 }, again[PAIR_KEY];
	char line[PAIR_LINE];
	struct ward_error error;

	pair_secret_format(key, line);
	CHECK(!pair_public_parse(ward_str_from(line), again));
	CHECK(!pair_public_parse(WARD_STR("x25519:AAAA"), again));
	fresh_folder();
	pair_public_format(key, line);
	CHECK_EQ(file_replace(in_folder("key"), (ward_bytes){ (const uint8_t *)line, strlen(line) },
				 0600, &error),
			WARD_OK);
	CHECK_EQ(pair_secret_read(in_folder("key"), again, &error), WARD_E_FORMAT);
}

static const struct test_case cases[] = {
	{ "a key is read as it was written", a_key_is_read_as_it_was_written },
	{ "one half is not taken for the other", one_half_is_not_taken_for_the_other },
};
TEST_MAIN(cases)
