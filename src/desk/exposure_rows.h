/*
 * exposure_rows.h - a person's rows, as the files of exposure share them
 */
#ifndef DESK_EXPOSURE_ROWS_H
#define DESK_EXPOSURE_ROWS_H

#include "desk/exposure.h"
#include "desk/rows.h"

/* A person as they are now, and their day. */
struct exposure_state {
	ward_str person;
	int64_t now, day;
	int64_t now_ms; /* by the clock that only goes on */
	struct exposure_person kept;
	char last_item[ID_TEXT_MAX]; /* of a row of severe ones */
	struct exposure_amount used, raised;
	bool was_raised;
};

enum exposure_ended {
	EXPOSURE_IS_OPEN = 0,
	EXPOSURE_CLOSED,
	EXPOSURE_QUIETED,
	EXPOSURE_RAN_OUT,
	EXPOSURE_NOT_SHOWN,
};

/*
 * Reads it to change it: whoever else does waits until this work is over.
 * Steps that ran out are ended before.  Without rules (NULL) the day is not read.
 */
ward_err exposure_take_turn(struct store_tx *tx, const struct exposure_rules *rules,
		ward_str person, struct exposure_state *state,
		struct ward_error *error) WARD_MUST_USE;
/* Reads it only; a person who never looked is new. */
ward_err exposure_look_up(struct store_tx *tx, const struct exposure_rules *rules, ward_str person,
		struct exposure_state *state, struct ward_error *error) WARD_MUST_USE;
ward_err exposure_keep(struct store_tx *tx, const struct exposure_state *state,
		struct ward_error *error) WARD_MUST_USE;
/* Does the item count on this day already, and is it the last of the row? */
ward_err exposure_find_counted(struct store_tx *tx, const struct exposure_state *state,
		ward_str item, struct exposure_ask *ask, struct ward_error *error) WARD_MUST_USE;

#endif
