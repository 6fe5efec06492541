#include "agent/inner.h"

#include "agent/basis.h"
#include "agent/ease.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- the queue ---- */

bool look_put(struct agent *agent, struct place *place, char *name, bool heard)
{
	pthread_mutex_lock(&agent->mutex);
	while (!agent->stopped && agent->queue_count == QUEUE_MAX)
		pthread_cond_wait(&agent->emptied, &agent->mutex);
	bool good = !agent->stopped;

	if (good) {
		size_t at = (agent->queue_first + agent->queue_count++) % QUEUE_MAX;

		agent->queue[at] = (struct task){ place, name, heard };
		place->users++;
		pthread_cond_signal(&agent->filled);
	}
	pthread_mutex_unlock(&agent->mutex);
	if (!good)
		free(name);
	return good;
}

static void until_in(uint32_t ms, struct timespec *until)
{
	clock_gettime(CLOCK_MONOTONIC, until);
	until->tv_sec += ms / 1000;
	until->tv_nsec += (long)(ms % 1000) * 1000000;
	if (until->tv_nsec >= 1000000000) {
		until->tv_sec++;
		until->tv_nsec -= 1000000000;
	}
}

/* ---- one thread ---- */

struct looker {
	struct agent *agent;
	struct ward_scanner *scanner; /* NULL: it rests, without a worker */
};

/* Lets go of the worker, and of the memory that it took to speak with it. */
static void rest(struct looker *looker)
{
	ward_scanner_free(looker->scanner);
	looker->scanner = NULL;
	ease_memory();
}

/* False when the agent stops. */
static bool take(struct looker *looker, struct task *task)
{
	struct agent *agent = looker->agent;
	struct timespec until;

	until_in(agent->settings->worker_idle_ms, &until);
	pthread_mutex_lock(&agent->mutex);
	while (!agent->stopped && agent->queue_count == 0) {
		if (!looker->scanner) {
			pthread_cond_wait(&agent->filled, &agent->mutex);
		} else if (pthread_cond_timedwait(&agent->filled, &agent->mutex, &until) ==
				ETIMEDOUT) {
			agent->lookers--;
			pthread_mutex_unlock(&agent->mutex);
			rest(looker);
			pthread_mutex_lock(&agent->mutex);
		}
	}
	bool any = !agent->stopped;

	if (any) {
		*task = agent->queue[agent->queue_first];
		agent->queue_first = (agent->queue_first + 1) % QUEUE_MAX;
		agent->queue_count--;
		pthread_cond_broadcast(&agent->emptied);
		agent->lookers += !looker->scanner;
	}
	pthread_mutex_unlock(&agent->mutex);
	return any;
}

/* It is looked at again with the next sweep, which is so soon. */
static void try_again(struct agent *agent, struct place *place, uint64_t wait_ms)
{
	pthread_mutex_lock(&agent->mutex);
	uint64_t at = agent_ms() + wait_ms;

	if (place->next_ms == 0 || place->next_ms > at)
		place->next_ms = at;
	pthread_cond_signal(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
}

/*
 * A worker that died, or the time or memory that was not enough, says nothing of the file: it is
 * not passed by from then on.
 */
static bool has_failed(const struct ward_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		ward_err err = report->findings[i].err;

		if (err == WARD_E_WORKER || err == WARD_E_TIMEOUT || err == WARD_E_NOMEM)
			return true;
	}
	return false;
}

static void scan(struct looker *looker, struct place *place, const char *name,
		const struct source_file *file, uint64_t key)
{
	struct agent *agent = looker->agent;
	struct ward_scan_options options = agent->options.known.options;
	uint64_t generation = basis_generation(agent);
	struct ward_bank_view *view = ward_bank_acquire(agent->options.known.bank);
	const struct ward_report *report;
	struct ward_error error;

	options.now = clock_now();
	ward_err err = ward_scan_fd(looker->scanner, file->fd, (uint64_t)file->st.st_size, view,
			agent->options.known.policy, &options, &report, &error);

	if (err) {
		atomic_fetch_add(&agent->failed, 1);
		agent_trouble(agent, "not_looked", &error);
		try_again(agent, place, RETRY_MS);
	} else {
		bool failed = has_failed(report);

		atomic_fetch_add(failed ? &agent->failed : &agent->looked_at, 1);
		if (!act_on(agent, place, name, file, report))
			try_again(agent, place, RETRY_MS);
		else if (failed)
			try_again(agent, place, agent->settings->every_ms);
		else
			basis_remember(agent, key, generation);
	}
	ward_bank_release(view);
}

/* The kernel writes back what was written by memory after 30 s, and looks for it each 5 s. */
enum { YOUNG_S = 120 };

/*
 * What is written into memory that a file was mapped to changes its times at first, and then not
 * before it was written back; and two writes within a tick of the clock are at the same time.  So
 * of a change to a young file that was heard of it may have no other sign.
 */
static bool may_have_changed(const struct task *task, const struct stat *st)
{
	return task->heard && st->st_ctim.tv_sec + YOUNG_S > clock_now();
}

static bool is_known(const struct agent *agent, const struct task *task, const struct stat *st,
		uint64_t key)
{
	return st->st_size == 0 || (looked_has(agent->looked, key) && !may_have_changed(task, st));
}

static void look_at(struct looker *looker, const struct task *task)
{
	struct agent *agent = looker->agent;
	struct place *place = task->place;
	struct source_file file;
	struct ward_error error;
	ward_err err = place->source.open(place->source.context, task->name, &file, &error);

	if (err) {
		/* One that has gone, is a link or a pipe is nothing to look at. */
		if (err != WARD_E_NOT_FOUND && err != WARD_E_UNSUPPORTED)
			place_not_opened(agent, place, &error);
		return;
	}
	uint64_t key = looked_key(agent->looked, task->name, &file.st);

	if (is_known(agent, task, &file.st, key))
		atomic_fetch_add(&agent->passed, 1);
	else
		scan(looker, place, task->name, &file, key);
	close(file.fd);
	if (file.folder >= 0)
		close(file.folder);
}

static void not_begun(struct agent *agent, const struct task *task)
{
	struct ward_error error;

	(void)ward_fail(&error, WARD_E_NOMEM, "no memory to look at a file");
	place_not_opened(agent, task->place, &error);
}

static void give_back(struct agent *agent, struct task *task)
{
	pthread_mutex_lock(&agent->mutex);
	task->place->users--;
	pthread_mutex_unlock(&agent->mutex);
	free(task->name);
}

void *look_thread(void *context)
{
	struct agent *agent = context;
	struct looker looker = { .agent = agent };
	struct task task;

	while (take(&looker, &task)) {
		if (!looker.scanner)
			looker.scanner = ward_scanner_new(&(struct ward_scanner_options){
					.worker = agent->options.worker });
		if (looker.scanner)
			look_at(&looker, &task);
		else
			not_begun(agent, &task);
		give_back(agent, &task);
	}
	ward_scanner_free(looker.scanner);
	return NULL;
}
