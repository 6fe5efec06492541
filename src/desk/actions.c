#include "desk/actions.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/action_rows.h"
#include "desk/job_rows.h"

static const char *const states[] = { "waiting", "due", "done", "dead", "undone" };

const char *desk_action_state_name(enum desk_action_state state)
{
	return states[state];
}

bool desk_action_state_parse(ward_str text, enum desk_action_state *state)
{
	size_t found;

	if (!desk_word_find(states, 5, text, &found))
		return false;
	*state = (enum desk_action_state)found;
	return true;
}

/* ---- made by a decision ---- */

static bool is_hidden(ward_str hidden, ward_str name)
{
	while (hidden.len > 0) {
		if (ward_str_eq(ward_str_trim(ward_str_cut(&hidden, ',')), name))
			return true;
	}
	return false;
}

struct kind_row {
	bool builtin, two_persons;
	ward_str parameters;
};

static ward_err read_kind_row(struct desk_reading *reading, void *row)
{
	*(struct kind_row *)row = (struct kind_row){
		.builtin = store_get_int(reading->rows, 0) != 0,
		.two_persons = store_get_int(reading->rows, 1) != 0,
		.parameters = desk_row_text(reading, 2),
	};
	return WARD_OK;
}

static ward_err check_action(struct store_tx *tx, const struct desk_action_new *action,
		bool *two_persons, struct ward_error *error)
{
	struct ward_arena arena;
	struct kind_row kind;

	ward_arena_init(&arena, 1 << 17);
	ward_err err = desk_row_read(tx,
			"SELECT builtin, two_persons, parameters FROM desk_action_kinds "
			"WHERE name = $1 AND active = 1",
			STORE_VALUES(store_text(action->kind)), &arena, read_kind_row, &kind,
			"there is no such action", error);

	if (err == WARD_E_NOT_FOUND)
		err = ward_fail(error, WARD_E_ARGUMENT,
				"there is no such action, or it is switched off");
	if (!err && is_hidden(action->hidden, action->kind))
		err = ward_fail(error, WARD_E_ARGUMENT, "this action is not offered in this queue");
	if (!err && kind.builtin && !action->violation)
		err = ward_fail(error, WARD_E_ARGUMENT, "this action follows a violation only");
	if (!err)
		err = desk_parameters_check(kind.parameters, action->parameters, error);
	if (!err)
		*two_persons = kind.two_persons ||
			       (action->urgent && ward_str_eq(action->kind, WARD_STR("report")));
	ward_arena_free(&arena);
	return err;
}

ward_err desk_action_add(struct store_tx *tx, const struct desk_action_new *action,
		struct ward_error *error)
{
	char id[ID_TEXT_MAX];
	bool two_persons = false;
	ward_err err = check_action(tx, action, &two_persons, error);

	if (err)
		return err;
	return store_run(tx,
			"INSERT INTO desk_actions (id, decision, job, kind, parameters, state, "
			"made_at, "
			"due_at, tries, answer, second_person) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', NULL)",
			STORE_VALUES(store_string(id_new(id)), store_text(action->decision),
					store_text(action->job), store_text(action->kind),
					store_text(action->parameters),
					store_string(two_persons ? "waiting" : "due"),
					store_int(clock_now()), store_int(action->due_at)),
			NULL, error);
}

ward_err desk_action_undo(struct store_tx *tx, ward_str decision, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE desk_actions SET state = 'undone' WHERE decision = $1 AND tries = "
			"0 "
			"AND (state = 'waiting' OR state = 'due')",
			STORE_VALUES(store_text(decision)), NULL, error);
}

ward_err desk_action_undo_job(struct store_tx *tx, ward_str job, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE desk_actions SET state = 'undone' WHERE job = $1 AND tries = 0 "
			"AND (state = 'waiting' OR state = 'due')",
			STORE_VALUES(store_text(job)), NULL, error);
}

/* ---- looking ---- */

