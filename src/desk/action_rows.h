/*
 * action_rows.h - how a decision makes its actions, and takes them back
 */
#ifndef DESK_ACTION_ROWS_H
#define DESK_ACTION_ROWS_H

#include "desk/actions.h"
#include "desk/rows.h"

struct desk_action_new {
	ward_str decision, job, kind, parameters;
	ward_str hidden; /* the queue's hidden actions */
	bool violation;  /* what is built in follows a violation only */
	bool urgent;     /* then a report wants two persons */
	int64_t due_at;
};

ward_err desk_action_add(struct store_tx *tx, const struct desk_action_new *action,
		struct ward_error *error) WARD_MUST_USE;
/* Those of a decision, or of a job, that have not left. */
ward_err desk_action_undo(struct store_tx *tx, ward_str decision,
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_action_undo_job(struct store_tx *tx, ward_str job,
		struct ward_error *error) WARD_MUST_USE;

#endif
