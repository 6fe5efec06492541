/* What is asked and said of people: where they stand, what they do not want, what all of them saw.
 */
#include "base/clock.h"
#include "desk/exposure_rows.h"

/* ---- where a person stands ---- */

static struct exposure_answer ask_for(const struct exposure_rules *rules,
		const struct exposure_state *state, ward_view_level level, bool severe)
{
	const struct exposure_ask ask = { .what = EXPOSURE_PICTURE,
		.level = level,
		.severe = severe };

	return exposure_judge(rules, &state->kept, state->now, state->day, &state->used,
			&state->raised, &ask);
}

ward_err exposure_today(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		struct exposure_today *today, struct ward_error *error)
{
	struct exposure_state state;
	ward_err err = exposure_look_up(tx, rules, person, &state, error);

	if (err)
		return err;
	*today = (struct exposure_today){
		.day = state.day,
		.used = state.used,
		.raised = state.raised,
		.budget = exposure_budget(rules, &state.kept, state.day, &state.raised),
		.may_severe = ask_for(rules, &state, WARD_LEVEL_CLEAR, true).why == EXPOSURE_MAY,
		.shift_until = state.kept.shift_until,
		.severe_row = state.kept.severe_row,
		.quiet_since = state.kept.quiet_since,
		.is_new = exposure_share(rules, &state.kept, state.day) == 0,
	};
	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		if (ask_for(rules, &state, (ward_view_level)level, false).why == EXPOSURE_MAY)
			today->level_max = (ward_view_level)level;
	}
	today->warn = exposure_warns(rules, &today->used, &today->budget);
	bool at_work = state.kept.work_since != 0;

	exposure_at_work(rules, &state.kept, state.now);
	at_work = at_work && state.kept.work_since != state.now;
	today->rest = state.now - state.kept.work_since >= rules->break_every_s;
	today->break_at = at_work ? state.kept.work_since + rules->break_every_s : 0;
	return WARD_OK;
}

ward_err exposure_ladder(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		ward_str item, bool severe, struct exposure_ladder *ladder,
		struct ward_error *error)
{
	struct exposure_ask ask = { .severe = severe };
	struct exposure_state state;
	ward_err err = exposure_look_up(tx, rules, person, &state, error);

	if (!err)
		err = exposure_find_counted(tx, &state, item, &ask, error);
	if (err)
		return err;
	const struct {
		enum exposure_what what;
		ward_view_level level;
		enum exposure_why *why;
	} steps[] = {
		{ EXPOSURE_PICTURE, WARD_LEVEL_MOSAIC, &ladder->picture[WARD_LEVEL_MOSAIC] },
		{ EXPOSURE_PICTURE, WARD_LEVEL_BLURRED, &ladder->picture[WARD_LEVEL_BLURRED] },
		{ EXPOSURE_PICTURE, WARD_LEVEL_REDUCED, &ladder->picture[WARD_LEVEL_REDUCED] },
		{ EXPOSURE_PICTURE, WARD_LEVEL_SMALL, &ladder->picture[WARD_LEVEL_SMALL] },
		{ EXPOSURE_PICTURE, WARD_LEVEL_CLEAR, &ladder->picture[WARD_LEVEL_CLEAR] },
		{ EXPOSURE_REVEAL, WARD_LEVEL_BLURRED, &ladder->reveal },
		{ EXPOSURE_METADATA, WARD_LEVEL_FACTS, &ladder->metadata },
	};

	ladder->picture[WARD_LEVEL_FACTS] = EXPOSURE_MAY;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		ask.what = steps[i].what;
		ask.level = steps[i].level;
		*steps[i].why = exposure_judge(rules, &state.kept, state.now, state.day,
				&state.used, &state.raised, &ask)
						.why;
	}
	return WARD_OK;
}

