/*
 * A worker that does what the job's bytes say, mostly what a worker must not
 * do, in the same jail as the real one: box_test sees what becomes of it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/wire.h"
#include "box/worker.h"

/* The job's number is known only inside worker.c; the parent counts from 1, one more each job. */
static uint64_t job_number;

static void send_raw(const void *message, size_t size)
{
	struct iovec piece = { .iov_len = size };
	struct msghdr header = { .msg_iov = &piece, .msg_iovlen = 1 };

	memcpy(&piece.iov_base, &message, sizeof(message));
	if (sendmsg(WIRE_SOCKET_FD, &header, MSG_NOSIGNAL) < 0)
		_exit(3);
}

/* ---- good behaviour ---- */

static ward_err give_facts(struct worker *worker, uint32_t width, uint32_t height)
{
	const struct ward_picture_facts facts = {
		.kind = WARD_MEDIA_PNM,
		.width = width,
		.height = height,
		.frames = 1,
		.bits = 8,
	};

	return worker_facts(worker, &facts);
}

static ward_err give_frame(struct worker *worker, uint32_t width, uint32_t height, uint32_t index)
{
	uint8_t *pixels = worker_canvas(worker, (size_t)width * height);

	if (!pixels)
		return WARD_E_NOMEM;
	for (size_t i = 0; i < (size_t)width * height; i++)
		pixels[i] = (uint8_t)(i * 7 + index);

	const struct ward_frame frame = {
		.image = { pixels, width, width, height, 1 },
		.index = index,
		.time_ms = index * 40,
		.scale = 1,
	};

	return worker_frame(worker, &frame);
}

static ward_err good(struct worker *worker)
{
	ward_err err = give_facts(worker, 40, 30);

	return err ? err : give_frame(worker, 40, 30, 0);
}

/* 10 000 x 8 000 grey samples: more than the window. */
static ward_err wide(struct worker *worker)
{
	ward_err err = give_facts(worker, 10000, 8000);

	return err ? err : give_frame(worker, 10000, 8000, 0);
}

static ward_err frames(struct worker *worker)
{
	ward_err err = give_facts(worker, 9, 9);

	for (uint32_t i = 0; i < 900 && !err; i++)
		err = give_frame(worker, 9, 9, i);
	return err;
}

/* ---- what the jail must stop ---- */

static ward_err open_a_file(struct worker *worker)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ? good(worker) : WARD_E_FORMAT;
}

static ward_err make_a_socket(struct worker *worker)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? good(worker) : WARD_E_FORMAT;
}

static ward_err start_a_process(struct worker *worker)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? good(worker) : WARD_E_FORMAT;
}

static ward_err run_a_program(struct worker *worker)
{
	char *const none[] = { NULL };

	execve("/bin/true", none, none);
	return good(worker);
}

static ward_err make_code(struct worker *worker)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED ? good(worker) : WARD_E_FORMAT;
}

static ward_err signal_the_parent(struct worker *worker)
{
	return kill(getppid(), SIGTERM) == 0 ? good(worker) : WARD_E_FORMAT;
}

static ward_err resize_the_memory(struct worker *worker)
{
	return ftruncate(WIRE_MEMORY_FD, 0) == 0 ? good(worker) : WARD_E_FORMAT;
}

/* ---- crashes ---- */

static ward_err read_nowhere(struct worker *worker)
{
	static volatile uintptr_t low = 8; /* the compiler must not know */

	return *(const volatile uint8_t *)low ? good(worker) : WARD_E_FORMAT;
}

static ward_err give_up(struct worker *worker)
{
	(void)worker;
	abort();
}

static ward_err leave(struct worker *worker)
{
	(void)worker;
	_exit(0);
}

static ward_err turn_away(struct worker *worker)
{
	close(WIRE_SOCKET_FD);
	while (worker)
		usleep(1000);
	return WARD_OK;
}

static ward_err spin(struct worker *worker)
{
	volatile unsigned turns = 0;

	while (worker)
		turns++;
	return WARD_OK;
}

static ward_err sleep_long(struct worker *worker)
{
	while (worker)
		usleep(100000);
	return WARD_OK;
}

/* Touches nothing: the limit is on address space, and the machine is shared. */
static ward_err allocate_all(struct worker *worker)
{
	for (int i = 0; i < 100000; i++) {
		void *volatile kept = malloc((size_t)8 << 20);

		if (!kept)
			return WARD_E_NOMEM;
	}
	return good(worker);
}

static ward_err ask_a_huge_canvas(struct worker *worker)
{
	return worker_canvas(worker, SIZE_MAX / 8) ? good(worker) : WARD_E_NOMEM;
}

/* ---- lies ---- */

static struct wire_frame honest_frame(void)
{
	return (struct wire_frame){
		.head = wire_head(WIRE_FRAME, job_number),
		.stride = 40,
		.width = 40,
		.height = 30,
		.channels = 1,
		.scale = 1,
	};
}

static ward_err lie_with(struct worker *worker, const struct wire_frame *frame)
{
	ward_err err = give_facts(worker, 40, 30);

	send_raw(frame, sizeof(*frame));
	return err ? err : worker_frame_wait(worker);
}

