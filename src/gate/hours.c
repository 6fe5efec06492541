#include "gate/hours.h"

#include <string.h>
#include <time.h>

enum { DAYS = 7, ALL_DAYS = (1 << DAYS) - 1, NAME_LEN = 3 };

static const char names[DAYS][NAME_LEN + 1] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

struct gate_time gate_time_of(int64_t now)
{
	time_t seconds = (time_t)now;
	struct tm parts = { 0 };

	if (!localtime_r(&seconds, &parts))
		return (struct gate_time){ 0 };
	return (struct gate_time){ (uint8_t)((parts.tm_wday + DAYS - 1) % DAYS),
		(uint16_t)(parts.tm_hour * 60 + parts.tm_min) };
}

bool gate_hours_set(const struct gate_hours *hours)
{
	return hours->days != 0 || hours->from != 0 || hours->to != 0;
}

static bool on_day(const struct gate_hours *hours, unsigned day)
{
	return hours->days == 0 || (hours->days >> day & 1) != 0;
}

bool gate_hours_hold(const struct gate_hours *hours, struct gate_time time)
{
	unsigned before = (time.day + DAYS - 1U) % DAYS;

	if (hours->from == 0 && hours->to == 0)
		return on_day(hours, time.day);
	if (hours->from < hours->to)
		return on_day(hours, time.day) && time.minute >= hours->from &&
		       time.minute < hours->to;
	return (on_day(hours, time.day) && time.minute >= hours->from) ||
	       (on_day(hours, before) && time.minute < hours->to);
}

/* ---- reading ---- */

static bool read_day(ward_str text, unsigned *day)
{
	for (unsigned i = 0; i < DAYS; i++) {
		if (ward_str_eq_nocase(text, (ward_str){ names[i], NAME_LEN })) {
			*day = i;
			return true;
		}
	}
	return false;
}

/* "mon" or "fri-mon", which goes over the end of the week. */
static bool read_days(ward_str part, unsigned *days)
{
	ward_str rest = part, first = ward_str_cut(&rest, '-');
	bool alone = first.len == part.len;
	unsigned from, to;

	if (!read_day(first, &from) || !(alone ? (to = from, true) : read_day(rest, &to)))
		return false;
	for (unsigned day = from;; day = (day + 1) % DAYS) {
		*days |= 1U << day;
		if (day == to)
			return true;
	}
}

bool gate_days_read(ward_str text, uint8_t *days)
{
	unsigned found = 0;

	while (text.len > 0) {
		size_t len = 0;

		while (len < text.len && text.ptr[len] != ' ' && text.ptr[len] != ',')
			len++;
		if (len > 0 && !read_days((ward_str){ text.ptr, len }, &found))
			return false;
		len += len < text.len;
		text = (ward_str){ text.ptr + len, text.len - len };
	}
	*days = (uint8_t)found;
	return true;
}

static bool read_minutes(ward_str text, uint16_t *minutes)
{
	ward_str rest = text, hour = ward_str_cut(&rest, ':');
	uint64_t hours, past;

	if (hour.len < 1 || hour.len > 2 || rest.len != 2 || !ward_u64_parse(hour, &hours) ||
			!ward_u64_parse(rest, &past) || past > 59 ||
			hours * 60 + past > GATE_DAY_MINUTES)
		return false;
	*minutes = (uint16_t)(hours * 60 + past);
	return true;
}

bool gate_span_read(ward_str text, uint16_t *from, uint16_t *to)
{
	ward_str rest = text, first = ward_str_trim(ward_str_cut(&rest, '-'));
	uint16_t begin, end;

	if (!read_minutes(first, &begin) || !read_minutes(ward_str_trim(rest), &end) ||
			begin == end || begin == GATE_DAY_MINUTES)
		return false;
	*from = begin;
	*to = end;
	return true;
}

/* ---- writing ---- */

void gate_hours_write(const struct gate_hours *hours, struct ward_buf *out)
{
	const char *between = "";

	if (!gate_hours_set(hours)) {
		ward_buf_str(out, WARD_STR("always"));
		return;
	}
	for (unsigned day = 0; day < DAYS && hours->days != 0 && hours->days != ALL_DAYS; day++) {
		unsigned last = day;

		if ((hours->days >> day & 1) == 0)
			continue;
		while (last + 1 < DAYS && (hours->days >> (last + 1) & 1) != 0)
			last++;
		ward_buf_printf(out, "%s%s", between, names[day]);
		if (last > day)
			ward_buf_printf(out, "-%s", names[last]);
		between = " ";
		day = last;
	}
	if (hours->from != 0 || hours->to != 0)
		ward_buf_printf(out, "%s%02d:%02d-%02d:%02d", between, hours->from / 60,
				hours->from % 60, hours->to / 60, hours->to % 60);
	else if (hours->days == ALL_DAYS)
		ward_buf_str(out, WARD_STR("mon-sun"));
}
