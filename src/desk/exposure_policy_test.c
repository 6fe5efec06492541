/* How much a person may be shown, as arithmetic. */
#include "desk/exposure_policy.h"

#include "base/test.h"

#define DAY ((int64_t)86400)

static const struct exposure_amount nothing;
static struct exposure_rules rules;
static struct exposure_person person; /* who has done this work for long */
static int64_t now, today;

static void begin(void)
{
	rules = exposure_rules_default();
	now = 20000 * DAY + 36000;
	today = 20000;
	person = (struct exposure_person){ .started_at = now - 400 * DAY, .day = today };
}

static struct exposure_ask clear_item(bool severe)
{
	return (struct exposure_ask){ .what = EXPOSURE_PICTURE,
		.level = WARD_LEVEL_CLEAR,
		.severe = severe };
}

static enum exposure_why why(const struct exposure_amount *used, struct exposure_ask ask)
{
	return exposure_judge(&rules, &person, now, today, used, &nothing, &ask).why;
}

static void what_is_not_clear_takes_nothing(void)
{
	struct exposure_amount used = { .items = 60, .seconds = 1200, .severe = 15 };

	begin();
	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_SMALL; level++) {
		const struct exposure_ask ask = { .level = (ward_view_level)level, .severe = true };
		struct exposure_answer answer =
				exposure_judge(&rules, &person, now, today, &used, &nothing, &ask);

		CHECK_EQ(answer.why, EXPOSURE_MAY);
		CHECK_EQ(answer.takes.items + answer.takes.seconds + answer.takes.severe, 0);
	}
	CHECK(!exposure_is_clear(&(struct exposure_ask){ .what = EXPOSURE_METADATA,
			.level = WARD_LEVEL_CLEAR }));
	CHECK(exposure_is_clear(&(struct exposure_ask){ .what = EXPOSURE_REVEAL }));
}

static void each_budget_ends_at_its_own_limit(void)
{
	begin();
	CHECK_EQ(why(&(struct exposure_amount){ .items = 59 }, clear_item(false)), EXPOSURE_MAY);
	CHECK_EQ(why(&(struct exposure_amount){ .items = 60 }, clear_item(false)), EXPOSURE_ITEMS);
	CHECK_EQ(why(&(struct exposure_amount){ .seconds = 1199 }, clear_item(false)),
			EXPOSURE_MAY);
	CHECK_EQ(why(&(struct exposure_amount){ .seconds = 1200 }, clear_item(false)),
			EXPOSURE_SECONDS);
	CHECK_EQ(why(&(struct exposure_amount){ .severe = 14 }, clear_item(true)), EXPOSURE_MAY);
	CHECK_EQ(why(&(struct exposure_amount){ .severe = 15 }, clear_item(true)), EXPOSURE_SEVERE);
	CHECK_EQ(why(&(struct exposure_amount){ .severe = 15 }, clear_item(false)), EXPOSURE_MAY);
}

static void an_item_that_counted_does_not_count_again(void)
{
	struct exposure_ask ask = clear_item(true);
	struct exposure_amount used = { .items = 60, .severe = 15, .seconds = 1170 };

	begin();
	ask.counted = ask.severe_counted = true;
	struct exposure_answer answer =
			exposure_judge(&rules, &person, now, today, &used, &nothing, &ask);

	CHECK_EQ(answer.why, EXPOSURE_MAY);
	CHECK_EQ(answer.takes.items, 0);
	CHECK_EQ(answer.takes.severe, 0);
	CHECK_EQ(answer.takes.seconds, 30); /* what is left, and no more */
}

static void a_warning_comes_at_eighty_percent_of_any(void)
{
	begin();
	struct exposure_amount budget = exposure_budget(&rules, &person, today, &nothing);

	CHECK(!exposure_warns(&rules, &(struct exposure_amount){ 47, 959, 11 }, &budget));
	CHECK(exposure_warns(&rules, &(struct exposure_amount){ 48, 0, 0 }, &budget));
	CHECK(exposure_warns(&rules, &(struct exposure_amount){ 0, 960, 0 }, &budget));
	CHECK(exposure_warns(&rules, &(struct exposure_amount){ 0, 0, 12 }, &budget));
	CHECK(!exposure_warns(&rules, &nothing, &nothing));
}

