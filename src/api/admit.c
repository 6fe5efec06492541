#include "api/serve.h"

#include "base/clock.h"
#include "net/address.h"

/* ---- the key ---- */

static bool is_local(const struct request *request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection,
			MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info && address_is_loopback(info->client_addr) &&
	       access_is_local(request_header(request, "Host"), request_header(request, "Origin"),
			       request_header(request, "Sec-Fetch-Site"));
}

static bool check_rate(struct request *request, const struct key *key)
{
	unsigned wait = rates_take(request->server->rates, key, request->begun_us);

	if (wait == 0)
		return true;
	request_trouble(request, PROBLEM_RATE,
			"The key may ask %u times a minute; ask again in %u seconds.", key->rate,
			wait);
	request->answer.retry_after_s = wait;
	return false;
}

static bool check_key(struct request *request)
{
	char token[KEY_TOKEN_MAX], scope[64];
	ward_str authorization = request_header(request, "Authorization");
	ward_str api_key = request_header(request, "X-Api-Key");

	if (authorization.len == 0 && api_key.len == 0 && request->server->demo &&
			is_local(request)) {
		request->key_name = "demo";
		return true;
	}
	access_token(authorization, api_key, token);
	const struct key *key = token[0] ? keys_check(request->snapshot->keys, ward_str_from(token),
							   clock_now())
					 : NULL;

	if (!key) {
		request_trouble(request, PROBLEM_NO_KEY,
				"Send a valid key as \"Authorization: Bearer KEY\"; \"ward key "
				"add\" makes one.");
		request->answer.may_authenticate = strcmp(request->route->path, "/") == 0;
		return false;
	}
	request->key_name = key->name;
	request->key_created = key->created;
	if ((key->scopes & request->route->scope) != request->route->scope) {
		key_scopes_format(request->route->scope, scope, sizeof(scope));
		request_trouble(request, PROBLEM_SCOPE,
				"This needs a key with the scope \"%s\"; \"ward key add\" makes "
				"one.",
				scope);
		return false;
	}
	return check_rate(request, key);
}

/*
 * A key, or a session: whoever sends a key is asked for nothing else.  What
 * is open needs neither, but what logs people in comes from our own page.
 */
static bool check_asker(struct request *request)
{
	bool has_key = request_header(request, "Authorization").len > 0 ||
		       request_header(request, "X-Api-Key").len > 0;

	if (route_is_open(request->route))
		return request->route->lane != ROUTE_LOGIN || session_check_origin(request);
	if (request->route->permission != PEOPLE_NOBODY && !has_key && session_is_sent(request))
		return session_admit(request);
	if (request->route->scope != 0)
		return check_key(request);
	request_trouble(request, PROBLEM_NO_SESSION, "%s",
			has_key ? "This is for people, not for keys; log in."
				: "Log in by POST /v1/session.");
	return false;
}

/* ---- the framing ---- */

struct heads {
	int lengths, hosts;
};

static enum MHD_Result count_heads(void *context, enum MHD_ValueKind kind, const char *name,
		const char *value)
{
	struct heads *heads = context;

	(void)kind;
	(void)value;
	heads->lengths += strcasecmp(name, "Content-Length") == 0;
	heads->hosts += strcasecmp(name, "Host") == 0;
	return MHD_YES;
}

/* Where two readers could disagree about a body's end or its host, no reader should go on. */
static bool check_framing(struct request *request)
{
	ward_str length = request_header(request, "Content-Length");
	ward_str encoding = request_header(request, "Transfer-Encoding");
	struct heads heads = { 0 };

	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_heads, &heads);
	if (heads.hosts > 1) {
		request->answer.close = true;
		request_trouble(request, PROBLEM_BAD_REQUEST, "Send one Host.");
		return false;
	}
	if (heads.lengths > 1 || (heads.lengths > 0 && encoding.len > 0) ||
			(encoding.len > 0 && !ward_str_eq_nocase(encoding, WARD_STR("chunked"))) ||
			(heads.lengths > 0 && !ward_u64_parse(length, &request->body_expected))) {
		request->answer.close = true;
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"Send one Content-Length, or chunks, and not both.");
		return false;
	}
	return true;
}

