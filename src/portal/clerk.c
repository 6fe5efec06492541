#include "portal/clerk.h"

#include <pthread.h>
#include <signal.h>

struct clerk {
	void (*run)(void *errand);
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	void *errands[CLERK_WAITING_MAX]; /* a ring */
	unsigned first, waiting;
	bool ending, started;
	pthread_t thread;
};

static void *take(struct clerk *clerk)
{
	void *errand = NULL;

	pthread_mutex_lock(&clerk->mutex);
	while (clerk->waiting == 0 && !clerk->ending)
		pthread_cond_wait(&clerk->filled, &clerk->mutex);
	if (clerk->waiting > 0) {
		errand = clerk->errands[clerk->first];
		clerk->first = (clerk->first + 1) % CLERK_WAITING_MAX;
		clerk->waiting--;
	}
	pthread_mutex_unlock(&clerk->mutex);
	return errand;
}

static void *work(void *context)
{
	struct clerk *clerk = context;
	void *errand;

	while ((errand = take(clerk)))
		clerk->run(errand);
	return NULL;
}

struct clerk *clerk_new(void (*run)(void *errand))
{
	struct clerk *clerk = calloc(1, sizeof(*clerk));
	sigset_t all, before;

	if (!clerk)
		return NULL;
	clerk->run = run;
	pthread_mutex_init(&clerk->mutex, NULL);
	pthread_cond_init(&clerk->filled, NULL);
	/* Signals are for the program's first thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	clerk->started = pthread_create(&clerk->thread, NULL, work, clerk) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!clerk->started) {
		clerk_free(clerk);
		return NULL;
	}
	return clerk;
}

bool clerk_put(struct clerk *clerk, void *errand)
{
	bool put = false;

	pthread_mutex_lock(&clerk->mutex);
	if (clerk->waiting < CLERK_WAITING_MAX && !clerk->ending) {
		clerk->errands[(clerk->first + clerk->waiting++) % CLERK_WAITING_MAX] = errand;
		put = true;
		pthread_cond_signal(&clerk->filled);
	}
	pthread_mutex_unlock(&clerk->mutex);
	return put;
}

void clerk_end(struct clerk *clerk)
{
	pthread_mutex_lock(&clerk->mutex);
	clerk->ending = true;
	pthread_cond_broadcast(&clerk->filled);
	pthread_mutex_unlock(&clerk->mutex);
	if (clerk->started)
		pthread_join(clerk->thread, NULL);
	clerk->started = false;
}

void clerk_free(struct clerk *clerk)
{
	if (!clerk)
		return;
	clerk_end(clerk);
	pthread_cond_destroy(&clerk->filled);
	pthread_mutex_destroy(&clerk->mutex);
	free(clerk);
}
