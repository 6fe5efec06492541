#include "api/handlers.h"
#include "api/proof.h"
#include "api/session.h"

/* ---- what went wrong ---- */

void proof_failed(struct request *request, const struct ward_error *error, unsigned wait_s)
{
	if (error->code == WARD_E_LIMIT) {
		request_trouble(request, PROBLEM_TRIES, "Try again in %u seconds.", wait_s);
		request->answer.retry_after_s = wait_s > 0 ? wait_s : 1;
		return;
	}
	if (error->code == WARD_E_DENIED && request->session.id[0]) {
		request_trouble(request, PROBLEM_NOT_PROVEN, "Look at it and type it again.");
		return;
	}
	if (error->code == WARD_E_DENIED) {
		request_trouble(request, PROBLEM_NOT_RIGHT,
				"That is not right: look at the name, the password and the code; "
				"or begin anew.");
		return;
	}
	door_failed(request, error);
}

struct people_login *proof_login(struct request *request)
{
	struct people_login *login = request_login(request);

	if (login)
		return login;
	request_trouble(request, PROBLEM_NO_STORE, "Nothing was lost: ask again in a while.");
	request->answer.retry_after_s = 5;
	return NULL;
}

/* ---- who am I ---- */

static void names_json(struct json *json, const char *key, ward_str names, char between)
{
	json_key(json, key);
	json_array(json);
	while (names.len > 0)
		json_str(json, ward_str_cut(&names, between));
	json_array_end(json);
}

static void permissions_json(struct json *json, people_permissions set)
{
	struct ward_buf names;

	ward_buf_init(&names, 8192);
	people_permissions_format(set, &names);
	names_json(json, "permissions", ward_buf_text(&names), ' ');
	ward_buf_free(&names);
}

static void session_json(struct request *request, struct json *json,
		const struct people_session *session, const char *token)
{
	char csrf[PEOPLE_CSRF_MAX];

	people_csrf(ward_str_from(token), csrf);
	json_object(json);
	json_key_text(json, "session", session->id);
	json_key_text(json, "person", session->person);
	json_key_text(json, "pseudonym", session->pseudonym);
	names_json(json, "roles", ward_str_from(session->roles), ',');
	permissions_json(json, session->permissions);
	json_key_text(json, "how", session->how);
	json_key_bool(json, "enrolling", session->enrolling);
	json_key_text(json, "csrf", csrf);
	door_key_time(json, "ends", session->ends_at);
	json_key_int(json, "idle_s", people_login_times(request_login(request))->idle_s);
	json_key_uint(json, "unlocked_s",
			people_ring_left(people_login_ring(request_login(request)),
					ward_str_from(session->id)));
}

static void end_json(struct request *request, struct json *json)
{
	json_object_end(json);
	ward_buf_char(&request->answer.text, '\n');
}

void handle_session(struct request *request)
{
	if (!proof_login(request))
		return;
	struct json json = request_json(request);

	session_json(request, &json, &request->session, request->session_token);
	end_json(request, &json);
}

void proof_welcome(struct request *request, const struct people_step *step,
		const struct people_codes *codes)
{
	struct json json = request_json(request);

	session_json(request, &json, &step->session, step->token);
	if (codes) {
		json_key(&json, "recovery_codes");
		json_array(&json);
		for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++)
			json_str(&json, ward_str_from(codes->at[i]));
		json_array_end(&json);
	}
	end_json(request, &json);
	session_give(request, step->token);
}

/* ---- logging in ---- */

static void tell_next(struct request *request, const struct people_step *step)
{
	struct json json = request_json(request);

	request->answer.status = 202;
	json_object(&json);
	json_key_text(&json, "ticket", step->ticket);
	json_key(&json, "next");
	json_array(&json);
	if (step->totp)
		json_str(&json, WARD_STR("totp"));
	if (step->recovery)
		json_str(&json, WARD_STR("recovery"));
	if (step->passkey)
		json_str(&json, WARD_STR("passkey"));
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}

struct login_body {
	ward_str name, password, ticket, totp, recovery, invitation;
};

static bool read_login(struct request *request, const struct json_t *root, struct login_body *body)
{
	return door_text(request, root, "name", &body->name) &&
	       door_text(request, root, "password", &body->password) &&
	       door_text(request, root, "ticket", &body->ticket) &&
	       door_text(request, root, "totp", &body->totp) &&
	       door_text(request, root, "recovery", &body->recovery) &&
	       door_text(request, root, "invitation", &body->invitation);
}

static ward_err do_login(struct people_login *login, ward_str place, const struct login_body *body,
		struct people_step *step, struct ward_error *error)
{
	if (body->invitation.len > 0)
		return people_login_invitation(login, place, body->invitation, body->password, step,
				error);
	if (body->ticket.len > 0 && body->totp.len > 0)
		return people_login_totp(login, place, body->ticket, body->totp, step, error);
	if (body->ticket.len > 0 && body->recovery.len > 0)
		return people_login_recovery(login, place, body->ticket, body->recovery, step,
				error);
	if (body->name.len > 0 && body->password.len > 0)
		return people_login_password(login, place, body->name, body->password, step, error);
	return ward_fail(error, WARD_E_ARGUMENT,
			"send name and password, then the ticket with totp or recovery; or "
			"invitation and password");
}

