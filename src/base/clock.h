/*
 * clock.h - what time it is, and how time is written
 *
 * Wall-clock times are Unix seconds in int64_t; text is RFC 3339 in UTC.
 * Durations are measured on the monotonic clock.  Tests link clock_fake.c in
 * place of clock.c and set the time themselves (clock_fake.h).
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <ward/base.h>

int64_t clock_now(void);       /* Unix seconds */
uint64_t clock_ticks_us(void); /* monotonic microseconds */

#define CLOCK_TEXT_MAX 32

/* "2026-03-01T00:00:00Z"; "?" outside the years 0000 to 9999.  Returns `out`. */
const char *clock_format(int64_t when, char out[CLOCK_TEXT_MAX]);
/*
 * Reads "2026-03-01", or a date and time with fraction and zone ("Z" or
 * +hh:mm; none is UTC).  True with `when` set when all of the text is one.
 */
bool clock_parse(ward_str text, int64_t *when) WARD_MUST_USE;

#endif
