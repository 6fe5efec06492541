#include "desk/decide.h"

#include "base/clock.h"
#include "desk/action_rows.h"
#include "desk/job_rows.h"

#define DECISION_COLUMNS                                                                         \
	"d.id, d.job, d.pass, d.person, d.role, d.at, d.outcome, d.policy, d.labels, d.reason, " \
	"d.exposure, d.seconds, d.undone_at, d.undone_by"

static ward_err read_decision(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_decision *decision = row;

	*decision = (struct desk_decision){
		.id = desk_row_text(reading, 0),
		.job = desk_row_text(reading, 1),
		.pass = store_get_int(rows, 2),
		.person = desk_row_text(reading, 3),
		.role = desk_row_text(reading, 4),
		.at = store_get_int(rows, 5),
		.policy = desk_row_text(reading, 7),
		.labels = desk_row_text(reading, 8),
		.reason = desk_row_text(reading, 9),
		.exposure = desk_row_text(reading, 10),
		.seconds = store_get_int(rows, 11),
		.undone_at = store_get_int(rows, 12),
		.undone_by = desk_row_text(reading, 13),
	};
	return desk_outcome_parse(store_get_text(rows, 6), &decision->outcome) ? WARD_OK
									       : WARD_E_CORRUPT;
}

static ward_err read_decisions(struct store_tx *tx, const char *sql, struct store_values values,
		size_t max, struct ward_arena *arena, struct desk_decision **decisions,
		size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_decision),
		.max = max };
	ward_err err = desk_rows_read(tx, sql, values, &array, read_decision, error);

	if (!err) {
		*decisions = array.at;
		*count = array.count;
	}
	return err;
}

enum { JOB_DECISIONS_MAX = 1000 };

ward_err desk_decision_list(struct store_tx *tx, ward_str job, ward_str person,
		struct ward_arena *arena, struct desk_decision **decisions, size_t *count,
		struct ward_error *error)
{
	/* Whoever may still become the blind second sees their own words only. */
	return read_decisions(tx,
			"SELECT " DECISION_COLUMNS " FROM desk_decisions d "
			"JOIN desk_jobs j ON j.id = d.job WHERE d.job = $1 AND " DECISION_TOLD_TO(
					"$2") " "
					      "ORDER BY d.at, d.id",
			STORE_VALUES(store_text(job), store_text(person)), JOB_DECISIONS_MAX, arena,
			decisions, count, error);
}

ward_err desk_decision_recent(struct store_tx *tx, ward_str viewer, ward_str person,
		ward_str before, unsigned rows_max, struct ward_arena *arena,
		struct desk_decision **decisions, size_t *count, struct ward_error *error)
{
	int64_t at = INT64_MAX;
	ward_err err = WARD_OK;

	if (before.len > 0) {
		err = desk_number(tx, "SELECT at FROM desk_decisions WHERE id = $1",
				STORE_VALUES(store_text(before)), &at, error);
		if (!err && at == 0)
			return ward_fail(error, WARD_E_ARGUMENT,
					"\"before\" is the id of a decision of the page before");
	}
	if (err)
		return err;
	return read_decisions(tx,
			"SELECT " DECISION_COLUMNS " FROM desk_decisions d "
			"JOIN desk_jobs j ON j.id = d.job "
			"WHERE (d.at, d.id) < ($1, $2) AND ($3 = '' OR d.person = $3) AND "
			"(d.person = $5 OR (" JOB_VISIBLE_TO("$5") " AND " DECISION_TOLD_TO(
					"$5") ")) "
					      "ORDER BY d.at DESC, d.id DESC LIMIT $4",
			STORE_VALUES(store_int(at),
					before.len > 0 ? store_text(before) : store_string("~"),
					store_text(person), store_int(rows_max),
					store_text(viewer)),
			rows_max, arena, decisions, count, error);
}

/* ---- undoing ---- */

static ward_err check_undo(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_decision *decision, struct ward_error *error)
{
	int64_t left = 0, later = 0;
	ward_err err;

	if (!ward_str_eq(decision->person, actor->person))
		return ward_fail(error, WARD_E_DENIED,
				"a decision is undone by who made it; others appeal or decide "
				"anew");
	if (decision->undone_at != 0)
		return ward_fail(error, WARD_E_CONFLICT, "the decision is undone already");
	err = desk_number(tx,
			"SELECT COUNT(*) FROM desk_actions WHERE decision = $1 "
			"AND (state = 'done' OR tries > 0)",
			STORE_VALUES(store_text(decision->id)), &left, error);
	if (!err && left > 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"one of its actions has left already, so it stands; it can be "
				"appealed");
	if (!err)
		err = desk_number(tx,
				"SELECT COUNT(*) FROM desk_decisions WHERE job = $1 AND id <> $2 "
				"AND at >= $3 AND pass > $4 AND undone_at IS NULL",
				STORE_VALUES(store_text(decision->job), store_text(decision->id),
						store_int(decision->at), store_int(decision->pass)),
				&later, error);
	if (!err && later > 0)
		return ward_fail(error, WARD_E_CONFLICT, "somebody has decided after it");
	return err;
}

static const char *waits_of(int64_t pass)
{
	return pass == 2 ? "second" : pass == 3 ? "between" : "first";
}

static ward_err reopen(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_decision *decision, struct ward_error *error)
{
	ward_err err = desk_job_settle(tx, decision->job, DESK_JOB_OPEN, error);

	if (!err)
		err = desk_job_hand_on(tx, decision->job, waits_of(decision->pass), WARD_STR(""),
				WARD_STR(""), error);
	return err ? err : desk_job_take_one(tx, actor, NULL, decision->job, error);
}

static ward_err undo(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		ward_str reason, struct ward_arena *arena, struct ward_error *error)
{
	struct desk_decision decision;
	ward_err err = desk_row_read(tx,
			"SELECT " DECISION_COLUMNS " FROM desk_decisions d WHERE d.id = $1",
			STORE_VALUES(store_text(id)), arena, read_decision, &decision,
			"there is no such decision", error);

	if (!err)
		err = check_undo(tx, actor, &decision, error);
	if (!err)
		err = store_run(tx,
				"UPDATE desk_decisions SET undone_at = $2, undone_by = $3 WHERE id "
				"= $1",
				STORE_VALUES(store_text(id), store_int(clock_now()),
						store_text(actor->person)),
				NULL, error);
	if (!err)
		err = desk_action_undo(tx, id, error);
	if (!err)
		err = store_run(tx, "DELETE FROM desk_strikes WHERE decision = $1",
				STORE_VALUES(store_text(id)), NULL, error);
	if (!err)
		err = reopen(tx, actor, &decision, error);
	return err ? err
		   : desk_audit(tx, actor, "job.undone", "job", decision.job, reason, WARD_STR(""),
				     error);
}

ward_err desk_undo(struct store_tx *tx, const struct desk_actor *actor, ward_str decision,
		ward_str reason, struct ward_error *error)
{
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	ward_err err = desk_words_check(reason, "a reason", false, error);

	if (!err)
		err = undo(tx, actor, decision, reason, &arena, error);
	ward_arena_free(&arena);
	return err;
}
