#include "filing/rows.h"

#include "base/clock.h"
#include "desk/job_rows.h"

#include <stdio.h>

/* A text of a row, kept; `full` when there was no room. */
struct keeping {
	struct ward_arena *arena;
	const struct store_rows *rows;
	bool full;
};

static ward_str keep(struct keeping *keeping, unsigned column)
{
	ward_str kept = ward_arena_str(keeping->arena, store_get_text(keeping->rows, column));

	keeping->full |= !kept.ptr;
	return kept.ptr ? kept : WARD_STR("");
}

static ward_err no_room(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "that much does not fit; ask for less");
}

/* Takes the only column of the only row. */
static ward_err one_id(struct store_tx *tx, const char *sql, struct store_values values,
		char id[ID_TEXT_MAX], struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, sql, values, &rows, error);

	if (err)
		return err;
	ward_str text = store_get_text(rows, 0);

	snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(text));
	return store_rows_end(rows, error);
}

/* ---- filings ---- */

static struct store_value or_null(ward_str text)
{
	return text.len > 0 ? store_text(text) : store_null();
}

#define COLUMNS                                                                               \
	"id, reference, action, environment, state, turn, draft_sha256, persons, report, "    \
	"opened_at, "                                                                         \
	"touched_at, tries, due_at, busy_until, after_retract, wish, alert, code, message, "  \
	"created_at, approved_at, finished_at, changed_at, job, authority, "                  \
	"(SELECT count(*) FROM filing_files WHERE filing = filings.id), "                     \
	"(SELECT count(*) FROM filing_files WHERE filing = filings.id AND state IN ('sent', " \
	"'telling', 'told')), "                                                               \
	"(SELECT count(*) FROM filing_files WHERE filing = filings.id AND state = 'told'), "  \
	"(SELECT count(*) FROM filing_approvals WHERE filing = filings.id AND "               \
	"filing_approvals.draft_sha256 = filings.draft_sha256)"

static ward_err read_row(struct keeping *keeping, struct filing_row *row, struct ward_error *error)
{
	const struct store_rows *rows = keeping->rows;

	*row = (struct filing_row){
		.id = keep(keeping, 0),
		.reference = keep(keeping, 1),
		.action = keep(keeping, 2),
		.environment = ward_str_eq(store_get_text(rows, 3), WARD_STR("production"))
					       ? FILING_PRODUCTION
					       : FILING_TEST,
		.turn = store_get_int(rows, 5),
		.draft_sha256 = keep(keeping, 6),
		.persons = store_get_int(rows, 7),
		.report = store_get_int(rows, 8),
		.opened_at = store_get_int(rows, 9),
		.touched_at = store_get_int(rows, 10),
		.tries = store_get_int(rows, 11),
		.due_at = store_get_int(rows, 12),
		.busy_until = store_get_int(rows, 13),
		.after_retract = keep(keeping, 14),
		.wish = keep(keeping, 15),
		.alert = keep(keeping, 16),
		.code = store_get_int(rows, 17),
		.message = keep(keeping, 18),
		.created_at = store_get_int(rows, 19),
		.approved_at = store_get_int(rows, 20),
		.finished_at = store_get_int(rows, 21),
		.changed_at = store_get_int(rows, 22),
		.job = keep(keeping, 23),
		.authority = keep(keeping, 24),
		.files = store_get_int(rows, 25),
		.files_sent = store_get_int(rows, 26),
		.files_told = store_get_int(rows, 27),
		.approvals = store_get_int(rows, 28),
	};
	if (!filing_state_parse(store_get_text(rows, 4), &row->state))
		return ward_fail(error, WARD_E_CORRUPT, "a report is in a state that nobody knows");
	return keeping->full ? no_room(error) : WARD_OK;
}

enum filing_environment rows_environment_of(const struct filing *filing, ward_str authority)
{
	return ward_str_eq(authority, WARD_STR("ncmec")) ? filing->options.environment
							 : filing->options.package_environment;
}

ward_err rows_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_row *row, struct ward_error *error)
{
	struct store_rows *rows;
	struct filing_row read;
	ward_err err = store_one(tx, "SELECT " COLUMNS ", draft FROM filings WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no report with this id");
	if (err)
		return err;
	struct keeping keeping = { arena, rows, false };

	err = read_row(&keeping, &read, error);
	read.draft = keep(&keeping, 29);
	if (!err && keeping.full)
		err = no_room(error);
	ward_err end = store_rows_end(rows, err ? NULL : error);

	if (!err && !end)
		*row = read;
	return err ? err : end;
}

ward_err rows_by_reference(struct store_tx *tx, ward_str reference, char id[ID_TEXT_MAX],
		struct ward_error *error)
{
	return one_id(tx, "SELECT id FROM filings WHERE reference = $1",
			STORE_VALUES(store_text(reference)), id, error);
}

