#include "bank/index/video_layout.h"

#define SCAN_BELOW 100000

struct builder {
	const struct video_index_build *build;
	struct video_head head;
	uint32_t *starts; /* where the next posting of a bucket goes, while they are placed */
	uint32_t *ids;
};

/*
 * Frames that say nothing are not found, nor one that is equal to the one before it in the same
 * table: a still picture of an hour would be an hour's postings.
 */
static bool is_posted(const struct video_index_build *build, uint32_t first, uint32_t frame)
{
	const ward_pdq *hashes = build->hashes;

	if (build->qualities[frame] < WARD_PDQ_QUALITY_MIN || ward_pdq_is_degenerate(hashes[frame]))
		return false;
	return frame - first < VIDEO_INDEX_TABLES ||
	       memcmp(&hashes[frame], &hashes[frame - VIDEO_INDEX_TABLES], sizeof(*hashes)) != 0;
}

/* Calls `post` for each frame that is found, with its bucket. */
static uint32_t each_posting(struct builder *builder,
		void (*post)(struct builder *builder, uint32_t bucket, uint32_t frame))
{
	const struct video_index_build *build = builder->build;
	uint32_t bits = builder->head.bits, count = 0;

	for (uint32_t video = 0; video < build->videos; video++) {
		uint32_t first = build->rows[video].first;
		uint32_t end = video + 1 < build->videos ? build->rows[video + 1].first
							 : build->frames;

		for (uint32_t frame = first; frame < end; frame++) {
			unsigned table = video_table_of(frame);

			if (!is_posted(build, first, frame))
				continue;
			count++;
			if (post)
				post(builder,
						(table << bits) + video_key(&build->hashes[frame],
										  table, bits),
						frame);
		}
	}
	return count;
}

static void count_posting(struct builder *builder, uint32_t bucket, uint32_t frame)
{
	(void)frame;
	builder->starts[bucket + 1]++;
}

static void place_posting(struct builder *builder, uint32_t bucket, uint32_t frame)
{
	builder->ids[builder->starts[bucket]++] = frame;
}

/* About four postings to a bucket, so that neither buckets nor postings are most of the work. */
static uint32_t bits_for(uint32_t postings)
{
	uint32_t bits = 4;

	while (bits < VIDEO_BITS_MAX && postings >> (bits + 4) > 1)
		bits++;
	return bits;
}

static ward_err make_tables(struct builder *builder, struct ward_error *error)
{
	uint32_t postings = each_posting(builder, NULL);
	size_t buckets;

	builder->head.bits = bits_for(postings);
	builder->head.postings = postings;
	buckets = (size_t)VIDEO_INDEX_TABLES << builder->head.bits;
	builder->starts = calloc(buckets + 1, sizeof(*builder->starts));
	builder->ids = malloc(((size_t)postings + 1) * sizeof(*builder->ids));
	if (!builder->starts || !builder->ids)
		return ward_fail(error, WARD_E_NOMEM, "no memory to index %u frames", postings);
	each_posting(builder, count_posting);
	for (size_t i = 0; i < buckets; i++)
		builder->starts[i + 1] += builder->starts[i];
	each_posting(builder, place_posting);
	/* Each start is its bucket's end now: shifted by one they are starts again. */
	memmove(builder->starts + 1, builder->starts, buckets * sizeof(*builder->starts));
	builder->starts[0] = 0;
	return WARD_OK;
}

/* Bytes, then zeroes up to the next multiple of 64. */
static ward_err put(const struct builder *builder, const void *bytes, uint64_t len,
		struct ward_error *error)
{
	static const uint8_t zeroes[PDQ_INDEX_ALIGN];
	const struct video_index_build *build = builder->build;
	ward_err err = WARD_OK;

	if (len > 0)
		err = build->write(build->write_context, (ward_bytes){ bytes, len }, error);
	if (!err && len % PDQ_INDEX_ALIGN > 0)
		err = build->write(build->write_context,
				(ward_bytes){ zeroes, PDQ_INDEX_ALIGN - len % PDQ_INDEX_ALIGN },
				error);
	return err;
}

/* The rows, and the one that says where the last video ends. */
static ward_err put_rows(const struct builder *builder, struct ward_error *error)
{
	const struct video_index_build *build = builder->build;
	const struct video_row end = { .first = build->frames };
	uint64_t len = (uint64_t)build->videos * sizeof(end);
	ward_err err = WARD_OK;

	if (len > 0)
		err = build->write(build->write_context,
				(ward_bytes){ (const uint8_t *)build->rows, len }, error);
	if (!err)
		err = build->write(build->write_context,
				(ward_bytes){ (const uint8_t *)&end, sizeof(end) }, error);
	/* Padding for both. */
	len = (len + sizeof(end)) % PDQ_INDEX_ALIGN;
	if (!err && len > 0) {
		static const uint8_t zeroes[PDQ_INDEX_ALIGN];

		err = build->write(build->write_context,
				(ward_bytes){ zeroes, PDQ_INDEX_ALIGN - len }, error);
	}
	return err;
}

static ward_err put_section(struct builder *builder, struct ward_error *error)
{
	const struct video_index_build *build = builder->build;
	const struct video_head *head = &builder->head;
	uint64_t buckets = ((uint64_t)VIDEO_INDEX_TABLES << head->bits) + 1;
	ward_err err;

	builder->head.size = video_layout_of(head).size;
	err = put(builder, head, sizeof(*head), error);
	if (!err)
		err = put(builder, build->hashes, (uint64_t)head->frames * sizeof(ward_pdq), error);
	if (!err)
		err = put(builder, build->gaps, (uint64_t)head->frames * sizeof(*build->gaps),
				error);
	if (!err)
		err = put(builder, build->qualities, head->frames, error);
	if (!err)
		err = put_rows(builder, error);
	if (!err)
		err = put(builder, build->details,
				(uint64_t)head->details * sizeof(*build->details), error);
	if (!err && head->bits > 0)
		err = put(builder, builder->starts, buckets * sizeof(*builder->starts), error);
	if (!err && head->bits > 0)
		err = put(builder, builder->ids, (uint64_t)head->postings * sizeof(*builder->ids),
				error);
	return err;
}

ward_err video_index_build(const struct video_index_build *build, struct ward_error *error)
{
	struct builder builder = {
		.build = build,
		.head = {
			.magic = VIDEO_MAGIC,
			.byte_order = VIDEO_BYTE_ORDER,
			.version = VIDEO_VERSION,
			.frames = build->frames,
			.videos = build->videos,
			.details = build->detail_count,
		},
	};
	ward_err err = WARD_OK;

	if (build->frames >= (build->scan_below ? build->scan_below : SCAN_BELOW))
		err = make_tables(&builder, error);
	if (!err)
		err = put_section(&builder, error);
	free(builder.starts);
	free(builder.ids);
	return err;
}
