#include "base/test.h"
#include "vault/shares.h"

#include <sodium.h>

static const uint8_t tag[SHARES_TAG] = { 1, 2, 3, 4 };
static uint8_t secret[SHARES_SECRET], joined[SHARES_SECRET];
static struct share shares[SHARES_MAX];
static struct ward_error error;

static void split(unsigned needed, unsigned count)
{
	randombytes_buf(secret, sizeof(secret));
	shares_split(secret, tag, needed, count, shares);
}

/* Takes `needed` of the shares in a random order. */
static void draw(struct share *drawn, unsigned needed, unsigned count)
{
	struct share pool[SHARES_MAX];

	memcpy(pool, shares, sizeof(pool));
	for (unsigned i = 0; i < needed; i++) {
		unsigned at = randombytes_uniform(count - i);

		drawn[i] = pool[at];
		pool[at] = pool[count - i - 1];
	}
}

static void any_needed_of_the_shares_give_the_secret_back(void)
{
	struct share drawn[SHARES_MAX];

	for (unsigned count = 2; count <= SHARES_MAX; count++) {
		for (unsigned needed = 2; needed <= count; needed++) {
			split(needed, count);
			for (int again = 0; again < 3; again++) {
				draw(drawn, needed, count);
				memset(joined, 0, sizeof(joined));
				CHECK_EQ(shares_join(drawn, needed, joined, &error), WARD_OK);
				CHECK(memcmp(joined, secret, sizeof(secret)) == 0);
			}
		}
	}
}

/*
 * One byte of a secret cut into shares of which two are needed: over all
 * values of the coefficient that is drawn, a share takes each value exactly
 * once, whatever the secret is.  So one share says nothing of it.
 */
static void one_share_of_two_fits_every_secret_equally_often(void)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		for (uint8_t x = 1; x <= 5; x++) {
			bool seen[256] = { false };

			for (unsigned drawn = 0; drawn < 256; drawn++) {
				uint8_t coefficients[] = { (uint8_t)byte, (uint8_t)drawn };
				uint8_t value = shares_value(coefficients, 2, x);

				CHECK(!seen[value]);
				seen[value] = true;
			}
		}
	}
}

/* The same of two shares where three are needed: each pair of values exactly once. */
static void two_shares_of_three_fit_every_secret_equally_often(void)
{
	static bool seen[65536];

	for (unsigned byte = 0; byte < 256; byte += 15) {
		memset(seen, 0, sizeof(seen));
		for (unsigned drawn = 0; drawn < 65536; drawn++) {
			uint8_t coefficients[] = { (uint8_t)byte, (uint8_t)drawn,
				(uint8_t)(drawn >> 8) };
			unsigned pair = (unsigned)shares_value(coefficients, 3, 2) << 8 |
					shares_value(coefficients, 3, 7);

			CHECK(!seen[pair]);
			seen[pair] = true;
		}
	}
}

/* What shares_split draws is spread evenly: chi-squared over 256 values, 255 degrees. */
static void shares_of_one_secret_are_spread_evenly(void)
{
	enum { ROUNDS = 4096, DRAWN = ROUNDS * SHARES_SECRET };
	static unsigned counts[256];
	double chi = 0, expected = DRAWN / 256.0;

	memset(secret, 0, sizeof(secret));
	for (int i = 0; i < ROUNDS; i++) {
		shares_split(secret, tag, 2, 3, shares);
		for (int at = 0; at < SHARES_SECRET; at++)
			counts[shares[1].bytes[at]]++;
	}
	for (int i = 0; i < 256; i++)
		chi += (counts[i] - expected) * (counts[i] - expected) / expected;
	printf("# chi-squared %.1f of 255 degrees\n", chi);
	CHECK(chi > 140 && chi < 400); /* once in a thousand million tests by chance */
}

