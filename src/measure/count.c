#include "measure/count.h"

#include <stdlib.h>

#include "measure/rows.h"

/* One case of a time. */
struct one_case {
	uint32_t key, span;
	int64_t seconds;
};

/* The key of a text that came before: most rows say what others have said. */
enum { SEEN = 256, SEEN_TEXT_MAX = 64 };

struct seen {
	size_t len; /* 0: nothing yet */
	size_t key;
	char text[SEEN_TEXT_MAX];
};

struct measure_counting {
	const struct measure_metric *metric;
	const struct measure_way *way;
	const struct measure_spans *spans;
	struct ward_arena *arena;
	struct measure_counted *counted;
	struct ward_error *error;
	size_t room;  /* of counted->series */
	size_t fixed; /* keys that there are always */
	struct one_case *cases;
	size_t case_count, case_room;
	struct seen seen[SEEN];
};

/* ---- keys ---- */

static ward_err new_numbers(struct measure_counting *counting, struct measure_numbers **at)
{
	*at = ward_new(counting->arena, struct measure_numbers, counting->spans->count + 1);
	return *at ? WARD_OK : ward_fail(counting->error, WARD_E_NOMEM, "out of memory");
}

static ward_err grow_series(struct measure_counting *counting)
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

static ward_err add_key(struct measure_counting *counting, ward_str key, size_t *index)
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

static ward_err find_key(struct measure_counting *counting, ward_str text, size_t *index)
{
	const struct measure_split *split = counting->way->split;
	const struct measure_counted *counted = counting->counted;
	ward_str key = split->key_of ? split->key_of(text) : text;

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

/* FNV-1a; what it cannot tell apart is compared. */
static size_t place_of(ward_str text)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619;
	return (hash ^ hash >> 16) % SEEN;
}

static ward_err row_key(struct measure_counting *counting, const struct measure_row *row,
		size_t *index)
{
	ward_str text = store_get_text(row->rows, row->first_text + counting->way->text);
	struct seen *seen = &counting->seen[place_of(text)];

	if (text.len > 0 && text.len == seen->len && memcmp(text.ptr, seen->text, text.len) == 0) {
		*index = seen->key;
		return WARD_OK;
	}
	ward_err err = find_key(counting, text, index);

	if (!err && text.len > 0 && text.len <= SEEN_TEXT_MAX) {
		memcpy(seen->text, text.ptr, text.len);
		seen->len = text.len;
		seen->key = *index;
	}
	return err;
}

/* ---- rows ---- */

static ward_err add_case(struct measure_counting *counting, size_t key, size_t span,
		int64_t seconds)
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

/*
 * A level is what there is now, less what came since, plus what went since: so
 * only that which is younger than the first period is looked at.  What is now
 * has the day 0, and is kept in `of` of the first period; what came and went
 * behind the last period is in the place behind it.
 */
static void take_level(const struct measure_counting *counting, struct measure_numbers *at,
		int64_t day, int64_t value)
{
	size_t span;

	if (day == 0)
		at[0].of += value;
	else if (measure_spans_find(counting->spans, day, &span))
		at[span].value += value;
	else if (day >= counting->spans->start[counting->spans->count])
		at[counting->spans->count].value += value;
}

static int64_t number_of(const struct measure_row *row, unsigned number)
{
	return store_get_int(row->rows, row->first_number + number - MEASURE_N1);
}

static ward_err take_step(struct measure_counting *counting, const struct measure_feed *feed,
		const struct measure_row *row, int64_t value)
{
	int64_t day = feed->day ? number_of(row, feed->day) : row->day;
	ward_err err = WARD_OK;
	size_t key;

	/* The rows may go further back, for others' sake. */
	if (row->day != 0 && row->day < counting->spans->start[0])
		return WARD_OK;
	if (feed->less)
		value = -value;
	if (counting->way)
		err = row_key(counting, row, &key);
	if (!err && counting->way)
		take_level(counting, counting->counted->series[key].at, day, value);
	if (!err)
		take_level(counting, counting->counted->all.at, day, value);
	return err;
}

static void add_numbers(struct measure_numbers *numbers, int64_t value, bool is_part)
{
	numbers->value += is_part ? value : 0;
	numbers->of += value;
}

