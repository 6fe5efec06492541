#include "site/view.h"

#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

void ward_site_view_free(struct ward_site_view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < view->count; i++)
		ward_site_list_free(view->lists[i]);
	free(view->lists);
	free(view->others);
	free(view->folder);
	free(view);
}

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory for the lists");
}

/*
 * There is room for so many hits, and what decides must be among them: mandatory lists first, of
 * these the blocking ones, then allowing ones, blocking ones, and those that only log.
 */
static int rank_of(const struct ward_site_list *list)
{
	const struct ward_site_info *info = ward_site_list_info(list);

	if (info->mandatory)
		return info->sense == WARD_SITE_BLOCK ? 0 : 1;
	return info->sense == WARD_SITE_ALLOW ? 2 : info->sense == WARD_SITE_BLOCK ? 3 : 4;
}

/* Those of one rank stay in their order. */
static void rank_lists(struct ward_site_view *view)
{
	for (size_t i = 1; i < view->count; i++) {
		struct ward_site_list *list = view->lists[i];
		size_t at = i;

		for (; at > 0 && rank_of(view->lists[at - 1]) > rank_of(list); at--)
			view->lists[at] = view->lists[at - 1];
		view->lists[at] = list;
	}
}

ward_err ward_site_view_new(struct ward_site_list *const *lists, size_t count,
		struct ward_site_view **view, struct ward_error *error)
{
	struct ward_site_view *made = calloc(1, sizeof(*made));

	if (made)
		made->lists = calloc(count + 1, sizeof(struct ward_site_list *));
	if (!made || !made->lists) {
		free(made);
		return no_memory(error);
	}
	for (size_t i = 0; i < count; i++)
		made->lists[i] = lists[i];
	made->count = count;
	rank_lists(made);
	*view = made;
	return WARD_OK;
}

/* ---- a folder of lists ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct names {
	char (*at)[WARD_SITE_NAME_MAX];
	size_t count, room;
};

static bool keep_name(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 16;
		void *at = reallocarray(names->at, room, sizeof(*names->at));

		if (!at)
			return false;
		names->at = at;
		names->room = room;
	}
	memcpy(names->at[names->count++], name, strlen(name) + 1);
	return true;
}

static ward_err read_names(const char *folder, struct names *names, struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct ward_site_info info;
	struct dirent *entry;
	bool good = true;

	if (!entries && errno == ENOENT)
		return WARD_OK;
	if (!entries)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", folder, strerror(errno));
	while (good && (entry = readdir(entries))) {
		struct stat st;

		/* A file among the folders is no list. */
		if (ward_site_info_init(&info, ward_str_from(entry->d_name)) &&
				fstatat(dirfd(entries), entry->d_name, &st, 0) == 0 &&
				S_ISDIR(st.st_mode))
			good = keep_name(names, entry->d_name);
	}
	closedir(entries);
	if (good && names->count > 0)
		qsort(names->at, names->count, sizeof(*names->at), by_name);
	return good ? WARD_OK : no_memory(error);
}

/* What its files are is seen before they are read: then a change in between is noticed. */
static ward_err note_other(struct ward_site_view *view, const char *folder, const char *name)
{
	struct site_other *other = &view->others[view->other_count++];
	char path[4096];

	*other = (struct site_other){ 0 };
	memcpy(other->name, name, strlen(name) + 1);
	if (folder_path(folder, SITE_BASE_NAME, path, NULL))
		return WARD_E_LIMIT;
	other->base = site_ident_of(path);
	if (folder_path(folder, SITE_DELTA_NAME, path, NULL))
		return WARD_E_LIMIT;
	other->delta = site_ident_of(path);
	return WARD_OK;
}

static ward_err open_one(struct ward_site_view *view, const char *name, ward_site_damaged *damaged,
		void *context, struct ward_error *error)
{
	struct ward_error why = { 0 };
	char path[4096];
	ward_err err = folder_path(view->folder, name, path, error);

	if (!err && note_other(view, path, name))
		err = ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", path);
	if (err)
		return err;
	err = ward_site_list_open(path, &view->lists[view->count], &why);
	if (!err) {
		view->count++;
		view->other_count--;
		return WARD_OK;
	}
	/* A folder may be none of a list, or that of one that is being made. */
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err == WARD_E_NOMEM || !damaged) {
		if (error)
			*error = why;
		return err;
	}
	damaged(context, ward_str_from(name), &why);
	return WARD_OK;
}

ward_err ward_site_view_open(const char *folder, ward_site_damaged *damaged, void *context,
		struct ward_site_view **view, struct ward_error *error)
{
	struct ward_site_view *made = calloc(1, sizeof(*made));
	struct names names = { 0 };
	ward_err err = WARD_OK;

	if (!made)
		return no_memory(error);
	made->folder_ident = site_ident_of(folder);
	err = read_names(folder, &names, error);
	made->folder = strdup(folder);
	made->lists = calloc(names.count + 1, sizeof(struct ward_site_list *));
	made->others = calloc(names.count + 1, sizeof(*made->others));
	if (!err && (!made->folder || !made->lists || !made->others))
		err = no_memory(error);
	for (size_t i = 0; i < names.count && !err; i++)
		err = open_one(made, names.at[i], damaged, context, error);
	free(names.at);
	if (err) {
		ward_site_view_free(made);
		return err;
	}
	rank_lists(made);
	*view = made;
	return WARD_OK;
}

bool ward_site_view_is_current(const struct ward_site_view *view)
{
	struct site_ident now =
			view->folder ? site_ident_of(view->folder) : (struct site_ident){ 0 };
	bool current = !view->folder || site_ident_eq(&now, &view->folder_ident);

	for (size_t i = 0; i < view->count && current; i++)
		current = site_folder_is(view->lists[i]->folder, &view->lists[i]->base_ident,
				&view->lists[i]->delta_ident);
	for (size_t i = 0; i < view->other_count && current; i++) {
		const struct site_other *other = &view->others[i];
		char path[4096];

		current = folder_path(view->folder, other->name, path, NULL) == WARD_OK &&
			  site_folder_is(path, &other->base, &other->delta);
	}
	return current;
}

size_t ward_site_view_lists(const struct ward_site_view *view)
{
	return view->count;
}

const struct ward_site_list *ward_site_view_list(const struct ward_site_view *view, size_t index)
{
	return index < view->count ? view->lists[index] : NULL;
}
