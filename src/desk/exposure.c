#include "desk/exposure.h"

#include "desk/exposure_rows.h"

/* ---- opening ---- */

static ward_err check_asked(const struct exposure_asked *asked, struct ward_error *error)
{
	bool level_fits = asked->what != EXPOSURE_PICTURE ||
			  (asked->level > WARD_LEVEL_FACTS && asked->level < WARD_LEVEL_COUNT);

	if (asked->item.len == 0 || asked->item.len >= ID_TEXT_MAX || !level_fits)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a step wants an item, and a level from L1 to L5");
	return WARD_OK;
}

ward_err exposure_find_counted(struct store_tx *tx, const struct exposure_state *state,
		ward_str item, struct exposure_ask *ask, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COALESCE(MAX(counts_item), 0), COALESCE(MAX(counts_severe), 0) "
			"FROM exposure_steps WHERE person = $1 AND day = $2 AND item = $3",
			STORE_VALUES(store_text(state->person), store_int(state->day),
					store_text(item)),
			&rows, error);

	if (err)
		return err;
	ask->counted = store_get_int(rows, 0) != 0;
	ask->severe_counted = store_get_int(rows, 1) != 0;
	ask->again = ward_str_eq(item, ward_str_from(state->last_item));
	return store_rows_end(rows, error);
}

static ward_err add_step(struct store_tx *tx, const struct exposure_state *state,
		const struct exposure_asked *asked, const struct exposure_ask *ask,
		const struct exposure_amount *takes, const struct exposure_step *step,
		struct ward_error *error)
{
	int level = asked->what == EXPOSURE_PICTURE  ? (int)asked->level
		    : asked->what == EXPOSURE_REVEAL ? (int)WARD_LEVEL_BLURRED
						     : 0;

	return store_run(tx,
			"INSERT INTO exposure_steps (id, person, session, item, what, level, "
			"clear, severe, day, counts_item, counts_severe, since, granted_at, until, "
			"seconds, granted_ms, shown_at, width, height, whole, ended, ended_at) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, "
			"$15, 0, 0, 0, 0, 0, 0)",
			STORE_VALUES(store_string(step->id), store_text(state->person),
					store_text(asked->session), store_text(asked->item),
					store_int(asked->what), store_int(level),
					store_int(exposure_is_clear(ask)), store_int(asked->severe),
					store_int(state->day), store_int(takes->items),
					store_int(takes->severe), store_int(state->now),
					store_int(step->until), store_int(takes->seconds),
					store_int(state->now_ms)),
			NULL, error);
}

static ward_err tell(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_asked *asked, const struct exposure_ask *ask,
		const struct exposure_step *step, struct ward_error *error)
{
	char detail[160];

	if (!exposure_is_clear(ask) && asked->what != EXPOSURE_METADATA)
		return WARD_OK;
	(void)snprintf(detail, sizeof(detail), "{\"step\":\"%s\",\"what\":\"%s\",\"level\":\"%s\"}",
			step->id, exposure_what_name(asked->what),
			asked->what == EXPOSURE_PICTURE ? ward_view_level_name(asked->level) : "");
	return desk_audit(tx, actor, "item.opened", "item", asked->item, asked->reason,
			ward_str_from(detail), error);
}

static void take(struct exposure_state *state, const struct exposure_answer *answer)
{
	state->used.items += answer->takes.items;
	state->used.seconds += answer->takes.seconds;
	state->used.severe += answer->takes.severe;
	state->kept.severe_row = answer->severe_row;
}

static void advise(const struct exposure_rules *rules, const struct exposure_state *state,
		struct exposure_step *step)
{
	struct exposure_amount budget =
			exposure_budget(rules, &state->kept, state->day, &state->raised);

	step->warn = exposure_warns(rules, &state->used, &budget);
	step->rest = state->now - state->kept.work_since >= rules->break_every_s;
}

