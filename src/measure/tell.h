/*
 * tell.h - an answer as JSON, as CSV, and as text for a terminal
 */
#ifndef MEASURE_TELL_H
#define MEASURE_TELL_H

#include "measure/measure.h"

void measure_write_json(const struct measure_answer *answer, struct ward_buf *out);
/* RFC 4180, with a header. */
void measure_write_csv(const struct measure_answer *answer, struct ward_buf *out);
/* A block a table. */
void measure_write_text(const struct measure_answer *answer, struct ward_buf *out);

/* What can be counted. */
void measure_write_catalogue_json(struct ward_buf *out);
void measure_write_catalogue_text(struct ward_buf *out);

/* Of a hidden number, in words. */
#define MEASURE_HIDDEN "hidden"

/* "3 h 20 min", "2 d 4 h", "45 s". */
void measure_write_duration(int64_t seconds, struct ward_buf *out);
/* What a number means to a person: "12", "30.0 % (12 of 40)", "2 h 5 min"; "hidden". */
void measure_write_numbers(const struct measure_table *table, const struct measure_numbers *numbers,
		struct ward_buf *out);
/* Seconds in sum are a duration, too. */
bool measure_is_duration(const struct measure_metric *metric);

#endif
