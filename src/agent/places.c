#include "agent/inner.h"

#include "agent/ease.h"
#include "agent/place.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_MS = 5000 };

/* ---- which folders and files ---- */

/* With the mutex held. */
static struct place *find(struct agent *agent, const char *path)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (place->used && !place->gone && place->path && strcmp(place->path, path) == 0)
			return place;
	}
	return NULL;
}

/* Another place of ours, or the kernel's own, begins here: then it is not this one's. */
static bool begins_another(struct agent *agent, const char *path)
{
	pthread_mutex_lock(&agent->mutex);
	bool another = find(agent, path) != NULL;

	for (size_t i = 0; i < agent->mounts.count && !another; i++)
		another = agent->mounts.at[i].pseudo && strcmp(agent->mounts.at[i].path, path) == 0;
	pthread_mutex_unlock(&agent->mutex);
	return another;
}

struct place_context {
	struct agent *agent;
	struct place *place;
};

static bool may_enter(struct agent *agent, const struct agent_watch *watch, const char *path)
{
	return !agent_settings_is_own(agent->settings, path) && !agent_watch_excludes(watch, path);
}

/* What the sweep of a place asks; the agent is the context, the place is found by its path. */
static bool sweep_enters(void *context, const char *path)
{
	struct agent *agent = context;
	const struct agent_watch *watch = agent_settings_watch(agent->settings, path);

	return watch && may_enter(agent, watch, path) && !begins_another(agent, path);
}

static bool sweep_covers(void *context, const char *path)
{
	struct agent *agent = context;
	const struct agent_watch *watch = agent_settings_watch(agent->settings, path);

	return watch && agent_watch_covers(watch, path) &&
	       !agent_settings_is_own(agent->settings, path);
}

/* The innermost place around a file that is covered; NULL: it is none of ours. */
struct place *places_of(struct agent *agent, const char *path)
{
	struct place *found = NULL;

	if (!sweep_covers(agent, path))
		return NULL;
	pthread_mutex_lock(&agent->mutex);
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (place->used && !place->gone && place->path &&
				place_is_within(path, place->path) &&
				(!found || strlen(place->path) > strlen(found->path)))
			found = place;
	}
	pthread_mutex_unlock(&agent->mutex);
	return found;
}

/* ---- places come and go ---- */

/* With the mutex held.  Slots are never given to another path: lookers lend from them. */
static struct place *add(struct agent *agent, const char *path, const struct agent_watch *watch)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (place->used && !(place->gone && place->path && strcmp(place->path, path) == 0))
			continue;
		if (!place->path)
			place->path = strdup(path);
		if (!place->path)
			return NULL;
		place->folder = (struct source_folder){ place->path, agent, sweep_enters,
			sweep_covers };
		place->source = (struct source){ watch->name, watch->most, &place->folder,
			source_folder_sweep, source_folder_open };
		place->watch = watch;
		place->every_ms = watch->every_ms;
		place->gone = false;
		place->used = true;
		place->wanted = true;
		return place;
	}
	return NULL;
}

/* Hears of what happens below a place. */
static void listen_to(struct agent *agent, struct place *place, bool is_mount)
{
	struct ward_error error;

	/* A mark keeps its file system from being unmounted: not for what comes and goes. */
	place->whole = !is_mount && agent->whole &&
		       notice_whole_add(agent->whole, place->path, &error) == WARD_OK;
	agent->adding = place->path;
	bool heard = place->whole || notice_add(agent->notice, place->path, false);

	agent->adding = NULL;
	if (heard)
		return;
	(void)ward_fail(&error, WARD_E_LIMIT,
			"too few inotify watches (fs.inotify.max_user_watches): the rest is swept");
	agent_trouble(agent, "watches_full", &error);
	if (place->every_ms == 0)
		place->every_ms = agent->settings->every_ms;
}

