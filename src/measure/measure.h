/*
 * measure.h - the work in numbers, for those who answer for it and for the public
 *
 *     metrics.h   what is counted, and what it is split by: two tables
 *     days.h      the periods it is counted in
 *     guard.h     what is not shown, so that no child and no colleague is told of
 *     measure.h   a question, and its answer: a table for each metric
 *     tell.h      the answer as JSON, as CSV, as text
 *     page.h      the answer as a page with plots
 *     lists.h     how large lists are, seen now and then
 *
 * Everything is computed from the tables of the other modules, in one look at
 * the store in which each row is read once (rows.h); nothing is kept, but how
 * large lists were (lists.h).  No name, no id of a person, no check-in and no
 * text of anybody ever leaves here: keys are words of ours, codes of the
 * operator's queues and policies, and countries.
 *
 * An answer lives in the caller's arena.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "measure/days.h"
#include "measure/metrics.h"
#include "store/store.h"

/* Days between the first and the last; and what one answer may take of memory. */
enum { MEASURE_DAYS_MAX = 11000, MEASURE_ARENA = 256 << 20 };

struct measure_question {
	int64_t from, to; /* days, both counted */
	enum measure_step step;
	ward_str metrics; /* ids, a comma between them; "" is all */
	ward_str by;      /* a split's name; "" is none */
	int64_t now;      /* Unix seconds: what is over, and when the answer was made */
};

struct measure_numbers {
	int64_t value;
	int64_t of;                     /* of a share */
	int64_t median_s, p75_s, p90_s; /* of a time; of no case at all, 0 */
	bool hidden;                    /* not to be told: all others are 0 */
};

/* The row of one key, over all periods. */
struct measure_series {
	ward_str key;               /* of the one for all: "" */
	struct measure_numbers *at; /* as many as the table has periods */
};

struct measure_table {
	const struct measure_metric *metric;
	const struct measure_split *by; /* NULL: not split */
	bool guarded;
	enum measure_step step; /* a guarded table has its own: months, or years */
	struct measure_spans spans;
	struct measure_series all;
	const struct measure_series *series; /* by key */
	size_t series_count;
};

struct measure_answer {
	int64_t from, to, made_at;
	enum measure_step step;
	const struct measure_table *tables;
	size_t table_count;
};

/*
 * ARGUMENT with a sentence when the question names what there is not, or its
 * time makes no sense; LIMIT when it is too much for one answer.
 */
ward_err measure_ask(struct store_tx *tx, const struct measure_question *question,
		struct ward_arena *arena, struct measure_answer *answer,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Fills tables whose metric, split (one that the metric has) and step are set, all in one look.
 * At most MEASURE_WANTED_MAX of count.h.
 */
ward_err measure_ask_tables(struct store_tx *tx, const struct measure_question *question,
		struct measure_table *tables, size_t count, struct ward_arena *arena,
		struct ward_error *error) WARD_MUST_USE;

/* One table. */
ward_err measure_ask_one(struct store_tx *tx, const struct measure_question *question,
		const struct measure_metric *metric, const struct measure_split *by,
		struct ward_arena *arena, struct measure_table *table,
		struct ward_error *error) WARD_MUST_USE;

/* Whether the question names the metric; one that names none asks for all. */
bool measure_is_asked(const struct measure_question *question, const struct measure_metric *metric);

/* Reads what a person or a program has asked for; "" is not said.  ARGUMENT with a sentence. */
struct measure_asked {
	ward_str from, to, step, metrics, by;
};
ward_err measure_question_read(const struct measure_asked *asked, int64_t now,
		struct measure_question *question, struct ward_error *error) WARD_MUST_USE;

#endif
