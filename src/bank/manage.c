/*
 * What is done to a list as a whole, without reading its entries.
 */
#include "bank/folder.h"
#include "bank/list.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static ward_err lock_existing(const char *folder, int *lock, struct manifest *manifest,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	/* Taking the lock makes its file, which must not happen where there is no list. */
	if (access(folder, F_OK) < 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no list in %s", folder);
	err = folder_lock(folder, lock, error);
	if (err)
		return err;
	err = manifest_read(folder, manifest, error);
	if (err)
		close(*lock);
	return err;
}

ward_err ward_list_set_info(const char *folder, const struct ward_list_info *info,
		struct ward_error *error)
{
	struct manifest *manifest = calloc(1, sizeof(*manifest));
	ward_err err = list_info_check(info, error);
	int lock = -1;

	if (!err && !manifest)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to change %s", folder);
	if (!err)
		err = lock_existing(folder, &lock, manifest, error);
	if (!err) {
		int64_t created = manifest->info.created;
		uint32_t tag = manifest->info.tag;

		manifest->info = *info;
		manifest->info.created = created;
		manifest->info.tag = tag;
		manifest->info.changed = clock_now();
		err = manifest_replace(folder, manifest, error);
		close(lock);
	}
	free(manifest);
	return err;
}

/* ---- rename ---- */

/* "PARENT/lists" and "PARENT/lists/NAME" of "PARENT/lists/OLD". */
static ward_err path_beside(const char *folder, const char *name, char parent[4096],
		char path[4096], struct ward_error *error)
{
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	while (len > 0 && folder[len - 1] != '/')
		len--;
	int made = len > 0 ? snprintf(parent, 4096, "%.*s", (int)len, folder)
			   : snprintf(parent, 4096, ".");

	if (made < 0 || made >= 4096)
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", folder);
	return folder_path(parent, name, path, error);
}

/*
 * While a view is made the names hold still.  A list's folder is never empty, so rename() puts
 * ours in the place of nothing but an empty folder, which an import has just made or left.
 */
static ward_err rename_held(const char *folder, const char *parent, const char *path,
		struct ward_error *error)
{
	int held = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ward_err err = WARD_OK;

	if (held < 0)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", parent, strerror(errno));
	while (flock(held, LOCK_EX) < 0 && errno == EINTR)
		continue;
	if (rename(folder, path) < 0) {
		bool there = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;

		err = there ? ward_fail(error, WARD_E_EXISTS, "%s is there already", path)
			    : ward_fail(error, WARD_E_IO, "cannot rename %s: %s", folder,
					      strerror(errno));
	}
	close(held);
	return err ? err : file_sync_folder(parent, error);
}

ward_err ward_list_rename(const char *folder, const char *name, struct ward_error *error)
{
	struct manifest *manifest = calloc(1, sizeof(*manifest));
	char parent[4096], path[4096];
	int lock = -1;
	ward_err err = WARD_OK;

	if (!manifest)
		return ward_fail(error, WARD_E_NOMEM, "no memory to rename %s", folder);
	if (!list_name_valid(ward_str_from(name)))
		err = ward_fail(error, WARD_E_ARGUMENT,
				"a list's name is letters, digits, '.', '_' and '-', and begins "
				"with a letter or digit");
	if (!err)
		err = path_beside(folder, name, parent, path, error);
	if (!err)
		err = lock_existing(folder, &lock, manifest, error);
	if (!err && strcmp(manifest->info.name, name) == 0)
		err = ward_fail(error, WARD_E_EXISTS, "the list is called %s already", name);
	/* The name was its tag until now. */
	if (!err && manifest->info.tag == 0) {
		manifest->info.tag = manifest_tag(manifest);
		err = manifest_replace(folder, manifest, error);
	}
	if (!err)
		err = rename_held(folder, parent, path, error);
	if (lock >= 0)
		close(lock);
	free(manifest);
	return err;
}

/* ---- remarks ---- */

static ward_err replace_remark(const char *folder, const struct ward_remark *remark,
		struct ward_error *error)
{
	struct ward_list *list = NULL;
	struct ward_record record;
	ward_err err = ward_list_open(folder, &list, error);

	if (err)
		return err;
	if (ward_list_entry(list, remark->entry, &record))
		err = remarks_put(&list->remarks, remark, remark_signals(&record), error);
	else
		err = ward_fail(error, WARD_E_NOT_FOUND, "the list in %s has no such entry",
				folder);
	if (!err)
		err = remarks_write(folder, &list->remarks, error);
	ward_list_free(list);
	return err;
}

ward_err ward_list_remark(const char *folder, const struct ward_remark *remark,
		struct ward_error *error)
{
	struct manifest *manifest = calloc(1, sizeof(*manifest));
	int lock = -1;
	ward_err err = ward_remark_check(remark, error);

	if (!err && !manifest)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to change %s", folder);
	if (!err)
		err = lock_existing(folder, &lock, manifest, error);
	if (!err) {
		err = replace_remark(folder, remark, error);
		close(lock);
	}
	free(manifest);
	return err;
}

/* ---- delete ---- */

/* Files that are not ours stay, and so does the folder then. */
static ward_err remove_files(const char *folder, struct ward_error *error)
{
	static const char *const names[] = { OPINIONS_NAME, REMARKS_NAME, "lock" };
	char path[4096];
	ward_err err = WARD_OK;

	folder_sweep(folder, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !err; i++) {
		err = folder_path(folder, names[i], path, error);
		if (!err)
			(void)unlink(path);
	}
	if (!err && rmdir(folder) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		err = ward_fail(error, WARD_E_IO, "cannot remove %s: %s", folder, strerror(errno));
	return err;
}

/*
 * A list is gone when its manifest is: so that goes first, durably.  A broken list can be
 * deleted too.
 */
ward_err ward_list_delete(const char *folder, struct ward_error *error)
{
	char path[4096];
	int lock = -1;
	ward_err err = folder_path(folder, MANIFEST_NAME, path, error);

	if (!err && access(path, F_OK) < 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no list in %s", folder);
	if (!err)
		err = folder_lock(folder, &lock, error);
	if (err)
		return err;
	if (unlink(path) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot remove %s: %s", path, strerror(errno));
	if (!err)
		err = file_sync_folder(folder, error);
	if (!err)
		err = remove_files(folder, error);
	close(lock);
	return err;
}
