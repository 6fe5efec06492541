/*
 * door.h - the milter protocol, spoken by libmilter: mails in, answers out
 *
 * libmilter has a thread for each connection of a mail server, and calls us
 * with what comes.  Here a mail is gathered (message.h), looked at (pool.h),
 * and answered as the rules say (decide.h).  What is told to nobody: what was
 * found.  A refused mail gets the same words whatever the reason, a field says no
 * more than that we looked.
 *
 * One door a process: libmilter keeps its state in globals.
 */
#ifndef MILTER_DOOR_H
#define MILTER_DOOR_H

#include "agent/sender.h"
#include "milter/pool.h"
#include "net/spill.h"

/* What became of one mail; borrowed while it is told. */
struct milter_event {
	const char *id; /* the mail server's; "" without one */
	uint64_t bytes;
	uint64_t time_us; /* from its last byte to the answer */
	enum milter_action action;
	bool told; /* wardd will know */
	const struct milter_outcome *outcome;
};

struct milter_door {
	struct milter_pool *pool;
	struct spill_place *place;
	struct agent_spool *spool; /* NULL: nobody is told */
	struct agent_sender *sender;
	struct milter_rules rules;
	uint64_t bytes_max; /* of a mail */
	unsigned connections_max;
	bool field; /* add MILTER_FIELD to what goes on */
	/* Of any thread. */
	void (*event)(void *context, const struct milter_event *event);
	void *context;
};

/*
 * Opens the socket ("inet:8891@127.0.0.1", "unix:/run/ward/milter"); the door is
 * borrowed until milter_door_run has returned.  CONFLICT when another listens there.  A socket of a
 * file that nobody listens at any more is replaced, and is for its owner and group.
 */
ward_err milter_door_open(const struct milter_door *door, const char *name,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Serves until SIGTERM, SIGHUP or SIGINT, which are blocked in every thread and which
 * libmilter waits for.  Without `idle` mails are still on their way, in threads that use the door.
 */
ward_err milter_door_run(bool *idle, struct ward_error *error) WARD_MUST_USE;

#endif
