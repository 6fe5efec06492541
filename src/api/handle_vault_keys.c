/*
 * Who holds the vault's keys; and giving and taking them.  Both are done by somebody who holds the
 * key, unlocked in their session; giving is two persons', for whoever holds it opens what it opens.
 */
#include "api/door.h"
#include "api/handlers.h"
#include "api/kept.h"
#include "api/opening.h"
#include "api/two.h"
#include "people/people_keys.h"
#include "vault/vault_keys.h"

enum { HOLDERS_MAX = 2000, HOLDER_ROOM = 208 };

/* ---- looking ---- */

struct holding {
	char holder[HOLDER_ROOM];
	int64_t since;
};

struct keys {
	struct vault_key at[VAULT_KEYS_MAX];
	size_t count;
	struct holding *holdings; /* of one key at a time */
	size_t holding_count;
};

static bool take_key(void *context, const struct vault_key *key)
{
	struct keys *keys = context;

	if (key->retired_at == 0 && keys->count < VAULT_KEYS_MAX)
		keys->at[keys->count++] = *key;
	return true;
}

static bool take_holder(void *context, ward_str holder, int64_t since)
{
	struct keys *keys = context;
	struct holding *holding = &keys->holdings[keys->holding_count];

	if (keys->holding_count == HOLDERS_MAX)
		return false;
	if (holder.len < HOLDER_ROOM && ward_str_starts(holder, WARD_STR("person:"))) {
		(void)snprintf(holding->holder, HOLDER_ROOM, "%.*s",
				(int)(holder.len - strlen("person:")),
				holder.ptr + strlen("person:"));
		holding->since = since;
		keys->holding_count++;
	}
	return true;
}

