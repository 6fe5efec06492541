/*
 * guarded.h - a table that is guarded: counted by the months of whole years, and told with care
 */
#ifndef MEASURE_GUARDED_H
#define MEASURE_GUARDED_H

#include "measure/measure.h"

bool measure_is_guarded(const struct measure_metric *metric, const struct measure_split *by);

/* Fills the spans, the series and what is hidden of a table whose metric and split are set. */
ward_err measure_guarded_fill(struct store_tx *tx, const struct measure_question *question,
		struct ward_arena *arena, struct measure_table *table,
		struct ward_error *error) WARD_MUST_USE;

#endif
