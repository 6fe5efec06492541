/*
 * Why nothing is missed, and why so little is looked at.
 *
 * Cut a hash into 16 chunks of 16 bits and put the chunks in a ring.  Let d_i
 * be the bits in which two hashes differ in chunk i, and give every chunk a
 * radius r_i >= -1 so that sum(r_i + 1) = R + 1.
 *
 * If the hashes are within R of each other, the numbers x_i = d_i - (r_i + 1)
 * add up to at most R - (R + 1) = -1.  Walk around the ring and watch the
 * running sum of x: over a whole round it falls.  Start right after the place
 * where the running sum is highest (the last such place of the round); from
 * there, every running sum is below zero: one that were not would have
 * reached that height again later.  The first two of these sums say that there
 * is a chunk i with
 *
 *     d_i <= r_i   and   d_i + d_next(i) <= r_i + r_next(i) + 1.
 *
 * (The first half alone is the generalised pigeonhole principle; that a ring
 * gives the second is the cycle lemma of Dvoretzky and Motzkin, used for
 * similarity search by Qin and Xiao as the pigeonring, 2018.)
 *
 * So for each chunk there is a table: the hashes sorted by that chunk's value
 * into 65 536 buckets, and for each hash, its next chunk (2 bytes) and its id
 * (3 or 4 bytes), in two arrays.  A query visits the buckets within r_i of
 * its own value, at radius 31 and r_i = 1 that is 17 in each table, reads the
 * next chunks, which lie one after another and are compared 32 at a time, and
 * keeps those within the second bound, one in 480 on uniform data.  Only for
 * these are the id and then the hash fetched.  At 10 million hashes that is 272 runs of
 * some 300 bytes and about 90 hashes.  Fewer, wider chunks need less
 * reading but thousands of buckets, each a cache miss: 11 to 15 chunks were
 * measured 1.4 to 6 times slower at 1 and at 10 million.
 *
 * Each match is reported once without remembering any: it belongs to the
 * first chunk, in ring order, at which it passes both bounds, and a later one
 * that meets it sees that from the hash itself.
 *
 * The radii are chosen for each query by what the buckets hold (pdq_plan.c),
 * so a chunk value that millions share is passed over.  There may be two rings
 * in place of one: x adds up to less than zero in one of them, and the same
 * holds there.  So chunks that tell little make a ring of their own
 * (pdq_build.c), and are no filter for those that tell more.
 */
#include "bank/index/pdq_seek.h"

/* ---- opening ---- */

static ward_err check_head(const struct pdq_head *head, struct ward_error *error)
{
	uint32_t chunks = 0;

	if (memcmp(head->magic, PDQ_MAGIC, sizeof(head->magic)) != 0)
		return ward_fail(error, WARD_E_CORRUPT, "this is not a PDQ index");
	if (head->byte_order != PDQ_BYTE_ORDER)
		return ward_fail(error, WARD_E_CORRUPT,
				"the PDQ index was built on a machine of another byte order: "
				"compile the list again here");
	if (head->version != PDQ_VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the PDQ index is of version %u, and this program reads %u",
				head->version, PDQ_VERSION);
	if (head->postings ? (uint64_t)head->postings + head->copies != head->count : head->copies)
		return ward_fail(error, WARD_E_CORRUPT,
				"the PDQ index holds %u hashes, but %u different ones and %u "
				"copies",
				head->count, head->postings, head->copies);
	if (head->id_bytes != pdq_id_bytes(head->count))
		return ward_fail(error, WARD_E_CORRUPT, "the PDQ index has ids of %u bytes",
				head->id_bytes);
	for (int i = 0; i < PDQ_INDEX_CHUNKS; i++)
		chunks |= head->chunk[i] < PDQ_INDEX_CHUNKS ? 1u << head->chunk[i] : 0;
	if (chunks != (1u << PDQ_INDEX_CHUNKS) - 1 || head->ring_size < 1 ||
			head->ring_size > PDQ_INDEX_CHUNKS)
		return ward_fail(error, WARD_E_CORRUPT, "the PDQ index does not hold every chunk");
	return WARD_OK;
}

