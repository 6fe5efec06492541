#include "filing/rows.h"

#include "base/clock.h"

ward_err rows_call_begin(struct store_tx *tx, ward_str id, const struct filing_call_row *call,
		int64_t *number, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"INSERT INTO filing_calls (filing, number, call, report, file, begun_at, "
			"ended_at, "
			"outcome, status, code, request_id, sent, reply) VALUES ($1, (SELECT "
			"coalesce(max("
			"number), 0) + 1 FROM filing_calls WHERE filing = $1), $2, $3, $4, $5, 0, "
			"'begun', "
			"0, -1, '', $6, NULL) RETURNING number",
			STORE_VALUES(store_text(id), store_text(call->call),
					call->report > 0 ? store_int(call->report) : store_null(),
					call->file >= 0 ? store_int(call->file) : store_null(),
					store_int(clock_now()),
					call->sent.ptr ? store_blob(call->sent) : store_null()),
			&rows, error);

	if (err)
		return err;
	*number = store_get_int(rows, 0);
	return store_rows_end(rows, error);
}

static ward_err write_end(struct store_tx *tx, ward_str id, const struct filing_call_row *call,
		const char *sql, uint64_t *changed, struct ward_error *error)
{
	return store_run(tx, sql,
			STORE_VALUES(store_text(id), store_int(call->number),
					store_int(clock_now()), store_text(call->outcome),
					store_int(call->status), store_int(call->code),
					store_text(call->request_id), store_blob(call->reply),
					call->report > 0 ? store_int(call->report) : store_null()),
			changed, error);
}

#define END                                                                             \
	"UPDATE filing_calls SET ended_at = $3, outcome = $4, status = $5, code = $6, " \
	"request_id = $7, reply = $8, report = $9 WHERE filing = $1 AND number = $2"

ward_err rows_call_end(struct store_tx *tx, ward_str id, const struct filing_call_row *call,
		bool *ours, struct ward_error *error)
{
	uint64_t changed = 0;
	ward_err err = write_end(tx, id, call, END " AND outcome = 'begun'", &changed, error);

	*ours = changed > 0;
	return err || changed > 0 ? err : write_end(tx, id, call, END, NULL, error);
}

ward_err rows_calls_lost(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE filing_calls SET outcome = 'lost', ended_at = $2 WHERE filing = $1 "
			"AND "
			"ended_at = 0",
			STORE_VALUES(store_text(id), store_int(clock_now())), NULL, error);
}

static ward_bytes keep_bytes(struct ward_arena *arena, ward_bytes bytes, bool *full)
{
	uint8_t *copy = bytes.len > 0 ? ward_arena_alloc(arena, bytes.len, 1) : NULL;

	if (!copy) {
		*full |= bytes.len > 0;
		return (ward_bytes){ NULL, 0 };
	}
	memcpy(copy, bytes.ptr, bytes.len);
	return (ward_bytes){ copy, bytes.len };
}

static ward_str keep_text(struct ward_arena *arena, ward_str text, bool *full)
{
	ward_str kept = ward_arena_str(arena, text);

	*full |= !kept.ptr;
	return kept;
}

static ward_err count_calls(struct store_tx *tx, ward_str id, size_t *count,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT count(*) FROM filing_calls WHERE filing = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err)
		return err;
	*count = (size_t)store_get_int(rows, 0);
	return store_rows_end(rows, error);
}

ward_err filing_calls_of(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_call_row **calls, size_t *count, struct ward_error *error)
{
	struct store_rows *rows;
	size_t room = 0, n = 0;
	bool full = false;
	ward_err err = count_calls(tx, id, &room, error);

	if (err)
		return err;
	struct filing_call_row *read = ward_new(arena, struct filing_call_row, room + 1);

	err = read ? store_query(tx,
				     "SELECT number, report, file, begun_at, ended_at, status, "
				     "code, "
				     "call, outcome, request_id, sent, reply FROM filing_calls "
				     "WHERE "
				     "filing = $1 ORDER BY number",
				     STORE_VALUES(store_text(id)), &rows, error)
		   : ward_fail(error, WARD_E_NOMEM, "that many calls do not fit");
	if (err)
		return err;
	while (n < room && !full && store_next(rows)) {
		read[n++] = (struct filing_call_row){
			.number = store_get_int(rows, 0),
			.report = store_get_int(rows, 1),
			.file = store_get_null(rows, 2) ? -1 : store_get_int(rows, 2),
			.begun_at = store_get_int(rows, 3),
			.ended_at = store_get_int(rows, 4),
			.status = store_get_int(rows, 5),
			.code = store_get_int(rows, 6),
			.call = keep_text(arena, store_get_text(rows, 7), &full),
			.outcome = keep_text(arena, store_get_text(rows, 8), &full),
			.request_id = keep_text(arena, store_get_text(rows, 9), &full),
			.sent = keep_bytes(arena, store_get_blob(rows, 10), &full),
			.reply = keep_bytes(arena, store_get_blob(rows, 11), &full),
		};
	}
	err = store_rows_end(rows, error);
	if (!err && full)
		err = ward_fail(error, WARD_E_NOMEM, "that many calls do not fit");
	if (err)
		return err;
	*calls = read;
	*count = n;
	return WARD_OK;
}

ward_err filing_calls(struct filing *filing, ward_str id, struct ward_arena *arena,
		struct filing_call_row **calls, size_t *count, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(filing->options.store, &tx, error);

	if (err)
		return err;
	err = filing_calls_of(tx, id, arena, calls, count, error);
	store_read_end(tx);
	return err;
}
