#include "gate/hours.h"

#include <stdlib.h>
#include <time.h>

#include "base/test.h"

enum { MON, TUE, WED, THU, FRI, SAT, SUN };

static struct gate_hours hours_of(const char *days, const char *span)
{
	struct gate_hours hours = { 0 };

	if (!gate_days_read(ward_str_from(days), &hours.days) ||
			(span[0] && !gate_span_read(ward_str_from(span), &hours.from, &hours.to)))
		hours.days = 0xff; /* no test has such a day */
	return hours;
}

static bool at(const struct gate_hours *hours, unsigned day, unsigned hour, unsigned minute)
{
	return gate_hours_hold(hours,
			(struct gate_time){ (uint8_t)day, (uint16_t)(hour * 60 + minute) });
}

static void nothing_said_is_always(void)
{
	struct gate_hours hours = hours_of("", "");

	CHECK(!gate_hours_set(&hours));
	CHECK(at(&hours, MON, 0, 0));
	CHECK(at(&hours, SUN, 23, 59));
}

static void hours_hold_from_their_first_minute_to_before_their_last(void)
{
	struct gate_hours hours = hours_of("mon-fri", "08:00-15:30");

	CHECK(!at(&hours, MON, 7, 59));
	CHECK(at(&hours, MON, 8, 0));
	CHECK(at(&hours, FRI, 15, 29));
	CHECK(!at(&hours, FRI, 15, 30));
	CHECK(!at(&hours, SAT, 10, 0));
}

static void over_midnight_belongs_to_the_day_on_which_it_began(void)
{
	struct gate_hours hours = hours_of("fri", "22:00-06:00");

	CHECK(at(&hours, FRI, 23, 0));
	CHECK(at(&hours, SAT, 5, 59));
	CHECK(!at(&hours, SAT, 6, 0));
	CHECK(!at(&hours, SAT, 22, 30));
	CHECK(!at(&hours, FRI, 5, 0));
	hours = hours_of("sun", "22:00-06:00");
	CHECK(at(&hours, MON, 1, 0));
}

static void days_go_over_the_end_of_the_week(void)
{
	struct gate_hours hours = hours_of("sat-mon, wed", "");

	CHECK(at(&hours, SAT, 1, 0));
	CHECK(at(&hours, SUN, 1, 0));
	CHECK(at(&hours, MON, 1, 0));
	CHECK(!at(&hours, TUE, 1, 0));
	CHECK(at(&hours, WED, 1, 0));
}

static void what_is_no_day_and_no_span_is_refused(void)
{
	static const char *const spans[] = { "", "08:00", "08:00-", "8-9", "08:60-09:00",
		"24:00-06:00", "08:00-08:00", "08:00-25:00", "-1:00-02:00", "08:00-24:01" };
	uint8_t days;
	uint16_t from, to;

	CHECK(!gate_days_read(WARD_STR("monday"), &days));
	CHECK(!gate_days_read(WARD_STR("mon-"), &days));
	CHECK(!gate_days_read(WARD_STR("mon-fri-sun"), &days));
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		CHECK(!gate_span_read(ward_str_from(spans[i]), &from, &to));
}

static void what_is_written_is_read_as_the_same(void)
{
	static const char *const says[] = { "mon-fri 08:00-15:30", "sat sun", "22:00-06:00",
		"mon wed fri-sun 00:00-24:00" };
	struct ward_buf out;

	ward_buf_init(&out, 200);
	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		const char *span = strchr(says[i], ':');
		char days[64] = "";
		struct gate_hours hours;

		span = span ? span - 2 : says[i] + strlen(says[i]);
		memcpy(days, says[i], (size_t)(span - says[i]));
		hours = hours_of(days, span);
		ward_buf_clear(&out);
		gate_hours_write(&hours, &out);
		/* Two days side by side are a span of them. */
		CHECK_STR(ward_buf_text(&out).ptr, i == 1 ? "sat-sun" : says[i]);
	}
	ward_buf_free(&out);
}

static void the_clock_is_the_place_s_own(void)
{
	struct gate_time time;

	setenv("TZ", "UTC0", 1);
	tzset();
	time = gate_time_of(1772323200); /* 2026-03-01T00:00:00Z, a Sunday */
	CHECK_EQ(time.day, SUN);
	CHECK_EQ(time.minute, 0);
	setenv("TZ", "XYZ5", 1); /* five hours behind */
	tzset();
	time = gate_time_of(1772323200);
	CHECK_EQ(time.day, SAT);
	CHECK_EQ(time.minute, 19 * 60);
}

static const struct test_case cases[] = {
	{ "nothing said is always", nothing_said_is_always },
	{ "hours hold from their first minute to before their last",
			hours_hold_from_their_first_minute_to_before_their_last },
	{ "over midnight belongs to the day on which it began",
			over_midnight_belongs_to_the_day_on_which_it_began },
	{ "days go over the end of the week", days_go_over_the_end_of_the_week },
	{ "what is no day and no span is refused", what_is_no_day_and_no_span_is_refused },
	{ "what is written is read as the same", what_is_written_is_read_as_the_same },
	{ "the clock is the place's own", the_clock_is_the_place_s_own },
};
TEST_MAIN(cases)
