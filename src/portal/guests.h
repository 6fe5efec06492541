/*
 * guests.h - connections, and when each has had its time
 *
 * A guest is a socket and a deadline, and no address: nothing here asks for
 * one.  Whoever is too slow is cut; when all places are taken, a new guest
 * gets the place of the one that was idle longest, so that connections held
 * open without asking anything keep nobody out.
 *
 * Any thread may call.
 */
#ifndef PORTAL_GUESTS_H
#define PORTAL_GUESTS_H

#include <pthread.h>

#include <ward/base.h>

enum {
	GUEST_IDLE_S = 15,     /* without a byte; the library closes it */
	GUEST_WRITING_S = 120, /* for the answer to go out: telephones on a slow network */
};

struct guest {
	struct guest *next, **link;
	int fd;
	bool idle, cut;
	uint64_t since_us, deadline_us; /* no deadline: 0 */
};

struct guests {
	pthread_mutex_t mutex;
	struct guest *first;
	unsigned count, cut, max;
	unsigned reading_s; /* for a request to arrive whole */
};

void guests_init(struct guests *guests, unsigned max, unsigned reading_s);
void guests_add(struct guests *guests, struct guest *guest, int fd);
void guests_remove(struct guests *guests, struct guest *guest);

/* Now it asks, is worked for (no deadline), is answered, or is idle again. */
void guests_reading(struct guests *guests, struct guest *guest);
void guests_working(struct guests *guests, struct guest *guest);
void guests_writing(struct guests *guests, struct guest *guest);
void guests_idle(struct guests *guests, struct guest *guest);

/* Cuts those whose time is over; returns how many. */
unsigned guests_sweep(struct guests *guests);

#endif
