#include "disk/work.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "box/jail.h"
#include "box/wire.h"

enum { EXIT_NOT_STARTED_BY_WARD = 2, EXIT_NO_WALLS = 3, EXIT_BAD_ORDER = 4 };

/* Records are handed over when so many bytes wait, or after a second. */
#define BATCH_BYTES ((size_t)1 << 20)

enum { ALIVE_US = 1000000 };

/* ---- speech ---- */

static void say(struct disk_word word)
{
	word.magic = DISK_MAGIC;
	struct iovec piece = { &word, sizeof(word) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	if (sendmsg(WIRE_SOCKET_FD, &message, MSG_NOSIGNAL) != sizeof(word))
		_exit(EXIT_BAD_ORDER);
}

/* `fd` may be NULL when none is expected. */
static struct disk_ask hear(int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct disk_ask ask = { 0 };
	struct iovec piece = { &ask, sizeof(ask) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	ssize_t got;

	if (fd) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		*fd = -1;
	}
	do
		got = recvmsg(WIRE_SOCKET_FD, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got != sizeof(ask) || ask.magic != DISK_MAGIC)
		_exit(got == 0 ? 0 : EXIT_BAD_ORDER);
	if (fd && message.msg_controllen >= sizeof(struct cmsghdr) &&
			control.head.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.head), sizeof(*fd));
	return ask;
}

void work_alive(struct work *work)
{
	uint64_t now = clock_ticks_us();

	if (now - work->alive_us < ALIVE_US)
		return;
	work->alive_us = now;
	say((struct disk_word){ .kind = DISK_ALIVE });
}

void work_opening(size_t volume)
{
	say((struct disk_word){ .kind = DISK_OPENING, .len = volume });
}

void work_send(struct work *work, size_t len)
{
	if (work->stopped || len == 0)
		return;
	say((struct disk_word){ .kind = DISK_BATCH, .len = len });
	struct disk_ask ask = hear(NULL);

	if (ask.kind != DISK_NEXT && ask.kind != DISK_STOP)
		_exit(EXIT_BAD_ORDER);
	work->stopped = ask.kind == DISK_STOP;
	work->alive_us = clock_ticks_us();
}

void work_flush(struct work *work, bool all)
{
	struct ward_buf *batch = &work->batch;

	if (batch->failed)
		_exit(EXIT_BAD_ORDER);
	if (batch->len == 0 || (!all && batch->len < BATCH_BYTES &&
					       clock_ticks_us() - work->alive_us < ALIVE_US))
		return;
	memcpy(work->window, batch->ptr, batch->len);
	work_send(work, batch->len);
	ward_buf_clear(batch);
}

void work_trouble(struct work *work, ward_err err, ward_str path, const char *message)
{
	if (work->quiet)
		return;
	if (path.len > DISK_PATH_MAX)
		path.len = DISK_PATH_MAX;
	disk_answer_trouble(&work->batch,
			&(struct disk_trouble){ err, path, ward_str_from(message) });
	work_flush(work, false);
}

/* ---- the image ---- */

static bool read_files(const struct work *work, uint64_t offset, uint8_t *to, size_t len)
{
	return segments_read(&work->files, offset, to, len, NULL);
}

bool work_read(struct work *work, uint64_t offset, uint8_t *to, size_t len)
{
	work_alive(work);
	if (work->virtual)
		return virtual_read(work->virtual, offset, to, len);
	return work->ewf ? ewf_read(work->ewf, offset, to, len) : read_files(work, offset, to, len);
}

static bool read_file(void *context, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	const struct work *work = context;
	const struct segment *segment = &work->files.at[file];

	return at <= segment->len && len <= segment->len - at &&
	       read_files(work, segment->from + at, to, len);
}

static uint64_t file_len(void *context, size_t file)
{
	return ((const struct work *)context)->files.at[file].len;
}

/* What is no raw image, by its first bytes, and is not read. */
static ward_err refuse_others(const struct work *work, struct ward_error *error)
{
	static const struct {
		const char *name, *magic;
		size_t len;
	} others[] = {
		{ "EnCase's logical evidence (L01)", "LVF", 3 },
		{ "EnCase's logical evidence (Lx01)", "LEF2\r\n\x81", 7 },
		{ "VMDK of old servers", "COWD", 4 },
		{ "AFF", "AFF10\r\n", 7 },
	};
	uint8_t head[8];

	if (!read_files(work, 0, head, sizeof(head)))
		return WARD_OK;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (memcmp(head, others[i].magic, others[i].len) == 0)
			return ward_fail(error, WARD_E_UNSUPPORTED,
					"images of this kind are not read: %s; make a raw one of "
					"it",
					others[i].name);
	}
	return WARD_OK;
}

/* Behind the walls: how the disk lies in its files. */
static ward_err open_disk(struct work *work, struct ward_error *error)
{
	const struct disk_source source = { work, read_file, work->files.count, file_len };
	ward_err err = work->raw ? WARD_OK : refuse_others(work, error);

	work->size = work->files.size;
	if (err || work->raw)
		return err;
	if (ewf_is(&source)) {
		err = ewf_open(&source, &work->ewf, error);
		work->size = err ? 0 : ewf_size(work->ewf);
		work->remark = disk_source_is_disk(&source) ? disk_two_faces : NULL;
	} else if (virtual_is(&source)) {
		err = virtual_open(&source, &work->virtual, error);
		work->size = err ? 0 : virtual_size(work->virtual);
		work->remark = err ? NULL : virtual_remark(work->virtual);
	}
	return err;
}

