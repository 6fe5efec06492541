/*
 * lane.h - a bounded queue and the threads that work it off
 *
 * A job that is put in is run exactly once, by one of the threads, in order of
 * arrival; one that finds the lane full is refused at once, so that the caller
 * can say so while nobody has waited.  Each thread has a tool of its own (a
 * scanner) that no other touches.
 *
 * Any thread may put jobs in.
 */
#ifndef NET_LANE_H
#define NET_LANE_H

#include <ward/base.h>

struct lane;

struct lane_options {
	const char *name; /* of the threads; at most 15 characters */
	unsigned threads;
	unsigned waiting_max; /* jobs that wait; those being run are not counted */
	void *context;
	/* A thread's tool; it is made, used and freed by that thread. NULL is a tool, too. */
	void *(*open)(void *context);
	void (*run)(void *context, void *tool, void *job);
	void (*close)(void *tool);
};

/* NULL without memory or threads. */
struct lane *lane_new(const struct lane_options *options);
/* False when the lane is full; the job then stays the caller's. */
bool lane_put(struct lane *lane, void *job) WARD_MUST_USE;
unsigned lane_waiting(struct lane *lane);
unsigned lane_running(struct lane *lane);
bool lane_is_full(struct lane *lane);
/* Runs what waits, then ends the threads. */
void lane_free(struct lane *lane);

#endif
