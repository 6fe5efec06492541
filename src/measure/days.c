#include "measure/days.h"

#include "base/clock.h"

static const char *const names[MEASURE_STEPS] = { "day", "week", "month", "year" };

const char *measure_step_name(enum measure_step step)
{
	return names[step];
}

bool measure_step_parse(ward_str text, enum measure_step *step)
{
	for (int i = 0; i < MEASURE_STEPS; i++) {
		if (ward_str_eq(text, ward_str_from(names[i]))) {
			*step = (enum measure_step)i;
			return true;
		}
	}
	return false;
}

/* ---- the calendar is the clock's ---- */

bool measure_day_parse(ward_str text, int64_t *day)
{
	int64_t when;

	if (text.len != 10 || !clock_parse(text, &when) || when < 0 || text.ptr[0] > '2' ||
			(text.ptr[0] == '2' && text.ptr[1] > '1'))
		return false;
	*day = when / MEASURE_DAY_S;
	return true;
}

const char *measure_day_format(int64_t day, char out[MEASURE_DATE_MAX])
{
	char text[CLOCK_TEXT_MAX];

	clock_format(day * MEASURE_DAY_S, text);
	text[10] = '\0';
	memcpy(out, text, 11);
	return out;
}

/* The first of the month of `day`, or of the January before it, and so many months on. */
static int64_t month_start(int64_t day, bool january, unsigned more)
{
	char text[CLOCK_TEXT_MAX], first[MEASURE_DATE_MAX];
	uint64_t year = 0, month = 0;
	int64_t start = day;

	clock_format(day * MEASURE_DAY_S, text);
	if (!ward_u64_parse((ward_str){ text, 4 }, &year) ||
			!ward_u64_parse((ward_str){ text + 5, 2 }, &month))
		return day;
	month = (january ? 0 : month - 1) + more;
	snprintf(first, sizeof(first), "%04u-%02u-01", (unsigned)(year + month / 12) % 10000,
			(unsigned)(month % 12 + 1));
	return clock_parse(ward_str_from(first), &start) ? start / MEASURE_DAY_S : day;
}

int64_t measure_period_start(enum measure_step step, int64_t day)
{
	switch (step) {
	case MEASURE_WEEK:
		/* 1970-01-01 was a Thursday. */
		return day - (day + 3) % 7;
	case MEASURE_MONTH:
		return month_start(day, false, 0);
	case MEASURE_YEAR:
		return month_start(day, true, 0);
	case MEASURE_DAY:
		break;
	}
	return day;
}

int64_t measure_period_end(enum measure_step step, int64_t day)
{
	switch (step) {
	case MEASURE_WEEK:
		return measure_period_start(step, day) + 7;
	case MEASURE_MONTH:
		return month_start(day, false, 1);
	case MEASURE_YEAR:
		return month_start(day, true, 12);
	case MEASURE_DAY:
		break;
	}
	return day + 1;
}

/* ---- spans ---- */

ward_err measure_spans_make(enum measure_step step, int64_t from, int64_t to,
		struct ward_arena *arena, struct measure_spans *spans, struct ward_error *error)
{
	int64_t *start = ward_new(arena, int64_t, MEASURE_SPANS_MAX + 1);
	size_t count = 0;

	if (!start)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (int64_t day = from; day <= to; day = measure_period_end(step, day)) {
		if (count == MEASURE_SPANS_MAX)
			return ward_fail(error, WARD_E_LIMIT,
					"these are more than %d periods; ask for a shorter time, "
					"or for longer periods",
					MEASURE_SPANS_MAX);
		start[count++] = day;
	}
	start[count] = to + 1;
	*spans = (struct measure_spans){ start, count };
	return WARD_OK;
}

bool measure_spans_find(const struct measure_spans *spans, int64_t day, size_t *index)
{
	size_t low = 0, high = spans->count;

	if (spans->count == 0 || day < spans->start[0] || day >= spans->start[spans->count])
		return false;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (day >= spans->start[middle])
			low = middle;
		else
			high = middle;
	}
	*index = low;
	return true;
}
