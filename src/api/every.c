#include "api/every.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* A look is one question to the store. */
enum { EACH_MS = 300 };

struct every {
	void (*work)(struct every *every, void *context);
	void *context;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;
};

bool every_is_stopping(struct every *every)
{
	pthread_mutex_lock(&every->mutex);
	bool stopping = every->stopping;

	pthread_mutex_unlock(&every->mutex);
	return stopping;
}

static void wait_a_moment(struct every *every)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += EACH_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&every->mutex);
	if (!every->stopping)
		pthread_cond_timedwait(&every->wake, &every->mutex, &until);
	pthread_mutex_unlock(&every->mutex);
}

static void *run(void *context)
{
	struct every *every = context;

	while (!every_is_stopping(every)) {
		every->work(every, every->context);
		wait_a_moment(every);
	}
	return NULL;
}

struct every *every_start(void (*work)(struct every *every, void *context), void *context)
{
	struct every *every = calloc(1, sizeof(*every));

	if (!every)
		return NULL;
	every->work = work;
	every->context = context;
	pthread_mutex_init(&every->mutex, NULL);
	pthread_cond_init(&every->wake, NULL);
	if (pthread_create(&every->thread, NULL, run, every) == 0)
		return every;
	pthread_cond_destroy(&every->wake);
	pthread_mutex_destroy(&every->mutex);
	free(every);
	return NULL;
}

void every_stop(struct every *every)
{
	if (!every)
		return;
	pthread_mutex_lock(&every->mutex);
	every->stopping = true;
	pthread_cond_signal(&every->wake);
	pthread_mutex_unlock(&every->mutex);
	pthread_join(every->thread, NULL);
	pthread_cond_destroy(&every->wake);
	pthread_mutex_destroy(&every->mutex);
	free(every);
}
