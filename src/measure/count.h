/*
 * count.h - metrics asked of the store: numbers by period and key, nothing hidden yet
 *
 * Rows of the store are read once, whatever number of metrics and splits they
 * feed: pass.c asks for them, count.c adds each to what it is counted in.
 */
#ifndef MEASURE_COUNT_H
#define MEASURE_COUNT_H

#include "measure/measure.h"

enum {
	MEASURE_KEYS_MAX = 4096,
	MEASURE_CASES_MAX = 2000000, /* of a time: each is held until they are sorted */
	MEASURE_CELLS_MAX = 500000,
	MEASURE_WANTED_MAX = 400,
};

struct measure_counted {
	struct measure_series all;
	struct measure_series *series; /* keys there are always, then "not said", then by bytes */
	size_t count;
};

struct measure_wanted {
	const struct measure_metric *metric;
	const struct measure_way *way; /* NULL: not split */
	const struct measure_spans *spans;
	struct measure_counted counted; /* the answer */
};

/* Counts all of them in one look.  At most MEASURE_WANTED_MAX. */
ward_err measure_count(struct store_tx *tx, struct measure_wanted *wanted, size_t count,
		struct ward_arena *arena, struct ward_error *error) WARD_MUST_USE;

/* The smallest of the sorted numbers that `percent` of a hundred of them do not exceed. */
int64_t measure_percentile(const int64_t *sorted, size_t count, unsigned percent);

/* ---- what pass.c gives to count.c ---- */

/* A row of the store, with what is wanted of it. */
struct measure_row {
	int64_t day;
	unsigned bits;
	const struct store_rows *rows;
	unsigned first_number, first_text; /* its columns */
};

/* What one wanted table is counted in while rows come. */
struct measure_counting;

/* NULL when memory is out. */
struct measure_counting *measure_counting_new(struct measure_wanted *wanted,
		struct ward_arena *arena, struct ward_error *error);
ward_err measure_counting_take(struct measure_counting *counting, const struct measure_feed *feed,
		const struct measure_row *row) WARD_MUST_USE;
/* Behind the last row: the numbers are in `wanted`. */
ward_err measure_counting_end(struct measure_counting *counting) WARD_MUST_USE;
/* NULL is fine. */
void measure_counting_free(struct measure_counting *counting);

#endif
