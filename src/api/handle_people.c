#include "api/door.h"
#include "api/handlers.h"
#include "people/people_login.h"
#include "people/people_second.h"

/* Of all people with their roles. */
#define ARENA_MAX ((size_t)32 << 20)

static struct people_actor actor_of(const struct request *request)
{
	return people_session_actor(&request->session);
}

static void end_json(struct request *request, struct json *json)
{
	json_object_end(json);
	ward_buf_char(&request->answer.text, '\n');
}

void handle_permissions(struct request *request)
{
	request_json(request);
	people_permissions_json(&request->answer.text);
}

/* ---- persons ---- */

/* Names and logins are for whoever lets people in, and for oneself. */
static void person_json(struct json *json, const struct person *person, bool with_name)
{
	ward_str roles = person->roles;

	json_object(json);
	json_key_str(json, "id", person->id);
	json_key_str(json, "pseudonym", person->pseudonym);
	door_key_text(json, "login", with_name ? person->login : WARD_STR(""));
	door_key_text(json, "name", with_name ? person->name : WARD_STR(""));
	json_key_text(json, "state", people_state_name(person->state));
	json_key(json, "roles");
	json_array(json);
	while (roles.len > 0)
		json_str(json, ward_str_cut(&roles, ','));
	json_array_end(json);
	json_key_bool(json, "password", person->has_password);
	json_key_bool(json, "totp", person->has_totp);
	json_key_int(json, "passkeys", person->passkeys);
	json_key_int(json, "identities", person->identities);
	json_key_int(json, "recovery_left", person->recovery_left);
	json_key_bool(json, "vault_key", person->has_key);
	door_key_time(json, "created", person->created_at);
	door_key_time(json, "seen", person->seen_at);
	json_object_end(json);
}

static bool sees_names(const struct request *request)
{
	return door_may(request, PEOPLE_PEOPLE_CHANGE);
}

void handle_people(struct request *request)
{
	struct people_list list = { 0 };
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (!door_read(request, &tx))
		return;
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_list(tx, &arena, &list, &error);

	store_read_end(tx);
	if (err) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key(&json, "people");
		json_array(&json);
		for (size_t i = 0; i < list.count; i++)
			person_json(&json, &list.at[i], sees_names(request));
		json_array_end(&json);
		end_json(request, &json);
	}
	ward_arena_free(&arena);
}

/* The person as they are now. */
static void tell_person(struct request *request, ward_str id)
{
	bool own = ward_str_eq(id, ward_str_from(request->person.id));
	struct person person = { 0 };
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (!own && !door_may(request, PEOPLE_PEOPLE_SEE)) {
		request_trouble(request, PROBLEM_PERMISSION, "This wants \"people.see\".");
		return;
	}
	if (!door_read(request, &tx))
		return;
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_get(tx, id, &arena, &person, &error);

	store_read_end(tx);
	if (err) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		person_json(&json, &person, own || sees_names(request));
		ward_buf_char(&request->answer.text, '\n');
	}
	ward_arena_free(&arena);
}

void handle_person(struct request *request)
{
	tell_person(request, door_path(request, 0));
}

/* ---- inviting ---- */

/* Roles come as a list of words; here they are one text. */
static bool read_roles(struct request *request, const struct json_t *root, char *out, size_t room,
		bool *given)
{
	const struct json_t *list = tree_member(root, "roles");
	size_t len = 0;

	*given = !tree_is_null(list);
	out[0] = '\0';
	for (size_t i = 0; *given && tree_is_array(list) && i < tree_count(list); i++) {
		ward_str word = tree_text(tree_at(list, i));
		int more = snprintf(out + len, room - len, "%s%.*s", i > 0 ? "," : "",
				WARD_FMT(word));

		if (!people_role_name_valid(word) || more < 0 || (size_t)more >= room - len) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"\"roles\" is a list of at most %d roles.",
					PEOPLE_ROLES_MAX);
			return false;
		}
		len += (size_t)more;
	}
	if (*given && !tree_is_array(list)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"roles\" is a list of words.");
		return false;
	}
	return true;
}

struct invite {
	struct people_actor actor;
	struct people_new person;
	char roles[PEOPLE_ROLES_TEXT_MAX];
	char id[ID_TEXT_MAX], code[PEOPLE_CODE_MAX];
};

static ward_err invite_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct invite *invite = context;

	return people_add(tx, &invite->actor, &invite->person, invite->id, invite->code, error);
}

static void tell_invited(struct request *request, const char *id, const char *code)
{
	const char *origin = request_settings(request)->people_origin;
	char link[SETTINGS_TEXT_MAX + PEOPLE_CODE_MAX + 16];
	struct json json = request_json(request);

	request->answer.status = 201;
	json_object(&json);
	json_key_text(&json, "id", id);
	json_key_text(&json, "invitation", code);
	/* Behind "#": it is not sent to the server, and is in no log. */
	snprintf(link, sizeof(link), "%s/console/#join=%s", origin, code);
	json_key_text(&json, "link", origin[0] ? link : NULL);
	end_json(request, &json);
}

void handle_person_add(struct request *request)
{
	struct json_t *root = door_object(request);
	struct invite invite = { .actor = actor_of(request) };
	bool given;

	if (root && door_text(request, root, "login", &invite.person.login) &&
			door_text(request, root, "name", &invite.person.name) &&
			read_roles(request, root, invite.roles, sizeof(invite.roles), &given)) {
		invite.person.roles = ward_str_from(invite.roles);
		if (door_write(request, invite_work, &invite))
			tell_invited(request, invite.id, invite.code);
	}
	tree_free(root);
}

/* ---- inviting anew ---- */

enum { RESET_WAIT_S = 24 * 3600 };

