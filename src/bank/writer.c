#include "bank/writer.h"
#include "bank/folder.h"
#include "bank/list.h"
#include "base/clock.h"

#include <errno.h>
#include <unistd.h>

#define REF_MAX    ((size_t)65535)
#define LABELS_MAX ((size_t)65535)

/* ---- beginning ---- */

static void init_spools(struct ward_list_writer *writer)
{
	const char *folder = writer->folder;

	spool_init(&writer->runs, folder);
	spool_init(&writer->labels, folder);
	spool_init(&writer->quality, folder);
	spool_init(&writer->ref_bases, folder);
	spool_init(&writer->ref_starts, folder);
	spool_init(&writer->ref_text, folder);
	label_sets_init(&writer->sets, folder);
	for (int i = 0; i < WARD_SIGNAL_KIND_COUNT; i++) {
		spool_init(&writer->kinds[i].rows, folder);
		spool_init(&writer->kinds[i].owners, folder);
		writer->kinds[i].one_to_one = true;
	}
	videos_init(&writer->videos, folder);
}

void ward_list_writer_free(struct ward_list_writer *writer)
{
	if (!writer)
		return;
	spool_free(&writer->runs);
	spool_free(&writer->labels);
	spool_free(&writer->quality);
	spool_free(&writer->ref_bases);
	spool_free(&writer->ref_starts);
	spool_free(&writer->ref_text);
	label_sets_free(&writer->sets);
	for (int i = 0; i < WARD_SIGNAL_KIND_COUNT; i++) {
		spool_free(&writer->kinds[i].rows);
		spool_free(&writer->kinds[i].owners);
	}
	videos_free(&writer->videos);
	removal_free(&writer->removal);
	removal_free(&writer->dropped);
	ward_list_free(writer->base);
	if (writer->lock >= 0)
		close(writer->lock);
	free(writer->folder);
	free(writer);
}

/* Locks the folder, reads the version there is, and sweeps what nobody needs. */
static ward_err begin(struct ward_list_writer *writer, struct ward_error *error)
{
	ward_err err = folder_lock(writer->folder, &writer->lock, error);

	if (err)
		return err;
	err = manifest_read(writer->folder, &writer->manifest, error);
	writer->exists = !err;
	if (!err)
		folder_sweep(writer->folder, &writer->manifest);
	else if (err == WARD_E_NOT_FOUND)
		folder_sweep(writer->folder, NULL);
	return err;
}

static ward_err make_writer(const char *folder, struct ward_list_writer **writer,
		struct ward_error *error)
{
	struct ward_list_writer *made = calloc(1, sizeof(*made));

	if (made) {
		made->lock = -1;
		made->folder = strdup(folder);
		init_spools(made);
	}
	if (!made || !made->folder) {
		ward_list_writer_free(made);
		return ward_fail(error, WARD_E_NOMEM, "no memory to change %s", folder);
	}
	*writer = made;
	return WARD_OK;
}

ward_err ward_list_create(const char *folder, const struct ward_list_info *info,
		struct ward_list_writer **writer, struct ward_error *error)
{
	struct ward_list_writer *made = NULL;
	ward_err err = list_info_check(info, error);

	if (!err)
		err = file_make_folders(folder, 0750, error);
	if (!err)
		err = make_writer(folder, &made, error);
	if (err)
		return err;
	err = begin(made, error);
	/* A broken version is replaced like any other; nothing of it is taken over. */
	if (err && err != WARD_E_NOT_FOUND && err != WARD_E_CORRUPT && err != WARD_E_UNSUPPORTED) {
		ward_list_writer_free(made);
		return err;
	}
	int64_t created = made->exists ? made->manifest.info.created : clock_now();
	uint32_t tag = made->exists ? made->manifest.info.tag : 0;

	/* Of a list from before there were tags it is drawn from the name, as ever. */
	if (!made->exists) {
		while (tag == 0)
			id_random(&tag, sizeof(tag));
	}
	made->manifest.info = *info;
	made->manifest.info.created = created;
	made->manifest.info.tag = tag;
	*writer = made;
	return WARD_OK;
}

ward_err writer_change(const char *folder, struct ward_list_writer **writer,
		struct ward_error *error)
{
	struct ward_list_writer *made = NULL;
	ward_err err = make_writer(folder, &made, error);

