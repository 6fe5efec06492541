#include "bank/index/pdq_plan.h"

/*
 * Costs in nanoseconds, measured on Zen 4 with 10 million hashes, where nearly
 * every access is a cache miss of about 12 ns when many are under way: a
 * bucket (its start and its first postings), a posting looked through, a hash
 * that passed the filter (its id, then itself), a hash compared in a scan.
 * Elsewhere they differ, but in much the same proportion.
 */
#define COST_BUCKET  24.0f
#define COST_POSTING 0.3f
#define COST_VERIFY  25.0f
#define COST_SCAN    1.3f

#define IMPOSSIBLE 1e30f

/* 16-bit numbers with at most 0..6 ones. */
static const float ball[PDQ_TABLE_RADIUS_MAX + 2] = { 1, 17, 137, 697, 2517, 6885, 14893 };

/* ---- what there is ---- */

/* The postings exactly `ones` flips away from the query's chunk. */
static uint64_t shell_size(const struct pdq_index *index, unsigned at, uint16_t chunk, int ones)
{
	struct pdq_flips flips = { (1u << ones) - 1, ones };
	uint64_t sum = 0;

	do {
		sum += pdq_bucket(index, at, chunk ^ flips.mask).length;
	} while (pdq_flips_next(&flips, ones));
	return sum;
}

/* Counts one table up to a radius, and expects beyond it as many in a bucket as within. */
static void survey_table(const struct pdq_index *index, const struct pdq_plan *plan,
		struct pdq_survey *survey, unsigned at, int radius)
{
	float *size = survey->size[at];

	for (int ones = survey->known[at] + 1; ones <= radius; ones++)
		size[ones] = (ones > 0 ? size[ones - 1] : 0) +
			     (float)shell_size(index, at, plan->chunk[at], ones);
	for (int r = radius + 1; r <= PDQ_TABLE_RADIUS_MAX; r++) {
		size[r] = size[radius] * (ball[r] / ball[radius]);
		if (size[r] > (float)index->postings)
			size[r] = (float)index->postings;
	}
	survey->known[at] = (int8_t)radius;
}

/*
 * Asks for the starts of the buckets within one bit: flips of a chunk's lowest
 * four bits stay in the same 64 bytes.
 */
static void prefetch_starts(const struct pdq_index *index, const struct pdq_plan *plan, unsigned at)
{
	const uint32_t *starts = index->table[at].starts;

	__builtin_prefetch(&starts[plan->chunk[at]]);
	for (int bit = 4; bit < 16; bit++)
		__builtin_prefetch(&starts[plan->chunk[at] ^ 1u << bit]);
}

/* ---- what it costs ---- */

/*
 * Of the postings looked through at radius r the filter lets pass about the
 * share of all hashes that is within r + 1 of the query in the next chunk.
 */
static float table_cost(const struct pdq_index *index, const struct pdq_survey *survey, unsigned at,
		int r)
{
	const float *next = survey->size[index->next[at]];
	int wide = r < PDQ_TABLE_RADIUS_MAX ? r + 1 : r;
	float pass = next[wide] / (float)index->postings;

	return ball[r] * COST_BUCKET + survey->size[at][r] * (COST_POSTING + COST_VERIFY * pass);
}

static float cost_of(const struct pdq_index *index, const struct pdq_survey *survey,
		const struct pdq_plan *plan)
{
	float cost = 0;

	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		int r = plan->table_radius[at];

		cost += r < 0 ? 0 : table_cost(index, survey, at, r);
	}
	return cost;
}

/* Every table alike, the odd ones on the first tables. */
static float plan_evenly(const struct pdq_index *index, const struct pdq_survey *survey, int radius,
		struct pdq_plan *plan)
{
	for (int at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		int r = (radius + 1) / PDQ_INDEX_CHUNKS - 1;

		r += at < (radius + 1) % PDQ_INDEX_CHUNKS;
		plan->table_radius[at] = (int8_t)r;
	}
	return cost_of(index, survey, plan);
}

