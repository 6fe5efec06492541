#include "filing/retention.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "filing/authority.h"
#include "filing/log.h"
#include "filing/rows.h"

#include <ward/hash.h>

enum { PAGE = 200, DAY_S = 86400, ARENA_MAX = 64 << 20, SHA256_TEXT = 65 };

static const char unsent[] = "never-sent";
static const struct filing_actor itself = { { "system", 6 }, { "", 0 } };

static bool sha256_of(ward_str text, char sha256[SHA256_TEXT])
{
	struct ward_digests digests;

	if (ward_digest((ward_bytes){ (const uint8_t *)text.ptr, text.len }, &digests) != WARD_OK)
		return false;
	ward_hex_format(digests.sha256, 32, sha256);
	return true;
}

static ward_err count(struct store_tx *tx, const char *sql, struct store_values values, bool *some,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, sql, values, &rows, error);

	if (err)
		return err;
	*some = store_get_int(rows, 0) > 0;
	return store_rows_end(rows, error);
}

ward_err filing_has_ended(struct store_tx *tx, ward_str reference, bool *has,
		struct ward_error *error)
{
	char sha256[SHA256_TEXT];

	if (!sha256_of(reference, sha256))
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	return count(tx,
			"SELECT count(*) FROM filing_destructions WHERE reference_sha256 = $1 AND "
			"state IN ('finished', 'sent', 'acknowledged')",
			STORE_VALUES(store_string(sha256)), has, error);
}

/* ---- when ---- */

struct ending {
	const struct filing_retention *retention;
	ward_str id;
	struct ward_arena arena;
	struct filing_row row;
	char basis[LEGAL_CODE_MAX];
	bool held, ended;
};

static bool was_sent(const struct filing_row *row)
{
	return row->state == FILING_FINISHED || row->state == FILING_SENT ||
	       row->state == FILING_ACKNOWLEDGED;
}

/* The law's period; where the installation's table has no such clock, a year. */
static int64_t sent_until(struct ending *ending)
{
	const struct filing_row *row = &ending->row;
	struct filing_authority *authority = NULL;
	struct legal_period keep = { .years = 1 };

	/* One whose file is broken is kept as if it were gone. */
	if (!filing_row_is_ncmec(row) &&
			filing_authority_find(ending->retention->workspace, row->authority,
					&authority, NULL) != WARD_OK)
		authority = NULL;
	ward_str code = filing_authority_clock(authority);

	snprintf(ending->basis, sizeof(ending->basis), "%.*s", WARD_FMT(code));
	const struct legal_clock *clock = legal_find(ending->retention->legal, code);

	if (clock)
		keep = clock->keep;
	filing_authority_free(authority);
	return legal_period_end(row->finished_at, keep);
}

static int64_t ends_at(struct ending *ending)
{
	const struct filing_row *row = &ending->row;

	if (was_sent(row))
		return sent_until(ending);
	if (row->state != FILING_DRAFT && row->state != FILING_ABANDONED &&
			row->state != FILING_RETRACTED)
		return INT64_MAX;
	snprintf(ending->basis, sizeof(ending->basis), "%s", unsent);
	return row->changed_at + (int64_t)FILING_UNSENT_DAYS * DAY_S;
}

/* A draft that somebody's decision waits for. */
static ward_err is_asked_for(const struct ending *ending, struct store_tx *tx, bool *asked,
		struct ward_error *error)
{
	*asked = false;
	if (ending->row.state != FILING_DRAFT || ending->row.job.len == 0)
		return WARD_OK;
	return count(tx,
			"SELECT count(*) FROM desk_actions WHERE job = $1 AND kind = 'report' AND "
			"state <> 'undone'",
			STORE_VALUES(store_text(ending->row.job)), asked, error);
}

