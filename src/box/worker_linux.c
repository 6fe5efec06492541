#include "box/worker.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "box/jail.h"
#include "box/wire.h"

/* Exit statuses, for the sentence "stopped with status N". */
enum {
	EXIT_NOT_STARTED_BY_WARD = 64,
	EXIT_BAD_ORDER = 65,  /* the program said something that makes no sense here */
	EXIT_BAD_ANSWER = 66, /* a decoder handed out what it may not */
	EXIT_NO_MEMORY = 71,
};

struct worker {
	const struct worker_calls *calls;
	uint8_t *window;   /* the part of the shared memory that is always mapped */
	size_t memory_len; /* of the shared memory */
	uint8_t *wide;     /* more of it, from its beginning, for this job's large canvas */
	size_t wide_len;
	/* the job */
	uint64_t number;
	struct ward_decode_options options;
	uint64_t bytes_max;
	uint64_t bytes; /* members' or the view's, so far */
	uint32_t parts;
	unsigned lent; /* FRAME and DATA the program has not answered */
	unsigned slot; /* the next DATA's */
	bool cancelled;
};

/* ---- talking ---- */

/* The program is gone, or does not want to hear us: nothing is left to do. */
static void say(const void *message, size_t size, ward_str text)
{
	struct iovec pieces[2];
	struct msghdr header = { .msg_iov = pieces, .msg_iovlen = text.len > 0 ? 2 : 1 };
	ssize_t sent;

	/* iovec has one type for both directions; sendmsg only reads. */
	memcpy(&pieces[0].iov_base, &message, sizeof(message));
	pieces[0].iov_len = size;
	memcpy(&pieces[1].iov_base, &text.ptr, sizeof(text.ptr));
	pieces[1].iov_len = text.len;
	do
		sent = sendmsg(WIRE_SOCKET_FD, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		_exit(EXIT_SUCCESS);
}

/* Waits for an order; `fd` gets the descriptor that came with it, or -1. */
static ward_bytes hear(uint8_t *space, size_t room, int *fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec piece = { .iov_base = space, .iov_len = room };
	struct msghdr header = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;

	do
		got = recvmsg(WIRE_SOCKET_FD, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		_exit(EXIT_SUCCESS);
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&header);

	*fd = -1;
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
			rights->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(rights), sizeof(*fd));
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		_exit(EXIT_BAD_ORDER);
	return (ward_bytes){ space, (size_t)got };
}

/* Waits for one NEXT or CANCEL of this job; those of an earlier one may still be on their way. */
static void hear_answer(struct worker *worker)
{
	uint8_t space[sizeof(struct wire_job)];
	struct wire_next next = { .count = 0 };
	int fd;
	ward_bytes message = hear(space, sizeof(space), &fd);
	unsigned kind = wire_kind(message);
	bool read = kind == WIRE_NEXT ? wire_read(message, &next, sizeof(next))
				      : kind == WIRE_CANCEL && wire_read(message, &next.head,
									       sizeof(next.head));

	if (fd >= 0 || !read)
		_exit(EXIT_BAD_ORDER);
	if (next.head.job != worker->number)
		return;
	if (next.count > worker->lent)
		_exit(EXIT_BAD_ORDER);
	worker->lent -= next.count;
	worker->cancelled = worker->cancelled || kind == WIRE_CANCEL;
}

static ward_err wait_until_lent(struct worker *worker, unsigned most)
{
	while (worker->lent > most && !worker->cancelled)
		hear_answer(worker);
	return worker->cancelled ? WARD_E_CONFLICT : WARD_OK;
}

/* ---- what decoders call ---- */

uint8_t *worker_canvas(struct worker *worker, size_t len)
{
	size_t most = worker->memory_len;

	if (wait_until_lent(worker, 0))
		return NULL;
	if (worker->options.limits.memory_max < most)
		most = (size_t)worker->options.limits.memory_max;
	if (len > most)
		return NULL;
	if (len <= WIRE_WINDOW)
		return worker->window;
	if (len <= worker->wide_len)
		return worker->wide;
	if (worker->wide)
		munmap(worker->wide, worker->wide_len);
	worker->wide = NULL;
	worker->wide_len = 0;

	void *wide = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			WIRE_MEMORY_FD, 0);

	if (wide == MAP_FAILED)
		return NULL;
	worker->wide = (uint8_t *)wide;
	worker->wide_len = len;
	return worker->wide;
}