static void three_severe_items_in_a_row_and_then_something_else(void)
{
	begin();
	for (int i = 0; i < 3; i++) {
		struct exposure_ask ask = clear_item(true);
		struct exposure_answer answer = exposure_judge(&rules, &person, now, today,
				&nothing, &nothing, &ask);

		CHECK_EQ(answer.why, EXPOSURE_MAY);
		person.severe_row = answer.severe_row;
	}
	CHECK_EQ(why(&nothing, clear_item(true)), EXPOSURE_ROW);
	struct exposure_ask again = clear_item(true);

	again.again = true; /* the third of them, once more */
	CHECK_EQ(why(&nothing, again), EXPOSURE_MAY);
	const struct exposure_ask other = { .level = WARD_LEVEL_MOSAIC };

	person.severe_row = exposure_judge(&rules, &person, now, today, &nothing, &nothing, &other)
					    .severe_row;
	CHECK_EQ(person.severe_row, 0);
	CHECK_EQ(why(&nothing, clear_item(true)), EXPOSURE_MAY);
}

/* A blurred look at the next severe one does not make it "the same again". */
static void a_severe_item_that_is_not_clear_leaves_the_row_as_it_is(void)
{
	const struct exposure_ask ask = { .level = WARD_LEVEL_BLURRED, .severe = true };

	begin();
	person.severe_row = 3;
	CHECK_EQ(exposure_judge(&rules, &person, now, today, &nothing, &nothing, &ask).severe_row,
			3);
}

static void nothing_severe_in_the_last_hour_of_a_shift(void)
{
	begin();
	person.shift_until = now + 3601;
	CHECK_EQ(why(&nothing, clear_item(true)), EXPOSURE_MAY);
	person.shift_until = now + 3600;
	CHECK_EQ(why(&nothing, clear_item(true)), EXPOSURE_SHIFT);
	CHECK_EQ(why(&nothing, clear_item(false)), EXPOSURE_MAY);
	person.shift_until = now - 10; /* over, and still here */
	CHECK_EQ(why(&nothing, clear_item(true)), EXPOSURE_SHIFT);
}

static void who_is_new_sees_mosaics_and_then_more_each_day(void)
{
	int64_t last = 0;

	begin();
	person.started_at = now;
	for (int64_t day = 0; day < 20; day++) {
		int64_t share = exposure_share(&rules, &person, today + day);

		CHECK_EQ(share == 0, day < 3);
		CHECK(share >= last && share <= 100);
		CHECK_EQ(share == 100, day >= 14);
		last = share;
	}
	CHECK_EQ(exposure_share(&rules, &person, today + 3), 25);
	CHECK_EQ(why(&nothing, clear_item(false)), EXPOSURE_NEW);
	CHECK_EQ(why(&nothing, (struct exposure_ask){ .level = WARD_LEVEL_BLURRED }), EXPOSURE_NEW);
	CHECK_EQ(why(&nothing, (struct exposure_ask){ .what = EXPOSURE_REVEAL }), EXPOSURE_NEW);
	CHECK_EQ(why(&nothing, (struct exposure_ask){ .level = WARD_LEVEL_MOSAIC }), EXPOSURE_MAY);
	rules.shadow_days = rules.ramp_days = 0; /* an operator who does it otherwise */
	CHECK_EQ(exposure_share(&rules, &person, today), 100);
}

static void a_raise_adds_within_its_part_and_not_for_who_is_new(void)
{
	struct exposure_amount more = { .items = 30, .seconds = 600, .severe = 7 };

	begin();
	CHECK(exposure_raise_fits(&rules, &more));
	struct exposure_amount budget = exposure_budget(&rules, &person, today, &more);

	CHECK_EQ(budget.items, 90);
	CHECK_EQ(budget.seconds, 1800);
	CHECK_EQ(budget.severe, 22);
	CHECK(!exposure_raise_fits(&rules, &nothing));
	CHECK(!exposure_raise_fits(&rules, &(struct exposure_amount){ .items = 31 }));
	CHECK(!exposure_raise_fits(&rules, &(struct exposure_amount){ .severe = 8 }));
	CHECK(!exposure_raise_fits(&rules, &(struct exposure_amount){ .items = 9, .seconds = -1 }));
	person.started_at = now;
	CHECK_EQ(exposure_budget(&rules, &person, today, &more).items, 0);
}

