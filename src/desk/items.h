/*
 * items.h - what the desk tells intake about the items and reports of a job
 */
#ifndef DESK_ITEMS_H
#define DESK_ITEMS_H

#include <ward/view.h>

#include "desk/desk.h"

/* The highest level at which this person was shown any of the job's items (exposure.h). */
ward_err desk_items_seen(struct store_tx *tx, ward_str job, ward_str person, ward_view_level *level,
		struct ward_error *error) WARD_MUST_USE;

/* Somebody works on it, or has decided: what the reporters may learn. */
ward_err desk_items_reading(struct store_tx *tx, ward_str job,
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_items_decided(struct store_tx *tx, ward_str job,
		struct ward_error *error) WARD_MUST_USE;

#endif