static const void *part(ward_bytes section, uint64_t offset)
{
	return section.ptr + offset;
}

ward_err pdq_index_open(ward_bytes section, struct pdq_index *index, struct ward_error *error)
{
	struct pdq_head head;
	struct pdq_layout layout;
	ward_err err;

	if ((uintptr_t)section.ptr % PDQ_INDEX_ALIGN != 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a PDQ index begins at a multiple of %d bytes", PDQ_INDEX_ALIGN);
	if (section.len < sizeof(head))
		return ward_fail(error, WARD_E_CORRUPT,
				"the PDQ index ends in its head, after %zu bytes", section.len);
	memcpy(&head, section.ptr, sizeof(head));
	err = check_head(&head, error);
	if (err)
		return err;
	layout = pdq_layout_of(head.count, head.postings, head.copies);
	if (head.size != layout.size || section.len < layout.size)
		return ward_fail(error, WARD_E_CORRUPT,
				"the PDQ index has %zu bytes where its %u hashes take %llu",
				section.len, head.count, (unsigned long long)layout.size);

	*index = (struct pdq_index){
		.hashes = part(section, layout.hashes),
		.count = head.count,
		.postings = head.postings,
		.copies = head.copies,
		.id_bytes = head.id_bytes,
		.copied = part(section, layout.copied),
	};
	for (unsigned i = 0; i < PDQ_INDEX_CHUNKS; i++) {
		uint64_t table = layout.tables + i * layout.table_size;

		index->chunk[i] = head.chunk[i];
		index->next[i] = (uint8_t)pdq_next_table(i, head.ring_size);
		if (!head.postings)
			continue;
		index->table[i].starts = part(section, table);
		index->table[i].following = part(section, table + layout.following);
		index->table[i].ids = part(section, table + layout.ids);
	}
	return WARD_OK;
}

/* ---- answers ---- */

void pdq_found_free(struct pdq_found *found)
{
	free(found->at);
	*found = (struct pdq_found){ 0 };
}

static bool found_add(struct pdq_found *found, uint32_t query, uint32_t id, unsigned distance)
{
	if (found->count == found->room) {
		size_t room = found->room ? found->room * 2 : 16, size;
		struct pdq_match *at;

		if (ckd_mul(&size, room, sizeof(*at)) || !(at = realloc(found->at, size)))
			return false;
		found->at = at;
		found->room = room;
	}
	found->at[found->count++] = (struct pdq_match){ query, id, distance };
	return true;
}

static int by_query_and_id(const void *left, const void *right)
{
	const struct pdq_match *a = left, *b = right;

	if (a->query != b->query)
		return a->query < b->query ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void found_sort(struct pdq_found *found, size_t from)
{
	if (found->count - from > 1)
		qsort(found->at + from, found->count - from, sizeof(*found->at), by_query_and_id);
}

/* ---- seeking ---- */

void pdq_seek_init(struct pdq_seek *seek, const struct pdq_index *index, const ward_pdq *queries,
		int radius, struct pdq_found *found)
{
	seek->index = index;
	seek->kernel = pdq_kernel();
	seek->queries = queries;
	seek->radius = (unsigned)radius;
	seek->found = found;
	seek->failed = false;
	seek->run_count = 0;
	seek->candidate_count = 0;
}

/* An id is read as four bytes whatever its size: the layout leaves room behind the last. */
static uint32_t read_id(const struct pdq_index *index, unsigned at, uint32_t posting)
{
	const uint8_t *byte = index->table[at].ids + (uint64_t)posting * index->id_bytes;
	uint32_t id = (uint32_t)byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
		      (uint32_t)byte[3] << 24;

	return index->id_bytes == 3 ? id & 0xffffff : id;
}

/* Whether a table before the one at `at` has reported this pair, or will. */
static bool belongs_before(const struct pdq_seek *seek, const struct pdq_plan *plan, unsigned at,
		const ward_pdq *hash)
{
	const struct pdq_index *index = seek->index;
	int apart[PDQ_INDEX_CHUNKS];

	for (unsigned i = 0; i < PDQ_INDEX_CHUNKS; i++) {
		unsigned chunk = pdq_chunk(hash, index->chunk[i]);

		apart[i] = __builtin_popcount(chunk ^ plan->chunk[i]);
	}
	for (unsigned i = 0; i < at; i++) {
		if (apart[i] <= plan->table_radius[i] &&
				apart[index->next[i]] <= pdq_plan_limit(index, plan, i, apart[i]))
			return true;
	}
	return false;
}

/* The pairs of a first id stand together, and are found by halving. */
static void add_copies(struct pdq_seek *seek, uint32_t query, uint32_t first, unsigned distance)
{
	const struct pdq_index *index = seek->index;
	uint32_t low = 0, high = index->copies;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (index->copied[2 * (size_t)middle] < first)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < index->copies && index->copied[2 * (size_t)low] == first; low++) {
		uint32_t id = index->copied[2 * (size_t)low + 1];

		if (id < index->count && !found_add(seek->found, query, id, distance))
			seek->failed = true;
	}
}

/* Fetches the ids, then the hashes; each stage asks for all its memory before it uses any. */
static void verify_candidates(struct pdq_seek *seek)
{
	const struct pdq_index *index = seek->index;

	for (size_t i = 0; i < seek->candidate_count; i++) {
		struct pdq_candidate *c = &seek->candidates[i];

		c->id = read_id(index, c->at, c->posting);
		if (c->id < index->count)
			__builtin_prefetch(&index->hashes[c->id]);
	}
	for (size_t i = 0; i < seek->candidate_count && !seek->failed; i++) {
		const struct pdq_candidate *c = &seek->candidates[i];
		const ward_pdq *hash = index->hashes + c->id;
		unsigned distance;

		if (c->id >= index->count)
			continue;
		distance = seek->kernel->distance(hash, &seek->queries[c->query]);
		if (distance > seek->radius ||
				belongs_before(seek, &seek->plans[c->query], c->at, hash))
			continue;
		if (!found_add(seek->found, c->query, c->id, distance))
			seek->failed = true;
		if (index->copies > 0)
			add_copies(seek, c->query, c->id, distance);
	}
	seek->candidate_count = 0;
}

/*
 * The two ends: the hardware reads what lies beside and between.  Asking for
 * every line was measured slower, and so was asking for none.
 */
static void prefetch_run(const struct pdq_index *index, const struct pdq_seek_run *run)
{
	const uint16_t *start = index->table[run->at].following + run->start;

	__builtin_prefetch(start);
	__builtin_prefetch(start + run->length - 1);
}

/* So many runs before a run is looked through, its memory is asked for. */
#define RUNS_AHEAD 8

static void filter_runs(struct pdq_seek *seek)
{
	const struct pdq_index *index = seek->index;

	for (size_t i = 0; i < seek->run_count && i < RUNS_AHEAD; i++)
		prefetch_run(index, &seek->runs[i]);
	for (size_t i = 0; i < seek->run_count; i++) {
		const struct pdq_seek_run *run = &seek->runs[i];
		const struct pdq_index_table *table = &index->table[run->at];
		uint32_t near[PDQ_RUN_MAX];
		size_t count;

		if (i + RUNS_AHEAD < seek->run_count)
			prefetch_run(index, &seek->runs[i + RUNS_AHEAD]);
		if (seek->candidate_count > PDQ_CANDIDATES_MAX - PDQ_RUN_MAX)
			verify_candidates(seek);
		count = seek->kernel->near(table->following + run->start, run->length, run->want,
				run->limit, near);
		for (size_t j = 0; j < count; j++) {
			uint32_t posting = run->start + near[j];

			__builtin_prefetch(table->ids + (uint64_t)posting * index->id_bytes);
			seek->candidates[seek->candidate_count++] =
					(struct pdq_candidate){ .query = run->query,
						.posting = posting,
						.at = run->at };
		}
	}
	seek->run_count = 0;
}

void pdq_seek_bucket(struct pdq_seek *seek, uint32_t query, unsigned at, struct pdq_run bucket,
		int limit)
{
	const struct pdq_plan *plan = &seek->plans[query];

	while (bucket.length > 0) {
		uint32_t length = bucket.length < PDQ_RUN_MAX ? bucket.length : PDQ_RUN_MAX;

		if (seek->run_count == PDQ_RUNS_MAX)
			filter_runs(seek);
		seek->runs[seek->run_count++] = (struct pdq_seek_run){
			.start = bucket.start,
			.query = query,
			.length = (uint16_t)length,
			.want = plan->chunk[seek->index->next[at]],
			.limit = (uint8_t)limit,
			.at = (uint8_t)at,
		};
		bucket.start += length;
		bucket.length -= length;
	}
}

void pdq_seek_finish(struct pdq_seek *seek)
{
	filter_runs(seek);
	verify_candidates(seek);
}

/* ---- one query ---- */

static void seek_one(struct pdq_seek *seek)
{
	const struct pdq_plan *plan = seek->plans;

	for (unsigned at = 0; at < PDQ_INDEX_CHUNKS; at++) {
		struct pdq_flips flips = { 0 };
		int radius = plan->table_radius[at], limit;

		if (radius < 0)
			continue;
		do {
			limit = pdq_plan_limit(seek->index, plan, at, flips.ones);
			if (limit >= 0)
				pdq_seek_bucket(seek, 0, at,
						pdq_bucket(seek->index, at,
								plan->chunk[at] ^ flips.mask),
						limit);
		} while (pdq_flips_next(&flips, radius));
	}
	pdq_seek_finish(seek);
}

void pdq_seek_scan(struct pdq_seek *seek, const uint32_t *asked, size_t count)
{
	const struct pdq_index *index = seek->index;
	uint32_t near[PDQ_RUN_MAX];

	for (uint32_t from = 0, length; from < index->count && !seek->failed; from += length) {
		length = index->count - from < PDQ_RUN_MAX ? index->count - from : PDQ_RUN_MAX;
		for (size_t i = 0; i < count; i++) {
			const ward_pdq *query = &seek->queries[asked[i]];
			const ward_pdq *hashes = index->hashes + from;
			size_t found = seek->kernel->within(hashes, length, query, seek->radius,
					near);

			for (size_t j = 0; j < found; j++) {
				unsigned distance = seek->kernel->distance(&hashes[near[j]], query);

				if (!found_add(seek->found, asked[i], from + near[j], distance))
					seek->failed = true;
			}
		}
	}
}

ward_err pdq_seek_check(int radius, struct ward_error *error)
{
	if (radius < 0 || radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a PDQ radius is 0 to %d, not %d",
				WARD_PDQ_RADIUS_MAX, radius);
	return WARD_OK;
}

ward_err pdq_seek_result(const struct pdq_seek *seek, size_t from, struct ward_error *error)
{
	if (seek->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for %zu PDQ matches",
				seek->found->count);
	found_sort(seek->found, from);
	return WARD_OK;
}

ward_err pdq_index_search(const struct pdq_index *index, ward_pdq query, int radius,
		struct pdq_found *found, struct ward_error *error)
{
	struct pdq_seek seek;
	struct pdq_survey survey;
	struct pdq_plan plan = { .scan = true };
	size_t from = found->count;
	ward_err err = pdq_seek_check(radius, error);

	if (err)
		return err;
	pdq_seek_init(&seek, index, &query, radius, found);
	seek.plans = &plan;
	if (index->postings > 0)
		pdq_plan_make(index, &query, 1, radius, &survey, &plan);
	if (plan.scan)
		pdq_seek_scan(&seek, &(uint32_t){ 0 }, 1);
	else
		seek_one(&seek);
	return pdq_seek_result(&seek, from, error);
}
