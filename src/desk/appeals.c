#include "desk/appeals.h"

#include "base/clock.h"
#include "desk/action_rows.h"
#include "desk/job_rows.h"
#include "desk/rows.h"

static const char *const states[] = { "open", "upheld", "reversed" };

const char *desk_appeal_state_name(enum desk_appeal_state state)
{
	return states[state];
}

bool desk_appeal_state_parse(ward_str text, enum desk_appeal_state *state)
{
	size_t found;

	if (!desk_word_find(states, 3, text, &found))
		return false;
	*state = (enum desk_appeal_state)found;
	return true;
}

static ward_err check_decision(struct store_tx *tx, ward_str decision, struct ward_error *error)
{
	struct store_rows *rows;
	int64_t open = 0;
	ward_err err = store_one(tx, "SELECT undone_at FROM desk_decisions WHERE id = $1",
			STORE_VALUES(store_text(decision)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such decision");
	if (err)
		return err;
	bool undone = !store_get_null(rows, 0);

	err = store_rows_end(rows, error);
	if (!err && undone)
		return ward_fail(error, WARD_E_CONFLICT, "the decision does not stand any more");
	if (!err)
		err = desk_number(tx,
				"SELECT COUNT(*) FROM desk_appeals WHERE decision = $1 "
				"AND state = 'open'",
				STORE_VALUES(store_text(decision)), &open, error);
	if (!err && open > 0)
		return ward_fail(error, WARD_E_EXISTS, "an appeal against it is open already");
	return err;
}

ward_err desk_appeal_add(struct store_tx *tx, ward_str by, ward_str decision, ward_str item,
		char id[ID_TEXT_MAX], struct ward_error *error)
{
	const struct desk_actor who = { .person = by, .role = WARD_STR("") };
	ward_err err = check_decision(tx, decision, error);

	if (err)
		return err;
	id_new(id);
	err = store_run(tx,
			"INSERT INTO desk_appeals (id, decision, at, item, state, person, "
			"settled_at) "
			"VALUES ($1, $2, $3, $4, 'open', NULL, NULL)",
			STORE_VALUES(store_string(id), store_text(decision), store_int(clock_now()),
					store_text(item)),
			NULL, error);
	return err ? err
		   : desk_audit(tx, &who, "appeal.received", "decision", decision, WARD_STR(""),
				     WARD_STR(""), error);
}

static ward_err read_appeal(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_appeal *appeal = row;

	*appeal = (struct desk_appeal){
		.id = desk_row_text(reading, 0),
		.decision = desk_row_text(reading, 1),
		.job = desk_row_text(reading, 2),
		.at = store_get_int(rows, 3),
		.item = desk_row_text(reading, 4),
		.person = desk_row_text(reading, 6),
		.settled_at = store_get_int(rows, 7),
	};
	return desk_appeal_state_parse(store_get_text(rows, 5), &appeal->state) ? WARD_OK
										: WARD_E_CORRUPT;
}

#define APPEAL_SELECT                                                                    \
	"SELECT a.id, a.decision, d.job, a.at, a.item, a.state, a.person, a.settled_at " \
	"FROM desk_appeals a JOIN desk_decisions d ON d.id = a.decision "

ward_err desk_appeal_list(struct store_tx *tx, ward_str viewer, enum desk_appeal_state state,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_appeal **appeals, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_appeal),
		.max = rows_max };
	ward_err err = desk_rows_read(tx,
			APPEAL_SELECT
			"JOIN desk_jobs j ON j.id = d.job WHERE a.state = $1 AND a.id > $2 "
			"AND " JOB_VISIBLE_TO("$4") " ORDER BY a.id LIMIT $3",
			STORE_VALUES(store_string(desk_appeal_state_name(state)), store_text(after),
					store_int(rows_max), store_text(viewer)),
			&array, read_appeal, error);

	if (!err) {
		*appeals = array.at;
		*count = array.count;
	}
	return err;
}

