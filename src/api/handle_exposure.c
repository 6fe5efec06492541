/*
 * What a person was shown and may still be shown: their own, and the team's as totals.
 */
#include "desk/exposure.h"

#include "api/door.h"
#include "api/exposure_rules.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "desk/check_in.h"
#include "people/people_login.h"

enum { DAY_S = 86400 };

static void json_amount(struct json *json, const char *name, const struct exposure_amount *amount)
{
	json_key(json, name);
	json_object(json);
	json_key_int(json, "items", amount->items);
	json_key_int(json, "seconds", amount->seconds);
	json_key_int(json, "severe", amount->severe);
	json_object_end(json);
}

/* ---- where I stand ---- */

static void write_today(struct request *request, const struct exposure_today *today, bool due)
{
	struct json json = request_json(request);

	json_object(&json);
	json_amount(&json, "used", &today->used);
	json_amount(&json, "budget", &today->budget);
	json_amount(&json, "raised", &today->raised);
	json_key_text(&json, "level_max", ward_view_level_name(today->level_max));
	json_key_bool(&json, "may_severe", today->may_severe);
	json_key_int(&json, "severe_row", today->severe_row);
	json_key_bool(&json, "warn", today->warn);
	json_key_bool(&json, "rest", today->rest);
	door_key_time(&json, "break_at", today->break_at);
	json_key_bool(&json, "quiet", today->quiet_since != 0);
	door_key_time(&json, "quiet_since", today->quiet_since);
	door_key_time(&json, "shift_until", today->shift_until);
	json_key_bool(&json, "check_in_due", due);
	json_key_bool(&json, "new", today->is_new);
	json_object_end(&json);
}

void handle_exposure(struct request *request)
{
	struct exposure_rules rules = exposure_rules_of(request_settings(request));
	ward_str person = door_actor(request).person;
	struct exposure_today today;
	struct door_look look;
	bool due = false;

	if (!door_look(request, &look))
		return;
	ward_err err = exposure_today(look.tx, person, &rules, &today, &look.error);

	if (!err)
		err = check_in_due(look.tx, person, &due, &look.error);
	if (!err)
		write_today(request, &today, due);
	door_look_end(request, &look, err);
}

/* ---- the quiet key, breaks, the shift ---- */

/* In all of the person's sessions; those that are over are wiped by themselves. */
static void lock_all(struct request *request)
{
	struct people_login *login = request_login(request);
	struct people_session_list list = { .count = 0 };
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (!login)
		return;
	/* This one at once, whatever the store says. */
	people_ring_wipe(people_login_ring(login), ward_str_from(request->session.id));
	if (!request_store(request) || store_read(request_store(request), &tx, &error) != WARD_OK)
		return;
	ward_arena_init(&arena, 1 << 20);
	if (people_session_list(tx, door_actor(request).person, people_login_times(login), &arena,
			    &list, &error) != WARD_OK)
		list.count = 0;
	store_read_end(tx);
	for (size_t i = 0; i < list.count; i++)
		people_ring_wipe(people_login_ring(login), ward_str_from(list.at[i].id));
	ward_arena_free(&arena);
}

static ward_err quiet_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_actor actor = door_actor(context);
	uint64_t ended = 0;

	return exposure_quiet(tx, &actor, &ended, error);
}

static ward_err lift_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_actor actor = door_actor(context);

	return exposure_lift(tx, &actor, error);
}

static ward_err break_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_actor actor = door_actor(context);

	return exposure_break(tx, &actor, error);
}

static void do_own(struct request *request, store_work *work)
{
	if (door_write(request, work, request))
		door_no_content(request);
}

void handle_quiet(struct request *request)
{
	lock_all(request);
	do_own(request, quiet_work);
}

void handle_quiet_lift(struct request *request)
{
	do_own(request, lift_work);
}

void handle_break(struct request *request)
{
	do_own(request, break_work);
}

/* A time as a member; stays as it is when it is not there. */
static bool read_time(struct request *request, const struct json_t *body, const char *name,
		int64_t *when)
{
	ward_str text = WARD_STR("");

	if (!door_text(request, body, name, &text))
		return false;
	if (text.len == 0 || clock_parse(text, when))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is a time, as 2026-03-01T17:00:00Z.",
			name);
	return false;
}

struct shift {
	struct request *request;
	int64_t until;
};

