#include "agent/notice.h"

#include "agent/place.h"
#include "base/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	PATH_ROOM = 4096,
	READ_SIZE = 65536,
	MARKS_MAX = 256,
	HANDLE_ROOM = 128,
	OUTSIDE_MAX = 8192
};

#define MASK (FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_CREATE | FAN_ONDIR)

/*
 * A mount of a file system that is listened to.  The kernel listens to the file system, however
 * often it is mounted; where its files are called what depends on the mount.
 */
struct mark {
	fsid_t id;
	int mount_id;
	int mount;      /* a folder on it, through which its handles are opened */
	unsigned users; /* 0: an empty slot */
};

struct notice_whole {
	struct notice_to to;
	int fd;
	bool missed; /* a folder could not be opened: it is told as lost behind the news */
	struct mark marks[MARKS_MAX];
	/*
	 * Digests of the handles of folders that are none of ours: most of what happens on a
	 * system does so there, and an event then costs no call.  A folder is elsewhere only when
	 * it, or one above it, was moved, of which we hear; then all is forgotten.
	 */
	uint64_t outside[OUTSIDE_MAX];
};

union handle {
	struct file_handle handle;
	char room[sizeof(struct file_handle) + HANDLE_ROOM];
};

/* ---- life ---- */

ward_err notice_whole_new(const struct notice_to *to, struct notice_whole **whole,
		struct ward_error *error)
{
	struct notice_whole *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->to = *to;
	made->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_NONBLOCK |
						 FAN_CLOEXEC,
			O_RDONLY | O_CLOEXEC);
	if (made->fd < 0) {
		free(made);
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the system does not let us listen to whole file systems: %s",
				strerror(errno));
	}
	*whole = made;
	return WARD_OK;
}

void notice_whole_free(struct notice_whole *whole)
{
	if (!whole)
		return;
	for (size_t i = 0; i < MARKS_MAX; i++) {
		if (whole->marks[i].users > 0)
			close(whole->marks[i].mount);
	}
	close(whole->fd);
	free(whole);
}

int notice_whole_fd(const struct notice_whole *whole)
{
	return whole->fd;
}

/* ---- file systems ---- */

/* The next mark at or behind `at` of this file system; NULL: there is none. */
static struct mark *next_mark(struct notice_whole *whole, const void *id, size_t at)
{
	for (; at < MARKS_MAX; at++) {
		if (whole->marks[at].users > 0 &&
				memcmp(&whole->marks[at].id, id, sizeof(fsid_t)) == 0)
			return &whole->marks[at];
	}
	return NULL;
}

/* Counted at the first of its marks. */
size_t notice_whole_count(const struct notice_whole *whole)
{
	size_t count = 0;

	for (size_t i = 0; i < MARKS_MAX; i++) {
		bool first = whole->marks[i].users > 0;

		for (size_t j = 0; j < i && first; j++)
			first = whole->marks[j].users == 0 ||
				memcmp(&whole->marks[j].id, &whole->marks[i].id, sizeof(fsid_t)) !=
						0;
		count += first;
	}
	return count;
}

/* What it tells are handles; are they worth anything here?  And by which mount is it here? */
static bool gives_handles(int folder, int *mount_id)
{
	union handle made = { .handle = { .handle_bytes = HANDLE_ROOM } };

	if (name_to_handle_at(folder, "", &made.handle, mount_id, AT_EMPTY_PATH) < 0)
		return false;
	int again = open_by_handle_at(folder, &made.handle, O_PATH | O_CLOEXEC);

	if (again >= 0)
		close(again);
	return again >= 0;
}

/* One that is there of this mount, or an empty one; NULL: all are used. */
static struct mark *find_slot(struct notice_whole *whole, const fsid_t *id, int mount_id)
{
	struct mark *empty = NULL;

	for (size_t i = 0; i < MARKS_MAX; i++) {
		struct mark *mark = &whole->marks[i];

		if (mark->users == 0)
			empty = empty ? empty : mark;
		else if (mark->mount_id == mount_id && memcmp(&mark->id, id, sizeof(*id)) == 0)
			return mark;
	}
	return empty;
}

static ward_err mark(struct notice_whole *whole, int folder, int *made, struct ward_error *error)
{
	struct statfs about;
	int mount_id;

	if (fstatfs(folder, &about) < 0 || !gives_handles(folder, &mount_id))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this file system gives no handles of its files");
	struct mark *mark = find_slot(whole, &about.f_fsid, mount_id);

	if (!mark)
		return ward_fail(error, WARD_E_LIMIT, "too many file systems");
	/* A second time it is the same mark to the kernel. */
	if (mark->users == 0 && fanotify_mark(whole->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, MASK,
						folder, NULL) < 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this file system cannot be listened to as a whole: %s",
				strerror(errno));
	if (mark->users++ == 0) {
		*mark = (struct mark){ about.f_fsid, mount_id, folder, 1 };
		/* By another mount they may be ours. */
		memset(whole->outside, 0, sizeof(whole->outside));
	} else {
		close(folder);
	}
	*made = (int)(mark - whole->marks);
	return WARD_OK;
}

ward_err notice_whole_add(struct notice_whole *whole, const char *folder, int *made,
		struct ward_error *error)
{
	int fd;
	ward_err err = place_open_folder(folder, &fd, error);

