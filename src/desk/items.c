#include "desk/items.h"

#include "desk/exposure.h"
#include "desk/jobs.h"
#include "intake/intake.h"

enum { ARENA = 16 << 20 };

static ward_err see_item(struct store_tx *tx, ward_str id, ward_str person,
		struct ward_arena *arena, ward_view_level *level, struct ward_error *error)
{
	ward_view_level seen = WARD_LEVEL_FACTS;
	struct intake_item item;
	ward_err err = intake_item_get(tx, id, arena, &item, error);

	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (!err && item.payload.len > 0)
		err = exposure_highest(tx, person, item.payload, &seen, error);
	if (!err && seen > *level)
		*level = seen;
	return err;
}

ward_err desk_items_seen(struct store_tx *tx, ward_str job, ward_str person, ward_view_level *level,
		struct ward_error *error)
{
	ward_view_level highest = WARD_LEVEL_FACTS;
	struct desk_names items;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA);
	ward_err err = desk_job_items(tx, job, &arena, &items, error);

	for (size_t i = 0; !err && i < items.count; i++)
		err = see_item(tx, items.at[i], person, &arena, &highest, error);
	ward_arena_free(&arena);
	if (!err)
		*level = highest;
	return err;
}

/* A report that was withdrawn, and one that came from elsewhere, stay as they are. */
static ward_err set_states(struct store_tx *tx, ward_str job, enum intake_state state,
		struct ward_arena *arena, struct ward_error *error)
{
	struct desk_names reports;
	ward_err err = desk_job_reports(tx, job, arena, &reports, error);

	for (size_t i = 0; !err && i < reports.count; i++) {
		err = intake_state_set(tx, reports.at[i], state, error);
		if (err == WARD_E_NOT_FOUND || err == WARD_E_CONFLICT)
			err = WARD_OK;
	}
	return err;
}

ward_err desk_items_reading(struct store_tx *tx, ward_str job, struct ward_error *error)
{
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA);
	ward_err err = set_states(tx, job, INTAKE_READING, &arena, error);

	ward_arena_free(&arena);
	return err;
}

ward_err desk_items_decided(struct store_tx *tx, ward_str job, struct ward_error *error)
{
	struct desk_names items;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA);
	ward_err err = set_states(tx, job, INTAKE_DONE, &arena, error);

	if (!err)
		err = desk_job_items(tx, job, &arena, &items, error);
	for (size_t i = 0; !err && i < items.count; i++) {
		err = intake_item_close(tx, items.at[i], error);
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	ward_arena_free(&arena);
	return err;
}
