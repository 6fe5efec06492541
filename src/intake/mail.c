#include "intake/mail.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "box/process.h"

/* No limit of memory fits a sanitizer's shadow. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SHADOWED true
#else
#define SHADOWED false
#endif

enum { MEMORY_MAX = 768 << 20 };

_Static_assert(MAIL_ANSWER_MAX >= MAIL_BYTES_MAX + MAIL_PARTS_MAX * 256, "heads have room, too");

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

/* Shared with it: the mail, and room for the answer. */
static ward_err share(ward_bytes mail, int *memory, struct ward_error *error)
{
	off_t size = (off_t)(mail.len + MAIL_ANSWER_MAX);
	size_t done = 0;

	*memory = file_memory("ward-mail", error);
	if (*memory < 0)
		return WARD_E_NOMEM;
	if (ftruncate(*memory, size) != 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a mail: %s", strerror(errno));
	while (done < mail.len) {
		ssize_t got = pwrite(*memory, mail.ptr + done, mail.len - done, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a mail: %s",
					strerror(errno));
		done += (size_t)got;
	}
	return WARD_OK;
}

/* The length of its answer; false when there is none in time. */
static bool ask(const struct process *process, size_t mail_len, size_t *len)
{
	uint64_t until = clock_ticks_us() + (uint64_t)MAIL_TIME_S * 1000000, word = mail_len;

	if (send(process->socket, &word, MAIL_WORD, MSG_NOSIGNAL) != MAIL_WORD)
		return false;
	for (;;) {
		uint64_t now = clock_ticks_us();
		struct pollfd ready = { .fd = process->socket, .events = POLLIN };
		int events = now < until ? poll(&ready, 1, (int)((until - now) / 1000) + 1) : 0;

		if (events < 0 && errno == EINTR)
			continue;
		if (events <= 0 ||
				recv(process->socket, &word, MAIL_WORD, MSG_DONTWAIT) != MAIL_WORD)
			return false;
		*len = (size_t)word;
		return word > 0 && word <= MAIL_ANSWER_MAX;
	}
}

/* A copy of our own, made when nobody writes to it any more. */
static bool copy_answer(int memory, size_t from, size_t len, char **copy)
{
	size_t done = 0;

	*copy = malloc(len);
	while (*copy && done < len) {
		ssize_t got = pread(memory, *copy + done, len - done, (off_t)(from + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return *copy && done == len;
}

static ward_err run(ward_bytes mail, int memory, char **answer, size_t *len,
		struct ward_error *error)
{
	struct process process = { 0, -1 };
	char why[PROCESS_WHY_MAX] = "";
	char *path = process_find("WARD_MAIL", "ward-mail");

	if (!path)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = process_start(&process, path, memory, error);

	free(path);
	if (err)
		return err;
	process_limit_cpu(&process, MAIL_TIME_S);
	if (!SHADOWED)
		process_limit_memory(&process, MEMORY_MAX);
	bool good = ask(&process, mail.len, len);

	process_end(&process, why);
	good = good && copy_answer(memory, mail.len, *len, answer);
	return good ? WARD_OK : ward_fail(error, WARD_E_FORMAT, "the mail cannot be taken apart");
}

ward_err mail_take_apart(ward_bytes mail, struct mail_parts *parts, struct ward_error *error)
{
	char *answer = NULL;
	size_t len = 0;
	int memory = -1;
	ward_err err = share(mail, &memory, error);

	if (!err)
		err = run(mail, memory, &answer, &len, error);
	if (memory >= 0)
		close(memory);
	if (!err && !mail_parts_read((ward_bytes){ (const uint8_t *)answer, len }, parts))
		err = ward_fail(error, WARD_E_FORMAT, "the mail cannot be taken apart");
	if (err)
		free(answer);
	else
		parts->memory = answer;
	return err;
}
