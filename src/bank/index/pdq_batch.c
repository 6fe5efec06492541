/*
 * Many queries at once.  Table after table, the buckets that all the queries
 * want are sorted and walked in order: what two queries share is read once,
 * and the memory is read forwards.
 */
#include "bank/index/pdq_seek.h"

/* Sorting pays from so many queries on; the most at a time, for the memory of their plans. */
#define BATCH_MIN 32
#define BATCH_MAX 8192
/* So many are planned together: enough to share the tables' starts, few enough for the cache. */
#define PLANNED_MAX 1024

/* Which queries want a bucket, bucket after bucket. */
struct wishes {
	uint32_t ends[PDQ_BUCKETS + 1]; /* after filling: where each bucket's end */
	uint32_t *query;
	uint8_t *limit;
	size_t room;
};

struct batch {
	struct pdq_seek seek;
	struct wishes wishes;
	struct pdq_plan plans[BATCH_MAX];
	struct pdq_survey surveys[PLANNED_MAX];
	uint32_t scanned[BATCH_MAX];
};

static bool reserve_wishes(struct wishes *wishes, size_t count)
{
	if (count > wishes->room) {
		free(wishes->query);
		free(wishes->limit);
		wishes->query = malloc(count * sizeof(*wishes->query));
		wishes->limit = malloc(count * sizeof(*wishes->limit));
		wishes->room = wishes->query && wishes->limit ? count : 0;
	}
	return count <= wishes->room;
}

/* Counts the wishes of every bucket (shifted by one), or with `place` sorts them in. */
static void walk_wishes(struct batch *batch, unsigned at, uint32_t count, bool place)
{
	struct wishes *wishes = &batch->wishes;

	for (uint32_t query = 0; query < count; query++) {
		const struct pdq_plan *plan = &batch->plans[query];
		struct pdq_flips flips = { 0 };

		if (plan->scan || plan->table_radius[at] < 0)
			continue;
		do {
			uint32_t bucket = plan->chunk[at] ^ flips.mask;
			int limit = pdq_plan_limit(batch->seek.index, plan, at, flips.ones);

			if (limit < 0)
				continue;
			if (place) {
				uint32_t slot = wishes->ends[bucket]++;

				wishes->query[slot] = query;
				wishes->limit[slot] = (uint8_t)limit;
			} else {
				wishes->ends[bucket + 1]++;
			}
		} while (pdq_flips_next(&flips, plan->table_radius[at]));
	}
}

static bool sort_wishes(struct batch *batch, unsigned at, uint32_t count)
{
	struct wishes *wishes = &batch->wishes;

	memset(wishes->ends, 0, sizeof(wishes->ends));
	walk_wishes(batch, at, count, false);
	for (size_t bucket = 0; bucket < PDQ_BUCKETS; bucket++)
		wishes->ends[bucket + 1] += wishes->ends[bucket];
	if (!reserve_wishes(wishes, wishes->ends[PDQ_BUCKETS]))
		return false;
	walk_wishes(batch, at, count, true);
	return true;
}

static void seek_table(struct batch *batch, unsigned at)
{
	const struct wishes *wishes = &batch->wishes;
	uint32_t slot = 0;

	for (uint32_t bucket = 0; bucket < PDQ_BUCKETS; bucket++) {
		struct pdq_run run;

		if (slot == wishes->ends[bucket])
			continue;
		run = pdq_bucket(batch->seek.index, at, bucket);
		for (; slot < wishes->ends[bucket]; slot++)
			pdq_seek_bucket(&batch->seek, wishes->query[slot], at, run,
					wishes->limit[slot]);
	}
}

/* Says how many are to be scanned for, and which. */
static size_t plan_many(struct batch *batch, uint32_t count)
{
	const struct pdq_seek *seek = &batch->seek;
	size_t scanned = 0;

	for (uint32_t from = 0; from < count && seek->index->postings > 0; from += PLANNED_MAX)
		pdq_plan_make(seek->index, seek->queries + from,
				count - from < PLANNED_MAX ? count - from : PLANNED_MAX,
				(int)seek->radius, batch->surveys, batch->plans + from);
	for (uint32_t query = 0; query < count; query++) {
		if (seek->index->postings == 0 || batch->plans[query].scan)
			batch->scanned[scanned++] = query;
	}
	return scanned;
}

static void seek_many(struct batch *batch, uint32_t count)
{
	struct pdq_seek *seek = &batch->seek;
	size_t scanned = plan_many(batch, count);

	for (unsigned at = 0; scanned < count && at < PDQ_INDEX_CHUNKS && !seek->failed; at++) {
		if (sort_wishes(batch, at, count))
			seek_table(batch, at);
		else
			seek->failed = true;
	}
	pdq_seek_finish(seek);
	pdq_seek_scan(seek, batch->scanned, scanned);
}

static ward_err search_singly(const struct pdq_index *index, const ward_pdq *queries, size_t count,
		int radius, struct pdq_found *found, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++) {
		size_t from = found->count;

		err = pdq_index_search(index, queries[i], radius, found, error);
		for (size_t j = from; j < found->count; j++)
			found->at[j].query = (uint32_t)i;
	}
	return err;
}

ward_err pdq_index_search_batch(const struct pdq_index *index, const ward_pdq *queries,
		size_t count, int radius, struct pdq_found *found, struct ward_error *error)
{
	ward_err err = pdq_seek_check(radius, error);
	struct batch *batch;

	if (err)
		return err;
	if (count > UINT32_MAX)
		return ward_fail(error, WARD_E_LIMIT, "%zu queries in one batch", count);
	if (count < BATCH_MIN)
		return search_singly(index, queries, count, radius, found, error);
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a batch of PDQ queries");
	for (size_t done = 0; done < count && !err;) {
		uint32_t some = count - done < BATCH_MAX ? (uint32_t)(count - done) : BATCH_MAX;
		size_t from = found->count;

		pdq_seek_init(&batch->seek, index, queries + done, radius, found);
		batch->seek.plans = batch->plans;
		seek_many(batch, some);
		err = pdq_seek_result(&batch->seek, from, error);
		for (size_t i = from; i < found->count; i++)
			found->at[i].query += (uint32_t)done;
		done += some;
	}
	free(batch->wishes.query);
	free(batch->wishes.limit);
	free(batch);
	return err;
}
