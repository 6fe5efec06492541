/* Rows of a report that are only looked at: its files, and who approved it. */
#include "filing/rows.h"

static ward_str keep(struct ward_arena *arena, ward_str text, bool *full)
{
	ward_str kept = ward_arena_str(arena, text);

	*full |= !kept.ptr;
	return kept;
}

static ward_err end(struct store_rows *rows, bool full, struct ward_error *error)
{
	ward_err err = store_rows_end(rows, error);

	return err || !full ? err
			    : ward_fail(error, WARD_E_NOMEM,
					      "that much does not fit; ask for less");
}

/* How many rows there will be, and the query for them. */
static ward_err begin(struct store_tx *tx, ward_str id, const char *count_sql, const char *sql,
		size_t *room, struct store_rows **rows, struct ward_error *error)
{
	ward_err err = store_one(tx, count_sql, STORE_VALUES(store_text(id)), rows, error);

	if (err)
		return err;
	*room = (size_t)store_get_int(*rows, 0);
	err = store_rows_end(*rows, error);
	return err ? err : store_query(tx, sql, STORE_VALUES(store_text(id)), rows, error);
}

ward_err rows_files(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_file_row **files, size_t *count, struct ward_error *error)
{
	struct store_rows *rows;
	size_t room = 0, n = 0;
	ward_err err = begin(tx, id, "SELECT count(*) FROM filing_files WHERE filing = $1",
			"SELECT number, size, item, state, md5, file, viewed, exif_viewed "
			"FROM filing_files WHERE filing = $1 ORDER BY number",
			&room, &rows, error);

	if (err)
		return err;
	struct filing_file_row *read = ward_new(arena, struct filing_file_row, room + 1);
	bool full = !read;

	while (!full && n < room && store_next(rows)) {
		read[n++] = (struct filing_file_row){
			.number = store_get_int(rows, 0),
			.size = store_get_int(rows, 1),
			.item = keep(arena, store_get_text(rows, 2), &full),
			.state = keep(arena, store_get_text(rows, 3), &full),
			.md5 = keep(arena, store_get_text(rows, 4), &full),
			.file = keep(arena, store_get_text(rows, 5), &full),
			.viewed = store_get_int(rows, 6) != 0,
			.exif_viewed = store_get_int(rows, 7) != 0,
		};
	}
	err = end(rows, full, error);
	if (!err) {
		*files = read;
		*count = n;
	}
	return err;
}

ward_err rows_approvals(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_approval_row **approvals, size_t *count, struct ward_error *error)
{
	struct store_rows *rows;
	size_t room = 0, n = 0;
	ward_err err = begin(tx, id, "SELECT count(*) FROM filing_approvals WHERE filing = $1",
			"SELECT person, draft_sha256, reason, at FROM filing_approvals "
			"WHERE filing = $1 ORDER BY at, person",
			&room, &rows, error);

	if (err)
		return err;
	struct filing_approval_row *read = ward_new(arena, struct filing_approval_row, room + 1);
	bool full = !read;

	while (!full && n < room && store_next(rows)) {
		read[n++] = (struct filing_approval_row){
			.person = keep(arena, store_get_text(rows, 0), &full),
			.sha256 = keep(arena, store_get_text(rows, 1), &full),
			.reason = keep(arena, store_get_text(rows, 2), &full),
			.at = store_get_int(rows, 3),
		};
	}
	err = end(rows, full, error);
	if (!err) {
		*approvals = read;
		*count = n;
	}
	return err;
}
