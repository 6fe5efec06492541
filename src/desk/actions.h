/*
 * actions.h - what follows a decision, and how it leaves the house
 *
 * An action is a row that a decision made; it is due some seconds later, so
 * that it can be undone.  Kinds are built in ("report", "list", "close") or
 * the operator's own: those are a call to an address of theirs, with a JSON
 * body that is signed (deliver.h), tried again at growing intervals, and put
 * aside as "dead", visibly, when the last try has failed.
 *
 * A kind may want two persons: its actions wait until another person agrees.
 *
 * There is no kind that tells the person whose content it is.
 */
#ifndef DESK_ACTIONS_H
#define DESK_ACTIONS_H

#include "desk/desk.h"

struct desk_action_kind {
	ward_str name; /* a short word */
	ward_str title;
	bool builtin;
	ward_str parameters; /* a JSON array of {"name","type","required","choices"} */
	ward_str url;        /* "https://…"; "" for built-in ones */
	bool two_persons;
	bool active;
};

ward_err desk_action_kind_list(struct store_tx *tx, struct ward_arena *arena,
		struct desk_action_kind **kinds, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* Built-in ones keep what they are; only `title`, `two_persons` (never off for "report" of an
 * urgent job) and `active` of them can be changed. */
ward_err desk_action_kind_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_action_kind *kind, struct ward_error *error) WARD_MUST_USE;

/* Whether an object has what the kind's parameters ask for, and nothing else; a sentence if not. */
ward_err desk_parameters_check(ward_str schema, ward_str parameters,
		struct ward_error *error) WARD_MUST_USE;
/* Whether the schema itself is one. */
ward_err desk_parameters_schema_check(ward_str schema, struct ward_error *error) WARD_MUST_USE;

enum desk_action_state {
	DESK_ACTION_WAITING = 0, /* for a second person */
	DESK_ACTION_DUE,
	DESK_ACTION_DONE,
	DESK_ACTION_DEAD,
	DESK_ACTION_UNDONE,
};
const char *desk_action_state_name(enum desk_action_state state);
bool desk_action_state_parse(ward_str text, enum desk_action_state *state) WARD_MUST_USE;

struct desk_action {
	ward_str id, decision, job, kind, parameters;
	enum desk_action_state state;
	int64_t made_at, due_at, tries;
	ward_str answer;
	ward_str person;        /* who decided */
	ward_str second_person; /* who agreed */
};

/* Those that `viewer` may see, by state, oldest first; `after` is the last id of the page before.
 */
ward_err desk_action_list(struct store_tx *tx, ward_str viewer, enum desk_action_state state,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_action **actions, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_action_of_job(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_action **actions, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* Another person agrees (CONFLICT when it is the one who decided), or does not: it is undone. */
ward_err desk_action_agree(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		bool agree, ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* ---- leaving ---- */

/*
 * The next action of a built-in kind (or, with "", of the operator's own kinds) that is due;
 * it is not due again for `lease_s`: whoever asked
 * does it, then says how it went.  When the program dies in between it comes
 * up again, so an action may be done twice, never not at all; its id is sent
 * along for whoever gets it.  NOT_FOUND when none is due.
 */
ward_err desk_action_next(struct store_tx *tx, ward_str kind, int64_t lease_s,
		struct ward_arena *arena, struct desk_action *action,
		struct ward_error *error) WARD_MUST_USE;
/* Whether there is one: a look, that others need not wait for. */
ward_err desk_action_is_due(struct store_tx *tx, ward_str kind, bool *due,
		struct ward_error *error) WARD_MUST_USE;
enum { DESK_TRIES_MAX = 12 };
/*
 * `answer` is a code ("200", "timeout").  When it is not done it is tried
 * again after 10 s, doubling up to 6 h, until DESK_TRIES_MAX; then it is dead.
 */
ward_err desk_action_tried(struct store_tx *tx, ward_str id, bool done, bool hopeless,
		ward_str answer, struct ward_error *error) WARD_MUST_USE;
int64_t desk_action_wait_s(int64_t tries);
/* A dead one is due again, from its first try. */
ward_err desk_action_revive(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

#endif
