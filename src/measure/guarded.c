#include "measure/guarded.h"

#include "measure/guard.h"
#include "measure/rows.h"

bool measure_is_guarded(const struct measure_metric *metric, const struct measure_split *by)
{
	return metric->people || (by && by->guarded);
}

static ward_err no_room(const struct measure_guarding *guarding)
{
	return ward_fail(guarding->error, WARD_E_NOMEM, "out of memory");
}

/* ---- what is told ---- */

/* A period that the question touches, and that is over. */
static bool is_told(const struct measure_question *question, int64_t start, int64_t end)
{
	return end > question->from && start <= question->to &&
	       end <= question->now / MEASURE_DAY_S;
}

static ward_err make_spans(struct measure_guarding *guarding)
{
	const struct measure_spans *months = &guarding->months;
	size_t width = guarding->table->step == MEASURE_YEAR ? MEASURE_MONTHS : 1;
	int64_t *start = ward_new(guarding->arena, int64_t, months->count + 1);
	size_t count = 0;

	if (!start)
		return no_room(guarding);
	for (size_t i = 0; i < months->count; i += width) {
		if (!is_told(guarding->question, months->start[i], months->start[i + width]))
			continue;
		start[count++] = months->start[i];
		start[count] = months->start[i + width];
	}
	guarding->table->spans = (struct measure_spans){ start, count };
	return WARD_OK;
}

static ward_err new_series(const struct measure_guarding *guarding, ward_str key,
		struct measure_series *series)
{
	series->key = key;
	series->at = ward_new(guarding->arena, struct measure_numbers,
			guarding->table->spans.count + 1);
	return series->at ? WARD_OK : no_room(guarding);
}

/* The months of `from` go into the periods of `to` that hold them. */
static void add_months(const struct measure_guarding *guarding, const struct measure_series *from,
		struct measure_series *to)
{
	size_t span;

	for (size_t i = 0; i < guarding->months.count; i++) {
		if (measure_spans_find(&guarding->table->spans, guarding->months.start[i], &span))
			to->at[span].value += from->at[i].value;
	}
}

/* ---- what is hidden ---- */

static void hide(const struct measure_guarding *guarding, struct measure_series *series,
		int64_t start)
{
	size_t span;

	if (measure_spans_find(&guarding->table->spans, start, &span))
		series->at[span] = (struct measure_numbers){ .hidden = true };
}

static void hide_year(const struct measure_guarding *guarding, size_t january,
		const struct measure_guarded_year *year, struct measure_series *series)
{
	const int64_t *start = guarding->months.start;

	for (size_t key = 0; key < year->keys; key++) {
		if (guarding->table->step == MEASURE_YEAR && year->key_hidden[key])
			hide(guarding, &series[key], start[january]);
		for (size_t month = 0; month < MEASURE_MONTHS; month++) {
			if (guarding->table->step == MEASURE_MONTH && year->month_hidden[month])
				hide(guarding, &series[key], start[january + month]);
		}
	}
}

static ward_err guard_keys(const struct measure_guarding *guarding, struct measure_series *series)
{
	size_t keys = guarding->counted->count;
	int64_t *cells = ward_new(guarding->arena, int64_t, keys * MEASURE_MONTHS);
	struct measure_guarded_year year = {
		.cells = cells,
		.keys = keys,
		.sums = ward_new(guarding->arena, int64_t, keys),
		.key_hidden = ward_new(guarding->arena, bool, keys),
	};

	if (!cells || !year.sums || !year.key_hidden)
		return no_room(guarding);
	for (size_t january = 0; january < guarding->months.count; january += MEASURE_MONTHS) {
		for (size_t key = 0; key < keys; key++) {
			for (size_t month = 0; month < MEASURE_MONTHS; month++)
				cells[month * keys + key] = guarding->counted->series[key]
									    .at[january + month]
									    .value;
		}
		measure_guard_year(&year);
		hide_year(guarding, january, &year, series);
	}
	return WARD_OK;
}

static void guard_people(const struct measure_guarding *guarding, struct measure_series *all)
{
	const int64_t *start = guarding->months.start;

	for (size_t january = 0; january < guarding->months.count; january += MEASURE_MONTHS) {
		int64_t people[MEASURE_MONTHS] = { 0 };
		bool month_hidden[MEASURE_MONTHS], year_hidden;

		for (size_t i = 0; i < guarding->counted->count * MEASURE_MONTHS; i++)
			people[i % MEASURE_MONTHS] +=
					guarding->counted->series[i / MEASURE_MONTHS]
							.at[january + i % MEASURE_MONTHS]
							.value > 0;
		measure_guard_people(people, month_hidden, &year_hidden);
		if (guarding->table->step == MEASURE_YEAR && year_hidden)
			hide(guarding, all, start[january]);
		for (size_t month = 0; month < MEASURE_MONTHS; month++) {
			if (guarding->table->step == MEASURE_MONTH && month_hidden[month])
				hide(guarding, all, start[january + month]);
		}
	}
}

/* ---- all of it ---- */

static ward_err tell(struct measure_guarding *guarding)
{
	const struct measure_counted *counted = guarding->counted;
	struct measure_table *table = guarding->table;
	ward_err err = new_series(guarding, WARD_STR(""), &table->all);

	if (err)
		return err;
	add_months(guarding, &counted->all, &table->all);
	if (table->metric->people) {
		guard_people(guarding, &table->all);
		return WARD_OK;
	}
	struct measure_series *series =
			ward_new(guarding->arena, struct measure_series, counted->count + 1);

	if (!series)
		return no_room(guarding);
	for (size_t i = 0; !err && i < counted->count; i++) {
		err = new_series(guarding, counted->series[i].key, &series[i]);
		if (!err)
			add_months(guarding, &counted->series[i], &series[i]);
	}
	if (!err)
		err = guard_keys(guarding, series);
	table->series = series;
	table->series_count = counted->count;
	return err;
}

ward_err measure_guarded_begin(const struct measure_question *question, struct ward_arena *arena,
		struct measure_table *table, struct measure_guarding *guarding,
		struct ward_error *error)
{
	static const struct measure_split by_person = { .name = "person" };
	static const struct measure_way person = { &by_person, SEEN_PERSON };

	*guarding = (struct measure_guarding){ .question = question,
		.arena = arena,
		.table = table,
		.way = table->metric->people ? &person : measure_way_find(table->metric, table->by),
		.error = error };
	ward_err err = measure_spans_make(MEASURE_MONTH,
			measure_period_start(MEASURE_YEAR, question->from),
			measure_period_end(MEASURE_YEAR, question->to) - 1, arena,
			&guarding->months, error);

	table->step = table->step == MEASURE_YEAR ? MEASURE_YEAR : MEASURE_MONTH;
	return err ? err : make_spans(guarding);
}

ward_err measure_guarded_tell(struct measure_guarding *guarding,
		const struct measure_counted *counted)
{
	guarding->counted = counted;
	return tell(guarding);
}
