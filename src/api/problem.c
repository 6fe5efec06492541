#include "api/problem.h"

struct row {
	const char *name;
	unsigned status;
	const char *title;
};

static const struct row rows[PROBLEM_COUNT] = {
	[PROBLEM_BAD_REQUEST] = { "bad-request", 400, "The request makes no sense" },
	[PROBLEM_NO_KEY] = { "no-key", 401, "A key is needed" },
	[PROBLEM_SCOPE] = { "scope", 403, "The key does not allow this" },
	[PROBLEM_NO_SESSION] = { "no-session", 401, "Log in first" },
	[PROBLEM_NOT_RIGHT] = { "not-right", 401, "The proof is not right" },
	[PROBLEM_PERMISSION] = { "permission", 403, "You may not do this" },
	[PROBLEM_NOT_PROVEN] = { "not-proven", 403, "The password, phrase or code is not right" },
	[PROBLEM_FORGED] = { "forged", 403, "The request does not come from our own page" },
	[PROBLEM_EXPOSURE] = { "exposure", 403, "You are not shown this now" },
	[PROBLEM_LOCKED] = { "locked", 423, "The vault is locked" },
	[PROBLEM_NO_VIEW] = { "no-view", 422, "This cannot be shown" },
	[PROBLEM_NOT_FOUND] = { "not-found", 404, "There is no such thing" },
	[PROBLEM_METHOD] = { "method", 405, "The path has no such method" },
	[PROBLEM_SLOW] = { "slow", 408, "The request did not arrive in time" },
	[PROBLEM_CONFLICT] = { "conflict", 409, "Somebody else was first" },
	[PROBLEM_TOO_LARGE] = { "too-large", 413, "The request is larger than allowed" },
	[PROBLEM_MEDIA_TYPE] = { "media-type", 415, "The body is of a kind that is not read here" },
	[PROBLEM_RATE] = { "rate", 429, "The key asks too often" },
	[PROBLEM_TRIES] = { "tries", 429, "There were too many tries" },
	[PROBLEM_FETCH_OFF] = { "fetch-off", 403, "URLs are not fetched here" },
	[PROBLEM_FETCH_DENIED] = { "fetch-denied", 403, "The URL is not public" },
	[PROBLEM_FETCH_FAILED] = { "fetch-failed", 502, "The URL could not be fetched" },
	[PROBLEM_FETCH_SLOW] = { "fetch-slow", 504, "The URL's server took too long" },
	[PROBLEM_PROVIDER] = { "provider", 502, "The identity provider cannot be asked" },
	[PROBLEM_INTERNAL] = { "internal", 500, "The service failed" },
	[PROBLEM_NOT_IMPLEMENTED] = { "not-implemented", 501, "ward does not do this" },
	[PROBLEM_BUSY] = { "busy", 503, "The service is busy" },
	[PROBLEM_STOPPING] = { "stopping", 503, "The service is stopping" },
	[PROBLEM_NO_STORE] = { "no-store", 503, "The store is not there now" },
	[PROBLEM_STORAGE] = { "storage", 507, "The service cannot keep what was sent" },
};

unsigned problem_status(enum problem problem)
{
	return rows[problem].status;
}

const char *problem_name(enum problem problem)
{
	return rows[problem].name;
}

enum problem problem_of(ward_err err)
{
	switch (err) {
	case WARD_E_FORMAT:
	case WARD_E_ARGUMENT:
		return PROBLEM_BAD_REQUEST;
	case WARD_E_LIMIT:
		return PROBLEM_TOO_LARGE;
	case WARD_E_UNSUPPORTED:
		return PROBLEM_MEDIA_TYPE;
	case WARD_E_NOT_FOUND:
		return PROBLEM_NOT_FOUND;
	case WARD_E_EXISTS:
	case WARD_E_CONFLICT:
		return PROBLEM_CONFLICT;
	/* The system denied it to us, not we to the asker. */
	case WARD_E_DENIED:
	case WARD_E_IO:
		return PROBLEM_STORAGE;
	case WARD_OK:
	case WARD_E_NOMEM:
	case WARD_E_TIMEOUT:
	case WARD_E_WORKER:
	case WARD_E_CORRUPT:
	case WARD_ERR_COUNT:
		break;
	}
	return PROBLEM_INTERNAL;
}

const char *problem_says(const struct ward_error *error)
{
	/* The modules' own sentences name the folder. */
	if (error->code == WARD_E_CONFLICT)
		return "Somebody else is changing the list; try again when they are done.";
	if (error->code == WARD_E_EXISTS)
		return "There is something of this name already.";
	if (error->code == WARD_E_NOT_FOUND)
		return "The list is gone; GET /v1/lists names those there are.";
	return error->message;
}

bool problem_is_theirs(enum problem problem)
{
	return rows[problem].status < 500;
}

void problem_json(struct json *json, enum problem problem, const char *detail, const char *id)
{
	char text[64];

	json_object(json);
	snprintf(text, sizeof(text), "urn:ward:problem:%s", rows[problem].name);
	json_key_text(json, "type", text);
	json_key_text(json, "title", rows[problem].title);
	json_key_uint(json, "status", rows[problem].status);
	json_key_text(json, "detail", detail);
	snprintf(text, sizeof(text), "urn:uuid:%s", id);
	json_key_text(json, "instance", text);
	json_object_end(json);
}
