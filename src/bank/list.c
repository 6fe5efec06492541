#include "bank/list.h"
#include "bank/folder.h"

/* A writer may take a version away between our reading its manifest and opening its files. */
#define TRIES 100

static ward_err open_segments(const char *folder, struct ward_list *list, struct ward_error *error)
{
	const struct manifest *manifest = &list->manifest;
	ward_err err = WARD_OK;
	char path[4096];

	list->segments = calloc(manifest->segment_count, sizeof(*list->segments));
	if (!list->segments)
		return ward_fail(error, WARD_E_NOMEM, "no memory to open %s", folder);
	for (size_t i = 0; i < manifest->segment_count && !err; i++) {
		err = folder_path(folder, manifest->segments[i], path, error);
		if (!err)
			err = segment_open(path, &list->segments[i], error);
	}
	return err;
}

static void close_segments(struct ward_list *list)
{
	for (size_t i = 0; list->segments && i < list->manifest.segment_count; i++)
		segment_close(&list->segments[i]);
	free(list->segments);
	list->segments = NULL;
}

static void count_entries(struct ward_list *list)
{
	for (size_t i = 0; i < list->manifest.segment_count; i++) {
		const struct segment_head *head = &list->segments[i].head;

		list->entries += head->entries - head->removed;
		list->bytes += head->size;
		for (int kind = 0; kind < WARD_SIGNAL_KIND_COUNT; kind++)
			list->signals[kind] +=
					(uint64_t)head->signals[kind] - head->removed_signals[kind];
		list->videos += (uint64_t)head->signals[SEGMENT_FRAMES] -
				head->removed_signals[SEGMENT_FRAMES];
		list->tmks += (uint64_t)head->signals[SEGMENT_TMK] -
			      head->removed_signals[SEGMENT_TMK];
	}
}

ward_err list_open_version(const char *folder, const struct manifest *manifest,
		struct ward_list **list, struct ward_error *error)
{
	struct ward_list *opened = calloc(1, sizeof(*opened));
	ward_err err;

	if (!opened)
		return ward_fail(error, WARD_E_NOMEM, "no memory to open %s", folder);
	opened->manifest = *manifest;
	err = open_segments(folder, opened, error);
	if (err) {
		ward_list_free(opened);
		return err;
	}
	count_entries(opened);
	*list = opened;
	return WARD_OK;
}

/* A number that has other signals now, or no entry, is not what the remark was of. */
static void keep_current(struct ward_list *list)
{
	struct remarks *remarks = &list->remarks;
	size_t kept = 0;

	for (size_t i = 0; i < remarks->count; i++) {
		struct ward_record record;

		if (ward_list_entry(list, remarks->at[i].entry, &record) &&
				remark_signals(&record) == remarks->at[i].signals)
			remarks->at[kept++] = remarks->at[i];
		else
			free(remarks->at[i].note);
	}
	remarks->count = kept;
}

ward_err ward_list_open(const char *folder, struct ward_list **list, struct ward_error *error)
{
	struct ward_list *opened = calloc(1, sizeof(*opened));
	struct ward_error why = { 0 };
	ward_err err = WARD_E_NOT_FOUND;

	if (!opened)
		return ward_fail(error, WARD_E_NOMEM, "no memory to open %s", folder);
	for (int i = 0; i < TRIES && err == WARD_E_NOT_FOUND; i++) {
		char before[ID_TEXT_MAX];

		memcpy(before, opened->manifest.version, sizeof(before));
		err = manifest_read(folder, &opened->manifest, &why);
		if (err || strcmp(before, opened->manifest.version) == 0)
			break; /* the same version again: its file really is not there */
		err = open_segments(folder, opened, &why);
		if (err)
			close_segments(opened);
	}
	if (!err && !opened->segments)
		err = WARD_E_CORRUPT;
	if (!err)
		err = opinions_read(folder, &opened->opinions, &why);
	if (!err)
		err = remarks_read(folder, &opened->remarks, &why);
	if (err) {
		ward_list_free(opened);
		return ward_fail(error, err, "%s", why.message);
	}
	count_entries(opened);
	keep_current(opened);
	*list = opened;
	return WARD_OK;
}