ward_err exposure_open(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, const struct exposure_asked *asked,
		struct exposure_step *step, struct ward_error *error)
{
	struct exposure_ask ask = { .what = asked->what,
		.level = asked->level,
		.severe = asked->severe };
	struct exposure_state state;
	bool needs_reason = exposure_is_clear(&ask) || asked->what == EXPOSURE_METADATA;
	ward_err err = check_asked(asked, error);

	if (!err)
		err = desk_words_check(asked->reason, "the reason", needs_reason, error);
	if (!err)
		err = exposure_take_turn(tx, rules, actor->person, &state, error);
	if (!err)
		err = exposure_find_counted(tx, &state, asked->item, &ask, error);
	if (err)
		return err;
	exposure_at_work(rules, &state.kept, state.now);
	struct exposure_answer answer = exposure_judge(rules, &state.kept, state.now, state.day,
			&state.used, &state.raised, &ask);

	*step = (struct exposure_step){ .why = answer.why };
	if (answer.why != EXPOSURE_MAY)
		return ward_fail(error, WARD_E_DENIED, "%s", exposure_why_says(answer.why));
	id_new(step->id);
	/* What is not clear takes nothing, and lasts as long. */
	step->until = state.now + (answer.takes.seconds > 0 ? answer.takes.seconds : rules->view_s);
	take(&state, &answer);
	if (!asked->severe)
		state.last_item[0] = '\0';
	else if (exposure_is_clear(&ask))
		desk_copy(state.last_item, sizeof(state.last_item), asked->item);
	advise(rules, &state, step);
	err = add_step(tx, &state, asked, &ask, &answer.takes, step, error);
	if (!err)
		err = exposure_keep(tx, &state, error);
	return err ? err : tell(tx, actor, asked, &ask, step, error);
}

/* ---- a step that is there ---- */

struct step {
	char item[ID_TEXT_MAX];
	enum exposure_what what;
	int64_t level, day, until, seconds, shown_at, ended;
	struct exposure_moment granted;
	bool clear, severe, counts_item, counts_severe;
};

static ward_err read_step(struct store_tx *tx, ward_str person, ward_str id, struct step *step,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT item, what, level, day, granted_at, until, seconds, shown_at, "
			"ended, clear, severe, counts_item, counts_severe, granted_ms FROM "
			"exposure_steps "
			"WHERE id = $1 AND person = $2",
			STORE_VALUES(store_text(id), store_text(person)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "this person has opened no such step");
	if (err)
		return err;
	*step = (struct step){
		.what = (enum exposure_what)store_get_int(rows, 1),
		.level = store_get_int(rows, 2),
		.day = store_get_int(rows, 3),
		.granted = { store_get_int(rows, 4), store_get_int(rows, 13) },
		.until = store_get_int(rows, 5),
		.seconds = store_get_int(rows, 6),
		.shown_at = store_get_int(rows, 7),
		.ended = store_get_int(rows, 8),
		.clear = store_get_int(rows, 9) != 0,
		.severe = store_get_int(rows, 10) != 0,
		.counts_item = store_get_int(rows, 11) != 0,
		.counts_severe = store_get_int(rows, 12) != 0,
	};
	desk_copy(step->item, sizeof(step->item), store_get_text(rows, 0));
	return store_rows_end(rows, error);
}

static ward_err is_over(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CONFLICT, "this step is over; open it again");
}

/* The person's turn, and their step; CONFLICT when it is over. */
static ward_err take_step(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str id, struct exposure_state *state,
		struct step *step, struct ward_error *error)
{
	ward_err err = exposure_take_turn(tx, rules, actor->person, state, error);

	if (!err)
		err = read_step(tx, actor->person, id, step, error);
	return !err && step->ended ? is_over(error) : err;
}

static int64_t left_of(const struct step *step, const struct exposure_state *state)
{
	return exposure_left_s(step->granted, step->until,
			(struct exposure_moment){ state->now, state->now_ms });
}

