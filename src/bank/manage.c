/*
 * What is done to a list as a whole, without reading its entries.
 */
#include "bank/folder.h"
#include "bank/opinions.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
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

		manifest->info = *info;
		manifest->info.created = created;
		manifest->info.changed = clock_now();
		err = manifest_replace(folder, manifest, error);
		close(lock);
	}
	free(manifest);
	return err;
}

/* Files that are not ours stay, and so does the folder then. */
static ward_err remove_files(const char *folder, struct ward_error *error)
{
	static const char *const names[] = { OPINIONS_NAME, "lock" };
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
