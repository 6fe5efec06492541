#include "filing/handover.h"

#include "base/clock.h"
#include "filing/log.h"
#include "filing/rows.h"

enum { ARENA_MAX = 64 << 20, DAY_S = 86400 };

/* ---- rows ---- */

static ward_str keep(struct ward_arena *arena, ward_str text, bool *full)
{
	ward_str kept = ward_arena_str(arena, text);

	*full |= !kept.ptr;
	return kept;
}

ward_err filing_package_of(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_package_row *package, struct ward_error *error)
{
	struct store_rows *rows;
	bool full = false;
	ward_err err = store_one(tx,
			"SELECT item, sha256, downloaded_by, sent_by, way, their_reference, "
			"receipt, "
			"receipt_by, bytes, made_at, downloaded_at, sent_at, receipt_at, pages "
			"FROM filing_packages WHERE filing = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err)
		return err;
	struct filing_package_row read = {
		.item = keep(arena, store_get_text(rows, 0), &full),
		.sha256 = keep(arena, store_get_text(rows, 1), &full),
		.downloaded_by = keep(arena, store_get_text(rows, 2), &full),
		.sent_by = keep(arena, store_get_text(rows, 3), &full),
		.way = keep(arena, store_get_text(rows, 4), &full),
		.their_reference = keep(arena, store_get_text(rows, 5), &full),
		.receipt = keep(arena, store_get_text(rows, 6), &full),
		.receipt_by = keep(arena, store_get_text(rows, 7), &full),
		.bytes = store_get_int(rows, 8),
		.made_at = store_get_int(rows, 9),
		.downloaded_at = store_get_int(rows, 10),
		.sent_at = store_get_int(rows, 11),
		.receipt_at = store_get_int(rows, 12),
		.pages = store_get_int(rows, 13) != 0,
	};
	err = store_rows_end(rows, error);
	if (!err && full)
		return ward_fail(error, WARD_E_NOMEM, "that much does not fit; ask for less");
	if (!err)
		*package = read;
	return err;
}

static ward_err insert(struct store_tx *tx, ward_str id, const struct filing_package_made *made,
		struct ward_error *error)
{
	ward_err err = store_run(tx, "DELETE FROM filing_packages WHERE filing = $1",
			STORE_VALUES(store_text(id)), NULL, error);

	return err ? err
		   : store_run(tx,
				     "INSERT INTO filing_packages (filing, item, sha256, bytes, "
				     "pages, "
				     "made_at, downloaded_at, downloaded_by, sent_at, sent_by, "
				     "way, "
				     "their_reference, receipt, receipt_at, receipt_by) VALUES "
				     "($1, $2, "
				     "$3, $4, $5, $6, 0, '', 0, '', '', '', '', 0, '')",
				     STORE_VALUES(store_text(id), store_text(made->item),
						     store_text(made->sha256),
						     store_int((int64_t)made->bytes),
						     store_int(made->pages),
						     store_int(clock_now())),
				     NULL, error);
}

/* ---- making ---- */

ward_err filing_package_due(struct store_tx *tx, char id[ID_TEXT_MAX], struct ward_error *error)
{
	int64_t now = clock_now();
	struct store_rows *rows;
	/* A time far ahead was written by a clock that was wrong. */
	ward_err err = store_one(tx,
			"SELECT id FROM filings WHERE authority <> 'ncmec' AND state = 'approved' "
			"AND job IS NOT NULL AND (due_at <= $1 OR due_at > $2) ORDER BY due_at, id "
			"LIMIT 1",
			STORE_VALUES(store_int(now), store_int(now + filing_wait_s(99))), &rows,
			error);

	if (err)
		return err;
	ward_str text = store_get_text(rows, 0);

	snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(text));
	return store_rows_end(rows, error);
}

ward_err filing_package_keep(struct store_tx *tx, const struct filing_actor *actor,
		struct filing_row *row, const struct filing_package_made *made,
		struct ward_error *error)
{
	struct filing_row next = *row;

