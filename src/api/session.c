#include "api/session.h"

#include "api/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>

/* ---- tokens that were seen in use ---- */

enum { SEEN = 4096, SEEN_DIGEST = 16 };

struct session_seen {
	pthread_mutex_t mutex;
	uint8_t digests[SEEN][SEEN_DIGEST];
};

struct session_seen *session_seen_new(void)
{
	struct session_seen *seen = calloc(1, sizeof(*seen));

	if (seen)
		pthread_mutex_init(&seen->mutex, NULL);
	return seen;
}

void session_seen_free(struct session_seen *seen)
{
	if (!seen)
		return;
	pthread_mutex_destroy(&seen->mutex);
	free(seen);
}

static size_t seen_digest(const char *token, uint8_t digest[32])
{
	crypto_hash_sha256(digest, (const uint8_t *)token, strlen(token));
	return (size_t)(digest[30] << 8 | digest[31]) % SEEN;
}

static void note(struct session_seen *seen, const char *token, bool good)
{
	uint8_t digest[32];
	size_t place = seen_digest(token, digest);

	pthread_mutex_lock(&seen->mutex);
	if (good)
		memcpy(seen->digests[place], digest, SEEN_DIGEST);
	else if (memcmp(seen->digests[place], digest, SEEN_DIGEST) == 0)
		memset(seen->digests[place], 0, SEEN_DIGEST);
	pthread_mutex_unlock(&seen->mutex);
}

bool session_is_unknown(const struct request *request)
{
	struct session_seen *seen = request->server->seen;
	uint8_t digest[32];

	if (!request->session_token[0])
		return false;
	size_t place = seen_digest(request->session_token, digest);

	pthread_mutex_lock(&seen->mutex);
	bool known = memcmp(seen->digests[place], digest, SEEN_DIGEST) == 0;

	pthread_mutex_unlock(&seen->mutex);
	return !known;
}

/* ---- the cookie ---- */

static bool over_https(const struct request *request)
{
	return request->server->tls ||
	       ward_str_starts(ward_str_from(request->snapshot->settings->people_origin),
			       WARD_STR("https://"));
}

static const char *cookie_name(const struct request *request)
{
	return over_https(request) ? "__Host-ward" : "ward";
}

bool session_is_sent(struct request *request)
{
	const char *value = MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND,
			cookie_name(request));

	if (!value || !people_token_valid(ward_str_from(value)))
		return false;
	snprintf(request->session_token, sizeof(request->session_token), "%s", value);
	return true;
}

void session_give(struct request *request, const char *token)
{
	snprintf(request->answer.cookie, sizeof(request->answer.cookie),
			"%s=%s; Path=/; HttpOnly; SameSite=Strict%s", cookie_name(request), token,
			over_https(request) ? "; Secure" : "");
	note(request->server->seen, token, true);
}

void session_take_back(struct request *request)
{
	snprintf(request->answer.cookie, sizeof(request->answer.cookie),
			"%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict%s", cookie_name(request),
			over_https(request) ? "; Secure" : "");
	if (request->session_token[0])
		note(request->server->seen, request->session_token, false);
}

/* ---- the cookie of a log-in on its way ---- */

enum { FLOW_S = 600 };

static const char *flow_name(const struct request *request)
{
	return over_https(request) ? "__Host-ward-login" : "ward-login";
}

void session_flow_give(struct request *request, const char *token)
{
	snprintf(request->answer.cookie, sizeof(request->answer.cookie),
			"%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", flow_name(request),
			token, FLOW_S, over_https(request) ? "; Secure" : "");
}

bool session_flow_sent(const struct request *request, char token[PEOPLE_TOKEN_MAX])
{
	const char *value = MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND,
			flow_name(request));

	if (!value || !people_token_valid(ward_str_from(value)))
		return false;
	snprintf(token, PEOPLE_TOKEN_MAX, "%s", value);
	return true;
}

/* ---- where it comes from ---- */

/* Over TLS a name that leads here without being ours does not get past the certificate. */
static bool is_https_host(ward_str host, ward_str origin, ward_str site)
{
	ward_str scheme = origin;

	if (site.len > 0 && !ward_str_eq(site, WARD_STR("same-origin")) &&
			!ward_str_eq(site, WARD_STR("none")))
		return false;
	if (origin.len == 0)
		return true;
	(void)ward_str_cut(&scheme, ':');
	return ward_str_starts(origin, WARD_STR("https://")) && host.len > 0 &&
	       ward_str_eq_nocase((ward_str){ scheme.ptr + 2, scheme.len - 2 }, host);
}

static bool is_ours(const struct request *request)
{
	ward_str wanted = ward_str_from(request->snapshot->settings->people_origin);
	ward_str host = request_header(request, "Host"), origin = request_header(request, "Origin");
	ward_str site = request_header(request, "Sec-Fetch-Site");

	if (wanted.len > 0)
		return (origin.len == 0 || ward_str_eq(origin, wanted)) &&
		       (site.len == 0 || ward_str_eq(site, WARD_STR("same-origin")) ||
				       ward_str_eq(site, WARD_STR("none")));
	if (request->server->tls)
		return is_https_host(host, origin, site);
	return access_is_local(host, origin, site);
}

