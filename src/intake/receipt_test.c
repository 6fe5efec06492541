#include "intake/receipt.h"

#include "base/test.h"
#include "intake/receipt_words.h"

static struct ward_error error;
static const uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE] = { 1, 2, 3 };

enum { COUNT = sizeof(receipt_words) / sizeof(*receipt_words) };

/* True when one becomes the other by one letter more, less or other. */
static bool one_letter_apart(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return strcmp(a, b) == 0 || (*a && strcmp(a + 1, b) == 0) ||
	       (*b && strcmp(a, b + 1) == 0) || (*a && *b && strcmp(a + 1, b + 1) == 0);
}

static void words_cannot_be_taken_for_each_other(void)
{
	CHECK_EQ(COUNT, 1024);
	for (size_t i = 0; i < COUNT; i++) {
		const char *word = receipt_words[i];

		CHECK(strlen(word) >= 4 && strlen(word) <= 8);
		CHECK_EQ(strspn(word, "abcdefghijklmnopqrstuvwxyz"), strlen(word));
		CHECK(i == 0 || strncmp(receipt_words[i - 1], word, 4) < 0);
		for (size_t j = 0; j < i; j++)
			CHECK(!one_letter_apart(receipt_words[j], word));
	}
}

static void six_words_are_sixty_bits(void)
{
	char first[INTAKE_RECEIPT_TEXT_MAX], other[INTAKE_RECEIPT_TEXT_MAX];
	uint8_t bytes[8] = { 0 };

	CHECK(strlen(intake_receipt_words(bytes, first)) < INTAKE_RECEIPT_TEXT_MAX - 1);
	/* The four highest bits are left out; each other one changes a word. */
	for (int bit = 0; bit < 64; bit++) {
		bytes[bit / 8] = (uint8_t)(1 << bit % 8);
		intake_receipt_words(bytes, other);
		bytes[bit / 8] = 0;
		CHECK_EQ(strcmp(first, other) != 0, bit / 8 > 0 || bit < 4);
	}
}

static void it_is_heard_however_it_is_said(void)
{
	static const char *const said[] = { "  Abacus ARTISAN beehive, bugle-champion.Crab\n",
		"abac arti beeh bugl cham crab",
		"abacuses artisans beehives bugler champions crab" };
	struct intake_receipt keys, again;

	CHECK_EQ(intake_receipt_keys(WARD_STR("abacus artisan beehive bugle champion crab"), secret,
				 &keys, &error),
			WARD_OK);
	for (size_t i = 0; i < 3; i++) {
		CHECK_EQ(intake_receipt_keys(ward_str_from(said[i]), secret, &again, &error),
				WARD_OK);
		CHECK(memcmp(&keys, &again, sizeof(keys)) == 0);
	}
	CHECK_EQ(intake_receipt_keys(WARD_STR("artisan abacus beehive bugle champion crab"), secret,
				 &again, &error),
			WARD_OK);
	CHECK(memcmp(keys.lookup, again.lookup, 32) != 0);
}

static void another_house_knows_nothing_of_it(void)
{
	static const uint8_t other[INTAKE_RECEIPT_SECRET_SIZE] = { 1, 2, 4 };
	struct intake_receipt ours, theirs;

	CHECK_EQ(intake_receipt_keys(WARD_STR("017-341-002-500-077-123"), secret, &ours, &error),
			WARD_OK);
	CHECK_EQ(intake_receipt_keys(WARD_STR("017-341-002-500-077-123"), other, &theirs, &error),
			WARD_OK);
	CHECK(memcmp(ours.lookup, theirs.lookup, 32) != 0);
	CHECK(memcmp(ours.public_key, theirs.public_key, 32) != 0);
}

static void what_is_no_receipt_is_refused(void)
{
	char longer[INTAKE_RECEIPT_TYPED_MAX + 1];
	struct intake_receipt keys;

	memset(longer, 'a', sizeof(longer));
	CHECK_EQ(intake_receipt_keys(WARD_STR(""), secret, &keys, &error), WARD_E_ARGUMENT);
	CHECK_EQ(intake_receipt_keys(WARD_STR(" -- "), secret, &keys, &error), WARD_E_ARGUMENT);
	CHECK_EQ(intake_receipt_keys((ward_str){ longer, sizeof(longer) }, secret, &keys, &error),
			WARD_E_ARGUMENT);
}

static void what_is_sealed_to_it_is_opened_by_it_alone(void)
{
	struct intake_receipt keys, other;
	uint8_t sealed[8 + INTAKE_RECEIPT_OVERHEAD];
	char text[8];

	CHECK_EQ(intake_receipt_keys(WARD_STR("one"), secret, &keys, &error), WARD_OK);
	CHECK_EQ(intake_receipt_keys(WARD_STR("two"), secret, &other, &error), WARD_OK);
	intake_receipt_seal(keys.public_key, WARD_STR("a bridge"), sealed);
	CHECK(intake_receipt_unseal(&keys, (ward_bytes){ sealed, sizeof(sealed) }, text));
	CHECK(memcmp(text, "a bridge", 8) == 0);
	CHECK(!intake_receipt_unseal(&other, (ward_bytes){ sealed, sizeof(sealed) }, text));
	CHECK(!intake_receipt_unseal(&keys, (ward_bytes){ sealed, 10 }, text));
	sealed[50] ^= 1;
	CHECK(!intake_receipt_unseal(&keys, (ward_bytes){ sealed, sizeof(sealed) }, text));
}

static const struct test_case cases[] = {
	{ "words cannot be taken for each other", words_cannot_be_taken_for_each_other },
	{ "six words are sixty bits", six_words_are_sixty_bits },
	{ "it is heard however it is said", it_is_heard_however_it_is_said },
	{ "another house knows nothing of it", another_house_knows_nothing_of_it },
	{ "what is no receipt is refused", what_is_no_receipt_is_refused },
	{ "what is sealed to it is opened by it alone",
			what_is_sealed_to_it_is_opened_by_it_alone },
};
TEST_MAIN(cases)
