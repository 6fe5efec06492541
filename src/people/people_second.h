/*
 * people_second.h - two persons: one proposes, another confirms
 *
 * What must not be one person's doing (an export, a destruction, a severe item
 * shown clear, a list published, an urgent report, a second factor reset) is
 * proposed with a reason and waits.  Another person who has the permission
 * confirms or refuses it; the one who proposed may only take it back.  What
 * nobody confirms in time is over.  Confirmed, it is used up once, by the act
 * itself, in the same work of the store: so that there is no act without two
 * persons, and no two acts by one confirmation.
 *
 * An act is told by its kind, by the thing it is about, and by the digest of
 * all its details: what is done is what was confirmed, to the last word.
 */
#ifndef PEOPLE_SECOND_H
#define PEOPLE_SECOND_H

#include "people/people.h"

enum people_second_state {
	PEOPLE_SECOND_WAITING = 0,
	PEOPLE_SECOND_CONFIRMED,
	PEOPLE_SECOND_REFUSED,
	PEOPLE_SECOND_WITHDRAWN,
	PEOPLE_SECOND_USED,
	PEOPLE_SECOND_OVER, /* nobody confirmed it in time, or nobody used it */
};
const char *people_second_state_name(enum people_second_state state);

struct people_act {
	ward_str kind;   /* "vault.export": a noun and what is done to it */
	ward_str object; /* "item:ID" */
	ward_str detail; /* a JSON object of ids, numbers and codes, which the second person sees */
	enum people_permission second; /* whom it wants; the proposer's own was checked before */
	int64_t wait_s;                /* until it is over; and again, once confirmed, until used */
};

struct people_second {
	ward_str id, kind, object, detail, reason;
	enum people_permission second;
	enum people_second_state state; /* as it is now: what is over says so */
	ward_str proposed_by, answered_by, answer;
	int64_t proposed_at, answered_at, ends_at;
};

/* One that waits already, of the same person for the same act, is given again. */
ward_err people_second_propose(struct store_tx *tx, const struct people_actor *actor,
		const struct people_act *act, ward_str reason, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

/*
 * Confirms, or refuses.  `may` is what the person is allowed now.  DENIED for
 * the one who proposed and for one who has not the permission; CONFLICT when
 * it waits no more.
 */
ward_err people_second_answer(struct store_tx *tx, const struct people_actor *actor,
		people_permissions may, ward_str id, bool confirm, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;
/* By the one who proposed. */
ward_err people_second_withdraw(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/*
 * In the work that does the act: uses the confirmation up.  DENIED when there
 * is none for just this act (kind, object, detail), proposed by `actor` and
 * confirmed by somebody else who is still active and still may.
 */
ward_err people_second_use(struct store_tx *tx, const struct people_actor *actor,
		const struct people_act *act, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

ward_err people_second_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct people_second *second, struct ward_error *error) WARD_MUST_USE;

struct people_second_list {
	struct people_second *at;
	size_t count;
};

/* Those that wait for somebody who may do this, oldest first, but not the person's own. */
ward_err people_second_waiting(struct store_tx *tx, ward_str person, people_permissions may,
		struct ward_arena *arena, struct people_second_list *list,
		struct ward_error *error) WARD_MUST_USE;
/* A person's own, newest first. */
ward_err people_second_own(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_second_list *list, struct ward_error *error) WARD_MUST_USE;

#endif
