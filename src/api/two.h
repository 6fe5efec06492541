/*
 * two.h - an act of two persons, at the door
 *
 * Who asks for it has it proposed; another person confirms it (/v1/seconds),
 * which changes nothing else; asked for again in the same words, it is done,
 * and the confirmation is used up in the work that does it.  What was confirmed
 * is told by its kind, its object, its details and its reason, to the last
 * letter: when one of them has changed meanwhile, it is proposed anew.
 *
 *     struct json json = two_begin(&two, request, &kind, id);
 *     json_key_int(&json, "items", 3);          the details
 *     if (two_ask(&two, &json, reason)) {        else the answer is written
 *             struct vault_pair pair = two_pair(&two);
 *             …
 *     }
 *     two_end(&two);
 */
#ifndef API_TWO_H
#define API_TWO_H

#include "api/request.h"
#include "people/people_second.h"
#include "vault/vault.h"

struct two_kind {
	const char *kind; /* "vault.export" */
	const char *noun; /* of its object: "job" */
	enum people_permission second;
};

struct two {
	struct request *request;
	struct people_act act;
	struct ward_buf detail;
	char object[ID_TEXT_MAX + 16];
	char id[ID_TEXT_MAX]; /* of what was confirmed */
	char first[ID_TEXT_MAX + 8], second[ID_TEXT_MAX + 8];
};

/* The details' object is begun; its members are the caller's to write. */
struct json two_begin(struct two *two, struct request *request, const struct two_kind *kind,
		ward_str id);
/* Ends the details.  True when it is confirmed; false with the answer: it was proposed, or a
 * problem.
 */
bool two_ask(struct two *two, struct json *json, ward_str reason) WARD_MUST_USE;
/* The two persons, and how the confirmation is used up; borrowed from `two`. */
struct vault_pair two_pair(struct two *two);
/* The same within a work of one's own: uses it up. */
ward_err two_use(void *two, struct store_tx *tx, struct ward_error *error) WARD_MUST_USE;
void two_end(struct two *two);

/* Whether this person may learn of what an act is about: nobody of a job of a queue of others. */
ward_err two_is_told(const struct request *request, struct store_tx *tx, ward_str object,
		struct ward_arena *arena, bool *told, struct ward_error *error) WARD_MUST_USE;

#endif