/* A decision of its own, that says what the first one was worth. */
static ward_err reverse_decision(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_appeal *appeal, ward_str reason, struct ward_error *error)
{
	char id[ID_TEXT_MAX];
	ward_err err = store_run(tx,
			"INSERT INTO desk_decisions (id, job, pass, person, role, at, outcome, "
			"policy, labels, reason, exposure, seconds, undone_at, undone_by) "
			"VALUES ($1, $2, 0, $3, $4, $5, 'none', NULL, '', $6, 'L0', 0, NULL, NULL)",
			STORE_VALUES(store_string(id_new(id)), store_text(appeal->job),
					store_text(actor->person), store_text(actor->role),
					store_int(clock_now()), store_text(reason)),
			NULL, error);

	if (!err)
		err = store_run(tx,
				"UPDATE desk_decisions SET undone_at = $2, undone_by = $3 WHERE id "
				"= $1",
				STORE_VALUES(store_text(appeal->decision), store_int(clock_now()),
						store_text(actor->person)),
				NULL, error);
	if (!err)
		err = desk_action_undo(tx, appeal->decision, error);
	return err ? err
		   : store_run(tx, "DELETE FROM desk_strikes WHERE decision = $1",
				     STORE_VALUES(store_text(appeal->decision)), NULL, error);
}

static ward_err settle(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_appeal *appeal, bool reverse, ward_str reason,
		struct ward_error *error)
{
	int64_t own = 0;
	ward_err err;

	if (appeal->state != DESK_APPEAL_OPEN)
		return ward_fail(error, WARD_E_CONFLICT, "the appeal is settled already");
	err = desk_number(tx, "SELECT COUNT(*) FROM desk_decisions WHERE id = $1 AND person = $2",
			STORE_VALUES(store_text(appeal->decision), store_text(actor->person)), &own,
			error);
	if (!err && own > 0)
		return ward_fail(error, WARD_E_DENIED,
				"an appeal is settled by another person than who decided");
	if (!err)
		err = store_run(tx,
				"UPDATE desk_appeals SET state = $2, person = $3, settled_at = $4 "
				"WHERE id = $1",
				STORE_VALUES(store_text(appeal->id),
						store_string(reverse ? "reversed" : "upheld"),
						store_text(actor->person), store_int(clock_now())),
				NULL, error);
	if (!err && reverse)
		err = reverse_decision(tx, actor, appeal, reason, error);
	return err ? err
		   : desk_audit(tx, actor, reverse ? "appeal.reversed" : "appeal.upheld",
				     "decision", appeal->decision, reason, WARD_STR(""), error);
}

ward_err desk_appeal_get(struct store_tx *tx, ward_str viewer, ward_str id,
		struct ward_arena *arena, struct desk_appeal *appeal, struct ward_error *error)
{
	static const char missing[] = "there is no such appeal";
	ward_err err = desk_row_read(tx, APPEAL_SELECT "WHERE a.id = $1",
			STORE_VALUES(store_text(id)), arena, read_appeal, appeal, missing, error);

	return err ? err : desk_job_seen(tx, appeal->job, viewer, missing, error);
}

static ward_err read_job(struct desk_reading *reading, void *row)
{
	ward_str *job = row;

	*job = desk_row_text(reading, 0);
	return WARD_OK;
}

ward_err desk_decision_job(struct store_tx *tx, ward_str viewer, ward_str decision,
		struct ward_arena *arena, ward_str *job, struct ward_error *error)
{
	static const char missing[] = "there is no such decision";
	ward_err err = desk_row_read(tx, "SELECT job FROM desk_decisions WHERE id = $1",
			STORE_VALUES(store_text(decision)), arena, read_job, job, missing, error);

	return err || viewer.len == 0 ? err : desk_job_seen(tx, *job, viewer, missing, error);
}

ward_err desk_appeal_settle(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		bool reverse, ward_str reason, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_appeal appeal;

	ward_arena_init(&arena, 1 << 16);
	ward_err err = desk_words_check(reason, "a reason", true, error);

	if (!err)
		err = desk_appeal_get(tx, actor->person, id, &arena, &appeal, error);
	if (!err)
		err = settle(tx, actor, &appeal, reverse, reason, error);
	ward_arena_free(&arena);
	return err;
}

ward_err desk_strikes(struct store_tx *tx, ward_str account, int64_t *weight,
		struct ward_error *error)
{
	return desk_number(tx,
			"SELECT CAST(COALESCE(SUM(weight), 0) AS BIGINT) FROM desk_strikes "
			"WHERE account = $1 AND (expires_at = 0 OR expires_at > $2)",
			STORE_VALUES(store_text(account), store_int(clock_now())), weight, error);
}
