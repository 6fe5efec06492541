#include "agent/source.h"

#include "agent/place.h"
#include "agent/stack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct walk {
	const struct source_folder *source;
	source_visit *visit;
	void *to;
	struct stack folders; /* still to be listed */
	bool ended;
};

static void miss(struct walk *walk, const char *path, const struct ward_error *error)
{
	if (walk->source->missed)
		walk->source->missed(walk->source->context, path, error);
}

/* What has gone meanwhile is nothing that was missed. */
static void miss_errno(struct walk *walk, const char *path, const char *what)
{
	struct ward_error error;

	if (errno == ENOENT)
		return;
	(void)ward_fail(&error, errno == EACCES || errno == EPERM ? WARD_E_DENIED : WARD_E_IO,
			"%s: %s", what, strerror(errno));
	miss(walk, path, &error);
}

static bool meet(struct walk *walk, int folder, const char *path, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		miss_errno(walk, path, "a file cannot be asked about");
		return true;
	}
	if (S_ISDIR(st.st_mode))
		return !walk->source->enters(walk->source->context, path) ||
		       stack_push(&walk->folders, path);
	if (S_ISREG(st.st_mode) && walk->source->covers(walk->source->context, path))
		walk->ended = !walk->visit(walk->to, path, &st);
	return true;
}

static bool list_entry(struct walk *walk, int fd, const char *folder, const char *name)
{
	char path[HELD_PATH_MAX];
	struct ward_error error;
	int len = snprintf(path, sizeof(path), "%s/%s", folder[1] ? folder : "", name);

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	if (len > 0 && len < (int)sizeof(path))
		return meet(walk, fd, path, name);
	(void)ward_fail(&error, WARD_E_UNSUPPORTED, "a path is too long: the limit is %d bytes",
			HELD_PATH_MAX - 1);
	miss(walk, folder, &error);
	return true;
}

/* False without memory. */
static bool list(struct walk *walk, const char *folder)
{
	struct ward_error error;
	struct dirent *entry;
	int fd;
	bool good = true;
	ward_err err = place_open_folder(folder, &fd, &error);

	if (err) {
		if (err != WARD_E_NOT_FOUND)
			miss(walk, folder, &error);
		return true;
	}
	DIR *entries = fdopendir(fd);

	if (!entries) {
		close(fd);
		return false;
	}
	while (good && !walk->ended && (errno = 0, entry = readdir(entries)) != NULL)
		good = list_entry(walk, fd, folder, entry->d_name);
	if (good && !walk->ended && errno != 0)
		miss_errno(walk, folder, "a folder cannot be listed");
	closedir(entries);
	return good;
}

ward_err source_folder_sweep(void *source_folder, source_visit *visit, void *to,
		struct ward_error *error)
{
	struct walk walk = { .source = source_folder, .visit = visit, .to = to };
	int fd;
	ward_err err = place_open_folder(walk.source->folder, &fd, error);

	if (err)
		return err;
	close(fd);
	bool good = stack_push(&walk.folders, walk.source->folder);

	for (char *next; (next = stack_pop(&walk.folders)) != NULL; free(next)) {
		if (good && !walk.ended)
			good = list(&walk, next);
	}
	stack_free(&walk.folders);
	return good ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory to sweep a folder");
}

/* A link, a pipe, a device: nothing to look at, whatever it answered. */
static ward_err fail_open(int folder, const char *name, struct ward_error *error)
{
	int why = errno;
	struct stat st;

	if (why == ENOENT)
		return ward_fail(error, WARD_E_NOT_FOUND, "the file has gone");
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_UNSUPPORTED, "it is no regular file");
	return ward_fail(error, why == EACCES || why == EPERM ? WARD_E_DENIED : WARD_E_IO,
			"the file cannot be opened: %s", strerror(why));
}

ward_err source_folder_open(void *source_folder, const char *name, struct source_file *file,
		struct ward_error *error)
{
	const struct source_folder *source = source_folder;
	struct source_file opened = { .fd = -1 };

	if (!place_is_within(name, source->folder))
		return ward_fail(error, WARD_E_DENIED, "the file is not within the folder");
	ward_err err = place_folder(name, &opened.folder, &opened.name, error);

	if (err)
		return err;
	/* A pipe by this name must not keep us waiting. */
	opened.fd = openat(opened.folder, opened.name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (opened.fd < 0)
		err = fail_open(opened.folder, opened.name, error);
	else if (fstat(opened.fd, &opened.st) < 0)
		err = ward_fail(error, WARD_E_IO, "the file cannot be asked about: %s",
				strerror(errno));
	else if (!S_ISREG(opened.st.st_mode))
		err = ward_fail(error, WARD_E_UNSUPPORTED, "it is no regular file");
	if (err) {
		if (opened.fd >= 0)
			close(opened.fd);
		close(opened.folder);
		return err;
	}
	*file = opened;
	return WARD_OK;
}
