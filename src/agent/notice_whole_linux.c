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

/* A file system that is listened to. */
struct mark {
	fsid_t id;
	int mount; /* a folder on it, through which its handles are opened */
	char *folder;
};

struct notice_whole {
	struct notice_to to;
	int fd;
	struct mark marks[MARKS_MAX];
	size_t count;
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
	for (size_t i = 0; i < whole->count; i++) {
		close(whole->marks[i].mount);
		free(whole->marks[i].folder);
	}
	close(whole->fd);
	free(whole);
}

int notice_whole_fd(const struct notice_whole *whole)
{
	return whole->fd;
}

size_t notice_whole_count(const struct notice_whole *whole)
{
	return whole->count;
}

/* ---- file systems ---- */

/* What it tells are handles; are they worth anything here? */
static bool gives_handles(int folder)
{
	union handle made = { .handle = { .handle_bytes = HANDLE_ROOM } };
	int mount_id;

	if (name_to_handle_at(folder, "", &made.handle, &mount_id, AT_EMPTY_PATH) < 0)
		return false;
	int again = open_by_handle_at(folder, &made.handle, O_PATH | O_CLOEXEC);

	if (again >= 0)
		close(again);
	return again >= 0;
}

static struct mark *find_mark(struct notice_whole *whole, const void *id)
{
	for (size_t i = 0; i < whole->count; i++) {
		if (memcmp(&whole->marks[i].id, id, sizeof(fsid_t)) == 0)
			return &whole->marks[i];
	}
	return NULL;
}

static ward_err mark(struct notice_whole *whole, int folder, const char *path,
		struct ward_error *error)
{
	struct statfs about;

	if (fstatfs(folder, &about) < 0 || !gives_handles(folder))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this file system gives no handles of its files");
	if (find_mark(whole, &about.f_fsid))
		return WARD_E_EXISTS;
	if (whole->count == MARKS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "too many file systems");
	if (fanotify_mark(whole->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, MASK, folder, NULL) < 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this file system cannot be listened to as a whole: %s",
				strerror(errno));
	char *copy = strdup(path);

	if (!copy)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	whole->marks[whole->count++] =
			(struct mark){ .id = about.f_fsid, .mount = folder, .folder = copy };
	return WARD_OK;
}

ward_err notice_whole_add(struct notice_whole *whole, const char *folder, struct ward_error *error)
{
	int fd;
	ward_err err = place_open_folder(folder, &fd, error);

	if (err)
		return err;
	err = mark(whole, fd, folder, error);
	if (err)
		close(fd);
	return err == WARD_E_EXISTS ? WARD_OK : err;
}

void notice_whole_remove(struct notice_whole *whole, const char *folder)
{
	for (size_t i = 0; i < whole->count;) {
		struct mark *mark = &whole->marks[i];

		if (!place_is_within(mark->folder, folder)) {
			i++;
			continue;
		}
		(void)fanotify_mark(whole->fd, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM, MASK,
				mark->mount, NULL);
		close(mark->mount);
		free(mark->folder);
		*mark = whole->marks[--whole->count];
	}
}

/* ---- what happened ---- */

/* The folder of an event, as it is called now. */
static bool folder_of(struct notice_whole *whole, const struct fanotify_event_info_fid *info,
		char path[PATH_ROOM])
{
	const struct file_handle *told = (const void *)info->handle;
	const struct mark *mark = find_mark(whole, &info->fsid);
	union handle handle = { .handle = { .handle_bytes = told->handle_bytes,
						.handle_type = told->handle_type } };
	char link[64];

	if (!mark || told->handle_bytes > HANDLE_ROOM)
		return false;
	memcpy(handle.room + sizeof(struct file_handle), told->f_handle, told->handle_bytes);
	int fd = open_by_handle_at(mark->mount, &handle.handle, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return false;
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

/* `behind` is what follows the event's head, aligned to four bytes as all in it is. */
static void take(struct notice_whole *whole, const struct fanotify_event_metadata *event,
		const char *behind)
{
	const struct fanotify_event_info_fid *info = (const void *)behind;
	char folder[PATH_ROOM], path[PATH_ROOM];

	if (event->mask & FAN_Q_OVERFLOW) {
		whole->to.lost(whole->to.context);
		return;
	}
	if (event->event_len < sizeof(*event) + sizeof(*info) + sizeof(struct file_handle) ||
			info->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
		return;
	uint64_t digest = digest_of(info);
	uint64_t *outside = &whole->outside[digest % OUTSIDE_MAX];

	if ((event->mask & FAN_ONDIR) && (event->mask & FAN_MOVED_TO))
		memset(whole->outside, 0, sizeof(whole->outside));
	if (*outside == digest || !folder_of(whole, info, folder))
		return;
	if (!whole->to.concerns(whole->to.context, folder)) {
		*outside = digest;
		return;
	}
	const struct file_handle *handle = (const void *)info->handle;
	const char *name = (const char *)handle->f_handle + handle->handle_bytes;
	int len = snprintf(path, sizeof(path), "%s/%s", folder[1] ? folder : "", name);

	if (len <= 0 || len >= (int)sizeof(path) || strcmp(name, ".") == 0)
		return;
	if (!(event->mask & FAN_ONDIR))
		whole->to.file(whole->to.context, path);
	else if (event->mask & FAN_MOVED_TO)
		whole->to.folder(whole->to.context, path);
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
}