/* Gives back to the day from which it was taken, which may be over. */
static ward_err give_back(struct store_tx *tx, ward_str person, int64_t day,
		const struct exposure_amount *back, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE exposure_days SET items = items - $3, seconds = seconds - $4, "
			"severe = severe - $5 WHERE person = $1 AND day = $2",
			STORE_VALUES(store_text(person), store_int(day), store_int(back->items),
					store_int(back->seconds), store_int(back->severe)),
			NULL, error);
}

static ward_err end_step(struct store_tx *tx, const struct exposure_state *state, ward_str id,
		const struct step *step, enum exposure_ended how, struct ward_error *error)
{
	int64_t left = step->clear ? left_of(step, state) : 0;
	const struct exposure_amount back = { .seconds = left < step->seconds ? left
									      : step->seconds };
	ward_err err = store_run(tx,
			"UPDATE exposure_steps SET ended = $2, ended_at = $3, seconds = $4 "
			"WHERE id = $1",
			STORE_VALUES(store_text(id), store_int(how), store_int(state->now),
					store_int(step->seconds - back.seconds)),
			NULL, error);

	return err || back.seconds == 0 ? err
					: give_back(tx, state->person, step->day, &back, error);
}

ward_err exposure_close(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error)
{
	struct exposure_state state;
	struct step step = { .ended = 0 };
	ward_err err = take_step(tx, actor, NULL, id, &state, &step, error);

	if (err == WARD_E_CONFLICT && step.ended)
		return WARD_OK;
	return err ? err : end_step(tx, &state, id, &step, EXPOSURE_CLOSED, error);
}

ward_err exposure_extend(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str id, struct exposure_step *more,
		struct ward_error *error)
{
	struct exposure_state state;
	struct step step;
	ward_err err = take_step(tx, actor, rules, id, &state, &step, error);

	if (err)
		return err;
	/* What is taken from a day goes back to it; and on a new one the item counts anew. */
	if (step.shown_at == 0 || step.day != state.day)
		return is_over(error);
	const struct exposure_ask ask = { .what = step.what,
		.level = (ward_view_level)step.level,
		.severe = step.severe,
		.counted = true,
		.severe_counted = true,
		.again = true };
	int64_t left = left_of(&step, &state);

	exposure_at_work(rules, &state.kept, state.now);
	struct exposure_answer answer = exposure_judge(rules, &state.kept, state.now, state.day,
			&state.used, &state.raised, &ask);

	*more = (struct exposure_step){ .why = answer.why };
	if (answer.why != EXPOSURE_MAY)
		return ward_fail(error, WARD_E_DENIED, "%s", exposure_why_says(answer.why));
	/* What is left of the last grant need not be taken again. */
	if (answer.takes.seconds > rules->view_s - left)
		answer.takes.seconds = rules->view_s > left ? rules->view_s - left : 0;
	desk_copy(more->id, sizeof(more->id), id);
	more->until = state.now + left + (step.clear ? answer.takes.seconds : rules->view_s - left);
	state.used.seconds += answer.takes.seconds;
	advise(rules, &state, more);
	err = store_run(tx,
			"UPDATE exposure_steps SET granted_at = $2, until = $3, "
			"seconds = seconds + $4, granted_ms = $5 WHERE id = $1",
			STORE_VALUES(store_text(id), store_int(state.now), store_int(more->until),
					store_int(answer.takes.seconds), store_int(state.now_ms)),
			NULL, error);
	return err ? err : exposure_keep(tx, &state, error);
}

/* ---- shown, or not ---- */