static ward_err is_held(const struct ending *ending, struct store_tx *tx, bool *held,
		struct ward_error *error)
{
	return count(tx,
			"SELECT count(*) FROM vault_holds WHERE authority = 1 AND released_at = 0 "
			"AND "
			"end_at >= $1 AND (item IN (SELECT item FROM filing_files WHERE filing = "
			"$2) "
			"OR item IN (SELECT item FROM filing_packages WHERE filing = $3) OR item "
			"IN "
			"(SELECT i.payload FROM intake_items i JOIN desk_job_items j ON j.item = "
			"i.id "
			"WHERE j.job = $4))",
			STORE_VALUES(store_int(clock_now()), store_text(ending->id),
					store_text(ending->id), store_text(ending->row.job)),
			held, error);
}

/* ---- the end ---- */

static bool take_time(void *context, const struct audit_row *row)
{
	*(int64_t *)context = row->at;
	return false;
}

static ward_err clock_is_right(struct store_tx *tx, bool *right, struct ward_error *error)
{
	int64_t newest = 0;
	ward_err err = audit_read(tx, &(struct audit_question){ .rows_max = 1 }, take_time, &newest,
			error);

	*right = clock_now() >= newest;
	return err;
}

static struct store_value or_null(ward_str text)
{
	return text.len > 0 ? store_text(text) : store_null();
}

static ward_err add_record(struct ending *ending, struct store_tx *tx, struct ward_error *error)
{
	const struct filing_row *row = &ending->row;
	char reference[SHA256_TEXT];

	if (!sha256_of(row->reference, reference))
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	return store_run(tx,
			"INSERT INTO filing_destructions (id, authority, environment, state, "
			"report, "
			"reference_sha256, draft_sha256, action, job, files, approved_at, "
			"finished_at, basis, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
			"$11, $12, $13, $14)",
			STORE_VALUES(store_text(row->id), store_text(row->authority),
					store_string(filing_environment_name(row->environment)),
					store_string(filing_state_name(row->state)),
					row->report > 0 ? store_int(row->report) : store_null(),
					store_string(reference), store_text(row->draft_sha256),
					or_null(row->action), or_null(row->job),
					store_int(row->files), store_int(row->approved_at),
					store_int(row->finished_at), store_string(ending->basis),
					store_int(clock_now())),
			NULL, error);
}

static ward_err destroy(struct ending *ending, struct store_tx *tx, struct ward_error *error)
{
	static const char *const tables[] = {
		"DELETE FROM filing_approvals WHERE filing = $1",
		"DELETE FROM filing_files WHERE filing = $1",
		"DELETE FROM filing_calls WHERE filing = $1",
		"DELETE FROM filing_packages WHERE filing = $1",
		"DELETE FROM filings WHERE id = $1",
	};
	ward_err err = add_record(ending, tx, error);

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && !err; i++)
		err = store_run(tx, tables[i], STORE_VALUES(store_text(ending->id)), NULL, error);
	return err ? err
		   : filing_log(tx, &itself, "report.destroyed", &ending->row,
				     &(struct filing_log_words){ ending->row.draft_sha256,
						     ward_str_from(ending->basis) },
				     error);
}

static ward_err note(struct ending *ending, struct store_tx *tx, int64_t since,
		struct ward_error *error)
{
	return store_run(tx, "UPDATE filings SET over_since = $2 WHERE id = $1",
			STORE_VALUES(store_text(ending->id), store_int(since)), NULL, error);
}

static ward_err over_since(const struct ending *ending, struct store_tx *tx, int64_t *since,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT over_since FROM filings WHERE id = $1",
			STORE_VALUES(store_text(ending->id)), &rows, error);

	if (err)
		return err;
	*since = store_get_int(rows, 0);
	return store_rows_end(rows, error);
}

