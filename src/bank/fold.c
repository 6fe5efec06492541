/*
 * Several segments become one: all of them when a list is compacted, and the
 * latest deltas when there are many, so that a search visits few.
 */
#include "bank/writer.h"

#define DELTAS_MAX 8

/* With what is known of its video, which a record that was read does not bring. */
static ward_err add_again(struct ward_list_writer *writer, const struct segment *segment,
		uint32_t index, struct ward_error *error)
{
	struct ward_record record;
	struct ward_vpdq frames = { 0 };
	struct ward_tmk *tmk = NULL;
	uint32_t place;
	ward_err err = WARD_OK;

	segment_record(segment, index, &record);
	if (segment_has_frames(segment, index, &place)) {
		err = video_index_frames(&segment->videos.index, place, &frames, error);
		record.frames = &frames;
	}
	if (!err && segment_has_tmk(segment, index, &place)) {
		tmk = malloc(sizeof(*tmk));
		err = tmk ? segment_tmk(segment, place, tmk, error)
			  : ward_fail(error, WARD_E_NOMEM, "no memory to fold a list");
		record.tmk = tmk;
	}
	if (!err)
		err = ward_list_writer_add(writer, &record, error);
	ward_vpdq_free(&frames);
	free(tmk);
	return err;
}

static ward_err add_entries(struct ward_list_writer *writer, const struct ward_list *list,
		size_t from, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = from; i < list->manifest.segment_count && !err; i++) {
		const struct segment *segment = &list->segments[i];

		for (uint32_t index = 0; index < segment->head.entries && !err; index++) {
			if (list_removed(list, i, segment_number(segment, index)))
				continue;
			err = add_again(writer, segment, index, error);
		}
	}
	return err;
}

/* What the folded segments remove from those before them. */
static ward_err add_removals(struct ward_list_writer *writer, const struct ward_list *list,
		size_t from, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = from; i < list->manifest.segment_count && !err; i++) {
		const struct segment *segment = &list->segments[i];
		uint32_t index;

		for (uint64_t j = 0; j < segment->head.removed && !err; j++) {
			uint64_t number = segment->removed[j];
			bool added = false;

			if (list_find(list, from, number, &index))
				err = removal_add(&writer->removal, number, &added, error);
		}
	}
	return err;
}

ward_err list_fold(struct ward_list_writer *writer, size_t from, struct ward_error *error)
{
	const struct ward_list *list = writer->base;
	ward_err err;

	writer->at = from;
	writer->next = 0;
	err = add_entries(writer, list, from, error);
	if (!err)
		err = add_removals(writer, list, from, error);
	writer->next = writer->manifest.next;
	return err ? err : ward_list_writer_commit(writer, error);
}

size_t list_fold_from(const struct ward_list *list)
{
	size_t at = list->manifest.segment_count - 1;
	uint64_t sum = 0;

	if (at < DELTAS_MAX)
		return 0;
	for (; at > 1; at--) {
		const struct segment_head *head = &list->segments[at].head;
		const struct segment_head *before = &list->segments[at - 1].head;

		sum += head->entries + head->removed;
		if (before->entries + before->removed > 2 * sum)
			break;
	}
	return at + 1 < list->manifest.segment_count ? at : at - 1;
}

ward_err ward_list_compact(const char *folder, struct ward_error *error)
{
	struct ward_list_writer *writer = NULL;
	ward_err err = writer_change(folder, &writer, error);

	if (!err && writer->base->manifest.segment_count > 1)
		err = list_fold(writer, 0, error);
	ward_list_writer_free(writer);
	return err;
}
