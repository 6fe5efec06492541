#include "milter/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { LISTS_US = 1000000 };

struct job {
	struct job *next;
	int fd;
	uint64_t size;
	uint64_t until_us;
	struct milter_outcome *outcome;
	bool taken, done;
	pthread_cond_t ready;
};

struct milter_pool {
	struct milter_pool_options options;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_condattr_t monotonic;
	struct job *first, **last;
	uint64_t lists_us; /* when the lists were looked at last */
	bool ending;
	unsigned started;
	pthread_t threads[MILTER_THREADS_MAX];
};

/* ---- the threads that scan ---- */

static struct job *take(struct milter_pool *pool)
{
	struct job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->ending)
		pthread_cond_wait(&pool->filled, &pool->lock);
	if (!pool->ending) {
		job = pool->first;
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
		job->taken = true;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

/* One thread at a time looks; the others go on with what there is. */
static struct ward_bank_view *lists(struct milter_pool *pool)
{
	struct ward_error error;
	uint64_t now = clock_ticks_us();
	bool changed;

	pthread_mutex_lock(&pool->lock);
	bool due = now - pool->lists_us >= LISTS_US;

	if (due)
		pool->lists_us = now;
	pthread_mutex_unlock(&pool->lock);
	/* A list that cannot be opened keeps its old version. */
	if (due)
		(void)!ward_bank_refresh(pool->options.bank, &changed, &error);
	return ward_bank_acquire(pool->options.bank);
}

static void scan(struct milter_pool *pool, struct ward_scanner *scanner, struct job *job)
{
	struct ward_scan_options options = pool->options.scan;
	uint64_t now = clock_ticks_us();
	const struct ward_report *report;

	if (now + 1000 >= job->until_us) {
		(void)ward_fail(&job->outcome->error, WARD_E_TIMEOUT, "its turn came too late");
		return;
	}
	uint64_t left = (job->until_us - now) / 1000;

	options.now = clock_now();
	if (left < options.limits.time_ms)
		options.limits.time_ms = (uint32_t)left;
	struct ward_bank_view *view = lists(pool);

	if (ward_scan_fd(scanner, job->fd, job->size, view, pool->options.policy, &options, &report,
			    &job->outcome->error) == WARD_OK)
		milter_outcome_read(job->outcome, report);
	ward_bank_release(view);
}

static void *run(void *context)
{
	struct milter_pool *pool = context;
	struct ward_scanner *scanner = ward_scanner_new(NULL);
	struct job *job;

	while ((job = take(pool)) != NULL) {
		if (scanner)
			scan(pool, scanner, job);
		else
			(void)ward_fail(&job->outcome->error, WARD_E_NOMEM, "no memory for a scan");
		pthread_mutex_lock(&pool->lock);
		job->done = true;
		pthread_cond_signal(&job->ready);
		pthread_mutex_unlock(&pool->lock);
		if (!scanner)
			scanner = ward_scanner_new(NULL);
	}
	ward_scanner_free(scanner);
	return NULL;
}

/* ---- those that wait ---- */

static void drop(struct milter_pool *pool, struct job *job)
{
	struct job **at = &pool->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	if (!*at)
		pool->last = at;
}

void milter_pool_scan(struct milter_pool *pool, int fd, uint64_t size,
		struct milter_outcome *outcome)
{
	struct job job = { .fd = fd,
		.size = size,
		.outcome = outcome,
		.until_us = clock_ticks_us() + (uint64_t)pool->options.time_ms * 1000 };
	struct timespec until = { .tv_sec = (time_t)(job.until_us / 1000000),
		.tv_nsec = (long)(job.until_us % 1000000) * 1000 };

	if (pthread_cond_init(&job.ready, &pool->monotonic) != 0) {
		(void)ward_fail(&outcome->error, WARD_E_NOMEM, "no memory to wait for a scan");
		return;
	}
	pthread_mutex_lock(&pool->lock);
	*pool->last = &job;
	/* Taken out of the queue before this returns. */
	/* cppcheck-suppress autoVariables */
	pool->last = &job.next;
	pthread_cond_signal(&pool->filled);
	int waited = 0;

	/* A scan that has begun ends by its own clock, and has our memory until then. */
	while (!job.done && (job.taken || waited != ETIMEDOUT))
		waited = job.taken ? pthread_cond_wait(&job.ready, &pool->lock)
				   : pthread_cond_timedwait(&job.ready, &pool->lock, &until);
	if (!job.taken) {
		drop(pool, &job);
		(void)ward_fail(&outcome->error, WARD_E_TIMEOUT, "its turn did not come in time");
	}
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_destroy(&job.ready);
}

/* ---- from beginning to end ---- */

static ward_err start(struct milter_pool *pool, struct ward_error *error)
{
	sigset_t all, before;
	ward_err err = WARD_OK;

	/* Signals are the program's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!err && pool->started < pool->options.threads) {
		if (pthread_create(&pool->threads[pool->started], NULL, run, pool) != 0)
			err = ward_fail(error, WARD_E_NOMEM, "cannot start a thread for scans");
		else
			pool->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

ward_err milter_pool_new(const struct milter_pool_options *options, struct milter_pool **result,
		struct ward_error *error)
{
	if (options->threads < 1 || options->threads > MILTER_THREADS_MAX || options->time_ms == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "scans want 1 to %d threads, and time",
				MILTER_THREADS_MAX);
	struct milter_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return ward_fail(error, WARD_E_NOMEM, "no memory for scans");
	pool->options = *options;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->filled, NULL);
	pthread_condattr_init(&pool->monotonic);
	pthread_condattr_setclock(&pool->monotonic, CLOCK_MONOTONIC);
	ward_err err = start(pool, error);

	if (err)
		milter_pool_free(pool);
	else
		*result = pool;
	return err;
}

void milter_pool_free(struct milter_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->filled);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_condattr_destroy(&pool->monotonic);
	pthread_cond_destroy(&pool->filled);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
