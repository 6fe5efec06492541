#include "bank/folder.h"
#include "bank/remarks.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

ward_err folder_path(const char *folder, const char *name, char path[4096],
		struct ward_error *error)
{
	int len = snprintf(path, 4096, "%s/%s", folder, name);

	if (len < 0 || len >= 4096)
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", folder);
	return WARD_OK;
}

/* A list that was deleted meanwhile has taken its lock file with it. */
static bool is_still_there(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

ward_err folder_lock(const char *folder, int *lock, struct ward_error *error)
{
	char path[4096];
	ward_err err = folder_path(folder, "lock", path, error);
	int fd;

	if (err)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return ward_fail(error, errno == EACCES ? WARD_E_DENIED : WARD_E_IO,
				"cannot make %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_still_there(fd, path)) {
		close(fd);
		return ward_fail(error, WARD_E_CONFLICT,
				"somebody else is changing the list in %s; try again when they "
				"are done",
				folder);
	}
	*lock = fd;
	return WARD_OK;
}

static bool is_named(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; manifest && i < manifest->segment_count; i++) {
		if (strcmp(manifest->segments[i], name) == 0)
			return true;
	}
	return false;
}

static bool may_go(const struct manifest *manifest, const char *name)
{
	ward_str text = ward_str_from(name);

	if (ward_str_ends(text, WARD_STR(".seg")))
		return !is_named(manifest, name);
	return ward_str_ends(text, WARD_STR(".tmp")) ||
	       ward_str_starts(text, WARD_STR(MANIFEST_NAME ".new.")) ||
	       ward_str_starts(text, WARD_STR(REMARKS_NAME ".new."));
}

void folder_sweep(const char *folder, const struct manifest *manifest)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		if (may_go(manifest, entry->d_name))
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
}
