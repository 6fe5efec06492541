/*
 * gate_live.h - the lists, words and rules in force, and how they are changed under load
 *
 * A question holds one state from its beginning to its end: lists that are
 * swapped meanwhile change nothing for it, and the next question has the new ones.
 * A list that cannot be opened is left out of no state: the one that was in force stays,
 * whole, and the reason is told.
 *
 * Any thread may acquire and release; one refreshes.
 */
#ifndef GATE_LIVE_H
#define GATE_LIVE_H

#include <ward/text.h>

#include "gate/gate.h"

enum { GATE_TAG_MAX = 33 };

struct gate_state {
	const struct ward_site_view *sites;
	const struct ward_terms *terms; /* NULL: there are none */
	const struct gate_rules *rules;
	void *owner;            /* of the rules, as it was given: what else belongs to them */
	char tag[GATE_TAG_MAX]; /* 32 hex digits; others whenever answers may have changed */
};

struct gate_live;

/* What the rules live in, given back by `drop` when no state needs it any more. */
struct gate_rules_owner {
	const struct gate_rules *rules;
	void *owner;
	void (*drop)(void *owner);
};

/*
 * Opens every list in the folder and the compiled terms, of which there may be none.
 * Takes the rules over, also when it fails.
 */
ward_err gate_live_open(const char *sites_folder, const char *terms_file,
		struct gate_rules_owner rules, struct gate_live **live,
		struct ward_error *error) WARD_MUST_USE;
void gate_live_free(struct gate_live *live);

const struct gate_state *gate_live_acquire(struct gate_live *live);
void gate_live_release(struct gate_live *live, const struct gate_state *state);

/*
 * Looks whether lists or terms have changed, and takes them into force.  Where the ones cannot be
 * read the others come into force all the same: it may have failed and `changed` be set.
 */
ward_err gate_live_refresh(struct gate_live *live, bool *changed,
		struct ward_error *error) WARD_MUST_USE;
/* Other rules, taken over in any case. */
ward_err gate_live_rules(struct gate_live *live, struct gate_rules_owner rules,
		struct ward_error *error) WARD_MUST_USE;

#endif