void handle_login(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_step step = { .wait_s = 0 };
	struct login_body body = { 0 };
	struct ward_error error;
	char place[64];

	if (root && read_login(request, root, &body)) {
		session_place(request, place);
		if (!tree_is_null(tree_member(root, "passkey")))
			proof_by_passkey(request, login, root, ward_str_from(place));
		else if (do_login(login, ward_str_from(place), &body, &step, &error) != WARD_OK)
			proof_failed(request, &error, step.wait_s);
		else if (step.ticket[0])
			tell_next(request, &step);
		else
			proof_welcome(request, &step, NULL);
	}
	tree_free(root);
}

static void no_content(struct request *request)
{
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}

void handle_logout(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct ward_error error;

	if (!login)
		return;
	if (people_logout(login, &request->session, &error) != WARD_OK) {
		door_failed(request, &error);
		return;
	}
	no_content(request);
	session_take_back(request);
}

/* ---- one's own proofs ---- */

bool proof_again(struct request *request, struct people_login *login, const struct json_t *root)
{
	ward_str password = WARD_STR("");
	struct ward_error error;
	unsigned wait_s = 0;
	char place[64];

	if (!door_text(request, root, "password", &password))
		return false;
	session_place(request, place);
	if (people_reprove(login, ward_str_from(place), &request->session, password, &wait_s,
			    &error) == WARD_OK)
		return true;
	proof_failed(request, &error, wait_s);
	return false;
}

void handle_totp_begin(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_device device;
	struct ward_error error;

	/* Who is enrolling has given the password a moment ago. */
	if (root && (request->session.enrolling || proof_again(request, login, root))) {
		if (people_totp_begin(login, &request->session, &device, &error) != WARD_OK) {
			door_failed(request, &error);
		} else {
			struct json json = request_json(request);

			json_object(&json);
			json_key_text(&json, "secret", device.secret);
			json_key_text(&json, "uri", device.uri);
			end_json(request, &json);
		}
	}
	tree_free(root);
}

void handle_totp_confirm(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_step step = { .wait_s = 0 };
	struct people_codes codes;
	struct ward_error error;
	ward_str code = WARD_STR("");
	char place[64];

	if (root && door_text(request, root, "code", &code)) {
		session_place(request, place);
		if (people_totp_confirm(login, ward_str_from(place), &request->session, code, &step,
				    &codes, &error) == WARD_OK)
			proof_welcome(request, &step, &codes);
		else
			proof_failed(request, &error, step.wait_s);
	}
	tree_free(root);
}

void handle_password(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_step step;
	struct ward_error error;
	ward_str wanted = WARD_STR("");

	if (root && door_text(request, root, "new", &wanted) && proof_again(request, login, root)) {
		if (people_change_password(login, &request->session, wanted, &step, &error) ==
				WARD_OK)
			proof_welcome(request, &step, NULL);
		else
			door_failed(request, &error);
	}
	tree_free(root);
}

void handle_recovery(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_codes codes;
	struct ward_error error;

	if (root && proof_again(request, login, root)) {
		if (people_recovery_renew(login, &request->session, &codes, &error) != WARD_OK) {
			door_failed(request, &error);
		} else {
			struct json json = request_json(request);

			json_object(&json);
			json_key(&json, "recovery_codes");
			json_array(&json);
			for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++)
				json_str(&json, ward_str_from(codes.at[i]));
			json_array_end(&json);
			end_json(request, &json);
		}
	}
	tree_free(root);
}

/* ---- the vault key ---- */

static void tell_unlocked(struct request *request, struct people_login *login)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_uint(&json, "unlocked_s",
			people_ring_left(people_login_ring(login),
					ward_str_from(request->session.id)));
	end_json(request, &json);
}

void handle_key_set(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	ward_str old = WARD_STR(""), phrase = WARD_STR("");
	struct ward_error error;
	unsigned wait_s = 0;
	char place[64];

	if (root && door_text(request, root, "old", &old) &&
			door_text(request, root, "phrase", &phrase)) {
		session_place(request, place);
		if (people_key_set(login, ward_str_from(place), &request->session, old, phrase,
				    &wait_s, &error) == WARD_OK)
			tell_unlocked(request, login);
		else
			proof_failed(request, &error, wait_s);
	}
	tree_free(root);
}

void handle_unlock(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	ward_str phrase = WARD_STR("");
	struct ward_error error;
	unsigned wait_s = 0;
	char place[64];

	if (root && door_text(request, root, "phrase", &phrase)) {
		session_place(request, place);
		if (people_key_unlock(login, ward_str_from(place), &request->session, phrase,
				    &wait_s, &error) == WARD_OK)
			tell_unlocked(request, login);
		else
			proof_failed(request, &error, wait_s);
	}
	tree_free(root);
}

/* The quiet key, too. */
void handle_lock(struct request *request)
{
	struct people_login *login = proof_login(request);

	if (!login)
		return;
	people_ring_wipe(people_login_ring(login), ward_str_from(request->session.id));
	no_content(request);
}