ward_err rows_by_action(struct store_tx *tx, ward_str action, char id[ID_TEXT_MAX],
		struct ward_error *error)
{
	return one_id(tx, "SELECT id FROM filings WHERE action = $1",
			STORE_VALUES(store_text(action)), id, error);
}

/* A time that lies further ahead than any call takes was written by a clock that was wrong. */
ward_err rows_due(struct store_tx *tx, const struct filing_options *options, char id[ID_TEXT_MAX],
		struct ward_error *error)
{
	int64_t now = clock_now();

	return one_id(tx,
			"SELECT id FROM filings WHERE environment = $1 AND authority = 'ncmec' AND "
			"state IN ('approved', "
			"'opening', 'open', 'uploading', 'detailing', 'finishing', 'retracting') "
			"AND "
			"(due_at <= $2 OR due_at > $3 OR wish <> '') AND (busy_until <= $4 OR "
			"busy_until > $5) AND ($6 = 0 OR (job IS NULL AND $6 = 2) OR "
			"(job IS NOT NULL AND $6 = 1)) ORDER BY due_at, id LIMIT 1",
			STORE_VALUES(store_string(filing_environment_name(options->environment)),
					store_int(now), store_int(now + filing_wait_s(99)),
					store_int(options->alone ? INT64_MAX : now),
					store_int(now + 86400), store_int(options->share)),
			id, error);
}

/* $1 is who asks, $2 whether they label. */
#define SEEN                                                                                       \
	"($1 = '' OR job IS NULL OR EXISTS (SELECT 1 FROM desk_jobs j WHERE j.id = job "           \
	"AND " JOB_VISIBLE_TO("$1") " AND ($2 = 0 OR j.state <> 'open' OR j.waits <> 'second' OR " \
				    "EXISTS (SELECT 1 FROM desk_decisions d WHERE d.job = j.id "   \
				    "AND d.person = $1))))"

ward_err rows_page(struct store_tx *tx, const struct filing_question *question,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error)
{
	struct filing_row *read = ward_new(arena, struct filing_row, question->rows_max + 1);
	struct store_rows *found;
	size_t n = 0;

	if (!read)
		return no_room(error);
	ward_err err = store_query(tx,
			"SELECT " COLUMNS " FROM filings WHERE " SEEN
			" AND ($3 = '' OR id < $3) AND ($4 = '' OR job = $4) AND ($5 = '' OR "
			"state = $5) AND ($6 = 0 OR alert <> '') ORDER BY id DESC LIMIT $7",
			STORE_VALUES(store_text(question->viewer), store_int(question->labels),
					store_text(question->before), store_text(question->job),
					store_string(question->has_state
									? filing_state_name(
											  question->state)
									: ""),
					store_int(question->alerts), store_int(question->rows_max)),
			&found, error);

	if (err)
		return err;
	struct keeping keeping = { arena, found, false };

	while (!err && n < question->rows_max && store_next(found))
		err = read_row(&keeping, &read[n++], error);
	ward_err end = store_rows_end(found, err ? NULL : error);

	if (err || end)
		return err ? err : end;
	*rows = read;
	*count = n;
	return WARD_OK;
}

ward_err filing_job_seen(struct store_tx *tx, const struct filing_question *question, ward_str job,
		bool *seen, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT count(*) FROM (SELECT CAST($3 AS TEXT) AS job) f WHERE " SEEN,
			STORE_VALUES(store_text(question->viewer), store_int(question->labels),
					or_null(job)),
			&rows, error);

	if (err)
		return err;
	*seen = store_get_int(rows, 0) > 0;
	return store_rows_end(rows, error);
}

static struct store_value positive_or_null(int64_t number)
{
	return number > 0 ? store_int(number) : store_null();
}

ward_err rows_insert(struct store_tx *tx, const struct filing_row *row, struct ward_error *error)
{
	int64_t now = clock_now();

	return store_run(tx,
			"INSERT INTO filings (id, reference, action, environment, state, turn, "
			"draft, "
			"draft_sha256, persons, report, opened_at, touched_at, tries, due_at, "
			"busy_until, "
			"after_retract, wish, alert, code, message, created_at, approved_at, "
			"finished_at, "
			"changed_at, job, authority) VALUES ($1, $2, NULL, $3, $4, 1, $5, $6, $7, "
			"NULL, 0, "
			"0, 0, 0, 0, '', "
			"'', '', 0, '', $8, 0, 0, $8, $9, $10)",
			STORE_VALUES(store_text(row->id), store_text(row->reference),
					store_string(filing_environment_name(row->environment)),
					store_string(filing_state_name(row->state)),
					store_text(row->draft), store_text(row->draft_sha256),
					store_int(row->persons), store_int(now), or_null(row->job),
					store_text(row->authority)),
			NULL, error);
}

