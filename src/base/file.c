#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reason is the system's words; the path is the operator's own and may be named. */
static ward_err fail_io(struct ward_error *error, const char *what, const char *path)
{
	ward_err code = WARD_E_IO;

	if (errno == ENOENT)
		code = WARD_E_NOT_FOUND;
	else if (errno == EACCES || errno == EPERM)
		code = WARD_E_DENIED;
	else if (errno == EEXIST)
		code = WARD_E_EXISTS;
	return ward_fail(error, code, "cannot %s %s: %s", what, path, strerror(errno));
}

static ward_err open_regular(const char *path, int *fd, size_t *len, struct ward_error *error)
{
	struct stat st;
	int opened = open(path, O_RDONLY | O_CLOEXEC);

	if (opened < 0)
		return fail_io(error, "open", path);
	if (fstat(opened, &st) < 0) {
		ward_err err = fail_io(error, "look at", path);

		close(opened);
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		close(opened);
		return ward_fail(error, WARD_E_ARGUMENT, "%s is not a regular file", path);
	}
	*fd = opened;
	*len = (size_t)st.st_size;
	return WARD_OK;
}

#define FILE_PAGE 4096

ward_err file_read(const char *path, size_t len_max, char **text, size_t *len,
		struct ward_error *error)
{
	size_t size;
	size_t have = 0;
	int fd;
	ward_err err = open_regular(path, &fd, &size, error);

	if (err)
		return err;
	if (size > len_max) {
		close(fd);
		return ward_fail(error, WARD_E_LIMIT, "%s is larger than %zu bytes", path, len_max);
	}
	/* The files of /proc state no size. */
	if (size == 0)
		size = len_max < FILE_PAGE ? len_max : FILE_PAGE;
	char *content = malloc(size + 1);

	if (!content)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to read %s", path);
	while (!err && have < size) {
		ssize_t got = read(fd, content + have, size - have);

		if (got > 0)
			have += (size_t)got;
		else if (got == 0)
			break; /* it shrank: what is there is what it holds now */
		else if (errno != EINTR)
			err = fail_io(error, "read", path);
	}
	close(fd);
	if (err) {
		free(content);
		return err;
	}
	content[have] = '\0';
	*text = content;
	*len = have;
	return WARD_OK;
}

ward_err file_write_all(int fd, const void *bytes, size_t len, struct ward_error *error)
{
	const char *next = bytes;

	while (len > 0) {
		ssize_t done = write(fd, next, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return ward_fail(error, WARD_E_IO, "cannot write: %s", strerror(errno));
		next += done;
		len -= (size_t)done;
	}
	return WARD_OK;
}

ward_err file_read_at(int fd, uint64_t offset, void *bytes, size_t len, struct ward_error *error)
{
	uint8_t *next = bytes;

	while (len > 0) {
		ssize_t done = pread(fd, next, len, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return ward_fail(error, WARD_E_IO,
					done < 0 ? "the file cannot be read"
						 : "the file became shorter while it was read");
		next += done;
		offset += (uint64_t)done;
		len -= (size_t)done;
	}
	return WARD_OK;
}

static ward_err parent_of(const char *path, char *folder, size_t room, struct ward_error *error)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len + 2 > room)
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", path);
	if (!slash)
		memcpy(folder, ".", 2);
	else if (len == 0)
		memcpy(folder, "/", 2);
	else {
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	return WARD_OK;
}

ward_err file_sync_folder(const char *path, struct ward_error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ward_err err = WARD_OK;

	if (fd < 0)
		return fail_io(error, "open", path);
	if (fsync(fd) < 0)
		err = fail_io(error, "sync", path);
	close(fd);
	return err;
}

ward_err file_replace(const char *path, ward_bytes content, unsigned mode, struct ward_error *error)
{
	char folder[4096];
	char beside[4096];
	ward_err err = parent_of(path, folder, sizeof(folder), error);
	int fd;

	if (err)
		return err;
	int len = snprintf(beside, sizeof(beside), "%s.new.%ld", path, (long)getpid());

	if (len < 0 || (size_t)len >= sizeof(beside))
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return fail_io(error, "make", beside);
	err = file_write_all(fd, content.ptr, content.len, NULL);
	if (err)
		err = fail_io(error, "write", beside);
	if (!err && fsync(fd) < 0)
		err = fail_io(error, "sync", beside);
	if (close(fd) < 0 && !err)
		err = fail_io(error, "close", beside);
	if (!err && rename(beside, path) < 0)
		err = fail_io(error, "replace", path);
	if (err) {
		unlink(beside);
		return err;
	}
	return file_sync_folder(folder, error);
}

/* One that is there is fine; one that is made is still there after a power cut. */
static ward_err make_folder(const char *path, unsigned mode, struct ward_error *error)
{
	char parent[4096];
	ward_err err = parent_of(path, parent, sizeof(parent), error);

	if (err)
		return err;
	if (mkdir(path, (mode_t)mode) < 0)
		return errno == EEXIST ? WARD_OK : fail_io(error, "make folder", path);
	return file_sync_folder(parent, error);
}

ward_err file_make_folders(const char *path, unsigned mode, struct ward_error *error)
{
	char prefix[4096];
	size_t len = strlen(path);
	struct stat st;
	ward_err err = WARD_OK;

	if (len == 0 || len >= sizeof(prefix))
		return ward_fail(error, WARD_E_ARGUMENT, "the path is empty or too long");
	memcpy(prefix, path, len + 1);
	for (size_t i = 1; i <= len && !err; i++) {
		if (prefix[i] != '/' && prefix[i] != '\0')
			continue;
		char keep = prefix[i];

		prefix[i] = '\0';
		err = make_folder(prefix, mode, error);
		prefix[i] = keep;
	}
	if (err)
		return err;
	if (stat(path, &st) < 0)
		return fail_io(error, "look at", path);
	if (!S_ISDIR(st.st_mode))
		return ward_fail(error, WARD_E_EXISTS, "%s is there and is not a folder", path);
	return WARD_OK;
}

ward_err file_map_open(const char *path, struct file_map *map, struct ward_error *error)
{
	size_t len;
	int fd;
	ward_err err = open_regular(path, &fd, &len, error);
	void *mapped = NULL;

	if (err)
		return err;
	if (len > 0)
		mapped = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		err = fail_io(error, "map", path);
	close(fd);
	if (!err)
		*map = (struct file_map){ mapped, len };
	return err;
}

void file_map_close(struct file_map *map)
{
	if (map->ptr)
		munmap((void *)(uintptr_t)map->ptr, map->len);
	*map = (struct file_map){ NULL, 0 };
}