#define ACTION_SELECT                                                                          \
	"SELECT a.id, a.decision, a.job, a.kind, a.parameters, a.state, a.made_at, a.due_at, " \
	"a.tries, a.answer, d.person, a.second_person FROM desk_actions a "                    \
	"JOIN desk_decisions d ON d.id = a.decision "

static ward_err read_action(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_action *action = row;

	*action = (struct desk_action){
		.id = desk_row_text(reading, 0),
		.decision = desk_row_text(reading, 1),
		.job = desk_row_text(reading, 2),
		.kind = desk_row_text(reading, 3),
		.parameters = desk_row_text(reading, 4),
		.made_at = store_get_int(rows, 6),
		.due_at = store_get_int(rows, 7),
		.tries = store_get_int(rows, 8),
		.answer = desk_row_text(reading, 9),
		.person = desk_row_text(reading, 10),
		.second_person = desk_row_text(reading, 11),
	};
	return desk_action_state_parse(store_get_text(rows, 5), &action->state) ? WARD_OK
										: WARD_E_CORRUPT;
}

static ward_err read_actions(struct store_tx *tx, const char *sql, struct store_values values,
		size_t max, struct ward_arena *arena, struct desk_action **actions, size_t *count,
		struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_action),
		.max = max };
	ward_err err = desk_rows_read(tx, sql, values, &array, read_action, error);

	if (!err) {
		*actions = array.at;
		*count = array.count;
	}
	return err;
}

ward_err desk_action_list(struct store_tx *tx, ward_str viewer, enum desk_action_state state,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_action **actions, size_t *count, struct ward_error *error)
{
	/* Ids sort by age. */
	return read_actions(tx,
			ACTION_SELECT
			"JOIN desk_jobs j ON j.id = a.job WHERE a.state = $1 AND a.id > $2 "
			"AND " JOB_VISIBLE_TO("$4") " AND " DECISION_TOLD_TO(
					"$4") " ORDER BY a.id LIMIT $3",
			STORE_VALUES(store_string(desk_action_state_name(state)), store_text(after),
					store_int(rows_max), store_text(viewer)),
			rows_max, arena, actions, count, error);
}

ward_err desk_action_of_job(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_action **actions, size_t *count, struct ward_error *error)
{
	return read_actions(tx, ACTION_SELECT "WHERE a.job = $1 ORDER BY a.made_at, a.id",
			STORE_VALUES(store_text(job)), 1000, arena, actions, count, error);
}

static ward_err get_action(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct desk_action *action, struct ward_error *error)
{
	return desk_row_read(tx, ACTION_SELECT "WHERE a.id = $1", STORE_VALUES(store_text(id)),
			arena, read_action, action, "there is no such action", error);
}

/* ---- the second person ---- */

static ward_err agree(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_action *action, bool yes, ward_str reason,
		struct ward_error *error)
{
	if (action->state != DESK_ACTION_WAITING)
		return ward_fail(error, WARD_E_CONFLICT, "the action does not wait for anybody");
	if (ward_str_eq(action->person, actor->person))
		return ward_fail(error, WARD_E_DENIED,
				"who decided cannot be the second person, too");
	ward_err err = store_run(tx,
			"UPDATE desk_actions SET state = $2, second_person = $3, "
			"due_at = CASE WHEN due_at < $4 THEN $4 ELSE due_at END WHERE id = $1",
			STORE_VALUES(store_text(action->id), store_string(yes ? "due" : "undone"),
					store_text(actor->person), store_int(clock_now())),
			NULL, error);

	return err ? err
		   : desk_audit(tx, actor, yes ? "action.agreed" : "action.refused", "action",
				     action->id, reason, WARD_STR(""), error);
}

ward_err desk_action_agree(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		bool yes, ward_str reason, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_action action = { .tries = 0 };

	ward_arena_init(&arena, 1 << 17);
	ward_err err = desk_words_check(reason, "a reason", !yes, error);

	if (!err)
		err = get_action(tx, id, &arena, &action, error);
	if (!err)
		err = desk_job_seen(tx, action.job, actor->person, "there is no such action",
				error);
	if (!err)
		err = agree(tx, actor, &action, yes, reason, error);
	ward_arena_free(&arena);
	return err;
}

