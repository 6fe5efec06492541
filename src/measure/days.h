/*
 * days.h - days, and the periods that they are counted in
 *
 * A day is its number since 1970-01-01, of UTC.  A period is a day, a week
 * from its Monday on, a month or a year; a span of time is cut into the
 * periods that it touches.
 */
#ifndef MEASURE_DAYS_H
#define MEASURE_DAYS_H

#include <ward/base.h>

enum measure_step { MEASURE_DAY = 0, MEASURE_WEEK, MEASURE_MONTH, MEASURE_YEAR };
enum { MEASURE_STEPS = 4, MEASURE_DAY_S = 86400, MEASURE_DATE_MAX = 16 };

const char *measure_step_name(enum measure_step step); /* "day", "week", "month", "year" */
bool measure_step_parse(ward_str text, enum measure_step *step) WARD_MUST_USE;

/* "2026-03-01"; false for another text, and for years before 1970 or behind 2199. */
bool measure_day_parse(ward_str text, int64_t *day) WARD_MUST_USE;
/* Returns `out`. */
const char *measure_day_format(int64_t day, char out[MEASURE_DATE_MAX]);

/* The first day of the period that holds `day`, and the first one behind it. */
int64_t measure_period_start(enum measure_step step, int64_t day);
int64_t measure_period_end(enum measure_step step, int64_t day);

/* Periods, one behind the other: that of `index` is from start[index] to before start[index + 1].
 */
struct measure_spans {
	const int64_t *start; /* count + 1 of them */
	size_t count;
};
enum { MEASURE_SPANS_MAX = 400 };

/*
 * The periods that the days from `from` to `to` touch; the first and the last
 * are cut to them.  LIMIT when there are more than MEASURE_SPANS_MAX.
 */
ward_err measure_spans_make(enum measure_step step, int64_t from, int64_t to,
		struct ward_arena *arena, struct measure_spans *spans,
		struct ward_error *error) WARD_MUST_USE;
/* False when the day lies in none. */
bool measure_spans_find(const struct measure_spans *spans, int64_t day,
		size_t *index) WARD_MUST_USE;

#endif
