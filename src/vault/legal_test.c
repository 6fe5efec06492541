#include "base/clock.h"
#include "base/test.h"
#include "vault/legal.h"

static struct ward_error error;

static int64_t at(const char *text)
{
	int64_t when = -1;

	return clock_parse(ward_str_from(text), &when) ? when : -1;
}

static const char *end_of(const char *start, const char *period)
{
	static char text[CLOCK_TEXT_MAX];
	struct legal_period parsed;

	if (!legal_period_parse(ward_str_from(period), &parsed))
		return "no period";
	return clock_format(legal_period_end(at(start), parsed), text);
}

static void a_period_ends_with_its_last_day(void)
{
	CHECK_STR(end_of("2026-03-01", "P90D"), "2026-05-30T23:59:59Z");
	CHECK_STR(end_of("2026-03-01T17:30:00Z", "P90D"), "2026-05-30T23:59:59Z");
	CHECK_STR(end_of("2026-03-01", "P2W"), "2026-03-15T23:59:59Z");
	CHECK_STR(end_of("2026-03-01", "P6M"), "2026-09-01T23:59:59Z");
	CHECK_STR(end_of("2026-12-15", "P1M"), "2027-01-15T23:59:59Z");
	CHECK_STR(end_of("2026-03-01", "P1Y"), "2027-03-01T23:59:59Z");
	CHECK_STR(end_of("2026-03-01", "P1Y2M3D"), "2027-05-04T23:59:59Z");
}

static void a_month_without_that_day_ends_it(void)
{
	CHECK_STR(end_of("2026-08-31", "P6M"), "2027-02-28T23:59:59Z");
	CHECK_STR(end_of("2027-08-31", "P6M"), "2028-02-29T23:59:59Z");
	CHECK_STR(end_of("2028-02-29", "P1Y"), "2029-02-28T23:59:59Z");
	CHECK_STR(end_of("2028-02-29", "P4Y"), "2032-02-29T23:59:59Z");
	CHECK_STR(end_of("2099-12-31", "P2M"), "2100-02-28T23:59:59Z");
	CHECK_STR(end_of("1999-12-31", "P2M"), "2000-02-29T23:59:59Z");
}

/* Every day of 150 years, by its number and by the calendar of clock.h. */
static void the_calendar_is_that_of_the_clock(void)
{
	struct legal_period none = { 0 };
	char text[CLOCK_TEXT_MAX], next[CLOCK_TEXT_MAX];

	for (int64_t day = 0; day < (int64_t)150 * 366; day++) {
		CHECK_EQ(legal_period_end(day * 86400 + 7, none), day * 86400 + 86399);
		clock_format(day * 86400, text);
		clock_format(legal_period_end(day * 86400, (struct legal_period){ .years = 400 }),
				next);
		CHECK(memcmp(text + 4, next + 4, 6) == 0);
	}
}

static void what_no_calendar_holds_does_not_end(void)
{
	struct legal_period year = { .years = 1 };

	CHECK_EQ(legal_period_end(INT64_MAX, year), INT64_MAX);
	CHECK_EQ(legal_period_end(INT64_MIN, year), at("1971-01-01T23:59:59Z"));
}

static void what_is_no_period_is_refused(void)
{
	static const char *const bad[] = { "", "P", "P1", "1Y", "PD", "P1D1Y", "P1Y1Y", "P-1D",
		"P1H", "PT1H", "P1.5Y", "P201Y", "P99999D", "P123456D", "P1Y ", "p1y" };
	struct legal_period period;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!legal_period_parse(ward_str_from(bad[i]), &period));
}

static void the_table_that_is_shipped_is_good(void)
{
	struct legal *legal;

	CHECK_EQ(legal_default(&legal, &error), WARD_OK);
	const struct legal_clock *clock = legal_find(legal, WARD_STR("us-2703-f"));

	CHECK(clock != NULL);
	CHECK_EQ(clock->keep.days, 90);
	CHECK_EQ(clock->renew.days, 90);
	CHECK(clock->authority);
	clock = legal_find(legal, WARD_STR("us-2258a-h"));
	CHECK(clock && clock->keep.years == 1 && !clock->authority);
	CHECK(legal_find(legal, WARD_STR("us")) == NULL);
	CHECK(strstr(legal_notice(legal), "no legal advice") != NULL);
	for (size_t i = 0; i < legal_count(legal); i++)
		CHECK(strlen(legal_at(legal, i)->source) > 20);
	legal_free(legal);
}

#define HEAD "{\"format\":\"ward.legal-clocks\",\"version\":1,\"notice\":\"n\",\"clocks\":["
#define CLOCK(code, keep)                                                                          \
	"{\"code\":\"" code "\",\"title\":\"t\",\"place\":\"\",\"trigger\":\"x\",\"keep\":\"" keep \
	"\",\"renew\":\"\",\"renewals_max\":0,\"authority\":false,\"source\":\"s\",\"note\":\"\"}"

static void a_mistake_in_a_table_is_told_with_its_clock(void)
{
	struct legal *legal;

	CHECK_EQ(legal_parse(WARD_STR(HEAD CLOCK("own", "P1D") "]}"), &legal, &error), WARD_OK);
	legal_free(legal);
	CHECK_EQ(legal_parse(WARD_STR(HEAD CLOCK("own", "P1D") "," CLOCK("b", "1D") "]}"), &legal,
				 &error),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "clock 2 of the table: \"keep\" is a period as P1Y, P6M or P90D");
	CHECK_EQ(legal_parse(WARD_STR(HEAD CLOCK("own", "P1D") "," CLOCK("own", "P1D") "]}"),
				 &legal, &error),
			WARD_E_FORMAT);
	CHECK_EQ(legal_parse(WARD_STR(HEAD CLOCK("mine", "P1D") "]}"), &legal, &error),
			WARD_E_FORMAT);
	CHECK_EQ(legal_parse(WARD_STR(HEAD CLOCK("OWN", "P1D") "]}"), &legal, &error),
			WARD_E_FORMAT);
	CHECK_EQ(legal_parse(WARD_STR(HEAD "]}"), &legal, &error), WARD_E_FORMAT);
	CHECK_EQ(legal_parse(WARD_STR(HEAD "3]}"), &legal, &error), WARD_E_FORMAT);
	CHECK(legal_parse(WARD_STR("["), &legal, &error) != WARD_OK);
	CHECK_EQ(legal_parse(WARD_STR("{}"), &legal, &error), WARD_E_FORMAT);
}

static const struct test_case cases[] = {
	{ "a period ends with its last day", a_period_ends_with_its_last_day },
	{ "a month without that day ends it", a_month_without_that_day_ends_it },
	{ "the calendar is that of the clock", the_calendar_is_that_of_the_clock },
	{ "what no calendar holds does not end", what_no_calendar_holds_does_not_end },
	{ "what is no period is refused", what_is_no_period_is_refused },
	{ "the table that is shipped is good", the_table_that_is_shipped_is_good },
	{ "a mistake in a table is told with its clock",
			a_mistake_in_a_table_is_told_with_its_clock },
};
TEST_MAIN(cases)
