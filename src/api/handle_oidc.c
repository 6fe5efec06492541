#include "api/handlers.h"
#include "api/proof.h"
#include "api/session.h"
#include "base/log.h"
#include "people/people_login_oidc.h"

enum { ADDRESS_MAX = 8192 };

#define RETURN_PATH "/v1/session/oidc/return"

static void end_json(struct request *request, struct json *json)
{
	json_object_end(json);
	ward_buf_char(&request->answer.text, '\n');
}

/* ---- which provider there is ---- */

static void provider_json(struct json *json, struct people_provider *provider)
{
	struct ward_buf logout;

	ward_buf_init(&logout, ADDRESS_MAX);
	bool known = people_provider_logout(provider, &logout);

	json_object(json);
	json_key_text(json, "id", "oidc");
	json_key_text(json, "name", people_provider_name(provider));
	door_key_text(json, "logout", known ? ward_buf_text(&logout) : WARD_STR(""));
	json_object_end(json);
	ward_buf_free(&logout);
}

void handle_providers(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct people_provider *provider = login ? people_login_provider(login) : NULL;

	if (!login)
		return;
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, "providers");
	json_array(&json);
	if (provider)
		provider_json(&json, provider);
	json_array_end(&json);
	end_json(request, &json);
}

/* ---- setting out ---- */

static void begin_failed(struct request *request, const struct ward_error *error, unsigned wait_s)
{
	if (error->code == WARD_E_NOT_FOUND) {
		request_trouble(request, PROBLEM_NOT_FOUND, "No identity provider is set up here.");
	} else if (error->code == WARD_E_DENIED) {
		request_trouble(request, PROBLEM_NOT_RIGHT,
				"The invitation is not good, or not any more; ask for a new one.");
	} else if (wait_s > 0) {
		proof_failed(request, error, wait_s);
	} else {
		log_warn("oidc_away", "id=%s code=%s message=\"%s\"", request->id,
				ward_err_name(error->code), error->message);
		request_trouble(request, PROBLEM_PROVIDER,
				"The identity provider does not answer as it should; log in "
				"another way, or try again in a while.");
	}
}

static void tell_address(struct request *request, ward_str address, const char *token)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "address", address);
	end_json(request, &json);
	session_flow_give(request, token);
}

static void begin(struct request *request, struct people_login *login,
		struct people_oidc_begin options)
{
	char redirect[sizeof(((struct people_place *)NULL)->origin) + sizeof(RETURN_PATH)];
	char token[PEOPLE_TOKEN_MAX], place[64];
	struct people_place here;
	struct ward_buf address;
	struct ward_error error;
	unsigned wait_s = 0;

	if (!session_people_place(request, &here)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "Send a Host.");
		return;
	}
	snprintf(redirect, sizeof(redirect), "%s%s", here.origin, RETURN_PATH);
	options.redirect = redirect;
	session_place(request, place);
	ward_buf_init(&address, ADDRESS_MAX);
	if (people_oidc_begin(login, ward_str_from(place), &options, &address, token, &wait_s,
			    &error) == WARD_OK)
		tell_address(request, ward_buf_text(&address), token);
	else
		begin_failed(request, &error, wait_s);
	ward_buf_free(&address);
}

void handle_oidc_begin(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_oidc_begin options = { .invitation = WARD_STR("") };

	if (root && door_text(request, root, "invitation", &options.invitation) &&
			door_flag(request, root, "fresh", &options.fresh))
		begin(request, login, options);
	tree_free(root);
}

/* One's own account, within a session. */
void handle_identity_begin(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct json_t *root = login ? door_object(request) : NULL;
	struct people_oidc_begin options = { .session = &request->session, .fresh = true };

	if (root && proof_again(request, login, root))
		begin(request, login, options);
	tree_free(root);
}

/* ---- coming back ---- */

/*
 * The browser is led to one of two places that nobody else chooses.  The cookie of the session is
 * not sent with a page that a foreign one leads to, so the console asks for its own session there.
 */
static void lead(struct request *request, const char *to)
{
	request->answer.status = 303;
	request->answer.type = "application/json";
	snprintf(request->answer.location, sizeof(request->answer.location), "%s", to);
}

void handle_oidc_return(struct request *request)
{
	struct people_login *login = proof_login(request);
	struct people_return came = {
		.code = request_query(request, "code"),
		.state = request_query(request, "state"),
		.issuer = request_query(request, "iss"),
		.trouble = request_query(request, "error"),
	};
	char token[PEOPLE_TOKEN_MAX] = "", place[64];
	struct people_step step;
	struct ward_error why;

	if (!login)
		return;
	session_place(request, place);
	bool in = session_flow_sent(request, token) &&
		  people_oidc_finish(login, ward_str_from(place), ward_str_from(token), &came,
				  &step, &why);

	if (in)
		session_give(request, step.token);
	else if (token[0] && why.code != WARD_OK)
		log_warn("oidc_refused", "id=%s code=%s message=\"%s\"", request->id,
				ward_err_name(why.code), why.message);
	lead(request, in ? "/console/" : "/console/#oidc");
}

/* ---- what came of it ---- */

static void end_of_flow_json(struct request *request, const struct people_flow_end *end)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "state", people_flow_stage_name(end->stage));
	door_key_text(&json, "detail", ward_str_from(end->detail));
	door_key_text(&json, "ticket", ward_str_from(end->ticket));
	json_key(&json, "next");
	json_array(&json);
	if (end->totp)
		json_str(&json, WARD_STR("totp"));
	if (end->recovery)
		json_str(&json, WARD_STR("recovery"));
	if (end->passkey)
		json_str(&json, WARD_STR("passkey"));
	json_array_end(&json);
	end_json(request, &json);
}

void handle_oidc(struct request *request)
{
	struct people_login *login = proof_login(request);
	char token[PEOPLE_TOKEN_MAX];
	struct people_flow_end end;

	if (!login)
		return;
	if (people_login_provider(login) && session_flow_sent(request, token) &&
			people_oidc_look(login, ward_str_from(token), &end))
		end_of_flow_json(request, &end);
	else
		request_trouble(request, PROBLEM_NOT_FOUND,
				"No log-in was begun in this browser, or it took too long: begin "
				"anew.");
}
