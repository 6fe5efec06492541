#include <sodium.h>

#include "base/test.h"
#include "portal/receipt.h"

static struct ward_arena arena;
static const uint8_t key[32] = { 7 };

static struct receipt receipt_number(unsigned number)
{
	uint8_t form_key[16] = { (uint8_t)number, (uint8_t)(number >> 8) };

	return receipt_make(form_key, key);
}

static bool same(const struct receipt *a, const struct receipt *b)
{
	return memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

static void what_is_told_is_heard_in_every_language(void)
{
	for (unsigned i = 0; i < 2000; i++) {
		const struct language *language = &languages[i % LANGUAGE_COUNT];
		struct receipt told = receipt_number(i), heard[LANGUAGE_COUNT];
		bool found = false;

		ward_arena_init(&arena, 4096);
		size_t count = receipt_hear(receipt_say(&told, language, &arena), heard);

		for (size_t j = 0; j < count; j++)
			found = found || same(&told, &heard[j]);
		ward_arena_free(&arena);
		CHECK(found);
	}
}

static void every_word_of_every_list_is_heard(void)
{
	for (size_t language = 0; language < LANGUAGE_COUNT; language++) {
		for (unsigned i = 0; i < RECEIPT_LIST; i++) {
			struct receipt told, heard[LANGUAGE_COUNT];
			bool found = false;

			for (size_t j = 0; j < RECEIPT_WORDS; j++)
				told.words[j] = (uint16_t)i;
			ward_arena_init(&arena, 4096);
			size_t count = receipt_hear(receipt_say(&told, &languages[language],
								    &arena),
					heard);

			for (size_t j = 0; j < count; j++)
				found = found || same(&told, &heard[j]);
			ward_arena_free(&arena);
			CHECK(found);
		}
	}
}

static void marks_and_capitals_do_not_matter(void)
{
	const struct {
		const char *typed, *as;
	} pairs[] = {
		{ "Apple, BRIDGE-Anchor/violin  stone\tOAK.",
				"apple bridge anchor violin stone oak" },
		{ "ARBRE étoile ETOILE e\xcc\x81toile neige roi",
				"arbre étoile étoile étoile neige roi" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct receipt typed[LANGUAGE_COUNT], as[LANGUAGE_COUNT];
		size_t count = receipt_hear(ward_str_from(pairs[i].as), as);

		CHECK(count > 0);
		CHECK_EQ(receipt_hear(ward_str_from(pairs[i].typed), typed), count);
		CHECK(same(&typed[0], &as[0]));
	}
}

static void six_words_and_no_other_number(void)
{
	struct receipt heard[LANGUAGE_COUNT];

	CHECK_EQ(receipt_hear(WARD_STR(""), heard), 0);
	CHECK_EQ(receipt_hear(WARD_STR("apple apple apple apple apple"), heard), 0);
	CHECK(receipt_hear(WARD_STR("apple apple apple apple apple apple"), heard) > 0);
	CHECK_EQ(receipt_hear(WARD_STR("apple apple apple apple apple apple apple"), heard), 0);
	CHECK_EQ(receipt_hear(WARD_STR("apple apple apple apple apple applf"), heard), 0);
	/* Words of two languages are no receipt. */
	CHECK_EQ(receipt_hear(WARD_STR("apple apple apple apple apple abeille"), heard), 0);
}

static void numbers_are_read_as_they_are_written(void)
{
	struct receipt receipt = receipt_number(5), read;
	char text[RECEIPT_TEXT_MAX];

	CHECK(receipt_from_text(ward_str_from(receipt_format(&receipt, text)), &read));
	CHECK(same(&receipt, &read));
	CHECK(!receipt_from_text(WARD_STR(""), &read));
	CHECK(!receipt_from_text(WARD_STR("001-002-003-004-005"), &read));
	CHECK(!receipt_from_text(WARD_STR("001-002-003-004-005-512"), &read));
	CHECK(!receipt_from_text(WARD_STR("001-002-003-004-005-006-"), &read) ||
			read.words[5] == 6);
	CHECK(!receipt_from_text(WARD_STR("001-002-003-004-005-006-007"), &read));
	CHECK(!receipt_from_text(WARD_STR("1-2-3-4-5-6"), &read));
}

/* 2000 receipts have 12000 words of 512: each is expected 23 times. */
static void words_come_equally_often(void)
{
	static unsigned seen[RECEIPT_LIST];
	unsigned least = 12000, most = 0;

	for (unsigned i = 0; i < 2000; i++) {
		struct receipt receipt = receipt_number(i);

		for (size_t j = 0; j < RECEIPT_WORDS; j++)
			seen[receipt.words[j]]++;
	}
	for (size_t i = 0; i < RECEIPT_LIST; i++) {
		least = seen[i] < least ? seen[i] : least;
		most = seen[i] > most ? seen[i] : most;
	}
	CHECK(least >= 5);
	CHECK(most <= 50);
}

static const struct test_case cases[] = {
	{ "what is told in a language is heard", what_is_told_is_heard_in_every_language },
	{ "every word of every list is heard", every_word_of_every_list_is_heard },
	{ "marks, capitals and what stands between do not matter",
			marks_and_capitals_do_not_matter },
	{ "six known words of one language, no fewer and no more", six_words_and_no_other_number },
	{ "its numbers are read as they are written", numbers_are_read_as_they_are_written },
	{ "words come equally often", words_come_equally_often },
};

int main(void)
{
	return sodium_init() < 0 ? 2 : test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
