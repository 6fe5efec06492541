#include "bank/folder.h"
#include "bank/list.h"
#include "bank/opinions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file looked like: another manifest is another file, with its own number and times. */
struct stamp {
	uint64_t inode;
	int64_t size;
	int64_t seconds;
	int64_t nanoseconds;
};

/* A list that is open once, for all views that hold it. */
struct shared_list {
	atomic_uint holders;
	char name[WARD_LIST_NAME_MAX];
	struct stamp manifest;
	struct stamp opinions;
	struct stamp remarks;
	struct ward_list *list;
};

struct ward_bank_view {
	atomic_uint holders;
	size_t count;
	struct shared_list **lists; /* by name */
};

struct ward_bank {
	char *folder;
	pthread_mutex_t refreshing; /* one at a time makes a new view */
	pthread_mutex_t swapping;   /* held for the moment of taking or replacing `view` */
	struct ward_bank_view *view;
};

/* ---- holding ---- */

static void release_list(struct shared_list *shared)
{
	if (!shared || atomic_fetch_sub(&shared->holders, 1) > 1)
		return;
	ward_list_free(shared->list);
	free(shared);
}

void ward_bank_release(struct ward_bank_view *view)
{
	if (!view || atomic_fetch_sub(&view->holders, 1) > 1)
		return;
	for (size_t i = 0; i < view->count; i++)
		release_list(view->lists[i]);
	free(view->lists);
	free(view);
}

struct ward_bank_view *ward_bank_acquire(struct ward_bank *bank)
{
	struct ward_bank_view *view;

	pthread_mutex_lock(&bank->swapping);
	view = bank->view;
	atomic_fetch_add(&view->holders, 1);
	pthread_mutex_unlock(&bank->swapping);
	return view;
}

static void swap_view(struct ward_bank *bank, struct ward_bank_view *view)
{
	struct ward_bank_view *old;

	pthread_mutex_lock(&bank->swapping);
	old = bank->view;
	bank->view = view;
	pthread_mutex_unlock(&bank->swapping);
	ward_bank_release(old);
}

/* ---- what is there ---- */

static struct stamp stamp_of(const char *folder, const char *name, const char *file)
{
	char path[4096];
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file);

	if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &st) < 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec };
}

static bool stamp_eq(struct stamp a, struct stamp b)
{
	return a.inode == b.inode && a.size == b.size && a.seconds == b.seconds &&
	       a.nanoseconds == b.nanoseconds;
}

struct names {
	char (*at)[WARD_LIST_NAME_MAX];
	size_t count;
	size_t room;
};

static bool add_name(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = names->room ? names->room * 2 : 16;
		void *at = realloc(names->at, room * sizeof(*names->at));

		if (!at)
			return false;
		names->at = at;
		names->room = room;
	}
	memcpy(names->at[names->count++], name, strlen(name) + 1);
	return true;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(left, right);
}

/* A folder without a manifest is no list (yet): an import is under way, or died. */
static ward_err find_names(const char *folder, struct names *names, struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	ward_err err = WARD_OK;

	if (!entries && errno == ENOENT)
		return WARD_OK;
	if (!entries)
		return ward_fail(error, WARD_E_IO, "cannot look into %s: %s", folder,
				strerror(errno));
	while (!err && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.' ||
				!stamp_of(folder, entry->d_name, MANIFEST_NAME).inode)
			continue;
		if (!list_name_valid(ward_str_from(entry->d_name))) {
			/* Passed over, its signals would go unfound and nobody would know. */
			err = ward_fail(error, WARD_E_ARGUMENT,
					"a folder in %s holds a list and is not named like one: "
					"rename it (letters, digits, dots, dashes, underscores)",
					folder);
			break;
		}
		if (!add_name(names, entry->d_name))
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the lists of %s",
					folder);
	}
	closedir(entries);
	if (names->count > 1)
		qsort(names->at, names->count, sizeof(*names->at), by_name);
	return err;
}

/* ---- making a view ---- */

static ward_err open_shared(const char *folder, const char *name, struct shared_list *looked,
		struct shared_list **shared, struct ward_error *error)
{
	struct shared_list *made = malloc(sizeof(*made));
	char path[4096];
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to open the list %s", name);
	*made = *looked;
	atomic_init(&made->holders, 1);
	err = folder_path(folder, name, path, error);
	if (!err)
		err = ward_list_open(path, &made->list, error);
	if (err)
		free(made);
	else
		*shared = made;
	return err;
}

static struct shared_list *find_shared(const struct ward_bank_view *view, const char *name)
{
	for (size_t i = 0; view && i < view->count; i++) {
		if (strcmp(view->lists[i]->name, name) == 0)
			return view->lists[i];
	}
	return NULL;
}

/*
 * Adds the list of this name to the view: the one the old view holds when it
 * is as it was, or the list as it is now, or after a failure the old one.
 */