void ward_list_free(struct ward_list *list)
{
	if (!list)
		return;
	close_segments(list);
	opinions_free(&list->opinions);
	remarks_free(&list->remarks);
	free(list);
}

const struct ward_list_info *ward_list_info(const struct ward_list *list)
{
	return &list->manifest.info;
}

const char *ward_list_version(const struct ward_list *list)
{
	return list->manifest.version;
}

uint32_t ward_list_tag(const struct ward_list *list)
{
	return manifest_tag(&list->manifest);
}

uint64_t ward_list_entries(const struct ward_list *list)
{
	return list->entries;
}

uint64_t ward_list_signals(const struct ward_list *list, ward_signal_kind kind)
{
	return (unsigned)kind < WARD_SIGNAL_KIND_COUNT ? list->signals[kind] : 0;
}

uint64_t ward_list_videos(const struct ward_list *list)
{
	return list->videos;
}

uint64_t ward_list_tmks(const struct ward_list *list)
{
	return list->tmks;
}

uint64_t ward_list_bytes(const struct ward_list *list)
{
	return list->bytes;
}

size_t ward_list_deltas(const struct ward_list *list)
{
	return list->manifest.segment_count - 1;
}

static bool removed_by(const struct ward_list *list, size_t from, size_t end, uint64_t number)
{
	for (size_t i = from; i < end; i++) {
		if (segment_removes(&list->segments[i], number))
			return true;
	}
	return false;
}

bool list_removed(const struct ward_list *list, size_t at, uint64_t number)
{
	return removed_by(list, at + 1, list->manifest.segment_count, number);
}

const struct segment *list_find(const struct ward_list *list, size_t end, uint64_t number,
		uint32_t *index)
{
	for (size_t i = 0; i < end; i++) {
		if (segment_find(&list->segments[i], number, index))
			return removed_by(list, i + 1, end, number) ? NULL : &list->segments[i];
	}
	return NULL;
}

/* The cursor counts entries of all segments, removed ones too. */
bool ward_list_next(const struct ward_list *list, uint64_t *cursor, struct ward_record *record)
{
	uint64_t skip = *cursor;

	for (size_t i = 0; i < list->manifest.segment_count; i++) {
		const struct segment *segment = &list->segments[i];

		for (; skip < segment->head.entries; skip++) {
			++*cursor;
			if (list_removed(list, i, segment_number(segment, (uint32_t)skip)))
				continue;
			segment_record(segment, (uint32_t)skip, record);
			return true;
		}
		skip -= segment->head.entries;
	}
	return false;
}

bool ward_list_entry(const struct ward_list *list, uint64_t number, struct ward_record *record)
{
	uint32_t index = 0;
	const struct segment *segment =
			list_find(list, list->manifest.segment_count, number, &index);

	if (segment)
		segment_record(segment, index, record);
	return segment;
}

ward_err ward_list_frames(const struct ward_list *list, uint64_t number, struct ward_vpdq *frames,
		struct ward_error *error)
{
	uint32_t index = 0, place = 0;
	const struct segment *segment =
			list_find(list, list->manifest.segment_count, number, &index);

	if (!segment || !segment_has_frames(segment, index, &place))
		return ward_fail(error, WARD_E_NOT_FOUND, "entry %llu has no frames of a video",
				(unsigned long long)number);
	return video_index_frames(&segment->videos.index, place, frames, error);
}

ward_err ward_list_tmk(const struct ward_list *list, uint64_t number, struct ward_tmk *tmk,
		struct ward_error *error)
{
	uint32_t index = 0, place = 0;
	const struct segment *segment =
			list_find(list, list->manifest.segment_count, number, &index);

	if (!segment || !segment_has_tmk(segment, index, &place))
		return ward_fail(error, WARD_E_NOT_FOUND, "entry %llu has no TMK feature",
				(unsigned long long)number);
	return segment_tmk(segment, place, tmk, error);
}

ward_err ward_list_verify(const struct ward_list *list, ward_progress *progress, void *context,
		struct ward_error *error)
{
	uint64_t done = 0;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->manifest.segment_count && !err; i++) {
		struct ward_error why = { 0 };

		err = segment_verify(&list->segments[i], progress, context, &done, list->bytes,
				&why);
		if (err)
			return ward_fail(error, err, "%s: %s", list->manifest.segments[i],
					why.message);
	}
	return err;
}
