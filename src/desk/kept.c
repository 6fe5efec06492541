#include "desk/kept.h"

#include "base/clock.h"
#include "desk/job_rows.h"

enum { OF_JOB_MAX = 10000 };

/* In each of these statements $1 is the person who asks, and $2 whether they label. */
#define TOLD                                                                                 \
	"(" JOB_VISIBLE_TO("$1") " AND ($2 = 0 OR j.state <> 'open' OR j.waits <> 'second' " \
				 "OR EXISTS (SELECT 1 FROM desk_decisions d WHERE d.job = "  \
				 "j.id AND d.person = $1)))"

/*
 * From an item of the vault, i, to what came in, t, and to the newest job of it that may be
 * told of, o; each step is by an index.  Only what came with a report is of a job.
 */
#define OF_THE_DESK                                                                            \
	"JOIN intake_items t ON t.report = substr(i.origin, 8) AND t.payload = i.id "          \
	"JOIN desk_jobs o ON o.id = (SELECT max(j.id) FROM desk_job_items m JOIN desk_jobs j " \
	"ON j.id = m.job WHERE m.item = t.id AND " TOLD ") "

/* `now` is a parameter's name. */
#define KEPT_COLUMNS(now)                                                                \
	"t.id, i.id, o.id, i.kind, i.bytes, i.sealed_at, i.keep_until, i.destroyed_at, " \
	"coalesce((SELECT max(h.end_at) FROM vault_holds h WHERE h.item = i.id AND "     \
	"h.authority = 1 AND h.released_at = 0 AND h.end_at >= " now "), 0)"

static ward_err read_kept(struct desk_reading *reading, void *row)
{
	struct desk_kept *kept = row;
	struct store_rows *rows = reading->rows;

	*kept = (struct desk_kept){ .item = desk_row_text(reading, 0),
		.payload = desk_row_text(reading, 1),
		.job = desk_row_text(reading, 2),
		.type = desk_row_text(reading, 3),
		.bytes = store_get_int(rows, 4),
		.sealed_at = store_get_int(rows, 5),
		.keep_until = store_get_int(rows, 6),
		.destroyed_at = store_get_int(rows, 7),
		.authority_until = store_get_int(rows, 8) };
	return WARD_OK;
}

static struct store_value labels_of(const struct desk_kept_viewer *viewer)
{
	return store_int(viewer->labels);
}

ward_err desk_kept_page(struct store_tx *tx, const struct desk_kept_question *question,
		struct ward_arena *arena, struct desk_kept_list *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_kept),
		.max = question->rows_max };
	const struct desk_kept_viewer *viewer = &question->viewer;
	ward_err err = desk_rows_read(tx,
			"SELECT " KEPT_COLUMNS(
					"$3") " FROM vault_items i " OF_THE_DESK
					      "WHERE i.destroyed_at = 0 AND i.keep_until >= "
					      "$4 AND i.keep_until < $5 "
					      "AND ($6 = '' OR (i.keep_until, i.id) > "
					      "(SELECT a.keep_until, a.id FROM intake_items b "
					      "JOIN vault_items a ON a.id = b.payload WHERE b.id = "
					      "$6)) ORDER BY "
					      "i.keep_until, i.id LIMIT $7",
			STORE_VALUES(store_text(viewer->person), labels_of(viewer),
					store_int(clock_now()), store_int(question->ends_from),
					store_int(question->ends_before),
					store_text(question->after), store_int(question->rows_max)),
			&array, read_kept, error);

	if (!err)
		*list = (struct desk_kept_list){ array.at, array.count };
	return err;
}

/* ---- of a job, of an item ---- */

static ward_err check_told(struct store_tx *tx, const struct desk_kept_viewer *viewer, ward_str job,
		struct ward_error *error)
{
	int64_t told = 0;
	ward_err err = desk_job_seen(tx, job, viewer->person,
			"there is no such job, or it is in a queue of others", error);

	if (!err)
		err = desk_number(tx, "SELECT count(*) FROM desk_jobs j WHERE j.id = $3 AND " TOLD,
				STORE_VALUES(store_text(viewer->person), labels_of(viewer),
						store_text(job)),
				&told, error);
	if (!err && told == 0)
		err = ward_fail(error, WARD_E_CONFLICT,
				"the job waits for a second look: decide it first");
	return err;
}

