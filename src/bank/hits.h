/*
 * hits.h - gathering hits, the nearest first and not more than asked for
 */
#ifndef BANK_HITS_H
#define BANK_HITS_H

#include <ward/bank.h>

/* Adding to hits, for one question.  When `max` are there, a nearer one takes the farthest's place.
 */
struct hit_sink {
	struct ward_hits *hits;
	bool heaped;                 /* the farthest hit stands first */
	struct exclusion *exclusion; /* marks each hit (exclusion.h); NULL: nothing does */
	bool heeds_remarks;          /* marks hits on entries that are switched off */
	int64_t now;                 /* for this */
};

struct hit_sink hit_sink_to(struct ward_hits *hits);
/* Cannot add more than `max`; NOMEM when it cannot grow. */
ward_err hit_sink_add(struct hit_sink *sink, const struct ward_hit *hit,
		struct ward_error *error) WARD_MUST_USE;
/* Puts all in order: by distance, then list, then entry. */
void hit_sink_end(struct hit_sink *sink);

#endif
