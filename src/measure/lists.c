#include "measure/lists.h"

static const struct measure_list_size *find(const struct measure_list_size *sizes, size_t count,
		ward_str list)
{
	for (size_t i = 0; i < count; i++) {
		if (ward_str_eq(sizes[i].list, list))
			return &sizes[i];
	}
	return NULL;
}

/* What has been noted of a list so far. */
static ward_err read_known(struct store_tx *tx, ward_str list, int64_t *entries,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT CAST(COALESCE(SUM(step), 0) AS BIGINT) FROM measure_lists WHERE "
			"list = $1",
			STORE_VALUES(store_text(list)), &rows, error);

	if (err)
		return err;
	int64_t sum = store_next(rows) ? store_get_int(rows, 0) : 0;

	err = store_rows_end(rows, error);
	if (!err)
		*entries = sum;
	return err;
}

/* Twice within a second: the steps are put together. */
static ward_err add_step(struct store_tx *tx, ward_str list, int64_t step, int64_t now,
		struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO measure_lists (list, at, step) VALUES ($1, $2, $3) ON "
			"CONFLICT (list, at) DO UPDATE SET step = measure_lists.step + "
			"excluded.step",
			STORE_VALUES(store_text(list), store_int(now), store_int(step)), NULL,
			error);
}

static ward_err note_one(struct store_tx *tx, const struct measure_list_size *size, int64_t now,
		struct ward_error *error)
{
	int64_t known;
	ward_err err = read_known(tx, size->list, &known, error);

	return err || known == size->entries
			       ? err
			       : add_step(tx, size->list, size->entries - known, now, error);
}

/* The first that is known to have entries, and is not among `sizes`; NOT_FOUND when none is. */
static ward_err find_gone(struct store_tx *tx, const struct measure_list_size *sizes, size_t count,
		struct ward_arena *arena, struct measure_list_size *gone, struct ward_error *error)
{
	struct store_rows *rows;
	bool found = false;
	ward_err err = store_query(tx,
			"SELECT list, CAST(SUM(step) AS BIGINT) FROM measure_lists GROUP BY list "
			"HAVING SUM(step) <> 0 ORDER BY list",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (!found && store_next(rows)) {
		ward_str list = store_get_text(rows, 0);

		found = !find(sizes, count, list);
		if (found)
			*gone = (struct measure_list_size){ ward_arena_str(arena, list), 0 };
	}
	err = store_rows_end(rows, error);
	if (!err && found && !gone->list.ptr)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	return err || found ? err : WARD_E_NOT_FOUND;
}

ward_err measure_lists_note(struct store_tx *tx, const struct measure_list_size *sizes,
		size_t count, int64_t now, struct ward_error *error)
{
	struct measure_list_size gone;
	struct ward_arena arena;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++)
		err = note_one(tx, &sizes[i], now, error);
	ward_arena_init(&arena, 1 << 20);
	while (!err) {
		err = find_gone(tx, sizes, count, &arena, &gone, error);
		if (!err)
			err = note_one(tx, &gone, now, error);
	}
	ward_arena_free(&arena);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

ward_err measure_lists_changed(struct store_tx *tx, const struct measure_list_size *sizes,
		size_t count, bool *changed, struct ward_error *error)
{
	struct measure_list_size gone;
	struct ward_arena arena;
	int64_t known = 0;
	ward_err err = WARD_OK;

	*changed = false;
	for (size_t i = 0; i < count && !err && !*changed; i++) {
		err = read_known(tx, sizes[i].list, &known, error);
		*changed = !err && known != sizes[i].entries;
	}
	if (err || *changed)
		return err;
	ward_arena_init(&arena, 1 << 16);
	err = find_gone(tx, sizes, count, &arena, &gone, error);
	ward_arena_free(&arena);
	*changed = !err;
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}
