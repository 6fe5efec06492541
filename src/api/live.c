#include "api/live.h"

#include "base/log.h"

#include <pthread.h>
#include <sys/stat.h>

/* The parts that are replaced alone are counted alone. */
struct shared_workspace {
	struct workspace *workspace;
	unsigned uses;
};

struct counted {
	struct snapshot snapshot; /* first: what is handed out is its address */
	struct shared_workspace *shared;
	unsigned uses;
};

struct live {
	pthread_mutex_t mutex;   /* of `current` and all counts */
	pthread_mutex_t refresh; /* one refresh at a time */
	char *folder;
	struct counted *current;
	struct ward_bank *bank;
	struct stat keys_file; /* as it was when the keys were read */
};

static void drop_workspace(struct shared_workspace *shared)
{
	if (--shared->uses > 0)
		return;
	workspace_free(shared->workspace);
	free(shared);
}

/* With the mutex held. */
static void drop(struct counted *counted)
{
	if (!counted || --counted->uses > 0)
		return;
	keys_free(counted->snapshot.keys);
	drop_workspace(counted->shared);
	free(counted);
}

static void stat_keys(const char *path, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	if (stat(path, st) < 0)
		memset(st, 0, sizeof(*st));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A new current snapshot on this workspace, with its keys read now.  Takes `shared` over. */
static ward_err make_current(struct live *live, struct shared_workspace *shared,
		struct ward_error *error)
{
	const char *path = workspace_keys(shared->workspace);
	struct counted *counted = calloc(1, sizeof(*counted));
	struct keys *keys = NULL;
	struct stat before;

	/* Looked at before it is read: a change in between is seen next time. */
	stat_keys(path, &before);
	ward_err err = counted ? keys_read(path, &keys, error)
			       : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (err) {
		free(counted);
		pthread_mutex_lock(&live->mutex);
		drop_workspace(shared);
		pthread_mutex_unlock(&live->mutex);
		return err;
	}
	counted->shared = shared;
	counted->uses = 1;
	counted->snapshot = (struct snapshot){
		.workspace = shared->workspace,
		.keys = keys,
		.settings = workspace_settings(shared->workspace),
		.policy = workspace_policy(shared->workspace),
	};
	pthread_mutex_lock(&live->mutex);
	struct counted *old = live->current;

	live->current = counted;
	live->keys_file = before;
	drop(old);
	pthread_mutex_unlock(&live->mutex);
	return WARD_OK;
}

static ward_err open_workspace(struct live *live, struct ward_error *error)
{
	struct shared_workspace *shared = calloc(1, sizeof(*shared));
	ward_err err = shared ? workspace_open(live->folder, &shared->workspace, error)
			      : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (err) {
		free(shared);
		return err;
	}
	shared->uses = 1;
	return make_current(live, shared, error);
}

ward_err live_open(const char *folder, struct live **opened, struct ward_error *error)
{
	struct live *live = calloc(1, sizeof(*live));
	ward_err err;

	if (!live)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	pthread_mutex_init(&live->mutex, NULL);
	pthread_mutex_init(&live->refresh, NULL);
	live->folder = strdup(folder);
	err = live->folder ? open_workspace(live, error)
			   : ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = ward_bank_open(workspace_lists(live->current->snapshot.workspace),
				&live->bank, error);
	if (err) {
		live_free(live);
		return err;
	}
	*opened = live;
	return WARD_OK;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	ward_bank_free(live->bank);
	drop(live->current);
	pthread_mutex_destroy(&live->mutex);
	pthread_mutex_destroy(&live->refresh);
	free(live->folder);
	free(live);
}

const struct snapshot *live_acquire(struct live *live)
{
	pthread_mutex_lock(&live->mutex);
	struct counted *counted = live->current;

	counted->uses++;
	pthread_mutex_unlock(&live->mutex);
	return &counted->snapshot;
}

void live_release(struct live *live, const struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	pthread_mutex_lock(&live->mutex);
	drop((struct counted *)(uintptr_t)snapshot);
	pthread_mutex_unlock(&live->mutex);
}

struct ward_bank_view *live_view(struct live *live)
{
	return ward_bank_acquire(live->bank);
}

static ward_err refresh_keys(struct live *live, struct ward_error *error)
{
	struct shared_workspace *shared = live->current->shared;
	struct stat now;

	stat_keys(workspace_keys(shared->workspace), &now);
	if (same_file(&now, &live->keys_file))
		return WARD_OK;
	pthread_mutex_lock(&live->mutex);
	shared->uses++;
	pthread_mutex_unlock(&live->mutex);
	ward_err err = make_current(live, shared, error);

	if (!err)
		log_info("keys_read", "count=%zu", keys_count(live->current->snapshot.keys));
	return err;
}

ward_err live_refresh(struct live *live, bool settings, struct ward_error *error)
{
	struct ward_error keys_error = { 0 };
	bool changed = false;

	pthread_mutex_lock(&live->refresh);
	/* Lists that are fine come into use even when the keys' file is not. */
	ward_err err = ward_bank_refresh(live->bank, &changed, error);
	ward_err keys_err = settings ? open_workspace(live, &keys_error)
				     : refresh_keys(live, &keys_error);

	pthread_mutex_unlock(&live->refresh);
	if (changed)
		log_info("lists_changed", "changed=1");
	if (keys_err)
		return ward_fail(error, keys_err, "%s", keys_error.message);
	return err;
}
