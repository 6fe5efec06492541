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

/* The tables of one look, side by side with what is counted of each. */
struct asking {
	const struct measure_question *question;
	struct ward_arena *arena;
	struct measure_table *tables;
	struct measure_wanted *wanted;
	struct measure_guarding *guarding;
	struct ward_error *error;
};

static ward_err begin_table(struct asking *asking, size_t index)
{
	struct measure_table *table = &asking->tables[index];
	struct measure_wanted *wanted = &asking->wanted[index];
	const struct measure_question *question = asking->question;
	ward_err err;

	table->guarded = measure_is_guarded(table->metric, table->by);
	wanted->metric = table->metric;
	if (table->guarded) {
		struct measure_guarding *guarding = &asking->guarding[index];

		err = measure_guarded_begin(question, asking->arena, table, guarding,
				asking->error);
		wanted->way = guarding->way;
		wanted->spans = &guarding->months;
		return err;
	}
	err = measure_spans_make(table->step, question->from, question->to, asking->arena,
			&table->spans, asking->error);
	wanted->way = table->by ? measure_way_find(table->metric, table->by) : NULL;
	wanted->spans = &table->spans;
	return err;
}

static ward_err end_table(struct asking *asking, size_t index)
{
	struct measure_table *table = &asking->tables[index];
	const struct measure_counted *counted = &asking->wanted[index].counted;

	if (table->guarded)
		return measure_guarded_tell(&asking->guarding[index], counted);
	table->all = counted->all;
	table->series = counted->series;
	table->series_count = counted->count;
	return WARD_OK;
}

ward_err measure_ask_tables(struct store_tx *tx, const struct measure_question *question,
		struct measure_table *tables, size_t count, struct ward_arena *arena,
		struct ward_error *error)
{
	struct asking asking = { question, arena, tables,
		ward_new(arena, struct measure_wanted, count + 1),
		ward_new(arena, struct measure_guarding, count + 1), error };
	ward_err err = asking.wanted && asking.guarding
				       ? WARD_OK
				       : ward_fail(error, WARD_E_NOMEM, "out of memory");

	for (size_t i = 0; i < count && !err; i++)
		err = begin_table(&asking, i);
	if (!err)
		err = measure_count(tx, asking.wanted, count, arena, error);
	for (size_t i = 0; i < count && !err; i++)
		err = end_table(&asking, i);
	return err;
}

ward_err measure_ask_one(struct store_tx *tx, const struct measure_question *question,
		const struct measure_metric *metric, const struct measure_split *by,
		struct ward_arena *arena, struct measure_table *table, struct ward_error *error)
{
	struct measure_table filled = { .metric = metric, .by = by, .step = question->step };
	ward_err err = measure_ask_tables(tx, question, &filled, 1, arena, error);

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

	if (!tables)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		if (measure_is_asked(question, metric) && (!by || measure_way_find(metric, by)))
			tables[count++] = (struct measure_table){ .metric = metric,
				.by = by,
				.step = question->step };
	}
	ward_err err = measure_ask_tables(tx, question, tables, count, arena, error);

	if (!err)
		*answer = (struct measure_answer){ question->from, question->to, question->now,
			question->step, tables, count };
	return err;
}
