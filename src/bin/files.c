#include "bin/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The walk goes down by recursion, at most one folder for every two bytes of a
 * path; so this bounds its stack too, to about 3 MB.
 */
#define PATH_CAP ((size_t)1 << 14)

/* The folders we are in, innermost first, so that a link cannot lead in circles. */
struct folder {
	dev_t device;
	ino_t node;
	const struct folder *outer;
};

struct entry {
	char *name;
	unsigned char type;
};

struct entries {
	struct entry *at;
	size_t count, room;
};

struct walk {
	const struct files_options *options;
	files_visit *visit;
	void *context;
	struct files_skipped *skipped;
	struct ward_buf path;
};

static bool walk_folder(struct walk *walk, bool named, const struct folder *outer);

static const char *path_of(struct walk *walk)
{
	return ward_buf_text(&walk->path).ptr;
}

struct ward_error files_error(int number)
{
	struct ward_error error;
	ward_err code = WARD_E_IO;

	if (number == ENOENT || number == ENOTDIR)
		code = WARD_E_NOT_FOUND;
	else if (number == EACCES || number == EPERM)
		code = WARD_E_DENIED;
	(void)ward_fail(&error, code, "%s", strerror(number));
	return error;
}

/*
 * The system takes PATH_MAX bytes at a time, but folders may lie deeper.  Goes
 * down a long path until what is left is short; returns the folder it starts
 * at, AT_FDCWD for a short path, or -1 with errno.
 */
