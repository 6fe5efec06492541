/*
 * count.h - one metric, asked of the store: numbers by period and key, nothing hidden yet
 */
#ifndef MEASURE_COUNT_H
#define MEASURE_COUNT_H

#include "measure/measure.h"

enum {
	MEASURE_KEYS_MAX = 4096,
	MEASURE_CASES_MAX = 2000000, /* of a time: each is held until they are sorted */
	MEASURE_CELLS_MAX = 500000,
};

struct measure_counted {
	struct measure_series all;
	struct measure_series *series;
	size_t count;
};

/* `way` NULL: not split. */
ward_err measure_count(struct store_tx *tx, const struct measure_metric *metric,
		const struct measure_way *way, const struct measure_spans *spans,
		struct ward_arena *arena, struct measure_counted *counted,
		struct ward_error *error) WARD_MUST_USE;

/* The smallest of the sorted numbers that `percent` of a hundred of them do not exceed. */
int64_t measure_percentile(const int64_t *sorted, size_t count, unsigned percent);

#endif
