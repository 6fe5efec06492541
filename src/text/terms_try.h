/*
 * terms_try.h - places where a pattern may stand, looked up many at once
 *
 * What a place is asked for lies in four places of memory: the slot of its key, the pattern,
 * the pattern's text and its uses.  Each is asked for (prefetched) for all of a batch before one
 * of it is read.
 */
#ifndef TEXT_TERMS_TRY_H
#define TEXT_TERMS_TRY_H

#include "text/terms.h"

/* A table, ready to be asked. */
struct lookup {
	const uint64_t *bits;
	const struct terms_slot *slots;
	uint32_t bits_log, slots_log, bytes;
	bool joined;
};

/* A key that was met at a place of the folded text. */
struct terms_candidate {
	const struct lookup *lookup;
	uint64_t key;
	size_t at;
	uint32_t number; /* the first pattern with this key, when it is known */
};

#define TERMS_BATCH 64 /* candidates that are looked up together */

struct scan {
	const struct ward_terms *terms;
	struct lookup words, parts[TERMS_GRAMS], joined[TERMS_GRAMS];
	unsigned parts_used; /* bits by enum terms_gram */
	const struct ward_fold *fold;
	const char *text; /* folded; FOLD_SLACK bytes more can be read */
	size_t len;
	terms_visit *visit;
	void *context;
	bool stopped;
	uint32_t spelled; /* how often it was looked whether a spelling was the text's own */
	struct terms_candidate candidates[TERMS_BATCH];
	size_t count;
};

static inline struct lookup lookup_of(const struct ward_terms *terms,
		const struct terms_table *table, bool joined)
{
	return (struct lookup){
		.bits = (const uint64_t *)(const void *)(terms->block + table->bits_at),
		.slots = (const struct terms_slot *)(const void *)(terms->block + table->slots_at),
		.bits_log = table->bits_log,
		.slots_log = table->slots_log,
		.bytes = table->bytes,
		.joined = joined,
	};
}

static inline uint32_t maybe(const struct lookup *lookup, uint64_t key)
{
	uint64_t bit = terms_place(key, lookup->bits_log);

	return lookup->bits[bit / 64] >> bit % 64 & 1;
}

/* Tells those that are there, and forgets all. */
void terms_candidates_try(struct scan *scan);

/*
 * `key` may be in `lookup`'s table, if `counts` is 1; with 0 the next candidate takes its place.
 * The CPU need not guess.
 */
static inline void terms_candidate_add(struct scan *scan, const struct lookup *lookup, uint64_t key,
		size_t at, uint32_t counts)
{
	scan->candidates[scan->count] = (struct terms_candidate){ lookup, key, at, 0 };
	scan->count += counts;
	if (scan->count == TERMS_BATCH)
		terms_candidates_try(scan);
}

#endif
