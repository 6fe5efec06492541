#include "gate/gate_live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ward/hash.h>

#include "base/file.h"
#include "base/id.h"

enum { TERMS_MAX = 1 << 30, DRAWN = 16 };

/* Parts that are replaced alone are counted alone. */
struct counted {
	unsigned uses;
	void *part;
	void (*drop)(void *part);
};

struct state {
	struct gate_state state; /* first: what is handed out is its address */
	struct counted *sites, *terms, *rules;
	unsigned uses;
};

struct gate_live {
	pthread_mutex_t lock; /* of `current` and all counts */
	char *folder, *terms_file;
	struct state *current;
	struct stat terms_seen;
};

/* ---- parts ---- */

static struct counted *part_new(void *part, void (*drop)(void *part))
{
	struct counted *made = calloc(1, sizeof(*made));

	if (made)
		*made = (struct counted){ 1, part, drop };
	else if (part)
		drop(part);
	return made;
}

static void part_drop(struct counted *part)
{
	if (!part || --part->uses > 0)
		return;
	if (part->part)
		part->drop(part->part);
	free(part);
}

static struct counted *part_use(struct counted *part)
{
	part->uses++;
	return part;
}

/* The rules as they were given, and what the tag knows them by. */
struct rules {
	struct gate_rules_owner given;
	uint8_t drawn[DRAWN];
};

static void drop_rules(void *part)
{
	struct rules *rules = part;

	if (rules->given.drop)
		rules->given.drop(rules->given.owner);
	free(rules);
}

static struct counted *rules_new(struct gate_rules_owner given)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (!rules) {
		if (given.drop)
			given.drop(given.owner);
		return NULL;
	}
	rules->given = given;
	id_random(rules->drawn, sizeof(rules->drawn));
	return part_new(rules, drop_rules);
}

static void drop_sites(void *part)
{
	ward_site_view_free(part);
}

static void drop_terms(void *part)
{
	ward_terms_free(part);
}

/* With the lock held. */
static void state_drop(struct state *state)
{
	if (!state || --state->uses > 0)
		return;
	part_drop(state->sites);
	part_drop(state->terms);
	part_drop(state->rules);
	free(state);
}

/* ---- reading what there is: into a state that is being made ---- */

static ward_err open_sites(const struct gate_live *live, struct state *made,
		struct ward_error *error)
{
	struct ward_site_view *view = NULL;
	ward_err err = ward_site_view_open(live->folder, NULL, NULL, &view, error);

	if (err)
		return err;
	made->sites = part_new(view, drop_sites);
	return made->sites ? WARD_OK
			   : ward_fail(error, WARD_E_NOMEM, "no memory for the site lists");
}

static ward_err open_terms(const struct gate_live *live, struct state *made,
		struct ward_error *error)
{
	struct ward_terms *terms = NULL;
	char *text = NULL;
	size_t len = 0;
	ward_err err = WARD_OK;

	if (live->terms_file)
		err = file_read(live->terms_file, TERMS_MAX, &text, &len, error);
	if (!err && live->terms_file)
		err = ward_terms_load((ward_bytes){ (const uint8_t *)text, len }, &terms, error);
	free(text);
	if (err)
		return err;
	made->terms = part_new(terms, drop_terms);
	return made->terms ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory for the terms");
}

/* What a file is known by; all zero when there is none. */
static struct stat see(const char *path)
{
	struct stat seen;

	memset(&seen, 0, sizeof(seen));
	if (path && stat(path, &seen) < 0)
		memset(&seen, 0, sizeof(seen));
	return seen;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* ---- states ---- */

/* Lists and terms by their versions; rules, which have none, by a number that is drawn. */
static ward_err make_tag(struct gate_state *state, ward_bytes drawn, struct ward_error *error)
{
	struct ward_digester *digester = ward_digester_new();
	struct ward_digests digests;

	if (!digester)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < ward_site_view_lists(state->sites); i++) {
		ward_str version = ward_str_from(
				ward_site_list_version(ward_site_view_list(state->sites, i)));

		ward_digester_update(digester,
				(ward_bytes){ (const uint8_t *)version.ptr, version.len });
	}
	if (state->terms) {
		ward_str version = ward_str_from(ward_terms_version(state->terms));

		ward_digester_update(digester,
				(ward_bytes){ (const uint8_t *)version.ptr, version.len });
	}
	ward_digester_update(digester, drawn);
	ward_digester_finish(digester, &digests);
	ward_digester_free(digester);
	ward_hex_format(digests.sha256, (GATE_TAG_MAX - 1) / 2, state->tag);
	return WARD_OK;
}

static struct state *state_new(struct ward_error *error)
{
	struct state *made = calloc(1, sizeof(*made));

	if (made)
		made->uses = 1;
	else
		(void)ward_fail(error, WARD_E_NOMEM, "out of memory");
	return made;
}

static void drop_locked(struct gate_live *live, struct state *state)
{
	pthread_mutex_lock(&live->lock);
	state_drop(state);
	pthread_mutex_unlock(&live->lock);
}