ward_err exposure_looks(struct store_tx *tx, ward_str person, ward_str item,
		struct exposure_looks *looks, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COUNT(*), COALESCE(MAX(shown_at), 0) FROM exposure_steps WHERE "
			"person = $1 AND item = $2 AND shown_at <> 0 AND what <> $3",
			STORE_VALUES(store_text(person), store_text(item),
					store_int(EXPOSURE_METADATA)),
			&rows, error);

	if (err)
		return err;
	*looks = (struct exposure_looks){ .count = store_get_int(rows, 0),
		.last_at = store_get_int(rows, 1) };
	err = store_rows_end(rows, error);
	return err ? err : exposure_highest(tx, person, item, &looks->highest, error);
}

ward_err exposure_highest(struct store_tx *tx, ward_str person, ward_str item,
		ward_view_level *level, struct ward_error *error)
{
	int64_t highest = 0;
	ward_err err = desk_number(tx,
			"SELECT COALESCE(MAX(level), 0) FROM exposure_steps WHERE person = $1 AND "
			"item = $2 AND shown_at <> 0 AND what <> $3",
			STORE_VALUES(store_text(person), store_text(item),
					store_int(EXPOSURE_METADATA)),
			&highest, error);

	if (!err && (highest < 0 || highest >= WARD_LEVEL_COUNT))
		err = ward_fail(error, WARD_E_CORRUPT, "a step has a level that there is not");
	if (!err)
		*level = (ward_view_level)highest;
	return err;
}

/* ---- what others say of a person ---- */

ward_err exposure_shift(struct store_tx *tx, const struct desk_actor *actor, int64_t until,
		struct ward_error *error)
{
	struct exposure_state state;
	ward_err err = exposure_take_turn(tx, NULL, actor->person, &state, error);

	if (!err)
		err = store_run(tx, "UPDATE exposure_people SET shift_until = $2 WHERE person = $1",
				STORE_VALUES(store_text(actor->person), store_int(until)), NULL,
				error);
	return err;
}

static ward_err check_supervisor(const struct desk_actor *actor, ward_str person, ward_str reason,
		struct ward_error *error)
{
	if (ward_str_eq(actor->person, person))
		return ward_fail(error, WARD_E_DENIED, "nobody does this for themselves");
	return desk_words_check(reason, "the reason", true, error);
}

ward_err exposure_raise(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str person,
		const struct exposure_amount *more, ward_str reason, struct ward_error *error)
{
	struct exposure_state state;
	char detail[128];
	ward_err err = check_supervisor(actor, person, reason, error);

	if (err)
		return err;
	if (!exposure_raise_fits(rules, more))
		return ward_fail(error, WARD_E_ARGUMENT,
				"at most %lld %% of a budget can be added, and something must be",
				(long long)rules->raise_percent);
	err = exposure_take_turn(tx, rules, person, &state, error);
	if (err)
		return err;
	if (state.was_raised)
		return ward_fail(error, WARD_E_EXISTS, "their budget was raised today");
	err = exposure_keep(tx, &state, error);
	if (!err)
		err = store_run(tx,
				"UPDATE exposure_days SET raised_items = $3, raised_seconds = $4, "
				"raised_severe = $5, raised_by = $6 WHERE person = $1 AND day = $2",
				STORE_VALUES(store_text(person), store_int(state.day),
						store_int(more->items), store_int(more->seconds),
						store_int(more->severe), store_text(actor->person)),
				NULL, error);
	(void)snprintf(detail, sizeof(detail), "{\"items\":%lld,\"seconds\":%lld,\"severe\":%lld}",
			(long long)more->items, (long long)more->seconds, (long long)more->severe);
	return err ? err
		   : desk_audit(tx, actor, "exposure.raised", "person", person, reason,
				     ward_str_from(detail), error);
}

