#include "base/clock.h"

/*
 * Days since 1970-01-01 in the Gregorian calendar, counted in years that
 * begin in March so that the leap day is the last one.
 */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t in_era = year - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what four digits of a year can say. */
static const int64_t first_time = -62167219200, last_time = 253402300799;

const char *clock_format(int64_t when, char out[CLOCK_TEXT_MAX])
{
	struct tm tm;
	time_t seconds = (time_t)when;

	memcpy(out, "?", 2);
	if (when < first_time || when > last_time || !gmtime_r(&seconds, &tm))
		return out;
	/* strftime's own %Y has no leading zeroes here. */
	snprintf(out, CLOCK_TEXT_MAX, "%04d", tm.tm_year + 1900);
	if (strftime(out + 4, CLOCK_TEXT_MAX - 4, "-%m-%dT%H:%M:%SZ", &tm) == 0)
		memcpy(out, "?", 2);
	return out;
}

static bool take_number(ward_str *text, size_t digits, int *value)
{
	uint64_t number;

	if (text->len < digits || !ward_u64_parse((ward_str){ text->ptr, digits }, &number))
		return false;
	text->ptr += digits;
	text->len -= digits;
	*value = (int)number;
	return true;
}

static bool take_char(ward_str *text, const char *any_of)
{
	if (text->len == 0 || text->ptr[0] == '\0' || !strchr(any_of, text->ptr[0]))
		return false;
	text->ptr++;
	text->len--;
	return true;
}

static bool take_zone(ward_str *text, int *minutes)
{
	int sign = text->len > 0 && text->ptr[0] == '-' ? -1 : 1;
	int hours, rest;

	*minutes = 0;
	if (text->len == 0 || take_char(text, "Zz"))
		return true;
	if (!take_char(text, "+-") || !take_number(text, 2, &hours))
		return false;
	(void)take_char(text, ":");
	if (!take_number(text, 2, &rest) || hours > 23 || rest > 59)
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

static bool take_time(ward_str *text, int *seconds)
{
	int hour, minute, second;

	if (!take_number(text, 2, &hour) || !take_char(text, ":") ||
			!take_number(text, 2, &minute) || !take_char(text, ":") ||
			!take_number(text, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (take_char(text, ".,")) {
		if (text->len == 0 || text->ptr[0] < '0' || text->ptr[0] > '9')
			return false;
		while (take_char(text, "0123456789"))
			continue;
	}
	*seconds = hour * 3600 + minute * 60 + second;
	return true;
}

bool clock_parse(ward_str text, int64_t *when)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;
	int seconds = 0;
	int zone = 0;

	if (!take_number(&text, 4, &year) || !take_char(&text, "-") ||
			!take_number(&text, 2, &month) || !take_char(&text, "-") ||
			!take_number(&text, 2, &day))
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1 || day > days[month - 1] + (leap && month == 2))
		return false;
	if (text.len > 0) {
		if (!take_char(&text, "Tt ") || !take_time(&text, &seconds) ||
				!take_zone(&text, &zone) || text.len > 0)
			return false;
	}
	int64_t time = days_from_civil(year, month, day) * 86400 + seconds - zone * 60;

	if (time < first_time || time > last_time)
		return false;
	*when = time;
	return true;
}
