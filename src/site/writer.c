/*
 * Making a version of a list, or a delta on one.
 */
#include "site/writer.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/id.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what is said ---- */

static bool text_valid(ward_str text, size_t room)
{
	bool good = text.len < room && ward_utf8_valid(text);

	for (size_t i = 0; i < text.len && good; i++)
		good = (unsigned char)text.ptr[i] >= ' ' && text.ptr[i] != 0x7f;
	return good;
}

static ward_err check_info(const struct ward_site_info *info, struct ward_error *error)
{
	const struct {
		const char *text;
		size_t room;
		const char *called;
	} texts[] = {
		{ info->name, sizeof(info->name), "name" },
		{ info->source, sizeof(info->source), "source" },
		{ info->licence, sizeof(info->licence), "licence" },
		{ info->category, sizeof(info->category), "category" },
		{ info->class_code, sizeof(info->class_code), "class" },
		{ info->urn, sizeof(info->urn), "urn" },
	};
	struct ward_site_info unused;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ward_str text = { texts[i].text, strnlen(texts[i].text, texts[i].room) };

		if (!text_valid(text, texts[i].room))
			return ward_fail(error, WARD_E_ARGUMENT,
					"a list's %s is one line of at most %zu bytes",
					texts[i].called, texts[i].room - 1);
	}
	if (!ward_site_info_init(&unused, ward_str_from(info->name)))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a list's name is letters, digits, '.', '_' and '-', and begins "
				"with a letter or digit");
	if (info->sense >= WARD_SITE_SENSE_COUNT || info->salt_len > sizeof(info->salt) ||
			info->stale_after_s < 0 || info->entry_life_s < 0)
		return ward_fail(error, WARD_E_ARGUMENT, "what is said of the list makes no sense");
	return WARD_OK;
}

/* ---- beginning ---- */

/* What a writer that was killed has left; under the lock. */
static void sweep(const char *folder)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (ward_str_ends(ward_str_from(entry->d_name), WARD_STR(".tmp")))
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	if (entries)
		closedir(entries);
}

static bool seed_of(const char *folder, struct site_seed *seed)
{
	struct site_file file;
	char path[4096];

	if (folder_path(folder, SITE_BASE_NAME, path, NULL) || site_file_open(path, &file, NULL))
		return false;
	*seed = file.seed;
	site_file_close(&file);
	return true;
}

/* That of a list beside this one, so that lists are asked at the same places. */
static struct site_seed choose_seed(const char *folder)
{
	char parent[4096], path[4096];
	struct site_seed seed = site_seed_new();
	struct dirent *entry;
	DIR *entries = NULL;
	bool found = false;

	if (seed_of(folder, &seed))
		return seed;
	if (folder_path(folder, "..", parent, NULL) == WARD_OK)
		entries = opendir(parent);
	while (!found && entries && (entry = readdir(entries))) {
		if (entry->d_name[0] != '.' &&
				folder_path(parent, entry->d_name, path, NULL) == WARD_OK)
			found = seed_of(path, &seed);
	}
	if (entries)
		closedir(entries);
	return seed;
}

void site_writer_free(struct ward_site_writer *writer)
{
	if (!writer)
		return;
	site_sorter_free(writer->sorter);
	site_metas_free(&writer->metas);
	ward_buf_free(&writer->word);
	ward_buf_free(&writer->value);
	free(writer->changed.slots);
	ward_site_list_free(writer->list);
	if (writer->lock >= 0)
		close(writer->lock);
	free(writer->folder);
	free(writer);
}

void ward_site_writer_cancel(struct ward_site_writer *writer)
{
	site_writer_free(writer);
}

static ward_err writer_new(const char *folder, struct ward_site_writer **writer,
		struct ward_error *error)
{
	struct ward_site_writer *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to write a list");
	made->lock = -1;
	ward_buf_init(&made->word, WARD_LINK_MAX);
	ward_buf_init(&made->value, (size_t)4 * WARD_LINK_MAX);
	made->folder = strdup(folder);
	made->sorter = made->folder ? site_sorter_new(made->folder) : NULL;
	ward_err err = made->sorter ? site_metas_init(&made->metas, error)
				    : ward_fail(error, WARD_E_NOMEM, "no memory to write a list");

