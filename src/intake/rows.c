/* Reports and items as the tables have them. */
#include "base/clock.h"
#include "intake/alike.h"
#include "intake/intake.h"

#define REPORT_COLUMNS                                                                  \
	"id, at, channel, holder, reporter, urgency, jurisdiction, language, context, " \
	"state, state_at, contact, receipt IS NOT NULL"
#define ITEM_COLUMNS                                                              \
	"id, report, place, kind, payload, type, bytes, md5, sha1, sha256, pdq, " \
	"pdq_quality, form, host, first, alike, closed_at"

/* ---- a report ---- */

static struct intake_report take_report(const struct store_rows *rows)
{
	return (struct intake_report){
		.id = store_get_text(rows, 0),
		.at = store_get_int(rows, 1),
		.channel = store_get_text(rows, 2),
		.holder = store_get_text(rows, 3),
		.reporter = store_get_text(rows, 4),
		.urgency = (enum intake_urgency)store_get_int(rows, 5),
		.jurisdiction = store_get_text(rows, 6),
		.language = store_get_text(rows, 7),
		.context = store_get_text(rows, 8),
		.state = (enum intake_state)store_get_int(rows, 9),
		.state_at = store_get_int(rows, 10),
		.contact = store_get_text(rows, 11),
		.has_receipt = store_get_int(rows, 12) != 0,
	};
}

/* Moves texts into the arena; false when it has no room. */
static bool keep_texts(struct ward_arena *arena, ward_str *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		*texts[i] = ward_arena_str(arena, *texts[i]);
		if (!texts[i]->ptr)
			return false;
	}
	return true;
}

static bool keep_report(struct ward_arena *arena, struct intake_report *report)
{
	ward_str *const texts[] = { &report->id, &report->channel, &report->holder,
		&report->reporter, &report->jurisdiction, &report->language, &report->context,
		&report->contact };

	return keep_texts(arena, texts, sizeof(texts) / sizeof(*texts));
}

ward_err intake_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_report *report, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT " REPORT_COLUMNS " FROM intake_reports WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err)
		return err == WARD_E_NOT_FOUND
				       ? ward_fail(error, err, "there is no report of this id")
				       : err;
	struct intake_report read = take_report(rows);
	bool room = keep_report(arena, &read);

	err = store_rows_end(rows, error);
	if (!err && !room)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a report");
	if (!err)
		*report = read;
	return err;
}

/* ---- a list of reports ---- */

struct condition {
	struct ward_buf sql;
	struct store_value values[8];
	size_t count;
};

static void where(struct condition *made, const char *test, struct store_value value)
{
	made->values[made->count++] = value;
	ward_buf_printf(&made->sql, "%s %s $%zu", made->count > 1 ? " AND" : " WHERE", test,
			made->count);
}

static void make_sql(struct condition *made, const struct intake_question *question)
{
	ward_buf_str(&made->sql, WARD_STR("SELECT " REPORT_COLUMNS " FROM intake_reports"));
	if (question->channel.len > 0)
		where(made, "channel =", store_text(question->channel));
	if (question->holder.len > 0)
		where(made, "holder =", store_text(question->holder));
	if (question->reporter.len > 0)
		where(made, "reporter =", store_text(question->reporter));
	if (question->since != 0)
		where(made, "at >=", store_int(question->since));
	if (question->until != 0)
		where(made, "at <", store_int(question->until));
	if (question->before.len > 0)
		where(made, "id <", store_text(question->before));
	ward_buf_printf(&made->sql, " ORDER BY id DESC LIMIT %u", question->reports_max);
}

ward_err intake_list(struct store_tx *tx, const struct intake_question *question,
		bool (*each)(void *context, const struct intake_report *report), void *context,
		struct ward_error *error)
{
	struct condition made = { .count = 0 };
	struct store_rows *rows;

	ward_buf_init(&made.sql, 2048);
	make_sql(&made, question);
	ward_err err = made.sql.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
				       : store_query(tx, ward_buf_text(&made.sql).ptr,
							 (struct store_values){ made.values,
									 made.count },
							 &rows, error);

	ward_buf_free(&made.sql);
	if (err)
		return err;
	while (store_next(rows)) {
		struct intake_report report = take_report(rows);

		if (!each(context, &report))
			break;
	}
	return store_rows_end(rows, error);
}

/* ---- items ---- */

static bool take_bytes(const struct store_rows *rows, unsigned column, uint8_t *out, size_t len)
{
	ward_bytes bytes = store_get_blob(rows, column);

	if (bytes.len != len)
		return false;
	memcpy(out, bytes.ptr, len);
	return true;
}

static struct intake_item take_item(const struct store_rows *rows)
{
	ward_signal pdq = { .kind = WARD_SIGNAL_PDQ };
	struct intake_item item = {
		.id = store_get_text(rows, 0),
		.report = store_get_text(rows, 1),
		.place = store_get_int(rows, 2),
		.kind = store_get_text(rows, 3),
		.payload = store_get_text(rows, 4),
		.type = store_get_text(rows, 5),
		.bytes = store_get_int(rows, 6),
		.pdq_quality = store_get_int(rows, 11),
		.form = store_get_text(rows, 12),
		.host = store_get_text(rows, 13),
		.first = store_get_text(rows, 14),
		.alike = store_get_text(rows, 15),
		.closed_at = store_get_int(rows, 16),
	};

