/*
 * loop.h - the sockets of one thread of the server
 */
#ifndef ICAP_LOOP_H
#define ICAP_LOOP_H

#include "icap/connection.h"

struct icap_loop;

/* What the threads share. */
struct icap_shared {
	const struct icap_options *options;
	int listener;
	_Atomic unsigned connections;
	_Atomic bool stopping;
	_Atomic uint64_t stop_until_us; /* what is not done by then is cut */
};

ward_err icap_loop_new(struct icap_shared *shared, struct icap_loop **loop,
		struct ward_error *error) WARD_MUST_USE;
/* Returns when the server stops: true when everything that was begun ended. */
bool icap_loop_run(struct icap_loop *loop);
/* From any thread: look at `shared`. */
void icap_loop_wake(struct icap_loop *loop);
/* Adds up, while it runs. */
void icap_loop_count(const struct icap_loop *loop, struct icap_counters *counters);
void icap_loop_free(struct icap_loop *loop);

/* Listens; `port` is the one that the system chose for 0.  ARGUMENT or IO. */
ward_err icap_listen(const char *listen, int *listener, uint16_t *port,
		struct ward_error *error) WARD_MUST_USE;
/* No more clients; the descriptor stays, as threads may be about to use it. */
void icap_listen_end(int listener);
void icap_listen_close(int listener);

#endif
