/*
 * inner.h - what the parts of `people` share and nobody else sees
 */
#ifndef PEOPLE_INNER_H
#define PEOPLE_INNER_H

#include "audit/audit.h"
#include "people/people.h"

/* "people.invited" of "person:ID", by the actor.  `reason` and `detail` may be empty. */
ward_err people_tell(struct store_tx *tx, const struct people_actor *actor, const char *action,
		const char *kind, ward_str object, ward_str reason, ward_str detail,
		struct ward_error *error) WARD_MUST_USE;

/* A text of the row in the arena; NOMEM when there is no room. */
ward_err people_keep_text(struct store_rows *rows, unsigned column, struct ward_arena *arena,
		ward_str *text, struct ward_error *error) WARD_MUST_USE;

/* Not empty, at most `len_max` bytes, UTF-8 on one line; `what` begins the sentence otherwise. */
ward_err people_check_text(ward_str text, size_t len_max, const char *what,
		struct ward_error *error) WARD_MUST_USE;

/* NOT_FOUND unless somebody has this id. */
ward_err people_need(struct store_tx *tx, ward_str id, struct ward_error *error) WARD_MUST_USE;
/* Something about the person is another now. */
ward_err people_touch(struct store_tx *tx, ward_str id, struct ward_error *error) WARD_MUST_USE;

/* What the roles of a person allow together, as it is now; 0 of one who is off. */
ward_err people_permissions_of(struct store_tx *tx, ward_str id, people_permissions *set,
		struct ward_error *error) WARD_MUST_USE;
/* The same of one role; NOT_FOUND when there is none of this name. */
ward_err people_role_permissions(struct store_tx *tx, ward_str name, people_permissions *set,
		struct ward_error *error) WARD_MUST_USE;

/*
 * DENIED when the session was ended since the request began: what it does now
 * would last longer than it.
 */
ward_err people_session_need(struct store_tx *tx, const char *id,
		struct ward_error *error) WARD_MUST_USE;
/* Ends all sessions of a person but `keep` (an id; "" is none). */
ward_err people_end_sessions(struct store_tx *tx, ward_str person, ward_str keep,
		struct ward_error *error) WARD_MUST_USE;

#endif
