#include "agent/sender.h"

#include "base/clock.h"
#include "base/file.h"
#include "net/fetch.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
	URL_MAX = 1024,
	TOKEN_MAX = 200,
	TIME_MS = 30000,
	PAUSE_MS = 1000,
	PAUSE_MAX_MS = 300000,
	CONFLICTS_MAX = 5,
	FAILED_MAX = 5
};

struct agent_sender {
	struct agent_spool *spool;
	struct agent_sender_options options;
	char url[URL_MAX], token_file[4096];
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool woken, stopped;
	struct agent_sender_state state;
	/* of the thread alone: the report that was answered with 409, and how often */
	uint64_t conflict;
	unsigned conflicts;
	/* and the one at which the service failed */
	uint64_t failing;
	unsigned failed;
};

/* What came of one try. */
enum outcome { SENT, REFUSED, LATER };

void agent_sender_prepare(void)
{
	fetch_prepare();
}

/* ---- one try ---- */

static ward_err read_token(const struct agent_sender *sender, char header[TOKEN_MAX + 40],
		struct ward_error *error)
{
	char *text = NULL;
	size_t len = 0;
	ward_err err = file_read(sender->token_file, TOKEN_MAX, &text, &len, error);

	if (err)
		return err;
	ward_str token = ward_str_trim((ward_str){ text, len });
	bool good = token.len > 0;

	for (size_t i = 0; good && i < token.len; i++)
		good = token.ptr[i] > 0x20 && token.ptr[i] < 0x7f;
	if (good)
		snprintf(header, TOKEN_MAX + 40, "Authorization: Bearer %.*s", WARD_FMT(token));
	free(text);
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_FORMAT, "%s holds no key of wardd",
				      sender->token_file);
}

static enum outcome outcome_of(unsigned status)
{
	if (status >= 200 && status < 300)
		return SENT;
	if (status < 400 || status >= 500 || status == 401 || status == 403 || status == 404 ||
			status == 408 || status == 409 || status == 429)
		return LATER;
	return REFUSED;
}

/*
 * 409 says that another report came with this key, or that somebody was in the way for a moment;
 * in neither case is this one there.  What is answered so again and again is put aside, not lost.
 */
static bool is_hopeless(struct agent_sender *sender, uint64_t number, unsigned status)
{
	if (status != 409)
		return false;
	if (sender->conflict != number)
		sender->conflicts = 0;
	sender->conflict = number;
	return ++sender->conflicts >= CONFLICTS_MAX;
}

/* A report at which the service fails again and again does not keep back those behind it. */
static void pass_failing(struct agent_sender *sender, uint64_t number, unsigned status)
{
	if (status < 500)
		return;
	if (sender->failing != number)
		sender->failed = 0;
	sender->failing = number;
	if (++sender->failed < FAILED_MAX)
		return;
	sender->failed = 0;
	agent_spool_pass(sender->spool, number);
}

static ward_err post(const struct agent_sender *sender, const struct agent_spool_entry *entry,
		unsigned *status, struct ward_error *error)
{
	char key[AGENT_SPOOL_KEY_MAX + 40], token[TOKEN_MAX + 40];
	const char *headers[] = { key, token };
	const struct call call = {
		.url = sender->url,
		.type = "application/json",
		.body = { entry->body, entry->body_len },
		.headers = headers,
		.header_count = 2,
		.time_ms = sender->options.time_ms,
	};
	ward_err err = read_token(sender, token, error);

	snprintf(key, sizeof(key), "Idempotency-Key: %s", entry->key);
	return err ? err : sender->options.post(&call, status, error);
}

static enum outcome try_one(struct agent_sender *sender, const struct agent_spool_entry *entry)
{
	struct ward_error error = { .code = WARD_OK };
	unsigned status = 0;
	ward_err err = post(sender, entry, &status, &error);
	enum outcome outcome = err ? LATER : outcome_of(status);

	if (!err && is_hopeless(sender, entry->number, status))
		outcome = REFUSED;
	if (!err)
		pass_failing(sender, entry->number, status);
	if (outcome == SENT)
		err = agent_spool_done(sender->spool, entry->number, &error);
	else if (outcome == REFUSED)
		err = agent_spool_refuse(sender->spool, entry->number, &error);
	/* One that cannot be taken out would be sent at once again, and again. */
	if (err)
		outcome = LATER;
	else if (outcome == LATER)
		(void)ward_fail(&error, WARD_E_IO, "wardd answers with %u", status);
	pthread_mutex_lock(&sender->mutex);
	sender->state.reached = status > 0;
	sender->state.status = status > 0 ? status : sender->state.status;
	sender->state.sent += outcome == SENT;
	sender->state.refused += outcome == REFUSED;
	sender->state.failures += outcome == LATER;
	if (outcome == SENT)
		sender->state.sent_at = clock_now();
	snprintf(sender->state.trouble, sizeof(sender->state.trouble), "%s",
			outcome == LATER ? error.message : "");
	pthread_mutex_unlock(&sender->mutex);
	return outcome;
}

