#include "agent/inner.h"

#include "agent/basis.h"
#include "agent/ease.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

uint64_t agent_ms(void)
{
	return clock_ticks_us() / 1000;
}

/* ---- news from the kernel ---- */

static void hear_file(void *context, const char *path)
{
	struct agent *agent = context;

	/* What is swept for anyway costs nothing to hear of twice. */
	if (places_of(agent, path) && !due_touch(agent->due, path, agent_ms())) {
		atomic_fetch_add(&agent->lost, 1);
		places_want_all(agent);
	}
}

/* A folder that came with all that is in it: fanotify tells of it alone. */
static bool hear_inner(void *context, const char *name, const struct stat *st)
{
	(void)st;
	hear_file(context, name);
	return true;
}

static bool any_file(void *context, const char *path)
{
	(void)context;
	(void)path;
	return true;
}

static void hear_folder(void *context, const char *path)
{
	struct agent *agent = context;
	struct source_folder folder = { path, agent, places_enters, any_file, places_missed };

	if (places_enters(agent, path) &&
			source_folder_sweep(&folder, hear_inner, agent, NULL) != WARD_OK)
		places_want_all(agent);
}

static bool hear_concerns(void *context, const char *path)
{
	struct agent *agent = context;

	return agent_settings_watch(agent->settings, path) &&
	       !agent_settings_is_own(agent->settings, path);
}

static void hear_lost(void *context)
{
	struct agent *agent = context;

	atomic_fetch_add(&agent->lost, 1);
	agent->options.says(agent->options.context, "events_lost", "all is swept");
	places_want_all(agent);
}

/* ---- life ---- */

static void machine_name(struct agent *agent)
{
	snprintf(agent->name, sizeof(agent->name), "%s", agent->settings->name);
	if (!agent->name[0] && gethostname(agent->name, sizeof(agent->name) - 1) < 0)
		snprintf(agent->name, sizeof(agent->name), "agent");
}

static ward_err open_folders(struct agent *agent, struct ward_error *error)
{
	const struct agent_settings *settings = agent->settings;
	char path[4096];
	ward_err err = file_make_folders(settings->folder, 0700, error);

	if (!err)
		err = agent_spool_open(settings->spool, settings->spool_bytes_max, &agent->spool,
				error);
	if (!err && settings->key_count > 0)
		err = held_open(settings->quarantine, settings->keys[0], settings->key_count,
				&agent->held, error);
	if (!err)
		err = folder_path(settings->folder, "looked", path, error);
	return err ? err
		   : looked_open(path, basis_of(agent), settings->remember, &agent->looked, error);
}

static ward_err open_ears(struct agent *agent, struct ward_error *error)
{
	const struct notice_to to = { agent, hear_file, hear_folder, places_enters, hear_lost,
		places_deaf, hear_concerns };
	ward_err err = notice_new(&to, &agent->notice, error);

	if (!err && agent->settings->whole && notice_whole_new(&to, &agent->whole, NULL) != WARD_OK)
		agent->whole = NULL;
	agent->due = due_new(agent->settings->settle_ms, DUE_MAX);
	if (!err && !agent->due)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	return err;
}

static ward_err start_threads(struct agent *agent, struct ward_error *error)
{
	const struct agent_settings *settings = agent->settings;

	if (settings->url) {
		const struct agent_sender_options sending = { .url = settings->url,
			.token_file = settings->token,
			.post = agent->options.post };
		ward_err err = agent_sender_new(agent->spool, &sending, &agent->sender, error);

		if (err)
			return err;
	}
	while (agent->thread_count < settings->workers &&
			pthread_create(&agent->threads[agent->thread_count], NULL, look_thread,
					agent) == 0)
		agent->thread_count++;
	if (agent->thread_count == 0)
		return ward_fail(error, WARD_E_NOMEM, "cannot start a thread");
	return WARD_OK;
}

ward_err agent_new(const struct agent_options *options, struct agent **agent,
		struct ward_error *error)
{
	struct agent *made = calloc(1, sizeof(*made));
	pthread_condattr_t monotonic;

	if (!made || sodium_init() < 0) {
		free(made);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	made->settings = options->settings;
	made->options = *options;
	made->since = clock_now();
	machine_name(made);
	pthread_mutex_init(&made->act, NULL);
	pthread_mutex_init(&made->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&made->filled, &monotonic);
	pthread_cond_init(&made->emptied, &monotonic);
	pthread_cond_init(&made->sweeps, &monotonic);
	pthread_condattr_destroy(&monotonic);
	ward_err err = open_folders(made, error);

	if (!err)
		err = open_ears(made, error);
	if (!err)
		err = start_threads(made, error);
	if (err)
		agent_free(made);
	else
		*agent = made;
	return err;
}

ward_err agent_add_source(struct agent *agent, const struct source *source, uint32_t every_ms,
		struct ward_error *error)
{
	ward_err err = ward_fail(error, WARD_E_LIMIT, "more places than can be watched");

