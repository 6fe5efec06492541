/*
 * appeals.h - when whoever is touched by a decision disagrees; and strikes
 *
 * An appeal is about one decision, and is settled by a person who did not make
 * it: upheld, or reversed, which is a new decision that says so.  What has
 * left the house already is called back by an action of the operator's own.
 *
 * A strike counts a policy's weight against an account, for as long as the
 * decision stands and the strike has not run out.
 */
#ifndef DESK_APPEALS_H
#define DESK_APPEALS_H

#include "desk/desk.h"

enum desk_appeal_state { DESK_APPEAL_OPEN = 0, DESK_APPEAL_UPHELD, DESK_APPEAL_REVERSED };
const char *desk_appeal_state_name(enum desk_appeal_state state);
bool desk_appeal_state_parse(ward_str text, enum desk_appeal_state *state) WARD_MUST_USE;

struct desk_appeal {
	ward_str id, decision, job;
	int64_t at;
	ward_str item; /* the vault's: the words; or "" */
	enum desk_appeal_state state;
	ward_str person;
	int64_t settled_at;
};

/* EXISTS while one about the same decision is open; CONFLICT when it was undone. */
ward_err desk_appeal_add(struct store_tx *tx, ward_str by, ward_str decision, ward_str item,
		char id[ID_TEXT_MAX], struct ward_error *error) WARD_MUST_USE;
/* Those that `viewer` may see, oldest first. */
ward_err desk_appeal_list(struct store_tx *tx, ward_str viewer, enum desk_appeal_state state,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_appeal **appeals, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* NOT_FOUND also for one of a job that `viewer` may not see. */
ward_err desk_appeal_get(struct store_tx *tx, ward_str viewer, ward_str id,
		struct ward_arena *arena, struct desk_appeal *appeal,
		struct ward_error *error) WARD_MUST_USE;
/*
 * The job that was decided; NOT_FOUND when there is no such decision, or
 * `viewer` may not see the job ("" is no person, and is not looked at).
 */
ward_err desk_decision_job(struct store_tx *tx, ward_str viewer, ward_str decision,
		struct ward_arena *arena, ward_str *job, struct ward_error *error) WARD_MUST_USE;
/* DENIED for the person who made the decision. */
ward_err desk_appeal_settle(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		bool reverse, ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* The weight of strikes that count now. */
ward_err desk_strikes(struct store_tx *tx, ward_str account, int64_t *weight,
		struct ward_error *error) WARD_MUST_USE;

enum { DESK_STRIKE_DAYS = 180 };

#endif
