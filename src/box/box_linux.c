#include <ward/box.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "box/process.h"
#include "box/watch.h"
#include "box/wire.h"

#define JOBS_MAX_DEFAULT 1000

/* A worker loads its codecs and closes its jail in this time, also on a busy machine. */
#define START_MS 20000

/* How long a cancelled job may take to end by itself: less than a new worker costs, or little more.
 */
#define CANCEL_MS 30

/*
 * Processor seconds a worker has beyond the time its jobs may take on the
 * clock.  This only matters when this program is gone or stuck: the deadline
 * below is what ends a job.
 */
#define CPU_SPARE_S 10

/* Steps in which the address space is granted, so that most jobs need no new limit. */
#define SPACE_STEP ((uint64_t)256 << 20)

/* What a worker takes before any job, where there is no /proc to tell: more than any we saw. */
#define SPACE_UNKNOWN ((uint64_t)1 << 30)

/*
 * Workers for some kinds alone, which lie beside the other: what each loads is large, or slow to
 * load (FFmpeg takes 120 ms where the other worker takes 8), or is only seldom wanted.
 */
enum { BESIDE_VIDEO, BESIDE_DOCUMENT, BESIDE_COUNT };

static const struct beside {
	const char *name; /* behind the worker's own */
	const char *what;
	uint32_t jobs_max;
} besides[BESIDE_COUNT] = {
	[BESIDE_VIDEO] = { "-video", "videos", 50 },
	[BESIDE_DOCUMENT] = { "-document", "documents", 200 },
};

struct ward_box {
	char *worker;
	struct ward_box *beside[BESIDE_COUNT]; /* NULL until the first of its kinds, and in one */
	struct ward_box *in;                   /* the job is there; NULL: here */
	uint64_t memory_max;
	uint32_t jobs_max;
	struct process process;
	int memory; /* shared with the worker, sealed at its size; -1 until the first job */
	uint8_t *shared;
	size_t shared_len;
	struct wire_hello hello;
	uint32_t jobs;        /* of this process */
	uint64_t space_bytes; /* limits in force */
	uint64_t cpu_s;
	uint64_t spent_us; /* on the clock, by the jobs of this process */
	/* the job */
	bool running;
	bool lent;     /* the last event lent memory to the caller */
	uint32_t owed; /* events whose memory the worker may have back */
	uint64_t number;
	uint64_t started_us;
	uint64_t deadline_us;
	struct wire_job order; /* while the worker may not have taken it: for another one */
	struct ward_limits limits;
	int untaken; /* its file, opened once more; -1 when it was taken */
	bool unread; /* the worker that is gone had not read all that it was sent */
	struct watch watch;
	uint8_t message[WIRE_MESSAGE_MAX];
};

struct ward_box *ward_box_new(const struct ward_box_options *options)
{
	struct ward_box *box = calloc(1, sizeof(*box));

	if (!box)
		return NULL;
	box->memory = box->untaken = -1;
	box->process.socket = -1;
	box->worker = options && options->worker ? strdup(options->worker)
						 : process_find("WARD_WORKER", "ward-worker");
	box->memory_max = options && options->memory_max ? options->memory_max
							 : ward_limits_default().memory_max;
	box->jobs_max = options && options->jobs_max ? options->jobs_max : JOBS_MAX_DEFAULT;
	if (!box->worker) {
		free(box);
		return NULL;
	}
	return box;
}

static void forget_order(struct ward_box *box)
{
	if (box->untaken >= 0)
		close(box->untaken);
	box->untaken = -1;
}

void ward_box_free(struct ward_box *box)
{
	if (!box)
		return;
	for (int which = 0; which < BESIDE_COUNT; which++)
		ward_box_free(box->beside[which]);
	process_end(&box->process, NULL);
	forget_order(box);
	if (box->shared)
		munmap(box->shared, box->shared_len);
	if (box->memory >= 0)
		close(box->memory);
	free(box->worker);
	free(box);
}

int ward_box_pid(const struct ward_box *box)
{
	return box->in ? box->in->process.pid : box->process.pid;
}

