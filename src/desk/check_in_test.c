/* What a person says to themselves stays theirs. */
#include "desk/check_in.h"

#include <sodium.h>

#include "desk/desk_test.h"

static uint8_t public_key[CHECK_IN_KEY], secret_key[CHECK_IN_KEY];

static void make_keys(void)
{
	if (sodium_init() < 0 || crypto_box_keypair(public_key, secret_key) != 0)
		abort();
}

static ward_err say(struct store_tx *tx, const char *person, const char *words)
{
	char id[ID_TEXT_MAX];

	return check_in_add(tx, ward_str_from(person), public_key, ward_str_from(words), id,
			&error);
}

static void answers_are_read_with_the_persons_own_key_alone(struct store_tx *tx)
{
	static const char words[] = "slept well; a walk by the lighthouse; fine";
	uint8_t other_public[CHECK_IN_KEY], other_secret[CHECK_IN_KEY];
	struct check_ins list = { .count = 9 };
	struct ward_buf answers;

	make_keys();
	crypto_box_keypair(other_public, other_secret);
	ward_buf_init(&answers, CHECK_IN_BYTES_MAX);
	CHECK_EQ(say(tx, "p-anna", words), WARD_OK);
	CHECK_EQ(check_in_list(tx, WARD_STR("p-anna"), 10, &arena, &list, &error), WARD_OK);
	CHECK_EQ(list.count, 1);
	CHECK_EQ(list.at[0].at, clock_now());
	for (size_t at = 0; at + 5 <= list.at[0].sealed.len; at++)
		CHECK(memcmp(list.at[0].sealed.ptr + at, words, 5) != 0);
	CHECK_EQ(check_in_open(list.at[0].sealed, other_public, other_secret, &answers, &error),
			WARD_E_DENIED);
	CHECK_EQ(check_in_open(list.at[0].sealed, public_key, secret_key, &answers, &error),
			WARD_OK);
	CHECK(ward_str_eq(ward_buf_text(&answers), ward_str_from(words)));
	ward_buf_free(&answers);
}

static void a_changed_byte_opens_nothing(struct store_tx *tx)
{
	struct check_ins list = { .count = 9 };
	struct ward_buf answers;
	uint8_t copy[256];

	make_keys();
	ward_buf_init(&answers, CHECK_IN_BYTES_MAX);
	CHECK_EQ(say(tx, "p-anna", "fine"), WARD_OK);
	CHECK_EQ(check_in_list(tx, WARD_STR("p-anna"), 10, &arena, &list, &error), WARD_OK);
	ward_bytes sealed = list.at[0].sealed;

	CHECK(sealed.len <= sizeof(copy));
	for (size_t i = 0; i < sealed.len; i++) {
		memcpy(copy, sealed.ptr, sealed.len);
		copy[i] ^= 1;
		CHECK_EQ(check_in_open((ward_bytes){ copy, sealed.len }, public_key, secret_key,
					 &answers, &error),
				WARD_E_DENIED);
	}
	for (size_t len = 0; len < sealed.len; len++)
		CHECK_EQ(check_in_open((ward_bytes){ sealed.ptr, len }, public_key, secret_key,
					 &answers, &error),
				WARD_E_DENIED);
	ward_buf_free(&answers);
}

static void nobody_sees_anothers(struct store_tx *tx)
{
	struct check_ins list = { .count = 9 };
	char id[ID_TEXT_MAX];

	make_keys();
	CHECK_EQ(check_in_add(tx, WARD_STR("p-anna"), public_key, WARD_STR("fine"), id, &error),
			WARD_OK);
	CHECK_EQ(check_in_list(tx, WARD_STR("p-bert"), 10, &arena, &list, &error), WARD_OK);
	CHECK_EQ(list.count, 0);
	CHECK_EQ(check_in_remove(tx, WARD_STR("p-bert"), ward_str_from(id), &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(check_in_remove(tx, WARD_STR("p-anna"), ward_str_from(id), &error), WARD_OK);
	CHECK_EQ(say(tx, "p-anna", ""), WARD_E_ARGUMENT);
}

static void a_number_is_told_of_five_people_and_of_a_week_that_is_over(struct store_tx *tx)
{
	int64_t week = check_in_week(clock_now()), people = -1;
	bool told = true;
	char person[16];

	make_keys();
	for (int i = 0; i < 4; i++) {
		snprintf(person, sizeof(person), "p-%d", i);
		CHECK_EQ(say(tx, person, "fine"), WARD_OK);
		CHECK_EQ(say(tx, person, "still fine"), WARD_OK); /* one person all the same */
	}
	clock_fake_pass(CHECK_IN_WEEK_S);
	CHECK_EQ(check_in_count(tx, week, &told, &people, &error), WARD_OK);
	CHECK(!told);
	CHECK_EQ(people, 0);
	clock_fake_pass(-CHECK_IN_WEEK_S);
	CHECK_EQ(say(tx, "p-4", "fine"), WARD_OK);
	CHECK_EQ(check_in_count(tx, week, &told, &people, &error), WARD_OK);
	CHECK(!told); /* the week goes on */
	clock_fake_pass(CHECK_IN_WEEK_S);
	CHECK_EQ(check_in_count(tx, week, &told, &people, &error), WARD_OK);
	CHECK(told);
	CHECK_EQ(people, 5);
}

static void once_a_week_it_is_time(struct store_tx *tx)
{
	bool due = false;

	make_keys();
	CHECK_EQ(check_in_due(tx, WARD_STR("p-anna"), &due, &error), WARD_OK);
	CHECK(due);
	CHECK_EQ(say(tx, "p-anna", "fine"), WARD_OK);
	CHECK_EQ(check_in_due(tx, WARD_STR("p-anna"), &due, &error), WARD_OK);
	CHECK(!due);
	clock_fake_pass(CHECK_IN_WEEK_S);
	CHECK_EQ(check_in_due(tx, WARD_STR("p-anna"), &due, &error), WARD_OK);
	CHECK(due);
}

static void a_week_begins_on_monday(void)
{
	int64_t monday = 0;

	CHECK(clock_parse(WARD_STR("2026-11-23"), &monday));
	CHECK_EQ(check_in_week(monday), check_in_week(monday - 1) + 1);
	CHECK_EQ(check_in_week(monday + CHECK_IN_WEEK_S - 1), check_in_week(monday));
	CHECK_EQ(check_in_week(0), 0);
	CHECK_EQ(check_in_week(-3 * 86400), 0);
	CHECK_EQ(check_in_week(-3 * 86400 - 1), -1);
}

#define IN_STORE(name)                    \
	static void name##_in_store(void) \
	{                                 \
		in_store(name);           \
	}
IN_STORE(answers_are_read_with_the_persons_own_key_alone)
IN_STORE(a_changed_byte_opens_nothing)
IN_STORE(nobody_sees_anothers)
IN_STORE(a_number_is_told_of_five_people_and_of_a_week_that_is_over)
IN_STORE(once_a_week_it_is_time)

static const struct test_case cases[] = {
	{ "answers are read with the person's own key alone",
			answers_are_read_with_the_persons_own_key_alone_in_store },
	{ "a changed byte opens nothing", a_changed_byte_opens_nothing_in_store },
	{ "nobody sees another's", nobody_sees_anothers_in_store },
	{ "a number is told of five people, and of a week that is over",
			a_number_is_told_of_five_people_and_of_a_week_that_is_over_in_store },
	{ "once a week it is time", once_a_week_it_is_time_in_store },
	{ "a week begins on Monday", a_week_begins_on_monday },
};
TEST_MAIN(cases)