	pthread_mutex_lock(&agent->mutex);
	for (size_t i = 0; i < PLACES_MAX && err; i++) {
		struct place *place = &agent->places[i];

		if (place->used)
			continue;
		*place = (struct place){ .source = *source, .used = true, .wanted = true };
		place->remote = true;
		place->every_ms = every_ms;
		err = WARD_OK;
	}
	pthread_cond_signal(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
	return err;
}

static void forget_work(struct agent *agent)
{
	for (; agent->queue_count > 0; agent->queue_count--) {
		free(agent->queue[agent->queue_first].name);
		agent->queue_first = (agent->queue_first + 1) % QUEUE_MAX;
	}
	for (size_t i = 0; i < PLACES_MAX; i++)
		free(agent->places[i].path);
	mounts_free(&agent->mounts);
}

void agent_free(struct agent *agent)
{
	if (!agent)
		return;
	pthread_mutex_lock(&agent->mutex);
	agent->stopped = true;
	pthread_cond_broadcast(&agent->filled);
	pthread_cond_broadcast(&agent->emptied);
	pthread_cond_broadcast(&agent->sweeps);
	pthread_mutex_unlock(&agent->mutex);
	for (unsigned i = 0; i < agent->thread_count; i++)
		pthread_join(agent->threads[i], NULL);
	agent_sender_free(agent->sender);
	notice_free(agent->notice);
	notice_whole_free(agent->whole);
	due_free(agent->due);
	forget_work(agent);
	looked_close(agent->looked);
	held_close(agent->held);
	agent_spool_close(agent->spool);
	pthread_cond_destroy(&agent->sweeps);
	pthread_cond_destroy(&agent->emptied);
	pthread_cond_destroy(&agent->filled);
	pthread_mutex_destroy(&agent->mutex);
	pthread_mutex_destroy(&agent->act);
	free(agent);
}

/* ---- running ---- */

/* Other lists: what was found clean under the old ones is looked at again. */
static void look_at_lists(struct agent *agent)
{
	struct ward_error error;
	bool changed = false;

	if (ward_bank_refresh(agent->options.known.bank, &changed, &error) != WARD_OK)
		agent_trouble(agent, "lists_unread", &error);
	if (!changed)
		return;
	agent->options.says(agent->options.context, "lists_changed", "all is swept");
	basis_renew(agent);
	places_want_all(agent);
}

/* Files that are left alone go to the lookers, as long as there is room without waiting. */
static void hand_over(struct agent *agent)
{
	char *path;

	for (;;) {
		pthread_mutex_lock(&agent->mutex);
		bool room = agent->queue_count < QUEUE_MAX;

		pthread_mutex_unlock(&agent->mutex);
		path = room ? due_take(agent->due, agent_ms()) : NULL;
		if (!path)
			return;
		struct place *place = places_of(agent, path);

		if (place)
			(void)look_put(agent, place, path, true);
		else
			free(path);
	}
}

enum { BREATH_MS = 200 };

/*
 * Files are left alone for a while anyway, so news are read together: on a machine where much is
 * written elsewhere, being woken is what costs.
 */
static void breathe(const struct agent *agent)
{
	uint32_t ms = agent->settings->settle_ms / 4;

	(void)poll(NULL, 0, ms < BREATH_MS ? (int)ms : BREATH_MS);
}

static void wait_for_news(struct agent *agent, int mounts)
{
	struct pollfd ears[] = {
		{ .fd = notice_fd(agent->notice), .events = POLLIN },
		{ .fd = agent->whole ? notice_whole_fd(agent->whole) : -1, .events = POLLIN },
		{ .fd = mounts, .events = POLLPRI },
	};
	int wait_ms = due_wait(agent->due, agent_ms());

	if (wait_ms < 0 || wait_ms > (int)agent->settings->refresh_ms)
		wait_ms = (int)agent->settings->refresh_ms;
	/* A full queue is looked at again soon. */
	if (wait_ms < 20)
		wait_ms = 20;
	if (poll(ears, 3, wait_ms) <= 0)
		return;
	breathe(agent);
	if (ears[2].revents & (POLLPRI | POLLERR))
		places_mounts(agent);
	if (ears[0].revents & POLLIN)
		notice_read(agent->notice);
	if (ears[1].revents & POLLIN)
		notice_whole_read(agent->whole);
}

void agent_run(struct agent *agent, const volatile sig_atomic_t *stop)
{
	struct ward_error error;
	int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	bool sweeps = places_begin(agent, &error) == WARD_OK;

	if (!sweeps)
		agent_trouble(agent, "not_watched", &error);
	sweeps = pthread_create(&agent->sweeper, NULL, sweep_thread, agent) == 0;
	status_write(agent);
	agent->options.says(agent->options.context, "ready", "");
	while (!*stop) {
		wait_for_news(agent, mounts);
		hand_over(agent);
		if (agent_ms() - agent->refreshed_ms >= agent->settings->refresh_ms) {
			agent->refreshed_ms = agent_ms();
			look_at_lists(agent);
			looked_flush(agent->looked);
			places_check(agent);
			status_aside(agent);
			status_write(agent);
		}
	}
	pthread_mutex_lock(&agent->mutex);
	agent->stopped = true;
	pthread_cond_broadcast(&agent->sweeps);
	pthread_cond_broadcast(&agent->emptied);
	pthread_mutex_unlock(&agent->mutex);
	if (sweeps)
		pthread_join(agent->sweeper, NULL);
	if (mounts >= 0)
		close(mounts);
	status_write(agent);
}