/* In force from now on, if it is whole; what was is dropped by whoever uses it last. */
static ward_err finish(struct gate_live *live, struct state *made, struct ward_error *error)
{
	const struct rules *rules = made->rules->part;
	struct state *old;
	ward_err err;

	made->state.sites = made->sites->part;
	made->state.terms = made->terms->part;
	made->state.rules = rules->given.rules;
	made->state.owner = rules->given.owner;
	err = make_tag(&made->state, (ward_bytes){ rules->drawn, DRAWN }, error);
	if (err) {
		drop_locked(live, made);
		return err;
	}
	pthread_mutex_lock(&live->lock);
	old = live->current;
	live->current = made;
	state_drop(old);
	pthread_mutex_unlock(&live->lock);
	return WARD_OK;
}

/* ---- the life of it ---- */

static struct gate_live *live_new(const char *sites_folder, const char *terms_file)
{
	struct gate_live *live = calloc(1, sizeof(*live));
	bool terms = terms_file && terms_file[0];

	if (!live)
		return NULL;
	pthread_mutex_init(&live->lock, NULL);
	live->folder = strdup(sites_folder);
	if (terms)
		live->terms_file = strdup(terms_file);
	if (live->folder && (!terms || live->terms_file))
		return live;
	gate_live_free(live);
	return NULL;
}

static ward_err read_all(struct gate_live *live, struct state *made, struct ward_error *error)
{
	ward_err err = made->rules ? open_sites(live, made, error)
				   : ward_fail(error, WARD_E_NOMEM, "out of memory");

	live->terms_seen = see(live->terms_file);
	return err ? err : open_terms(live, made, error);
}

ward_err gate_live_open(const char *sites_folder, const char *terms_file,
		struct gate_rules_owner given, struct gate_live **opened, struct ward_error *error)
{
	struct gate_live *live = live_new(sites_folder, terms_file);
	struct state *made = live ? state_new(error) : NULL;
	ward_err err;

	if (!made) {
		gate_live_free(live);
		if (given.drop)
			given.drop(given.owner);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	made->rules = rules_new(given);
	err = read_all(live, made, error);
	if (err)
		drop_locked(live, made);
	else
		err = finish(live, made, error);
	if (err) {
		gate_live_free(live);
		return err;
	}
	*opened = live;
	return WARD_OK;
}

void gate_live_free(struct gate_live *live)
{
	if (!live)
		return;
	state_drop(live->current);
	pthread_mutex_destroy(&live->lock);
	free(live->folder);
	free(live->terms_file);
	free(live);
}

const struct gate_state *gate_live_acquire(struct gate_live *live)
{
	pthread_mutex_lock(&live->lock);
	struct state *state = live->current;

	state->uses++;
	pthread_mutex_unlock(&live->lock);
	return &state->state;
}

void gate_live_release(struct gate_live *live, const struct gate_state *state)
{
	if (!state)
		return;
	pthread_mutex_lock(&live->lock);
	state_drop((struct state *)(uintptr_t)state);
	pthread_mutex_unlock(&live->lock);
}

/* ---- changes: one thread makes them, so that `current` stays while it looks ---- */

static struct counted *use_locked(struct gate_live *live, struct counted *part)
{
	pthread_mutex_lock(&live->lock);
	part_use(part);
	pthread_mutex_unlock(&live->lock);
	return part;
}

/* A new one when it has changed, else the one in force, used once more. */
static ward_err latest_sites(struct gate_live *live, struct state *made, bool *changed,
		struct ward_error *error)
{
	ward_err err;

	if (ward_site_view_is_current(live->current->state.sites)) {
		made->sites = use_locked(live, live->current->sites);
		return WARD_OK;
	}
	err = open_sites(live, made, error);
	*changed = !err;
	return err;
}

static ward_err latest_terms(struct gate_live *live, struct state *made, bool *changed,
		struct ward_error *error)
{
	struct stat now = see(live->terms_file);
	ward_err err;

	if (same(&now, &live->terms_seen)) {
		made->terms = use_locked(live, live->current->terms);
		return WARD_OK;
	}
	err = open_terms(live, made, error);
	if (!err) {
		*changed = true;
		live->terms_seen = now;
	}
	return err;
}

ward_err gate_live_refresh(struct gate_live *live, bool *changed, struct ward_error *error)
{
	struct state *made = state_new(error);
	struct ward_error other;
	bool differs = false;
	ward_err err, terms_err;

	*changed = false;
	if (!made)
		return WARD_E_NOMEM;
	made->rules = use_locked(live, live->current->rules);
	err = latest_sites(live, made, &differs, error);
	if (err)
		made->sites = use_locked(live, live->current->sites);
	/* Terms that cannot be read keep no list from coming into force, nor a list terms. */
	terms_err = latest_terms(live, made, &differs, err ? &other : error);
	if (terms_err)
		made->terms = use_locked(live, live->current->terms);
	err = err ? err : terms_err;
	if (!differs) {
		drop_locked(live, made);
		return err;
	}
	terms_err = finish(live, made, err ? &other : error);
	*changed = !terms_err;
	return err ? err : terms_err;
}

ward_err gate_live_rules(struct gate_live *live, struct gate_rules_owner given,
		struct ward_error *error)
{
	struct state *made = state_new(error);

	if (!made) {
		if (given.drop)
			given.drop(given.owner);
		return WARD_E_NOMEM;
	}
	made->rules = rules_new(given);
	if (!made->rules) {
		drop_locked(live, made);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	made->sites = use_locked(live, live->current->sites);
	made->terms = use_locked(live, live->current->terms);
	return finish(live, made, error);
}
