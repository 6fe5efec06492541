/*
 * ticket.h - verdicts on their way back from other threads
 *
 * A home is the place of one thread of the server to which its tickets come back.  It outlives the
 * server while tickets are out, so that a verdict which comes too late finds something to land on.
 */
#ifndef ICAP_TICKET_H
#define ICAP_TICKET_H

#include <pthread.h>

#include "icap/connection.h"

struct icap_home {
	pthread_mutex_t lock;
	struct icap_ticket *first, *last; /* answered, not yet settled */
	unsigned users;                   /* its thread, and the tickets that are out */
	bool closed;
	void (*wake)(void *context); /* NULL: whoever it is looks by itself */
	void *context;
};

struct icap_home *icap_home_new(void (*wake)(void *context), void *context);
/* The thread is done: what is answered from now on changes nothing, and wakes nobody. */
void icap_home_close(struct icap_home *home);

struct icap_ticket *icap_ticket_new(struct icap_home *home, struct icap_exchange *exchange);
/* The exchange does not wait for it any more. */
void icap_ticket_forget(struct icap_ticket *ticket);

/*
 * The next that was answered: settles it, and returns its connection, for which there may now be
 * something to send; NULL when there is no more.  Sets `forgotten` for one that nobody waits for.
 */
struct icap_connection *icap_home_settle(struct icap_home *home, bool *forgotten);

#endif
