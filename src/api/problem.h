/*
 * problem.h - what went wrong, and the way out (RFC 9457)
 *
 * Each kind of trouble is one row: its name, its status, its title.  The
 * detail is a sentence that says what to do; it never repeats what was sent.
 */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include <ward/base.h>

#include "base/json.h"

enum problem {
	PROBLEM_BAD_REQUEST = 0,
	PROBLEM_NO_KEY,
	PROBLEM_SCOPE,
	PROBLEM_NO_SESSION,
	PROBLEM_NOT_RIGHT,
	PROBLEM_PERMISSION,
	PROBLEM_NOT_PROVEN,
	PROBLEM_FORGED,
	PROBLEM_EXPOSURE,
	PROBLEM_LOCKED,
	PROBLEM_NO_VIEW,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD,
	PROBLEM_SLOW,
	PROBLEM_CONFLICT,
	PROBLEM_TOO_LARGE,
	PROBLEM_MEDIA_TYPE,
	PROBLEM_RATE,
	PROBLEM_TRIES,
	PROBLEM_FETCH_OFF,
	PROBLEM_FETCH_DENIED,
	PROBLEM_FETCH_FAILED,
	PROBLEM_FETCH_SLOW,
	PROBLEM_PROVIDER,
	PROBLEM_INTERNAL,
	PROBLEM_NOT_IMPLEMENTED,
	PROBLEM_BUSY,
	PROBLEM_STOPPING,
	PROBLEM_NO_STORE,
	PROBLEM_STORAGE,
	PROBLEM_COUNT
};

unsigned problem_status(enum problem problem);
const char *problem_name(enum problem problem); /* "too-large" */

/* The kind of trouble that a failure of ours is to the one who asked. */
enum problem problem_of(ward_err err);
/* Is it the asker's to mend?  Then our sentence may be told; else it stays in the log. */
bool problem_is_theirs(enum problem problem);
/* The sentence that may be told: where something lies on this machine is nobody's business. */
const char *problem_says(const struct ward_error *error);

/* The document; `id` is the request's. */
void problem_json(struct json *json, enum problem problem, const char *detail, const char *id);

#endif
