/*
 * An item's bytes, asked for: a thread opens the item, and hands each piece
 * over when the one before it was taken.
 */
#include <pthread.h>

#include "vault/inner.h"
#include "vault/release.h"

struct vault_pull {
	struct vault *vault;
	struct vault_access *access;
	char item[ID_TEXT_MAX], level[16], *reason;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t turn;
	bool started;
	/* with the mutex held */
	ward_bytes piece; /* what is to be taken; empty: nothing yet */
	bool ended, closed;
	ward_err err;
	struct ward_error error;
};

/* ---- the thread ---- */

static ward_err hand_over(void *context, ward_bytes plain, struct ward_error *error)
{
	struct vault_pull *pull = context;

	pthread_mutex_lock(&pull->mutex);
	pull->piece = plain;
	pthread_cond_broadcast(&pull->turn);
	while (pull->piece.len > 0 && !pull->closed)
		pthread_cond_wait(&pull->turn, &pull->mutex);
	bool closed = pull->closed;

	pthread_mutex_unlock(&pull->mutex);
	return closed ? ward_fail(error, WARD_E_IO, "nobody reads the item any more") : WARD_OK;
}

static void *run(void *context)
{
	struct vault_pull *pull = context;
	struct vault_opening opening = { ward_str_from(pull->item), ward_str_from(pull->level),
		ward_str_from(pull->reason) };
	struct ward_error error = { .code = WARD_OK };
	ward_err err = vault_open(pull->vault, pull->access, &opening, hand_over, pull, &error);

	pthread_mutex_lock(&pull->mutex);
	pull->err = err;
	pull->error = error;
	pull->ended = true;
	pthread_cond_broadcast(&pull->turn);
	pthread_mutex_unlock(&pull->mutex);
	return NULL;
}

/* ---- who asks ---- */

static ward_err copy_opening(struct vault_pull *pull, const struct vault_opening *opening,
		struct ward_error *error)
{
	pull->reason = malloc(opening->reason.len + 1);
	if (!pull->reason)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!vault_copy(pull->item, sizeof(pull->item), opening->item) ||
			!vault_copy(pull->level, sizeof(pull->level), opening->level) ||
			!vault_copy(pull->reason, opening->reason.len + 1, opening->reason))
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such item");
	return WARD_OK;
}

ward_err vault_pull_open(struct vault *vault, struct vault_access *access,
		const struct vault_opening *opening, struct vault_pull **pull,
		struct ward_error *error)
{
	struct vault_pull *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	pthread_mutex_init(&made->mutex, NULL);
	pthread_cond_init(&made->turn, NULL);
	made->vault = vault;
	made->access = vault_access_keep(access);
	ward_err err = copy_opening(made, opening, error);

	if (!err)
		err = vault_openable(vault, access, opening->item, error);
	if (err)
		vault_pull_close(made);
	else
		*pull = made;
	return err;
}

static ward_err start(struct vault_pull *pull, struct ward_error *error)
{
	if (pull->started)
		return WARD_OK;
	if (pthread_create(&pull->thread, NULL, run, pull) != 0)
		return ward_fail(error, WARD_E_NOMEM, "no thread to open an item with");
	pull->started = true;
	return WARD_OK;
}

ward_err vault_pull_read(struct vault_pull *pull, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	ward_err err = start(pull, error);

	if (err)
		return err;
	pthread_mutex_lock(&pull->mutex);
	while (pull->piece.len == 0 && !pull->ended)
		pthread_cond_wait(&pull->turn, &pull->mutex);
	size_t taken = pull->piece.len < room ? pull->piece.len : room;

	if (taken > 0) {
		memcpy(into, pull->piece.ptr, taken);
		pull->piece.ptr += taken;
		pull->piece.len -= taken;
		pthread_cond_broadcast(&pull->turn);
	} else {
		err = pull->err;
		if (err && error)
			*error = pull->error;
	}
	pthread_mutex_unlock(&pull->mutex);
	if (!err)
		*len = taken;
	return err;
}

void vault_pull_close(struct vault_pull *pull)
{
	if (!pull)
		return;
	pthread_mutex_lock(&pull->mutex);
	pull->closed = true;
	pthread_cond_broadcast(&pull->turn);
	pthread_mutex_unlock(&pull->mutex);
	if (pull->started)
		pthread_join(pull->thread, NULL);
	pthread_cond_destroy(&pull->turn);
	pthread_mutex_destroy(&pull->mutex);
	vault_access_free(pull->access);
	free(pull->reason);
	free(pull);
}
