#include "agent/inner.h"

#include "agent/ease.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { BUSY_MS = 5000, TRIES_MAX = 12 };

struct visiting {
	struct agent *agent;
	struct place *place;
};

static bool is_stopped(struct agent *agent)
{
	pthread_mutex_lock(&agent->mutex);
	bool stopped = agent->stopped;

	pthread_mutex_unlock(&agent->mutex);
	return stopped;
}

static bool visit(void *to, const char *name, const struct stat *st)
{
	struct visiting *visiting = to;
	struct agent *agent = visiting->agent;

	if (is_stopped(agent))
		return false;
	if (st->st_size == 0 || looked_has(agent->looked, looked_key(agent->looked, name, st)))
		return true;
	char *copy = strdup(name);
	struct ward_error error;

	if (copy)
		return look_put(agent, visiting->place, copy, false);
	(void)ward_fail(&error, WARD_E_NOMEM, "no memory to look at a file");
	place_not_opened(agent, visiting->place, &error);
	return true;
}

/* With the mutex held: the next that is due, or how long until one is (UINT64_MAX: none will). */
static struct place *next_place(struct agent *agent, uint64_t now_ms, uint64_t *wait_ms)
{
	*wait_ms = UINT64_MAX;
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];
		bool timed = place->every_ms > 0 || place->next_ms > 0;

		if (!place->used || place->gone)
			continue;
		if (place->wanted || (timed && now_ms >= place->next_ms))
			return place;
		if (timed && place->next_ms - now_ms < *wait_ms)
			*wait_ms = place->next_ms - now_ms;
	}
	return NULL;
}

/* With the mutex held. */
static void wait_sweeps(struct agent *agent, uint64_t ms)
{
	struct timespec until;

	if (ms == UINT64_MAX) {
		pthread_cond_wait(&agent->sweeps, &agent->mutex);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_cond_timedwait(&agent->sweeps, &agent->mutex, &until);
}

static bool has_to_wait(const struct agent *agent)
{
	return ease_is_busy(agent->settings->load_percent) ||
	       (agent->settings->battery_waits && ease_is_on_battery());
}

/*
 * Of what other machines share, the hearing thread asks nothing by itself, for a server that does
 * not answer would make it deaf to all.
 */
static void look_where_it_is(struct agent *agent, struct place *place)
{
	struct stat st;
	struct ward_error error;

	pthread_mutex_lock(&agent->mutex);
	bool remote = place->path && place->remote;

	pthread_mutex_unlock(&agent->mutex);
	if (!remote)
		return;
	ward_err err = place_now(place, &st, &error);

	pthread_mutex_lock(&agent->mutex);
	if (err ? !place->missing : place->missing || place->device != st.st_dev)
		place->again = true;
	pthread_mutex_unlock(&agent->mutex);
}

static void sweep(struct agent *agent, struct place *place)
{
	struct visiting visiting = { agent, place };
	struct ward_error error;

	look_where_it_is(agent, place);
	ward_err err = place->source.sweep(place->source.context, visit, &visiting, &error);

	looked_flush(agent->looked);
	if (err == WARD_E_LIMIT) {
		agent_trouble_once(agent, "too_large", &error, place->source.name);
		err = WARD_OK;
	} else if (err && err != WARD_E_NOT_FOUND) {
		agent_trouble(agent, "not_swept", &error);
	}
	pthread_mutex_lock(&agent->mutex);
	if (!err)
		place->swept_at = clock_now();
	place->again = place->again || place->partly;
	/* A folder that is not there may come yet; what could not be done has set a time, too. */
	uint32_t again_ms = place->every_ms > 0 ? place->every_ms : err ? RETRY_MS : 0;

	if (again_ms > 0 && (place->next_ms == 0 || place->next_ms > agent_ms() + again_ms))
		place->next_ms = agent_ms() + again_ms;
	pthread_mutex_unlock(&agent->mutex);
}

void *sweep_thread(void *context)
{
	struct agent *agent = context;

	pthread_mutex_lock(&agent->mutex);
	while (!agent->stopped) {
		uint64_t wait_ms;
		struct place *place = next_place(agent, agent_ms(), &wait_ms);

		if (!place) {
			wait_sweeps(agent, wait_ms);
			continue;
		}
		pthread_mutex_unlock(&agent->mutex);
		bool waits = has_to_wait(agent);

		pthread_mutex_lock(&agent->mutex);
		if (waits) {
			wait_sweeps(agent, BUSY_MS);
			continue;
		}
		/* It may have gone while we asked. */
		if (!place->used || place->gone)
			continue;
		place->wanted = false;
		place->next_ms = 0;
		place->tries = place->vain && place->tries < TRIES_MAX ? place->tries + 1 : 0;
		place->vain = false;
		place->users++;
		agent->sweeping = true;
		pthread_mutex_unlock(&agent->mutex);
		sweep(agent, place);
		pthread_mutex_lock(&agent->mutex);
		agent->sweeping = false;
		place->users--;
	}
	pthread_mutex_unlock(&agent->mutex);
	return NULL;
}