static ward_err end_one(struct ending *ending, struct store_tx *tx, struct ward_error *error)
{
	int64_t now = clock_now(), since = 0;
	bool right = false, asked = false;
	ward_err err = rows_get(tx, ending->id, &ending->arena, &ending->row, error);

	if (!err)
		err = over_since(ending, tx, &since, error);
	if (!err)
		err = clock_is_right(tx, &right, error);
	if (err || !right)
		return err;
	bool over = ends_at(ending) < now;

	if (over)
		err = is_asked_for(ending, tx, &asked, error);
	if (!err && over && !asked)
		err = is_held(ending, tx, &ending->held, error);
	if (err)
		return err;
	if (!over || asked || ending->held)
		return since == 0 ? WARD_OK : note(ending, tx, 0, error);
	if (since == 0 || since > now)
		return note(ending, tx, now, error);
	if (now - since < DAY_S)
		return WARD_OK;
	ending->ended = true;
	return destroy(ending, tx, error);
}

static ward_err end_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct ending *ending = context;

	ending->held = ending->ended = false;
	ward_arena_init(&ending->arena, ARENA_MAX);
	ward_err err = end_one(ending, tx, error);

	ward_arena_free(&ending->arena);
	/* Somebody else's end. */
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

/* ---- all of them ---- */

struct page {
	char ids[PAGE][ID_TEXT_MAX];
	size_t count;
};

/* What may be over: the shortest clock is of days, and what is younger is none of this. */
static ward_err read_page(struct store_tx *tx, const char *after, struct page *page,
		struct ward_error *error)
{
	struct store_rows *rows;
	int64_t now = clock_now();
	ward_err err = store_query(tx,
			"SELECT id FROM filings WHERE id > $1 AND ((state IN ('finished', 'sent', "
			"'acknowledged') AND finished_at < $2) OR (state IN ('draft', 'abandoned', "
			"'retracted') AND changed_at < $3) OR over_since > 0) ORDER BY id LIMIT $4",
			STORE_VALUES(store_string(after), store_int(now),
					store_int(now - (int64_t)FILING_UNSENT_DAYS * DAY_S),
					store_int(PAGE)),
			&rows, error);

	page->count = 0;
	if (err)
		return err;
	while (page->count < PAGE && store_next(rows)) {
		ward_str id = store_get_text(rows, 0);

		snprintf(page->ids[page->count++], ID_TEXT_MAX, "%.*s", WARD_FMT(id));
	}
	return store_rows_end(rows, error);
}

static ward_err next_page(struct store *store, const char *after, struct page *page,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = read_page(tx, after, page, error);
	store_read_end(tx);
	return err;
}

/* A look, so that what is young makes nobody wait for a work. */
static ward_err may_be_over(struct store *store, struct ending *ending, bool *may,
		struct ward_error *error)
{
	struct store_tx *tx;
	int64_t since = 0;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	ward_arena_init(&ending->arena, ARENA_MAX);
	err = rows_get(tx, ending->id, &ending->arena, &ending->row, error);
	if (!err)
		err = over_since(ending, tx, &since, error);
	*may = !err && (since != 0 || ends_at(ending) < clock_now());
	ward_arena_free(&ending->arena);
	store_read_end(tx);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

ward_err filing_end_due(struct store *store, const struct filing_retention *retention,
		struct filing_ended *ended, struct ward_error *error)
{
	struct page *page = calloc(1, sizeof(*page));
	char after[ID_TEXT_MAX] = "";
	ward_err err = page ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	*ended = (struct filing_ended){ 0 };
	while (!err) {
		err = next_page(store, after, page, error);
		if (err || page->count == 0)
			break;
		for (size_t i = 0; i < page->count && !err; i++) {
			struct ending ending = { .retention = retention,
				.id = ward_str_from(page->ids[i]) };
			bool may = false;

			err = may_be_over(store, &ending, &may, error);
			if (!err && may)
				err = store_write(store, end_work, &ending, error);
			ended->ended += !err && may && ending.ended;
			ended->held += !err && may && ending.held;
		}
		memcpy(after, page->ids[page->count - 1], sizeof(after));
	}
	free(page);
	return err;
}