static int descend(const char **path)
{
	char piece[PATH_MAX];
	int at = AT_FDCWD;

	while (strlen(*path) >= PATH_MAX) {
		size_t len = PATH_MAX - 1;

		while (len > 0 && (*path)[len] != '/')
			len--;
		memcpy(piece, *path, len);
		piece[len] = '\0';
		int next = len > 0 ? openat(at, piece, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		int failure = len > 0 ? errno : ENAMETOOLONG;

		if (at != AT_FDCWD)
			close(at);
		if (next < 0) {
			errno = failure;
			return -1;
		}
		at = next;
		*path += len;
		while (**path == '/')
			(*path)++;
	}
	return at;
}

static void ascend(int at)
{
	int failure = errno;

	if (at != AT_FDCWD)
		close(at);
	errno = failure;
}

int files_open(const char *path, int flags)
{
	int at = descend(&path);

	if (at == -1)
		return -1;
	int fd = openat(at, *path ? path : ".", flags | O_CLOEXEC);

	ascend(at);
	return fd;
}

static int look_at(const char *path, bool follow, struct stat *st)
{
	int at = descend(&path);

	if (at == -1)
		return -1;
	int failed = fstatat(at, *path ? path : ".", st, follow ? 0 : AT_SYMLINK_NOFOLLOW);

	ascend(at);
	return failed;
}

static bool trouble(struct walk *walk, int number)
{
	struct ward_error error = files_error(number);

	return walk->visit(walk->context, path_of(walk), 0, &error);
}

static bool special(struct walk *walk)
{
	struct ward_error error;

	(void)ward_fail(&error, WARD_E_ARGUMENT, "neither a file nor a folder");
	return walk->visit(walk->context, path_of(walk), 0, &error);
}

static bool visit_file(struct walk *walk, const struct stat *st)
{
	struct stat own;

	if (walk->options->sizes && !st) {
		if (look_at(path_of(walk), true, &own) < 0)
			return trouble(walk, errno);
		st = &own;
	}
	return walk->visit(walk->context, path_of(walk), st ? (uint64_t)st->st_size : 0, NULL);
}

/* What `path` is, when it must be looked at. */
static bool visit_stat(struct walk *walk, bool named, const struct folder *outer)
{
	bool follow = named || walk->options->follow;
	struct stat st;

	if (look_at(path_of(walk), follow, &st) < 0)
		return trouble(walk, errno);
	if (S_ISREG(st.st_mode))
		return visit_file(walk, &st);
	if (S_ISDIR(st.st_mode))
		return walk_folder(walk, named, outer);
	if (named)
		return special(walk);
	if (S_ISLNK(st.st_mode))
		walk->skipped->links++;
	else
		walk->skipped->special++;
	return true;
}

static bool visit_entry(struct walk *walk, const struct entry *entry, const struct folder *outer)
{
	switch (entry->type) {
	case DT_REG:
		return visit_file(walk, NULL);
	case DT_DIR:
		return walk_folder(walk, false, outer);
	case DT_LNK:
		if (!walk->options->follow) {
			walk->skipped->links++;
			return true;
		}
		return visit_stat(walk, false, outer);
	case DT_UNKNOWN:
		return visit_stat(walk, false, outer);
	default:
		walk->skipped->special++;
		return true;
	}
}

/* ---- reading a folder ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void free_entries(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->at[i].name);
	free(entries->at);
	*entries = (struct entries){ 0 };
}

static bool add_entry(struct entries *entries, const struct dirent *found)
{
	if (entries->count == entries->room) {
		size_t room = entries->room ? entries->room * 2 : 64;
		struct entry *grown = realloc(entries->at, room * sizeof(*grown));

		if (!grown)
			return false;
		entries->at = grown;
		entries->room = room;
	}
	struct entry *entry = &entries->at[entries->count];

	entry->type = found->d_type;
	entry->name = strdup(found->d_name);
	entries->count += entry->name != NULL;
	return entry->name != NULL;
}

/* 0, or the errno that ended the reading. */
static int read_entries(struct walk *walk, DIR *stream, struct entries *entries)
{
	for (;;) {
		errno = 0;
		const struct dirent *found = readdir(stream);

		if (!found)
			return errno;
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		if (found->d_name[0] == '.' && !walk->options->hidden)
			walk->skipped->hidden++;
		else if (!add_entry(entries, found))
			return ENOMEM;
	}
}

static bool is_inside_itself(const struct folder *folder)
{
	for (const struct folder *outer = folder->outer; outer; outer = outer->outer) {
		if (outer->device == folder->device && outer->node == folder->node)
			return true;
	}
	return false;
}

/* Opens the folder at the path and reads all of it; 0, or an errno.  Nothing stays open. */
static int open_and_read(struct walk *walk, bool named, struct folder *folder,
		struct entries *entries)
{
	int flags = O_RDONLY | O_DIRECTORY;
	int fd = files_open(path_of(walk),
			named || walk->options->follow ? flags : flags | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return errno;
	DIR *stream = fdopendir(fd);

	if (!stream || fstat(fd, &st) < 0) {
		int failure = errno;

		if (stream)
			closedir(stream);
		else
			close(fd);
		return failure;
	}
	folder->device = st.st_dev;
	folder->node = st.st_ino;
	int failure = 0;

	if (is_inside_itself(folder))
		failure = ELOOP;
	else if (walk->options->one_file_system && folder->outer &&
			folder->outer->device != folder->device)
		walk->skipped->special++;
	else
		failure = read_entries(walk, stream, entries);
	closedir(stream);
	return failure;
}

/* Goes on through what was read, also when the reading ended in trouble. */
static bool walk_folder(struct walk *walk, bool named, const struct folder *outer)
{
	struct folder folder = { .outer = outer };
	struct entries entries = { 0 };
	size_t len = walk->path.len;
	int failure = open_and_read(walk, named, &folder, &entries);
	bool go_on = !failure || trouble(walk, failure);

	if (entries.count > 1)
		qsort(entries.at, entries.count, sizeof(*entries.at), by_name);
	for (size_t i = 0; i < entries.count && go_on; i++) {
		if (len > 0 && walk->path.ptr[len - 1] != '/')
			ward_buf_char(&walk->path, '/');
		ward_buf_str(&walk->path, ward_str_from(entries.at[i].name));
		if (walk->path.failed) {
			walk->path.failed = false;
			walk->path.len = len;
			go_on = trouble(walk, ENAMETOOLONG);
		} else {
			go_on = visit_entry(walk, &entries.at[i], &folder);
		}
		walk->path.len = len;
	}
	free_entries(&entries);
	return go_on;
}

bool files_walk(const char *path, const struct files_options *options, files_visit *visit,
		void *context, struct files_skipped *skipped)
{
	struct walk walk = {
		.options = options,
		.visit = visit,
		.context = context,
		.skipped = skipped,
	};
	bool go_on;

	ward_buf_init(&walk.path, PATH_CAP);
	ward_buf_str(&walk.path, ward_str_from(path));
	if (walk.path.failed) {
		struct ward_error error = files_error(ENAMETOOLONG);

		go_on = visit(context, path, 0, &error);
	} else {
		go_on = visit_stat(&walk, true, NULL);
	}
	ward_buf_free(&walk.path);
	return go_on;
}

ward_err files_from(const char *names, char end, const struct files_options *options,
		files_visit *visit, void *context, struct files_skipped *skipped,
		struct ward_error *error)
{
	bool is_stdin = strcmp(names, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(names, "re");
	ward_err err = WARD_OK;
	char *name = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file)
		return ward_fail(error, WARD_E_IO, "cannot read %s: %s", names, strerror(errno));
	while ((len = getdelim(&name, &room, end, file)) > 0) {
		if (name[len - 1] == end)
			name[--len] = '\0';
		if (len > 0 && !files_walk(name, options, visit, context, skipped))
			break;
	}
	if (ferror(file))
		err = ward_fail(error, WARD_E_IO, "cannot read %s: %s", names, strerror(errno));
	free(name);
	if (!is_stdin)
		fclose(file);
	return err;
}