ward_err worker_facts(struct worker *worker, const struct ward_picture_facts *facts)
{
	const struct wire_facts message = {
		.head = wire_head(WIRE_FACTS, worker->number),
		.media = (uint32_t)facts->kind,
		.width = facts->width,
		.height = facts->height,
		.orientation = facts->orientation <= 8 ? facts->orientation : 0,
		.frames = facts->frames > 0 ? facts->frames : 1,
		.bits = facts->bits,
		.has_alpha = facts->has_alpha ? 1 : 0,
		.is_cmyk = facts->is_cmyk ? 1 : 0,
		.duration_ms = facts->duration_ms,
		.has_sound = facts->has_sound ? 1 : 0,
		.rate_num = facts->rate_num,
		.rate_den = facts->rate_den,
	};

	say(&message, sizeof(message), WARD_STR(""));
	return WARD_OK;
}

/* Where a frame's pixels lie in the shared memory; a decoder that points elsewhere is broken. */
static uint64_t offset_of(const struct worker *worker, const struct ward_image *image)
{
	uintptr_t pixels = (uintptr_t)image->pixels;
	uintptr_t window = (uintptr_t)worker->window;
	uintptr_t wide = (uintptr_t)worker->wide;

	if (worker->wide && pixels >= wide && pixels - wide < worker->wide_len)
		return pixels - wide;
	if (pixels >= window && pixels - window < WIRE_WINDOW)
		return pixels - window;
	_exit(EXIT_BAD_ANSWER);
}

ward_err worker_frame(struct worker *worker, const struct ward_frame *frame)
{
	const struct ward_limits *limits = &worker->options.limits;
	const struct ward_image *image = &frame->image;
	ward_err err = wait_until_lent(worker, 0);

	if (err)
		return err;
	if ((uint64_t)image->width * image->height > limits->pixels_max ||
			frame->index >= limits->frames_max)
		return WARD_E_LIMIT;

	const struct wire_frame message = {
		.head = wire_head(WIRE_FRAME, worker->number),
		.offset = offset_of(worker, image),
		.stride = image->stride,
		.width = image->width,
		.height = image->height,
		.channels = image->channels,
		.index = frame->index,
		.time_ms = frame->time_ms,
		.scale = frame->scale,
		.view = (uint32_t)frame->view,
		.number = frame->number,
	};

	worker->lent++;
	say(&message, sizeof(message), WARD_STR(""));
	return WARD_OK;
}

ward_err worker_frame_wait(struct worker *worker)
{
	return wait_until_lent(worker, 0);
}

ward_err worker_part(struct worker *worker, ward_str name, bool encrypted)
{
	const struct wire_part message = {
		.head = wire_head(WIRE_PART, worker->number),
		.encrypted = encrypted ? 1 : 0,
	};

	if (worker->cancelled)
		return WARD_E_CONFLICT;
	if (worker->parts >= worker->options.limits.parts_max)
		return WARD_E_LIMIT;
	worker->parts++;
	if (name.len > WIRE_TEXT_MAX)
		name.len = WIRE_TEXT_MAX;
	say(&message, sizeof(message), name);
	return WARD_OK;
}

static ward_err send_slot(struct worker *worker, ward_bytes piece)
{
	ward_err err = wait_until_lent(worker, WIRE_SLOTS - 1);

	if (err)
		return err;
	size_t offset = worker->slot * WIRE_SLOT_BYTES;
	const struct wire_data message = {
		.head = wire_head(WIRE_DATA, worker->number),
		.offset = offset,
		.len = piece.len,
	};

	memcpy(worker->window + offset, piece.ptr, piece.len);
	worker->slot = (worker->slot + 1) % WIRE_SLOTS;
	worker->lent++;
	worker->bytes += piece.len;
	say(&message, sizeof(message), WARD_STR(""));
	return WARD_OK;
}