	item.has_digests = take_bytes(rows, 7, item.md5, sizeof(item.md5)) &&
			   take_bytes(rows, 8, item.sha1, sizeof(item.sha1)) &&
			   take_bytes(rows, 9, item.sha256, sizeof(item.sha256));
	item.has_pdq = take_bytes(rows, 10, pdq.bytes, ALIKE_PDQ_SIZE);
	if (item.has_pdq)
		item.pdq = ward_pdq_from_signal(&pdq);
	return item;
}

static bool keep_item(struct ward_arena *arena, struct intake_item *item)
{
	ward_str *const texts[] = { &item->id, &item->report, &item->kind, &item->payload,
		&item->type, &item->form, &item->host, &item->first, &item->alike };

	return keep_texts(arena, texts, sizeof(texts) / sizeof(*texts));
}

static ward_err list_items(struct store_tx *tx, const char *sql, struct store_values values,
		size_t room, struct ward_arena *arena, struct intake_item_list *items,
		struct ward_error *error)
{
	struct intake_item_list read = { .at = ward_new(arena, struct intake_item, room) };
	struct store_rows *rows;
	bool kept = read.at != NULL;

	if (!kept)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the items");
	ward_err err = store_query(tx, sql, values, &rows, error);

	if (err)
		return err;
	while (kept && read.count < room && store_next(rows)) {
		read.at[read.count] = take_item(rows);
		kept = keep_item(arena, &read.at[read.count++]);
	}
	err = store_rows_end(rows, error);
	if (!err && !kept)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for the items");
	if (!err)
		*items = read;
	return err;
}

ward_err intake_items(struct store_tx *tx, ward_str report, struct ward_arena *arena,
		struct intake_item_list *items, struct ward_error *error)
{
	return list_items(tx,
			"SELECT " ITEM_COLUMNS
			" FROM intake_items WHERE report = $1 ORDER BY place",
			STORE_VALUES(store_text(report)), INTAKE_ITEMS_MAX, arena, items, error);
}

ward_err intake_item_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_item *item, struct ward_error *error)
{
	struct intake_item_list list = { .count = 0 };
	ward_err err = list_items(tx, "SELECT " ITEM_COLUMNS " FROM intake_items WHERE id = $1",
			STORE_VALUES(store_text(id)), 1, arena, &list, error);

	if (!err && list.count == 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no item of this id");
	if (!err)
		*item = list.at[0];
	return err;
}

ward_err intake_alike(struct store_tx *tx, ward_str first, unsigned items_max,
		struct ward_arena *arena, struct intake_item_list *items, struct ward_error *error)
{
	return list_items(tx,
			"SELECT " ITEM_COLUMNS
			" FROM intake_items WHERE first = $1 ORDER BY id LIMIT $2",
			STORE_VALUES(store_text(first), store_int(items_max)), items_max, arena,
			items, error);
}

/* ---- what the desk tells ---- */

ward_err intake_item_close(struct store_tx *tx, ward_str item, struct ward_error *error)
{
	uint64_t changed;
	ward_err err = store_run(tx,
			"UPDATE intake_items SET closed_at = $1 WHERE id = $2 AND closed_at = 0",
			STORE_VALUES(store_int(clock_now()), store_text(item)), &changed, error);

	return err ? err : alike_forget(tx, item, error);
}

ward_err intake_state_set(struct store_tx *tx, ward_str report, enum intake_state state,
		struct ward_error *error)
{
	uint64_t changed;
	ward_err err = store_run(tx,
			"UPDATE intake_reports SET state = $1, state_at = $2 WHERE id = $3 AND "
			"state <> $4",
			STORE_VALUES(store_int(state), store_int(clock_now()), store_text(report),
					store_int(INTAKE_WITHDRAWN)),
			&changed, error);

	if (!err && changed == 0)
		err = ward_fail(error, WARD_E_CONFLICT,
				"there is no such report, or it was withdrawn");
	return err;
}

ward_err intake_count(struct store_tx *tx, ward_str channel, int64_t since,
		struct intake_counts *counts, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COUNT(*), COUNT(CASE WHEN state = 2 THEN 1 END), "
			"COUNT(CASE WHEN state = 3 THEN 1 END) FROM intake_reports "
			"WHERE at >= $1 AND ($2 = '' OR channel = $2)",
			STORE_VALUES(store_int(since), store_text(channel)), &rows, error);

	if (err)
		return err;
	*counts = (struct intake_counts){
		.reports = (uint64_t)store_get_int(rows, 0),
		.done = (uint64_t)store_get_int(rows, 1),
		.withdrawn = (uint64_t)store_get_int(rows, 2),
	};
	return store_rows_end(rows, error);
}
