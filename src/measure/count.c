#include "measure/count.h"

#include <stdio.h>
#include <stdlib.h>

enum { SQL_MAX = 4096 };

/* One case of a time. */
struct one_case {
	uint32_t key, span;
	int64_t seconds;
};

struct counting {
	const struct measure_metric *metric;
	const struct measure_way *way;
	const struct measure_spans *spans;
	struct ward_arena *arena;
	struct measure_counted *counted;
	struct ward_error *error;
	size_t room;     /* of counted->series */
	ward_str column; /* what the row before had, and its key; rows come by it */
	size_t key;
	struct one_case *cases;
	size_t case_count, case_room;
};

/* ---- keys ---- */

static ward_err new_numbers(struct counting *counting, struct measure_numbers **at)
{
	*at = ward_new(counting->arena, struct measure_numbers, counting->spans->count + 1);
	return *at ? WARD_OK : ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
}

static ward_err grow_series(struct counting *counting)
{
	struct measure_counted *counted = counting->counted;
	size_t room = counting->room ? 2 * counting->room : 16;
	struct measure_series *series = ward_new(counting->arena, struct measure_series, room);

	if (!series)
		return ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
	if (counted->count > 0)
		memcpy(series, counted->series, counted->count * sizeof(*series));
	counted->series = series;
	counting->room = room;
	return WARD_OK;
}

static ward_err add_key(struct counting *counting, ward_str key, size_t *index)
{
	struct measure_counted *counted = counting->counted;
	ward_err err = WARD_OK;

	if (counted->count == MEASURE_KEYS_MAX ||
			(counted->count + 1) * counting->spans->count > MEASURE_CELLS_MAX)
		return ward_fail(counting->error, WARD_E_LIMIT,
				"\"%s\" has too many keys for so many periods; ask for a shorter "
				"time, or for longer periods",
				counting->way->split->name);
	if (counted->count == counting->room)
		err = grow_series(counting);
	if (err)
		return err;
	struct measure_series *series = &counted->series[counted->count];

	series->key = ward_arena_str(counting->arena, key);
	err = series->key.ptr ? new_numbers(counting, &series->at)
			      : ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
	if (!err)
		*index = counted->count++;
	return err;
}

static ward_err find_key(struct counting *counting, ward_str column, size_t *index)
{
	const struct measure_split *split = counting->way->split;
	const struct measure_counted *counted = counting->counted;
	ward_str key = split->key_of ? split->key_of(column) : column;

	if (key.len == 0)
		key = WARD_STR(MEASURE_NOT_SAID);
	for (size_t i = 0; i < counted->count; i++) {
		if (ward_str_eq(counted->series[i].key, key)) {
			*index = i;
			return WARD_OK;
		}
	}
	return add_key(counting, key, index);
}

static ward_err row_key(struct counting *counting, const struct store_rows *rows, size_t *index)
{
	ward_str column = store_get_text(rows, 1);

	if (!counting->column.ptr || !ward_str_eq(column, counting->column)) {
		ward_err err = find_key(counting, column, &counting->key);

		if (err)
			return err;
		counting->column = ward_arena_str(counting->arena, column);
		if (!counting->column.ptr)
			return ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
	}
	*index = counting->key;
	return WARD_OK;
}

/* ---- rows ---- */

static ward_err add_case(struct counting *counting, size_t key, size_t span, int64_t seconds)
{
	if (counting->case_count == MEASURE_CASES_MAX)
		return ward_fail(counting->error, WARD_E_LIMIT,
				"these are more than %d cases; ask for a shorter time",
				MEASURE_CASES_MAX);
	if (counting->case_count == counting->case_room) {
		size_t room = counting->case_room ? 2 * counting->case_room : 1024;
		struct one_case *cases = realloc(counting->cases, room * sizeof(*cases));

		if (!cases)
			return ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
		counting->cases = cases;
		counting->case_room = room;
	}
	counting->cases[counting->case_count++] =
			(struct one_case){ (uint32_t)key, (uint32_t)span, seconds };
	return WARD_OK;
}

