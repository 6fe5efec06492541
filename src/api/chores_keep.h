/*
 * chores_keep.h - what is kept no longer than it is needed
 *
 * People who were switched off long ago are forgotten, and with them what they
 * looked at; of the others, what is older than the settings say.  Reports to
 * authorities end when their time is over (filing/retention.h).  Files in the
 * vault that no report speaks of, because a program was killed between the
 * file and the row, are removed when they are a day old; and so are packages of
 * evidence that were made to be fetched.  Each minute a look at how large the
 * lists are, for the numbers (measure/lists.h), and at what the gate has counted, and blocks that
 * were lifted and are not yet (site_lift.h).
 */
#ifndef API_CHORES_KEEP_H
#define API_CHORES_KEEP_H

#include <ward/base.h>

struct server;

struct keeping {
	uint64_t forgot_us, swept_us, ended_us, noted_us; /* when last; 0: not yet */
};

/* What is due.  The store is there. */
void chores_keep(struct server *server, struct keeping *keeping);

#endif