static ward_err write_holders(struct json *json, struct store_tx *tx, struct keys *keys,
		const struct vault_key *key, struct ward_error *error)
{
	char pseudonym[PEOPLE_PSEUDONYM_MAX];

	keys->holding_count = 0;
	ward_err err = vault_holder_list(tx, ward_str_from(key->name), take_holder, keys, error);

	json_key(json, "holders");
	json_array(json);
	for (size_t i = 0; i < keys->holding_count && !err; i++) {
		const struct holding *holding = &keys->holdings[i];

		err = people_pseudonym(tx, ward_str_from(holding->holder), pseudonym, error);
		json_object(json);
		json_key_text(json, "person", holding->holder);
		json_key_text(json, "pseudonym", err == WARD_OK ? pseudonym : "");
		door_key_time(json, "since", holding->since);
		json_object_end(json);
		/* One who holds a key and is no person here any more is told all the same. */
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	json_array_end(json);
	return err;
}

static ward_err write_key(struct json *json, struct store_tx *tx, struct keys *keys,
		const struct vault_key *key, struct ward_error *error)
{
	json_object(json);
	json_key_text(json, "name", key->name);
	json_key_uint(json, "generation", key->generation);
	json_key_bool(json, "split", key->split);
	json_key_uint(json, "needed", key->needed);
	json_key_uint(json, "shares", key->count);
	door_key_time(json, "made_at", key->made_at);
	json_key_uint(json, "items", key->items);
	ward_err err = write_holders(json, tx, keys, key, error);

	json_object_end(json);
	return err;
}

/* Who could be given one: active, with a key pair of their own, and of a role that sees content. */
static bool may_be_given(const struct person *person)
{
	return person->state == PEOPLE_ACTIVE && person->has_key &&
	       people_may(person->permissions, PEOPLE_ITEM_FACTS);
}

static void write_people(struct json *json, const struct people_list *list)
{
	json_key(json, "people");
	json_array(json);
	for (size_t i = 0; i < list->count; i++) {
		if (!may_be_given(&list->at[i]))
			continue;
		json_object(json);
		json_key_str(json, "person", list->at[i].id);
		json_key_str(json, "pseudonym", list->at[i].pseudonym);
		json_object_end(json);
	}
	json_array_end(json);
}

static ward_err answer_keys(struct request *request, struct door_look *look, struct keys *keys)
{
	struct people_list people = { .count = 0 };
	ward_err err = people_list(look->tx, &look->arena, &people, &look->error);

	if (!err)
		err = vault_key_list(look->tx, take_key, keys, &look->error);
	if (err)
		return err;
	struct json json = request_json(request);

	json_object(&json);
	json_key_uint(&json, "unlocked_s", opening_left(request));
	json_key(&json, "keys");
	json_array(&json);
	for (size_t i = 0; i < keys->count && !err; i++)
		err = write_key(&json, look->tx, keys, &keys->at[i], &look->error);
	json_array_end(&json);
	write_people(&json, &people);
	json_object_end(&json);
	return err;
}

void handle_vault_keys(struct request *request)
{
	struct keys *keys;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	keys = ward_new(&look.arena, struct keys, 1);
	if (keys)
		keys->holdings = ward_new(&look.arena, struct holding, HOLDERS_MAX);
	ward_err err = keys && keys->holdings
				       ? answer_keys(request, &look, keys)
				       : ward_fail(&look.error, WARD_E_NOMEM, "no memory for keys");

	door_look_end(request, &look, err);
}

/* ---- giving ---- */

struct giving {
	ward_str role, person, reason;
	char holder[ID_TEXT_MAX + 8];
	struct people_sealed sealed;
};

/* Who it is for, and their public key. */
static bool find_person(struct request *request, struct giving *giving)
{
	struct person person;
	struct door_look look;

	if (!door_have_intake(request) || !door_look(request, &look))
		return false;
	ward_err err = people_get(look.tx, giving->person, &look.arena, &person, &look.error);

	if (!err && !may_be_given(&person))
		err = ward_fail(&look.error, WARD_E_CONFLICT,
				"they cannot be given a key: that wants a vault phrase of their "
				"own, and a role that sees content");
	if (!err)
		err = people_keys_load(look.tx, giving->person, &giving->sealed, &look.error);
	if (!err)
		(void)snprintf(giving->holder, sizeof(giving->holder), "person:%.*s",
				(int)(person.id.len < ID_TEXT_MAX ? person.id.len
								  : ID_TEXT_MAX - 1),
				person.id.ptr);
	door_look_end(request, &look, err);
	return !err;
}

/* The person's own access, which has the role; NULL with a problem. */
static struct vault_access *hold(struct request *request, ward_str role,
		char actor[OPENING_ACTOR_MAX])
{
	struct vault_access *access = opening_may(request) ? opening_access(request, actor) : NULL;

	if (!access || vault_access_has(access, role))
		return access;
	vault_access_free(access);
	request_trouble(request, PROBLEM_CONFLICT,
			"A role's key is given and taken by somebody who holds it; you do not.");
	return NULL;
}

static void give(struct request *request, const struct giving *giving,
		const struct vault_access *access)
{
	static const struct two_kind kind = { "vault.keys", "person", PEOPLE_VAULT_KEYS_SECOND };
	char key[65];
	struct ward_error error;
	struct two two;
	struct json json = two_begin(&two, request, &kind, giving->person);

	ward_hex_format(giving->sealed.public_key, 32, key);
	json_key_str(&json, "role", giving->role);
	json_key_text(&json, "key", key);
	if (two_ask(&two, &json, giving->reason)) {
		struct vault_pair pair = two_pair(&two);

		if (vault_key_give_by_two(request_vault(request), access, &pair, giving->role,
				    ward_str_from(giving->holder), giving->sealed.public_key,
				    giving->reason, &error))
			door_failed(request, &error);
		else
			door_done(request);
	}
	two_end(&two);
}

void handle_vault_key_give(struct request *request)
{
	struct json_t *body = door_object(request);
	struct giving giving = { .role = door_path(request, 0), .person = door_path(request, 1) };
	char actor[OPENING_ACTOR_MAX];

	if (kept_reason(request, body, &giving.reason) && find_person(request, &giving)) {
		struct vault_access *access = hold(request, giving.role, actor);

		if (access)
			give(request, &giving, access);
		vault_access_free(access);
	}
	tree_free(body);
}

/* ---- taking ---- */

/* Somebody is left who can give it on. */
static void take(struct request *request, ward_str reason)
{
	char holder[ROUTE_PARAMETER_MAX + 8];
	struct ward_error error;
	struct vault_actor actor;
	char name[ID_TEXT_MAX + 8];

	(void)snprintf(holder, sizeof(holder), "person:%s", request->parameters.at[1]);
	(void)snprintf(name, sizeof(name), "person:%s", request->person.id);
	actor = (struct vault_actor){ ward_str_from(name), ward_str_from(request->person.roles) };
	if (vault_key_take_not_last(request_vault(request), &actor, door_path(request, 0),
			    ward_str_from(holder), reason, &error))
		door_failed(request, &error);
	else
		door_done(request);
}

void handle_vault_key_take(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	char actor[OPENING_ACTOR_MAX];

	if (kept_reason(request, body, &reason) && door_have_intake(request)) {
		struct vault_access *access = hold(request, door_path(request, 0), actor);

		if (access)
			take(request, reason);
		vault_access_free(access);
	}
	tree_free(body);
}