static ward_err note_viewed(struct store_tx *tx, const struct exposure_state *state,
		const struct step *step, bool whole, struct ward_error *error)
{
	bool file = step->what == EXPOSURE_PICTURE && step->clear && whole;
	bool metadata = step->what == EXPOSURE_METADATA;

	if (!file && !metadata)
		return WARD_OK;
	/* The first time counts; a clock that went back makes no earlier one. */
	return store_run(tx,
			"INSERT INTO exposure_items (item, file_at, metadata_at) "
			"VALUES ($1, $2, $3) ON CONFLICT (item) DO UPDATE SET "
			"file_at = CASE WHEN exposure_items.file_at = 0 THEN $2 ELSE "
			"exposure_items.file_at END, "
			"metadata_at = CASE WHEN exposure_items.metadata_at = 0 THEN $3 ELSE "
			"exposure_items.metadata_at END",
			STORE_VALUES(store_string(step->item), store_int(file ? state->now : 0),
					store_int(metadata ? state->now : 0)),
			NULL, error);
}

/* Of a file that lies: no more than a number of the store holds. */
static int64_t duration_of(const struct ward_picture_facts *picture)
{
	return picture->duration_ms < INT64_MAX ? (int64_t)picture->duration_ms : INT64_MAX;
}

ward_err exposure_know(struct store_tx *tx, ward_str item, const struct ward_picture_facts *picture,
		struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO exposure_pictures (item, kind, width, height, frames, "
			"duration_ms, sound) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT "
			"(item) DO NOTHING",
			STORE_VALUES(store_text(item), store_string(ward_media_name(picture->kind)),
					store_int(picture->width), store_int(picture->height),
					store_int(picture->frames), store_int(duration_of(picture)),
					store_int(picture->has_sound)),
			NULL, error);
}

ward_err exposure_shown(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		const struct exposure_shown *shown, struct ward_error *error)
{
	struct exposure_state state;
	struct step step;
	ward_err err = take_step(tx, actor, NULL, id, &state, &step, error);

	if (err)
		return err;
	err = store_run(tx,
			"UPDATE exposure_steps SET shown_at = $2, width = $3, height = $4, "
			"whole = $5 WHERE id = $1",
			STORE_VALUES(store_text(id), store_int(state.now), store_int(shown->width),
					store_int(shown->height), store_int(shown->whole)),
			NULL, error);
	if (!err && shown->picture)
		err = exposure_know(tx, ward_str_from(step.item), shown->picture, error);
	return err ? err : note_viewed(tx, &state, &step, shown->whole, error);
}

/* Another clear step of the same item and day, by which it counts from now on; "" when none is. */
static ward_err find_heir(struct store_tx *tx, ward_str person, ward_str id,
		const struct step *step, bool severe, char heir[ID_TEXT_MAX],
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id FROM exposure_steps WHERE person = $1 AND day = $2 AND item = "
			"$3 "
			"AND clear = 1 AND ended <> $4 AND id <> $5 AND severe >= $6 "
			"ORDER BY id LIMIT 1",
			STORE_VALUES(store_text(person), store_int(step->day),
					store_string(step->item), store_int(EXPOSURE_NOT_SHOWN),
					store_text(id), store_int(severe)),
			&rows, error);

	heir[0] = '\0';
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	desk_copy(heir, ID_TEXT_MAX, store_get_text(rows, 0));
	return store_rows_end(rows, error);
}

/* What this step counted counts no more, unless the person saw the item by another one. */
static ward_err uncount(struct store_tx *tx, ward_str person, ward_str id, const struct step *step,
		struct exposure_amount *back, struct ward_error *error)
{
	char heir[ID_TEXT_MAX] = "";
	ward_err err = WARD_OK;

	if (step->counts_item) {
		err = find_heir(tx, person, id, step, false, heir, error);
		back->items = !err && heir[0] == '\0';
		if (!err && heir[0] != '\0')
			err = store_run(tx,
					"UPDATE exposure_steps SET counts_item = 1 WHERE id = $1",
					STORE_VALUES(store_string(heir)), NULL, error);
	}
	if (!err && step->counts_severe) {
		err = find_heir(tx, person, id, step, true, heir, error);
		back->severe = !err && heir[0] == '\0';
		if (!err && heir[0] != '\0')
			err = store_run(tx,
					"UPDATE exposure_steps SET counts_severe = 1 WHERE id = $1",
					STORE_VALUES(store_string(heir)), NULL, error);
	}
	return err;
}