/*
 * The cheapest radii by the survey: best[n] is the least cost of
 * spending n units, a unit being one step of a table's radius from -1 up.
 */
static float plan_cheaply(const struct pdq_index *index, const struct pdq_survey *survey,
		int radius, struct pdq_plan *plan)
{
	float best[WARD_PDQ_RADIUS_MAX + 2] = { 0 };
	int8_t taken[PDQ_INDEX_CHUNKS][WARD_PDQ_RADIUS_MAX + 2];
	int units = radius + 1;

	for (int n = 1; n <= units; n++)
		best[n] = IMPOSSIBLE;
	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		float cost[PDQ_TABLE_RADIUS_MAX + 2] = { 0 };

		for (int take = 1; take <= PDQ_TABLE_RADIUS_MAX + 1; take++)
			cost[take] = table_cost(index, survey, at, take - 1);
		for (int n = units; n >= 0; n--) {
			taken[at][n] = 0;
			for (int take = 1; take <= PDQ_TABLE_RADIUS_MAX + 1 && take <= n; take++) {
				float sum = best[n - take] + cost[take];

				if (sum < best[n]) {
					best[n] = sum;
					taken[at][n] = (int8_t)take;
				}
			}
		}
	}
	for (int at = PDQ_INDEX_CHUNKS - 1, n = units; at >= 0; at--) {
		plan->table_radius[at] = (int8_t)(taken[at][n] - 1);
		n -= taken[at][n];
	}
	return best[units];
}

/* What the even plan costs when every bucket has its fair share, and half as much again. */
static float fair_cost(const struct pdq_index *index, int radius)
{
	int r = radius / PDQ_INDEX_CHUNKS;
	float share = ball[r] / PDQ_BUCKETS, pass = ball[r + 1] / PDQ_BUCKETS;
	float postings = share * (float)index->postings;

	return 1.5f * PDQ_INDEX_CHUNKS *
	       (ball[r] * COST_BUCKET + postings * (COST_POSTING + COST_VERIFY * pass));
}

/*
 * Uniform data, the usual case, are done with the even plan.  Otherwise the
 * cheapest is sought.  Where it rests on expectation, which a heavy bucket
 * just beyond the known ones would belie, that is counted, and if it turns out
 * dearer, sought again.
 */
static void decide(const struct pdq_index *index, int radius, struct pdq_survey *survey,
		struct pdq_plan *plan)
{
	float cost = plan_evenly(index, survey, radius, plan);
	float scan = index->never_scan ? IMPOSSIBLE : (float)index->count * COST_SCAN;
	bool sure = cost <= fair_cost(index, radius);

	while (!sure) {
		float hoped = plan_cheaply(index, survey, radius, plan);

		for (unsigned at = 0; at < PDQ_INDEX_CHUNKS && hoped < scan; at++) {
			if (plan->table_radius[at] > survey->known[at])
				survey_table(index, plan, survey, at, plan->table_radius[at]);
		}
		cost = cost_of(index, survey, plan);
		sure = cost <= 1.2f * hoped || hoped >= scan;
	}
	plan->scan = cost >= scan;
}

/* Table after table, so that many queries find the starts of a table in the cache. */
void pdq_plan_make(const struct pdq_index *index, const ward_pdq *queries, size_t count, int radius,
		struct pdq_survey *surveys, struct pdq_plan *plans)
{
	int level = radius / PDQ_INDEX_CHUNKS;

	for (size_t i = 0; i < count; i++) {
		for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
			plans[i].chunk[at] = pdq_chunk(&queries[i], index->chunk[at]);
			surveys[i].known[at] = -1;
			if (count == 1 && level > 0)
				prefetch_starts(index, &plans[i], at);
		}
	}
	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		for (size_t i = 0; i < count; i++)
			survey_table(index, &plans[i], &surveys[i], at, level);
	}
	for (size_t i = 0; i < count; i++)
		decide(index, radius, &surveys[i], &plans[i]);
}
