/*
 * Roles of an operator's own, and what waits for a second person.
 */
#include "api/door.h"
#include "api/handlers.h"
#include "api/two.h"

#define ARENA_MAX ((size_t)16 << 20)

static void end_json(struct request *request, struct json *json)
{
	json_object_end(json);
	ward_buf_char(&request->answer.text, '\n');
}

static void no_content(struct request *request)
{
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}

/* ---- roles ---- */

static void role_json(struct json *json, ward_str name, people_permissions set, ward_str says,
		bool own)
{
	struct ward_buf names;

	ward_buf_init(&names, 8192);
	people_permissions_format(set, &names);
	ward_str rest = ward_buf_text(&names);

	json_object(json);
	json_key_str(json, "name", name);
	json_key_str(json, "says", says);
	json_key_bool(json, "own", own);
	json_key(json, "permissions");
	json_array(json);
	while (rest.len > 0)
		json_str(json, ward_str_cut(&rest, ' '));
	json_array_end(json);
	json_object_end(json);
	ward_buf_free(&names);
}

void handle_roles(struct request *request)
{
	const struct people_role_row *row;
	struct people_own_role *own = NULL;
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;
	size_t count = 0;

	if (!door_read(request, &tx))
		return;
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_role_list(tx, &arena, &own, &count, &error);

	store_read_end(tx);
	if (err) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key(&json, "roles");
		json_array(&json);
		for (size_t i = 0; (row = people_role_at(i)); i++)
			role_json(&json, ward_str_from(row->name), row->permissions,
					ward_str_from(row->says), false);
		for (size_t i = 0; i < count; i++)
			role_json(&json, own[i].name, own[i].permissions, own[i].says, true);
		json_array_end(&json);
		end_json(request, &json);
	}
	ward_arena_free(&arena);
}

struct role_change {
	struct people_actor actor;
	struct people_own_role role;
};

static ward_err set_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct role_change *change = context;

	return people_role_set(tx, &change->actor, &change->role, error);
}

static ward_err remove_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct role_change *change = context;

	return people_role_remove(tx, &change->actor, change->role.name, error);
}

static bool read_permissions(struct request *request, const struct json_t *root,
		people_permissions *set)
{
	const struct json_t *list = tree_member(root, "permissions");
	enum people_permission permission;

	for (size_t i = 0; tree_is_array(list) && i < tree_count(list); i++) {
		if (!people_permission_parse(tree_text(tree_at(list, i)), &permission)) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"The permission number %zu is none; GET /v1/permissions "
					"lists those there are.",
					i + 1);
			return false;
		}
		*set |= PEOPLE_BIT(permission);
	}
	if (*set == 0)
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"permissions\" is a list of names.");
	return *set != 0;
}

void handle_role_set(struct request *request)
{
	struct json_t *root = door_object(request);
	struct role_change change = { people_session_actor(&request->session),
		{ .name = door_path(request, 0) } };

	if (root && door_text(request, root, "says", &change.role.says) &&
			read_permissions(request, root, &change.role.permissions) &&
			door_write(request, set_work, &change)) {
		struct json json = request_json(request);

		role_json(&json, change.role.name, change.role.permissions, change.role.says, true);
		ward_buf_char(&request->answer.text, '\n');
	}
	tree_free(root);
}

void handle_role_remove(struct request *request)
{
	struct role_change change = { people_session_actor(&request->session),
		{ .name = door_path(request, 0) } };

	if (door_write(request, remove_work, &change))
		no_content(request);
}

/* ---- two persons ---- */

static void second_json(struct json *json, const struct people_second *second)
{
	json_object(json);
	json_key_str(json, "id", second->id);
	json_key_str(json, "kind", second->kind);
	json_key_str(json, "object", second->object);
	json_key(json, "detail");
	if (second->detail.len > 0)
		json_raw(json, second->detail);
	else
		json_null(json);
	json_key_str(json, "reason", second->reason);
	json_key_text(json, "wants", people_permission_name(second->second));
	json_key_text(json, "state", people_second_state_name(second->state));
	json_key_str(json, "proposed_by", second->proposed_by);
	door_key_time(json, "proposed", second->proposed_at);
	door_key_text(json, "answered_by", second->answered_by);
	door_key_time(json, "answered", second->answered_at);
	door_key_text(json, "answer", second->answer);
	door_key_time(json, "ends", second->ends_at);
	json_object_end(json);
}

static void seconds_json(struct json *json, const char *key, const struct people_second_list *list)
{
	json_key(json, key);
	json_array(json);
	for (size_t i = 0; i < list->count; i++)
		second_json(json, &list->at[i]);
	json_array_end(json);
}

/* Nobody learns of a job, or of its items, by being asked to confirm something of them. */
static ward_err keep_told(struct request *request, struct store_tx *tx, struct ward_arena *arena,
		struct people_second_list *list, struct ward_error *error)
{
	size_t count = 0;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->count && !err; i++) {
		bool told = false;

		err = two_is_told(request, tx, list->at[i].object, arena, &told, error);
		if (told)
			list->at[count++] = list->at[i];
	}
	list->count = count;
	return err;
}

void handle_seconds(struct request *request)
{
	struct people_second_list waiting = { 0 }, own = { 0 };
	ward_str person = ward_str_from(request->person.id);
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (!door_read(request, &tx))
		return;
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_second_waiting(tx, person, request->person.permissions, &arena,
			&waiting, &error);

	if (!err)
		err = keep_told(request, tx, &arena, &waiting, &error);
	if (!err)
		err = people_second_own(tx, person, &arena, &own, &error);
	store_read_end(tx);
	if (err) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		seconds_json(&json, "waiting", &waiting);
		seconds_json(&json, "own", &own);
		end_json(request, &json);
	}
	ward_arena_free(&arena);
}

struct second_change {
	const struct request *request;
	struct people_actor actor;
	people_permissions may;
	ward_str id, reason;
	bool confirm;
};

static ward_err check_told(const struct second_change *change, struct store_tx *tx,
		struct ward_error *error)
{
	struct people_second second;
	struct ward_arena arena;
	bool told = false;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_second_get(tx, change->id, &arena, &second, error);

	if (!err)
		err = two_is_told(change->request, tx, second.object, &arena, &told, error);
	ward_arena_free(&arena);
	return err || told ? err
			   : ward_fail(error, WARD_E_NOT_FOUND,
					     "nothing of this id waits for a second person");
}

static ward_err answer_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct second_change *change = context;
	ward_err err = check_told(change, tx, error);

	return err ? err
		   : people_second_answer(tx, &change->actor, change->may, change->id,
				     change->confirm, change->reason, error);
}

static ward_err withdraw_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct second_change *change = context;

	return people_second_withdraw(tx, &change->actor, change->id, error);
}

static struct second_change change_of(struct request *request)
{
	return (struct second_change){ .request = request,
		.actor = people_session_actor(&request->session),
		.may = request->person.permissions,
		.id = door_path(request, 0) };
}

void handle_second_answer(struct request *request)
{
	struct json_t *root = door_object(request);
	struct second_change change = change_of(request);

	if (root && tree_is_null(tree_member(root, "confirm")))
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"confirm\" is true or false.");
	else if (root && door_flag(request, root, "confirm", &change.confirm) &&
			door_text(request, root, "reason", &change.reason) &&
			door_write(request, answer_work, &change))
		no_content(request);
	tree_free(root);
}

void handle_second_withdraw(struct request *request)
{
	struct second_change change = change_of(request);

	if (door_write(request, withdraw_work, &change))
		no_content(request);
}
