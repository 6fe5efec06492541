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

/* What an address begins with: how it is read, and what the reader calls it. */
static const struct scheme {
	const char *begins;
	const char *plain; /* what is behind TLS; NULL: itself */
	unsigned port;     /* by TLS, where the address names none */
} schemes[] = {
	{ "http://", NULL, 0 }, { "https://", NULL, 0 }, { "rtmp://", NULL, 0 },
	{ "rtsp://", NULL, 0 }, { "rtmps://", "rtmp://", 443 },
	{ "rtsps://", "rtsp://", 322 }, /* RFC 7826, 22.13 */
};

static ward_err start(struct live *live, int memory, const struct live_options *options,
		const struct scheme *scheme, struct ward_error *error)
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
			/* A stream of the web is read through what libcurl fetched alone. */
			.dials = strncmp(scheme->begins, "http", 4) != 0,
			.allow = options->allow,
			.tls = scheme->plain != NULL,
			.ca_file = options->ca_file,
	});
	return live->outside ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

static const struct scheme *scheme_of(const char *address)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i].begins);

		if (strncmp(address, schemes[i].begins, len) == 0)
			return address[len] != '\0' && strlen(address) <= LIVE_TEXT_MAX
					       ? &schemes[i]
					       : NULL;
	}
	return NULL;
}

/* Of "user@host:port" or the like. */
static bool names_a_port(ward_str authority)
{
	for (size_t i = authority.len; i > 0; i--) {
		char letter = authority.ptr[i - 1];

		if (letter == ':')
			return true;
		if (letter == ']' || letter == '@')
			return false;
	}
	return false;
}

/* What the reader is told, for whom there is no TLS; false when it is too long. */
static bool write_plainly(const struct scheme *scheme, const char *address,
		char plain[LIVE_TEXT_MAX + 1])
{
	const char *rest = address + strlen(scheme->begins);
	ward_str authority = { rest, strcspn(rest, "/?#") };
	char port[16] = "";

	if (scheme->port > 0 && !names_a_port(authority))
		snprintf(port, sizeof(port), ":%u", scheme->port);
	int len = snprintf(plain, LIVE_TEXT_MAX + 1, "%s%.*s%s%s",
			scheme->plain ? scheme->plain : scheme->begins, WARD_FMT(authority), port,
			rest + authority.len);

	return len > 0 && len <= LIVE_TEXT_MAX;
}

ward_err live_open(const char *address, const struct live_options *options, struct live **live,
		struct ward_error *error)
{
	const struct scheme *scheme = scheme_of(address);
	char plain[LIVE_TEXT_MAX + 1];
	struct live *made;
	int memory = -1;

	if (!scheme || !write_plainly(scheme, address, plain))
		return ward_fail(error, WARD_E_ARGUMENT,
				"this is no http, https, rtmp, rtmps, rtsp or rtsps address");
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->process.socket = -1;
	made->stall_us = (uint64_t)options->stall_ms * 1000;
	made->last_us = clock_ticks_us();
	ward_err err = share(made, &memory, error);

	if (!err)
		err = start(made, memory, options, scheme, error);
	if (memory >= 0)
		close(memory);
	if (!err && !live_say(made->process.socket,
				    &(struct live_word){ .kind = LIVE_START,
						    .number = options->interval_ms },
				    ward_str_from(plain), -1))
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
	if (live->outside && live_outside_untrusted(live->outside))
		return ward_fail(error, WARD_E_DENIED,
				"the certificate of the stream's server is not trusted, or not "
				"for its name");
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