bool session_check_origin(struct request *request)
{
	if (is_ours(request))
		return true;
	request_trouble(request, PROBLEM_FORGED,
			"This takes requests of its own page alone: over HTTPS, under the origin "
			"that ward.conf names (people { origin }), or on this machine.");
	return false;
}

static bool is_safe(const char *method)
{
	return strcmp(method, "GET") == 0;
}

bool session_admit(struct request *request)
{
	ward_str word = request_header(request, "X-Ward-Token");
	enum route_body body = request->route->body;

	if (is_safe(request->route->method))
		return true;
	if (!session_check_origin(request))
		return false;
	if (!people_csrf_fits(ward_str_from(request->session_token), word)) {
		request_trouble(request, PROBLEM_FORGED,
				"Send the session's word, which GET /v1/session tells as \"csrf\", "
				"in X-Ward-Token.");
		return false;
	}
	/* A large body is taken from people alone; whoever has just begun asks who they are first.
	 */
	if (body != ROUTE_NO_BODY && body != ROUTE_JSON && session_is_unknown(request)) {
		request_trouble(request, PROBLEM_NO_SESSION,
				"Ask GET /v1/session first; if that works, send this again.");
		return false;
	}
	return true;
}

void session_place(const struct request *request, char place[64])
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection,
			MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	place[0] = '\0';
	/* A proxy is here, too, and is not everybody who comes through it. */
	if (!info || !info->client_addr || address_is_loopback(info->client_addr))
		return;
	if (info->client_addr->sa_family == AF_INET) {
		memcpy(&in, info->client_addr, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, place, 64);
	} else if (info->client_addr->sa_family == AF_INET6) {
		memcpy(&in6, info->client_addr, sizeof(in6));
		/* What one subscriber has. */
		memset(in6.sin6_addr.s6_addr + 7, 0, 9);
		inet_ntop(AF_INET6, &in6.sin6_addr, place, 64);
	}
}

bool session_people_place(const struct request *request, struct people_place *place)
{
	ward_str wanted = ward_str_from(request->snapshot->settings->people_origin);
	ward_str host = request_header(request, "Host");
	int len = wanted.len > 0 ? snprintf(place->origin, sizeof(place->origin), "%.*s",
						   WARD_FMT(wanted))
				 : snprintf(place->origin, sizeof(place->origin), "%s://%.*s",
						   request->server->tls ? "https" : "http",
						   WARD_FMT(host));
	ward_str name = ward_str_from(place->origin);

	if (len <= 0 || (size_t)len >= sizeof(place->origin))
		return false;
	(void)ward_str_cut(&name, ':');
	if (!ward_str_starts(name, WARD_STR("//")))
		return false;
	name = (ward_str){ name.ptr + 2, name.len - 2 };
	name = ward_str_cut(&name, ':');
	snprintf(place->rp_id, sizeof(place->rp_id), "%.*s", WARD_FMT(name));
	return name.len > 0;
}

/* ---- who it is ---- */

static ward_err used_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	return people_session_used(tx, context, error);
}

static ward_err look_up(struct request *request, struct ward_error *error)
{
	struct people_login *login = request->server->login;
	struct store_tx *tx;
	ward_err err = store_read(people_login_store(login), &tx, error);

	if (err)
		return err;
	err = people_session_find(tx, ward_str_from(request->session_token),
			people_login_times(login), &request->session, error);
	store_read_end(tx);
	if (!err && clock_now() - request->session.used_at >= PEOPLE_USED_S)
		err = store_write(people_login_store(login), used_work, &request->session, error);
	return err;
}

static void refuse(struct request *request, const struct ward_error *error)
{
	if (error->code == WARD_E_NOT_FOUND) {
		request_trouble(request, PROBLEM_NO_SESSION,
				"The session is over; log in by POST /v1/session.");
		session_take_back(request);
		return;
	}
	log_error("session_failed", "id=%s code=%s", request->id, ward_err_name(error->code));
	request_trouble(request, PROBLEM_NO_STORE, "Nothing was lost: ask again in a while.");
	request->answer.retry_after_s = 5;
}

bool session_resolve(struct request *request)
{
	struct ward_error error = { .code = WARD_E_IO };

	if (!request->session_token[0])
		return true;
	if (!request->server->login || look_up(request, &error) != WARD_OK) {
		refuse(request, &error);
		return false;
	}
	note(request->server->seen, request->session_token, true);
	memcpy(request->person.id, request->session.person, sizeof(request->person.id));
	memcpy(request->person.roles, request->session.roles, sizeof(request->person.roles));
	request->person.permissions = request->session.permissions;
	if (people_may(request->session.permissions, request->route->permission))
		return true;
	request_trouble(request, PROBLEM_PERMISSION,
			request->session.enrolling
					? "Set up a second factor first (/v1/session/totp)."
					: "This wants the permission \"%s\".",
			people_permission_name(request->route->permission));
	return false;
}
