#include "agent/notice.h"

#include "agent/place.h"
#include "agent/stack.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, READ_SIZE = 65536, SLOTS_MIN = 256 };

#define MASK                                                                                      \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW | \
			IN_EXCL_UNLINK)

struct node {
	int wd; /* 0: an empty slot; the kernel counts from 1 */
	char *path;
};

struct notice {
	struct notice_to to;
	int fd;
	struct node *slots; /* open addressing, at most half full */
	size_t slot_count, count;
	bool limited; /* while a tree is added: there are no more watches */
};

/* ---- which watch is which folder ---- */

static size_t slot_of(const struct notice *notice, int wd)
{
	size_t at = (size_t)wd & (notice->slot_count - 1);

	while (notice->slots[at].wd != 0 && notice->slots[at].wd != wd)
		at = (at + 1) & (notice->slot_count - 1);
	return at;
}

static bool grow(struct notice *notice)
{
	struct node *before = notice->slots;
	size_t count = notice->slot_count;

	notice->slot_count = count ? 2 * count : SLOTS_MIN;
	notice->slots = calloc(notice->slot_count, sizeof(*notice->slots));
	if (!notice->slots) {
		notice->slots = before;
		notice->slot_count = count;
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (before[i].wd != 0)
			notice->slots[slot_of(notice, before[i].wd)] = before[i];
	}
	free(before);
	return true;
}

static bool keep(struct notice *notice, int wd, const char *path)
{
	if (2 * (notice->count + 1) > notice->slot_count && !grow(notice))
		return false;
	char *copy = strdup(path);

	if (!copy)
		return false;
	struct node *node = &notice->slots[slot_of(notice, wd)];

	notice->count += node->wd == 0;
	free(node->path);
	node->wd = wd;
	node->path = copy;
	return true;
}

/* What lies behind a slot that becomes empty is put in anew. */
static void drop(struct notice *notice, int wd)
{
	size_t at = slot_of(notice, wd);

	if (notice->slots[at].wd == 0)
		return;
	free(notice->slots[at].path);
	notice->slots[at] = (struct node){ 0 };
	notice->count--;
	for (at = (at + 1) & (notice->slot_count - 1); notice->slots[at].wd != 0;
			at = (at + 1) & (notice->slot_count - 1)) {
		struct node moved = notice->slots[at];

		notice->slots[at] = (struct node){ 0 };
		notice->slots[slot_of(notice, moved.wd)] = moved;
	}
}

static const char *path_of(const struct notice *notice, int wd)
{
	return notice->slot_count > 0 ? notice->slots[slot_of(notice, wd)].path : NULL;
}

bool notice_has(const struct notice *notice, int watch)
{
	return watch > 0 && path_of(notice, watch) != NULL;
}

/* ---- watching a tree ---- */

static bool join(char path[PATH_ROOM], const char *folder, const char *name)
{
	const char *between = folder[0] == '/' && folder[1] == '\0' ? "" : "/";
	int len = snprintf(path, PATH_ROOM, "%s%s%s", folder, between, name);

	return len > 0 && len < PATH_ROOM;
}

static void be_deaf(struct notice *notice, const char *folder, ward_err code, const char *why)
{
	struct ward_error error;

	(void)ward_fail(&error, code, "%s", why);
	notice->to.deaf(notice->to.context, folder, &error);
}

/* The rest of a tree would only cost time: it is swept. */
static void be_full(struct notice *notice, const char *folder)
{
	if (!notice->limited)
		be_deaf(notice, folder, WARD_E_LIMIT,
				"too few inotify watches (fs.inotify.max_user_watches): the rest "
				"is swept");
	notice->limited = true;
}

/* What has gone, or is a link by now, is nothing to hear of. */
static void be_hindered(struct notice *notice, const char *folder)
{
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return;
	be_deaf(notice, folder, errno == EACCES || errno == EPERM ? WARD_E_DENIED : WARD_E_IO,
			strerror(errno));
}

static bool is_folder(const struct dirent *entry, const char *path)
{
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	/* A folder opens as one; nothing is followed. */
	int fd;
	struct ward_error error;

	if (place_open_folder(path, &fd, &error) != WARD_OK)
		return false;
	close(fd);
	return true;
}

