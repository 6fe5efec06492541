#include "live/live.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "box/process.h"
#include "live/live_outside.h"

struct live {
	struct process process;
	struct live_outside *outside;
	const uint8_t *pixels; /* shared with the reader */
	struct live_message heard;
	uint64_t stall_us, last_us; /* a frame came last */
	bool given;                 /* a frame is the caller's */
};

void live_prepare(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static ward_err share(struct live *live, int *memory, struct ward_error *error)
{
	void *pixels;

	*memory = file_memory("ward-live", error);
	if (*memory < 0)
		return WARD_E_NOMEM;
	if (ftruncate(*memory, (off_t)LIVE_MEMORY) != 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory for frames: %s", strerror(errno));
	pixels = mmap(NULL, LIVE_MEMORY, PROT_READ, MAP_SHARED, *memory, 0);
	if (pixels == MAP_FAILED)
		return ward_fail(error, WARD_E_NOMEM, "no memory for frames: %s", strerror(errno));
	live->pixels = pixels;
	return WARD_OK;
}

static ward_err start(struct live *live, int memory, const struct live_options *options, bool dials,
		struct ward_error *error)
{
	char *path = process_find("WARD_WORKER_LIVE", "ward-worker-live");

	if (!path)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = process_start(&live->process, path, memory, error);

	free(path);
	if (err)
		return err;
	process_limit_memory(&live->process, options->memory_max);
	live->outside = live_outside_new(&(struct live_outside_options){
			.socket = live->process.socket,
			.dials = dials,
			.allow = options->allow,
	});
	return live->outside ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

static bool is_read_here(const char *address)
{
	static const char *const schemes[] = { "http://", "https://", "rtmp://", "rtsp://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(address, schemes[i], len) == 0)
			return address[len] != '\0' && strlen(address) <= LIVE_TEXT_MAX;
	}
	return false;
}

ward_err live_open(const char *address, const struct live_options *options, struct live **live,
		struct ward_error *error)
{
	struct live *made;
	int memory = -1;

	if (!is_read_here(address))
		return ward_fail(error, WARD_E_ARGUMENT,
				"this is no http, https, rtmp or rtsp address");
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->process.socket = -1;
	made->stall_us = (uint64_t)options->stall_ms * 1000;
	made->last_us = clock_ticks_us();
	ward_err err = share(made, &memory, error);

	/* A stream of the web is read through what libcurl fetched alone. */
	if (!err)
		err = start(made, memory, options, strncmp(address, "http", 4) != 0, error);
	if (memory >= 0)
		close(memory);
	if (!err && !live_say(made->process.socket,
				    &(struct live_word){ .kind = LIVE_START,
						    .number = options->interval_ms },
				    ward_str_from(address), -1))
		err = ward_fail(error, WARD_E_WORKER, "the reader of streams does not start");
	if (err)
		live_close(made);
	else
		*live = made;
	return err;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	/* Its threads write to the socket, which process_end closes. */
	live_outside_free(live->outside);
	process_end(&live->process, NULL);
	if (live->pixels)
		munmap((void *)(uintptr_t)live->pixels, LIVE_MEMORY);
	free(live);
}

static ward_err died(struct live *live, struct ward_error *error)
{
	char why[PROCESS_WHY_MAX] = "";

	/* The threads first: the number of a closed socket may soon be another's. */
	live_outside_free(live->outside);
	live->outside = NULL;
	process_end(&live->process, why);
	return ward_fail(error, WARD_E_WORKER, "the reader of streams %s", why);
}

static ward_err ended(struct live *live, struct ward_error *error)
{
	ward_err err = live->heard.word.err <= WARD_E_ARGUMENT ? (ward_err)live->heard.word.err
							       : WARD_E_WORKER;

	if (err == WARD_OK)
		return ward_fail(error, WARD_E_NOT_FOUND, "the stream has ended");
	if (live->outside && live_outside_denied(live->outside))
		return ward_fail(error, WARD_E_DENIED,
				"the stream leads to an address that is not on the public "
				"Internet");
	/* A stranger's words, perhaps, and for a terminal. */
	for (char *at = live->heard.text; *at; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	return ward_fail(error, err, "%.200s", live->heard.text);
}

static ward_err take_frame(struct live *live, struct live_frame *frame, struct ward_error *error)
{
	const struct live_word *word = &live->heard.word;
	uint64_t now = clock_ticks_us();

	if (live->given || word->width == 0 || word->height == 0 ||
			(uint64_t)word->width * word->height > LIVE_PIXELS_MAX)
		return died(live, error);
	live->given = true;
	live->last_us = now;
	*frame = (struct live_frame){
		.image = { live->pixels, (size_t)word->width * 3, word->width, word->height, 3 },
		.stream_ms = word->stream_ms,
		.arrived_us = word->arrived_us < now ? word->arrived_us : now,
		.behind_ms = word->behind_ms,
		.dropped = word->dropped,
	};
	return WARD_OK;
}

/* One message. */
static ward_err answer(struct live *live, struct live_frame *frame, bool *come,
		struct ward_error *error)
{
	switch (live->heard.word.kind) {
	case LIVE_HELLO:
		return WARD_OK;
	case LIVE_FRAME:
		*come = true;
		return take_frame(live, frame, error);
	case LIVE_END:
		return ended(live, error);
	case LIVE_OPEN:
	case LIVE_DIAL:
		return live_outside_ask(live->outside, &live->heard) ? WARD_OK : died(live, error);
	default:
		return died(live, error);
	}
}

ward_err live_next(struct live *live, uint32_t wait_ms, struct live_frame *frame, bool *come,
		struct ward_error *error)
{
	uint64_t now = clock_ticks_us(), until = now + (uint64_t)wait_ms * 1000;
	ward_err err = WARD_OK;

	*come = false;
	while (!err && !*come && live->outside) {
		struct pollfd ready = { .fd = live->process.socket, .events = POLLIN };
		int events = poll(&ready, 1, now < until ? (int)((until - now) / 1000) + 1 : 0);

		if (events > 0) {
			enum live_heard got =
					live_hear(live->process.socket, false, &live->heard, NULL);

			if (got == LIVE_GONE)
				return died(live, error);
			err = got == LIVE_HEARD ? answer(live, frame, come, error) : WARD_OK;
		}
		now = clock_ticks_us();
		if (!err && !*come && now - live->last_us > live->stall_us)
			return ward_fail(error, WARD_E_TIMEOUT,
					"the stream gave no picture for "
					"%u seconds",
					(unsigned)(live->stall_us / 1000000));
		/* Also when a signal came. */
		if (events < 0 || now >= until)
			break;
	}
	if (!err && !live->outside)
		return ward_fail(error, WARD_E_WORKER, "the reader of streams is gone");
	return err;
}

void live_taken(struct live *live)
{
	live->given = false;
	/* One that is gone is noticed at the next call. */
	if (live->outside &&
			!live_say(live->process.socket, &(struct live_word){ .kind = LIVE_TAKEN },
					(ward_str){ "", 0 }, -1))
		live->last_us = 0;
}

int live_pid(const struct live *live)
{
	return live->process.pid;
}