/* ---- leaving ---- */

ward_err desk_action_is_due(struct store_tx *tx, ward_str kind, bool *due, struct ward_error *error)
{
	int64_t found = 0;
	ward_err err = desk_number(tx,
			"SELECT 1 FROM desk_actions a JOIN desk_action_kinds k ON k.name = a.kind "
			"WHERE a.state = 'due' AND a.due_at <= $1 AND "
			"(a.kind = $2 OR ($2 = '' AND k.builtin = 0)) LIMIT 1",
			STORE_VALUES(store_int(clock_now()), store_text(kind)), &found, error);

	if (!err)
		*due = found != 0;
	return err;
}

ward_err desk_action_next(struct store_tx *tx, ward_str kind, int64_t lease_s,
		struct ward_arena *arena, struct desk_action *action, struct ward_error *error)
{
	int64_t now = clock_now();
	uint64_t changed = 0;
	ward_err err = desk_row_read(tx,
			ACTION_SELECT "JOIN desk_action_kinds k ON k.name = a.kind "
				      "WHERE a.state = 'due' AND a.due_at <= $1 AND "
				      "(a.kind = $2 OR ($2 = '' AND k.builtin = 0)) "
				      "ORDER BY a.due_at, a.id LIMIT 1",
			STORE_VALUES(store_int(now), store_text(kind)), arena, read_action, action,
			"no action is due", error);

	if (err)
		return err;
	/* Counted before it is tried: what may have left cannot be undone. */
	err = store_run(tx,
			"UPDATE desk_actions SET tries = tries + 1, due_at = $2 "
			"WHERE id = $1 AND state = 'due' AND due_at <= $3",
			STORE_VALUES(store_text(action->id), store_int(now + lease_s),
					store_int(now)),
			&changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "no action is due");
	action->tries++;
	return err;
}

int64_t desk_action_wait_s(int64_t tries)
{
	int64_t wait = 10;

	for (int64_t i = 1; i < tries && wait < 6 * 3600; i++)
		wait *= 2;
	return wait < 6 * 3600 ? wait : 6 * 3600;
}

ward_err desk_action_tried(struct store_tx *tx, ward_str id, bool done, bool hopeless,
		ward_str answer, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_action action;

	ward_arena_init(&arena, 1 << 17);
	ward_err err = get_action(tx, id, &arena, &action, error);

	if (!err && action.state == DESK_ACTION_DUE) {
		bool dead = !done && (hopeless || action.tries >= DESK_TRIES_MAX);
		const char *state = done ? "done" : dead ? "dead" : "due";
		const struct desk_actor nobody = { .person = WARD_STR("system"),
			.role = WARD_STR("") };

		err = store_run(tx,
				"UPDATE desk_actions SET state = $2, answer = $3, due_at = $4 "
				"WHERE id = $1",
				STORE_VALUES(store_text(id), store_string(state),
						store_text(answer),
						store_int(clock_now() +
								desk_action_wait_s(action.tries))),
				NULL, error);
		if (!err && (done || dead))
			err = desk_audit(tx, &nobody, done ? "action.done" : "action.dead",
					"action", id, WARD_STR(""), WARD_STR(""), error);
	}
	ward_arena_free(&arena);
	return err;
}

ward_err desk_action_revive(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error)
{
	uint64_t changed = 0;
	/* One try is counted already: it may have left, and cannot be undone. */
	ward_err err = store_run(tx,
			"UPDATE desk_actions SET state = 'due', due_at = $2, tries = 1 "
			"WHERE id = $1 AND state = 'dead'",
			STORE_VALUES(store_text(id), store_int(clock_now())), &changed, error);

	if (!err && changed == 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"only an action that was given up is tried anew");
	return err ? err
		   : desk_audit(tx, actor, "action.revived", "action", id, WARD_STR(""),
				     WARD_STR(""), error);
}