	if (err)
		return err;
	/* Taking the lock makes its file, which must not happen where there is no list. */
	if (access(folder, F_OK) < 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no list in %s", folder);
	if (!err)
		err = begin(made, error);
	if (!err)
		err = ward_list_open(folder, &made->base, error);
	if (err) {
		ward_list_writer_free(made);
		return err;
	}
	made->at = made->manifest.segment_count;
	made->next = made->manifest.next;
	*writer = made;
	return WARD_OK;
}

ward_err ward_list_change(const char *folder, struct ward_list_writer **writer,
		struct ward_error *error)
{
	struct ward_list_writer *made = NULL;
	ward_err err = writer_change(folder, &made, error);

	if (!err && list_fold_from(made->base) > 0) {
		err = list_fold(made, list_fold_from(made->base), error);
		ward_list_writer_free(made);
		made = NULL;
		if (!err)
			err = writer_change(folder, &made, error);
	}
	if (!err)
		*writer = made;
	return err;
}

void ward_list_writer_on_progress(struct ward_list_writer *writer, ward_progress *progress,
		void *context)
{
	writer->progress = progress;
	writer->progress_context = context;
}

uint64_t ward_list_writer_next(const struct ward_list_writer *writer)
{
	return writer->next;
}

/* ---- adding ---- */

static ward_err check_record(const struct ward_list_writer *writer,
		const struct ward_record *record, struct ward_error *error)
{
	if (record->number < writer->next)
		return ward_fail(error, WARD_E_ARGUMENT,
				"record numbers ascend: %llu is below %llu, the first free one",
				(unsigned long long)record->number,
				(unsigned long long)writer->next);
	if (record->number >= INT64_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a record's number is below 2^63");
	if ((record->signal_count == 0 && !record->frames && !record->tmk) ||
			record->signal_count > WARD_RECORD_SIGNALS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a record has 1 to %d signals, not %zu",
				WARD_RECORD_SIGNALS_MAX, record->signal_count);
	if (record->labels.len > LABELS_MAX || record->ref.len > REF_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"record %llu: its labels and its id are at most %zu bytes each",
				(unsigned long long)record->number, REF_MAX);
	if (writer->entries == UINT32_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"one version of a list has at most %u entries", UINT32_MAX);
	for (size_t i = 0; i < record->signal_count; i++) {
		ward_signal_kind kind = record->signals[i].kind;

		if (kind <= WARD_SIGNAL_NONE || kind >= WARD_SIGNAL_KIND_COUNT)
			return ward_fail(error, WARD_E_ARGUMENT,
					"record %llu: a signal is of no known kind",
					(unsigned long long)record->number);
		if (writer->kinds[kind].count > UINT32_MAX - WARD_RECORD_SIGNALS_MAX)
			return ward_fail(error, WARD_E_LIMIT,
					"one version of a list has at most %u signals of a kind",
					UINT32_MAX);
	}
	return videos_check(&writer->videos, record, error);
}

static ward_err add_number(struct ward_list_writer *writer, uint64_t number,
		struct ward_error *error)
{
	struct segment_run run = { number, writer->entries };

	if (writer->entries > 0 && number == writer->run_next) {
		writer->run_next++;
		return WARD_OK;
	}
	writer->run_next = number + 1;
	return spool_add(&writer->runs, &run, sizeof(run), error);
}

static ward_err add_labels(struct ward_list_writer *writer, const struct ward_record *record,
		struct ward_error *error)
{
	uint32_t id = 0;
	ward_err err = label_sets_id(&writer->sets, record->labels, &id, error);

	if (!err)
		err = spool_add(&writer->labels, &id, sizeof(id), error);
	if (!err)
		err = spool_add(&writer->quality, &record->quality, 1, error);
	writer->has_labels |= id != 0;
	writer->has_quality |= record->quality != 255;
	return err;
}

/* Where the next ref starts; at the end of all, where the last one ends. */
static ward_err add_ref_start(struct ward_list_writer *writer, struct ward_error *error)
{
	uint32_t start = (uint32_t)(spool_size(&writer->ref_text) - writer->ref_base);

	return spool_add(&writer->ref_starts, &start, sizeof(start), error);
}

static ward_err add_ref(struct ward_list_writer *writer, ward_str ref, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (writer->entries % SEGMENT_REF_BLOCK == 0) {
		writer->ref_base = spool_size(&writer->ref_text);
		err = spool_add(&writer->ref_bases, &writer->ref_base, sizeof(writer->ref_base),
				error);
	}
	if (!err)
		err = add_ref_start(writer, error);
	writer->has_refs |= ref.len > 0;
	return err ? err : spool_add(&writer->ref_text, ref.ptr, ref.len, error);
}

static ward_err add_signal(struct ward_list_writer *writer, const ward_signal *signal,
		struct ward_error *error)
{
	struct kind_spools *kind = &writer->kinds[signal->kind];
	ward_err err;

	if (signal->kind == WARD_SIGNAL_PDQ) {
		ward_pdq hash = ward_pdq_from_signal(signal);

		err = spool_add(&kind->rows, &hash, sizeof(hash), error);
	} else {
		err = spool_add(&kind->rows, signal->bytes, ward_signal_size(signal->kind), error);
	}
	kind->one_to_one &= kind->count == writer->entries;
	kind->count++;
	return err ? err
		   : spool_add(&kind->owners, &writer->entries, sizeof(writer->entries), error);
}

ward_err ward_list_writer_add(struct ward_list_writer *writer, const struct ward_record *record,
		struct ward_error *error)
{
	ward_err err;

	if (writer->done)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing can be added after the commit");
	err = check_record(writer, record, error);
	if (!err)
		err = add_number(writer, record->number, error);
	if (!err)
		err = add_labels(writer, record, error);
	if (!err)
		err = add_ref(writer, record->ref, error);
	for (size_t i = 0; i < record->signal_count && !err; i++)
		err = add_signal(writer, &record->signals[i], error);
	if (!err)
		err = videos_add(&writer->videos, writer->entries, record, error);
	/* What was half added cannot be taken back. */
	writer->done |= err && err != WARD_E_ARGUMENT && err != WARD_E_LIMIT;
	if (!err) {
		writer->entries++;
		writer->next = record->number + 1;
	}
	return err;
}

/* ---- committing ---- */

/* The entries that were dropped, as a segment of removals only on top of the one just made. */
static ward_err compile_dropped(const struct ward_list_writer *writer, char name[SEGMENT_FILE_MAX],
		struct ward_error *error)
{
	struct ward_list_writer *over = NULL;
	ward_err err = make_writer(writer->folder, &over, error);

	if (err)
		return err;
	err = list_open_version(writer->folder, &writer->manifest, &over->base, error);
	over->at = writer->manifest.segment_count;
	over->next = writer->next;
	for (size_t i = 0; i < writer->dropped.slot_count && !err; i++) {
		uint64_t slot = writer->dropped.slots[i];
		uint32_t index;
		bool added;

		if (slot == 0)
			continue;
		err = segment_find(&over->base->segments[writer->at], slot - 1, &index)
				      ? removal_add(&over->removal, slot - 1, &added, error)
				      : ward_fail(error, WARD_E_ARGUMENT,
							"record %llu is to be dropped and was not "
							"added",
							(unsigned long long)(slot - 1));
	}
	if (!err)
		err = writer_compile(over, name, error);
	ward_list_writer_free(over);
	return err;
}

ward_err ward_list_writer_commit(struct ward_list_writer *writer, struct ward_error *error)
{
	struct manifest *manifest = &writer->manifest;
	char name[SEGMENT_FILE_MAX];
	ward_err err;

	if (writer->done)
		return ward_fail(error, WARD_E_ARGUMENT, "this writer has failed or is done");
	writer->done = true;
	/* A delta that changes nothing is no new version. */
	if (writer->at > 0 && writer->at == manifest->segment_count && writer->entries == 0 &&
			writer->removal.count == 0)
		return WARD_OK;
	err = writer_compile(writer, name, error);
	if (err)
		return err;
	memcpy(manifest->segments[writer->at], name, sizeof(name));
	manifest->segment_count = writer->at + 1;
	if (writer->dropped.count > 0) {
		err = compile_dropped(writer, name, error);
		if (err)
			return err;
		memcpy(manifest->segments[manifest->segment_count++], name, sizeof(name));
	}
	manifest->next = writer->next;
	manifest->info.changed = clock_now();
	err = manifest_replace(writer->folder, manifest, error);
	if (!err)
		folder_sweep(writer->folder, manifest);
	return err;
}
