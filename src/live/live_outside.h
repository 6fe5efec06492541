/*
 * live_outside.h - what a jailed reader asked for: files of the web, and connections
 *
 * Each is got by a thread of its own, a few at a time, which answers the reader
 * when there are first bytes, or why there are none.  Only addresses that the
 * options allow are connected to, which is looked at for each connection, and
 * redirects may lead nowhere but to http and https.
 */
#ifndef LIVE_OUTSIDE_H
#define LIVE_OUTSIDE_H

#include "live/live_wire.h"

struct live_outside;
struct sockaddr;

struct live_outside_options {
	int socket;                                    /* where answers go */
	bool dials;                                    /* connections, too, and not only files */
	bool (*allow)(const struct sockaddr *address); /* NULL: address_is_public */
	bool tls;            /* those connections are by TLS, of which the reader sees nothing */
	const char *ca_file; /* whose certificates are trusted; NULL: the system's.  Kept alive */
};

/* NULL without memory. */
struct live_outside *live_outside_new(const struct live_outside_options *options);
/* Breaks off what is still going on.  The socket must be open until then. */
void live_outside_free(struct live_outside *outside);

/* Takes an OPEN or a DIAL; false when it makes no sense. */
bool live_outside_ask(struct live_outside *outside,
		const struct live_message *message) WARD_MUST_USE;

/* An address was refused. */
bool live_outside_denied(const struct live_outside *outside);
/* A server's certificate is not of those that are trusted, or not for its name. */
bool live_outside_untrusted(const struct live_outside *outside);

#endif
