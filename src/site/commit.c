/*
 * Putting a version of a list, or a delta, in force.
 */
#include "base/clock.h"
#include "base/folder.h"
#include "base/id.h"
#include "site/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void site_row_from(const struct site_record *record, struct site_row *row)
{
	struct site_value value;
	const char *at = (const char *)record->value.ptr + sizeof(value);

	memcpy(&value, record->value.ptr, sizeof(value));
	*row = (struct site_row){ .word = { (const char *)record->key.ptr, record->key.len - 1 },
		.kind = (ward_site_kind)value.kind,
		.removed = value.removed,
		.meta = value.meta,
		.expires = value.expires,
		.ref = { at, value.ref },
		.original = { at + value.ref, value.original } };
}

bool site_writer_finds(const struct site_file *file, ward_site_kind kind, ward_str word,
		bool *removed)
{
	struct site_target target = { { word }, word.len };
	struct site_group group;
	struct site_step step;
	bool found;

	if (kind == WARD_SITE_DOMAIN || kind == WARD_SITE_HOST) {
		bool domain = kind == WARD_SITE_DOMAIN;

		found = site_file_group(file, site_word_name(word, file->seed), word, &group) &&
			(domain ? group.has_domain : group.has_host);
		if (found)
			step = domain ? group.domain : group.host;
	} else {
		found = site_file_find(file, site_word_place(kind, word, file->seed), kind, &target,
				&step);
	}
	if (found)
		*removed = step.flags & SITE_REMOVED;
	return found;
}

/* ---- entries of several sources in one order ---- */

/* Rows of the sorter, of equal ones the last; or of a file. */
struct source {
	bool has; /* a row */
	struct site_row row;
	struct site_sorter *sorter;
	struct site_record ahead; /* of the sorter, behind `row` */
	bool has_ahead;
	struct site_walk walk;
	uint32_t *metas; /* a file's in the writer's numbers; UINT32_MAX is not known yet */
};

struct merge {
	struct ward_site_writer *writer;
	struct source at[3]; /* what is said later is newer */
	int count;
	bool taken[3]; /* by the last row */
};

static bool same_key(const struct site_record *a, const struct site_record *b)
{
	return a->key.len == b->key.len && memcmp(a->key.ptr, b->key.ptr, a->key.len) == 0;
}

static void next_of_sorter(struct source *source)
{
	struct site_record record = source->ahead;

	source->has = source->has_ahead;
	while (source->has_ahead) {
		source->has_ahead = site_sorter_next(source->sorter, &source->ahead);
		if (!source->has_ahead || !same_key(&record, &source->ahead))
			break;
		record = source->ahead;
	}
	if (source->has)
		site_row_from(&record, &source->row);
}

static ward_err meta_of(struct merge *merge, struct source *source, uint32_t *meta,
		struct ward_error *error)
{
	const struct site_file *file = source->walk.step.file;
	uint32_t number = source->walk.step.meta;
	struct site_meta said = site_file_meta(file, number);
	ward_err err = WARD_OK;

	if (number >= file->head.metas)
		number = 0;
	if (source->metas[number] == UINT32_MAX)
		err = site_metas_put(&merge->writer->metas, &said, &source->metas[number], error);
	*meta = source->metas[number];
	return err;
}

static ward_err next_of_file(struct merge *merge, struct source *source, struct ward_error *error)
{
	const struct site_step *step = &source->walk.step;

	source->has = site_walk_next(&source->walk);
	if (!source->has && step->entry + 1 < step->file->head.entries)
		return ward_fail(error, WARD_E_CORRUPT,
				"the list is damaged; \"ward site verify\" says where");
	if (!source->has)
		return WARD_OK;
	source->row = (struct site_row){ .word = site_walk_word(&source->walk),
		.kind = step->kind,
		.removed = step->flags & SITE_REMOVED,
		.expires = step->expires };
	site_file_extra(step, &source->row.ref, &source->row.original);
	return meta_of(merge, source, &source->row.meta, error);
}

static ward_err advance(struct merge *merge, struct source *source, struct ward_error *error)
{
	if (source->sorter) {
		next_of_sorter(source);
		return WARD_OK;
	}
	return next_of_file(merge, source, error);
}