ward_err desk_kept_of_job(struct store_tx *tx, const struct desk_kept_viewer *viewer, ward_str job,
		struct ward_arena *arena, struct desk_kept_list *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_kept),
		.max = OF_JOB_MAX };
	ward_err err = check_told(tx, viewer, job, error);

	if (!err)
		err = desk_rows_read(tx,
				"SELECT " KEPT_COLUMNS("$2") " FROM desk_job_items m "
							     "JOIN desk_jobs o ON o.id = m.job "
							     "JOIN intake_items t ON t.id = m.item "
							     "JOIN vault_items i ON i.id = "
							     "t.payload WHERE m.job = $1 "
							     "ORDER BY i.id",
				STORE_VALUES(store_text(job), store_int(clock_now())), &array,
				read_kept, error);
	if (!err)
		*list = (struct desk_kept_list){ array.at, array.count };
	return err;
}

struct found_item {
	ward_str job;
	struct desk_kept kept;
};

static ward_err read_job(struct desk_reading *reading, void *row)
{
	struct found_item *found = row;

	found->job = desk_row_text(reading, 0);
	return WARD_OK;
}

ward_err desk_kept_item(struct store_tx *tx, const struct desk_kept_viewer *viewer, ward_str item,
		struct ward_arena *arena, struct desk_kept *kept, struct ward_error *error)
{
	struct found_item found;
	ward_err err = desk_row_read(tx,
			"SELECT j.id FROM desk_job_items m JOIN desk_jobs j ON j.id = m.job "
			"WHERE m.item = $2 AND " JOB_VISIBLE_TO("$1") " ORDER BY j.id DESC LIMIT 1",
			STORE_VALUES(store_text(viewer->person), store_text(item)), arena, read_job,
			&found, "there is no such item, or its job is in a queue of others", error);

	if (!err)
		err = check_told(tx, viewer, found.job, error);
	return err ? err
		   : desk_row_read(tx,
				     "SELECT " KEPT_COLUMNS(
						     "$3") " FROM intake_items t "
							   "JOIN vault_items i ON i.id = t.payload "
							   "JOIN desk_jobs o ON o.id = $2 WHERE "
							   "t.id = $1",
				     STORE_VALUES(store_text(item), store_text(found.job),
						     store_int(clock_now())),
				     arena, read_kept, kept,
				     "nothing of this item was ever in the vault", error);
}

ward_err desk_kept_elsewhere(struct store_tx *tx, ward_str job, bool *elsewhere,
		struct ward_error *error)
{
	int64_t count = 0;
	ward_err err = desk_number(tx,
			"SELECT count(*) FROM desk_job_items m JOIN desk_job_items n ON n.item = "
			"m.item AND n.job <> m.job JOIN desk_jobs j ON j.id = n.job "
			"WHERE m.job = $1 AND j.state = 'open'",
			STORE_VALUES(store_text(job)), &count, error);

	if (!err)
		*elsewhere = count > 0;
	return err;
}

/* ---- letters ---- */

static ward_err read_letter(struct desk_reading *reading, void *row)
{
	struct desk_letter *letter = row;
	struct store_rows *rows = reading->rows;

	*letter = (struct desk_letter){ .id = desk_row_text(reading, 0),
		.job = desk_row_text(reading, 1),
		.basis = desk_row_text(reading, 2),
		.reference = desk_row_text(reading, 3),
		.authority = store_get_int(rows, 4) != 0,
		.items = store_get_int(rows, 5),
		.start_at = store_get_int(rows, 6),
		.end_at = store_get_int(rows, 7) };
	return WARD_OK;
}

#define LETTER_COLUMNS                                                                         \
	"min(h.id), o.id, h.basis, h.reference, max(h.authority), count(*), min(h.start_at), " \
	"max(h.end_at)"
#define LETTERS(after, max) \
	" GROUP BY o.id, h.basis, h.reference HAVING min(h.id) > " after " ORDER BY 1 LIMIT " max

static ward_err letters_of_job(struct store_tx *tx, const struct desk_letter_question *question,
		struct desk_array *array, struct ward_error *error)
{
	ward_err err = check_told(tx, &question->viewer, question->job, error);

