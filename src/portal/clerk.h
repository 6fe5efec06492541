/*
 * clerk.h - the one thread that speaks to intake
 *
 * Intake waits for disks; the threads that speak to the network must not.  An
 * errand is handed over, run once, in order of arrival; when too many wait it
 * is refused at once, so that the page can say so.
 */
#ifndef PORTAL_CLERK_H
#define PORTAL_CLERK_H

#include <ward/base.h>

enum { CLERK_WAITING_MAX = 256 };

struct clerk;

/* `run` is called with each errand, on the clerk's thread.  NULL without memory or a thread. */
struct clerk *clerk_new(void (*run)(void *errand));
/* False when too many wait; the errand then stays the caller's. */
bool clerk_put(struct clerk *clerk, void *errand) WARD_MUST_USE;
/* Runs what waits, then ends; from then on every errand is refused. */
void clerk_end(struct clerk *clerk);
/* Ends it first, if need be.  Nobody may hand over an errand any more. */
void clerk_free(struct clerk *clerk);

#endif
