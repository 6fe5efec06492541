#include "measure/sites.h"

/* ---- writing ---- */

static ward_err note_count(struct store_tx *tx, const struct measure_sites *sites,
		const struct measure_site_count *row, struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO site_counts (day, run, list, cause, act, count) VALUES "
			"($1, $2, $3, $4, $5, $6) ON CONFLICT (day, run, list, cause, act) DO "
			"UPDATE SET count = excluded.count",
			STORE_VALUES(store_int(sites->day), store_text(ward_str_from(sites->run)),
					store_text(row->list), store_text(row->cause),
					store_text(row->act), store_int(row->count)),
			NULL, error);
}

static ward_err note_host(struct store_tx *tx, const struct measure_sites *sites,
		const struct measure_site_host *row, struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO site_hosts (day, run, host, list, count) VALUES "
			"($1, $2, $3, $4, $5) ON CONFLICT (day, run, host) DO UPDATE SET count = "
			"excluded.count",
			STORE_VALUES(store_int(sites->day), store_text(ward_str_from(sites->run)),
					store_text(row->host), store_text(row->list),
					store_int(row->count)),
			NULL, error);
}

ward_err measure_sites_note(struct store_tx *tx, const struct measure_sites *sites,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < sites->count_count && !err; i++)
		err = note_count(tx, sites, &sites->counts[i], error);
	for (size_t i = 0; i < sites->host_count && !err; i++)
		err = note_host(tx, sites, &sites->hosts[i], error);
	return err;
}

ward_err measure_sites_forget(struct store_tx *tx, int64_t day, struct ward_error *error)
{
	return store_run(tx, "DELETE FROM site_hosts WHERE day < $1", STORE_VALUES(store_int(day)),
			NULL, error);
}

/* ---- reading ---- */

static ward_str keep(struct ward_arena *arena, struct store_rows *rows, unsigned column, bool *full)
{
	ward_str text = ward_arena_str(arena, store_get_text(rows, column));

	*full = *full || !text.ptr;
	return text;
}

static ward_err end(struct store_rows *rows, bool full, struct ward_error *error)
{
	ward_err err = store_rows_end(rows, error);

	return !err && full ? ward_fail(error, WARD_E_NOMEM, "no memory for so many rows") : err;
}

ward_err measure_sites_counts(struct store_tx *tx, int64_t from, int64_t to,
		struct ward_arena *arena, const struct measure_site_count **rows, size_t *count,
		struct ward_error *error)
{
	struct measure_site_count *made =
			ward_new(arena, struct measure_site_count, MEASURE_SITES_ROWS_MAX);
	struct store_rows *found;
	bool full = !made;
	size_t n = 0;
	ward_err err = store_query(tx,
			"SELECT day, list, cause, act, CAST(SUM(count) AS BIGINT) FROM site_counts "
			"WHERE day >= $1 AND day <= $2 GROUP BY day, list, cause, act ORDER BY day "
			"DESC, list, cause, act LIMIT $3",
			STORE_VALUES(store_int(from), store_int(to),
					store_int(MEASURE_SITES_ROWS_MAX)),
			&found, error);

	if (err)
		return err;
	while (!full && store_next(found) && n < MEASURE_SITES_ROWS_MAX) {
		struct measure_site_count *row = &made[n++];

		row->day = store_get_int(found, 0);
		row->list = keep(arena, found, 1, &full);
		row->cause = keep(arena, found, 2, &full);
		row->act = keep(arena, found, 3, &full);
		row->count = store_get_int(found, 4);
	}
	err = end(found, full, error);
	if (!err) {
		*rows = made;
		*count = n;
	}
	return err;
}

ward_err measure_sites_hosts(struct store_tx *tx, int64_t from, int64_t to, size_t most,
		struct ward_arena *arena, const struct measure_site_host **rows, size_t *count,
		struct ward_error *error)
{
	size_t room = most < MEASURE_SITES_ROWS_MAX ? most : MEASURE_SITES_ROWS_MAX, n = 0;
	struct measure_site_host *made = ward_new(arena, struct measure_site_host, room + 1);
	struct store_rows *found;
	bool full = !made;
	ward_err err = store_query(tx,
			"SELECT host, MIN(list), CAST(SUM(count) AS BIGINT) FROM site_hosts WHERE "
			"day >= $1 AND day <= $2 GROUP BY host ORDER BY 3 DESC, host LIMIT $3",
			STORE_VALUES(store_int(from), store_int(to), store_int((int64_t)room)),
			&found, error);

	if (err)
		return err;
	while (!full && store_next(found) && n < room) {
		made[n].host = keep(arena, found, 0, &full);
		made[n].list = keep(arena, found, 1, &full);
		made[n++].count = store_get_int(found, 2);
	}
	err = end(found, full, error);
	if (!err) {
		*rows = made;
		*count = n;
	}
	return err;
}