	if (!err)
		err = folder_lock(folder, &made->lock, error);
	if (err) {
		site_writer_free(made);
		return err;
	}
	sweep(folder);
	*writer = made;
	return WARD_OK;
}

ward_err ward_site_create(const char *folder, const struct ward_site_info *info,
		struct ward_site_writer **writer, struct ward_error *error)
{
	struct ward_site_list *old = NULL;
	struct ward_site_writer *made;
	ward_err err = check_info(info, error);

	if (!err)
		err = file_make_folders(folder, 0700, error);
	if (!err)
		err = writer_new(folder, &made, error);
	if (err)
		return err;
	made->info = *info;
	made->info.created = clock_now();
	if (!ward_site_list_open(folder, &old, NULL)) {
		made->info.created = old->info.created;
		memcpy(made->version, old->version, sizeof(made->version));
	}
	ward_site_list_free(old);
	made->seed = choose_seed(folder);
	*writer = made;
	return WARD_OK;
}

static bool is_there(const char *folder)
{
	char path[4096];

	return folder_path(folder, SITE_BASE_NAME, path, NULL) == WARD_OK &&
	       access(path, F_OK) == 0;
}

ward_err ward_site_change(const char *folder, const struct ward_site_info *info,
		struct ward_site_writer **writer, struct ward_error *error)
{
	struct ward_site_writer *made;
	ward_err err = info ? check_info(info, error) : WARD_OK;

	/* Taking the lock makes its file, which must not happen where there is no list. */
	if (!err && !is_there(folder))
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no site list in %s", folder);
	if (!err)
		err = writer_new(folder, &made, error);
	if (err)
		return err;
	err = ward_site_list_open(folder, &made->list, error);
	if (err) {
		site_writer_free(made);
		return err;
	}
	made->is_delta = true;
	made->info = info ? *info : made->list->info;
	made->info.created = made->list->info.created;
	made->seed = made->list->base.seed;
	memcpy(made->version, made->list->version, sizeof(made->version));
	*writer = made;
	return WARD_OK;
}

ward_err ward_site_writer_expect(const struct ward_site_writer *writer, const char *version,
		struct ward_error *error)
{
	if (strcmp(writer->version, version) != 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"somebody else has changed the list %s meanwhile: try it again",
				writer->info.name);
	return WARD_OK;
}

/* ---- entries ---- */

static ward_err keep(struct ward_site_writer *writer, const struct site_row *row,
		struct ward_error *error)
{
	struct site_value value = { .kind = (uint8_t)row->kind,
		.removed = row->removed,
		.meta = row->meta,
		.expires = row->expires,
		.ref = (uint32_t)row->ref.len,
		.original = (uint32_t)row->original.len };
	ward_str text;

	ward_buf_char(&writer->word, (char)site_kind_order(row->kind));
	ward_buf_clear(&writer->value);
	ward_buf_add(&writer->value, &value, sizeof(value));
	ward_buf_str(&writer->value, row->ref);
	ward_buf_str(&writer->value, row->original);
	if (writer->word.failed || writer->value.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for an entry");
	text = ward_buf_text(&writer->value);
	return site_sorter_add(writer->sorter,
			(ward_bytes){ (const uint8_t *)writer->word.ptr, writer->word.len },
			(ward_bytes){ (const uint8_t *)text.ptr, text.len }, error);
}

static uint64_t place_of(const struct ward_site_writer *writer, ward_site_kind kind, ward_str word)
{
	/* A host and its domain have one place. */
	return site_word_place(kind, word, writer->seed) ^
	       (kind == WARD_SITE_HOST ? UINT64_C(1) << 63 : 0);
}

static ward_err gather_one(void *context, const struct site_record *record,
		struct ward_error *error)
{
	struct ward_site_writer *writer = context;
	struct site_row row;

