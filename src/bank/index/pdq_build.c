/*
 * Building a table is sorting all hashes by one chunk.  It is done in two
 * steps, first by the chunk's upper and then by its lower 8 bits, since 256 places to write
 * to fit the nearest cache and 65 536 do not.
 */
#include "bank/index/pdq_copies.h"
#include "bank/index/pdq_layout.h"

/* Below this a scan is faster, and 4 MB of bucket starts would outweigh the hashes. */
#define SCAN_BELOW 20000

#define DIGITS 256

/* A hash on its way to its place in a table. */
struct sorted {
	uint32_t id;
	uint16_t following;
	uint16_t chunk;
};

struct builder {
	const struct pdq_index_build *build;
	struct pdq_layout layout;
	struct pdq_copies copies;
	uint32_t postings;
	uint64_t written;
	uint8_t chunk[PDQ_INDEX_CHUNKS];
	uint32_t ring_size;
	/* Of one table. */
	uint32_t *starts;
	struct sorted *sorted;
	uint8_t *ids;
	uint16_t *following; /* of the buckets that share their upper 8 bits */
	size_t following_room;
};

static ward_err put(struct builder *builder, const void *bytes, size_t len,
		struct ward_error *error)
{
	builder->written += len;
	if (len == 0)
		return WARD_OK;
	return builder->build->write(builder->build->write_context, (ward_bytes){ bytes, len },
			error);
}

static ward_err put_padding(struct builder *builder, struct ward_error *error)
{
	static const uint8_t zeroes[PDQ_INDEX_ALIGN];

	return put(builder, zeroes, pdq_padded(builder->written) - builder->written, error);
}

static void report(const struct builder *builder, uint64_t done)
{
	const struct pdq_index_build *build = builder->build;

	if (build->progress)
		build->progress(build->progress_context, done, PDQ_INDEX_CHUNKS + 2);
}

/* ---- the rings ---- */

#define SAMPLE_MAX 65536

/* In how many pairs of a sample's hashes both have the same value of the chunk. */
static uint64_t same_pairs(const struct builder *builder, unsigned chunk, uint32_t step,
		uint32_t *counts)
{
	const struct pdq_index_build *build = builder->build;
	uint64_t same = 0;

	memset(counts, 0, PDQ_BUCKETS * sizeof(*counts));
	for (uint64_t id = 0; id < build->count; id += step)
		counts[pdq_chunk(&build->hashes[id], chunk)]++;
	for (size_t i = 0; i < PDQ_BUCKETS; i++)
		same += (uint64_t)counts[i] * counts[i];
	return same;
}

/*
 * Chunks that tell little about a hash, less than 12 bits do, make the second
 * ring: as the next chunk of another table they would be a poor filter.
 */
static void make_rings(struct builder *builder)
{
	uint32_t step = builder->build->count / SAMPLE_MAX + 1;
	uint64_t sample = builder->build->count / step;
	uint64_t few = 16 * (sample + sample * sample / PDQ_BUCKETS);
	unsigned first = 0, last = PDQ_INDEX_CHUNKS;

	for (uint8_t chunk = 0; chunk < PDQ_INDEX_CHUNKS; chunk++) {
		if (same_pairs(builder, chunk, step, builder->starts) <= few)
			builder->chunk[first++] = chunk;
		else
			builder->chunk[--last] = chunk;
	}
	builder->ring_size = first ? first : PDQ_INDEX_CHUNKS;
}

/* ---- one table ---- */

/* Where each bucket begins; the last number is the end of the last one. */
static void count_buckets(struct builder *builder, unsigned chunk)
{
	const struct pdq_index_build *build = builder->build;
	uint32_t *starts = builder->starts, sum = 0;

	memset(starts, 0, (PDQ_BUCKETS + 1) * sizeof(*starts));
	for (uint32_t id = 0; id < build->count; id++)
		starts[pdq_chunk(&build->hashes[id], chunk)] +=
				!pdq_copies_has(&builder->copies, id);
	for (size_t i = 0; i <= PDQ_BUCKETS; i++) {
		uint32_t size = starts[i];

		starts[i] = sum;
		sum += size;
	}
}

static void sort_by_upper(struct builder *builder, unsigned chunk, unsigned next)
{
	const struct pdq_index_build *build = builder->build;
	uint32_t place[DIGITS];

	for (size_t i = 0; i < DIGITS; i++)
		place[i] = builder->starts[i * DIGITS];
	for (uint32_t id = 0; id < build->count; id++) {
		const ward_pdq *hash = &build->hashes[id];
		uint16_t value = pdq_chunk(hash, chunk);

		if (!pdq_copies_has(&builder->copies, id))
			builder->sorted[place[value / DIGITS]++] =
					(struct sorted){ id, pdq_chunk(hash, next), value };
	}
}

static bool reserve_following(struct builder *builder, size_t count)
{
	if (count > builder->following_room) {
		free(builder->following);
		builder->following = malloc(count * sizeof(*builder->following));
		builder->following_room = builder->following ? count : 0;
	}
	return count <= builder->following_room;
}

