#include "base/clock.h"
#include "desk/exposure_rows.h"

#define KEPT "started_at, shift_until, day, severe_row, work_since, seen_at, last_item, quiet_since"

static void begin(struct exposure_state *state, ward_str person)
{
	*state = (struct exposure_state){
		.person = person,
		.now = clock_now(),
		.now_ms = (int64_t)(clock_ticks_us() / 1000),
	};
}

static void read_kept(const struct store_rows *rows, struct exposure_state *state)
{
	state->kept = (struct exposure_person){
		.started_at = store_get_int(rows, 0),
		.shift_until = store_get_int(rows, 1),
		.day = store_get_int(rows, 2),
		.severe_row = store_get_int(rows, 3),
		.work_since = store_get_int(rows, 4),
		.seen_at = store_get_int(rows, 5),
		.quiet_since = store_get_int(rows, 7),
	};
	desk_copy(state->last_item, sizeof(state->last_item), store_get_text(rows, 6));
}

static ward_err read_day(struct store_tx *tx, const struct exposure_rules *rules,
		struct exposure_state *state, struct ward_error *error)
{
	struct store_rows *rows;

	state->day = exposure_day_for(rules, &state->kept, state->now);
	ward_err err = store_one(tx,
			"SELECT items, seconds, severe, raised_items, raised_seconds, "
			"raised_severe, raised_by FROM exposure_days WHERE person = $1 AND day = "
			"$2",
			STORE_VALUES(store_text(state->person), store_int(state->day)), &rows,
			error);

	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	state->used = (struct exposure_amount){
		.items = store_get_int(rows, 0),
		.seconds = store_get_int(rows, 1),
		.severe = store_get_int(rows, 2),
	};
	state->raised = (struct exposure_amount){
		.items = store_get_int(rows, 3),
		.seconds = store_get_int(rows, 4),
		.severe = store_get_int(rows, 5),
	};
	state->was_raised = store_get_text(rows, 6).len > 0;
	return store_rows_end(rows, error);
}

/* What was granted to them was taken already. */
static ward_err end_old_steps(struct store_tx *tx, const struct exposure_state *state,
		struct ward_error *error)
{
	return store_run(tx,
			"UPDATE exposure_steps SET ended = $3, ended_at = until "
			"WHERE person = $1 AND ended = 0 AND until <= $2",
			STORE_VALUES(store_text(state->person), store_int(state->now),
					store_int(EXPOSURE_RAN_OUT)),
			NULL, error);
}

ward_err exposure_take_turn(struct store_tx *tx, const struct exposure_rules *rules,
		ward_str person, struct exposure_state *state, struct ward_error *error)
{
	struct store_rows *rows;

	begin(state, person);
	ward_err err = store_one(tx,
			"INSERT INTO exposure_people (person, started_at, shift_until, day, "
			"severe_row, last_item, work_since, seen_at, turn) "
			"VALUES ($1, $2, 0, 0, 0, '', 0, 0, 1) "
			"ON CONFLICT (person) DO UPDATE SET turn = exposure_people.turn + 1 "
			"RETURNING " KEPT,
			STORE_VALUES(store_text(person), store_int(state->now)), &rows, error);

	if (err)
		return err;
	read_kept(rows, state);
	err = store_rows_end(rows, error);
	if (!err)
		err = end_old_steps(tx, state, error);
	return err || !rules ? err : read_day(tx, rules, state, error);
}

ward_err exposure_look_up(struct store_tx *tx, const struct exposure_rules *rules, ward_str person,
		struct exposure_state *state, struct ward_error *error)
{
	struct store_rows *rows;

	begin(state, person);
	ward_err err = store_one(tx, "SELECT " KEPT " FROM exposure_people WHERE person = $1",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err == WARD_E_NOT_FOUND) {
		state->kept = (struct exposure_person){ .started_at = state->now,
			.day = exposure_day(rules, state->now) };
		state->day = state->kept.day;
		return WARD_OK;
	}
	if (err)
		return err;
	read_kept(rows, state);
	err = store_rows_end(rows, error);
	return err ? err : read_day(tx, rules, state, error);
}

ward_err exposure_keep(struct store_tx *tx, const struct exposure_state *state,
		struct ward_error *error)
{
	const struct exposure_person *kept = &state->kept;
	ward_err err = store_run(tx,
			"UPDATE exposure_people SET day = $2, severe_row = $3, last_item = $4, "
			"work_since = $5, seen_at = $6 WHERE person = $1",
			STORE_VALUES(store_text(state->person), store_int(state->day),
					store_int(kept->severe_row), store_string(state->last_item),
					store_int(kept->work_since), store_int(kept->seen_at)),
			NULL, error);

	if (err)
		return err;
	return store_run(tx,
			"INSERT INTO exposure_days (person, day, items, seconds, severe, "
			"raised_items, raised_seconds, raised_severe, raised_by) "
			"VALUES ($1, $2, $3, $4, $5, 0, 0, 0, '') ON CONFLICT (person, day) "
			"DO UPDATE SET items = $3, seconds = $4, severe = $5",
			STORE_VALUES(store_text(state->person), store_int(state->day),
					store_int(state->used.items),
					store_int(state->used.seconds),
					store_int(state->used.severe)),
			NULL, error);
}
