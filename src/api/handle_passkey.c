#include "api/handlers.h"
#include "api/proof.h"
#include "api/session.h"

#include <sodium.h>

enum { BASE64_MAX = 48 * 1024, ARENA_MAX = 256 * 1024 };

/* ---- bytes in JSON: base64url ---- */

static void key_bytes(struct json *json, const char *name, ward_bytes bytes)
{
	char text[4 * ((PEOPLE_CREDENTIAL_MAX + 2) / 3) + 1];

	if (sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) >
			sizeof(text))
		bytes.len = 0;
	sodium_bin2base64(text, sizeof(text), bytes.ptr, bytes.len,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	if (name)
		json_key_text(json, name, text);
	else
		json_str(json, ward_str_from(text));
}

/* A member that must be there, of at most `len_max` bytes. */
static bool read_bytes(struct request *request, const struct json_t *object, const char *name,
		size_t len_max, struct ward_arena *arena, ward_bytes *bytes)
{
	ward_str text = WARD_STR("");

	if (!door_text(request, object, name, &text))
		return false;
	uint8_t *room = ward_new(arena, uint8_t, text.len + 1);
	size_t len = 0;

	if (room && text.len > 0 && text.len <= BASE64_MAX &&
			sodium_base642bin(room, text.len, text.ptr, text.len, NULL, &len, NULL,
					sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
			len <= len_max) {
		*bytes = (ward_bytes){ room, len };
		return true;
	}
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"%s\" is at most %zu bytes in base64url, without padding.", name,
			len_max);
	return false;
}

static bool have_place(struct request *request, struct people_place *place)
{
	if (session_people_place(request, place))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "Send a Host.");
	return false;
}

static void end_json(struct request *request, struct json *json)
{
	json_object_end(json);
	ward_buf_char(&request->answer.text, '\n');
}

/* ---- logging in ---- */

static void challenge_json(struct json *json, const struct people_challenge *challenge,
		const struct people_place *place)
{
	json_object(json);
	json_key_text(json, "ticket", challenge->ticket);
	key_bytes(json, "challenge", (ward_bytes){ challenge->bytes, sizeof(challenge->bytes) });
	json_key_text(json, "rp_id", place->rp_id);
}

void handle_challenge(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct people_challenge challenge;
	struct people_place place;

	if (!login || !have_place(request, &place))
		return;
	people_passkey_ask(login, NULL, &challenge);
	struct json json = request_json(request);

	challenge_json(&json, &challenge, &place);
	end_json(request, &json);
}

void proof_by_passkey(struct request *request, struct people_login *login,
		const struct json_t *root, ward_str from)
{
	const struct json_t *passkey = tree_member(root, "passkey");
	struct people_assertion assertion;
	struct people_place place;
	struct people_step step = { .wait_s = 0 };
	ward_str ticket = WARD_STR("");
	struct ward_arena arena;
	struct ward_error error;
	ward_bytes id;

	ward_arena_init(&arena, ARENA_MAX);
	if (have_place(request, &place) && door_text(request, root, "ticket", &ticket) &&
			read_bytes(request, passkey, "id", PEOPLE_CREDENTIAL_MAX, &arena, &id) &&
			read_bytes(request, passkey, "client_data", PEOPLE_CLIENT_DATA_MAX, &arena,
					&assertion.client_data) &&
			read_bytes(request, passkey, "authenticator_data", 1024, &arena,
					&assertion.authenticator_data) &&
			read_bytes(request, passkey, "signature", 1024, &arena,
					&assertion.signature)) {
		if (people_login_passkey(login, from, &place, ticket, id, &assertion, &step,
				    &error) == WARD_OK)
			proof_welcome(request, &step, NULL);
		else
			proof_failed(request, &error, step.wait_s);
	}
	ward_arena_free(&arena);
}

/* ---- one's own ---- */

/* The person and their passkeys; false with a problem. */
static bool read_own(struct request *request, struct ward_arena *arena, struct person *person,
		struct people_passkey_row **rows, size_t *count)
{
	ward_str id = ward_str_from(request->person.id);
	struct ward_error error;
	struct store_tx *tx;

	if (!door_read(request, &tx))
		return false;
	ward_err err = people_get(tx, id, arena, person, &error);

	if (!err)
		err = people_passkey_list(tx, id, arena, rows, count, &error);
	store_read_end(tx);
	if (err)
		door_failed(request, &error);
	return err == WARD_OK;
}