static void a_day_begins_when_the_settings_say_and_does_not_go_back(void)
{
	begin();
	CHECK_EQ(exposure_day(&rules, 0), 0);
	CHECK_EQ(exposure_day(&rules, DAY - 1), 0);
	CHECK_EQ(exposure_day(&rules, DAY), 1);
	CHECK_EQ(exposure_day(&rules, -1), -1);
	CHECK_EQ(exposure_day(&rules, -DAY), -1);
	rules.day_start_s = 4 * 3600;
	CHECK_EQ(exposure_day(&rules, DAY + 4 * 3600 - 1), 0);
	CHECK_EQ(exposure_day(&rules, DAY + 4 * 3600), 1);
	rules.day_start_s = 0;
	CHECK_EQ(exposure_day_for(&rules, &person, now + DAY), today + 1);
	CHECK_EQ(exposure_day_for(&rules, &person, now - DAY), today);
	CHECK_EQ(exposure_day_for(&rules, &person, now - 7 * DAY), today);
	CHECK_EQ(exposure_day_for(&rules, &person, now - 8 * DAY), today - 8);
}

static void the_clock_by_which_more_time_has_gone_counts(void)
{
	const struct exposure_moment then = { 1000, 50000 };

	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 1010, 60000 }), 50);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 1010, 60001 }), 49);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 1040, 60000 }), 20);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 1001, 90000 }), 20);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 999, 60000 }), 0);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 2000, 60000 }), 0);
	CHECK_EQ(exposure_left_s(then, 1060, (struct exposure_moment){ 1010, 0 }), 50);
}

static void a_break_is_due_after_three_quarters_of_an_hour_of_work(void)
{
	begin();
	for (int minute = 0; minute < 50; minute++) {
		exposure_at_work(&rules, &person, now);
		CHECK_EQ(now - person.work_since >= rules.break_every_s, minute >= 45);
		now += 60;
	}
	now += 300;
	exposure_at_work(&rules, &person, now); /* five minutes without looking were one */
	CHECK_EQ(person.work_since, now);
}

static void each_reason_has_a_word_and_a_sentence(void)
{
	for (int i = EXPOSURE_MAY; i <= EXPOSURE_SHIFT; i++) {
		CHECK(exposure_why_name((enum exposure_why)i)[0] != 0);
		CHECK(strlen(exposure_why_says((enum exposure_why)i)) > 10);
	}
}

static const struct test_case cases[] = {
	{ "what is not clear takes nothing", what_is_not_clear_takes_nothing },
	{ "each budget ends at its own limit", each_budget_ends_at_its_own_limit },
	{ "an item that counted does not count again", an_item_that_counted_does_not_count_again },
	{ "a warning comes at eighty percent of any budget",
			a_warning_comes_at_eighty_percent_of_any },
	{ "three severe items in a row, and then something else",
			three_severe_items_in_a_row_and_then_something_else },
	{ "a severe item that is not clear leaves the row as it is",
			a_severe_item_that_is_not_clear_leaves_the_row_as_it_is },
	{ "nothing severe in the last hour of a shift",
			nothing_severe_in_the_last_hour_of_a_shift },
	{ "who is new sees mosaics, and then more each day",
			who_is_new_sees_mosaics_and_then_more_each_day },
	{ "a raise adds within its part, and not for who is new",
			a_raise_adds_within_its_part_and_not_for_who_is_new },
	{ "a day begins when the settings say, and does not go back",
			a_day_begins_when_the_settings_say_and_does_not_go_back },
	{ "the clock by which more time has gone counts",
			the_clock_by_which_more_time_has_gone_counts },
	{ "a break is due after three quarters of an hour of work",
			a_break_is_due_after_three_quarters_of_an_hour_of_work },
	{ "each reason has a word and a sentence", each_reason_has_a_word_and_a_sentence },
};
TEST_MAIN(cases)