/* ---- the thread ---- */

/* Until woken (when a new report may be sent at once), stopped, or the time is over; 0: no end. */
static void pause_for(struct agent_sender *sender, uint32_t ms, bool wakes)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&sender->mutex);
	while (!sender->stopped && !(wakes && sender->woken)) {
		if (ms == 0)
			pthread_cond_wait(&sender->changed, &sender->mutex);
		else if (pthread_cond_timedwait(&sender->changed, &sender->mutex, &until) != 0)
			break;
	}
	sender->woken = false;
	pthread_mutex_unlock(&sender->mutex);
}

static bool is_stopped(struct agent_sender *sender)
{
	pthread_mutex_lock(&sender->mutex);
	bool stopped = sender->stopped;

	pthread_mutex_unlock(&sender->mutex);
	return stopped;
}

/* Nothing can be sent, for the spool does not give it. */
static void say_trouble(struct agent_sender *sender, const char *why)
{
	pthread_mutex_lock(&sender->mutex);
	snprintf(sender->state.trouble, sizeof(sender->state.trouble), "%s", why);
	pthread_mutex_unlock(&sender->mutex);
}

static void *send_all(void *context)
{
	struct agent_sender *sender = context;
	uint32_t pause = sender->options.pause_ms;

	while (!is_stopped(sender)) {
		struct agent_spool_entry entry;
		struct ward_error error;
		ward_err err = agent_spool_next(sender->spool, &entry, &error);
		enum outcome outcome = LATER;

		if (err == WARD_E_NOT_FOUND) {
			pause_for(sender, 0, true);
			continue;
		}
		if (err) {
			say_trouble(sender, error.message);
		} else {
			outcome = try_one(sender, &entry);
			free(entry.body);
		}
		if (outcome != LATER) {
			pause = sender->options.pause_ms;
			continue;
		}
		/* New reports do not make a service that is away answer. */
		pause_for(sender, pause, false);
		pause = pause < sender->options.pause_max_ms / 2 ? pause * 2
								 : sender->options.pause_max_ms;
	}
	return NULL;
}

/* ---- life ---- */

static void set_options(struct agent_sender *sender, const struct agent_sender_options *options)
{
	sender->options = *options;
	if (sender->options.time_ms == 0)
		sender->options.time_ms = TIME_MS;
	if (sender->options.pause_ms == 0)
		sender->options.pause_ms = PAUSE_MS;
	if (sender->options.pause_max_ms == 0)
		sender->options.pause_max_ms = PAUSE_MAX_MS;
	if (!sender->options.post)
		sender->options.post = call_post;
}

ward_err agent_sender_new(struct agent_spool *spool, const struct agent_sender_options *options,
		struct agent_sender **sender, struct ward_error *error)
{
	struct agent_sender *made = calloc(1, sizeof(*made));
	pthread_condattr_t monotonic;
	size_t len = strlen(options->url);

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	while (len > 0 && options->url[len - 1] == '/')
		len--;
	int url = snprintf(made->url, sizeof(made->url), "%.*s/v1/reports", (int)len, options->url);
	int file = snprintf(made->token_file, sizeof(made->token_file), "%s", options->token_file);

	if (len >= URL_MAX || url >= URL_MAX || file >= (int)sizeof(made->token_file)) {
		free(made);
		return ward_fail(error, WARD_E_LIMIT, "the address of wardd is too long");
	}
	made->spool = spool;
	set_options(made, options);
	pthread_mutex_init(&made->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&made->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&made->thread, NULL, send_all, made) != 0) {
		pthread_cond_destroy(&made->changed);
		pthread_mutex_destroy(&made->mutex);
		free(made);
		return ward_fail(error, WARD_E_NOMEM, "cannot start a thread");
	}
	*sender = made;
	return WARD_OK;
}

void agent_sender_wake(struct agent_sender *sender)
{
	pthread_mutex_lock(&sender->mutex);
	sender->woken = true;
	pthread_cond_signal(&sender->changed);
	pthread_mutex_unlock(&sender->mutex);
}

struct agent_sender_state agent_sender_look(struct agent_sender *sender)
{
	pthread_mutex_lock(&sender->mutex);
	struct agent_sender_state state = sender->state;

	pthread_mutex_unlock(&sender->mutex);
	return state;
}

void agent_sender_free(struct agent_sender *sender)
{
	if (!sender)
		return;
	pthread_mutex_lock(&sender->mutex);
	sender->stopped = true;
	pthread_cond_signal(&sender->changed);
	pthread_mutex_unlock(&sender->mutex);
	pthread_join(sender->thread, NULL);
	pthread_cond_destroy(&sender->changed);
	pthread_mutex_destroy(&sender->mutex);
	free(sender);
}
