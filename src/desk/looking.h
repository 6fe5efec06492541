/*
 * looking.h - an item as somebody who works on its job may know it before they look
 *
 * An item is told of to whoever may see the queue of its job, and to nobody
 * else.  What is known of it are facts: what came in, what lists said, what
 * stands decided about the very same thing, and by that whether it is of the
 * gravest class.  Nothing here opens the content or counts a look (exposure.h).
 */
#ifndef DESK_LOOKING_H
#define DESK_LOOKING_H

#include "desk/desk.h"
#include "intake/intake.h"

struct desk_looking {
	struct intake_item item;
	ward_str job;
	struct desk_facts facts; /* the job's */
	bool known;              /* the job says that all of it was decided before */
	bool severe;
	int64_t first_at; /* when the first of those that are alike came in; 0: not known */
	/* What stands decided about the thing, as far as this person may know; "" is nothing. */
	ward_str decision, outcome, policy, labels;
	int64_t decided_at;
};

/*
 * NOT_FOUND when there is no such item, or its job lies in a queue that this
 * person may not see.  Text lies in the arena.
 */
ward_err desk_looking(struct store_tx *tx, ward_str item, ward_str person, struct ward_arena *arena,
		struct desk_looking *looking, struct ward_error *error) WARD_MUST_USE;

/* A picture that looks like another, and the job that it lies in. */
struct desk_near {
	ward_str item, job;
	int64_t distance;
};
struct desk_near_list {
	struct desk_near *at;
	size_t count;
};

/* Of jobs of queues that this person may see, decided ones, too; the nearest first. */
ward_err desk_near(struct store_tx *tx, ward_pdq pdq, ward_str person, unsigned rows_max,
		struct ward_arena *arena, struct desk_near_list *list,
		struct ward_error *error) WARD_MUST_USE;

#endif
