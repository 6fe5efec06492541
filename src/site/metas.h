/*
 * metas.h - category, class and reason of entries, each combination kept once
 *
 * Lists say the same few things of millions of entries.  A writer gives each
 * combination a number; number 0 is that of entries that say nothing.
 */
#ifndef SITE_METAS_H
#define SITE_METAS_H

#include <ward/site.h>

#define SITE_METAS_MAX 65536u

struct site_meta {
	ward_str category, class_code, reason;
};

struct site_metas {
	struct ward_buf text;
	uint32_t (*at)[4]; /* where each begins in `text`; the fourth is the end */
	uint32_t count, room;
	uint32_t *slots; /* by hash: number + 1 */
	uint32_t slot_count;
};

/* With the empty one; free also when it failed. */
ward_err site_metas_init(struct site_metas *metas, struct ward_error *error) WARD_MUST_USE;
void site_metas_free(struct site_metas *metas);
/* The number of a combination, a new one where there is none.  LIMIT when there are too many. */
ward_err site_metas_put(struct site_metas *metas, const struct site_meta *meta, uint32_t *number,
		struct ward_error *error) WARD_MUST_USE;
struct site_meta site_metas_get(const struct site_metas *metas, uint32_t number);

#endif