static ward_err merge_file(struct merge *merge, const struct site_file *file,
		struct ward_error *error)
{
	struct source *source = &merge->at[merge->count++];
	size_t metas = file->head.metas + 1;

	*source = (struct source){ .walk = { .word = malloc(SITE_WORD_ROOM) },
		.metas = malloc(metas * sizeof(uint32_t)) };
	if (!source->walk.word || !source->metas)
		return ward_fail(error, WARD_E_NOMEM, "no memory to write a list");
	memset(source->metas, 0xff, metas * sizeof(uint32_t));
	site_walk_begin(&source->walk, file, source->walk.word);
	return advance(merge, source, error);
}

static ward_err merge_sorter(struct merge *merge, struct ward_error *error)
{
	struct source *source = &merge->at[merge->count++];
	ward_err err = site_sorter_sort(merge->writer->sorter, error);

	*source = (struct source){ .sorter = merge->writer->sorter };
	if (err)
		return err;
	/* What the other sources hold is freed by merge_end. */
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	source->has_ahead = site_sorter_next(source->sorter, &source->ahead);
	next_of_sorter(source);
	return WARD_OK;
}

static void merge_end(struct merge *merge)
{
	for (int i = 0; i < merge->count; i++) {
		free(merge->at[i].walk.word);
		free(merge->at[i].metas);
	}
}

static int compare_rows(const struct site_row *a, const struct site_row *b)
{
	int order = ward_str_cmp(a->word, b->word);

	return order ? order : site_kind_order(a->kind) - site_kind_order(b->kind);
}

/* The first in order, of equal ones the newest; NULL at the end. */
static ward_err merge_next(struct merge *merge, const struct site_row **row,
		struct ward_error *error)
{
	struct source *first = NULL;
	ward_err err = WARD_OK;

	for (int i = 0; i < merge->count && !err; i++) {
		if (merge->taken[i])
			err = advance(merge, &merge->at[i], error);
		merge->taken[i] = false;
	}
	for (int i = 0; i < merge->count && !err; i++) {
		struct source *source = &merge->at[i];
		int order = !source->has ? 1
			    : !first     ? -1
					 : compare_rows(&source->row, &first->row);

		if (order > 0)
			continue;
		if (order < 0)
			memset(merge->taken, 0, sizeof(merge->taken));
		merge->taken[i] = true;
		first = source;
	}
	*row = first ? &first->row : NULL;
	return err;
}

/* ---- what is written ---- */

/* All that is in force, as a new base. */
static ward_err write_all(struct merge *merge, struct site_build *build, struct site_head *head,
		struct ward_error *error)
{
	const struct ward_site_list *list = merge->writer->list;
	const struct site_row *row = NULL;
	ward_err err = WARD_OK;

	if (list)
		err = merge_file(merge, &list->base, error);
	if (!err && list && list->has_delta)
		err = merge_file(merge, &list->delta, error);
	if (!err)
		err = merge_sorter(merge, error);
	while (!err && !(err = merge_next(merge, &row, error)) && row) {
		if (row->removed)
			continue;
		err = site_build_add(build, row, error);
		head->in_force[row->kind]++;
	}
	return err;
}

static ward_err write_change(struct merge *merge, struct site_build *build, struct site_head *head,
		const struct site_row *row, struct ward_error *error)
{
	bool unused;
	bool there = site_writer_finds(&merge->writer->list->base, row->kind, row->word, &unused);

	if (row->removed && !there)
		return WARD_OK;
	if (row->removed)
		head->in_force[row->kind]--;
	else
		head->in_force[row->kind] += !there;
	return site_build_add(build, row, error);
}

/* The old delta and what is new, as a new delta. */
static ward_err write_delta(struct merge *merge, struct site_build *build, struct site_head *head,
		struct ward_error *error)
{
	const struct ward_site_list *list = merge->writer->list;
	const struct site_row *row = NULL;
	ward_err err = WARD_OK;

	memcpy(head->base, list->base.head.id, sizeof(head->base));
	memcpy(head->in_force, list->base.head.in_force, sizeof(head->in_force));
	if (list->has_delta)
		err = merge_file(merge, &list->delta, error);
	if (!err)
		err = merge_sorter(merge, error);
	while (!err && !(err = merge_next(merge, &row, error)) && row)
		err = write_change(merge, build, head, row, error);
	return err;
}

