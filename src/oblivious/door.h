/*
 * door.h - where clients ask: HTTP with three questions
 *
 *     GET  /v1/site/oblivious                   info (wire.h)
 *     GET  /v1/site/oblivious/common/{digest}   the common part: its SHA-256 in hex
 *     POST /v1/site/oblivious                   a request; its answer
 *
 * It is a service of its own, because it holds the list and the key it is
 * hidden with, and nothing else: no store, no people, no files.  A request
 * costs some milliseconds of arithmetic at most and is done on the thread that
 * has read it.  Each asks with an API key; POST takes one from the key's quota.
 *
 * Nothing is kept of a request: not who asked, from where, or which shelf.  While a
 * connection lasts its address counts, so that one peer without a key has only so
 * many of the places (net/guests.h).
 */
#ifndef OBLIVIOUS_DOOR_H
#define OBLIVIOUS_DOOR_H

#include "oblivious/quota.h"
#include "oblivious/table.h"

struct oblivious_door;

struct oblivious_door_options {
	const char *listen;                    /* "127.0.0.1:8760" */
	const char *certificate, *private_key; /* PEM texts; without them plain HTTP */
	/* Whose key this is; false for nobody's.  Called from several threads. */
	bool (*who)(void *context, ward_str token, char name[OBLIVIOUS_QUOTA_NAME]);
	void *context;
	uint32_t quota;           /* questions of a key in an hour */
	unsigned connections_max; /* 0: 512 */
	unsigned peer_max;        /* of one address that has shown no key; 0: an eighth of them */
	unsigned request_s;       /* for a request to arrive whole; 0: 10 */
};

/* The door frees the table.  On failure it is still the caller's. */
ward_err oblivious_door_start(const struct oblivious_door_options *options,
		struct oblivious_table *table, struct oblivious_door **door,
		struct ward_error *error) WARD_MUST_USE;
/* "https://127.0.0.1:8760" */
const char *oblivious_door_address(const struct oblivious_door *door);
/* From now on this one; what was begun with the one before is finished with it. */
void oblivious_door_put(struct oblivious_door *door, struct oblivious_table *table);

/* A few times a second: cuts what is too slow. */
void oblivious_door_tick(struct oblivious_door *door);

struct oblivious_door_stats {
	uint64_t answered, refused, over_quota, too_slow;
};
struct oblivious_door_stats oblivious_door_stats(const struct oblivious_door *door);

void oblivious_door_free(struct oblivious_door *door);

#endif
