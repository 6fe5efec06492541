#include "disk/disk.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "box/process.h"
#include "box/wire.h"
#include "disk/wire.h"

/* A worker that works says so every second. */
enum { SILENCE_MS = 60000, TIME_S = 4 * 3600 };

enum {
	HEARS_MS = 10000, /* how long a worker may have no room for a question */
	LOOK_MS = 200,    /* how soon it is noticed that all is to be stopped */
};

/* The Sleuth Kit keeps tables of a file system in memory: of 100 million inodes about this much. */
#define MEMORY_MAX ((uint64_t)8 << 30)

struct disk {
	const struct disk_image *image;
	unsigned time_s;
	const atomic_bool *stopped; /* NULL: nobody stops it */
	struct process process;
	struct disk_facts facts;    /* of the last worker that was started */
	int memory;                 /* shared */
	const uint8_t *window;      /* of it */
	uint8_t *copy;              /* of a batch of records, when nobody else can write to it */
	size_t opening;             /* volume that it opens right now, or NO_VOLUME */
	bool shut[DISK_OPENED_MAX]; /* volumes at whose opening a worker fell */
};

#define NO_VOLUME SIZE_MAX

struct disk *disk_new(const struct disk_image *image, unsigned time_s)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (!disk)
		return NULL;
	*disk = (struct disk){ .image = image,
		.time_s = time_s ? time_s : TIME_S,
		.process = { 0, -1 },
		.memory = -1,
		.opening = NO_VOLUME };
	return disk;
}

void disk_heed(struct disk *disk, const atomic_bool *stopped)
{
	disk->stopped = stopped;
}

static void end_worker(struct disk *disk, char *why)
{
	process_end(&disk->process, why);
	if (disk->window)
		munmap((void *)(uintptr_t)disk->window, DISK_WINDOW);
	if (disk->memory >= 0)
		close(disk->memory);
	disk->window = NULL;
	disk->memory = -1;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	end_worker(disk, NULL);
	free(disk->copy);
	free(disk);
}

int disk_pid(const struct disk *disk)
{
	return disk->process.pid;
}

/* ---- speech ---- */

static bool is_stopped(const struct disk *disk)
{
	return disk->stopped && *disk->stopped;
}

/* A worker that reads has room for it soon; one that was taken over may never read. */
static bool send_within(const struct disk *disk, const struct msghdr *message, size_t len)
{
	uint64_t until = clock_ticks_us() + (uint64_t)HEARS_MS * 1000;
	struct pollfd ready = { .fd = disk->process.socket, .events = POLLOUT };

	while (clock_ticks_us() < until && !is_stopped(disk)) {
		ssize_t sent = sendmsg(ready.fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0 || (errno != EAGAIN && errno != EINTR))
			return sent == (ssize_t)len;
		(void)poll(&ready, 1, LOOK_MS);
	}
	return false;
}

static bool say(const struct disk *disk, struct disk_ask ask, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	ask.magic = DISK_MAGIC;
	struct iovec piece = { &ask, sizeof(ask) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	}
	return send_within(disk, &message, sizeof(ask));
}

/* Kills the worker and says why there is no answer. */
static ward_err gone(struct disk *disk, struct ward_error *error)
{
	char why[PROCESS_WHY_MAX] = "";

	if (disk->opening < DISK_OPENED_MAX && !is_stopped(disk))
		disk->shut[disk->opening] = true;
	end_worker(disk, why);
	return ward_fail(error, WARD_E_WORKER, "the worker that reads the disk %s", why);
}

static ward_err late(struct disk *disk, struct ward_error *error)
{
	if (disk->opening < DISK_OPENED_MAX)
		disk->shut[disk->opening] = true;
	end_worker(disk, NULL);
	return ward_fail(error, WARD_E_TIMEOUT,
			"the worker that reads the disk took longer than agreed");
}

