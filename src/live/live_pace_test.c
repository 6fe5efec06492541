#include "base/test.h"
#include "live/live_pace.h"

/* 25 pictures a second for so long, each arriving at `wall`. */
static int due_in(struct live_pace *pace, int64_t from_ms, int64_t until_ms, int64_t wall_from)
{
	int due = 0;

	for (int64_t at = from_ms; at < until_ms; at += 40)
		due += live_pace_meet(pace, at, (uint64_t)(wall_from + at - from_ms));
	return due;
}

static void one_picture_of_each_interval_is_due(void)
{
	struct live_pace pace;

	live_pace_begin(&pace, 1000);
	CHECK_EQ(due_in(&pace, 0, 10000, 5000), 10);
	live_pace_begin(&pace, 40);
	CHECK_EQ(due_in(&pace, 0, 10000, 5000), 250);
}

static void time_runs_from_the_first_picture(void)
{
	struct live_pace pace;

	live_pace_begin(&pace, 500);
	CHECK_EQ(due_in(&pace, 7200000, 7203000, 5000), 6);
	CHECK_EQ(pace.last_ms, 2960);
}

static void what_is_due_does_not_shift_with_a_rate_that_does_not_divide(void)
{
	struct live_pace pace;
	int due = 0;

	live_pace_begin(&pace, 1000);
	for (int64_t n = 0; n < 3000; n++)
		due += live_pace_meet(&pace, n * 1001 / 30, (uint64_t)n * 33);
	CHECK_EQ(due, 101);
}

static void a_clock_that_jumps_is_followed(void)
{
	struct live_pace pace;

	live_pace_begin(&pace, 1000);
	CHECK_EQ(due_in(&pace, 0, 5000, 0), 5);
	CHECK_EQ(due_in(&pace, 900000000, 900005000, 5000), 5);
	CHECK_EQ(due_in(&pace, 3000, 8000, 10000), 5);
	CHECK(pace.last_ms > 14000 && pace.last_ms < 15200);
	CHECK_EQ(pace.behind_ms, 0);
	(void)live_pace_meet(&pace, INT64_MAX, 15000);
	(void)live_pace_meet(&pace, INT64_MIN, 15001);
	(void)live_pace_meet(&pace, INT64_MAX, 15002);
	CHECK(pace.last_ms < 15400);
}

static void pieces_that_come_at_once_are_not_behind(void)
{
	struct live_pace pace;

	live_pace_begin(&pace, 1000);
	for (int64_t piece = 0; piece < 60; piece++) {
		for (int64_t at = 0; at < 6000; at += 40)
			(void)live_pace_meet(&pace, piece * 6000 + at,
					(uint64_t)(piece * 6000 + 9000));
	}
	CHECK_EQ(pace.behind_ms, 0);
	CHECK(!pace.hurried);
}

static void a_reader_that_is_too_slow_hurries_until_it_has_caught_up(void)
{
	struct live_pace pace;
	int64_t at = 0, wall = 0;

	live_pace_begin(&pace, 1000);
	/* A tenth too slow, for a minute and a half: nine seconds. */
	for (; at < 90000; at += 40, wall += 44)
		(void)live_pace_meet(&pace, at, (uint64_t)wall);
	CHECK(pace.hurried);
	CHECK(pace.behind_ms > 6000 && pace.behind_ms < 9100);
	/* Twice as fast. */
	for (; at < 140000; at += 40, wall += 20)
		(void)live_pace_meet(&pace, at, (uint64_t)wall);
	CHECK(!pace.hurried);
	CHECK_EQ(pace.behind_ms, 0);
}

static const struct test_case cases[] = {
	{ "one picture of each interval is due", one_picture_of_each_interval_is_due },
	{ "time runs from the first picture", time_runs_from_the_first_picture },
	{ "what is due does not shift with a rate that does not divide",
			what_is_due_does_not_shift_with_a_rate_that_does_not_divide },
	{ "a clock that jumps is followed", a_clock_that_jumps_is_followed },
	{ "pieces that come at once are not behind", pieces_that_come_at_once_are_not_behind },
	{ "a reader that is too slow hurries until it has caught up",
			a_reader_that_is_too_slow_hurries_until_it_has_caught_up },
};
TEST_MAIN(cases)
