/*
 * people_throttle.h - who guesses, waits
 *
 * Failures are counted by name and by where they come from (an IPv4 address,
 * or the /56 of an IPv6 one), in memory alone: nothing is kept of where people
 * log in from.  Behind a few failures each further try has to wait, longer
 * each time up to a few minutes, so that nobody is locked out for good by
 * somebody else's guesses.  A success forgets the failures of the name; those
 * of the place fade with time, as all do.
 *
 * A name that nobody has is counted like any other.  The table has a fixed
 * size; when it is full, the entry that failed least makes room.
 *
 * Any thread may use it.
 */
#ifndef PEOPLE_THROTTLE_H
#define PEOPLE_THROTTLE_H

#include <ward/base.h>

struct people_throttle;

enum {
	PEOPLE_THROTTLE_NAME_FREE = 5,   /* failures before a name has to wait */
	PEOPLE_THROTTLE_PLACE_FREE = 30, /* and a place: people share one */
	PEOPLE_THROTTLE_WAIT_MAX_S = 300,
	PEOPLE_THROTTLE_FADE_S = 900, /* half of the failures are forgotten after so long */
};

struct people_throttle *people_throttle_new(void);
void people_throttle_free(struct people_throttle *throttle);

/* What is tried: `place` is "" for the machine itself, which is not counted (a proxy may be there).
 */
struct people_try {
	ward_str name;
	ward_str place;
};

/*
 * Seconds to wait before this may be tried; 0: now.  What may be tried counts as failed from here
 * on, so that many at once gain nothing; people_throttle_success takes it back.
 */
unsigned people_throttle_begin(struct people_throttle *throttle, const struct people_try *what,
		uint64_t now_us);
void people_throttle_success(struct people_throttle *throttle, const struct people_try *what);

#endif