static ward_err stop(struct disk *disk, struct ward_error *error)
{
	end_worker(disk, NULL);
	return ward_fail(error, WARD_E_TIMEOUT, "reading the disk was stopped");
}

/* False when it does not say anything in time. */
static bool await_word(const struct disk *disk, uint64_t until_us)
{
	uint64_t silent_us = clock_ticks_us() + (uint64_t)SILENCE_MS * 1000;
	struct pollfd ready = { .fd = disk->process.socket, .events = POLLIN };

	if (until_us > silent_us)
		until_us = silent_us;
	while (!is_stopped(disk) && clock_ticks_us() < until_us) {
		int events = poll(&ready, 1, LOOK_MS);

		if (events > 0 || (events < 0 && errno != EINTR))
			return true;
	}
	return false;
}

static ward_err hear(struct disk *disk, uint64_t until_us, struct disk_word *word,
		struct ward_error *error)
{
	for (;;) {
		if (!await_word(disk, until_us))
			return is_stopped(disk) ? stop(disk, error) : late(disk, error);
		if (recv(disk->process.socket, word, sizeof(*word), MSG_DONTWAIT) !=
						(ssize_t)sizeof(*word) ||
				word->magic != DISK_MAGIC)
			return gone(disk, error);
		if (word->kind == DISK_OPENING) {
			disk->opening = word->len < DISK_OPENED_MAX ? (size_t)word->len : NO_VOLUME;
			continue;
		}
		if (word->kind == DISK_ALIVE)
			continue;
		disk->opening = NO_VOLUME;
		return WARD_OK;
	}
}

/* ---- its start ---- */