	if (row->state != FILING_APPROVED || filing_row_is_ncmec(row))
		return ward_fail(error, WARD_E_CONFLICT, "this report is %s",
				filing_state_name(row->state));
	next.state = FILING_READY;
	next.tries = 0;
	next.alert = made->pages ? WARD_STR("") : WARD_STR("pages");
	next.message = made->pages ? WARD_STR("")
				   : WARD_STR("The package has no pages for people, and says so.");
	ward_err err = rows_update(tx, &next, error);

	if (!err)
		err = insert(tx, row->id, made, error);
	return err ? err
		   : filing_log(tx, actor, "report.packaged", &next,
				     &(struct filing_log_words){ .digest = made->sha256 }, error);
}

ward_err filing_package_later(struct store_tx *tx, struct filing_row *row, const char *alert,
		ward_str message, struct ward_error *error)
{
	struct filing_row next = *row;

	next.tries++;
	next.due_at = clock_now() + filing_wait_s(next.tries);
	next.alert = ward_str_from(alert);
	next.message = message;
	return rows_update(tx, &next, error);
}

/* ---- what a person does ---- */

struct handing {
	struct ward_arena arena;
	struct filing_row row;
	struct filing_package_row package;
};

/* handing_end ends it, also after an error. */
static ward_err begin(struct handing *handing, struct store_tx *tx, ward_str id,
		struct ward_error *error)
{
	ward_arena_init(&handing->arena, ARENA_MAX);
	ward_err err = rows_get(tx, id, &handing->arena, &handing->row, error);

	if (err)
		return err;
	if (filing_row_is_ncmec(&handing->row))
		return ward_fail(error, WARD_E_CONFLICT,
				"this report goes to NCMEC: ward sends it itself");
	err = filing_package_of(tx, id, &handing->arena, &handing->package, error);
	return err == WARD_E_NOT_FOUND
			       ? ward_fail(error, WARD_E_CONFLICT, "this report has no package yet")
			       : err;
}

static void end(struct handing *handing)
{
	ward_arena_free(&handing->arena);
}

static ward_err not_now(const struct handing *handing, struct ward_error *error)
{
	return ward_fail(error, WARD_E_CONFLICT, "this report is %s",
			filing_state_name(handing->row.state));
}

static ward_err check_words(ward_str text, size_t len_max, const char *what,
		struct ward_error *error)
{
	if (text.len == 0 || !ward_utf8_valid(text))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is wanted", what);
	if (text.len > len_max)
		return ward_fail(error, WARD_E_LIMIT, "%s has at most %zu bytes", what, len_max);
	return WARD_OK;
}

static ward_err download(struct handing *handing, struct store_tx *tx,
		const struct filing_actor *actor, ward_str reason, struct ward_error *error)
{
	struct filing_row *row = &handing->row;
	ward_err err = WARD_OK;

	if (row->state < FILING_READY)
		return not_now(handing, error);
	if (handing->package.downloaded_at == 0)
		err = store_run(tx,
				"UPDATE filing_packages SET downloaded_at = $2, downloaded_by = $3 "
				"WHERE filing = $1",
				STORE_VALUES(store_text(row->id), store_int(clock_now()),
						store_text(actor->actor)),
				NULL, error);
	if (!err && row->state == FILING_READY) {
		row->state = FILING_DOWNLOADED;
		err = rows_update(tx, row, error);
	}
	return err ? err
		   : filing_log(tx, actor, "report.downloaded", row,
				     &(struct filing_log_words){ handing->package.sha256, reason },
				     error);
}

ward_err filing_downloaded(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error)
{
	struct handing handing;
	ward_err err = begin(&handing, tx, id, error);

	if (!err && reason.len > FILING_WORDS_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes",
				FILING_WORDS_MAX);
	if (!err)
		err = download(&handing, tx, actor, reason, error);
	end(&handing);
	return err;
}

static bool is_said(const struct handing *handing, const struct filing_sending *sending)
{
	const struct filing_package_row *package = &handing->package;

	return package->sent_at == sending->at &&
	       ward_str_eq(package->their_reference, sending->reference) &&
	       ward_str_eq(package->way, sending->way);
}

static ward_err mark_sent(struct handing *handing, struct store_tx *tx,
		const struct filing_actor *actor, const struct filing_sending *sending,
		struct ward_error *error)
{
	struct filing_row *row = &handing->row;

