/*
 * guarded.h - a table that is guarded: counted by the months of whole years, and told with care
 */
#ifndef MEASURE_GUARDED_H
#define MEASURE_GUARDED_H

#include "measure/count.h"

bool measure_is_guarded(const struct measure_metric *metric, const struct measure_split *by);

/* A table on its way: what is to be counted of it, by which months, and how. */
struct measure_guarding {
	const struct measure_question *question;
	struct ward_arena *arena;
	struct measure_table *table;
	const struct measure_way *way; /* to be counted by */
	struct measure_spans months;   /* to be counted in: from a January to a December */
	const struct measure_counted *counted;
	struct ward_error *error;
};

/* Fills the spans of a table whose metric, split and step are set. */
ward_err measure_guarded_begin(const struct measure_question *question, struct ward_arena *arena,
		struct measure_table *table, struct measure_guarding *guarding,
		struct ward_error *error) WARD_MUST_USE;
/* Fills the series, and says what of them is hidden. */
ward_err measure_guarded_tell(struct measure_guarding *guarding,
		const struct measure_counted *counted) WARD_MUST_USE;

#endif
