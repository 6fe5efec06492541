#include "agent/inner.h"

#include "agent/place.h"

#include <errno.h>
#include <unistd.h>

/* ---- what is not heard, and not got at ---- */

/* With the mutex held: so often others' changes, and what is not heard, are swept for. */
static void set_interval(const struct agent *agent, struct place *place)
{
	bool unheard = place->remote || place->limited;

	place->every_ms = place->watch->every_ms > 0 ? place->watch->every_ms
			  : unheard                  ? agent->settings->every_ms
						     : 0;
}

/* With the mutex held: swept again, later each time that this is in vain.  What we may not open is
 * seldom ours a minute later. */
static void retry(struct agent *agent, struct place *place, ward_err err)
{
	uint64_t first_ms = err == WARD_E_DENIED ? agent->settings->every_ms : RETRY_MS;
	uint64_t wait_ms = first_ms << place->tries;
	uint64_t at = agent_ms() + (wait_ms < LATEST_MS ? wait_ms : LATEST_MS);

	place->vain = true;
	if (place->next_ms == 0 || place->next_ms > at)
		place->next_ms = at;
	pthread_cond_signal(&agent->sweeps);
}

void place_not_opened(struct agent *agent, struct place *place, const struct ward_error *error)
{
	atomic_fetch_add(&agent->not_opened, 1);
	agent_trouble_once(agent, "not_opened", error, "");
	pthread_mutex_lock(&agent->mutex);
	retry(agent, place, error->code);
	pthread_mutex_unlock(&agent->mutex);
}

void places_missed(void *context, const char *path, const struct ward_error *error)
{
	struct agent *agent = context;

	if (error->code == WARD_E_UNSUPPORTED) {
		atomic_fetch_add(&agent->too_long, 1);
		agent_trouble_once(agent, "too_long", error, "");
		return;
	}
	pthread_mutex_lock(&agent->mutex);
	struct place *place = places_around(agent, path);

	pthread_mutex_unlock(&agent->mutex);
	if (place)
		place_not_opened(agent, place, error);
}

void places_deaf(void *context, const char *folder, const struct ward_error *error)
{
	struct agent *agent = context;
	bool full = error->code == WARD_E_LIMIT;

	if (error->code == WARD_E_UNSUPPORTED) {
		places_missed(agent, folder, error);
		return;
	}
	pthread_mutex_lock(&agent->mutex);
	struct place *place = places_around(agent, folder);

	if (place) {
		bool known = full && place->limited;

		place->partly = true;
		place->limited = place->limited || full;
		set_interval(agent, place);
		if (!full)
			retry(agent, place, error->code);
		/* What came with a new folder; one that is begun with is swept anyway. */
		if (!agent->adding && !known && error->code != WARD_E_DENIED)
			place->wanted = true;
		pthread_cond_signal(&agent->sweeps);
	}
	pthread_mutex_unlock(&agent->mutex);
	agent_trouble_once(agent, full ? "watches_full" : "not_heard", error,
			place ? place->path : "");
}

/* ---- listening ---- */

ward_err place_now(const struct place *place, struct stat *st, struct ward_error *error)
{
	int fd;
	ward_err err = place_open_folder(place->path, &fd, error);

	if (err)
		return err;
	if (fstat(fd, st) < 0)
		err = ward_fail(error, WARD_E_IO, "a folder cannot be asked about: %s",
				strerror(errno));
	close(fd);
	return err;
}

void place_stop(struct agent *agent, struct place *place)
{
	if (place->whole)
		notice_whole_remove(agent->whole, place->mark);
	notice_remove(agent->notice, place->path);
	place->whole = false;
	place->watching = 0;
}

/* Hears of what happens below a place, or of what of it was not heard yet. */
static void listen_to(struct agent *agent, struct place *place)
{
	struct ward_error error;

	/* A mark keeps its mount from being unmounted: not for what comes and goes.  The folder may
	 * have been seen before its mount was. */
	bool stays = !place->medium && place->mount_id == place->begun_on;

	if (place->whole && !stays)
		place_stop(agent, place);
	if (!place->whole && agent->whole && stays)
		place->whole = notice_whole_add(agent->whole, place->path, &place->mark, &error) ==
			       WARD_OK;
	if (place->whole)
		return;
	agent->adding = place->path;
	place->watching = notice_add(agent->notice, place->path, false);
	agent->adding = NULL;
}

void place_look_at_mount(struct agent *agent, struct place *place)
{
	const struct mount *mount = mounts_find(&agent->mounts, place->path);
	uint64_t id = mount ? mount->id : 0;

	place->on_demand = mount && mount->pseudo;
	place->remote = mount && (mount->remote || mount->pseudo);
	place->again = place->again || (place->mount_id != id && !place->on_demand);
	place->mount_id = id;
	set_interval(agent, place);
}

bool place_has_fallen(const struct agent *agent, const struct place *place)
{
	return place->watching > 0 && !notice_has(agent->notice, place->watching);
}

static void miss_place(struct agent *agent, struct place *place, const struct ward_error *why)
{
	struct ward_error error;

	place_stop(agent, place);
	pthread_mutex_lock(&agent->mutex);
	bool missed = place->missing;

	place->missing = true;
	pthread_mutex_unlock(&agent->mutex);
	if (missed || place->medium)
		return;
	(void)ward_fail(&error, why->code, "%s: %s", place->watch->name,
			why->code == WARD_E_NOT_FOUND ? "there is no such folder, or a link is in "
							"its place"
						      : why->message);
	agent_trouble(agent, "watch_missing", &error);
}

/* Listens anew; `other`: it is another folder than before. */
static void hear_anew(struct agent *agent, struct place *place, const struct stat *st, bool other)
{
	if (other)
		place_stop(agent, place);
	pthread_mutex_lock(&agent->mutex);
	bool partly = place->partly, missed = place->missing, whole = place->whole;

	place->partly = place->limited = place->missing = false;
	place->device = st->st_dev;
	place->number = st->st_ino;
	pthread_mutex_unlock(&agent->mutex);
	listen_to(agent, place);
	pthread_mutex_lock(&agent->mutex);
	/* What came before we heard. */
	if (other || whole != place->whole || (partly && !place->partly))
		place->wanted = true;
	set_interval(agent, place);
	pthread_cond_signal(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
	if (missed && !place->medium)
		agent->options.says(agent->options.context, "watch_back", place->watch->name);
}

/*
 * The kernel tells neither that a folder was renamed with one above it nor that something was
 * mounted over it, and of one that is not there nothing; so we look whether it is the one that we
 * listen to.  An inode's number is soon another's, but then the watch has fallen.
 */
void place_check(struct agent *agent, struct place *place)
{
	struct stat st;
	struct ward_error error;

	pthread_mutex_lock(&agent->mutex);
	bool again = place->again;

	place->again = false;
	pthread_mutex_unlock(&agent->mutex);
	bool fallen = place_has_fallen(agent, place);

	if (place->remote && !again && (!fallen || place->on_demand))
		return;
	ward_err err = place_now(place, &st, &error);

	if (err == WARD_E_NOT_FOUND || err == WARD_E_DENIED) {
		miss_place(agent, place, &error);
	} else if (err) {
		agent_trouble_once(agent, "not_watched", &error, place->path);
	} else {
		/* Not every file system of others keeps its numbers. */
		bool other = place->missing || fallen || place->device != st.st_dev ||
			     (!place->remote && place->number != st.st_ino);
		bool deaf = !place->whole && place->watching == 0 && !place->partly;

		if (again || other || deaf)
			hear_anew(agent, place, &st, other);
	}
}
