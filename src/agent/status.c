#include "agent/inner.h"

#include "base/checksum.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { STATUS_MAX = 1 << 20 };

void agent_trouble(struct agent *agent, const char *event, const struct ward_error *error)
{
	pthread_mutex_lock(&agent->mutex);
	snprintf(agent->trouble, sizeof(agent->trouble), "%.60s: %.170s", event, error->message);
	agent->trouble_at = clock_now();
	pthread_mutex_unlock(&agent->mutex);
	agent->options.says(agent->options.context, event, error->message);
}

/* With the mutex held.  What was told longest ago makes room. */
static bool is_told(struct agent *agent, uint64_t what)
{
	uint64_t now_ms = agent_ms();
	size_t at = 0;

	for (size_t i = 0; i < TOLD_MAX && agent->told_once[at].what != what; i++) {
		if (agent->told_once[i].what == what ||
				agent->told_once[i].at_ms < agent->told_once[at].at_ms)
			at = i;
	}
	if (agent->told_once[at].what == what && now_ms - agent->told_once[at].at_ms < LATEST_MS)
		return true;
	agent->told_once[at].what = what;
	agent->told_once[at].at_ms = now_ms;
	return false;
}

void agent_trouble_once(struct agent *agent, const char *event, const struct ward_error *error,
		const char *about)
{
	struct checksum sum = checksum_begin();

	checksum_add(&sum, event, strlen(event) + 1);
	checksum_add(&sum, error->message, strlen(error->message) + 1);
	checksum_add(&sum, about, strlen(about));
	uint64_t what = checksum_end(&sum);

	pthread_mutex_lock(&agent->mutex);
	bool told = is_told(agent, what);

	pthread_mutex_unlock(&agent->mutex);
	if (!told)
		agent_trouble(agent, event, error);
}

static void key_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when > 0 ? clock_format(when, text) : NULL);
}

static const char *how(const struct place *place)
{
	bool swept = place->remote || place->limited;

	if (!place->path)
		return "swept";
	if (place->missing)
		return "missing";
	if (place->whole)
		return swept ? "whole file system, swept" : "whole file system";
	return swept ? "inotify, swept" : "inotify";
}

/* With the mutex held. */
static bool is_full(const struct agent *agent)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		const struct place *place = &agent->places[i];

		if (place->used && !place->gone && place->limited)
			return true;
	}
	return false;
}

/* With the mutex held. */
static void write_places(struct json *json, const struct agent *agent)
{
	json_key(json, "places");
	json_array(json);
	for (size_t i = 0; i < PLACES_MAX; i++) {
		const struct place *place = &agent->places[i];

		if (!place->used || place->gone)
			continue;
		json_object(json);
		json_key_text(json, "watch", place->source.name);
		json_key_text(json, "folder", place->path);
		json_key_text(json, "heard_by", how(place));
		json_key_uint(json, "swept_every_s", place->every_ms / 1000);
		key_time(json, "swept", place->swept_at);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_counts(struct json *json, struct agent *agent)
{
	struct agent_spool_counts spool = agent_spool_count(agent->spool);

	json_key_uint(json, "looked_at", agent->looked_at);
	json_key_uint(json, "found", agent->found);
	json_key_uint(json, "held", agent->held_count);
	json_key_uint(json, "left_as_restored", agent->restored);
	json_key_uint(json, "failed", agent->failed);
	json_key_uint(json, "not_opened", agent->not_opened);
	json_key_uint(json, "too_long", agent->too_long);
	json_key_uint(json, "events_lost", agent->lost);
	json_key_uint(json, "remembered", looked_count(agent->looked));
	json_key_uint(json, "reports", agent->told);
	json_key_uint(json, "waiting", spool.waiting);
	json_key_uint(json, "refused", spool.refused);
	json_key_uint(json, "damaged", spool.damaged);
	json_key_uint(json, "unread", spool.unread);
}

static void write_sender(struct json *json, struct agent *agent)
{
	json_key(json, "wardd");
	if (!agent->sender) {
		json_null(json);
		return;
	}
	struct agent_sender_state state = agent_sender_look(agent->sender);

	json_object(json);
	json_key_bool(json, "reached", state.reached);
	json_key_uint(json, "sent", state.sent);
	key_time(json, "sent_last", state.sent_at);
	json_key_text(json, "trouble", state.trouble[0] ? state.trouble : NULL);
	json_object_end(json);
}

static void write_all(struct json *json, struct agent *agent)
{
	json_object(json);
	json_key_text(json, "name", agent->name);
	json_key_int(json, "process", getpid());
	key_time(json, "since", agent->since);
	json_key_uint(json, "folders", notice_count(agent->notice));
	json_key_uint(json, "whole_file_systems",
			agent->whole ? notice_whole_count(agent->whole) : 0);
	write_counts(json, agent);
	write_sender(json, agent);
	pthread_mutex_lock(&agent->mutex);
	json_key_uint(json, "queue", agent->queue_count + due_count(agent->due));
	json_key_uint(json, "lookers", agent->lookers);
	json_key_bool(json, "sweeping", agent->sweeping);
	json_key_bool(json, "watches_full", is_full(agent));
	json_key_text(json, "trouble", agent->trouble[0] ? agent->trouble : NULL);
	key_time(json, "trouble_at", agent->trouble_at);
	write_places(json, agent);
	pthread_mutex_unlock(&agent->mutex);
	json_object_end(json);
}

/* Reports that were put aside since it was last said: nobody hears of what they tell. */
void status_aside(struct agent *agent)
{
	struct agent_spool_counts spool = agent_spool_count(agent->spool);
	uint64_t aside = spool.refused + spool.damaged + spool.unread;
	struct ward_error error;

	if (aside > agent->aside) {
		(void)ward_fail(&error, WARD_E_IO,
				"in the spool lie reports put aside: %" PRIu64 " refused, %" PRIu64
				" damaged, %" PRIu64 " that cannot be read",
				spool.refused, spool.damaged, spool.unread);
		agent_trouble(agent, "reports_aside", &error);
	}
	agent->aside = aside;
}

/* Not synced: after a loss of power it says nothing true anyway. */
void status_write(struct agent *agent)
{
	char path[4096], beside[4096];
	struct ward_buf text;

	if (folder_path(agent->settings->folder, AGENT_STATUS, path, NULL) != WARD_OK ||
			folder_path(agent->settings->folder, AGENT_STATUS ".new", beside, NULL) !=
					WARD_OK)
		return;
	ward_buf_init(&text, STATUS_MAX);
	struct json json = json_to(&text);

	write_all(&json, agent);
	ward_buf_char(&text, '\n');
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0) {
		bool good = !text.failed && file_write_all(fd, text.ptr, text.len, NULL) == WARD_OK;

		close(fd);
		if (!good || rename(beside, path) < 0)
			(void)unlink(beside);
	}
	ward_buf_free(&text);
}
