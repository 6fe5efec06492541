#include "box/errand.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "box/process.h"

static ward_err share(const struct errand *errand, ward_bytes question, int *memory,
		struct ward_error *error)
{
	size_t size, done = 0;

	if (ckd_add(&size, question.len, errand->answer_max) || size > INT64_MAX)
		return ward_fail(error, WARD_E_LIMIT, "%s is too large", errand->what);
	*memory = file_memory(errand->program, error);
	if (*memory < 0)
		return WARD_E_NOMEM;
	if (ftruncate(*memory, (off_t)size) != 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory for %s: %s", errand->what,
				strerror(errno));
	while (done < question.len) {
		ssize_t got = pwrite(*memory, question.ptr + done, question.len - done,
				(off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ward_fail(error, WARD_E_NOMEM, "no memory for %s: %s", errand->what,
					strerror(errno));
		done += (size_t)got;
	}
	return WARD_OK;
}

enum heard { HEARD, LATE, GONE };

/* The word that it answers with. */
static enum heard ask(const struct errand *errand, const struct process *process,
		uint64_t question_len, uint64_t *len)
{
	uint64_t until = clock_ticks_us() + (uint64_t)errand->time_s * 1000000;

	if (send(process->socket, &question_len, sizeof(question_len), MSG_NOSIGNAL) !=
			sizeof(question_len))
		return GONE;
	for (;;) {
		uint64_t now = clock_ticks_us();
		struct pollfd ready = { .fd = process->socket, .events = POLLIN };
		int events = now < until ? poll(&ready, 1, (int)((until - now) / 1000) + 1) : 0;

		if (events < 0 && errno == EINTR)
			continue;
		if (events == 0)
			return LATE;
		return events > 0 && recv(process->socket, len, sizeof(*len), MSG_DONTWAIT) ==
								       sizeof(*len)
				       ? HEARD
				       : GONE;
	}
}

/* A copy of our own, made when nobody writes to it any more. */
static bool copy_answer(int memory, size_t from, size_t len, char **answer)
{
	char *copy = len > 0 ? malloc(len) : NULL;
	size_t done = 0;

	while (copy && done < len) {
		ssize_t got = pread(memory, copy + done, len - done, (off_t)(from + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	if (!copy || done < len) {
		free(copy);
		return false;
	}
	*answer = copy;
	return true;
}

static ward_err run(const struct errand *errand, size_t question_len, int memory, uint64_t *len,
		struct ward_error *error)
{
	struct process process = { 0, -1 };
	char why[PROCESS_WHY_MAX] = "";
	char *path = process_find(errand->variable, errand->program);

	if (!path)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = process_start(&process, path, memory, error);

	free(path);
	if (err)
		return err;
	process_limit_cpu(&process, errand->time_s);
	process_limit_memory(&process, errand->memory_max);
	enum heard heard = ask(errand, &process, question_len, len);

	process_end(&process, why);
	if (heard == LATE)
		return ward_fail(error, WARD_E_TIMEOUT, "%s did not answer for %s in %u seconds",
				errand->program, errand->what, errand->time_s);
	if (heard == GONE)
		return ward_fail(error, WARD_E_WORKER, "%s %s over %s", errand->program, why,
				errand->what);
	if (*len == 0 || *len > errand->answer_max)
		return ward_fail(error, WARD_E_FORMAT, "%s has no answer for %s", errand->program,
				errand->what);
	return WARD_OK;
}

ward_err errand_run(const struct errand *errand, ward_bytes question, char **answer, size_t *len,
		struct ward_error *error)
{
	uint64_t told = 0;
	int memory = -1;
	ward_err err = share(errand, question, &memory, error);

	if (!err)
		err = run(errand, question.len, memory, &told, error);
	if (!err && !copy_answer(memory, question.len, (size_t)told, answer))
		err = ward_fail(error, WARD_E_NOMEM, "no memory for what became of %s",
				errand->what);
	if (!err)
		*len = (size_t)told;
	if (memory >= 0)
		close(memory);
	return err;
}