/* Made when the first of its kinds comes; NULL without memory. */
static struct ward_box *box_beside(struct ward_box *box, int which)
{
	const struct beside *beside = &besides[which];
	size_t room = strlen(box->worker) + strlen(beside->name) + 1;
	char *path = box->beside[which] ? NULL : malloc(room);
	struct ward_box_options options = { .worker = path,
		.memory_max = box->memory_max,
		.jobs_max = box->jobs_max < beside->jobs_max ? box->jobs_max : beside->jobs_max };

	if (path) {
		snprintf(path, room, "%s%s", box->worker, beside->name);
		box->beside[which] = ward_box_new(&options);
		free(path);
	}
	return box->beside[which];
}

/* ---- starting a worker ---- */

/*
 * The file has its full size from the beginning and no memory until it is
 * touched.  Sealed, so that a worker cannot shrink it under our eyes.
 */
static ward_err make_shared_memory(struct ward_box *box, struct ward_error *error)
{
	uint64_t most = SIZE_MAX / 4 < INT64_MAX ? SIZE_MAX / 4 : INT64_MAX;
	uint64_t len = box->memory_max < WIRE_WINDOW ? WIRE_WINDOW : box->memory_max;

	len = len < most ? len : most;
	int fd = file_memory("ward-box", error);

	if (fd < 0)
		return WARD_E_NOMEM;
	if (ftruncate(fd, (off_t)len) < 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		close(fd);
		return ward_fail(error, WARD_E_NOMEM, "cannot size the memory for pixels: %s",
				strerror(errno));
	}
	void *shared = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (shared == MAP_FAILED) {
		close(fd);
		return ward_fail(error, WARD_E_NOMEM, "cannot map the memory for pixels: %s",
				strerror(errno));
	}
	box->memory = fd;
	box->shared = (uint8_t *)shared;
	box->shared_len = (size_t)len;
	box->watch.shared = box->shared;
	box->watch.shared_len = box->shared_len;
	return WARD_OK;
}

/* Kills the worker and says why it is gone. */
static ward_err worker_died(struct ward_box *box, struct ward_error *error)
{
	char why[PROCESS_WHY_MAX];

	process_end(&box->process, why);
	return ward_fail(error, WARD_E_WORKER, "the worker %s", why);
}

