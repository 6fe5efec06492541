/*
 * inner.h - a store, as its own files see it
 */
#ifndef STORE_INNER_H
#define STORE_INNER_H

#include <pthread.h>

#include "store/engine.h"
#include "store/migrate.h"

struct reader {
	struct store_tx tx; /* first: what the caller has is the reader */
	struct store *store;
	struct store_link *link; /* NULL: not yet connected, or lost */
	bool taken;
};

struct waiting;

struct store {
	const struct engine *engine;
	char *place;
	unsigned version;
	struct migrations known;

	pthread_mutex_t mutex; /* of all below */

	/* write.c: works wait here; the one whose turn it is leads. */
	struct waiting *first, *last;
	bool leading;
	pthread_t leader;
	unsigned writing;          /* threads in store_write */
	pthread_cond_t idle;       /* nobody leads, or nobody writes */
	struct store_link *writer; /* the leader's; NULL: lost, connect again */

	pthread_cond_t reader_free;
	struct reader *readers;
	unsigned reader_count;
};

/* Connects where there is no link, or one that is of no use any more. */
ward_err store_connect(const struct store *store, enum link_use use, struct store_link **link,
		struct ward_error *error) WARD_MUST_USE;

/* Begins; a link that turns out to be dead is replaced once, since nothing was done yet. */
ward_err store_begin(const struct store *store, enum link_use use, struct store_link **link,
		struct ward_error *error) WARD_MUST_USE;

/* Waits until nobody leads, and leads until the end: no work is done meanwhile. */
void store_lead(struct store *store);
void store_lead_end(struct store *store);

/* As store_open, with other migrations than the program's own: for tests. */
ward_err store_open_with(const struct store_options *options, struct migrations known,
		struct store **store, struct ward_error *error) WARD_MUST_USE;

#endif
