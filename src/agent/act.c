#include "agent/inner.h"

#include "agent/tell.h"
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

/* Durable, or the file is left as it is. */
static ward_err tell(const struct acting *acting, const char *action, const char *held,
		struct ward_error *error)
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

	if (!err)
		err = agent_spool_add(agent->spool, ward_str_from(key), ward_buf_text(&body),
				error);
	ward_buf_free(&body);
	if (!err)
		atomic_fetch_add(&agent->told, 1);
	if (!err && agent->sender)
		agent_sender_wake(agent->sender);
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

/* Was it told before, since the start, that this file as it is could not be held? */
static bool is_told_again(const struct acting *acting)
{
	struct agent *agent = acting->agent;
	uint64_t key = looked_key(agent->looked, acting->path, &acting->file->st);

	for (size_t i = 0; i < agent->not_held_count && i < NOT_HELD_MAX; i++) {
		if (agent->not_held[i] == key)
			return true;
	}
	agent->not_held[agent->not_held_count++ % NOT_HELD_MAX] = key;
	return false;
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
	ward_err err = held_seal(agent->held, &file, clock_now(), &copy, &error);

	if (err && err != WARD_E_CONFLICT) {
		/* It stays where it is, and whoever waits for it to be held is told once. */
		agent_trouble(agent, "not_held", &error);
		if (!is_told_again(acting) && tell(acting, "not_held", "", &error) != WARD_OK) {
			agent->not_held_count--;
			agent_trouble(agent, "not_told", &error);
		}
		return false;
	}
	if (!err)
		err = check_copy(acting, &copy, &error);
	if (!err)
		err = tell(acting, "held", copy.id, &error);
	if (!err)
		err = held_keep(agent->held, &copy, &error);
	if (err) {
		held_drop(agent->held, &copy);
		agent_trouble(agent, "not_held", &error);
		return false;
	}
	err = held_take(&file, &error);
	if (!err) {
		atomic_fetch_add(&agent->held_count, 1);
		agent->options.says(agent->options.context, "held", copy.id);
		return true;
	}
	agent_trouble(agent, "stays", &error);
	/* There is a copy, and the file as well: the report that said it is held is put right. */
	if (tell(acting, "stays", copy.id, &error) != WARD_OK)
		agent_trouble(agent, "not_told", &error);
	return err == WARD_E_DENIED;
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
