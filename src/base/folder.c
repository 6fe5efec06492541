#include "base/folder.h"

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
