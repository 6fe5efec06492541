/*
 * door.h - what the handlers of the desk's routes share: the store, who asks, JSON
 *
 * A handler reads what was asked, does one work or one read, and writes the
 * answer.  Trouble of a module is told in the module's own sentence: those of
 * the desk name no content and no place on this machine.
 */
#ifndef API_DOOR_H
#define API_DOOR_H

#include "api/request.h"
#include "base/tree.h"
#include "desk/desk.h"

/* The person of the session. */
struct desk_actor door_actor(const struct request *request);
bool door_may(const struct request *request, enum people_permission permission);

/* Whether there is a store; false with a problem. */
bool door_have_store(struct request *request) WARD_MUST_USE;
/* A transaction that reads; false with a problem. */
bool door_read(struct request *request, struct store_tx **tx) WARD_MUST_USE;
/* Does the work, durably; false with a problem. */
bool door_write(struct request *request, store_work *work, void *context) WARD_MUST_USE;
/* What a module said, to the one who asked. */
void door_failed(struct request *request, const struct ward_error *error);

/* Whether reports can be taken in; false with a problem. */
bool door_have_intake(struct request *request) WARD_MUST_USE;

/* The body's object; NULL with a problem. */
struct json_t *door_object(struct request *request) WARD_MUST_USE;
/* Members of an object; what is not there is left as it is, what is of another kind is a problem.
 */
bool door_text(struct request *request, const struct json_t *object, const char *name,
		ward_str *text) WARD_MUST_USE;
bool door_flag(struct request *request, const struct json_t *object, const char *name,
		bool *flag) WARD_MUST_USE;
bool door_int(struct request *request, const struct json_t *object, const char *name, int64_t min,
		int64_t max, int64_t *number) WARD_MUST_USE;

/* ---- answers ---- */

/* {"done": true} */
void door_done(struct request *request);
/* 204 */
void door_no_content(struct request *request);

/*
 * A look into the store for one answer: a transaction, memory for what it gives, and the module's
 * error.  False from door_look with a problem; door_look_end tells `err`, unless it is WARD_OK.
 */
struct door_look {
	struct store_tx *tx;
	struct ward_arena arena;
	struct ward_error error;
};
bool door_look(struct request *request, struct door_look *look) WARD_MUST_USE;
void door_look_end(struct request *request, struct door_look *look, ward_err err);

/* {"NAME": [row, …]}: `count` rows of `size` bytes each, which `write` writes. */
typedef void door_row(struct request *request, struct json *json, const void *row);
void door_rows(struct request *request, const char *name, const void *rows, size_t count,
		size_t size, door_row *write);

/*
 * "history" as a member: the newest rows of the log on "NOUN:ID", at most `rows_max`.
 */
ward_err door_key_history(struct store_tx *tx, struct json *json, const char *noun, ward_str id,
		unsigned rows_max, struct ward_error *error) WARD_MUST_USE;

/* A path's parameter. */
ward_str door_path(const struct request *request, unsigned index);
/* How many rows a page has: "limit", 1 to 200, 50 unless said. */
bool door_limit(struct request *request, unsigned *limit) WARD_MUST_USE;
/* Seconds as a member: "2026-03-01T00:00:00Z", or null for 0. */
void door_key_time(struct json *json, const char *name, int64_t when);
/* A text as a member, null when it is "". */
void door_key_text(struct json *json, const char *name, ward_str text);

#endif
