#include "site/list.h"

#include "base/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- which files there are ---- */

struct site_ident site_ident_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct site_ident){ 0 };
	return (struct site_ident){ .device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.changed_s = st.st_mtim.tv_sec,
		.changed_ns = st.st_mtim.tv_nsec };
}

bool site_ident_eq(const struct site_ident *a, const struct site_ident *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

bool site_folder_is(const char *folder, const struct site_ident *base,
		const struct site_ident *delta)
{
	struct site_ident base_now, delta_now;
	char path[4096];

	if (folder_path(folder, SITE_BASE_NAME, path, NULL))
		return false;
	base_now = site_ident_of(path);
	if (folder_path(folder, SITE_DELTA_NAME, path, NULL))
		return false;
	delta_now = site_ident_of(path);
	return site_ident_eq(base, &base_now) && site_ident_eq(delta, &delta_now);
}

/* ---- opening ---- */

static void set_version(struct ward_site_list *list)
{
	char *at = list->version;

	ward_hex_format(list->base.head.id + SITE_ID_BYTES - 8, 8, at);
	if (!list->has_delta)
		return;
	at[16] = '-';
	ward_hex_format(list->delta.head.id + SITE_ID_BYTES - 8, 8, at + 17);
}

/* A delta on another base is what a writer left that was stopped just behind a new base. */
static ward_err open_delta(struct ward_site_list *list, const char *path, struct ward_error *error)
{
	ward_err err;

	list->delta_ident = site_ident_of(path);
	err = site_file_open(path, &list->delta, error);
	if (err == WARD_E_NOT_FOUND) {
		list->delta_ident = (struct site_ident){ 0 };
		return WARD_OK;
	}
	if (err)
		return err;
	list->has_delta = memcmp(list->delta.head.base, list->base.head.id, SITE_ID_BYTES) == 0;
	if (!list->has_delta)
		site_file_close(&list->delta);
	return WARD_OK;
}

static void close_files(struct ward_site_list *list)
{
	site_file_close(&list->base);
	site_file_close(&list->delta);
	list->has_delta = false;
}

/* Sets `again` when a new base came in between. */
static ward_err open_files(struct ward_site_list *list, bool *again, struct ward_error *error)
{
	char base[4096], delta[4096];
	struct site_ident now;
	ward_err err = folder_path(list->folder, SITE_BASE_NAME, base, error);

	*again = false;
	if (!err)
		err = folder_path(list->folder, SITE_DELTA_NAME, delta, error);
	if (err)
		return err;
	list->base_ident = site_ident_of(base);
	err = site_file_open(base, &list->base, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no site list in %s", list->folder);
	if (!err)
		err = open_delta(list, delta, error);
	now = site_ident_of(base);
	*again = !site_ident_eq(&now, &list->base_ident);
	return *again ? WARD_OK : err;
}

#define OPEN_TRIES 100

static ward_err open_list(struct ward_site_list *list, struct ward_error *error)
{
	bool again = true;

	for (int i = 0; again && i < OPEN_TRIES; i++) {
		ward_err err;

		close_files(list);
		err = open_files(list, &again, error);
		if (err)
			return err;
	}
	if (again)
		return ward_fail(error, WARD_E_CONFLICT, "the list in %s changes all the time",
				list->folder);
	list->files[0] = &list->base;
	list->files[1] = &list->delta;
	list->file_count = list->has_delta ? 2 : 1;
	set_version(list);
	if (!site_said_read(&list->files[list->file_count - 1]->head.said, &list->info))
		return ward_fail(error, WARD_E_CORRUPT, "the list in %s is damaged", list->folder);
	return WARD_OK;
}

ward_err ward_site_list_open(const char *folder, struct ward_site_list **list,
		struct ward_error *error)
{
	struct ward_site_list *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (made)
		made->folder = strdup(folder);
	if (!made || !made->folder)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a list");
	if (!err)
		err = open_list(made, error);
	if (err) {
		ward_site_list_free(made);
		return err;
	}
	*list = made;
	return WARD_OK;
}

void ward_site_list_free(struct ward_site_list *list)
{
	if (!list)
		return;
	close_files(list);
	free(list->folder);
	free(list);
}

/* ---- what there is ---- */

const struct ward_site_info *ward_site_list_info(const struct ward_site_list *list)
{
	return &list->info;
}

const char *ward_site_list_version(const struct ward_site_list *list)
{
	return list->version;
}

uint64_t ward_site_list_count(const struct ward_site_list *list, ward_site_kind kind)
{
	return kind < WARD_SITE_KIND_COUNT ? list->files[list->file_count - 1]->head.in_force[kind]
					   : 0;
}

uint64_t ward_site_list_entries(const struct ward_site_list *list)
{
	uint64_t entries = 0;

	for (int i = 0; i < WARD_SITE_KIND_COUNT; i++)
		entries += ward_site_list_count(list, (ward_site_kind)i);
	return entries;
}

uint64_t ward_site_list_bytes(const struct ward_site_list *list)
{
	return list->base.bytes.len + (list->has_delta ? list->delta.bytes.len : 0);
}

/* ---- walking ---- */

ward_str site_step_word(const struct site_step *step, char *word)
{
	struct site_walk walk;

	site_walk_begin(&walk, step->file, word);
	site_walk_to(&walk, step->entry);
	return site_walk_next(&walk) ? site_walk_word(&walk) : (ward_str){ word, 0 };
}

void site_entry_from(const struct site_step *step, ward_str word, char *text,
		struct ward_site_entry *entry)
{
	struct site_meta meta = site_file_meta(step->file, step->meta);

	*entry = (struct ward_site_entry){ .kind = step->kind,
		.key = { text, site_word_key(step->kind, word, text) },
		.category = meta.category,
		.class_code = meta.class_code,
		.reason = meta.reason,
		.expires = step->expires };
	site_file_extra(step, &entry->ref, &entry->original);
}

static bool walk_at(struct site_walk *walk, const struct site_file *file, uint64_t entry,
		char *word)
{
	site_walk_begin(walk, file, word);
	if (entry >= file->head.entries)
		return false;
	site_walk_to(walk, (uint32_t)entry);
	return site_walk_next(walk);
}

static int compare(const struct site_walk *a, const struct site_walk *b)
{
	ward_str left = site_walk_word(a), right = site_walk_word(b);
	size_t len = left.len < right.len ? left.len : right.len;
	int order = memcmp(left.ptr, right.ptr, len);

	/* Behind the shorter word stands its kind, which is less than any byte of a word. */
	if (order == 0)
		order = (left.len > right.len) - (left.len < right.len);
	if (order == 0)
		order = site_kind_order(a->step.kind) - site_kind_order(b->step.kind);
	return order;
}

/* Of the next entry of each file the first in order; of the same one the delta's, which is newer.
 */
static bool next_of_both(const struct ward_site_list *list, struct ward_site_cursor *cursor,
		struct site_walk *walk)
{
	struct site_walk other;
	bool has_base = walk_at(walk, &list->base, cursor->base, cursor->text);
	bool has_delta = list->has_delta &&
			 walk_at(&other, &list->delta, cursor->delta, cursor->text + WARD_LINK_MAX);
	int order = has_base && has_delta ? compare(walk, &other) : has_base ? -1 : 1;

	if (!has_base && !has_delta)
		return false;
	cursor->base += order <= 0;
	cursor->delta += order >= 0;
	if (order >= 0)
		*walk = other;
	return true;
}

bool ward_site_list_next(const struct ward_site_list *list, struct ward_site_cursor *cursor,
		struct ward_site_entry *entry)
{
	struct site_walk walk;

	do {
		if (!next_of_both(list, cursor, &walk))
			return false;
	} while (walk.step.flags & SITE_REMOVED);
	char *text = walk.word == cursor->text ? cursor->text + WARD_LINK_MAX : cursor->text;

	site_entry_from(&walk.step, site_walk_word(&walk), text, entry);
	return true;
}

ward_err ward_site_list_end(const struct ward_site_list *list,
		const struct ward_site_cursor *cursor, struct ward_error *error)
{
	if (cursor->base < list->base.head.entries ||
			(list->has_delta && cursor->delta < list->delta.head.entries))
		return ward_fail(error, WARD_E_CORRUPT,
				"the list %s is damaged; \"ward site verify\" says where",
				list->info.name);
	return WARD_OK;
}

/* ---- verifying ---- */

ward_err ward_site_list_verify(const struct ward_site_list *list, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 0; i < list->file_count && !err; i++)
		err = site_file_verify(list->files[i], error);
	return err;
}