static ward_err write_file(struct ward_site_writer *writer, bool delta, const char *path,
		struct ward_error *error)
{
	struct site_head head = { .said = site_said_write(&writer->info) };
	struct merge merge = { .writer = writer };
	struct site_build build;
	ward_err err = site_build_begin(&build, writer->folder, path, writer->seed, error);

	id_random(head.id, sizeof(head.id));
	if (!err)
		err = delta ? write_delta(&merge, &build, &head, error)
			    : write_all(&merge, &build, &head, error);
	if (!err)
		err = site_build_finish(&build, &head, &writer->metas, error);
	merge_end(&merge);
	site_build_end(&build, !err);
	return err;
}

/* ---- in force ---- */

static ward_err put_in_force(const char *folder, const char *path, bool delta,
		struct ward_error *error)
{
	char place[4096], old[4096];
	ward_err err = folder_path(folder, delta ? SITE_DELTA_NAME : SITE_BASE_NAME, place, error);

	if (!err)
		err = folder_path(folder, SITE_DELTA_NAME, old, error);
	if (!err && rename(path, place) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot replace %s: %s", place, strerror(errno));
	if (err) {
		unlink(path);
		return err;
	}
	err = file_sync_folder(folder, error);
	/* It lies on another base and is void already. */
	if (!delta)
		(void)unlink(old);
	return err;
}

/* Only what brings news makes a list younger. */
static void note_change(struct ward_site_writer *writer)
{
	const struct ward_site_info *old = writer->list ? &writer->list->info : NULL;
	bool news = !old || site_sorter_count(writer->sorter) > 0 ||
		    old->sequence != writer->info.sequence || old->issued != writer->info.issued;

	writer->info.changed = news ? clock_now() : old->changed;
}

/* Past an eighth of the base a delta costs more than it saves. */
static bool fits_delta(const struct ward_site_writer *writer)
{
	const struct ward_site_list *list = writer->list;
	uint64_t changes = site_sorter_count(writer->sorter);

	return list && changes + (list->has_delta ? list->delta.head.entries : 0) <=
				       list->base.head.entries / 8;
}

static ward_err commit(struct ward_site_writer *writer, bool delta, struct ward_error *error)
{
	char id[ID_TEXT_MAX], name[ID_TEXT_MAX + 4], path[4096];
	ward_err err;

	snprintf(name, sizeof(name), "%s.tmp", id_new(id));
	err = folder_path(writer->folder, name, path, error);
	if (!err)
		err = write_file(writer, delta, path, error);
	if (!err)
		err = put_in_force(writer->folder, path, delta, error);
	site_writer_free(writer);
	return err;
}

ward_err ward_site_writer_commit(struct ward_site_writer *writer, struct ward_error *error)
{
	note_change(writer);
	return commit(writer, fits_delta(writer), error);
}

ward_err ward_site_compact(const char *folder, struct ward_error *error)
{
	struct ward_site_writer *writer;
	ward_err err = ward_site_change(folder, NULL, &writer, error);

	if (err)
		return err;
	if (writer->list->has_delta)
		return commit(writer, false, error);
	site_writer_free(writer);
	return WARD_OK;
}

/* A list is gone when its base is: so that goes first, durably.  A broken one can be deleted too.
 */
ward_err ward_site_delete(const char *folder, struct ward_error *error)
{
	static const char *const names[] = { SITE_DELTA_NAME, "lock" };
	char path[4096];
	int lock = -1;
	ward_err err = folder_path(folder, SITE_BASE_NAME, path, error);

	if (!err && access(path, F_OK) < 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no site list in %s", folder);
	if (!err)
		err = folder_lock(folder, &lock, error);
	if (err)
		return err;
	if (unlink(path) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot remove %s: %s", path, strerror(errno));
	if (!err)
		err = file_sync_folder(folder, error);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !err; i++) {
		err = folder_path(folder, names[i], path, error);
		if (!err)
			(void)unlink(path);
	}
	if (!err && rmdir(folder) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		err = ward_fail(error, WARD_E_IO, "cannot remove %s: %s", folder, strerror(errno));
	close(lock);
	return err;
}