	site_row_from(record, &row);
	return site_changed_put(&writer->changed, place_of(writer, row.kind, row.word),
			!row.removed, error);
}

/* Only a writer that takes entries back has to know at once which there are. */
static ward_err gather(struct ward_site_writer *writer, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (!writer->changed.gathered)
		err = site_sorter_each(writer->sorter, gather_one, writer, error);
	writer->changed.gathered = writer->changed.gathered || !err;
	return err;
}

static bool is_in_force(const struct ward_site_writer *writer, ward_site_kind kind, ward_str word)
{
	uint64_t place = place_of(writer, kind, word), slot;
	bool removed = false;

	slot = site_changed_find(&writer->changed, place);
	if (slot)
		return slot & 1;
	if (!writer->list)
		return false;
	if (writer->list->has_delta &&
			site_writer_finds(&writer->list->delta, kind, word, &removed))
		return !removed;
	return site_writer_finds(&writer->list->base, kind, word, &removed);
}

static ward_err check_texts(const struct ward_site_entry *entry, struct ward_error *error)
{
	const char *what = NULL;

	if (!text_valid(entry->category, WARD_SITE_NAME_MAX))
		what = "category";
	else if (!text_valid(entry->class_code, WARD_SITE_NAME_MAX))
		what = "class";
	else if (!text_valid(entry->reason, WARD_SITE_TEXT_MAX))
		what = "reason";
	else if (!text_valid(entry->ref, WARD_SITE_TEXT_MAX))
		what = "ref";
	return what ? ward_fail(error, WARD_E_ARGUMENT,
				      "an entry's %s is one line, and not so long", what)
		    : WARD_OK;
}

static ward_err add_to_changed(struct ward_site_writer *writer, const struct site_row *row,
		struct ward_error *error)
{
	return writer->changed.gathered ? site_changed_put(&writer->changed,
							  place_of(writer, row->kind, row->word),
							  !row->removed, error)
					: WARD_OK;
}

ward_err ward_site_writer_add(struct ward_site_writer *writer, const struct ward_site_entry *entry,
		struct ward_error *error)
{
	struct site_meta meta = { entry->category, entry->class_code, entry->reason };
	struct site_row row = { .kind = entry->kind,
		.expires = entry->expires,
		.ref = entry->ref,
		.original = entry->original };
	ward_err err;

	if (entry->kind >= WARD_SITE_KIND_COUNT || entry->original.len > WARD_LINK_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "this is no entry");
	err = check_texts(entry, error);
	ward_buf_clear(&writer->word);
	if (!err)
		err = site_key_word(entry->kind, entry->key, &writer->word, error);
	if (!err)
		err = site_metas_put(&writer->metas, &meta, &row.meta, error);
	if (err)
		return err;
	if (row.expires == 0 && writer->info.entry_life_s > 0 &&
			ckd_add(&row.expires, clock_now(), writer->info.entry_life_s))
		row.expires = 0;
	row.word = ward_buf_text(&writer->word);
	err = add_to_changed(writer, &row, error);
	return err ? err : keep(writer, &row, error);
}

ward_err ward_site_writer_remove(struct ward_site_writer *writer,
		const struct ward_site_entry *entry, bool *removed, struct ward_error *error)
{
	struct site_row row = { .kind = entry->kind, .removed = true };
	ward_err err;
	bool there;

	if (entry->kind >= WARD_SITE_KIND_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT, "this is no entry");
	ward_buf_clear(&writer->word);
	err = site_key_word(entry->kind, entry->key, &writer->word, error);
	if (!err)
		err = gather(writer, error);
	if (err)
		return err;
	row.word = ward_buf_text(&writer->word);
	there = is_in_force(writer, row.kind, row.word);
	if (there) {
		err = add_to_changed(writer, &row, error);
		if (!err)
			err = keep(writer, &row, error);
	}
	if (!err && removed)
		*removed = there;
	return err;
}