/* The low byte first; the last id of all has one byte of room more. */
static void put_id(uint8_t *at, uint32_t id, uint32_t id_bytes)
{
	for (uint32_t i = 0; i < id_bytes; i++)
		at[i] = (uint8_t)(id >> 8 * i);
}

/* Sorts the 256 buckets that begin at `first` by the rest of their value, and writes them. */
static ward_err put_buckets(struct builder *builder, size_t first, struct ward_error *error)
{
	uint32_t place[DIGITS];
	uint32_t start = builder->starts[first], end = builder->starts[first + DIGITS];
	uint32_t id_bytes = pdq_id_bytes(builder->build->count);

	if (!reserve_following(builder, end - start))
		return ward_fail(error, WARD_E_NOMEM, "no memory to index %u hashes",
				builder->build->count);
	memcpy(place, builder->starts + first, sizeof(place));
	for (uint32_t i = start; i < end; i++) {
		const struct sorted *sorted = &builder->sorted[i];
		uint32_t at = place[sorted->chunk % DIGITS]++;

		builder->following[at - start] = sorted->following;
		put_id(builder->ids + (uint64_t)at * id_bytes, sorted->id, id_bytes);
	}
	return put(builder, builder->following, (end - start) * sizeof(*builder->following), error);
}

static ward_err put_table(struct builder *builder, unsigned at, struct ward_error *error)
{
	unsigned chunk = builder->chunk[at];
	unsigned next = builder->chunk[pdq_next_table(at, builder->ring_size)];
	size_t ids_size = builder->layout.table_size - builder->layout.ids;
	ward_err err;

	count_buckets(builder, chunk);
	sort_by_upper(builder, chunk, next);
	err = put(builder, builder->starts, (PDQ_BUCKETS + 1) * sizeof(*builder->starts), error);
	if (!err)
		err = put_padding(builder, error);
	for (size_t first = 0; first < PDQ_BUCKETS && !err; first += DIGITS)
		err = put_buckets(builder, first, error);
	if (!err)
		err = put_padding(builder, error);
	return err ? err : put(builder, builder->ids, ids_size, error);
}

/* ---- the section ---- */

static ward_err put_head(struct builder *builder, struct ward_error *error)
{
	struct pdq_head head = {
		.magic = PDQ_MAGIC,
		.byte_order = PDQ_BYTE_ORDER,
		.version = PDQ_VERSION,
		.size = builder->layout.size,
		.count = builder->build->count,
		.postings = builder->postings,
		.copies = builder->copies.count,
		.id_bytes = pdq_id_bytes(builder->build->count),
		.ring_size = builder->ring_size,
	};

	memcpy(head.chunk, builder->chunk, sizeof(head.chunk));
	return put(builder, &head, sizeof(head), error);
}

static ward_err put_section(struct builder *builder, struct ward_error *error)
{
	const struct pdq_index_build *build = builder->build;
	ward_err err = put_head(builder, error);

	if (!err)
		err = put(builder, build->hashes, build->count * sizeof(*build->hashes), error);
	if (!err)
		err = put_padding(builder, error);
	if (!err)
		err = put(builder, builder->copies.pairs,
				builder->copies.count * 2 * sizeof(*builder->copies.pairs), error);
	if (!err)
		err = put_padding(builder, error);
	for (unsigned at = 0; builder->postings > 0 && at < PDQ_INDEX_CHUNKS && !err; at++) {
		report(builder, 2 + at);
		err = put_table(builder, at, error);
	}
	if (!err)
		report(builder, PDQ_INDEX_CHUNKS + 2);
	return err;
}

/* Memory for one table at a time, and what the tables are made of. */
static ward_err prepare_tables(struct builder *builder, struct ward_error *error)
{
	const struct pdq_index_build *build = builder->build;
	ward_err err = pdq_copies_find(build->hashes, build->count, &builder->copies, error);

	if (err)
		return err;
	builder->postings = build->count - builder->copies.count;
	builder->layout = pdq_layout_of(build->count, builder->postings, builder->copies.count);
	builder->starts = malloc((PDQ_BUCKETS + 1) * sizeof(*builder->starts));
	builder->sorted = malloc(builder->postings * sizeof(*builder->sorted));
	builder->ids = calloc(builder->layout.table_size - builder->layout.ids, 1);
	if (!builder->starts || !builder->sorted || !builder->ids)
		return ward_fail(error, WARD_E_NOMEM, "no memory to index %u hashes", build->count);
	make_rings(builder);
	return WARD_OK;
}

ward_err pdq_index_build(const struct pdq_index_build *build, struct ward_error *error)
{
	struct builder builder = { .build = build, .ring_size = PDQ_INDEX_CHUNKS };
	uint32_t scan_below = build->scan_below ? build->scan_below : SCAN_BELOW;
	ward_err err = WARD_OK;

	for (uint8_t i = 0; i < PDQ_INDEX_CHUNKS; i++)
		builder.chunk[i] = i;
	builder.layout = pdq_layout_of(build->count, 0, 0);
	report(&builder, 0);
	if (build->count >= scan_below)
		err = prepare_tables(&builder, error);
	if (!err)
		err = put_section(&builder, error);
	pdq_copies_free(&builder.copies);
	free(builder.starts);
	free(builder.sorted);
	free(builder.ids);
	free(builder.following);
	return err;
}
