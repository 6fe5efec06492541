/*
 * live_pace.h - the times of a live stream: which pictures are due, and how far reading is behind
 *
 * A stream comes in pieces: the pictures of one come at once, and then none
 * for seconds.  So how late a single picture is says nothing; that the earliest
 * of some seconds is later than the earliest of some minutes does: the
 * difference is what waits to be read.  The long memory is minutes and not for
 * ever because clocks of senders are slow or fast.
 *
 * Plain arithmetic on one struct.
 */
#ifndef LIVE_PACE_H
#define LIVE_PACE_H

#include <ward/base.h>

/* The least of what came since some time between one and two spans ago. */
struct live_least {
	uint64_t span_ms;
	uint64_t until_ms;
	int64_t now, before;
};

struct live_pace {
	uint32_t interval_ms;
	bool begun;
	int64_t base_ms; /* what is taken from a picture's own time */
	int64_t last_ms; /* of the last picture, from 0 */
	int64_t due_ms;
	struct live_least some, long_ago;
	uint64_t behind_ms;
	bool hurried; /* only key pictures are worth the time */
};

void live_pace_begin(struct live_pace *pace, uint32_t interval_ms);

/*
 * A picture's own time, and that of the wall clock when it had come; true when it is due.  Its time
 * from 0 is then `last_ms`.
 */
bool live_pace_meet(struct live_pace *pace, int64_t own_ms, uint64_t wall_ms);

#endif