static void list(struct notice *notice, const char *folder, bool tell, struct stack *stack)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	char path[PATH_ROOM];

	while (entries && (errno = 0, entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!join(path, folder, entry->d_name)) {
			be_deaf(notice, folder, WARD_E_UNSUPPORTED, "a path is too long");
		} else if (is_folder(entry, path)) {
			if (!stack_push(stack, path))
				be_full(notice, path);
		} else if (tell && (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)) {
			notice->to.file(notice->to.context, path);
		}
	}
	if (errno != 0)
		be_hindered(notice, folder);
	if (entries)
		closedir(entries);
}

/* Watched before it is listed: nothing falls between. */
static int add_one(struct notice *notice, const char *folder, bool tell, struct stack *stack)
{
	if (!notice->to.enters(notice->to.context, folder))
		return 0;
	int wd = inotify_add_watch(notice->fd, folder, MASK);

	if (wd < 0 && errno != ENOSPC && errno != ENOMEM) {
		be_hindered(notice, folder);
		return 0;
	}
	if (wd > 0 && !keep(notice, wd, folder)) {
		(void)inotify_rm_watch(notice->fd, wd);
		wd = 0;
	}
	if (wd <= 0) {
		be_full(notice, folder);
		return 0;
	}
	list(notice, folder, tell, stack);
	return wd;
}

int notice_add(struct notice *notice, const char *folder, bool tell)
{
	struct stack stack = { .count = 0 };

	notice->limited = false;
	int wd = add_one(notice, folder, tell, &stack);

	for (char *next; (next = stack_pop(&stack)) != NULL; free(next)) {
		if (!notice->limited)
			(void)add_one(notice, next, tell, &stack);
	}
	stack_free(&stack);
	return wd;
}

void notice_remove(struct notice *notice, const char *folder)
{
	for (size_t i = 0; i < notice->slot_count;) {
		struct node *node = &notice->slots[i];

		if (node->wd != 0 && place_is_within(node->path, folder)) {
			(void)inotify_rm_watch(notice->fd, node->wd);
			drop(notice, node->wd); /* and another may be here now */
		} else {
			i++;
		}
	}
}

/* ---- what happened ---- */

static void take(struct notice *notice, const struct inotify_event *event)
{
	const char *folder = path_of(notice, event->wd);
	char path[PATH_ROOM];

	if (event->mask & IN_Q_OVERFLOW) {
		notice->to.lost(notice->to.context);
		return;
	}
	if (event->mask & IN_IGNORED) {
		if (folder)
			drop(notice, event->wd);
		return;
	}
	if (!folder || event->len == 0)
		return;
	if (!join(path, folder, event->name)) {
		be_deaf(notice, folder, WARD_E_UNSUPPORTED, "a path is too long");
		return;
	}
	if (!(event->mask & IN_ISDIR)) {
		if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE))
			notice->to.file(notice->to.context, path);
	} else if (event->mask & IN_MOVED_FROM) {
		notice_remove(notice, path);
	} else if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
		(void)notice_add(notice, path, true);
	}
}

void notice_read(struct notice *notice)
{
	static _Alignas(struct inotify_event) char events[READ_SIZE];
	ssize_t got;

	while ((got = read(notice->fd, events, sizeof(events))) > 0) {
		for (const char *at = events; at < events + got;) {
			const struct inotify_event *event = (const void *)at;

			at += sizeof(*event) + event->len;
			take(notice, event);
		}
	}
}

/* ---- life ---- */

ward_err notice_new(const struct notice_to *to, struct notice **notice, struct ward_error *error)
{
	struct notice *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->to = *to;
	made->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (made->fd < 0) {
		free(made);
		return ward_fail(error, WARD_E_LIMIT,
				"the system has no inotify left for us "
				"(fs.inotify.max_user_instances): %s",
				strerror(errno));
	}
	*notice = made;
	return WARD_OK;
}

void notice_free(struct notice *notice)
{
	if (!notice)
		return;
	close(notice->fd);
	for (size_t i = 0; i < notice->slot_count; i++)
		free(notice->slots[i].path);
	free(notice->slots);
	free(notice);
}

int notice_fd(const struct notice *notice)
{
	return notice->fd;
}

size_t notice_count(const struct notice *notice)
{
	return notice->count;
}
