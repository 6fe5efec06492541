#include "api/chores.h"

#include "api/chores_keep.h"

#include "api/serve.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/deliver.h"

#include <time.h>

enum { EACH_MS = 1000, CHECKPOINT_S = 60, CALLS_MAX = 100 };

struct chores {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;
	bool calls_failed; /* said once, not each second */
	uint64_t checkpoint_us;
	struct keeping keeping;
	char checkpoints[4096];
};

static bool is_stopping(struct chores *chores)
{
	pthread_mutex_lock(&chores->mutex);
	bool stopping = chores->stopping;

	pthread_mutex_unlock(&chores->mutex);
	return stopping;
}

/* A bounded number at once, so that the other chores have their turn. */
static void deliver(struct chores *chores, struct store *store)
{
	struct ward_error error;
	ward_err err = WARD_OK;

	for (int i = 0; i < CALLS_MAX && !err && !is_stopping(chores); i++)
		err = desk_deliver(store, chores->server->signer, &error);
	if (err == WARD_E_NOT_FOUND)
		err = WARD_OK;
	if (err && !chores->calls_failed)
		log_error("deliver_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
	chores->calls_failed = err != WARD_OK;
}

static void sign_log(struct chores *chores, struct store *store)
{
	uint64_t now = clock_ticks_us();
	struct ward_error error;

	if (chores->checkpoint_us != 0 && now - chores->checkpoint_us < CHECKPOINT_S * 1000000ULL)
		return;
	chores->checkpoint_us = now;
	ward_err err = audit_checkpoint(store, chores->server->signer, chores->checkpoints, &error);

	/* NOT_FOUND: there is no row yet, or none since the last time. */
	if (err && err != WARD_E_NOT_FOUND)
		log_error("checkpoint_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
}

static void wait_a_second(struct chores *chores)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += EACH_MS / 1000;
	pthread_mutex_lock(&chores->mutex);
	if (!chores->stopping)
		pthread_cond_timedwait(&chores->wake, &chores->mutex, &until);
	pthread_mutex_unlock(&chores->mutex);
}

static void *run(void *context)
{
	struct chores *chores = context;

	while (!is_stopping(chores)) {
		struct store *store = chores->server->store;

		if (!store)
			serve_look_for_store(chores->server);
		if (store && chores->server->signer) {
			deliver(chores, store);
			sign_log(chores, store);
		}
		if (store)
			chores_keep(chores->server, &chores->keeping);
		wait_a_second(chores);
	}
	return NULL;
}

struct chores *chores_start(struct server *server)
{
	struct chores *chores = calloc(1, sizeof(*chores));
	const struct snapshot *snapshot;

	if (!chores)
		return NULL;
	chores->server = server;
	snapshot = live_acquire(server->live);
	snprintf(chores->checkpoints, sizeof(chores->checkpoints), "%s/audit/checkpoints",
			workspace_folder(snapshot->workspace));
	live_release(server->live, snapshot);
	pthread_mutex_init(&chores->mutex, NULL);
	pthread_cond_init(&chores->wake, NULL);
	if (pthread_create(&chores->thread, NULL, run, chores) == 0)
		return chores;
	pthread_cond_destroy(&chores->wake);
	pthread_mutex_destroy(&chores->mutex);
	free(chores);
	return NULL;
}

void chores_stop(struct chores *chores)
{
	if (!chores)
		return;
	pthread_mutex_lock(&chores->mutex);
	chores->stopping = true;
	pthread_cond_signal(&chores->wake);
	pthread_mutex_unlock(&chores->mutex);
	pthread_join(chores->thread, NULL);
	pthread_cond_destroy(&chores->wake);
	pthread_mutex_destroy(&chores->mutex);
	free(chores);
}
