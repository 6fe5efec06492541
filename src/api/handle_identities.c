#include "api/door.h"
#include "api/handlers.h"
#include "api/proof.h"
#include "people/people_identity.h"
#include "people/people_login_oidc.h"

enum { ARENA_MAX = 64 * 1024 };

/* One's own, or anybody's for whoever lets people in. */
static bool may_see(struct request *request)
{
	if (ward_str_eq(door_path(request, 0), ward_str_from(request->person.id)) ||
			door_may(request, PEOPLE_PEOPLE_CHANGE))
		return true;
	request_trouble(request, PROBLEM_PERMISSION,
			"Other people's linked accounts want \"people.change\".");
	return false;
}

static void write_identity(struct request *request, struct json *json, const void *row)
{
	const struct people_identity *identity = row;

	(void)request;
	json_object(json);
	json_key_str(json, "id", identity->id);
	json_key_str(json, "issuer", identity->issuer);
	json_key_str(json, "subject", identity->subject);
	json_key_bool(json, "second", identity->second);
	door_key_time(json, "created", identity->created_at);
	door_key_time(json, "used", identity->used_at);
	json_object_end(json);
}

static bool tell(struct request *request)
{
	struct people_identity *rows = NULL;
	struct door_look look;
	size_t count = 0;

	if (!door_look(request, &look))
		return false;
	ward_err err = people_identity_list(look.tx, door_path(request, 0), &look.arena, &rows,
			&count, &look.error);

	if (!err)
		door_rows(request, "identities", rows, count, sizeof(*rows), write_identity);
	door_look_end(request, &look, err);
	return !err;
}

void handle_identities(struct request *request)
{
	if (may_see(request))
		(void)tell(request);
}

/* ---- linking ---- */

struct change {
	struct people_actor actor;
	ward_str person, identity, keep;
	struct people_account account;
};

static ward_err link_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;

	return people_identity_link(tx, &change->actor, change->person, &change->account, error);
}

void handle_identity_link(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct people_provider *provider = login ? people_login_provider(login) : NULL;
	struct json_t *root = login ? door_object(request) : NULL;
	struct change change = { .actor = people_session_actor(&request->session),
		.person = door_path(request, 0) };

	if (root && !provider) {
		request_trouble(request, PROBLEM_NOT_FOUND, "No identity provider is set up here.");
	} else if (root) {
		change.account.issuer = ward_str_from(people_provider_issuer(provider));
		change.account.subject = WARD_STR("");
		if (door_text(request, root, "subject", &change.account.subject) &&
				door_write(request, link_work, &change) && tell(request))
			request->answer.status = 201;
	}
	tree_free(root);
}

/* ---- unlinking ---- */

static ward_err unlink_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;

	return people_identity_unlink(tx, &change->actor, change->person, change->identity,
			change->keep, error);
}

void handle_identity_unlink(struct request *request)
{
	struct change change = { .actor = people_session_actor(&request->session),
		.person = door_path(request, 0),
		.identity = door_path(request, 1),
		.keep = ward_str_from(request->session.id) };

	if (!may_see(request) || !door_write(request, unlink_work, &change))
		return;
	/* Keys of sessions that are over are wiped by the next look at them (people_login_tick). */
	people_login_tick(request_login(request));
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}
