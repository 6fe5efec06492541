/*
 * queues.h - lines of work, and who works on each
 *
 * A queue that is not active gets nothing and gives nothing.  A queue is for
 * everyone who may take jobs, or for the people named.  The queue "inbox" is
 * made with the store, and stays.
 */
#ifndef DESK_QUEUES_H
#define DESK_QUEUES_H

#include "desk/desk.h"

struct desk_queue {
	ward_str id; /* a short word, as a list's name */
	ward_str title;
	int64_t place;
	bool active;
	int64_t lease_seconds;
	int64_t double_percent;
	bool everyone;
	ward_str hidden_actions; /* a comma between them */
	int64_t open;            /* jobs */
	/* as the one who asks sees it */
	bool mine; /* may take from it */
	bool starred;
	int64_t oldest_at; /* of its open jobs; 0: none */
};

enum { DESK_LEASE_DEFAULT_S = 900, DESK_LEASE_MIN_S = 30, DESK_LEASE_MAX_S = 86400 };

/* Those in use and not, by place. */
ward_err desk_queue_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct desk_queue **queues, size_t *count, struct ward_error *error) WARD_MUST_USE;
ward_err desk_queue_get(struct store_tx *tx, ward_str person, ward_str id, struct ward_arena *arena,
		struct desk_queue *queue, struct ward_error *error) WARD_MUST_USE;
/* Makes it or changes it. */
ward_err desk_queue_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_queue *queue, struct ward_error *error) WARD_MUST_USE;
/* CONFLICT while a job is in it. */
ward_err desk_queue_remove(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/* Who may work on a queue that is not for everyone. */
ward_err desk_queue_people(struct store_tx *tx, ward_str queue, struct ward_arena *arena,
		ward_str **people, size_t *count, struct ward_error *error) WARD_MUST_USE;
ward_err desk_queue_admit(struct store_tx *tx, const struct desk_actor *actor, ward_str queue,
		ward_str person, bool may, struct ward_error *error) WARD_MUST_USE;
/* DENIED when this person may not work on it, NOT_FOUND when it is not there or not active. */
ward_err desk_queue_may(struct store_tx *tx, ward_str queue, ward_str person,
		struct ward_error *error) WARD_MUST_USE;

/* `kind` is "queue" or "job". */
ward_err desk_star(struct store_tx *tx, ward_str person, ward_str kind, ward_str object, bool on,
		struct ward_error *error) WARD_MUST_USE;

#endif