/* ---- the body ---- */

/* Many signals fit, and a text that is read whole has to have some end. */
#define JSON_MAX ((uint64_t)16 << 20)
/* Of one who has shown nothing yet that we know. */
#define STRANGER_MAX ((uint64_t)64 << 10)

static uint64_t body_max(const struct request *request)
{
	const struct settings *settings = request->snapshot->settings;

	switch (request->route->body) {
	case ROUTE_STREAM:
		/* Held nowhere, so bounded as a file that is scanned. */
		return settings->limits.bytes_max;
	case ROUTE_JSON:
	case ROUTE_NO_BODY:
		if (session_is_unknown(request) || route_is_open(request->route))
			return settings->body_max < STRANGER_MAX ? settings->body_max
								 : STRANGER_MAX;
		return settings->body_max < JSON_MAX ? settings->body_max : JSON_MAX;
	case ROUTE_FILES:
	case ROUTE_SIGNALS:
		break;
	}
	return settings->body_max;
}

static bool check_body(struct request *request)
{
	ward_str encoding = request_header(request, "Content-Encoding");

	request->body_max = body_max(request);
	if (request->body_expected > request->body_max) {
		request_trouble(request, PROBLEM_TOO_LARGE, "A body here is at most %llu bytes.",
				(unsigned long long)request->body_max);
		return false;
	}
	if (encoding.len > 0 && !ward_str_eq_nocase(encoding, WARD_STR("identity"))) {
		request_trouble(request, PROBLEM_MEDIA_TYPE,
				"Send the bytes as they are, without a Content-Encoding.");
		return false;
	}
	return true;
}

static bool check_url(struct request *request)
{
	request->url = request_query(request, "url");
	if (request->url.len == 0)
		return true;
	if (!request->snapshot->settings->fetch) {
		request_trouble(request, PROBLEM_FETCH_OFF,
				"Send the file itself; or the operator switches fetching on in "
				"ward.conf (fetch { enabled = true }).");
		return false;
	}
	if (request->body_expected > 0) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"Send either a file or a url, not both.");
		return false;
	}
	return true;
}

/* ---- the service ---- */

static bool check_room(struct request *request)
{
	struct lane *lane = request->url.len > 0 ? request->server->fetches : serve_lane(request);

	if (request->peer->surplus) {
		request_trouble(request, PROBLEM_BUSY, "Nothing was lost: send it again.");
		request->answer.retry_after_s = 1;
		request->answer.close = true;
		return false;
	}
	if (request->route->lane != ROUTE_AT_ONCE && request_is_stopping(request)) {
		request_trouble(request, PROBLEM_STOPPING,
				"Ask another instance, or this one again in a while.");
		request->answer.retry_after_s = 5;
		return false;
	}
	if (lane && lane_is_full(lane)) {
		request_trouble(request, PROBLEM_BUSY, "Nothing was lost: send it again.");
		request->answer.retry_after_s = 1;
		return false;
	}
	return true;
}

bool admit(struct request *request, const char *method, const char *path)
{
	request->hma = route_is_hma(path);
	switch (route_find(method, path, &request->route, &request->parameters, request->allow,
			sizeof(request->allow))) {
	case ROUTE_NO_PATH:
		request_trouble(request, PROBLEM_NOT_FOUND,
				"There is no such path; GET /v1/openapi.yaml lists those there "
				"are.");
		return check_framing(request) && false;
	case ROUTE_NO_METHOD:
		request_trouble(request, PROBLEM_METHOD, "Here goes: %s.", request->allow);
		request->answer.allow = request->allow;
		return check_framing(request) && false;
	case ROUTE_FOUND:
		break;
	}
	return check_framing(request) && check_asker(request) && check_body(request) &&
	       ((request->route->body != ROUTE_FILES) || check_url(request)) && check_room(request);
}