ward_err rows_update(struct store_tx *tx, struct filing_row *row, struct ward_error *error)
{
	uint64_t changed = 0;
	ward_err err = store_run(tx,
			"UPDATE filings SET action = $3, state = $4, turn = turn + 1, draft = $5, "
			"draft_sha256 = $6, persons = $7, report = $8, opened_at = $9, touched_at "
			"= $10, "
			"tries = $11, due_at = $12, busy_until = $13, after_retract = $14, wish = "
			"$15, "
			"alert = $16, code = $17, message = $18, approved_at = $19, finished_at = "
			"$20, "
			"changed_at = $21, job = $22 WHERE id = $1 AND turn = $2",
			STORE_VALUES(store_text(row->id), store_int(row->turn),
					or_null(row->action),
					store_string(filing_state_name(row->state)),
					store_text(row->draft), store_text(row->draft_sha256),
					store_int(row->persons), positive_or_null(row->report),
					store_int(row->opened_at), store_int(row->touched_at),
					store_int(row->tries), store_int(row->due_at),
					store_int(row->busy_until), store_text(row->after_retract),
					store_text(row->wish), store_text(row->alert),
					store_int(row->code), store_text(row->message),
					store_int(row->approved_at), store_int(row->finished_at),
					store_int(clock_now()), or_null(row->job)),
			&changed, error);

	if (!err && changed == 0)
		return ward_fail(error, WARD_E_CONFLICT, "somebody else is at this report");
	if (!err)
		row->turn++;
	return err;
}

ward_err rows_approve(struct store_tx *tx, ward_str id, ward_str person, ward_str sha256,
		ward_str reason, struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO filing_approvals (filing, person, draft_sha256, reason, at) "
			"VALUES "
			"($1, $2, $3, $4, $5) ON CONFLICT (filing, person, draft_sha256) DO "
			"NOTHING",
			STORE_VALUES(store_text(id), store_text(person), store_text(sha256),
					store_text(reason), store_int(clock_now())),
			NULL, error);
}

/* ---- files ---- */

ward_err rows_files_put(struct store_tx *tx, ward_str id, const struct filing_draft *draft,
		struct ward_error *error)
{
	ward_err err = store_run(tx, "DELETE FROM filing_files WHERE filing = $1",
			STORE_VALUES(store_text(id)), NULL, error);

	for (const struct filing_file *file = draft->files; file && !err; file = file->next)
		err = store_run(tx,
				"INSERT INTO filing_files (filing, number, item, state, size, md5, "
				"file, "
				"viewed, exif_viewed) VALUES ($1, $2, $3, 'waiting', 0, '', '', 0, "
				"0)",
				STORE_VALUES(store_text(id), store_int(file->index),
						store_text(file->item)),
				NULL, error);
	return err;
}

ward_err rows_file(struct store_tx *tx, ward_str id, const char *state, struct ward_arena *arena,
		struct filing_file_row *row, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT number, size, item, state, md5, file, viewed, exif_viewed FROM "
			"filing_files WHERE filing = $1 AND state = $2 ORDER BY number LIMIT 1",
			STORE_VALUES(store_text(id), store_string(state)), &rows, error);

	if (err)
		return err;
	struct keeping keeping = { arena, rows, false };
	struct filing_file_row read = { store_get_int(rows, 0), store_get_int(rows, 1),
		keep(&keeping, 2), keep(&keeping, 3), keep(&keeping, 4), keep(&keeping, 5),
		store_get_int(rows, 6) != 0, store_get_int(rows, 7) != 0 };

	err = store_rows_end(rows, error);
	if (!err && keeping.full)
		return no_room(error);
	if (!err)
		*row = read;
	return err;
}

ward_err rows_file_update(struct store_tx *tx, ward_str id, const struct filing_file_row *row,
		struct ward_error *error)
{
	return store_run(tx,
			"UPDATE filing_files SET state = $3, size = $4, md5 = $5, file = $6, "
			"viewed = $7, "
			"exif_viewed = $8 WHERE filing = $1 AND number = $2",
			STORE_VALUES(store_text(id), store_int(row->number), store_text(row->state),
					store_int(row->size), store_text(row->md5),
					store_text(row->file), store_int(row->viewed),
					store_int(row->exif_viewed)),
			NULL, error);
}

ward_err rows_files_reset(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE filing_files SET state = 'waiting', size = 0, md5 = '', file = '', "
			"viewed "
			"= 0, exif_viewed = 0 WHERE filing = $1",
			STORE_VALUES(store_text(id)), NULL, error);
}