ward_err worker_data(struct worker *worker, ward_bytes bytes)
{
	ward_err err = worker->cancelled ? WARD_E_CONFLICT : WARD_OK;

	if (!err && bytes.len > worker->bytes_max - worker->bytes)
		err = WARD_E_LIMIT;
	while (!err && bytes.len > 0) {
		size_t len = bytes.len < WIRE_SLOT_BYTES ? bytes.len : WIRE_SLOT_BYTES;

		err = send_slot(worker, (ward_bytes){ bytes.ptr, len });
		bytes.ptr += len;
		bytes.len -= len;
	}
	return err;
}

ward_err worker_view(struct worker *worker, const struct ward_view_facts *facts, ward_bytes encoded)
{
	struct wire_view message = {
		.head = wire_head(WIRE_VIEW, worker->number),
		.bytes = encoded.len,
		.media = (uint32_t)facts->kind,
		.width = facts->width,
		.height = facts->height,
		.frames = facts->frames,
		.partial = facts->partial ? 1 : 0,
		.columns = facts->columns,
	};

	memcpy(message.times_ms, facts->times_ms, sizeof(message.times_ms));
	if (worker->cancelled)
		return WARD_E_CONFLICT;
	if (encoded.len > worker->bytes_max)
		return WARD_E_LIMIT;
	say(&message, sizeof(message), WARD_STR(""));
	return worker_data(worker, encoded);
}

/* ---- a job ---- */

static bool is_job(const struct wire_job *job)
{
	return job->job >= WARD_JOB_PICTURE && job->job <= WARD_JOB_FRAMES &&
	       job->media < WARD_MEDIA_KIND_COUNT && job->size <= WARD_DECODE_FAST &&
	       job->level < WARD_LEVEL_COUNT && job->flags <= WIRE_FLAGS &&
	       job->frames < WARD_FRAMES_KIND_COUNT && job->bytes == (size_t)job->bytes &&
	       job->bytes <= job->bytes_max && job->zero == 0;
}

static void begin(struct worker *worker, const struct wire_job *job)
{
	worker->number = job->head.job;
	worker->options = (struct ward_decode_options){
		.limits = {
			.bytes_max = job->bytes_max,
			.pixels_max = job->pixels_max,
			.memory_max = job->memory_max,
			.frames_max = job->frames_max,
			.parts_max = job->parts_max,
			.depth_max = job->depth_max,
			.time_ms = job->time_ms,
		},
		.size = (ward_decode_size)job->size,
		.first_frame_only = (job->flags & WIRE_FIRST_FRAME_ONLY) != 0,
		.facts_only = (job->flags & WIRE_FACTS_ONLY) != 0,
		.view = {
			.level = (ward_view_level)job->level,
			.side_max = job->side_max,
			.cells = job->cells,
			.blur = job->blur,
			.colour = (job->flags & WIRE_VIEW_COLOUR) != 0,
			.reveal = (job->flags & WIRE_VIEW_REVEAL) != 0,
			.reveal_x = job->reveal_x,
			.reveal_y = job->reveal_y,
			.single = (job->flags & WIRE_VIEW_SINGLE) != 0,
			.single_ms = job->single_ms,
		},
		.frames = { .kind = (ward_frames_kind)job->frames, .seconds = job->seconds },
	};
	worker->bytes_max = job->job == WARD_JOB_VIEW ? WARD_VIEW_BYTES : job->bytes_max;
	worker->bytes = 0;
	worker->parts = 0;
	worker->lent = 0;
	worker->slot = 0;
	worker->cancelled = false;
}

static void end(struct worker *worker, ward_err err, const struct ward_error *error)
{
	const struct wire_end message = {
		.head = wire_head(WIRE_END, worker->number),
		/* A decoder knows only trouble with the file; what else it names is that, too. */
		.err = err == WARD_OK || err == WARD_E_NOMEM || err == WARD_E_LIMIT ||
						       err == WARD_E_UNSUPPORTED
				       ? (uint32_t)err
				       : (uint32_t)WARD_E_FORMAT,
	};

	if (worker->wide)
		munmap(worker->wide, worker->wide_len);
	worker->wide = NULL;
	worker->wide_len = 0;
	say(&message, sizeof(message), err ? ward_str_from(error->message) : WARD_STR(""));
}

