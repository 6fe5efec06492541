/*
 * From what a writer gathered to a segment.
 */
#include "bank/folder.h"
#include "bank/writer.h"

#include <unistd.h>

ward_err compile_bytes(struct segment_writer *out, unsigned part, ward_bytes bytes,
		struct ward_error *error)
{
	ward_err err = segment_write_part(out, part, error);

	if (!err)
		err = segment_write_add(out, bytes.ptr, bytes.len, error);
	segment_write_part_end(out, part);
	return err;
}

ward_err compile_spool(struct segment_writer *out, unsigned part, struct spool *spool,
		struct ward_error *error)
{
	ward_bytes all = { NULL, 0 };
	ward_err err = spool_read(spool, &all, error);

	return err ? err : compile_bytes(out, part, all, error);
}

static ward_err put_refs(struct ward_list_writer *writer, struct segment_writer *out,
		struct ward_error *error)
{
	uint32_t end = (uint32_t)(spool_size(&writer->ref_text) - writer->ref_base);
	ward_err err = spool_add(&writer->ref_starts, &end, sizeof(end), error);

	if (!err)
		err = compile_spool(out, SEGMENT_REF_BASES, &writer->ref_bases, error);
	if (!err)
		err = compile_spool(out, SEGMENT_REF_STARTS, &writer->ref_starts, error);
	return err ? err : compile_spool(out, SEGMENT_REF_TEXT, &writer->ref_text, error);
}

static ward_err put_entries(struct ward_list_writer *writer, struct segment_writer *out,
		struct ward_error *error)
{
	ward_err err = label_sets_end(&writer->sets, error);

	if (!err)
		err = compile_spool(out, SEGMENT_NUMBERS, &writer->runs, error);
	if (!err && writer->has_labels)
		err = compile_spool(out, SEGMENT_LABELS, &writer->labels, error);
	if (!err && writer->has_quality)
		err = compile_spool(out, SEGMENT_QUALITY, &writer->quality, error);
	if (!err)
		err = compile_spool(out, SEGMENT_LABEL_STARTS, &writer->sets.starts, error);
	if (!err)
		err = compile_spool(out, SEGMENT_LABEL_TEXT, &writer->sets.text, error);
	if (!err && writer->has_refs)
		err = put_refs(writer, out, error);
	out->head.entries = writer->entries;
	out->head.labels = writer->sets.count;
	return err;
}

/* The numbers, and how many signals of each kind the entries have. */
static ward_err put_removed(const struct ward_list_writer *writer, struct segment_writer *out,
		struct ward_error *error)
{
	size_t count = writer->removal.count;
	uint64_t *numbers = removal_sorted(&writer->removal);
	struct ward_record *record = malloc(sizeof(*record));
	ward_err err = WARD_OK;

	if (!numbers || !record)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to remove %zu entries", count);
	for (size_t i = 0; i < count && !err; i++) {
		uint32_t index = 0, place;
		const struct segment *segment =
				list_find(writer->base, writer->at, numbers[i], &index);

		if (!segment)
			continue;
		segment_record(segment, index, record);
		for (size_t j = 0; j < record->signal_count; j++)
			out->head.removed_signals[record->signals[j].kind]++;
		out->head.removed_signals[SEGMENT_FRAMES] +=
				segment_has_frames(segment, index, &place);
		out->head.removed_signals[SEGMENT_TMK] += segment_has_tmk(segment, index, &place);
	}
	out->head.removed = count;
	if (!err)
		err = compile_bytes(out, SEGMENT_REMOVED,
				(ward_bytes){ (const uint8_t *)numbers, count * sizeof(*numbers) },
				error);
	free(numbers);
	free(record);
	return err;
}

/* ---- signals ---- */

static ward_err write_rows(void *context, const struct digest_row *rows, size_t count,
		struct ward_error *error)
{
	return segment_write_add(context, rows, count * sizeof(*rows), error);
}