static ward_err lie_about_height(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	frame.height = UINT32_MAX;
	return lie_with(worker, &frame);
}

static ward_err lie_about_offset(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	frame.offset = UINT64_MAX - 100;
	return lie_with(worker, &frame);
}

static ward_err lie_about_stride(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	frame.stride = UINT64_MAX / 30 + 2; /* times 30 is small again */
	return lie_with(worker, &frame);
}

static ward_err lie_about_channels(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	frame.channels = 4;
	return lie_with(worker, &frame);
}

static ward_err answer_another_job(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	frame.head.job++;
	return lie_with(worker, &frame);
}

static ward_err frame_before_facts(struct worker *worker)
{
	struct wire_frame frame = honest_frame();

	send_raw(&frame, sizeof(frame));
	return worker_frame_wait(worker);
}

static ward_err send_nonsense(struct worker *worker)
{
	send_raw("lighthouse", 10);
	return worker_frame_wait(worker);
}

/* Facts again and again would be refused; a member a message is within the rules for long. */
static ward_err talk_without_end(struct worker *worker)
{
	const struct wire_part part = { .head = wire_head(WIRE_PART, job_number) };

	while (worker)
		send_raw(&part, sizeof(part));
	return WARD_OK;
}

static ward_err send_too_much(struct worker *worker)
{
	static uint8_t big[2 * WIRE_MESSAGE_MAX];
	const struct wire_head head = wire_head(WIRE_END, job_number);

	memcpy(big, &head, sizeof(head));
	send_raw(big, sizeof(big));
	return worker_frame_wait(worker);
}

static ward_err send_a_part(struct worker *worker)
{
	return worker_part(worker, WARD_STR("not a picture's"), false);
}

/* ---- files that change ---- */

/* Waits for the program to have read a frame, then reads the end of the file. */
static ward_err read_after_frame(struct worker *worker, ward_bytes file)
{
	ward_err err = good(worker);

	if (!err)
		err = worker_frame_wait(worker);
	if (!err && file.ptr[file.len - 1] == 1)
		err = WARD_E_FORMAT;
	return err;
}

static const struct {
	const char *name;
	ward_err (*run)(struct worker *worker);
} misdeeds[] = {
	{ "good", good },
	{ "wide", wide },
	{ "frames", frames },
	{ "open", open_a_file },
	{ "socket", make_a_socket },
	{ "fork", start_a_process },
	{ "exec", run_a_program },
	{ "code", make_code },
	{ "signal", signal_the_parent },
	{ "resize", resize_the_memory },
	{ "crash", read_nowhere },
	{ "abort", give_up },
	{ "leave", leave },
	{ "deaf", turn_away },
	{ "spin", spin },
	{ "sleep", sleep_long },
	{ "allocate", allocate_all },
	{ "huge", ask_a_huge_canvas },
	{ "height", lie_about_height },
	{ "offset", lie_about_offset },
	{ "stride", lie_about_stride },
	{ "channels", lie_about_channels },
	{ "stranger", answer_another_job },
	{ "early", frame_before_facts },
	{ "nonsense", send_nonsense },
	{ "long", send_too_much },
	{ "part", send_a_part },
};

static ward_err picture(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	char word[16] = "";

	(void)kind;
	/* Jobs are numbered from 1; a test that lies names its number in the limits. */
	job_number = options->limits.depth_max;
	if (file.len == 0)
		return ward_fail(error, WARD_E_FORMAT, "the file is empty");
	if (file.len > 4096)
		return read_after_frame(worker, file);
	memcpy(word, file.ptr, file.len < 15 ? file.len : 15);
	for (size_t i = 0; i < sizeof(misdeeds) / sizeof(*misdeeds); i++) {
		if (strcmp(word, misdeeds[i].name) == 0) {
			ward_err err = misdeeds[i].run(worker);

			return err ? ward_fail(error, err, "as asked: \"%s\"\n", word) : WARD_OK;
		}
	}
	return ward_fail(error, WARD_E_UNSUPPORTED, "no such deed");
}

/* The bytes are an archive of one member a byte: a name, and as many bytes as its value times 64k.
 */
static ward_err archive(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	static uint8_t chunk[1 << 16];
	ward_err err = WARD_OK;

	(void)kind;
	job_number = options->limits.depth_max;
	if (file.len == 1 && file.ptr[0] == 254)
		return talk_without_end(worker);
	for (size_t i = 0; i < file.len && !err; i++) {
		char name[32];

		snprintf(name, sizeof(name), "member %zu", i);
		err = worker_part(worker, ward_str_from(name), file.ptr[i] == 255);
		for (unsigned k = 0; k < file.ptr[i] && file.ptr[i] < 255 && !err; k++) {
			memset(chunk, (int)(i + k), sizeof(chunk));
			err = worker_data(worker, (ward_bytes){ chunk, sizeof(chunk) });
		}
	}
	return err ? ward_fail(error, err, "the archive went on") : WARD_OK;
}

int main(void)
{
	static const struct worker_calls calls = { .picture = picture,
		.archive = archive,
		.view = picture };

	return worker_main(&calls);
}