static ward_err add_list(const char *folder, const char *name, const struct ward_bank_view *old,
		struct ward_bank_view *view, bool *changed, struct ward_error *error)
{
	struct shared_list *had = find_shared(old, name), *shared = had;
	struct shared_list looked = { 0 };
	ward_err err = WARD_OK;

	/* Looked at before it is opened: a change between the two is seen the next time. */
	memcpy(looked.name, name, strlen(name) + 1);
	looked.manifest = stamp_of(folder, name, MANIFEST_NAME);
	looked.opinions = stamp_of(folder, name, OPINIONS_NAME);
	looked.remarks = stamp_of(folder, name, REMARKS_NAME);
	if (!had || !stamp_eq(had->manifest, looked.manifest) ||
			!stamp_eq(had->opinions, looked.opinions) ||
			!stamp_eq(had->remarks, looked.remarks)) {
		err = open_shared(folder, name, &looked, &shared, error);
		*changed |= !err;
	}
	if (!shared)
		return err;
	if (shared == had)
		atomic_fetch_add(&had->holders, 1);
	view->lists[view->count++] = shared;
	return err;
}

/*
 * Nothing in the folder is renamed meanwhile (folder.h): a list whose name was
 * read and is another when it is opened would be missed.
 */
static int hold_names(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_SH) < 0 && errno == EINTR)
		continue;
	return fd;
}

/* A new view, also when some list failed: the first failure is returned. */
static ward_err make_view_of_names(const char *folder, const struct ward_bank_view *old,
		struct ward_bank_view **view, bool *changed, struct ward_error *error)
{
	struct names names = { 0 };
	struct ward_bank_view *made = calloc(1, sizeof(*made));
	ward_err err = find_names(folder, &names, error);

	if (made && !err) {
		made->lists = calloc(names.count + 1, sizeof(*made->lists));
		atomic_init(&made->holders, 1);
	}
	if (!err && (!made || !made->lists))
		err = ward_fail(error, WARD_E_NOMEM, "no memory for the lists of %s", folder);
	if (err) {
		free(made);
		free(names.at);
		return err;
	}
	for (size_t i = 0; i < names.count; i++) {
		struct ward_error why = { 0 };
		ward_err failed = add_list(folder, names.at[i], old, made, changed, &why);

		if (failed && !err)
			err = ward_fail(error, failed, "list %s: %s", names.at[i], why.message);
	}
	*changed |= old && old->count != made->count;
	free(names.at);
	*view = made;
	return err;
}

static ward_err make_view(const char *folder, const struct ward_bank_view *old,
		struct ward_bank_view **view, bool *changed, struct ward_error *error)
{
	int held = hold_names(folder);
	ward_err err = make_view_of_names(folder, old, view, changed, error);

	if (held >= 0)
		close(held);
	return err;
}

ward_err ward_bank_open(const char *folder, struct ward_bank **bank, struct ward_error *error)
{
	struct ward_bank *made = calloc(1, sizeof(*made));
	bool changed = false;
	ward_err err;

	if (!made || !(made->folder = strdup(folder))) {
		free(made);
		return ward_fail(error, WARD_E_NOMEM, "no memory to open %s", folder);
	}
	pthread_mutex_init(&made->refreshing, NULL);
	pthread_mutex_init(&made->swapping, NULL);
	err = make_view(folder, NULL, &made->view, &changed, error);
	if (err)
		ward_bank_free(made);
	else
		*bank = made;
	return err;
}

void ward_bank_free(struct ward_bank *bank)
{
	if (!bank)
		return;
	ward_bank_release(bank->view);
	pthread_mutex_destroy(&bank->refreshing);
	pthread_mutex_destroy(&bank->swapping);
	free(bank->folder);
	free(bank);
}

ward_err ward_bank_refresh(struct ward_bank *bank, bool *changed, struct ward_error *error)
{
	struct ward_bank_view *view = NULL;
	bool differs = false;
	ward_err err;

	pthread_mutex_lock(&bank->refreshing);
	err = make_view(bank->folder, bank->view, &view, &differs, error);
	if (view && differs)
		swap_view(bank, view);
	else
		ward_bank_release(view);
	pthread_mutex_unlock(&bank->refreshing);
	if (!err)
		*changed = differs;
	return err;
}

/* ---- looking at a view ---- */

size_t ward_bank_list_count(const struct ward_bank_view *view)
{
	return view->count;
}

const struct ward_list *ward_bank_list(const struct ward_bank_view *view, size_t index)
{
	return index < view->count ? view->lists[index]->list : NULL;
}

const struct ward_list *ward_bank_find(const struct ward_bank_view *view, ward_str name)
{
	for (size_t i = 0; i < view->count; i++) {
		if (ward_str_eq(ward_str_from(view->lists[i]->name), name))
			return view->lists[i]->list;
	}
	return NULL;
}
