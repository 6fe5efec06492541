/*
 * server.h - the HTTP service: sockets, threads, limits; wardd is this and a loop
 *
 * One thread speaks to the network (libmicrohttpd with epoll); scans run on
 * threads of their own, each with its scanner, changes of lists on one more,
 * and fetching of URLs on a few.  A request that waits for them is suspended
 * and costs no thread.  docs/decisions/0003-libmicrohttpd.md says why.
 *
 * All functions here are for the program's first thread.
 */
#ifndef API_SERVER_H
#define API_SERVER_H

#include <ward/base.h>

struct server;
struct metrics_portal;

struct gate_live;
struct gate_counts;

/* What networks are served with, and is not the server's; outlives it. */
struct server_network {
	struct gate_live *gate;
	struct gate_counts *counts;
	void (*metrics)(void *context, struct ward_buf *out); /* more lines for /metrics */
	void *context;
};

struct server_options {
	const char *folder; /* the workspace */
	const char *listen; /* "127.0.0.1:8750"; NULL: as ward.conf says */
	bool demo;          /* programs on this machine need no key */
	struct server_network network;
};

/* Opens the workspace and its lists, starts the threads, and listens. */
ward_err server_start(const struct server_options *options, struct server **server,
		struct ward_error *error) WARD_MUST_USE;

/* Opens and reads all that a start would, without a thread or a socket. */
ward_err server_check(const struct server_options *options, struct ward_error *error) WARD_MUST_USE;

/* "http://127.0.0.1:8750" */
const char *server_address(const struct server *server);

/* To be called a few times a second: cuts what is too slow, sees changed lists and keys. */
void server_tick(struct server *server);
/* What /metrics says of the portal, which is not the server's. */
void server_count_portal(struct server *server, const struct metrics_portal *portal);
/* Reads ward.conf, keys and lists again.  What cannot be read stays as it was. */
void server_reload(struct server *server);

/*
 * From now on new work is refused with 503; what was begun is finished.
 * True when nothing is left to be done, or the time for it is over.
 */
void server_stop_begin(struct server *server);
bool server_is_idle(const struct server *server);
void server_free(struct server *server);

#endif
