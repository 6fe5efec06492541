/*
 * route.h - where a job goes
 *
 * Rules are asked by their place; the first live one whose conditions all hold
 * names the queue and the priority.  A rule in test mode is asked too, and
 * counted, but routes nothing; a draft is not asked.  When none matches, the
 * job goes to the queue "inbox", which is always there.
 *
 * Conditions are a JSON object; an empty one always holds.  Each member is one
 * of these, with one word or an array of alternatives:
 *
 *     channel, reporter, kind, finding, list, language, country
 *     label        "scheme:code", or "scheme:" for all of a scheme
 *     urgent       true or false
 *     strikes_min  a number
 */
#ifndef DESK_ROUTE_H
#define DESK_ROUTE_H

#include "desk/desk.h"

enum desk_route_mode { DESK_ROUTE_LIVE = 0, DESK_ROUTE_TEST, DESK_ROUTE_DRAFT };

const char *desk_route_mode_name(enum desk_route_mode mode); /* "live", "test", "draft" */
bool desk_route_mode_parse(ward_str text, enum desk_route_mode *mode) WARD_MUST_USE;

struct desk_route {
	ward_str id;
	int64_t place;
	enum desk_route_mode mode;
	ward_str conditions;
	ward_str queue;
	int64_t priority; /* 0..100; negative: what the report says */
	int64_t matched;
};

#define DESK_INBOX "inbox"
enum { DESK_ROUTES_MAX = 500, DESK_CONDITIONS_MAX = 16384 };

/* FORMAT with a sentence when the text is not such an object. */
ward_err desk_conditions_check(ward_str conditions, struct ward_error *error) WARD_MUST_USE;
/* The text has passed the check. */
bool desk_conditions_hold(ward_str conditions, const struct desk_facts *facts);

/* Facts as a JSON object, and back; what is kept with a job, for testing rules on what was. */
void desk_facts_format(const struct desk_facts *facts, struct ward_buf *out);
ward_err desk_facts_parse(ward_str text, struct ward_arena *arena, struct desk_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

/* ---- in the store ---- */

ward_err desk_route_list(struct store_tx *tx, struct ward_arena *arena, struct desk_route **routes,
		size_t *count, struct ward_error *error) WARD_MUST_USE;
/* Makes a rule (id "", which is set) or changes one. */
ward_err desk_route_put(struct store_tx *tx, const struct desk_actor *actor,
		struct desk_route *route, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_route_remove(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

struct desk_routed {
	char queue[DESK_NAME_MAX];
	int64_t priority;        /* negative: the rule leaves it */
	char route[ID_TEXT_MAX]; /* "" when none matched */
};

/* Asks the rules, and counts the ones that match. */
ward_err desk_route_find(struct store_tx *tx, const struct desk_facts *facts,
		struct desk_routed *routed, struct ward_error *error) WARD_MUST_USE;

/*
 * How many of the newest `jobs_max` jobs these conditions would have taken, and of those how many
 * lie in another queue now: what a rule would do, before it does.
 */
struct desk_route_trial {
	int64_t looked_at, matched, moved;
};
ward_err desk_route_try(struct store_tx *tx, ward_str conditions, ward_str queue, int64_t jobs_max,
		struct desk_route_trial *trial, struct ward_error *error) WARD_MUST_USE;

#endif