ward_err exposure_failed(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error)
{
	struct exposure_state state;
	struct step step;
	ward_err err = exposure_take_turn(tx, NULL, actor->person, &state, error);

	if (!err)
		err = read_step(tx, actor->person, id, &step, error);
	if (err)
		return err;
	/* The quiet key ends also what is still being made. */
	if (step.shown_at != 0 ||
			(step.ended != EXPOSURE_IS_OPEN && step.ended != EXPOSURE_RAN_OUT &&
					step.ended != EXPOSURE_QUIETED))
		return ward_fail(error, WARD_E_CONFLICT, "this step was shown, or ended otherwise");
	struct exposure_amount back = { .seconds = step.seconds };

	err = uncount(tx, state.person, id, &step, &back, error);
	if (!err)
		err = store_run(tx,
				"UPDATE exposure_steps SET ended = $2, ended_at = $3, seconds = 0, "
				"counts_item = 0, counts_severe = 0 WHERE id = $1",
				STORE_VALUES(store_text(id), store_int(EXPOSURE_NOT_SHOWN),
						store_int(state.now)),
				NULL, error);
	return err ? err : give_back(tx, state.person, step.day, &back, error);
}

/* ---- all at once ---- */

/* The ids of what is open; there are never many. */
static ward_err open_steps(struct store_tx *tx, ward_str person, char (*ids)[ID_TEXT_MAX],
		size_t most, size_t *count, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT id FROM exposure_steps WHERE person = $1 AND ended = 0 ORDER BY id",
			STORE_VALUES(store_text(person)), &rows, error);

	*count = 0;
	while (!err && *count < most && store_next(rows))
		desk_copy(ids[(*count)++], ID_TEXT_MAX, store_get_text(rows, 0));
	return err ? err : store_rows_end(rows, error);
}

enum { AT_ONCE = 64 };

/* Pressed again, it is quiet since the first time. */
static ward_err set_quiet(struct store_tx *tx, ward_str person, int64_t since,
		struct ward_error *error)
{
	return store_run(tx,
			"UPDATE exposure_people SET quiet_since = CASE WHEN $2 <> 0 AND "
			"quiet_since <> 0 THEN quiet_since ELSE $2 END WHERE person = $1",
			STORE_VALUES(store_text(person), store_int(since)), NULL, error);
}

ward_err exposure_lift(struct store_tx *tx, const struct desk_actor *actor,
		struct ward_error *error)
{
	return set_quiet(tx, actor->person, 0, error);
}

ward_err exposure_quiet(struct store_tx *tx, const struct desk_actor *actor, uint64_t *ended,
		struct ward_error *error)
{
	char ids[AT_ONCE][ID_TEXT_MAX];
	struct exposure_state state;
	size_t count = AT_ONCE;
	ward_err err = exposure_take_turn(tx, NULL, actor->person, &state, error);

	*ended = 0;
	while (!err && count == AT_ONCE) {
		err = open_steps(tx, actor->person, ids, AT_ONCE, &count, error);
		for (size_t i = 0; !err && i < count; i++) {
			struct step step;

			err = read_step(tx, actor->person, ward_str_from(ids[i]), &step, error);
			if (!err)
				err = end_step(tx, &state, ward_str_from(ids[i]), &step,
						EXPOSURE_QUIETED, error);
			*ended += !err;
		}
	}
	if (!err)
		err = set_quiet(tx, actor->person, state.now, error);
	return err ? err
		   : desk_audit(tx, actor, "exposure.paused", "person", actor->person, WARD_STR(""),
				     WARD_STR(""), error);
}

ward_err exposure_break(struct store_tx *tx, const struct desk_actor *actor,
		struct ward_error *error)
{
	return store_run(tx, "UPDATE exposure_people SET work_since = 0 WHERE person = $1",
			STORE_VALUES(store_text(actor->person)), NULL, error);
}
