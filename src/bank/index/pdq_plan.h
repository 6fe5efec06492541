/*
 * pdq_plan.h - how one question is asked: what radius to look within in each table
 *
 * A table is asked for the postings whose chunk differs from the query's in
 * at most its own radius r; -1 is "not at all".  Any radii with
 * sum(r + 1) = radius + 1 find everything (pdq_index.c has the proof), so the
 * plan takes those that cost least for this query on these data.
 */
#ifndef BANK_INDEX_PDQ_PLAN_H
#define BANK_INDEX_PDQ_PLAN_H

#include "bank/index/pdq_layout.h"

#define PDQ_TABLE_RADIUS_MAX 5

struct pdq_plan {
	bool scan;                        /* comparing with every hash is cheaper */
	uint16_t chunk[PDQ_INDEX_CHUNKS]; /* the query's, of each table */
	int8_t table_radius[PDQ_INDEX_CHUNKS];
};

/*
 * How many postings each table holds within each radius of the query: counted
 * as far as `known`, and beyond it what that lets expect.
 */
struct pdq_survey {
	float size[PDQ_INDEX_CHUNKS][PDQ_TABLE_RADIUS_MAX + 1];
	int8_t known[PDQ_INDEX_CHUNKS];
};

/* A plan for each query.  `surveys` is room to work in, one for each. */
void pdq_plan_make(const struct pdq_index *index, const ward_pdq *queries, size_t count, int radius,
		struct pdq_survey *surveys, struct pdq_plan *plans);

/*
 * How many bits the chunk next to the one of the table at `at` may differ in, when that one
 * differs in `ones`; negative when there is no need to look.
 */
static inline int pdq_plan_limit(const struct pdq_index *index, const struct pdq_plan *plan,
		unsigned at, int ones)
{
	return plan->table_radius[at] + plan->table_radius[index->next[at]] + 1 - ones;
}

/* All 16-bit numbers with at most so many ones, the fewest ones first. Begins zeroed, at 0. */
struct pdq_flips {
	uint32_t mask;
	int ones;
};

static inline bool pdq_flips_next(struct pdq_flips *flips, int ones_max)
{
	/* The next larger number with as many ones (Gosper's). */
	uint32_t low = flips->mask & -flips->mask, up = flips->mask + low;
	uint32_t next = flips->mask ? up | ((flips->mask ^ up) >> 2 >> __builtin_ctz(low))
				    : UINT32_MAX;

	if (next >= PDQ_BUCKETS) {
		flips->ones++;
		next = (1u << flips->ones) - 1;
	}
	flips->mask = next;
	return flips->ones <= ones_max;
}

/* A bucket's postings, as far as the table has any. */
struct pdq_run {
	uint32_t start;
	uint32_t length;
};

static inline struct pdq_run pdq_bucket(const struct pdq_index *index, unsigned at, uint32_t bucket)
{
	const uint32_t *starts = index->table[at].starts + bucket;
	uint32_t end = starts[1] < index->postings ? starts[1] : index->postings;
	uint32_t start = starts[0] < end ? starts[0] : end;

	return (struct pdq_run){ start, end - start };
}

#endif