	if (row->state >= FILING_SENT && is_said(handing, sending))
		return WARD_OK;
	if (row->state != FILING_DOWNLOADED)
		return not_now(handing, error);
	/* A day may be said without its hour. */
	if (sending->at > clock_now() || sending->at < row->approved_at - DAY_S)
		return ward_fail(error, WARD_E_ARGUMENT,
				"it was sent after it was approved, and not in the future");
	row->state = FILING_SENT;
	row->finished_at = sending->at;
	row->alert = row->message = WARD_STR("");
	ward_err err = rows_update(tx, row, error);

	if (!err)
		err = store_run(tx,
				"UPDATE filing_packages SET sent_at = $2, sent_by = $3, way = $4, "
				"their_reference = $5 WHERE filing = $1",
				STORE_VALUES(store_text(row->id), store_int(sending->at),
						store_text(actor->actor), store_text(sending->way),
						store_text(sending->reference)),
				NULL, error);
	return err ? err
		   : filing_log(tx, actor, "report.sent", row,
				     &(struct filing_log_words){ handing->package.sha256,
						     sending->way },
				     error);
}

ward_err filing_mark_sent(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		const struct filing_sending *sending, struct ward_error *error)
{
	struct handing handing;
	ward_err err = begin(&handing, tx, id, error);

	if (!err)
		err = check_words(sending->way, FILING_WAY_MAX, "the way that it was sent", error);
	if (!err)
		err = check_words(sending->reference, FILING_WAY_MAX,
				"the number that it has there, or here", error);
	if (!err)
		err = mark_sent(&handing, tx, actor, sending, error);
	end(&handing);
	return err;
}

static ward_err acknowledge(struct handing *handing, struct store_tx *tx,
		const struct filing_actor *actor, ward_str text, struct ward_error *error)
{
	struct filing_row *row = &handing->row;
	ward_bytes bytes = { (const uint8_t *)text.ptr, text.len };

	if (row->state == FILING_ACKNOWLEDGED && ward_str_eq(handing->package.receipt, text))
		return WARD_OK;
	if (row->state != FILING_SENT)
		return not_now(handing, error);
	row->state = FILING_ACKNOWLEDGED;
	ward_err err = rows_update(tx, row, error);

	if (!err)
		err = store_run(tx,
				"UPDATE filing_packages SET receipt = $2, receipt_at = $3, "
				"receipt_by = $4 WHERE filing = $1",
				STORE_VALUES(store_text(row->id), store_text(text),
						store_int(clock_now()), store_text(actor->actor)),
				NULL, error);
	ward_str digest = filing_sha256(&handing->arena, bytes);

	if (!err && !digest.ptr)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	return err ? err
		   : filing_log(tx, actor, "report.acknowledged", row,
				     &(struct filing_log_words){ .digest = digest }, error);
}

ward_err filing_acknowledge(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str text, struct ward_error *error)
{
	struct handing handing;
	ward_err err = begin(&handing, tx, id, error);

	if (!err)
		err = check_words(text, FILING_RECEIPT_MAX, "what the authority answered", error);
	if (!err)
		err = acknowledge(&handing, tx, actor, text, error);
	end(&handing);
	return err;
}

ward_err filing_package_again(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error)
{
	struct handing handing;
	ward_err err = begin(&handing, tx, id, error);
	struct filing_row *row = &handing.row;

	if (!err && (row->state > FILING_DOWNLOADED || row->state < FILING_READY ||
				    handing.package.pages))
		err = ward_fail(error, WARD_E_CONFLICT,
				"this report is %s, and its package is whole or was sent",
				filing_state_name(row->state));
	if (!err && reason.len > FILING_WORDS_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "a reason has at most %d bytes",
				FILING_WORDS_MAX);
	if (!err) {
		row->state = FILING_APPROVED;
		row->tries = 0;
		row->due_at = clock_now();
		row->alert = row->message = WARD_STR("");
		err = rows_update(tx, row, error);
	}
	if (!err)
		err = filing_log(tx, actor, "report.again", row,
				&(struct filing_log_words){ .digest = WARD_STR(""),
						.reason = reason },
				error);
	end(&handing);
	return err;
}