static ward_err no_frames(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	(void)worker;
	(void)kind;
	(void)file;
	(void)options;
	return ward_fail(error, WARD_E_UNSUPPORTED, "this is no video");
}

static worker_job *call_of(const struct worker_calls *calls, uint32_t job)
{
	if (job == WARD_JOB_PICTURE)
		return calls->picture;
	if (job == WARD_JOB_ARCHIVE)
		return calls->archive;
	if (job == WARD_JOB_VIEW)
		return calls->view;
	return calls->frames ? calls->frames : no_frames;
}

static void serve(struct worker *worker, const struct wire_job *job, int fd)
{
	worker_job *run = call_of(worker->calls, job->job);
	struct ward_error error = { 0 };
	size_t len = (size_t)job->bytes;
	void *file = NULL;
	ward_err err;

	begin(worker, job);
	/* Beyond the end of a file that was cut meanwhile lies SIGBUS: a finding like any crash. */
	if (len > 0)
		file = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file == MAP_FAILED) {
		err = ward_fail(&error, WARD_E_NOMEM, "no room to map the file");
		end(worker, err, &error);
		return;
	}
	err = run(worker, (ward_media_kind)job->media, (ward_bytes){ (const uint8_t *)file, len },
			&worker->options, &error);
	if (file)
		munmap(file, len);
	end(worker, err, &error);
}

static void serve_next(struct worker *worker)
{
	uint8_t space[sizeof(struct wire_job)];
	struct wire_job job;
	int fd;
	ward_bytes message = hear(space, sizeof(space), &fd);
	unsigned kind = wire_kind(message);

	/* Late words about a job that is over. */
	if ((kind == WIRE_NEXT || kind == WIRE_CANCEL) && fd < 0)
		return;
	if (kind != WIRE_JOB || fd < 0 || !wire_read(message, &job, sizeof(job)) || !is_job(&job))
		_exit(EXIT_BAD_ORDER);
	serve(worker, &job, fd);
}

/* ---- the process ---- */

/* Pages of address space in use, from the first number of /proc/self/statm; 0 when not told. */
static uint64_t space_in_use(void)
{
	char *text;
	size_t len;
	uint64_t pages = 0;

	if (file_read("/proc/self/statm", 4096, &text, &len, NULL) != WARD_OK)
		return 0;
	ward_str rest = { text, len };

	if (!ward_u64_parse(ward_str_cut(&rest, ' '), &pages))
		pages = 0;
	free(text);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool map_window(struct worker *worker)
{
	struct stat st;

	if (fstat(WIRE_MEMORY_FD, &st) < 0 || st.st_size < (off_t)WIRE_WINDOW)
		return false;
	void *window = mmap(NULL, WIRE_WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			WIRE_MEMORY_FD, 0);

	worker->window = (uint8_t *)window;
	worker->memory_len = (size_t)st.st_size;
	return window != MAP_FAILED;
}

/*
 * One arena: for a second one glibc would ask the system how many processors
 * there are, and that is a file.  Large blocks come from the heap and stay
 * there between jobs, because fresh pages cost more than decoding a small
 * picture; what lies above 64 MB goes back.
 */
static void tune_memory(void)
{
	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int worker_main(const struct worker_calls *calls)
{
	struct worker worker = { .calls = calls };
	struct stat st;

	if (fstat(WIRE_SOCKET_FD, &st) < 0 || !S_ISSOCK(st.st_mode) || !map_window(&worker)) {
		fprintf(stderr, "ward-worker is started by ward itself; there is nothing to do "
				"here by hand\n");
		return EXIT_NOT_STARTED_BY_WARD;
	}
	tune_memory();
	if (calls->prepare)
		calls->prepare();

	struct wire_hello hello = {
		.head = wire_head(WIRE_HELLO, 0),
		.version = WIRE_VERSION,
		.space_bytes = space_in_use(),
		.job_size = sizeof(struct wire_job),
		.sanitized = jail_is_sanitized() ? 1 : 0,
	};

	hello.walls = jail_close(calls->threads);
	say(&hello, sizeof(hello), WARD_STR(""));
	if (!(hello.walls & WIRE_WALL_SECCOMP))
		return EXIT_FAILURE;
	for (;;)
		serve_next(&worker);
}
