#include "bank/index/pdq_plan.h"

/*
 * Costs are counted in postings looked through, about 0.15 ns each.  Measured
 * on Zen 4 at 10 million hashes: visiting a bucket costs as much as 64
 * postings, fetching and comparing a hash that passed the filter 128, comparing with
 * a hash in a straight scan 8, looking up a bucket's size 8.
 */
#define COST_BUCKET 64
#define COST_VERIFY 128
#define COST_SCAN   8
#define COST_LOOK   8

#define IMPOSSIBLE 1e300

/* 16-bit numbers with at most 0..6 ones. */
static const uint32_t ball[PDQ_TABLE_RADIUS_MAX + 2] = { 1, 17, 137, 697, 2517, 6885, 14893 };

struct survey {
	const struct pdq_index *index;
	int level; /* sizes are known up to this radius */
	double size[PDQ_INDEX_CHUNKS][PDQ_TABLE_RADIUS_MAX + 1];
	double cost[PDQ_INDEX_CHUNKS][PDQ_TABLE_RADIUS_MAX + 1];
};

/* Adds up the postings exactly `ones` flips away from the query's chunk. */
static double shell_size(const struct pdq_index *index, unsigned at, uint16_t chunk, int ones)
{
	struct pdq_flips flips = { (1u << ones) - 1, ones };
	uint64_t sum = 0;

	do {
		sum += pdq_bucket(index, at, chunk ^ flips.mask).length;
	} while (pdq_flips_next(&flips, ones) && flips.ones == ones);
	return (double)sum;
}

/*
 * The share of a table's postings that the filter lets pass when it is asked
 * at `radius`: about the share of all hashes within radius + 1 of the next chunk.
 */
static double pass_share(const struct survey *survey, unsigned at, int radius)
{
	const double *next = survey->size[(at + 1) % PDQ_INDEX_CHUNKS];
	int known = radius + 1 < survey->level ? radius + 1 : survey->level;
	double share = next[known] * ball[radius + 1] / ball[known] / survey->index->postings;

	return share < 1 ? share : 1;
}

static void survey_to(struct survey *survey, const struct pdq_plan *plan, int level)
{
	for (int ones = survey->level + 1; ones <= level; ones++) {
		for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
			double inner = ones > 0 ? survey->size[at][ones - 1] : 0;

			survey->size[at][ones] = inner + shell_size(survey->index, at,
									 plan->chunk[at], ones);
		}
	}
	survey->level = level;
	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		for (int r = 0; r <= level; r++) {
			survey->cost[at][r] =
					(double)ball[r] * COST_BUCKET +
					survey->size[at][r] *
							(1 + COST_VERIFY * pass_share(survey, at,
											   r));
		}
	}
}

/* Every table alike, the odd ones on the first tables. */
static double plan_evenly(const struct survey *survey, int radius, struct pdq_plan *plan)
{
	double cost = 0;

	for (int at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		int r = (radius + 1) / PDQ_INDEX_CHUNKS - 1;

		r += at < (radius + 1) % PDQ_INDEX_CHUNKS;
		plan->table_radius[at] = (int8_t)r;
		cost += r < 0 ? 0 : survey->cost[at][r];
	}
	return cost;
}

/*
 * The cheapest radii among those surveyed: best[n] is the least cost of
 * spending n units, a unit being one step of a table's radius from -1 up.
 */
static double plan_cheaply(const struct survey *survey, int radius, struct pdq_plan *plan)
{
	double best[WARD_PDQ_RADIUS_MAX + 2] = { 0 };
	int8_t taken[PDQ_INDEX_CHUNKS][WARD_PDQ_RADIUS_MAX + 2];
	int units = radius + 1;

	for (int n = 1; n <= units; n++)
		best[n] = IMPOSSIBLE;
	for (int at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		for (int n = units; n >= 0; n--) {
			taken[at][n] = 0;
			for (int take = 1; take <= survey->level + 1 && take <= n; take++) {
				double cost = best[n - take] + survey->cost[at][take - 1];

				if (cost < best[n]) {
					best[n] = cost;
					taken[at][n] = (int8_t)take;
				}
			}
		}
	}
	if (best[units] >= IMPOSSIBLE)
		return IMPOSSIBLE;
	for (int at = PDQ_INDEX_CHUNKS - 1, n = units; at >= 0; at--) {
		plan->table_radius[at] = (int8_t)(taken[at][n] - 1);
		n -= taken[at][n];
	}
	return best[units];
}

/* What the even plan costs when every bucket has its fair share, and half as much again. */
static double fair_cost(const struct pdq_index *index, int radius)
{
	int r = radius / PDQ_INDEX_CHUNKS;
	double share = (double)ball[r] / PDQ_BUCKETS, pass = (double)ball[r + 1] / PDQ_BUCKETS;

	return 1.5 * PDQ_INDEX_CHUNKS *
	       (ball[r] * COST_BUCKET + share * index->postings * (1 + COST_VERIFY * pass));
}

/*
 * Uniform data, the usual case, are done after the first look.  Otherwise it
 * looks one step of radius further for as long as a look costs much less than
 * the best plan so far, which it may improve.
 */
void pdq_plan_make(const struct pdq_index *index, const ward_pdq *query, int radius,
		struct pdq_plan *plan)
{
	struct survey survey = { .index = index, .level = -1 };
	double cost, scan = (double)index->count * COST_SCAN;
	int level = radius / PDQ_INDEX_CHUNKS;

	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++)
		plan->chunk[at] = pdq_chunk(query, index->ring[at]);
	survey_to(&survey, plan, level);
	cost = plan_evenly(&survey, radius, plan);
	if (cost > fair_cost(index, radius)) {
		cost = plan_cheaply(&survey, radius, plan);
		while (++level <= PDQ_TABLE_RADIUS_MAX &&
				ball[level] * PDQ_INDEX_CHUNKS * COST_LOOK < cost / 4) {
			survey_to(&survey, plan, level);
			cost = plan_cheaply(&survey, radius, plan);
		}
	}
	plan->scan = cost > scan && !(index->never_scan && cost < IMPOSSIBLE);
}