static struct place *begin_place(struct agent *agent, const char *path,
		const struct agent_watch *watch, bool is_mount)
{
	pthread_mutex_lock(&agent->mutex);
	const struct mount *mount = mounts_find(&agent->mounts, path);
	bool remote = mount && mount->remote;
	struct place *place = add(agent, path, watch);

	if (place) {
		place->remote = remote;
		if (remote && place->every_ms == 0)
			place->every_ms = agent->settings->every_ms;
	}
	pthread_cond_signal(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
	if (place)
		listen_to(agent, place, is_mount);
	return place;
}

/* What the kernel's news ask: the folder that is begun with is a place itself. */
bool places_enters(void *context, const char *path)
{
	struct agent *agent = context;
	const struct agent_watch *watch = agent_settings_watch(agent->settings, path);

	return watch && may_enter(agent, watch, path) &&
	       ((agent->adding && strcmp(path, agent->adding) == 0) ||
			       !begins_another(agent, path));
}

/* ---- mounts ---- */

/* Is it the kernel's, or where nobody asked us to look? */
static const struct agent_watch *watch_of_mount(const struct agent *agent,
		const struct mount *mount)
{
	const struct agent_watch *watch = agent_settings_watch(agent->settings, mount->path);

	if (mount->pseudo || !watch || agent_settings_is_own(agent->settings, mount->path) ||
			agent_watch_excludes(watch, mount->path))
		return NULL;
	/* A watch that is a mount's place itself is a place already. */
	return watch->folder && strcmp(watch->folder, mount->path) == 0 ? NULL : watch;
}

static void begin_mounts(struct agent *agent, const struct mounts *before, const struct mounts *now)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct mount *mount = &now->at[i];
		const struct agent_watch *watch = watch_of_mount(agent, mount);

		if (!watch || mounts_has(before, mount->id, mount->path))
			continue;
		notice_remove(agent->notice, mount->path);
		if (begin_place(agent, mount->path, watch, true))
			agent->options.says(agent->options.context, "mounted", watch->name);
	}
}

static void end_mounts(struct agent *agent, const struct mounts *before, const struct mounts *now)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct mount *mount = &before->at[i];

		if (!watch_of_mount(agent, mount) || mounts_has(now, mount->id, mount->path))
			continue;
		notice_remove(agent->notice, mount->path);
		pthread_mutex_lock(&agent->mutex);
		struct place *place = find(agent, mount->path);

		if (place)
			place->gone = true;
		pthread_mutex_unlock(&agent->mutex);
		agent->options.says(agent->options.context, "unmounted", "");
	}
}

void places_mounts(struct agent *agent)
{
	struct mounts now, before, kept;
	struct ward_error error;

	if (mounts_read(&now, &error) != WARD_OK || mounts_read(&kept, &error) != WARD_OK) {
		agent_trouble(agent, "mounts_unread", &error);
		return;
	}
	pthread_mutex_lock(&agent->mutex);
	before = agent->mounts;
	agent->mounts = now;
	pthread_mutex_unlock(&agent->mutex);
	end_mounts(agent, &before, &kept);
	begin_mounts(agent, &before, &kept);
	mounts_free(&before);
	mounts_free(&kept);
}

ward_err places_begin(struct agent *agent, struct ward_error *error)
{
	const struct agent_settings *settings = agent->settings;
	struct mounts none = { .count = 0 }, now;
	ward_err err = mounts_read(&agent->mounts, error);

	if (!err)
		err = mounts_read(&now, error);
	if (err)
		return err;
	/* Inner ones first, so that outer ones end where they begin. */
	begin_mounts(agent, &none, &now);
	mounts_free(&now);
	for (size_t i = 0; i < settings->watch_count; i++) {
		struct place *place = begin_place(agent, settings->watches[i].folder,
				&settings->watches[i], false);

		if (!place)
			return ward_fail(error, WARD_E_LIMIT, "more places than can be watched");
	}
	return WARD_OK;
}

void places_want_all(struct agent *agent)
{
	pthread_mutex_lock(&agent->mutex);
	for (size_t i = 0; i < PLACES_MAX; i++)
		agent->places[i].wanted = agent->places[i].used && !agent->places[i].gone;
	pthread_cond_signal(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
}

/* ---- sweeping ---- */

static bool is_stopped(struct agent *agent)
{
	pthread_mutex_lock(&agent->mutex);
	bool stopped = agent->stopped;

	pthread_mutex_unlock(&agent->mutex);
	return stopped;
}

static bool visit(void *to, const char *name, const struct stat *st)
{
	struct place_context *context = to;
	struct agent *agent = context->agent;

	if (is_stopped(agent))
		return false;
	if (st->st_size == 0 || looked_has(agent->looked, looked_key(agent->looked, name, st)))
		return true;
	char *copy = strdup(name);

	return copy && look_put(agent, context->place, copy);
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

static void sweep(struct agent *agent, struct place *place)
{
	struct place_context context = { agent, place };
	struct ward_error error;
	ward_err err = place->source.sweep(place->source.context, visit, &context, &error);

	looked_flush(agent->looked);
	if (err && err != WARD_E_NOT_FOUND)
		agent_trouble(agent, "not_swept", &error);
	pthread_mutex_lock(&agent->mutex);
	place->swept_at = clock_now();
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
		place->wanted = false;
		place->next_ms = 0;
		agent->sweeping = true;
		pthread_mutex_unlock(&agent->mutex);
		sweep(agent, place);
		pthread_mutex_lock(&agent->mutex);
		agent->sweeping = false;
	}
	pthread_mutex_unlock(&agent->mutex);
	return NULL;
}