static void add_numbers(struct measure_numbers *numbers, int64_t value, int64_t of)
{
	numbers->value += value;
	numbers->of += of;
}

/*
 * A level is what there is now, less what came since, plus what went since: so
 * only that which is younger than the first period is looked at.  What is now
 * has the day 0, and is kept in `of` of the first period; what came and went
 * behind the last period is in the place behind it.
 */
static void take_level(const struct counting *counting, struct measure_numbers *at, int64_t day,
		int64_t value)
{
	size_t span;

	if (day == 0)
		at[0].of += value;
	else if (measure_spans_find(counting->spans, day, &span))
		at[span].value += value;
	else if (day >= counting->spans->start[counting->spans->count])
		at[counting->spans->count].value += value;
}

static ward_err take_level_row(struct counting *counting, const struct store_rows *rows)
{
	int64_t day = store_get_int(rows, 0), value = store_get_int(rows, 2);
	ward_err err = WARD_OK;
	size_t key;

	if (counting->way)
		err = row_key(counting, rows, &key);
	if (!err && counting->way)
		take_level(counting, counting->counted->series[key].at, day, value);
	if (!err)
		take_level(counting, counting->counted->all.at, day, value);
	return err;
}

static ward_err take_row(struct counting *counting, const struct store_rows *rows)
{
	struct measure_counted *counted = counting->counted;
	size_t span, key = 0;
	ward_err err = WARD_OK;

	if (counting->metric->kind == MEASURE_LEVEL)
		return take_level_row(counting, rows);
	if (!measure_spans_find(counting->spans, store_get_int(rows, 0), &span))
		return WARD_OK;
	if (counting->way)
		err = row_key(counting, rows, &key);
	if (!err && counting->metric->kind == MEASURE_TIME)
		return add_case(counting, key, span, store_get_int(rows, 2));
	if (!err && counting->way)
		add_numbers(&counted->series[key].at[span], store_get_int(rows, 2),
				store_get_int(rows, 3));
	if (!err)
		add_numbers(&counted->all.at[span], store_get_int(rows, 2), store_get_int(rows, 3));
	return err;
}

static ward_err write_sql(const struct counting *counting, char sql[SQL_MAX])
{
	const struct measure_metric *metric = counting->metric;
	const char *key = counting->way ? counting->way->column : "CAST('' AS TEXT)";
	int len;

	if (metric->kind == MEASURE_TIME)
		len = snprintf(sql, SQL_MAX, "SELECT (%s) / %d, %s, %s %s ORDER BY 2", metric->at,
				MEASURE_DAY_S, key, metric->value, metric->source);
	else
		len = snprintf(sql, SQL_MAX,
				"SELECT (%s) / %d, %s, CAST(COALESCE(%s, 0) AS BIGINT), "
				"CAST(%s AS BIGINT) %s GROUP BY 1, 2 ORDER BY 2, 1",
				metric->at, MEASURE_DAY_S, key, metric->value,
				metric->of ? metric->of : "0", metric->source);
	return len > 0 && len < SQL_MAX ? WARD_OK : WARD_E_NOMEM;
}

static ward_err read_rows(struct store_tx *tx, struct counting *counting)
{
	const struct measure_spans *spans = counting->spans;
	bool level = counting->metric->kind == MEASURE_LEVEL;
	int64_t end = spans->start[spans->count] * MEASURE_DAY_S;
	struct store_rows *rows;
	char sql[SQL_MAX];
	ward_err err = write_sql(counting, sql);

	if (err)
		return ward_fail(counting->error, err, "the question is too long");
	err = store_query(tx, sql,
			STORE_VALUES(store_int(spans->start[0] * MEASURE_DAY_S),
					store_int(level ? INT64_MAX : end)),
			&rows, counting->error);
	if (err)
		return err;
	while (!err && store_next(rows))
		err = take_row(counting, rows);
	ward_err ended = store_rows_end(rows, err ? NULL : counting->error);

	return err ? err : ended;
}

/* ---- times ---- */

