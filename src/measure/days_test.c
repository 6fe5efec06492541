#include "base/test.h"
#include "measure/days.h"

static int64_t day(const char *text)
{
	int64_t number = -1;

	test_check(measure_day_parse(ward_str_from(text), &number), __FILE__, __LINE__, text);
	return number;
}

static void reads_and_writes_days(void)
{
	char text[MEASURE_DATE_MAX];
	int64_t number;

	CHECK_EQ(day("1970-01-01"), 0);
	CHECK_EQ(day("2026-03-01"), 20513);
	CHECK_STR(measure_day_format(20513, text), "2026-03-01");
	CHECK(!measure_day_parse(WARD_STR("2026-02-30"), &number));
	CHECK(!measure_day_parse(WARD_STR("2026-03-01T00:00:00Z"), &number));
	CHECK(!measure_day_parse(WARD_STR("1969-12-31"), &number));
	CHECK(!measure_day_parse(WARD_STR("2200-01-01"), &number));
	CHECK(!measure_day_parse(WARD_STR(""), &number));
}

static void knows_where_periods_begin_and_end(void)
{
	int64_t leap = day("2028-02-29");

	CHECK_EQ(measure_period_start(MEASURE_DAY, leap), leap);
	CHECK_EQ(measure_period_end(MEASURE_DAY, leap), leap + 1);
	/* A Tuesday. */
	CHECK_EQ(measure_period_start(MEASURE_WEEK, leap), day("2028-02-28"));
	CHECK_EQ(measure_period_end(MEASURE_WEEK, leap), day("2028-03-06"));
	CHECK_EQ(measure_period_start(MEASURE_WEEK, day("2028-02-28")), day("2028-02-28"));
	CHECK_EQ(measure_period_start(MEASURE_MONTH, leap), day("2028-02-01"));
	CHECK_EQ(measure_period_end(MEASURE_MONTH, leap), day("2028-03-01"));
	CHECK_EQ(measure_period_end(MEASURE_MONTH, day("2028-12-31")), day("2029-01-01"));
	CHECK_EQ(measure_period_start(MEASURE_YEAR, leap), day("2028-01-01"));
	CHECK_EQ(measure_period_end(MEASURE_YEAR, leap), day("2029-01-01"));
	CHECK_EQ(measure_period_start(MEASURE_YEAR, day("2028-12-31")), day("2028-01-01"));
}

/* Of every day for two hundred years: periods follow each other and hold their days. */
static void leaves_no_day_out(void)
{
	for (int step = 0; step < MEASURE_STEPS; step++) {
		for (int64_t at = day("1970-01-05"); at < day("2199-12-01"); at += 13) {
			int64_t start = measure_period_start((enum measure_step)step, at);
			int64_t end = measure_period_end((enum measure_step)step, at);

			CHECK(start <= at && at < end);
			CHECK_EQ(measure_period_start((enum measure_step)step, end), end);
			CHECK_EQ(measure_period_end((enum measure_step)step, start), end);
		}
	}
}

static void cuts_the_first_and_the_last_period(void)
{
	struct measure_spans spans;
	struct ward_arena arena;
	size_t index;

	ward_arena_init(&arena, 1 << 20);
	CHECK_EQ(measure_spans_make(MEASURE_MONTH, day("2026-01-20"), day("2026-03-05"), &arena,
				 &spans, NULL),
			WARD_OK);
	CHECK_EQ(spans.count, 3);
	CHECK_EQ(spans.start[0], day("2026-01-20"));
	CHECK_EQ(spans.start[1], day("2026-02-01"));
	CHECK_EQ(spans.start[3], day("2026-03-06"));
	CHECK(measure_spans_find(&spans, day("2026-01-31"), &index) && index == 0);
	CHECK(measure_spans_find(&spans, day("2026-02-01"), &index) && index == 1);
	CHECK(measure_spans_find(&spans, day("2026-03-05"), &index) && index == 2);
	CHECK(!measure_spans_find(&spans, day("2026-03-06"), &index));
	CHECK(!measure_spans_find(&spans, day("2026-01-19"), &index));
	CHECK_EQ(measure_spans_make(MEASURE_DAY, 0, MEASURE_SPANS_MAX - 1, &arena, &spans, NULL),
			WARD_OK);
	CHECK_EQ(spans.count, MEASURE_SPANS_MAX);
	CHECK_EQ(measure_spans_make(MEASURE_DAY, 0, MEASURE_SPANS_MAX, &arena, &spans, NULL),
			WARD_E_LIMIT);
	ward_arena_free(&arena);
}

static const struct test_case cases[] = {
	{ "reads and writes days", reads_and_writes_days },
	{ "knows where periods begin and end", knows_where_periods_begin_and_end },
	{ "leaves no day out", leaves_no_day_out },
	{ "cuts the first and the last period", cuts_the_first_and_the_last_period },
};
TEST_MAIN(cases)
