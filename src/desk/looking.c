#include "desk/looking.h"

#include "desk/fit.h"
#include "desk/job_rows.h"
#include "desk/route.h"
#include "intake/alike.h"

/* ---- one item ---- */

static ward_err read_job(struct desk_reading *reading, void *row)
{
	struct desk_looking *looking = row;

	looking->job = desk_row_text(reading, 0);
	looking->known = store_get_text(reading->rows, 2).len > 0;
	return desk_facts_parse(desk_row_text(reading, 1), reading->arena, &looking->facts, NULL);
}

/* Whoever may still become the blind second is not told what the first one made of it. */
#define STANDS                                                                 \
	"SELECT d.id, d.at, d.outcome, d.policy, d.labels, p.severe "          \
	"FROM desk_keys k JOIN desk_jobs j ON j.id = k.job "                   \
	"JOIN desk_decisions d ON d.job = j.id "                               \
	"LEFT JOIN desk_policies p ON p.code = d.policy "                      \
	"WHERE k.kind = 'item' AND k.value = $1 AND d.undone_at IS NULL "      \
	"AND d.outcome <> 'escalate' AND " DECISION_TOLD_TO("$2") " ORDER BY " \
								  "d.at DESC, d.id DESC LIMIT 1"

static ward_err read_stands(struct desk_reading *reading, void *row)
{
	struct desk_looking *looking = row;

	looking->decision = desk_row_text(reading, 0);
	looking->decided_at = store_get_int(reading->rows, 1);
	looking->outcome = desk_row_text(reading, 2);
	looking->policy = desk_row_text(reading, 3);
	looking->labels = desk_row_text(reading, 4);
	looking->severe = store_get_int(reading->rows, 5) != 0;
	return WARD_OK;
}

static ward_err find_stands(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct desk_looking *looking, struct ward_error *error)
{
	ward_err err = desk_row_read(tx, STANDS,
			STORE_VALUES(store_text(looking->item.first), store_text(person)), arena,
			read_stands, looking, "nothing stands decided about it", error);

	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err find_severe(struct store_tx *tx, struct ward_arena *arena,
		struct desk_looking *looking, struct ward_error *error)
{
	ward_str severe;
	ward_err err = WARD_OK;

	if (looking->severe || looking->facts.labels.len == 0)
		return WARD_OK;
	err = desk_severe_labels(tx, arena, &severe, error);
	if (!err)
		looking->severe = desk_labels_meet(looking->facts.labels, severe);
	return err;
}

static ward_err find_first(struct store_tx *tx, struct desk_looking *looking,
		struct ward_error *error)
{
	return desk_number(tx,
			"SELECT r.at FROM intake_items i JOIN intake_reports r ON r.id = i.report "
			"WHERE i.id = $1",
			STORE_VALUES(store_text(looking->item.first)), &looking->first_at, error);
}

ward_err desk_looking(struct store_tx *tx, ward_str item, ward_str person, struct ward_arena *arena,
		struct desk_looking *looking, struct ward_error *error)
{
	struct desk_looking found = { .known = false };
	ward_err err = desk_row_read(tx,
			"SELECT j.id, j.facts, j.known_decision FROM desk_job_items i "
			"JOIN desk_jobs j ON j.id = i.job WHERE i.item = $1 AND " JOB_VISIBLE
			" ORDER BY CASE WHEN j.state = 'open' THEN 0 ELSE 1 END, j.created_at DESC "
			"LIMIT 1",
			STORE_VALUES(store_text(item), store_text(person)), arena, read_job, &found,
			"there is no such item, or its job is in a queue of others", error);

	if (!err)
		err = intake_item_get(tx, item, arena, &found.item, error);
	if (!err)
		err = find_first(tx, &found, error);
	if (!err)
		err = find_stands(tx, person, arena, &found, error);
	if (!err)
		err = find_severe(tx, arena, &found, error);
	if (!err)
		*looking = found;
	return err;
}

/* ---- near pictures ---- */

static ward_err find_job(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct desk_near *near, struct ward_error *error)
{
	struct desk_looking found = { .known = false };
	ward_err err = desk_row_read(tx,
			"SELECT j.id, j.facts, j.known_decision FROM desk_job_items i "
			"JOIN desk_jobs j ON j.id = i.job WHERE i.item = $1 AND " JOB_VISIBLE
			" ORDER BY j.created_at DESC LIMIT 1",
			STORE_VALUES(store_text(near->item), store_text(person)), arena, read_job,
			&found, "no job that this person may see", error);

	near->job = found.job;
	return err;
}

ward_err desk_near(struct store_tx *tx, ward_pdq pdq, ward_str person, unsigned rows_max,
		struct ward_arena *arena, struct desk_near_list *list, struct ward_error *error)
{
	struct alike_near_list found;
	ward_err err = alike_near(tx, pdq, arena, &found, error);
	struct desk_near *rows = err ? NULL : ward_new(arena, struct desk_near, rows_max + 1);
	size_t count = 0;

	if (err)
		return err;
	if (!rows)
		return ward_fail(error, WARD_E_NOMEM, "the jobs do not fit");
	for (size_t i = 0; i < found.count && count < rows_max && !err; i++) {
		rows[count] = (struct desk_near){ .item = found.at[i].item,
			.distance = found.at[i].distance };
		err = find_job(tx, person, arena, &rows[count], error);
		count += !err;
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	if (!err)
		*list = (struct desk_near_list){ rows, count };
	return err;
}
