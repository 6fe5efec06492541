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

static bool meet(struct walk *walk, int folder, const char *path, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	if (S_ISDIR(st.st_mode))
		return !walk->source->enters(walk->source->context, path) ||
		       stack_push(&walk->folders, path);
	if (S_ISREG(st.st_mode) && walk->source->covers(walk->source->context, path))
		walk->ended = !walk->visit(walk->to, path, &st);
	return true;
}

/* One that cannot be opened has gone, or is not ours to see. */
static bool list(struct walk *walk, const char *folder)
{
	char path[HELD_PATH_MAX];
	struct dirent *entry;
	int fd;
	bool good = true;

	if (place_open_folder(folder, &fd, NULL) != WARD_OK)
		return true;
	DIR *entries = fdopendir(fd);

	if (!entries) {
		close(fd);
		return false;
	}
	while (good && !walk->ended && (entry = readdir(entries)) != NULL) {
		int len = snprintf(path, sizeof(path), "%s/%s", folder[1] ? folder : "",
				entry->d_name);

		if (len <= 0 || len >= (int)sizeof(path) || strcmp(entry->d_name, ".") == 0 ||
				strcmp(entry->d_name, "..") == 0)
			continue;
		good = meet(walk, fd, path, entry->d_name);
	}
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
		err = ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_DENIED,
				"the file cannot be opened: %s", strerror(errno));
	else if (fstat(opened.fd, &opened.st) < 0 || !S_ISREG(opened.st.st_mode))
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