static bool say(struct ward_box *box, const void *message, size_t size)
{
	ssize_t sent;

	/* An honest worker has room for all that is ever unread; nobody waits for another. */
	do
		sent = send(box->process.socket, message, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size;
}

/* What the socket gave: a message, an end, or nothing yet. */
static ssize_t take(struct ward_box *box)
{
	ssize_t got;

	/* No control buffer: a descriptor that a worker sends is closed by the kernel. */
	do
		got = recv(box->process.socket, box->message, sizeof(box->message),
				MSG_DONTWAIT | MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	return got;
}

/* The worker is gone or deaf when this cannot be sent, and waiting for it finds out. */
static void say_next(struct ward_box *box)
{
	struct wire_next next = {
		.head = wire_head(WIRE_NEXT, box->number),
		.count = box->owed,
	};

	if (box->owed > 0)
		(void)say(box, &next, sizeof(next));
	box->owed = 0;
}

/*
 * The next message, copied out.  TIMEOUT when none came by `deadline_us`,
 * WORKER (the process then is ended) when none can come any more.
 */
static ward_err receive(struct ward_box *box, uint64_t deadline_us, ward_bytes *message,
		struct ward_error *error)
{
	ssize_t got = take(box);
	uint64_t now = clock_ticks_us();

	if (got < 0 && errno == EAGAIN)
		say_next(box);
	while (got < 0 && errno == EAGAIN && now < deadline_us) {
		struct pollfd wait = { .fd = box->process.socket, .events = POLLIN };
		uint64_t left_ms = (deadline_us - now + 999) / 1000;

		(void)poll(&wait, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX);
		got = take(box);
		now = clock_ticks_us();
	}
	/* Also when there is a message: one that talks without end gets no more time. */
	if (got != 0 && now >= deadline_us)
		return ward_fail(error, WARD_E_TIMEOUT, "the time for this job is up");
	box->unread = got < 0 && errno == ECONNRESET;
	if (got <= 0)
		return worker_died(box, error);
	if ((size_t)got > sizeof(box->message))
		got = 0; /* no message of ours is that long: let the watch refuse it */
	*message = (ward_bytes){ box->message, (size_t)got };
	return WARD_OK;
}

static ward_err receive_hello(struct ward_box *box, struct ward_error *error)
{
	ward_bytes message;
	ward_err err = receive(box, clock_ticks_us() + (uint64_t)START_MS * 1000, &message, error);

	if (err == WARD_E_TIMEOUT)
		err = ward_fail(error, WARD_E_WORKER, "the worker did not get ready in %d s",
				START_MS / 1000);
	if (!err && (wire_kind(message) != WIRE_HELLO ||
				    !wire_read(message, &box->hello, sizeof(box->hello)) ||
				    box->hello.version != WIRE_VERSION ||
				    box->hello.job_size != sizeof(struct wire_job)))
		err = ward_fail(error, WARD_E_UNSUPPORTED,
				"the worker %s is of another release than this program",
				box->worker);
	if (!err && !(box->hello.walls & WIRE_WALL_SECCOMP))
		err = ward_fail(error, WARD_E_UNSUPPORTED,
				"this system has no seccomp filters, and without them untrusted "
				"files are not read");
	if (err)
		process_end(&box->process, NULL);
	return err;
}

static ward_err start_worker(struct ward_box *box, struct ward_error *error)
{
	ward_err err = box->memory < 0 ? make_shared_memory(box, error) : WARD_OK;

	if (!err)
		err = process_start(&box->process, box->worker, box->memory, error);
	if (!err)
		err = receive_hello(box, error);
	if (err)
		return err;
	if (box->hello.space_bytes == 0)
		box->hello.space_bytes = SPACE_UNKNOWN;
	box->jobs = 0;
	box->space_bytes = 0;
	box->cpu_s = 0;
	box->spent_us = 0;
	return WARD_OK;
}

/* ---- a job begins ---- */

/*
 * A worker's address space is what it had when it was ready, the job's memory
 * (heap and pixels together) and the file.  A sanitizer's shadow is larger than
 * any limit, so there the limit is left out.
 */
static void grant(struct ward_box *box, uint64_t bytes, const struct ward_limits *limits)
{
	uint64_t memory =
			limits->memory_max < box->memory_max ? limits->memory_max : box->memory_max;
	uint64_t file = (bytes / SPACE_STEP + 1) * SPACE_STEP;
	uint64_t cpu = box->spent_us / 1000000 + limits->time_ms / 1000 + 2;
	uint64_t space;

	if (ckd_add(&space, memory, file) || ckd_add(&space, space, box->hello.space_bytes))
		space = UINT64_MAX;
	if (!box->hello.sanitized && space != box->space_bytes) {
		process_limit_memory(&box->process, space);
		box->space_bytes = space;
	}
	if (cpu > box->cpu_s) {
		box->cpu_s = cpu + CPU_SPARE_S;
		process_limit_cpu(&box->process, box->cpu_s);
	}
}

static bool send_job(struct ward_box *box, const struct wire_job *job, int fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct wire_job copy = *job;
	struct iovec piece = { .iov_base = &copy, .iov_len = sizeof(copy) };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	do
		sent = sendmsg(box->process.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof(copy);
}

/*
 * Hands the job to a worker that is alive.  One that died between jobs (of a
 * signal from outside, or of the thread's end that started it) is replaced
 * silently: it was not this file's doing.
 */
static ward_err hand_over(struct ward_box *box, struct wire_job *job, int fd,
		const struct ward_limits *limits, struct ward_error *error)
{
	if (box->jobs >= box->jobs_max)
		process_end(&box->process, NULL);
	for (int tries = 0; tries < 2; tries++) {
		ward_err err = box->process.pid ? WARD_OK : start_worker(box, error);

		if (err)
			return err;
		grant(box, job->bytes, limits);
		if (send_job(box, job, fd))
			return WARD_OK;
		if (tries == 0)
			process_end(&box->process, NULL);
	}
	return worker_died(box, error);
}

static ward_err check_file(int fd, uint64_t size, struct ward_error *error)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ward_fail(error, WARD_E_IO, "cannot look at the file: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "a job wants a regular file");
	if (size > (uint64_t)st.st_size)
		return ward_fail(error, WARD_E_IO, "the file is shorter than it was");
	return WARD_OK;
}

static ward_err check_job(ward_job job, int fd, uint64_t size,
		const struct ward_decode_options *options, struct ward_error *error)
{
	if (job == WARD_JOB_VIEW && ward_view_side(&options->view) == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such view");
	if (size > options->limits.bytes_max)
		return ward_fail(error, WARD_E_LIMIT, "the file is larger than %llu bytes",
				(unsigned long long)options->limits.bytes_max);
	return check_file(fd, size, error);
}

static ward_err start(struct ward_box *box, ward_job job, ward_media_kind kind, int fd,
		uint64_t size, const struct ward_decode_options *options, struct ward_error *error)
{
	const struct ward_limits *limits = &options->limits;
	ward_err err = check_job(job, fd, size, options, error);

	if (err)
		return err;

	struct wire_job order = {
		.head = wire_head(WIRE_JOB, box->number + 1),
		.bytes = size,
		.bytes_max = limits->bytes_max,
		.pixels_max = limits->pixels_max,
		.memory_max = limits->memory_max < box->memory_max ? limits->memory_max
								   : box->memory_max,
		.frames_max = limits->frames_max,
		.parts_max = limits->parts_max,
		.depth_max = limits->depth_max,
		.time_ms = limits->time_ms,
		.job = (uint32_t)job,
		.media = (uint32_t)kind,
		.size = (uint32_t)options->size,
		.flags = (options->first_frame_only ? WIRE_FIRST_FRAME_ONLY : 0u) |
			 (options->facts_only ? WIRE_FACTS_ONLY : 0u) |
			 (options->view.colour ? WIRE_VIEW_COLOUR : 0u) |
			 (options->view.reveal ? WIRE_VIEW_REVEAL : 0u) |
			 (options->view.single ? WIRE_VIEW_SINGLE : 0u),
		.level = (uint32_t)options->view.level,
		.side_max = options->view.side_max,
		.cells = options->view.cells,
		.blur = options->view.blur,
		.reveal_x = options->view.reveal_x,
		.reveal_y = options->view.reveal_y,
		.single_ms = options->view.single_ms,
		.frames = (uint32_t)options->frames.kind,
		.seconds = options->frames.seconds,
	};

	err = hand_over(box, &order, fd, limits, error);
	if (err)
		return err;
	box->order = order;
	box->limits = *limits;
	box->untaken = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	box->number++;
	box->jobs++;
	box->running = true;
	/* From here: the start of a worker, once in a thousand jobs, is not the file's time. */
	box->started_us = clock_ticks_us();
	box->deadline_us = box->started_us + (uint64_t)limits->time_ms * 1000;
	watch_begin(&box->watch, job, box->number, options);
	return WARD_OK;
}

/* Where that program is not installed, its kinds are some more that are not read. */
static ward_err start_beside(struct ward_box *box, int which, ward_job job, ward_media_kind kind,
		int fd, uint64_t size, const struct ward_decode_options *options,
		struct ward_error *error)
{
	struct ward_box *beside = box_beside(box, which);

	if (!beside)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a worker");
	ward_err err = start(beside, job, kind, fd, size, options, error);

	box->in = err ? NULL : beside;
	return err == WARD_E_NOT_FOUND ? ward_fail(error, WARD_E_UNSUPPORTED,
							 "%s are not read here: %s is not there",
							 besides[which].what, beside->worker)
				       : err;
}

ward_err ward_box_start(struct ward_box *box, ward_job job, ward_media_kind kind, int fd,
		uint64_t size, const struct ward_decode_options *options, struct ward_error *error)
{
	assert(job >= WARD_JOB_PICTURE && job <= WARD_JOB_FRAMES);
	assert((unsigned)kind < WARD_MEDIA_KIND_COUNT);
	ward_box_cancel(box);
	box->in = NULL;
	if (kind != WARD_MEDIA_VIDEO && !ward_media_is_document(kind))
		return start(box, job, kind, fd, size, options, error);
	return start_beside(box, kind == WARD_MEDIA_VIDEO ? BESIDE_VIDEO : BESIDE_DOCUMENT, job,
			kind, fd, size, options, error);
}

/* ---- its events ---- */

/*
 * What large pictures touched goes back; the window stays, because touching
 * memory anew costs more than decoding a small picture.
 */
static void give_back_memory(struct ward_box *box)
{
	struct stat st;

	if (fstat(box->memory, &st) < 0 || (uint64_t)st.st_blocks * 512 <= WIRE_WINDOW)
		return;
	(void)fallocate(box->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)WIRE_WINDOW,
			(off_t)(box->shared_len - WIRE_WINDOW));
}

static void job_over(struct ward_box *box)
{
	forget_order(box);
	box->running = false;
	box->lent = false;
	box->owed = 0;
	box->spent_us += clock_ticks_us() - box->started_us;
	give_back_memory(box);
}

/* The job failed: nobody asks this worker anything more. */
static ward_err give_up(struct ward_box *box, ward_err err)
{
	process_end(&box->process, NULL);
	job_over(box);
	return err;
}

/*
 * The first message of a job.  A worker that was killed from outside may still look alive when it
 * is handed one; of what is then left unread in its socket the kernel tells, and it goes to
 * another.
 */
static ward_err receive_first(struct ward_box *box, ward_bytes *message, struct ward_error *error)
{
	ward_err err = receive(box, box->deadline_us, message, error);

	if (err == WARD_E_WORKER && box->unread && box->untaken >= 0) {
		uint64_t began_us = clock_ticks_us();

		err = hand_over(box, &box->order, box->untaken, &box->limits, error);
		box->deadline_us += clock_ticks_us() - began_us;
		box->jobs++;
		if (!err)
			err = receive(box, box->deadline_us, message, error);
	}
	forget_order(box);
	return err;
}

ward_err ward_box_next(struct ward_box *box, struct ward_event *event, struct ward_error *error)
{
	ward_bytes message;
	ward_err err;

	if (box->in)
		return ward_box_next(box->in, event, error);
	if (!box->running)
		return ward_fail(error, WARD_E_ARGUMENT, "no job is running in this box");
	box->owed += box->lent;
	box->lent = false;
	err = box->untaken >= 0 ? receive_first(box, &message, error)
				: receive(box, box->deadline_us, &message, error);
	if (!err)
		err = watch_event(&box->watch, message, event, error);
	if (err)
		return give_up(box, err);
	if (event->kind == WARD_EVENT_END)
		job_over(box);
	else
		box->lent = event->kind == WARD_EVENT_FRAME || event->kind == WARD_EVENT_DATA;
	return WARD_OK;
}

void ward_box_cancel(struct ward_box *box)
{
	uint64_t deadline_us = clock_ticks_us() + (uint64_t)CANCEL_MS * 1000;
	const struct wire_head cancel = wire_head(WIRE_CANCEL, box->number);
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	ward_err err = WARD_OK;

	if (box->in)
		ward_box_cancel(box->in);
	if (!box->running)
		return;
	box->owed = 0;
	if (!say(box, &cancel, sizeof(cancel)))
		err = WARD_E_WORKER;
	while (!err && event.kind != WARD_EVENT_END) {
		ward_bytes message;

		err = receive(box, deadline_us, &message, NULL);
		if (!err)
			err = watch_event(&box->watch, message, &event, NULL);
	}
	if (err)
		process_end(&box->process, NULL);
	job_over(box);
}

/* ---- odds and ends ---- */

int ward_box_memory(ward_bytes bytes, struct ward_error *error)
{
	int fd = file_memory("ward-job", error);

	if (fd < 0)
		return -1;
	if (file_write_all(fd, bytes.ptr, bytes.len, error) != WARD_OK) {
		close(fd);
		return -1;
	}
	/* The kernel may lack seals for it; the worker's filter does not let it write anyway. */
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	return fd;
}

const char *ward_box_jail(void)
{
	bool seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
	/* Asked with the flag VERSION (1), this only answers a number. */
	bool landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;

	if (!seccomp)
		return "none: this system has no seccomp, and untrusted files are not read";
	return landlock ? "seccomp landlock rlimits" : "seccomp rlimits";
}
