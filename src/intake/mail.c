#include "intake/mail.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "intake/mail_parts.h"

/* No limit of memory fits a sanitizer's shadow. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SHADOWED true
#else
#define SHADOWED false
#endif

enum { WRITTEN_MAX = MAIL_BYTES_MAX + MAIL_PARTS_MAX * 256, MEMORY_MAX = 768 << 20 };

/* ---- the answer ---- */

bool mail_parts_read(ward_bytes written, struct mail_parts *parts)
{
	struct ward_reader reader = ward_reader_from(written);

	parts->count = 0;
	for (;;) {
		uint8_t what = ward_read_u8(&reader);

		if (what == 'E')
			return !reader.failed && ward_reader_left(&reader) == 0;
		if ((what != 'T' && what != 'A') || parts->count == MAIL_PARTS_MAX)
			return false;
		struct mail_part *part = &parts->at[parts->count++];
		size_t type = ward_read_u32le(&reader), len = ward_read_u32le(&reader);
		ward_bytes name = ward_read_bytes(&reader, type);

		part->text = what == 'T';
		part->type = (ward_str){ (const char *)name.ptr, name.len };
		part->bytes = ward_read_bytes(&reader, len);
		if (reader.failed)
			return false;
	}
}

void mail_parts_free(struct mail_parts *parts)
{
	free(parts->memory);
	parts->memory = NULL;
	parts->count = 0;
}

/* ---- the process ---- */

static void bound(int what, rlim_t value)
{
	struct rlimit limit = { value, value };

	if (setrlimit(what, &limit) != 0)
		_exit(1);
}

/* Nothing is opened or written but the pipe; no core is left of what it holds. */
static void be_the_process(ward_bytes mail, int fd)
{
	bound(RLIMIT_CORE, 0);
	bound(RLIMIT_FSIZE, 0);
	bound(RLIMIT_CPU, MAIL_TIME_S);
	if (!SHADOWED)
		bound(RLIMIT_AS, MEMORY_MAX);
	_exit(mail_parts_write(mail, fd) ? 0 : 1);
}

/* Reads to the end, within bounds and in time. */
static bool read_all(int fd, struct ward_buf *out)
{
	uint64_t until = clock_ticks_us() + (uint64_t)MAIL_TIME_S * 1000000;

	for (;;) {
		uint64_t now = clock_ticks_us();
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		char *room = ward_buf_reserve(out, 65536);

		if (!room || now >= until || poll(&ready, 1, (int)((until - now) / 1000) + 1) < 0)
			return false;
		if (ready.revents == 0)
			return false;
		ssize_t len = read(fd, room, 65536);

		if (len < 0)
			return false;
		if (len == 0)
			return true;
		out->len += (size_t)len;
	}
}

ward_err mail_take_apart(ward_bytes mail, struct mail_parts *parts, struct ward_error *error)
{
	struct ward_buf written;
	int ends[2], status = 1;

	if (pipe(ends) != 0)
		return ward_fail(error, WARD_E_IO, "no pipe: %s", strerror(errno));
	pid_t child = fork();

	if (child == 0) {
		close(ends[0]);
		be_the_process(mail, ends[1]);
	}
	close(ends[1]);
	ward_buf_init(&written, WRITTEN_MAX);
	bool good = child > 0 && read_all(ends[0], &written);

	close(ends[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	good = good &&
	       mail_parts_read((ward_bytes){ (const uint8_t *)written.ptr, written.len }, parts);
	if (!good) {
		ward_buf_free(&written);
		return ward_fail(error, WARD_E_FORMAT, "the mail cannot be taken apart");
	}
	parts->memory = written.ptr;
	return WARD_OK;
}
