/*
 * carry.h - what was decided is carried out
 *
 * Two threads beside the requests' ones.  The sender takes the desk's actions
 * of the kind "report", and sends reports of jobs (filing.h) with items that
 * were released to it (vault/release.h).  The carrier does what stays in the
 * house: "hold" keeps a job's items, "list" puts them on a list.  What cannot
 * be done is tried again at growing intervals and put aside as dead, visibly,
 * like the operator's own calls.
 *
 * Both may be killed at any time: an action comes up again when it was not
 * done, a report is rows before it is calls.
 */
#ifndef API_CARRY_H
#define API_CARRY_H

#include "api/serve.h"
#include "desk/actions.h"

struct sender;
struct carrier;

/* NULL without memory or a thread. */
struct sender *sender_start(struct server *server);
/* Cuts the call that is under way; what came of it is asked after the next start. */
void sender_stop(struct sender *sender);

struct carrier *carrier_start(struct server *server);
void carrier_stop(struct carrier *carrier);

/* ---- shared ---- */

/*
 * Takes the next action of a kind that is due.  NOT_FOUND when there is none; a look alone comes
 * first, because a work, also of nothing, has others wait.
 */
ward_err carry_next(struct store *store, const char *kind, struct ward_arena *arena,
		struct desk_action *action, struct ward_error *error) WARD_MUST_USE;
/* What an error means for an action: tried again, or given up. */
bool carry_is_hopeless(ward_err err);

#endif