struct reset {
	struct people_actor actor;
	ward_str id, reason;
	char object[64], second[ID_TEXT_MAX], code[PEOPLE_CODE_MAX];
	bool proposed;
};

/* One who has never come in is invited again by one person; anybody else wants two. */
static ward_err is_invited(struct store_tx *tx, ward_str id, bool *invited,
		struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = people_get(tx, id, &arena, &person, error);

	*invited = person.state == PEOPLE_INVITED;
	ward_arena_free(&arena);
	return err;
}

static ward_err reset_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct reset *reset = context;
	struct people_act act = {
		.kind = WARD_STR("people.reset"),
		.object = ward_str_from(reset->object),
		.second = PEOPLE_PEOPLE_RESET_SECOND,
		.wait_s = RESET_WAIT_S,
	};
	bool invited = false;
	ward_err err = is_invited(tx, reset->id, &invited, error);

	reset->proposed = false;
	if (!err && !invited)
		err = people_second_use(tx, &reset->actor, &act, reset->second, error);
	if (err == WARD_E_DENIED) {
		reset->proposed = true;
		return people_second_propose(tx, &reset->actor, &act, reset->reason, reset->second,
				error);
	}
	return err ? err : people_reset(tx, &reset->actor, reset->id, reset->code, error);
}

void handle_person_reset(struct request *request)
{
	struct json_t *root = door_object(request);
	struct reset reset = { .actor = actor_of(request), .id = door_path(request, 0) };

	snprintf(reset.object, sizeof(reset.object), "person:%.*s", ID_TEXT_MAX, reset.id.ptr);
	if (root && door_text(request, root, "reason", &reset.reason) &&
			door_write(request, reset_work, &reset)) {
		if (!reset.proposed) {
			tell_invited(request, reset.id.ptr, reset.code);
		} else {
			struct json json = request_json(request);

			request->answer.status = 202;
			json_object(&json);
			json_key_text(&json, "second", reset.second);
			end_json(request, &json);
		}
	}
	tree_free(root);
}

/* ---- changing ---- */

struct change {
	struct people_actor actor;
	ward_str id, name, pseudonym;
	char roles[PEOPLE_ROLES_TEXT_MAX];
	bool has_roles, has_off, off;
};

static ward_err change_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;
	const struct people_actor *actor = &change->actor;
	ward_err err = WARD_OK;

	if (change->name.len > 0)
		err = people_set_name(tx, actor, change->id, change->name, error);
	if (!err && change->pseudonym.len > 0)
		err = people_set_pseudonym(tx, actor, change->id, change->pseudonym, error);
	if (!err && change->has_roles)
		err = people_set_roles(tx, actor, change->id, ward_str_from(change->roles), error);
	if (!err && change->has_off)
		err = people_set_off(tx, actor, change->id, change->off, error);
	return err;
}

void handle_person_change(struct request *request)
{
	struct json_t *root = door_object(request);
	struct change change = { .actor = actor_of(request), .id = door_path(request, 0) };

	if (root && door_text(request, root, "name", &change.name) &&
			door_text(request, root, "pseudonym", &change.pseudonym) &&
			door_flag(request, root, "off", &change.off) &&
			read_roles(request, root, change.roles, sizeof(change.roles),
					&change.has_roles)) {
		change.has_off = !tree_is_null(tree_member(root, "off"));
		if (door_write(request, change_work, &change))
			tell_person(request, change.id);
	}
	tree_free(root);
}

/* ---- sessions ---- */

/* One's own, or anybody's for whoever lets people in. */
static bool may_see_sessions(struct request *request)
{
	if (ward_str_eq(door_path(request, 0), ward_str_from(request->person.id)) ||
			door_may(request, PEOPLE_PEOPLE_CHANGE))
		return true;
	request_trouble(request, PROBLEM_PERMISSION,
			"Other people's sessions want \"people.change\".");
	return false;
}

void handle_person_sessions(struct request *request)
{
	struct people_session_list list = { 0 };
	struct ward_arena arena;
	struct ward_error error;
	struct store_tx *tx;

	if (!may_see_sessions(request) || !door_read(request, &tx))
		return;
	ward_arena_init(&arena, ARENA_MAX);
	char pseudonym[PEOPLE_PSEUDONYM_MAX];
	ward_err err = people_pseudonym(tx, door_path(request, 0), pseudonym, &error);

	if (!err)
		err = people_session_list(tx, door_path(request, 0),
				people_login_times(request_login(request)), &arena, &list, &error);

	store_read_end(tx);
	if (err) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key(&json, "sessions");
		json_array(&json);
		for (size_t i = 0; i < list.count; i++) {
			const struct people_session *at = &list.at[i];

			json_object(&json);
			json_key_text(&json, "id", at->id);
			json_key_text(&json, "how", at->how);
			json_key_bool(&json, "own", strcmp(at->id, request->session.id) == 0);
			door_key_time(&json, "created", at->created_at);
			door_key_time(&json, "used", at->used_at);
			door_key_time(&json, "ends", at->ends_at);
			json_object_end(&json);
		}
		json_array_end(&json);
		end_json(request, &json);
	}
	ward_arena_free(&arena);
}

struct ending {
	struct people_actor actor;
	ward_str person, session;
};

static ward_err end_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct ending *ending = context;

	return people_session_end(tx, &ending->actor, ending->person, ending->session, error);
}

void handle_person_session_end(struct request *request)
{
	struct ending ending = { actor_of(request), door_path(request, 0), door_path(request, 1) };

	if (!may_see_sessions(request) || !door_write(request, end_work, &ending))
		return;
	people_ring_wipe(people_login_ring(request_login(request)), ending.session);
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}
