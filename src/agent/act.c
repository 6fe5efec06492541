#include "agent/inner.h"

#include "agent/tell.h"
#include "base/checksum.h"
#include "base/clock.h"

#include <stdlib.h>

struct acting {
	struct agent *agent;
	const struct place *place;
	const char *path;
	const struct source_file *file;
	const struct ward_report *report;
};

/* What the policy's verdict comes to here. */
static enum agent_act act_of(const struct agent *agent, const struct ward_verdict *verdict)
{
	if (verdict->kind == WARD_BLOCK)
		return agent->settings->on_block;
	/* A hold without a queue (what could not be read) is nothing for a person. */
	if (verdict->kind == WARD_HOLD && verdict->queue.len > 0)
		return agent->settings->on_hold;
	return AGENT_NOTHING;
}

static void told(struct agent *agent)
{
	atomic_fetch_add(&agent->told, 1);
	if (agent->sender)
		agent_sender_wake(agent->sender);
}

/* Durable, or the file is left as it is.  With `ready` it is not sent before it is committed. */
static ward_err write_report(const struct acting *acting, const char *action, const char *held,
		uint64_t *ready, struct ward_error *error)
{
	struct agent *agent = acting->agent;
	const struct tell_about about = {
		.agent = agent->name,
		.watch = acting->place->source.name,
		.action = action,
		.held = held,
		.path = acting->path,
		.bytes = (uint64_t)acting->file->st.st_size,
		.report = acting->report,
	};
	char key[AGENT_SPOOL_KEY_MAX + 1];
	struct ward_buf body;

	ward_buf_init(&body, AGENT_SPOOL_BODY_MAX);
	ward_err err = tell_write(&about, &body, key, error);

	if (!err && ready)
		err = agent_spool_prepare(agent->spool, ward_str_from(key), ward_buf_text(&body),
				ready, error);
	else if (!err)
		err = agent_spool_add(agent->spool, ward_str_from(key), ward_buf_text(&body),
				error);
	ward_buf_free(&body);
	return err;
}

static ward_err tell(const struct acting *acting, const char *action, const char *held,
		struct ward_error *error)
{
	ward_err err = write_report(acting, action, held, NULL, error);

	if (!err)
		told(acting->agent);
	return err;
}

static bool has_sha256(const struct ward_report *report)
{
	return report->item_count > 0 && report->items[0].has_digests;
}

/* The copy is there; is it a copy of what was looked at? */
static ward_err check_copy(const struct acting *acting, const struct held_copy *copy,
		struct ward_error *error)
{
	if (!has_sha256(acting->report) ||
			memcmp(acting->report->items[0].digests.sha256, copy->sha256, 32) == 0)
		return WARD_OK;
	return ward_fail(error, WARD_E_CONFLICT, "the file changed since it was looked at");
}

/* Of a file as it is, and what was told of it. */
static uint64_t stay_key(const struct acting *acting, const char *action)
{
	return looked_key(acting->agent->looked, acting->path, &acting->file->st) ^
	       checksum_of(action, strlen(action));
}

static bool is_told_again(const struct agent *agent, uint64_t key)
{
	for (size_t i = 0; i < agent->stays_count && i < STAYS_MAX; i++) {
		if (agent->stays[i] == key)
			return true;
	}
	return false;
}

/*
 * A file that was to be held is where it was.  Whoever waits for it is told once since the start,
 * and not with each try.
 */
static void tell_stays(const struct acting *acting, const char *action, const char *held)
{
	struct agent *agent = acting->agent;
	uint64_t key = stay_key(acting, action);
	struct ward_error error;

	if (is_told_again(agent, key))
		return;
	if (tell(acting, action, held, &error) == WARD_OK)
		agent->stays[agent->stays_count++ % STAYS_MAX] = key;
	else
		agent_trouble(agent, "not_told", &error);
}