ward_err measure_counting_take(struct measure_counting *counting, const struct measure_feed *feed,
		const struct measure_row *row)
{
	enum measure_kind kind = counting->metric->kind;
	struct measure_counted *counted = counting->counted;
	size_t span, key = 0;
	ward_err err = WARD_OK;

	if ((row->bits & feed->only) != feed->only || counting->spans->count == 0)
		return WARD_OK;
	int64_t value = feed->number ? number_of(row, feed->number) : 1;

	if (kind == MEASURE_LEVEL)
		return take_step(counting, feed, row, value);
	if (!measure_spans_find(counting->spans, row->day, &span))
		return WARD_OK;
	if (counting->way)
		err = row_key(counting, row, &key);
	if (err || kind == MEASURE_TIME)
		return err ? err : add_case(counting, key, span, value);
	bool is_part = (row->bits & feed->share) == feed->share;

	if (counting->way)
		add_numbers(&counted->series[key].at[span], value, is_part);
	add_numbers(&counted->all.at[span], value, is_part);
	return WARD_OK;
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
static ward_err sort_cells(const struct measure_counting *counting, bool by_key)
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

static void sum_levels(const struct measure_counting *counting)
{
	size_t count = counting->spans->count;

	sum_up(counting->counted->all.at, count);
	for (size_t i = 0; i < counting->counted->count; i++)
		sum_up(counting->counted->series[i].at, count);
}

/* `of` is told of shares alone. */
static void clear_of(struct measure_numbers *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at[i].of = 0;
}

static void clear_counts(const struct measure_counting *counting)
{
	clear_of(counting->counted->all.at, counting->spans->count);
	for (size_t i = 0; i < counting->counted->count; i++)
		clear_of(counting->counted->series[i].at, counting->spans->count);
}

/* ---- all of it ---- */

static int compare_keys(const void *a, const void *b)
{
	ward_str left = ((const struct measure_series *)a)->key;
	ward_str right = ((const struct measure_series *)b)->key;
	ward_str not_said = WARD_STR(MEASURE_NOT_SAID);
	int first = ward_str_eq(right, not_said) - ward_str_eq(left, not_said);
	size_t len = left.len < right.len ? left.len : right.len;
	int order = len > 0 ? memcmp(left.ptr, right.ptr, len) : 0;

	if (first)
		return first;
	return order ? order : (left.len > right.len) - (left.len < right.len);
}

static ward_err begin(struct measure_counting *counting)
{
	const char *const *keys = counting->way ? counting->way->split->keys : NULL;
	size_t index;
	ward_err err = new_numbers(counting, &counting->counted->all.at);

	counting->counted->all.key = WARD_STR("");
	for (size_t i = 0; !err && keys && keys[i]; i++)
		err = add_key(counting, ward_str_from(keys[i]), &index);
	counting->fixed = counting->counted->count;
	return err;
}

struct measure_counting *measure_counting_new(struct measure_wanted *wanted,
		struct ward_arena *arena, struct ward_error *error)
{
	struct measure_counting *counting = calloc(1, sizeof(*counting));

	if (!counting) {
		(void)ward_fail(error, WARD_E_NOMEM, "out of memory");
		return NULL;
	}
	wanted->counted = (struct measure_counted){ .series = NULL };
	counting->metric = wanted->metric;
	counting->way = wanted->way;
	counting->spans = wanted->spans;
	counting->arena = arena;
	counting->counted = &wanted->counted;
	counting->error = error;
	if (begin(counting) == WARD_OK)
		return counting;
	free(counting);
	return NULL;
}

ward_err measure_counting_end(struct measure_counting *counting)
{
	struct measure_counted *counted = counting->counted;
	ward_err err = WARD_OK;

	switch (counting->metric->kind) {
	case MEASURE_TIME:
		err = sort_cells(counting, false);
		if (!err && counting->way)
			err = sort_cells(counting, true);
		break;
	case MEASURE_LEVEL:
		sum_levels(counting);
		break;
	case MEASURE_COUNT:
		clear_counts(counting);
		break;
	case MEASURE_SHARE:
		break;
	}
	if (counted->count > counting->fixed)
		qsort(counted->series + counting->fixed, counted->count - counting->fixed,
				sizeof(*counted->series), compare_keys);
	return err;
}

void measure_counting_free(struct measure_counting *counting)
{
	if (counting)
		free(counting->cases);
	free(counting);
}