int64_t measure_percentile(const int64_t *sorted, size_t count, unsigned percent)
{
	return count == 0 ? 0 : sorted[(count * percent + 99) / 100 - 1];
}

static int compare_numbers(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void set_times(struct measure_numbers *numbers, int64_t *seconds, size_t count)
{
	qsort(seconds, count, sizeof(*seconds), compare_numbers);
	numbers->value = (int64_t)count;
	numbers->median_s = measure_percentile(seconds, count, 50);
	numbers->p75_s = measure_percentile(seconds, count, 75);
	numbers->p90_s = measure_percentile(seconds, count, 90);
}

/* Puts the cases of each cell side by side (a counting sort), and each cell in order. */
static ward_err sort_cells(const struct counting *counting, bool by_key)
{
	size_t spans = counting->spans->count;
	size_t cells = by_key ? counting->counted->count * spans : spans;
	size_t *end = calloc(cells + 1, sizeof(*end));
	int64_t *seconds = malloc((counting->case_count + 1) * sizeof(*seconds));
	ward_err err = end && seconds ? WARD_OK
				      : ward_fail(counting->error, WARD_E_NOMEM, "out of memory");

	for (size_t i = 0; !err && i < counting->case_count; i++) {
		const struct one_case *one = &counting->cases[i];

		end[(by_key ? one->key * spans : 0) + one->span + 1]++;
	}
	for (size_t cell = 0; !err && cell < cells; cell++)
		end[cell + 1] += end[cell];
	/* end[cell] is where the cell begins, and moves to its end. */
	for (size_t i = 0; !err && i < counting->case_count; i++) {
		const struct one_case *one = &counting->cases[i];

		seconds[end[(by_key ? one->key * spans : 0) + one->span]++] = one->seconds;
	}
	for (size_t cell = 0; !err && cell < cells; cell++) {
		size_t begin = cell > 0 ? end[cell - 1] : 0;
		struct measure_numbers *at = by_key ? counting->counted->series[cell / spans].at
						    : counting->counted->all.at;

		set_times(&at[cell % spans], seconds + begin, end[cell] - begin);
	}
	free(seconds);
	free(end);
	return err;
}

/* ---- levels ---- */

static void sum_up(struct measure_numbers *at, size_t count)
{
	int64_t level = at[0].of;

	at[0].of = 0;
	for (size_t i = count; i > 0; i--) {
		int64_t later = at[i].value;

		at[i].value = level;
		level -= later;
	}
	at[0].value = level;
}

static void sum_levels(const struct counting *counting)
{
	size_t count = counting->spans->count;

	sum_up(counting->counted->all.at, count);
	for (size_t i = 0; i < counting->counted->count; i++)
		sum_up(counting->counted->series[i].at, count);
}

/* ---- all of it ---- */

static ward_err count(struct store_tx *tx, struct counting *counting)
{
	const char *const *keys = counting->way ? counting->way->split->keys : NULL;
	size_t index;
	ward_err err = new_numbers(counting, &counting->counted->all.at);

	counting->counted->all.key = WARD_STR("");
	for (size_t i = 0; !err && keys && keys[i]; i++)
		err = add_key(counting, ward_str_from(keys[i]), &index);
	if (!err && counting->spans->count > 0)
		err = read_rows(tx, counting);
	if (!err && counting->metric->kind == MEASURE_TIME) {
		err = sort_cells(counting, false);
		if (!err && counting->way)
			err = sort_cells(counting, true);
	}
	if (!err && counting->metric->kind == MEASURE_LEVEL)
		sum_levels(counting);
	return err;
}

ward_err measure_count(struct store_tx *tx, const struct measure_metric *metric,
		const struct measure_way *way, const struct measure_spans *spans,
		struct ward_arena *arena, struct measure_counted *counted, struct ward_error *error)
{
	struct measure_counted found = { .series = NULL };
	struct counting counting = { .metric = metric,
		.way = way,
		.spans = spans,
		.arena = arena,
		.counted = &found,
		.error = error };
	ward_err err = count(tx, &counting);

	free(counting.cases);
	if (!err)
		*counted = found;
	return err;
}