ward_err exposure_started(struct store_tx *tx, const struct desk_actor *actor, ward_str person,
		int64_t started_at, ward_str reason, struct ward_error *error)
{
	struct exposure_state state;
	char detail[64];
	ward_err err = check_supervisor(actor, person, reason, error);

	if (!err)
		err = exposure_take_turn(tx, NULL, person, &state, error);
	if (!err)
		err = store_run(tx, "UPDATE exposure_people SET started_at = $2 WHERE person = $1",
				STORE_VALUES(store_text(person), store_int(started_at)), NULL,
				error);
	(void)snprintf(detail, sizeof(detail), "{\"started_at\":%lld}", (long long)started_at);
	return err ? err
		   : desk_audit(tx, actor, "exposure.started", "person", person, reason,
				     ward_str_from(detail), error);
}

/* ---- themes ---- */

enum { THEMES_MAX = 200 };

ward_err exposure_opt_out(struct store_tx *tx, ward_str person, ward_str theme, bool out,
		struct ward_error *error)
{
	int64_t count = 0;

	if (theme.len == 0 || theme.len > 2 * DESK_NAME_MAX || !ward_utf8_valid(theme))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a theme is a label or the code of a policy");
	if (!out)
		return store_run(tx,
				"DELETE FROM exposure_opt_outs WHERE person = $1 AND theme = $2",
				STORE_VALUES(store_text(person), store_text(theme)), NULL, error);
	ward_err err = desk_number(tx, "SELECT COUNT(*) FROM exposure_opt_outs WHERE person = $1",
			STORE_VALUES(store_text(person)), &count, error);

	if (!err && count >= THEMES_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "at most %d themes are kept", THEMES_MAX);
	if (err)
		return err;
	return store_run(tx,
			"INSERT INTO exposure_opt_outs (person, theme) VALUES ($1, $2) "
			"ON CONFLICT (person, theme) DO NOTHING",
			STORE_VALUES(store_text(person), store_text(theme)), NULL, error);
}

static ward_err read_theme(struct desk_reading *reading, void *row)
{
	*(ward_str *)row = desk_row_text(reading, 0);
	return WARD_OK;
}

ward_err exposure_themes(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct exposure_themes *themes, struct ward_error *error)
{
	struct desk_array array = { .arena = arena, .size = sizeof(ward_str), .max = THEMES_MAX };
	ward_err err = desk_rows_read(tx,
			"SELECT theme FROM exposure_opt_outs WHERE person = $1 ORDER BY theme",
			STORE_VALUES(store_text(person)), &array, read_theme, error);

	if (!err)
		*themes = (struct exposure_themes){ (ward_str *)array.at, array.count };
	return err;
}

static bool names(ward_str labels, ward_str theme)
{
	while (labels.len > 0) {
		if (ward_str_eq(ward_str_trim(ward_str_cut(&labels, ',')), theme))
			return true;
	}
	return false;
}

ward_err exposure_unwanted(struct store_tx *tx, ward_str person, ward_str labels, bool *unwanted,
		struct ward_error *error)
{
	struct store_rows *rows;
	bool found = false;
	ward_err err = store_query(tx, "SELECT theme FROM exposure_opt_outs WHERE person = $1",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err)
		return err;
	while (!found && store_next(rows))
		found = names(labels, store_get_text(rows, 0));
	err = store_rows_end(rows, error);
	if (!err)
		*unwanted = found;
	return err;
}

/* ---- a file, and a team ---- */

ward_err exposure_viewed(struct store_tx *tx, ward_str item, struct exposure_viewed *viewed,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT file_at, metadata_at FROM exposure_items WHERE item = $1",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err == WARD_E_NOT_FOUND) {
		*viewed = (struct exposure_viewed){ 0 };
		return WARD_OK;
	}
	if (err)
		return err;
	*viewed = (struct exposure_viewed){
		.file_at = store_get_int(rows, 0),
		.metadata_at = store_get_int(rows, 1),
	};
	return store_rows_end(rows, error);
}

