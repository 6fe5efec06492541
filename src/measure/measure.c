#include "measure/measure.h"

#include "measure/count.h"
#include "measure/guarded.h"

/* ---- what is asked ---- */

static ward_err read_days(const struct measure_asked *asked, struct measure_question *question,
		struct ward_error *error)
{
	question->to = question->now / MEASURE_DAY_S;
	if (asked->to.len > 0 && !measure_day_parse(asked->to, &question->to))
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"to\" is a day, as 2026-03-31, from 1970 to 2199");
	question->from = question->to < 29 ? 0 : question->to - 29;
	if (asked->from.len > 0 && !measure_day_parse(asked->from, &question->from))
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"from\" is a day, as 2026-03-01, from 1970 to 2199");
	if (question->from > question->to)
		return ward_fail(error, WARD_E_ARGUMENT, "\"from\" comes before \"to\"");
	if (question->to - question->from > MEASURE_DAYS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT,
				"between \"from\" and \"to\" are at most %d days",
				MEASURE_DAYS_MAX);
	return WARD_OK;
}

static ward_err check_metrics(ward_str metrics, struct ward_error *error)
{
	for (unsigned number = 1; metrics.len > 0; number++) {
		if (!measure_metric_find(ward_str_trim(ward_str_cut(&metrics, ','))))
			return ward_fail(error, WARD_E_ARGUMENT,
					"the metric number %u is none; the catalogue lists those "
					"there are",
					number);
	}
	return WARD_OK;
}

ward_err measure_question_read(const struct measure_asked *asked, int64_t now,
		struct measure_question *question, struct ward_error *error)
{
	struct measure_question read = { .now = now, .metrics = asked->metrics, .by = asked->by };
	ward_err err = read_days(asked, &read, error);

	if (!err && asked->step.len > 0 && !measure_step_parse(asked->step, &read.step))
		err = ward_fail(error, WARD_E_ARGUMENT, "\"step\" is day, week, month or year");
	if (!err)
		err = check_metrics(asked->metrics, error);
	if (!err && asked->by.len > 0 && !measure_split_find(asked->by))
		err = ward_fail(error, WARD_E_ARGUMENT,
				"nothing is split by that; the catalogue lists what there is");
	if (!err)
		*question = read;
	return err;
}

bool measure_is_asked(const struct measure_question *question, const struct measure_metric *metric)
{
	ward_str rest = question->metrics;
	bool named = rest.len == 0;

	while (rest.len > 0 && !named)
		named = measure_metric_find(ward_str_trim(ward_str_cut(&rest, ','))) == metric;
	return named;
}

/* ---- what is answered ---- */

ward_err measure_ask_one(struct store_tx *tx, const struct measure_question *question,
		const struct measure_metric *metric, const struct measure_split *by,
		struct ward_arena *arena, struct measure_table *table, struct ward_error *error)
{
	struct measure_table filled = { .metric = metric,
		.by = by,
		.guarded = measure_is_guarded(metric, by),
		.step = question->step };
	struct measure_counted counted = { .count = 0 };
	ward_err err;

	if (filled.guarded) {
		err = measure_guarded_fill(tx, question, arena, &filled, error);
	} else {
		err = measure_spans_make(question->step, question->from, question->to, arena,
				&filled.spans, error);
		if (!err)
			err = measure_count(tx, metric, by ? measure_way_find(metric, by) : NULL,
					&filled.spans, arena, &counted, error);
		if (!err) {
			filled.all = counted.all;
			filled.series = counted.series;
			filled.series_count = counted.count;
		}
	}
	if (!err)
		*table = filled;
	return err;
}

ward_err measure_ask(struct store_tx *tx, const struct measure_question *question,
		struct ward_arena *arena, struct measure_answer *answer, struct ward_error *error)
{
	const struct measure_split *by =
			question->by.len > 0 ? measure_split_find(question->by) : NULL;
	struct measure_table *tables =
			ward_new(arena, struct measure_table, measure_metric_count());
	size_t count = 0;
	ward_err err = tables ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	for (size_t i = 0; !err && i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		if (measure_is_asked(question, metric) && (!by || measure_way_find(metric, by)))
			err = measure_ask_one(tx, question, metric, by, arena, &tables[count++],
					error);
	}
	if (!err)
		*answer = (struct measure_answer){ question->from, question->to, question->now,
			question->step, tables, count };
	return err;
}
