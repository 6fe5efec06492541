#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"

enum { TRY_MAX = 10000 };

/* A change of one row of how work is done; the body's texts live as long as the body. */
struct change {
	struct request *request;
	struct desk_route route;
	struct desk_policy policy;
	struct desk_action_kind kind;
	char id[ID_TEXT_MAX];
};

/* A member that is an object or an array, written out into the arena. */
static bool read_json(struct request *request, const struct json_t *body, const char *name,
		struct ward_arena *arena, ward_str *text)
{
	const struct json_t *value = tree_member(body, name);
	struct ward_buf buf;

	if (tree_is_null(value))
		return true;
	ward_buf_init(&buf, 1 << 16);
	tree_write(value, &buf);
	*text = ward_arena_str(arena, ward_buf_text(&buf));
	bool failed = buf.failed || !text->ptr;

	ward_buf_free(&buf);
	if (failed)
		request_trouble(request, PROBLEM_TOO_LARGE, "\"%s\" is too long.", name);
	return !failed;
}

/* ---- routes ---- */

static void write_route(struct request *request, struct json *json, const void *row)
{
	(void)request;
	desk_json_route(json, row);
}

void handle_routes(struct request *request)
{
	struct desk_route *found;
	struct door_look look;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_route_list(look.tx, &look.arena, &found, &count, &look.error);

	if (!err)
		door_rows(request, "routes", found, count, sizeof(*found), write_route);
	door_look_end(request, &look, err);
}

static bool read_route(struct request *request, const struct json_t *body, struct ward_arena *arena,
		struct desk_route *route)
{
	ward_str mode = WARD_STR("draft");

	*route = (struct desk_route){ .conditions = WARD_STR("{}"),
		.queue = WARD_STR(""),
		.priority = -1 };
	if (!door_int(request, body, "place", 0, 1000000, &route->place) ||
			!door_text(request, body, "mode", &mode) ||
			!door_text(request, body, "queue", &route->queue) ||
			!door_int(request, body, "priority", 0, 100, &route->priority) ||
			!read_json(request, body, "conditions", arena, &route->conditions))
		return false;
	if (desk_route_mode_parse(mode, &route->mode))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"mode\" is live, test or draft.");
	return false;
}

static ward_err put_route(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;
	struct desk_actor actor = door_actor(change->request);

	return desk_route_put(tx, &actor, &change->route, change->id, error);
}

/* POST /v1/routes makes one, PUT /v1/routes/{route} changes it. */
void handle_route_put(struct request *request)
{
	struct change change = { .request = request };
	struct json_t *body = door_object(request);
	bool is_new = strcmp(request->route->method, "POST") == 0;
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	if (body && read_route(request, body, &arena, &change.route)) {
		if (!is_new)
			change.route.id = door_path(request, 0);
		if (door_write(request, put_route, &change)) {
			struct json json = request_json(request);

			json_object(&json);
			json_key_text(&json, "id", change.id);
			json_object_end(&json);
			if (is_new)
				request->answer.status = 201;
		}
	}
	ward_arena_free(&arena);
	tree_free(body);
}

static ward_err remove_route(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	struct desk_actor actor = door_actor(request);

	return desk_route_remove(tx, &actor, door_path(request, 0), error);
}

void handle_route_delete(struct request *request)
{
	if (door_write(request, remove_route, request))
		door_done(request);
}

void handle_route_try(struct request *request)
{
	struct desk_route_trial trial;
	struct desk_route route;
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;
	struct json_t *body = door_object(request);

	ward_arena_init(&arena, 1 << 20);
	if (body && read_route(request, body, &arena, &route) && door_read(request, &tx)) {
		if (desk_route_try(tx, route.conditions, route.queue, TRY_MAX, &trial, &error)) {
			door_failed(request, &error);
		} else {
			struct json json = request_json(request);

			json_object(&json);
			json_key_int(&json, "looked_at", trial.looked_at);
			json_key_int(&json, "matched", trial.matched);
			json_key_int(&json, "moved", trial.moved);
			json_object_end(&json);
		}
		store_read_end(tx);
	}
	ward_arena_free(&arena);
	tree_free(body);
}

/* ---- policies ---- */

static void write_policy(struct request *request, struct json *json, const void *row)
{
	(void)request;
	desk_json_policy(json, row);
}

void handle_policies(struct request *request)
{
	struct desk_policy *policies;
	struct door_look look;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_policy_list(look.tx, &look.arena, &policies, &count, &look.error);

	if (!err)
		door_rows(request, "policies", policies, count, sizeof(*policies), write_policy);
	door_look_end(request, &look, err);
}

static ward_err put_policy(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;
	struct desk_actor actor = door_actor(change->request);

	return desk_policy_put(tx, &actor, &change->policy, error);
}

void handle_policy_put(struct request *request)
{
	struct change change = { .request = request,
		.policy = { .code = door_path(request, 0),
				.title = WARD_STR(""),
				.help = WARD_STR(""),
				.labels = WARD_STR(""),
				.active = true } };
	struct desk_policy *policy = &change.policy;
	struct json_t *body = door_object(request);

	if (body && door_int(request, body, "place", 0, 1000000, &policy->place) &&
			door_text(request, body, "title", &policy->title) &&
			door_text(request, body, "help", &policy->help) &&
			door_text(request, body, "labels", &policy->labels) &&
			door_flag(request, body, "severe", &policy->severe) &&
			door_int(request, body, "weight", 0, 1000, &policy->weight) &&
			door_flag(request, body, "active", &policy->active) &&
			door_write(request, put_policy, &change))
		door_done(request);
	tree_free(body);
}

/* ---- kinds of action ---- */

static void write_kind(struct request *request, struct json *json, const void *row)
{
	struct desk_action_kind kind = *(const struct desk_action_kind *)row;

	/* Where a call goes is for those who set it up. */
	if (!door_may(request, PEOPLE_POLICY_CHANGE))
		kind.url = WARD_STR("");
	desk_json_kind(json, &kind);
}

void handle_action_kinds(struct request *request)
{
	struct desk_action_kind *kinds;
	struct door_look look;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_action_kind_list(look.tx, &look.arena, &kinds, &count, &look.error);

	if (!err)
		door_rows(request, "kinds", kinds, count, sizeof(*kinds), write_kind);
	door_look_end(request, &look, err);
}

static ward_err put_kind(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;
	struct desk_actor actor = door_actor(change->request);

	return desk_action_kind_put(tx, &actor, &change->kind, error);
}

void handle_action_kind_put(struct request *request)
{
	struct change change = { .request = request,
		.kind = { .name = door_path(request, 0),
				.title = WARD_STR(""),
				.parameters = WARD_STR("[]"),
				.url = WARD_STR(""),
				.active = true } };
	struct desk_action_kind *kind = &change.kind;
	struct json_t *body = door_object(request);
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	if (body && door_text(request, body, "title", &kind->title) &&
			door_text(request, body, "url", &kind->url) &&
			door_flag(request, body, "two_persons", &kind->two_persons) &&
			door_flag(request, body, "active", &kind->active) &&
			read_json(request, body, "parameters", &arena, &kind->parameters) &&
			door_write(request, put_kind, &change))
		door_done(request);
	ward_arena_free(&arena);
	tree_free(body);
}