/* The Sleuth Kit gives back only its own part of this. */
struct image {
	TSK_IMG_INFO info;
	struct work *work;
};

static ssize_t read_image(TSK_IMG_INFO *info, TSK_OFF_T offset, char *to, size_t len)
{
	struct work *work = ((struct image *)info)->work;
	uint64_t from = (uint64_t)offset;

	if (offset < 0 || from >= work->size)
		return -1;
	if (len > work->size - from)
		len = (size_t)(work->size - from);
	return work_read(work, from, (uint8_t *)to, len) ? (ssize_t)len : -1;
}

static void close_image(TSK_IMG_INFO *info)
{
	(void)info;
}

static void describe_image(TSK_IMG_INFO *info, FILE *to)
{
	(void)info;
	(void)to;
}

static bool open_image(struct work *work)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		return false;
	image->work = work;
	work->image = tsk_img_open_external(image, (TSK_OFF_T)work->size, 512, read_image,
			close_image, describe_image);
	return work->image != NULL;
}

/* ---- the order of things ---- */

static bool share(struct work *work)
{
	struct stat socket, shared;

	if (fstat(WIRE_SOCKET_FD, &socket) < 0 || !S_ISSOCK(socket.st_mode) ||
			fstat(WIRE_MEMORY_FD, &shared) < 0 || shared.st_size != (off_t)DISK_WINDOW)
		return false;
	work->window = mmap(NULL, DISK_WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, WIRE_MEMORY_FD,
			0);
	return work->window != MAP_FAILED;
}

/* Before the walls, which bound how many descriptors may come; not a byte is read from them. */
static void take_segments(struct work *work)
{
	struct disk_ask ask;
	int fd;

	while ((ask = hear(&fd)).kind == DISK_SEGMENT || ask.kind == DISK_SHUT) {
		if (ask.kind == DISK_SHUT && ask.volume < DISK_OPENED_MAX) {
			work->shut[ask.volume] = true;
			continue;
		}
		if (fd < 0 || !segments_add(&work->files, fd, ask.len))
			_exit(EXIT_BAD_ORDER);
	}
	work->raw = ask.len != 0;
	if (ask.kind != DISK_BEGIN || work->files.count == 0)
		_exit(EXIT_BAD_ORDER);
}

static ward_err tell_bytes(struct work *work, const struct disk_ask *ask, struct ward_error *error)
{
	for (uint64_t done = 0; done < ask->len && !work->stopped;) {
		size_t len = ask->len - done < DISK_WINDOW / 4 ? (size_t)(ask->len - done)
							       : DISK_WINDOW / 4;

		if (!work_read(work, ask->at + done, work->window, len))
			return ward_fail(error, WARD_E_IO,
					"the image is damaged or cannot be read at byte %" PRIu64
					" of the disk",
					ask->at + done);
		work_send(work, len);
		done += len;
	}
	return WARD_OK;
}

static ward_err answer(struct work *work, const struct disk_ask *ask, struct ward_error *error)
{
	if (ask->kind == DISK_BYTES)
		return tell_bytes(work, ask, error);
	work_find_volumes(work);
	if (ask->kind == DISK_VOLUMES)
		return work_volumes(work, error);
	if (ask->volume >= work->volume_count)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such volume");
	struct work_volume *volume = &work->volumes[ask->volume];

	switch (ask->kind) {
	case DISK_LIST:
		return work_list(work, volume, error);
	case DISK_CARVE:
		return work_carve(work, volume, error);
	case DISK_READ:
		return work_content(work, volume, ask, error);
	default:
		_exit(EXIT_BAD_ORDER);
	}
}

static void answer_all(struct work *work)
{
	for (;;) {
		struct ward_error error = { 0 };
		struct disk_ask ask = hear(NULL);
		struct disk_word word = { .kind = DISK_END };

		work->stopped = false;
		work->alive_us = clock_ticks_us();
		word.err = answer(work, &ask, &error);
		work_flush(work, true);
		if (word.err)
			snprintf(word.text, sizeof(word.text), "%s", error.message);
		say(word);
	}
}

/* How large the disk is, or why it cannot be read. */
static void say_ready(struct work *work, unsigned walls)
{
	struct disk_word word = { .kind = DISK_READY, .walls = walls };
	struct ward_error error = { 0 };
	uint8_t digest[20];

	work->alive_us = clock_ticks_us();
	word.err = open_disk(work, &error);
	if (!word.err && !open_image(work))
		word.err = ward_fail(&error, WARD_E_NOMEM, "out of memory");
	word.len = work->size;
	word.packed = work->ewf || work->virtual;
	if (word.err)
		snprintf(word.text, sizeof(word.text), "%s", error.message);
	else if (work->ewf)
		ward_hex_format(digest, ewf_stored(work->ewf, digest), word.text);
	say(word);
}

int work_main(void)
{
	static struct work work;

	if (!share(&work)) {
		fprintf(stderr, "ward-worker-disk is started by ward itself; there is nothing to "
				"do here by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	/* FAT and ISO 9660 keep times without a zone, which are read as if in UTC; asked for now,
	 * the C library does not look for its table of zones behind the walls. */
	setenv("TZ", "UTC0", 1);
	tzset();
	ward_buf_init(&work.batch, DISK_WINDOW);
	take_segments(&work);
	unsigned walls = jail_close_but(JAIL_PREAD);

	if (!(walls & WIRE_WALL_SECCOMP))
		return EXIT_NO_WALLS;
	say_ready(&work, walls);
	answer_all(&work);
	return 0;
}
