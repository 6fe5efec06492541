#include "bank/segment.h"
#include "base/checksum.h"

#include <inttypes.h>

/* Progress is told after so many bytes. */
#define STEP ((size_t)16 << 20)

struct verify {
	const struct segment *segment;
	ward_progress *progress;
	void *context;
	uint64_t *done;
	uint64_t total;
};

static ward_err check_sum(struct verify *verify, unsigned part, struct ward_error *error)
{
	const struct segment_place *place = &verify->segment->head.part[part];
	const uint8_t *at = verify->segment->bytes.ptr + place->offset;
	struct checksum sum = checksum_begin();
	uint64_t left = place->size;
	char name[32];

	while (left > 0) {
		size_t some = left < STEP ? (size_t)left : STEP;

		checksum_add(&sum, at, some);
		at += some;
		left -= some;
		*verify->done += some;
		if (verify->progress)
			verify->progress(verify->context, *verify->done, verify->total);
	}
	if (place->size > 0 && checksum_end(&sum) != place->checksum)
		return ward_fail(error, WARD_E_CORRUPT,
				"its part %s is damaged: its checksum is another",
				segment_part_name(part, name));
	return WARD_OK;
}

/* ---- structure: what a writer with a bug could have got wrong ---- */

static ward_err fail_order(unsigned part, uint64_t at, struct ward_error *error)
{
	char name[32];

	return ward_fail(error, WARD_E_CORRUPT, "its part %s is wrong at %" PRIu64,
			segment_part_name(part, name), at);
}

static ward_err check_runs(const struct segment *segment, struct ward_error *error)
{
	const struct segment_run *runs = segment->runs;

	if ((segment->run_count == 0) != (segment->head.entries == 0) ||
			(segment->run_count > 0 && runs[0].index != 0))
		return fail_order(SEGMENT_NUMBERS, 0, error);
	for (size_t i = 0; i < segment->run_count; i++) {
		uint64_t end = i + 1 < segment->run_count ? runs[i + 1].index
							  : segment->head.entries;

		if (runs[i].index >= end ||
				(i + 1 < segment->run_count &&
						runs[i + 1].number <=
								runs[i].number +
										(end - runs[i].index)))
			return fail_order(SEGMENT_NUMBERS, i, error);
	}
	return WARD_OK;
}

static ward_err check_labels(const struct segment *segment, struct ward_error *error)
{
	for (uint32_t i = 0; segment->labels && i < segment->head.entries; i++) {
		if (segment->labels[i] >= segment->head.labels)
			return fail_order(SEGMENT_LABELS, i, error);
	}
	for (uint32_t i = 0; i < segment->head.labels; i++) {
		if (segment->label_starts[i] > segment->label_starts[i + 1] ||
				segment->label_starts[i + 1] > segment->label_text.len)
			return fail_order(SEGMENT_LABEL_STARTS, i, error);
	}
	return WARD_OK;
}

/* The refs lie one behind another: each begins where the one before it ended. */
static ward_err check_refs(const struct segment *segment, struct ward_error *error)
{
	const char *next = (const char *)segment->ref_text.ptr;

	for (uint32_t i = 0; segment->ref_starts && i < segment->head.entries; i++) {
		uint64_t start = segment->ref_bases[i / SEGMENT_REF_BLOCK] + segment->ref_starts[i];
		ward_str ref = segment_ref(segment, i);

		if (start != (uint64_t)(next - (const char *)segment->ref_text.ptr))
			return fail_order(SEGMENT_REF_STARTS, i, error);
		next += ref.len;
	}
	return WARD_OK;
}

static ward_err check_removed(const struct segment *segment, struct ward_error *error)
{
	for (uint64_t i = 1; i < segment->head.removed; i++) {
		if (segment->removed[i] <= segment->removed[i - 1])
			return fail_order(SEGMENT_REMOVED, i, error);
	}
	return WARD_OK;
}

static ward_err check_owners(const struct segment *segment, ward_signal_kind kind,
		struct ward_error *error)
{
	const struct segment_signals *signals = &segment->signals[kind];
	unsigned part = segment_part_at(kind, SEGMENT_OWNERS);

	for (uint32_t i = 0; signals->owners && i < signals->count; i++) {
		if (signals->owners[i] >= segment->head.entries ||
				(i > 0 && signals->owners[i] < signals->owners[i - 1]))
			return fail_order(part, i, error);
	}
	return WARD_OK;
}

/* Every digest is found where it should be. */
static ward_err check_digests(const struct segment *segment, ward_signal_kind kind,
		struct ward_error *error)
{
	const struct digest_table *table = &segment->signals[kind].digests;
	unsigned part = segment_part_at(kind, SEGMENT_ORDER);
	const uint8_t *last = NULL;
	uint32_t last_place = 0;

	for (uint32_t row = 0; row < table->count; row++) {
		uint32_t place = table->order[row].place;
		const uint8_t *digest;
		int order = -1;

		if (place >= table->count)
			return fail_order(part, row, error);
		digest = table->digests + place * table->size;
		if (last)
			order = memcmp(last, digest, table->size);
		if (order > 0 || (order == 0 && last_place >= place))
			return fail_order(part, row, error);
		if (order < 0 && digest_table_find(table, digest) != row)
			return fail_order(part, row, error);
		last = digest;
		last_place = place;
	}
	return WARD_OK;
}

static ward_err check_structure(const struct segment *segment, struct ward_error *error)
{
	ward_err err = check_runs(segment, error);

	if (!err)
		err = check_labels(segment, error);
	if (!err)
		err = check_refs(segment, error);
	if (!err)
		err = check_removed(segment, error);
	for (int i = WARD_SIGNAL_NONE + 1; i < WARD_SIGNAL_KIND_COUNT && !err; i++) {
		ward_signal_kind kind = (ward_signal_kind)i;

		err = check_owners(segment, kind, error);
		if (!err && segment->signals[kind].digests.count > 0)
			err = check_digests(segment, kind, error);
	}
	return err ? err : segment_verify_videos(segment, error);
}

ward_err segment_verify(const struct segment *segment, ward_progress *progress, void *context,
		uint64_t *done, uint64_t total, struct ward_error *error)
{
	struct verify verify = { segment, progress, context, done, total };
	ward_err err = WARD_OK;

	for (unsigned part = 0; part < SEGMENT_PARTS && !err; part++)
		err = check_sum(&verify, part, error);
	return err ? err : check_structure(segment, error);
}