static ward_err put_digests(struct segment_writer *out, ward_signal_kind kind, ward_bytes digests,
		struct ward_error *error)
{
	struct digest_table table = { .digests = digests.ptr, .size = ward_signal_size(kind) };
	uint32_t *starts;
	size_t starts_size;
	ward_err err = compile_bytes(out, segment_part_at(kind, SEGMENT_SIGNALS), digests, error);

	if (err)
		return err;
	table.count = (uint32_t)(digests.len / table.size);
	table.bits = digest_table_bits(table.count);
	starts_size = (((size_t)1 << table.bits) + 1) * sizeof(*starts);
	starts = malloc(starts_size);
	if (!starts)
		return ward_fail(error, WARD_E_NOMEM, "no memory to sort %u digests", table.count);
	err = segment_write_part(out, segment_part_at(kind, SEGMENT_ORDER), error);
	if (!err)
		err = digest_table_build(&table, starts, write_rows, out, error);
	segment_write_part_end(out, segment_part_at(kind, SEGMENT_ORDER));
	if (!err)
		err = compile_bytes(out, segment_part_at(kind, SEGMENT_BUCKETS),
				(ward_bytes){ (const uint8_t *)starts, starts_size }, error);
	free(starts);
	return err;
}

ward_err compile_index(void *context, ward_bytes bytes, struct ward_error *error)
{
	return segment_write_add(context, bytes.ptr, bytes.len, error);
}

static ward_err put_pdq(const struct ward_list_writer *writer, struct segment_writer *out,
		ward_bytes hashes, struct ward_error *error)
{
	struct pdq_index_build build = {
		.hashes = (const void *)hashes.ptr,
		.count = (uint32_t)(hashes.len / sizeof(ward_pdq)),
		.write = compile_index,
		.write_context = out,
		.progress = writer->progress,
		.progress_context = writer->progress_context,
	};
	unsigned part = segment_part_at(WARD_SIGNAL_PDQ, SEGMENT_SIGNALS);
	ward_err err = segment_write_part(out, part, error);

	if (!err)
		err = pdq_index_build(&build, error);
	segment_write_part_end(out, part);
	return err;
}

static ward_err put_kind(struct ward_list_writer *writer, struct segment_writer *out,
		ward_signal_kind kind, struct ward_error *error)
{
	struct kind_spools *spools = &writer->kinds[kind];
	ward_bytes rows = { NULL, 0 };
	ward_err err = spool_read(&spools->rows, &rows, error);

	out->head.signals[kind] = spools->count;
	if (err || spools->count == 0)
		return err;
	if (kind == WARD_SIGNAL_PDQ)
		err = put_pdq(writer, out, rows, error);
	else if (kind == WARD_SIGNAL_PHOTODNA)
		err = compile_bytes(out, segment_part_at(kind, SEGMENT_SIGNALS), rows, error);
	else
		err = put_digests(out, kind, rows, error);
	if (!err && !(spools->one_to_one && spools->count == writer->entries))
		err = compile_spool(out, segment_part_at(kind, SEGMENT_OWNERS), &spools->owners,
				error);
	return err;
}

/* ---- all of it ---- */

ward_err writer_compile(struct ward_list_writer *writer, char name[SEGMENT_FILE_MAX],
		struct ward_error *error)
{
	struct segment_writer out = { .fd = -1 };
	char id[ID_TEXT_MAX], path[4096];
	ward_err err;

	snprintf(name, SEGMENT_FILE_MAX, "%s.seg", id_new(id));
	err = folder_path(writer->folder, name, path, error);
	if (!err)
		err = segment_write_begin(&out, path, error);
	if (!err)
		err = put_entries(writer, &out, error);
	if (!err && writer->removal.count > 0)
		err = put_removed(writer, &out, error);
	for (int kind = WARD_SIGNAL_NONE + 1; kind < WARD_SIGNAL_KIND_COUNT && !err; kind++)
		err = put_kind(writer, &out, (ward_signal_kind)kind, error);
	if (!err)
		err = videos_compile(&writer->videos, &out, error);
	if (!err)
		err = segment_write_end(&out, error);
	segment_write_close(&out, err);
	/* The name must be durable before a manifest says it. */
	if (!err)
		err = file_sync_folder(writer->folder, error);
	return err;
}
