#include "agent/place.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <unistd.h>

enum { NAME_ROOM = 256 };

/* Paths of files are not told: these words go to logs. */
static ward_err fail_open(struct ward_error *error)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return ward_fail(error, WARD_E_NOT_FOUND, "the file has gone");
	if (errno == ELOOP || errno == EACCES || errno == EPERM)
		return ward_fail(error, WARD_E_DENIED, "the file may not be opened: %s",
				strerror(errno));
	return ward_fail(error, WARD_E_IO, "the file cannot be opened: %s", strerror(errno));
}

/* One step down; closes where it came from. */
static int step(int from, ward_str name)
{
	char text[NAME_ROOM];

	if (name.len >= sizeof(text)) {
		close(from);
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	int next = openat(from, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int failure = errno;

	close(from);
	errno = failure;
	return next;
}

static ward_err walk(ward_str rest, int *folder, struct ward_error *error)
{
	int at = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (at >= 0 && rest.len > 0) {
		ward_str name = ward_str_cut(&rest, '/');

		if (ward_str_eq(name, WARD_STR("..")) || ward_str_eq(name, WARD_STR("."))) {
			close(at);
			return ward_fail(error, WARD_E_ARGUMENT, "a path without dots is wanted");
		}
		if (name.len > 0)
			at = step(at, name);
	}
	if (at < 0)
		return fail_open(error);
	*folder = at;
	return WARD_OK;
}

ward_err place_open_folder(const char *path, int *folder, struct ward_error *error)
{
	if (path[0] != '/')
		return ward_fail(error, WARD_E_ARGUMENT, "a path from / on is wanted");
	return walk(ward_str_from(path), folder, error);
}

ward_err place_folder(const char *path, int *folder, const char **name, struct ward_error *error)
{
	const char *slash = strrchr(path, '/');

	if (path[0] != '/' || slash[1] == '\0')
		return ward_fail(error, WARD_E_ARGUMENT, "a path from / on is wanted");
	ward_err err = walk((ward_str){ path, (size_t)(slash - path) }, folder, error);

	if (!err)
		*name = slash + 1;
	return err;
}

bool place_is_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (len == 1 && folder[0] == '/')
		return path[0] == '/';
	return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

bool place_matches(const char *path, const char *pattern)
{
	const char *slash = strrchr(path, '/');

	if (strchr(pattern, '/'))
		return fnmatch(pattern, path, FNM_PATHNAME) == 0;
	return fnmatch(pattern, slash ? slash + 1 : path, 0) == 0;
}