static void too_few_twice_the_same_and_mixed_shares_are_refused(void)
{
	struct share one[3];

	split(3, 5);
	memset(joined, 7, sizeof(joined));
	CHECK_EQ(shares_join(shares, 0, joined, &error), WARD_E_ARGUMENT);
	CHECK_EQ(shares_join(shares, 2, joined, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "3 shares are needed, and 2 are given");
	one[0] = one[1] = shares[0];
	one[2] = shares[1];
	CHECK_EQ(shares_join(one, 3, joined, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "share 1 is given twice");
	memcpy(one, shares, sizeof(one));
	one[2].tag[0] ^= 1;
	CHECK_EQ(shares_join(one, 3, joined, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "these shares are of more than one key");
	CHECK_EQ(joined[0], 7);
}

static void a_wrong_share_among_more_than_needed_is_noticed(void)
{
	split(2, 5);
	CHECK_EQ(shares_join(shares, 5, joined, &error), WARD_OK);
	CHECK(memcmp(joined, secret, sizeof(secret)) == 0);
	for (int n = 0; n < 5; n++) {
		shares[n].bytes[9] ^= 4;
		CHECK_EQ(shares_join(shares, 5, joined, &error), WARD_E_DENIED);
		shares[n].bytes[9] ^= 4;
	}
}

static void shares_that_are_printed_are_read_again(void)
{
	char text[SHARE_TEXT_MAX], typed[2 * SHARE_TEXT_MAX];
	struct share read;

	for (int i = 0; i < 500; i++) {
		split(2, 9);
		share_format(&shares[i % 9], text);
		CHECK_EQ(share_parse(ward_str_from(text), &read, &error), WARD_OK);
		CHECK(memcmp(&read, &shares[i % 9], sizeof(read)) == 0);
	}
	/* By hand: without numbers, in capitals, with hyphens, under a heading. */
	snprintf(typed, sizeof(typed), "# ward share 5, for the safe\n\n%s\r\n", text);
	for (char *at = strchr(typed, '1') - 0; *at; at++) {
		if (*at == ' ' && at[1] > '9')
			*at = '-';
		else if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	}
	CHECK_EQ(share_parse(ward_str_from(typed), &read, &error), WARD_OK);
	CHECK(memcmp(read.bytes, shares[499 % 9].bytes, sizeof(read.bytes)) == 0);
}

static void a_slip_in_a_share_is_told_with_its_line(void)
{
	char text[SHARE_TEXT_MAX], want[64];
	struct share read;
	int told = 0, slips = 0;

	split(2, 3);
	share_format(&shares[0], text);
	for (char *at = text; *at; at++) {
		char was = *at;
		long line = 1;

		if (was < 'a' || was > 'z')
			continue;
		for (const char *before = text; before < at; before++)
			line += *before == '\n';
		*at = strchr("aiou", was) ? (was == 'a' ? 'o' : 'a') : (was == 'b' ? 't' : 'b');
		ward_err err = share_parse(ward_str_from(text), &read, &error);

		snprintf(want, sizeof(want), "line %ld ", line);
		CHECK_EQ(err, WARD_E_FORMAT);
		told += strncmp(error.message, want, strlen(want)) == 0;
		slips++;
		*at = was;
	}
	/* A line's check has 8 bits: of 120 slips about one in two tests passes it, and is
	 * caught by the whole's. */
	CHECK_EQ(slips, 120);
	CHECK(told > 110);
}

static void what_is_no_share_is_refused(void)
{
	char text[SHARE_TEXT_MAX];
	struct share read;

	split(2, 3);
	share_format(&shares[0], text);
	CHECK_EQ(share_parse(WARD_STR(""), &read, &error), WARD_E_FORMAT);
	CHECK_EQ(share_parse(WARD_STR("lusab hello"), &read, &error), WARD_E_FORMAT);
	CHECK_STR(error.message, "line 1: word 2 is not one of a share");
	CHECK_EQ(share_parse((ward_str){ text, strlen(text) - 7 }, &read, &error), WARD_E_FORMAT);
	CHECK_STR(error.message, "a share has 24 words, and here are 23");
	CHECK_EQ(share_parse((ward_str){ text, 100000 }, &read, &error), WARD_E_LIMIT);
	text[0] = 'a';
	CHECK_EQ(share_parse(ward_str_from(text), &read, &error), WARD_E_FORMAT);
}

static const struct test_case cases[] = {
	{ "any needed of the shares give the secret back",
			any_needed_of_the_shares_give_the_secret_back },
	{ "one share of two fits every secret equally often",
			one_share_of_two_fits_every_secret_equally_often },
	{ "two shares of three fit every secret equally often",
			two_shares_of_three_fit_every_secret_equally_often },
	{ "shares of one secret are spread evenly", shares_of_one_secret_are_spread_evenly },
	{ "too few, twice the same, and mixed shares are refused",
			too_few_twice_the_same_and_mixed_shares_are_refused },
	{ "a wrong share among more than needed is noticed",
			a_wrong_share_among_more_than_needed_is_noticed },
	{ "shares that are printed are read again", shares_that_are_printed_are_read_again },
	{ "a slip in a share is told with its line", a_slip_in_a_share_is_told_with_its_line },
	{ "what is no share is refused", what_is_no_share_is_refused },
};
TEST_MAIN(cases)
