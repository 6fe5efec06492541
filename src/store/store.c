#include "store/inner.h"

#include <assert.h>

enum { READERS_DEFAULT = 4, READERS_MAX = 256 };

/* ---- links ---- */

ward_err store_connect(const struct store *store, enum link_use use, struct store_link **link,
		struct ward_error *error)
{
	if (*link && (*link)->broken) {
		store->engine->disconnect(*link);
		*link = NULL;
	}
	return *link ? WARD_OK : store->engine->connect(store->place, use, false, link, error);
}

ward_err store_begin(const struct store *store, enum link_use use, struct store_link **link,
		struct ward_error *error)
{
	ward_err err = store_connect(store, use, link, error);

	if (!err)
		err = store->engine->begin(*link, error);
	if (err && *link && (*link)->broken && (*link)->again) {
		err = store_connect(store, use, link, error);
		if (!err)
			err = store->engine->begin(*link, error);
	}
	return err;
}

/* ---- opening ---- */

static bool is_server(const char *place)
{
	ward_str text = ward_str_from(place);

	return ward_str_starts(text, WARD_STR("postgresql://")) ||
	       ward_str_starts(text, WARD_STR("postgres://"));
}

static struct store *new_store(const struct store_options *options)
{
	struct store *store = calloc(1, sizeof(*store));
	unsigned readers = options->readers ? options->readers : READERS_DEFAULT;

	if (!store)
		return NULL;
	pthread_mutex_init(&store->mutex, NULL);
	pthread_cond_init(&store->reader_free, NULL);
	pthread_cond_init(&store->idle, NULL);
	store->engine = is_server(options->place) ? &engine_postgresql : &engine_sqlite;
	store->place = strdup(options->place);
	store->reader_count = readers < READERS_MAX ? readers : READERS_MAX;
	store->readers = calloc(store->reader_count, sizeof(*store->readers));
	if (!store->place || !store->readers) {
		store_free(store);
		return NULL;
	}
	for (unsigned i = 0; i < store->reader_count; i++)
		store->readers[i].store = store;
	return store;
}

ward_err store_open_with(const struct store_options *options, struct migrations known,
		struct store **store, struct ward_error *error)
{
	/* Another server's address, or a slip of the pen in ours: it may hold a password. */
	if (strstr(options->place, "://") && !is_server(options->place))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a store is a file or postgresql://...; its place is another "
				"address");
	struct store *made = new_store(options);

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	ward_err err = made->engine->connect(options->place, LINK_WRITE, options->create,
			&made->writer, error);

	if (!err)
		err = migrate(made->writer, known,
				options->migrate    ? MIGRATE_BRINGS_UP
				: options->as_it_is ? MIGRATE_LEAVES
						    : MIGRATE_REFUSES,
				&made->version, error);
	if (err) {
		store_free(made);
		return err;
	}
	made->known = known;
	*store = made;
	return WARD_OK;
}

ward_err store_open(const struct store_options *options, struct store **store,
		struct ward_error *error)
{
	return store_open_with(options, migrations_known, store, error);
}

void store_free(struct store *store)
{
	if (!store)
		return;
	pthread_mutex_lock(&store->mutex);
	while (store->writing > 0)
		pthread_cond_wait(&store->idle, &store->mutex);
	pthread_mutex_unlock(&store->mutex);
	for (unsigned i = 0; store->readers && i < store->reader_count; i++) {
		assert(!store->readers[i].taken);
		if (store->readers[i].link)
			store->engine->disconnect(store->readers[i].link);
	}
	/* Last: with it SQLite's log goes into the file. */
	if (store->writer)
		store->engine->disconnect(store->writer);
	pthread_cond_destroy(&store->idle);
	pthread_cond_destroy(&store->reader_free);
	pthread_mutex_destroy(&store->mutex);
	free(store->readers);
	free(store->place);
	free(store);
}

enum store_engine store_engine_of(const struct store *store)
{
	return store->engine->which;
}

unsigned store_version(const struct store *store)
{
	return store->version;
}

/* ---- reading ---- */

static struct reader *find_free(struct store *store)
{
	struct reader *fresh = NULL;

	for (unsigned i = 0; i < store->reader_count; i++) {
		struct reader *reader = &store->readers[i];

		if (!reader->taken && reader->link)
			return reader;
		if (!reader->taken && !fresh)
			fresh = reader;
	}
	return fresh;
}

static struct reader *take_reader(struct store *store)
{
	struct reader *reader;

	pthread_mutex_lock(&store->mutex);
	assert(!store->leading || !pthread_equal(store->leader, pthread_self()));
	while (!(reader = find_free(store)))
		pthread_cond_wait(&store->reader_free, &store->mutex);
	reader->taken = true;
	pthread_mutex_unlock(&store->mutex);
	return reader;
}

static void give_reader_back(struct reader *reader)
{
	struct store *store = reader->store;

	pthread_mutex_lock(&store->mutex);
	reader->taken = false;
	pthread_cond_signal(&store->reader_free);
	pthread_mutex_unlock(&store->mutex);
}

ward_err store_read(struct store *store, struct store_tx **tx, struct ward_error *error)
{
	struct reader *reader = take_reader(store);
	ward_err err = store_begin(store, LINK_READ, &reader->link, error);

	if (err) {
		give_reader_back(reader);
		return err;
	}
	reader->tx = (struct store_tx){ .link = reader->link };
	*tx = &reader->tx;
	return WARD_OK;
}

void store_read_end(struct store_tx *tx)
{
	struct reader *reader = (struct reader *)tx;

	if (!tx)
		return;
	store_rows_abandon(tx);
	reader->store->engine->rollback(reader->link);
	give_reader_back(reader);
}

/* ---- care ---- */

ward_err store_check(struct store *store, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = store->engine->check(tx->link, error);
	store_read_end(tx);
	return err;
}