static ward_err shift_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct shift *shift = context;
	struct desk_actor actor = door_actor(shift->request);

	return exposure_shift(tx, &actor, shift->until, error);
}

void handle_shift(struct request *request)
{
	struct shift shift = { .request = request };
	struct json_t *body = door_object(request);

	if (body && read_time(request, body, "until", &shift.until) &&
			door_write(request, shift_work, &shift))
		door_no_content(request);
	tree_free(body);
}

/* ---- themes ---- */

static void write_theme(struct request *request, struct json *json, const void *row)
{
	(void)request;
	json_str(json, *(const ward_str *)row);
}

void handle_themes(struct request *request)
{
	struct exposure_themes themes;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = exposure_themes(look.tx, door_actor(request).person, &look.arena, &themes,
			&look.error);

	if (!err)
		door_rows(request, "themes", themes.at, themes.count, sizeof(*themes.at),
				write_theme);
	door_look_end(request, &look, err);
}

static ward_err theme_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;

	return exposure_opt_out(tx, door_actor(request).person, door_path(request, 0),
			strcmp(request->route->method, "PUT") == 0, error);
}

void handle_theme(struct request *request)
{
	do_own(request, theme_work);
}

/* ---- the team ---- */

static void write_team(struct request *request, int64_t day, const struct exposure_team *team,
		bool told, int64_t checked_in)
{
	char text[CLOCK_TEXT_MAX];
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "date", (ward_str){ clock_format(day * DAY_S, text), 10 });
	json_key_int(&json, "people", team->people);
	json_amount(&json, "used", &team->used);
	json_key(&json, "check_ins");
	if (told)
		json_int(&json, checked_in);
	else
		json_null(&json);
	json_object_end(&json);
}

/* "2026-03-01"; today when it is not given. */
static bool read_day(struct request *request, int64_t *day)
{
	struct exposure_rules rules = exposure_rules_of(request_settings(request));
	ward_str text = request_query(request, "date");
	int64_t when = 0;

	*day = exposure_day(&rules, clock_now());
	if (text.len == 0)
		return true;
	if (text.len == 10 && clock_parse(text, &when)) {
		*day = when / DAY_S;
		return true;
	}
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"date\" is a day, as 2026-03-01.");
	return false;
}

void handle_team(struct request *request)
{
	struct exposure_team team;
	int64_t day, checked_in = 0;
	struct door_look look;
	bool told = false;

	if (!read_day(request, &day) || !door_look(request, &look))
		return;
	ward_err err = exposure_team(look.tx, day, &team, &look.error);

	if (!err)
		err = check_in_count(look.tx, check_in_week(day * DAY_S) - 1, &told, &checked_in,
				&look.error);
	if (!err)
		write_team(request, day, &team, told, checked_in);
	door_look_end(request, &look, err);
}

struct budget {
	struct request *request;
	struct exposure_rules rules;
	struct exposure_amount more;
	int64_t started;
	ward_str reason;
};

static ward_err budget_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct budget *budget = context;
	struct desk_actor actor = door_actor(budget->request);
	ward_str id = door_path(budget->request, 0);
	struct ward_arena arena;
	struct person person;

	ward_arena_init(&arena, 1 << 20);
	ward_err err = people_get(tx, id, &arena, &person, error);

	ward_arena_free(&arena);
	if (!err && budget->started != 0)
		err = exposure_started(tx, &actor, id, budget->started, budget->reason, error);
	if (!err && (budget->started == 0 || budget->more.items > 0 || budget->more.seconds > 0 ||
				    budget->more.severe > 0))
		err = exposure_raise(tx, &actor, &budget->rules, id, &budget->more, budget->reason,
				error);
	return err;
}

void handle_budget(struct request *request)
{
	struct budget budget = { .request = request,
		.rules = exposure_rules_of(request_settings(request)),
		.reason = WARD_STR("") };
	struct json_t *body = door_object(request);

	if (body && door_text(request, body, "reason", &budget.reason) &&
			door_int(request, body, "items", 0, 100000, &budget.more.items) &&
			door_int(request, body, "seconds", 0, DAY_S, &budget.more.seconds) &&
			door_int(request, body, "severe", 0, 100000, &budget.more.severe) &&
			read_time(request, body, "started", &budget.started) &&
			door_write(request, budget_work, &budget))
		door_no_content(request);
	tree_free(body);
}
