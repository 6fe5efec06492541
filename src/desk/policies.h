/*
 * policies.h - the operator's policy as a tree, and what it is called elsewhere
 *
 * A policy is a code of words with dots ("harm.known"), whose parents are its
 * beginnings.  Each maps to labels of other schemes, which are written into
 * the decision as they stand then, so that a later change of the map changes
 * no history.  A policy that was used is never removed, only switched off.
 */
#ifndef DESK_POLICIES_H
#define DESK_POLICIES_H

#include "desk/desk.h"

struct desk_policy {
	ward_str code;
	ward_str parent; /* "" at the top */
	int64_t place;
	ward_str title;
	ward_str help;
	ward_str labels; /* "scheme:code", a comma between them */
	bool severe;
	int64_t weight; /* strikes */
	bool active;
};

enum { DESK_POLICIES_MAX = 1000 };

/* Parents before children, by place. */
ward_err desk_policy_list(struct store_tx *tx, struct ward_arena *arena,
		struct desk_policy **policies, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_policy_get(struct store_tx *tx, ward_str code, struct ward_arena *arena,
		struct desk_policy *policy, struct ward_error *error) WARD_MUST_USE;
ward_err desk_policy_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_policy *policy, struct ward_error *error) WARD_MUST_USE;
/* "scheme:code" items of lower-case words, digits, and ._- with a comma between them. */
bool desk_labels_valid(ward_str labels);

#endif
