/*
 * hours.h - days of the week and hours of the day, on the clock of the place
 *
 * "mon-fri 08:00-15:30" is from its first minute to before its last; what ends
 * before it begins goes over midnight and belongs to the day on which it began.
 * The clock is the process's own (TZ); when clocks change, so do the hours.
 */
#ifndef GATE_HOURS_H
#define GATE_HOURS_H

#include <ward/base.h>

enum { GATE_DAY_MINUTES = 24 * 60 };

struct gate_hours {
	uint8_t days;  /* bit 0 is Monday; 0 is every day */
	uint16_t from; /* minutes after midnight */
	uint16_t to;   /* both 0: the whole day; at most GATE_DAY_MINUTES */
};

struct gate_time {
	uint8_t day;     /* 0 is Monday */
	uint16_t minute; /* after midnight */
};

/* Unix seconds on the clock of the place. */
struct gate_time gate_time_of(int64_t now);

bool gate_hours_set(const struct gate_hours *hours); /* do they say anything */
bool gate_hours_hold(const struct gate_hours *hours, struct gate_time time);

/* "mon-fri", "sat sun", "mon,wed-thu"; "" is every day. */
bool gate_days_read(ward_str text, uint8_t *days) WARD_MUST_USE;
/* "08:00-15:30", "22:00-06:00", "00:00-24:00". */
bool gate_span_read(ward_str text, uint16_t *from, uint16_t *to) WARD_MUST_USE;
/* As it is read: "mon-fri 08:00-15:30"; "always" when they say nothing. */
void gate_hours_write(const struct gate_hours *hours, struct ward_buf *out);

#endif
