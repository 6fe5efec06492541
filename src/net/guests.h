/*
 * guests.h - connections, and when each has had its time
 *
 * A guest is a socket and a deadline.  Whoever is too slow is cut; when all
 * places are taken, a new guest gets the place of one that is there: of a door
 * for everybody, the one that was idle longest; of a door for who has a key, the
 * one that has been there longest without showing one, whatever it does.  So
 * connections that are held open keep nobody out who may come in.
 *
 * Where a guest is from is asked only when the door says so, for as long as
 * the connection lasts: then one address (of IPv6 one network of 64 bits) has
 * only so many places before it shows a key, and takes them from itself.
 *
 * Any thread may call.
 */
#ifndef NET_GUESTS_H
#define NET_GUESTS_H

#include <pthread.h>

#include <ward/base.h>

struct sockaddr;

enum {
	GUEST_IDLE_S = 15,     /* without a byte; the library closes it */
	GUEST_WRITING_S = 120, /* for the answer to go out: telephones on a slow network */
};

struct guest {
	struct guest *next, **link;
	int fd;
	bool idle, cut, known;
	bool has_peer;
	uint8_t peer[8];
	uint64_t since_us, deadline_us; /* no deadline: 0 */
	uint64_t came_us;
};

struct guests {
	pthread_mutex_t mutex;
	struct guest *first;
	unsigned count, cut, max;
	unsigned reading_s; /* for a request to arrive whole */
	unsigned writing_s; /* for an answer to go out */
	bool keyed;         /* who has shown no key goes first */
	unsigned peer_max;  /* of one address without a key; 0: any */
};

void guests_init(struct guests *guests, unsigned max, unsigned reading_s);
/* `peer` NULL: it is not asked. */
void guests_add(struct guests *guests, struct guest *guest, int fd, const struct sockaddr *peer);
void guests_remove(struct guests *guests, struct guest *guest);

/* Now it asks, is worked for (no deadline), is answered, or is idle again. */
void guests_reading(struct guests *guests, struct guest *guest);
void guests_working(struct guests *guests, struct guest *guest);
void guests_writing(struct guests *guests, struct guest *guest);
void guests_idle(struct guests *guests, struct guest *guest);
/* It has shown a key. */
void guests_known(struct guests *guests, struct guest *guest);

/* Cuts those whose time is over; returns how many. */
unsigned guests_sweep(struct guests *guests);

#endif
