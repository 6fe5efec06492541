#include "net/lane.h"

#include <pthread.h>
#include <signal.h>

struct lane {
	struct lane_options options;
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	void **jobs; /* a ring */
	unsigned first, waiting, running;
	bool ending;
	unsigned threads;
	pthread_t thread[];
};

static void *take_job(struct lane *lane)
{
	void *job = NULL;

	pthread_mutex_lock(&lane->mutex);
	while (lane->waiting == 0 && !lane->ending)
		pthread_cond_wait(&lane->filled, &lane->mutex);
	if (lane->waiting > 0) {
		job = lane->jobs[lane->first];
		lane->first = (lane->first + 1) % lane->options.waiting_max;
		lane->waiting--;
		lane->running++;
	}
	pthread_mutex_unlock(&lane->mutex);
	return job;
}

static void *work(void *context)
{
	struct lane *lane = context;
	void *tool = lane->options.open ? lane->options.open(lane->options.context) : NULL;
	void *job;

	while ((job = take_job(lane))) {
		lane->options.run(lane->options.context, tool, job);
		pthread_mutex_lock(&lane->mutex);
		lane->running--;
		pthread_mutex_unlock(&lane->mutex);
	}
	if (lane->options.close)
		lane->options.close(tool);
	return NULL;
}

/* Threads take no signals: those are for the program's first thread. */
static bool start(struct lane *lane)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (lane->threads < lane->options.threads &&
			pthread_create(&lane->thread[lane->threads], NULL, work, lane) == 0) {
		pthread_setname_np(lane->thread[lane->threads], lane->options.name);
		lane->threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return lane->threads == lane->options.threads;
}

struct lane *lane_new(const struct lane_options *options)
{
	struct lane *lane = calloc(1, sizeof(*lane) + options->threads * sizeof(pthread_t));

	if (!lane)
		return NULL;
	lane->options = *options;
	if (lane->options.waiting_max == 0)
		lane->options.waiting_max = 1;
	pthread_mutex_init(&lane->mutex, NULL);
	pthread_cond_init(&lane->filled, NULL);
	lane->jobs = calloc(lane->options.waiting_max, sizeof(*lane->jobs));
	if (!lane->jobs || !start(lane)) {
		lane_free(lane);
		return NULL;
	}
	return lane;
}

bool lane_put(struct lane *lane, void *job)
{
	bool put = false;

	pthread_mutex_lock(&lane->mutex);
	if (lane->waiting < lane->options.waiting_max && !lane->ending) {
		lane->jobs[(lane->first + lane->waiting) % lane->options.waiting_max] = job;
		lane->waiting++;
		put = true;
		pthread_cond_signal(&lane->filled);
	}
	pthread_mutex_unlock(&lane->mutex);
	return put;
}

unsigned lane_waiting(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	unsigned waiting = lane->waiting;

	pthread_mutex_unlock(&lane->mutex);
	return waiting;
}

unsigned lane_running(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	unsigned running = lane->running;

	pthread_mutex_unlock(&lane->mutex);
	return running;
}

bool lane_is_full(struct lane *lane)
{
	return lane_waiting(lane) >= lane->options.waiting_max;
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	pthread_mutex_lock(&lane->mutex);
	lane->ending = true;
	pthread_cond_broadcast(&lane->filled);
	pthread_mutex_unlock(&lane->mutex);
	for (unsigned i = 0; i < lane->threads; i++)
		pthread_join(lane->thread[i], NULL);
	pthread_cond_destroy(&lane->filled);
	pthread_mutex_destroy(&lane->mutex);
	free(lane->jobs);
	free(lane);
}