/* A sealed copy of what was looked at, under its name. */
static ward_err copy_of(const struct acting *acting, const struct held_file *file,
		struct held_copy *copy, struct ward_error *error)
{
	ward_err err = held_seal(acting->agent->held, file, clock_now(), copy, error);

	if (err)
		return err;
	err = check_copy(acting, copy, error);
	if (!err)
		err = held_keep(acting->agent->held, copy, error);
	if (err)
		held_drop(acting->agent->held, copy);
	return err;
}

/* The original goes, and the report that lies ready says so; or it stays, and no report ever said
 * else. */
static bool take(const struct acting *acting, const struct held_file *file,
		const struct held_copy *copy, uint64_t ready)
{
	struct agent *agent = acting->agent;
	struct ward_error error;
	ward_err err = held_take(file, &error);

	if (!err || err == WARD_E_NOT_FOUND) {
		/* If not now, it waits from the next start on. */
		if (agent_spool_commit(agent->spool, ready, &error) == WARD_OK)
			told(agent);
		else
			agent_trouble(agent, "not_told", &error);
		atomic_fetch_add(&agent->held_count, 1);
		agent->options.says(agent->options.context, "held", copy->id);
		return true;
	}
	agent_trouble(agent, "stays", &error);
	if (agent_spool_abandon(agent->spool, ready, &error) != WARD_OK)
		agent_trouble(agent, "not_told", &error);
	tell_stays(acting, "stays", copy->id);
	return err == WARD_E_DENIED;
}

static bool hold(const struct acting *acting)
{
	struct agent *agent = acting->agent;
	const struct held_file file = { .folder = acting->file->folder,
		.name = acting->file->name,
		.path = acting->path,
		.fd = acting->file->fd,
		.st = acting->file->st };
	struct ward_error error = { .code = WARD_OK };
	struct held_copy copy = { .bytes = 0 };
	uint64_t ready;
	ward_err err = copy_of(acting, &file, &copy, &error);

	if (err) {
		agent_trouble(agent, "not_held", &error);
		/* One that changed meanwhile is looked at again, and may be another by then. */
		if (err != WARD_E_CONFLICT)
			tell_stays(acting, "not_held", "");
		return false;
	}
	err = write_report(acting, "held", copy.id, &ready, &error);
	if (err) {
		held_drop(agent->held, &copy);
		agent_trouble(agent, "not_told", &error);
		return false;
	}
	return take(acting, &file, &copy, ready);
}

static bool only_tell(const struct acting *acting)
{
	struct ward_error error;
	ward_err err = tell(acting, "told", "", &error);

	if (err)
		agent_trouble(acting->agent, "not_told", &error);
	else
		acting->agent->options.says(acting->agent->options.context, "told", "");
	return !err;
}

/* A person with the key gave it back: it is theirs. */
static bool is_restored(const struct acting *acting)
{
	return has_sha256(acting->report) &&
	       held_is_restored(acting->agent->settings->quarantine,
			       acting->report->items[0].digests.sha256);
}

bool act_on(struct agent *agent, const struct place *place, const char *path,
		const struct source_file *file, const struct ward_report *report)
{
	const struct acting acting = { agent, place, path, file, report };
	enum agent_act act = act_of(agent, &report->verdict);
	bool done;

	if (act > place->source.most)
		act = place->source.most;
	if (act == AGENT_HOLD && (!agent->held || file->folder < 0))
		act = AGENT_TELL;
	if (act == AGENT_NOTHING)
		return true;
	pthread_mutex_lock(&agent->act);
	atomic_fetch_add(&agent->found, 1);
	if (is_restored(&acting)) {
		atomic_fetch_add(&agent->restored, 1);
		done = true;
	} else {
		done = act == AGENT_HOLD ? hold(&acting) : only_tell(&acting);
	}
	pthread_mutex_unlock(&agent->act);
	if (!done)
		atomic_fetch_add(&agent->retried, 1);
	return done;
}