/* What the browser's navigator.credentials.create is given. */
static void tell_options(struct request *request, struct people_login *login,
		const struct people_place *place)
{
	static const int algorithms[] = { -7, -8, -257 };
	struct people_challenge challenge;
	struct people_passkey_row *rows = NULL;
	struct person person = { 0 };
	struct ward_arena arena;
	size_t count = 0;

	ward_arena_init(&arena, ARENA_MAX);
	if (read_own(request, &arena, &person, &rows, &count)) {
		people_passkey_ask(login, &request->session, &challenge);
		struct json json = request_json(request);

		challenge_json(&json, &challenge, place);
		json_key_text(&json, "rp_name", request_settings(request)->people_site);
		key_bytes(&json, "user_id",
				(ward_bytes){ (const uint8_t *)person.id.ptr, person.id.len });
		json_key_str(&json, "user_name", person.login);
		json_key_str(&json, "user_display_name", person.pseudonym);
		json_key(&json, "algorithms");
		json_array(&json);
		for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
			json_int(&json, algorithms[i]);
		json_array_end(&json);
		json_key(&json, "exclude");
		json_array(&json);
		for (size_t i = 0; i < count; i++)
			key_bytes(&json, NULL, rows[i].credential);
		json_array_end(&json);
		end_json(request, &json);
	}
	ward_arena_free(&arena);
}

void handle_passkey_challenge(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_place place;

	/* Who is enrolling has given the password a moment ago. */
	if (root && have_place(request, &place) &&
			(request->session.enrolling || proof_again(request, login, root)))
		tell_options(request, login, &place);
	tree_free(root);
}

static void passkeys_json(struct request *request, const struct people_passkey_row *rows,
		size_t count)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, "passkeys");
	json_array(&json);
	for (size_t i = 0; i < count; i++) {
		json_object(&json);
		json_key_str(&json, "id", rows[i].id);
		json_key_str(&json, "label", rows[i].label);
		door_key_time(&json, "created", rows[i].created_at);
		door_key_time(&json, "used", rows[i].used_at);
		json_object_end(&json);
	}
	json_array_end(&json);
	end_json(request, &json);
}

void handle_passkeys(struct request *request)
{
	struct people_passkey_row *rows = NULL;
	struct person person = { 0 };
	struct ward_arena arena;
	size_t count = 0;

	ward_arena_init(&arena, ARENA_MAX);
	if (read_own(request, &arena, &person, &rows, &count))
		passkeys_json(request, rows, count);
	ward_arena_free(&arena);
}

/* The same session goes on, unless it was one that could only enrol. */
static void tell_added(struct request *request, const struct people_step *step,
		const struct people_codes *codes)
{
	struct people_step same = { .session = request->session };

	memcpy(same.token, request->session_token, sizeof(same.token));
	if (step->token[0])
		proof_welcome(request, step, codes);
	else
		proof_welcome(request, &same, NULL);
}

void handle_passkey_add(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	ward_str ticket = WARD_STR(""), label = WARD_STR("");
	ward_bytes client_data, attestation;
	struct people_place place;
	struct people_codes codes;
	struct people_step step;
	struct ward_arena arena;
	struct ward_error error;

	ward_arena_init(&arena, ARENA_MAX);
	if (root && have_place(request, &place) && door_text(request, root, "ticket", &ticket) &&
			door_text(request, root, "label", &label) &&
			read_bytes(request, root, "client_data", PEOPLE_CLIENT_DATA_MAX, &arena,
					&client_data) &&
			read_bytes(request, root, "attestation", PEOPLE_ATTESTATION_MAX, &arena,
					&attestation)) {
		if (people_passkey_add(login, &request->session, &place, ticket, label, client_data,
				    attestation, &step, &codes, &error) == WARD_OK)
			tell_added(request, &step, &codes);
		else
			proof_failed(request, &error, 0);
	}
	ward_arena_free(&arena);
	tree_free(root);
}

struct removal {
	struct people_actor actor;
	ward_str id;
};

static ward_err remove_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct removal *removal = context;

	return people_passkey_remove(tx, &removal->actor, removal->id, error);
}

void handle_passkey_remove(struct request *request)
{
	struct removal removal = { people_session_actor(&request->session), door_path(request, 0) };

	if (!door_write(request, remove_work, &removal))
		return;
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}