	return err ? err
		   : desk_rows_read(tx,
				     "SELECT " LETTER_COLUMNS " FROM desk_job_items m "
				     "JOIN desk_jobs o ON o.id = m.job "
				     "JOIN intake_items t ON t.id = m.item "
				     "JOIN vault_holds h ON h.item = t.payload "
				     "WHERE m.job = $1 AND h.released_at = 0 AND h.end_at >= "
				     "$2" LETTERS("$3", "$4"),
				     STORE_VALUES(store_text(question->job), store_int(clock_now()),
						     store_text(question->after),
						     store_int(question->rows_max)),
				     array, read_letter, error);
}

ward_err desk_letters(struct store_tx *tx, const struct desk_letter_question *question,
		struct ward_arena *arena, struct desk_letter_list *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_letter),
		.max = question->rows_max };
	const struct desk_kept_viewer *viewer = &question->viewer;
	ward_err err;

	if (question->job.len > 0)
		err = letters_of_job(tx, question, &array, error);
	else
		err = desk_rows_read(tx,
				"SELECT " LETTER_COLUMNS " FROM vault_holds h "
				"JOIN vault_items i ON i.id = h.item " OF_THE_DESK
				"WHERE h.authority = 1 AND h.released_at = 0 AND h.end_at >= "
				"$3" LETTERS("$4", "$5"),
				STORE_VALUES(store_text(viewer->person), labels_of(viewer),
						store_int(clock_now()), store_text(question->after),
						store_int(question->rows_max)),
				&array, read_letter, error);
	if (!err)
		*list = (struct desk_letter_list){ array.at, array.count };
	return err;
}

static ward_err read_id(struct desk_reading *reading, void *row)
{
	*(ward_str *)row = desk_row_text(reading, 0);
	return WARD_OK;
}

ward_err desk_letter_holds(struct store_tx *tx, ward_str job, ward_str basis, ward_str reference,
		struct ward_arena *arena, ward_str **holds, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena, .size = sizeof(ward_str), .max = OF_JOB_MAX };
	ward_err err = desk_rows_read(tx,
			"SELECT h.id FROM desk_job_items m JOIN intake_items t ON t.id = m.item "
			"JOIN vault_holds h ON h.item = t.payload WHERE m.job = $1 AND h.basis = "
			"$2 AND h.reference = $3 AND h.released_at = 0 AND h.end_at >= $4 "
			"ORDER BY h.id",
			STORE_VALUES(store_text(job), store_text(basis), store_text(reference),
					store_int(clock_now())),
			&array, read_id, error);

	if (!err) {
		*holds = array.at;
		*count = array.count;
	}
	return err;
}

/* ---- what was destroyed ---- */

static ward_err read_destruction(struct desk_reading *reading, void *row)
{
	struct desk_destruction *destruction = row;
	struct store_rows *rows = reading->rows;

	*destruction = (struct desk_destruction){ .item = desk_row_text(reading, 0),
		.payload = desk_row_text(reading, 1),
		.job = desk_row_text(reading, 2),
		.at = store_get_int(rows, 3),
		.bytes = store_get_int(rows, 4),
		.method = desk_row_text(reading, 5),
		.first = desk_row_text(reading, 6),
		.second = desk_row_text(reading, 7),
		.reason = desk_row_text(reading, 8),
		.bases = desk_row_text(reading, 9) };
	return WARD_OK;
}

ward_err desk_destructions(struct store_tx *tx, const struct desk_kept_viewer *viewer,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_destruction_list *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_destruction),
		.max = rows_max };
	ward_err err = desk_rows_read(tx,
			"SELECT t.id, i.id, o.id, x.at, i.bytes, x.method, x.first_approver, "
			"x.second_approver, x.reason, x.bases FROM vault_destructions x "
			"JOIN vault_items i ON i.id = x.item " OF_THE_DESK
			"WHERE $3 = '' OR (x.at, x.item) < (SELECT a.at, a.item FROM "
			"intake_items b JOIN vault_destructions a ON a.item = b.payload WHERE b.id "
			"= $3) "
			"ORDER BY x.at DESC, x.item DESC LIMIT $4",
			STORE_VALUES(store_text(viewer->person), labels_of(viewer),
					store_text(after), store_int(rows_max)),
			&array, read_destruction, error);

	if (!err)
		*list = (struct desk_destruction_list){ array.at, array.count };
	return err;
}