static ward_media_kind kind_of(ward_str name)
{
	for (int kind = WARD_MEDIA_UNKNOWN; kind < WARD_MEDIA_KIND_COUNT; kind++) {
		if (ward_str_eq(name, ward_str_from(ward_media_name((ward_media_kind)kind))))
			return (ward_media_kind)kind;
	}
	return WARD_MEDIA_UNKNOWN;
}

ward_err exposure_picture(struct store_tx *tx, ward_str item, struct ward_picture_facts *picture,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT kind, width, height, frames, duration_ms, sound "
			"FROM exposure_pictures WHERE item = $1",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err)
		return err;
	*picture = (struct ward_picture_facts){
		.kind = kind_of(store_get_text(rows, 0)),
		.width = (uint32_t)store_get_int(rows, 1),
		.height = (uint32_t)store_get_int(rows, 2),
		.frames = (uint32_t)store_get_int(rows, 3),
		.duration_ms = (uint64_t)store_get_int(rows, 4),
		.has_sound = store_get_int(rows, 5) != 0,
	};
	return store_rows_end(rows, error);
}

ward_err exposure_team(struct store_tx *tx, int64_t day, struct exposure_team *team,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COUNT(*), CAST(COALESCE(SUM(items), 0) AS BIGINT), "
			"CAST(COALESCE(SUM(seconds), 0) AS BIGINT), "
			"CAST(COALESCE(SUM(severe), 0) AS BIGINT) "
			"FROM exposure_days WHERE day = $1",
			STORE_VALUES(store_int(day)), &rows, error);

	if (err)
		return err;
	*team = (struct exposure_team){
		.people = store_get_int(rows, 0),
		.used = { .items = store_get_int(rows, 1),
				.seconds = store_get_int(rows, 2),
				.severe = store_get_int(rows, 3) },
	};
	return store_rows_end(rows, error);
}

/* ---- forgetting ---- */

/* People whose name is gone (src/people). */
#define FORGOTTEN "SELECT id FROM people WHERE name IS NULL"

ward_err exposure_forget(struct store_tx *tx, const struct exposure_rules *rules, int64_t before,
		struct ward_error *error)
{
	ward_err err = store_run(tx, "DELETE FROM exposure_steps WHERE since < $1",
			STORE_VALUES(store_int(before)), NULL, error);

	if (!err)
		err = store_run(tx, "DELETE FROM exposure_days WHERE day < $1",
				STORE_VALUES(store_int(exposure_day(rules, before))), NULL, error);
	if (!err)
		err = store_run(tx, "DELETE FROM exposure_check_ins WHERE at < $1",
				STORE_VALUES(store_int(before)), NULL, error);
	return err;
}

ward_err exposure_forget_gone(struct store_tx *tx, struct ward_error *error)
{
	static const char *const statements[] = {
		"DELETE FROM exposure_steps WHERE person IN (" FORGOTTEN ")",
		"DELETE FROM exposure_days WHERE person IN (" FORGOTTEN ")",
		"DELETE FROM exposure_check_ins WHERE person IN (" FORGOTTEN ")",
		"DELETE FROM exposure_opt_outs WHERE person IN (" FORGOTTEN ")",
		"DELETE FROM exposure_people WHERE person IN (" FORGOTTEN ")",
	};
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < sizeof(statements) / sizeof(*statements); i++)
		err = store_run(tx, statements[i], STORE_NO_VALUES, NULL, error);
	return err;
}

ward_err exposure_forget_person(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	static const char *const statements[] = {
		"DELETE FROM exposure_steps WHERE person = $1",
		"DELETE FROM exposure_days WHERE person = $1",
		"DELETE FROM exposure_check_ins WHERE person = $1",
		"DELETE FROM exposure_opt_outs WHERE person = $1",
		"DELETE FROM exposure_people WHERE person = $1",
	};
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < sizeof(statements) / sizeof(*statements); i++)
		err = store_run(tx, statements[i], STORE_VALUES(store_text(person)), NULL, error);
	return err;
}