static ward_err share(struct disk *disk, struct ward_error *error)
{
	void *window;

	disk->memory = file_memory("ward-worker-disk", error);
	if (disk->memory < 0)
		return WARD_E_NOMEM;
	/* The worker cannot make it shorter under our hands: its jail has no call for that. */
	if (ftruncate(disk->memory, (off_t)DISK_WINDOW) != 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory to share: %s", strerror(errno));
	window = mmap(NULL, DISK_WINDOW, PROT_READ, MAP_SHARED, disk->memory, 0);
	if (window == MAP_FAILED)
		return ward_fail(error, WARD_E_NOMEM, "no memory to share: %s", strerror(errno));
	disk->window = window;
	if (!disk->copy)
		disk->copy = malloc(DISK_WINDOW);
	return disk->copy ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

static ward_err end_of(const struct disk_word *word, struct ward_error *error)
{
	char text[sizeof(word->text)];

	if (word->err == WARD_OK)
		return WARD_OK;
	memcpy(text, word->text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ward_err err = word->err < WARD_ERR_COUNT ? (ward_err)word->err : WARD_E_FORMAT;

	return ward_fail(error, err, "%s", text);
}

static ward_err take_facts(struct disk *disk, const struct disk_word *word,
		struct ward_error *error)
{
	struct disk_facts facts = { .size = word->len, .packed = word->packed != 0 };
	uint8_t digest[20];
	size_t digits = strnlen(word->text, sizeof(word->text));
	ward_str text = { word->text, digits };

	if (facts.size == 0 || facts.size > INT64_MAX ||
			(!facts.packed && facts.size != disk_image_size(disk->image)))
		return ward_fail(error, WARD_E_FORMAT,
				"the worker told a size that makes no sense");
	if ((digits == 32 || digits == 40) && ward_hex_parse(text, digest, digits / 2))
		ward_hex_format(digest, digits / 2, facts.stored);
	disk->facts = facts;
	return WARD_OK;
}

static ward_err hand_over(struct disk *disk, struct ward_error *error)
{
	uint64_t until = clock_ticks_us() + (uint64_t)SILENCE_MS * 1000;
	struct disk_word word;
	bool said = true;

	for (size_t i = 0; i < disk_image_segments(disk->image) && said; i++) {
		uint64_t len;
		int fd = disk_image_segment(disk->image, i, &len);

		said = say(disk, (struct disk_ask){ .kind = DISK_SEGMENT, .len = len }, fd);
	}
	for (size_t i = 0; i < DISK_OPENED_MAX && said; i++) {
		if (disk->shut[i])
			said = say(disk, (struct disk_ask){ .kind = DISK_SHUT, .volume = i }, -1);
	}
	struct disk_ask begin = { .kind = DISK_BEGIN, .len = disk_image_is_raw(disk->image) };

	if (!said || !say(disk, begin, -1))
		return gone(disk, error);
	ward_err err = hear(disk, until, &word, error);

	if (err)
		return err;
	if (word.kind != DISK_READY || !(word.walls & WIRE_WALL_SECCOMP))
		return gone(disk, error);
	err = end_of(&word, error);
	if (!err)
		err = take_facts(disk, &word, error);
	if (err)
		end_worker(disk, NULL);
	return err;
}

static ward_err start(struct disk *disk, struct ward_error *error)
{
	if (disk->process.pid)
		return WARD_OK;
	char *path = process_find("WARD_WORKER_DISK", "ward-worker-disk");
	ward_err err = path ? share(disk, error) : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = process_start(&disk->process, path, disk->memory, error);
	free(path);
	if (err) {
		end_worker(disk, NULL);
		return err;
	}
	process_limit_memory(&disk->process, MEMORY_MAX);
	return hand_over(disk, error);
}

/* ---- questions ---- */

/* What becomes of a batch that lies in the window: false ends the answer, failed by `error`. */
typedef bool take_batch(void *context, const uint8_t *window, size_t len, struct ward_error *error);

static ward_err ask(struct disk *disk, struct disk_ask question, take_batch *take, void *context,
		struct ward_error *error)
{
	uint64_t until = clock_ticks_us() + (uint64_t)disk->time_s * 1000000;
	struct ward_error own = { 0 };
	struct disk_word word;
	ward_err err = start(disk, error);
	bool wanted = true;

	if (err)
		return err;
	if (!say(disk, question, -1))
		return gone(disk, error);
	while ((err = hear(disk, until, &word, error)) == WARD_OK && word.kind == DISK_BATCH) {
		uint64_t taken_us = clock_ticks_us();

		if (word.len == 0 || word.len > DISK_WINDOW)
			return gone(disk, error);
		wanted = wanted && take(context, disk->window, (size_t)word.len, &own);
		/* What is done with it is not the worker's time. */
		until += clock_ticks_us() - taken_us;
		if (!say(disk, (struct disk_ask){ .kind = wanted ? DISK_NEXT : DISK_STOP }, -1))
			return gone(disk, error);
	}
	if (err)
		return err;
	if (word.kind != DISK_END)
		return gone(disk, error);
	if (own.code)
		return ward_fail(error, own.code, "%s", own.message);
	return end_of(&word, error);
}

struct records {
	struct disk *disk;
	disk_told *told;
	void *context;
};

static bool take_records(void *context, const uint8_t *window, size_t len, struct ward_error *error)
{
	struct records *records = context;
	struct disk *disk = records->disk;
	struct disk_record record;
	ward_bytes rest = { disk->copy, len };

	memcpy(disk->copy, window, len);
	while (rest.len > 0) {
		if (disk_answer_read(&rest, disk->facts.size, &record, error) != WARD_OK)
			return false;
		if (!records->told(records->context, &record))
			return false;
	}
	return true;
}

static ward_err ask_records(struct disk *disk, struct disk_ask question, disk_told *told,
		void *context, struct ward_error *error)
{
	struct records records = { disk, told, context };

	return ask(disk, question, take_records, &records, error);
}

/* Of an answer that is begun anew, what was told before is passed over. */
struct renewed {
	disk_told *told;
	void *context;
	size_t count, passed; /* told so far; of this time */
};

static bool tell_new(void *context, const struct disk_record *record)
{
	struct renewed *renewed = context;

	if (renewed->passed++ < renewed->count)
		return true;
	renewed->count++;
	return renewed->told(renewed->context, record);
}

/* Each time one more is shut, so it comes to an end. */
ward_err disk_volumes(struct disk *disk, disk_told *told, void *context, struct ward_error *error)
{
	struct renewed renewed = { told, context, 0, 0 };
	ward_err err;
	bool again;

	do {
		size_t shut = 0, before = 0;

		for (size_t i = 0; i < DISK_OPENED_MAX; i++)
			before += disk->shut[i];
		renewed.passed = 0;
		err = ask_records(disk, (struct disk_ask){ .kind = DISK_VOLUMES }, tell_new,
				&renewed, error);
		for (size_t i = 0; i < DISK_OPENED_MAX; i++)
			shut += disk->shut[i];
		again = err && shut > before && !is_stopped(disk);
	} while (again);
	return err;
}

ward_err disk_list(struct disk *disk, uint64_t volume, disk_told *told, void *context,
		struct ward_error *error)
{
	return ask_records(disk, (struct disk_ask){ .kind = DISK_LIST, .volume = volume }, told,
			context, error);
}

ward_err disk_carve(struct disk *disk, uint64_t volume, disk_told *told, void *context,
		struct ward_error *error)
{
	return ask_records(disk, (struct disk_ask){ .kind = DISK_CARVE, .volume = volume }, told,
			context, error);
}

ward_err disk_facts(struct disk *disk, struct disk_facts *facts, struct ward_error *error)
{
	ward_err err = start(disk, error);

	if (!err)
		*facts = disk->facts;
	return err;
}

struct pieces {
	disk_piece *piece;
	void *context;
	uint64_t left;
	bool stopped;
};

static bool take_piece(void *context, const uint8_t *window, size_t len, struct ward_error *error)
{
	struct pieces *pieces = context;

	if (len > pieces->left) {
		(void)ward_fail(error, WARD_E_FORMAT, "the worker told more bytes than there are");
		return false;
	}
	pieces->left -= len;
	pieces->stopped = !pieces->piece(pieces->context, (ward_bytes){ window, len });
	return !pieces->stopped;
}

ward_err disk_bytes(struct disk *disk, uint64_t at, uint64_t len, disk_piece *piece, void *context,
		struct ward_error *error)
{
	struct pieces pieces = { piece, context, len, false };
	ward_err err = ask(disk, (struct disk_ask){ .kind = DISK_BYTES, .at = at, .len = len },
			take_piece, &pieces, error);

	if (!err && pieces.left > 0 && !pieces.stopped)
		err = ward_fail(error, WARD_E_FORMAT, "the worker told less than it should");
	return err;
}

struct fetch {
	int to;
	uint64_t done, size;
};

static bool take_content(void *context, const uint8_t *window, size_t len, struct ward_error *error)
{
	struct fetch *fetch = context;

	if (len > fetch->size - fetch->done) {
		(void)ward_fail(error, WARD_E_FORMAT, "the worker told more bytes than there are");
		return false;
	}
	fetch->done += len;
	return file_write_all(fetch->to, window, len, error) == WARD_OK;
}

ward_err disk_fetch(struct disk *disk, uint64_t volume, const struct disk_entry *entry, int to,
		struct ward_error *error)
{
	struct fetch fetch = { .to = to, .size = entry->size };
	struct disk_ask question = {
		.kind = DISK_READ,
		.volume = volume,
		.inode = entry->inode,
		.attr_type = entry->attr_type,
		.attr_id = entry->attr_id,
		.len = entry->size,
	};
	ward_err err = ask(disk, question, take_content, &fetch, error);

	if (!err && fetch.done != fetch.size)
		err = ward_fail(error, WARD_E_FORMAT, "the file ends before its size");
	return err;
}
