#include "agent/inner.h"

#include "agent/place.h"

#include <stdlib.h>

/* ---- which folders and files ---- */

/* With the mutex held, or by the hearing thread, which alone makes and ends places. */
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

struct place *places_around(struct agent *agent, const char *path)
{
	struct place *found = NULL;

	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (place->used && !place->gone && place->path &&
				place_is_within(path, place->path) &&
				(!found || strlen(place->path) > strlen(found->path)))
			found = place;
	}
	return found;
}

/* The place of a file that is covered; NULL: it is none of ours. */
struct place *places_of(struct agent *agent, const char *path)
{
	if (!sweep_covers(agent, path))
		return NULL;
	pthread_mutex_lock(&agent->mutex);
	struct place *found = places_around(agent, path);

	pthread_mutex_unlock(&agent->mutex);
	return found;
}

/* What the kernel's news ask: the folder that is listened to is a place itself. */
bool places_enters(void *context, const char *path)
{
	struct agent *agent = context;
	const struct agent_watch *watch = agent_settings_watch(agent->settings, path);

	return watch && may_enter(agent, watch, path) &&
	       ((agent->adding && strcmp(path, agent->adding) == 0) ||
			       !begins_another(agent, path));
}

/* ---- places come and go ---- */

static bool is_watched(const struct place *place)
{
	return place->used && !place->gone && place->path;
}

/* With the mutex held. */
static bool is_free(const struct place *place)
{
	return !place->used || (place->gone && place->users == 0);
}

/*
 * With the mutex held: where a place may be written.  One that has gone gives its slot to another
 * when nobody lends from it any more.
 */
static struct place *find_slot(struct agent *agent, const char *path)
{
	struct place *found = NULL;

	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (place->gone && strcmp(place->path, path) == 0)
			return place;
		if (!found && is_free(place))
			found = place;
	}
	if (found) {
		char *copy = strdup(path);

		if (!copy)
			return NULL;
		free(found->path);
		*found = (struct place){ .path = copy };
	}
	return found;
}

/* One that is there, or a new one that is not listened to yet.  NULL: there is no room. */
static struct place *add(struct agent *agent, const char *path, const struct agent_watch *watch,
		bool medium)
{
	pthread_mutex_lock(&agent->mutex);
	struct place *place = find(agent, path);
	bool is_new = !place;

	if (!place)
		place = find_slot(agent, path);
	if (place && is_new) {
		/* One that had gone may still be lent from: it gets what it had. */
		if (!place->used) {
			place->folder = (struct source_folder){ place->path, agent, sweep_enters,
				sweep_covers, places_missed };
			place->source = (struct source){ watch->name, watch->most, &place->folder,
				source_folder_sweep, source_folder_open };
			place->watch = watch;
		}
		place->medium = medium;
		place->gone = place->partly = place->limited = place->vain = false;
		place->missing = false;
		place->used = place->wanted = true;
		place->device = place->number = place->mount_id = 0;
		place_look_at_mount(agent, place);
		place->begun_on = place->mount_id;
		place->again = true;
		pthread_cond_signal(&agent->sweeps);
	}
	pthread_mutex_unlock(&agent->mutex);
	return place;
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

/* What finds no place is heard and swept as a part of the one around it, until it does. */
static void be_crowded(struct agent *agent, const char *path)
{
	struct ward_error error;

	agent->crowded = true;
	(void)ward_fail(&error, WARD_E_LIMIT, "more mounts than can be watched each by itself: %d",
			PLACES_MAX);
	agent_trouble_once(agent, "mounts_full", &error, "");
	(void)notice_add(agent->notice, path, true);
}

static void begin_mounts(struct agent *agent)
{
	agent->crowded = false;
	for (size_t i = 0; i < agent->mounts.count; i++) {
		const struct mount *mount = &agent->mounts.at[i];
		const struct agent_watch *watch = watch_of_mount(agent, mount);

		if (!watch || find(agent, mount->path))
			continue;
		notice_remove(agent->notice, mount->path);
		struct place *place = add(agent, mount->path, watch, true);

		if (place)
			agent->options.says(agent->options.context, "mounted", watch->name);
		else
			be_crowded(agent, mount->path);
	}
}

static void end_place(struct agent *agent, struct place *place)
{
	place_stop(agent, place);
	pthread_mutex_lock(&agent->mutex);
	place->gone = true;
	struct place *outer = places_around(agent, place->path);

	pthread_mutex_unlock(&agent->mutex);
	agent->options.says(agent->options.context, "unmounted", "");
	/* What was below the mount is its surroundings' again. */
	if (outer && !outer->whole)
		(void)notice_add(agent->notice, place->path, true);
}

static void end_mounts(struct agent *agent)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (is_watched(place) && place->medium &&
				!mounts_has(&agent->mounts, place->begun_on, place->path))
			end_place(agent, place);
	}
}

static bool has_room(struct agent *agent)
{
	bool room = false;

	pthread_mutex_lock(&agent->mutex);
	for (size_t i = 0; i < PLACES_MAX && !room; i++)
		room = is_free(&agent->places[i]);
	pthread_mutex_unlock(&agent->mutex);
	return room;
}

void places_check(struct agent *agent)
{
	if (agent->crowded && has_room(agent))
		begin_mounts(agent);
	for (size_t i = 0; i < PLACES_MAX; i++) {
		if (is_watched(&agent->places[i]))
			place_check(agent, &agent->places[i]);
	}
	/* One that was forgotten with one around it. */
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &agent->places[i];

		if (is_watched(place) && place_has_fallen(agent, place))
			place_check(agent, place);
	}
}

void places_mounted(struct agent *agent, struct mounts *mounts)
{
	pthread_mutex_lock(&agent->mutex);
	struct mounts before = agent->mounts;

	/* Written by this thread alone, which so may read it without the mutex. */
	agent->mounts = *mounts;
	pthread_mutex_unlock(&agent->mutex);
	mounts_free(&before);
	end_mounts(agent);
	begin_mounts(agent);
	pthread_mutex_lock(&agent->mutex);
	for (size_t i = 0; i < PLACES_MAX; i++) {
		if (is_watched(&agent->places[i]))
			place_look_at_mount(agent, &agent->places[i]);
	}
	pthread_mutex_unlock(&agent->mutex);
	places_check(agent);
}

void places_mounts(struct agent *agent)
{
	struct mounts now;
	struct ward_error error;

	if (mounts_read(&now, &error) == WARD_OK)
		places_mounted(agent, &now);
	else
		agent_trouble(agent, "mounts_unread", &error);
}

ward_err places_begin(struct agent *agent, struct ward_error *error)
{
	const struct agent_settings *settings = agent->settings;
	struct mounts now;
	ward_err err = mounts_read(&now, error);

	if (err)
		return err;
	pthread_mutex_lock(&agent->mutex);
	agent->mounts = now;
	pthread_mutex_unlock(&agent->mutex);
	for (size_t i = 0; i < settings->watch_count; i++) {
		if (!add(agent, settings->watches[i].folder, &settings->watches[i], false))
			return ward_fail(error, WARD_E_LIMIT, "more places than can be watched");
	}
	/* All are there before the first is listened to, so that each ends where another begins. */
	begin_mounts(agent);
	places_check(agent);
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