	if (err)
		return err;
	err = mark(whole, fd, made, error);
	if (err)
		close(fd);
	return err;
}

void notice_whole_remove(struct notice_whole *whole, int made)
{
	struct mark *mark = &whole->marks[made];
	struct mark gone = *mark;

	if (mark->users == 0 || --mark->users > 0)
		return;
	if (!next_mark(whole, &gone.id, 0))
		(void)fanotify_mark(whole->fd, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM, MASK,
				gone.mount, NULL);
	close(gone.mount);
}

/* ---- what happened ---- */

/* The folder of an event, as it is called now below one of the mounts. */
static bool folder_of(struct notice_whole *whole, const struct mark *mark,
		const struct fanotify_event_info_fid *info, char path[PATH_ROOM])
{
	const struct file_handle *told = (const void *)info->handle;
	union handle handle = { .handle = { .handle_bytes = told->handle_bytes,
						.handle_type = told->handle_type } };
	char link[64];

	if (told->handle_bytes > HANDLE_ROOM)
		return false;
	memcpy(handle.room + sizeof(struct file_handle), told->f_handle, told->handle_bytes);
	int fd = open_by_handle_at(mark->mount, &handle.handle, O_PATH | O_CLOEXEC);

	if (fd < 0) {
		/* ESTALE: it has gone.  Otherwise we do not know whose it is. */
		whole->missed = whole->missed || errno == EMFILE || errno == ENFILE ||
				errno == ENOMEM || errno == EIO;
		return false;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, PATH_ROOM - 1);

	close(fd);
	if (len <= 0 || path[0] != '/')
		return false;
	path[len] = '\0';
	return true;
}

static uint64_t digest_of(const struct fanotify_event_info_fid *info)
{
	const struct file_handle *handle = (const void *)info->handle;

	if (handle->handle_bytes > HANDLE_ROOM)
		return 0;
	return checksum_of(handle, sizeof(*handle) + handle->handle_bytes) ^
	       checksum_of(&info->fsid, sizeof(info->fsid));
}

/* What happened to a name in a folder that is of interest. */
static void tell(struct notice_whole *whole, uint64_t mask, const char *folder, const char *name)
{
	char path[PATH_ROOM];
	int len = snprintf(path, sizeof(path), "%s/%s", folder[1] ? folder : "", name);
	struct ward_error error;

	if (strcmp(name, ".") == 0)
		return;
	if (len <= 0 || len >= (int)sizeof(path)) {
		(void)ward_fail(&error, WARD_E_UNSUPPORTED, "a path is too long");
		whole->to.deaf(whole->to.context, folder, &error);
	} else if (!(mask & FAN_ONDIR)) {
		whole->to.file(whole->to.context, path);
	} else if (mask & FAN_MOVED_TO) {
		whole->to.folder(whole->to.context, path);
	}
}

/* `behind` is what follows the event's head, aligned to four bytes as all in it is. */
static void take(struct notice_whole *whole, const struct fanotify_event_metadata *event,
		const char *behind)
{
	const struct fanotify_event_info_fid *info = (const void *)behind;
	char folder[PATH_ROOM];

	if (event->mask & FAN_Q_OVERFLOW) {
		whole->to.lost(whole->to.context);
		return;
	}
	if (event->event_len < sizeof(*event) + sizeof(*info) + sizeof(struct file_handle) ||
			info->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
		return;
	uint64_t digest = digest_of(info);
	uint64_t *outside = &whole->outside[digest % OUTSIDE_MAX];
	const struct file_handle *handle = (const void *)info->handle;
	const char *name = (const char *)handle->f_handle + handle->handle_bytes;
	bool opened = false, concerns = false;

	if ((event->mask & FAN_ONDIR) && (event->mask & FAN_MOVED_TO))
		memset(whole->outside, 0, sizeof(whole->outside));
	if (*outside == digest)
		return;
	/* By a mount of a part of a file system the rest has a name that is none: nothing, or
	 * something else, is found there, and looked at for nothing. */
	for (struct mark *mark = next_mark(whole, &info->fsid, 0); mark;
			mark = next_mark(whole, &info->fsid, (size_t)(mark - whole->marks) + 1)) {
		if (!folder_of(whole, mark, info, folder))
			continue;
		opened = true;
		if (whole->to.concerns(whole->to.context, folder)) {
			concerns = true;
			tell(whole, event->mask, folder, name);
		}
	}
	if (opened && !concerns)
		*outside = digest;
}

void notice_whole_read(struct notice_whole *whole)
{
	static _Alignas(struct fanotify_event_metadata) char events[READ_SIZE];
	ssize_t got;

	while ((got = read(whole->fd, events, sizeof(events))) > 0) {
		const char *at = events, *end = events + got;

		while ((size_t)(end - at) >= sizeof(struct fanotify_event_metadata)) {
			struct fanotify_event_metadata event;

			/* Events are aligned to four bytes, their 64-bit masks as well. */
			memcpy(&event, at, sizeof(event));
			if (event.event_len < sizeof(event) || event.event_len > (size_t)(end - at))
				break;
			take(whole, &event, at + sizeof(event));
			at += event.event_len;
		}
	}
	if (whole->missed)
		whole->to.lost(whole->to.context);
	whole->missed = false;
}
