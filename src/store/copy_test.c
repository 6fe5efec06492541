/* Backup, restore and copy, from each engine to itself and to the other. */
#include "store/store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/test.h"
#include "store/dump.h"
#include "store/inner.h"

static const struct migration versions[] = {
	{ 1, "tree",
			"CREATE TABLE node (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES node "
			"(id),"
			" name TEXT UNIQUE, bytes BLOB) STRICT;"
			"CREATE TABLE a_leaf (id INTEGER PRIMARY KEY,"
			" node INTEGER NOT NULL REFERENCES node (id)) STRICT;"
			"CREATE TABLE seeded (id TEXT PRIMARY KEY, number INTEGER) STRICT;"
			"INSERT INTO seeded VALUES ('head', 0);" },
	{ 2, "colour", "ALTER TABLE a_leaf ADD COLUMN colour TEXT NOT NULL DEFAULT 'green';" },
};
static const struct migration others[] = {
	{ 1, "tree", "CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "colour", "ALTER TABLE other ADD COLUMN colour TEXT;" },
};

enum { NODES = 700, REST = NODES % 65 };

static struct ward_error error;
static struct store_copied copied;

static struct store *open_at(const char *place, const struct migration *at, size_t count)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };
	struct store *store = NULL;

	if (store_open_with(&options, (struct migrations){ at, count }, &store, &error))
		printf("# %s\n", error.message);
	return store;
}

/* The first refers to the last, so that no order of rows is right by itself. */
static ward_err plant(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = WARD_OK;
	uint8_t bytes[64];
	char name[40];

	(void)context;
	for (int64_t id = NODES; id > 0 && !err; id--) {
		memset(bytes, (int)id, sizeof(bytes));
		snprintf(name, sizeof(name), "nöde %d", (int)id);
		err = store_run(tx, "INSERT INTO node VALUES ($1, $2, $3, $4)",
				STORE_VALUES(store_int(id), store_null(),
						id % 7 ? store_string(name) : store_null(),
						store_blob((ward_bytes){ bytes, (size_t)id % 65 })),
				NULL, why);
	}
	if (!err)
		err = store_run(tx, "UPDATE node SET parent = $1 WHERE id = 1",
				STORE_VALUES(store_int(NODES)), NULL, why);
	/* A row that the migration made is changed, and comes back changed. */
	if (!err)
		err = store_run(tx, "UPDATE seeded SET number = 77", STORE_NO_VALUES, NULL, why);
	for (int64_t id = -10; id < 0 && !err; id++)
		err = store_run(tx, "INSERT INTO a_leaf VALUES ($1, 1)",
				STORE_VALUES(store_int(INT64_MIN - id)), NULL, why);
	return err;
}

static struct store *planted(void)
{
	struct store *store = open_at(store_fresh_place(), versions, 1);

	if (store && store_write(store, plant, NULL, &error)) {
		printf("# %s\n", error.message);
		store_free(store);
		return NULL;
	}
	return store;
}

static int64_t number_of(struct store *store, const char *sql)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error))
		return -1;
	if (!store_one(tx, sql, STORE_NO_VALUES, &rows, &error)) {
		number = store_get_int(rows, 0);
		if (store_rows_end(rows, &error))
			number = -1;
	}
	store_read_end(tx);
	return number;
}

static int new_file(void)
{
	char path[] = "/tmp/ward-dump-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	return fd;
}

/* A backup of a planted store, and how long it is. */
static int backup_file(off_t *len)
{
	struct store *store = planted();
	int fd = new_file();
	bool good = store && fd >= 0 &&
		    store_backup(store, fd, NULL, NULL, &copied, &error) == WARD_OK;

	store_free(store);
	*len = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	return good ? fd : -1;
}

static bool is_whole(struct store *store)
{
	return number_of(store, "SELECT count(*) FROM node") == NODES &&
	       number_of(store, "SELECT parent FROM node WHERE id = 1") == NODES &&
	       number_of(store, "SELECT count(*) FROM node WHERE name IS NULL") == NODES / 7 &&
	       number_of(store, "SELECT sum(length(bytes)) FROM node") ==
			       NODES / 65 * (64 * 65 / 2) + REST * (REST + 1) / 2 &&
	       number_of(store, "SELECT count(*) FROM a_leaf WHERE node = 1") == 10 &&
	       number_of(store, "SELECT number FROM seeded") == 77 &&
	       number_of(store, "SELECT min(id) FROM a_leaf") == INT64_MIN + 1 &&
	       store_check(store, &error) == WARD_OK;
}

static void gives_back_what_it_was_given(void)
{
	off_t len;
	int fd = backup_file(&len);
	struct store *store = open_at(store_fresh_place(), versions, 1);

	CHECK(fd >= 0 && store);
	CHECK_EQ(copied.rows, NODES + 11);
	CHECK_EQ(copied.tables, 3);
	CHECK_EQ(copied.bytes, len);
	CHECK_EQ(copied.version, 1);
	CHECK_EQ(store_restore(store, fd, NULL, NULL, &copied, &error), WARD_OK);
	CHECK_EQ(copied.rows, NODES + 11);
	CHECK_EQ(copied.bytes, len);
	CHECK(is_whole(store));
	close(fd);
	store_free(store);
}

/* The references are watched over again when all is there. */
static ward_err insert_orphan(void *context, struct store_tx *tx, struct ward_error *why)
{
	(void)context;
	return store_run(tx, "INSERT INTO a_leaf (id, node) VALUES (5, 999999)", STORE_NO_VALUES,
			NULL, why);
}

static void watches_references_again(void)
{
	off_t len;
	int fd = backup_file(&len);
	struct store *store = open_at(store_fresh_place(), versions, 1);

	CHECK(fd >= 0 && store);
	CHECK_EQ(store_restore(store, fd, NULL, NULL, &copied, &error), WARD_OK);
	CHECK_EQ(store_write(store, insert_orphan, NULL, &error), WARD_E_CONFLICT);
	close(fd);
	store_free(store);
}

static void brings_an_older_backup_to_this_version(void)
{
	off_t len;
	int fd = backup_file(&len);
	struct store *store = open_at(store_fresh_place(), versions, 2);

	CHECK(fd >= 0 && store);
	CHECK_EQ(store_restore(store, fd, NULL, NULL, &copied, &error), WARD_OK);
	CHECK_EQ(copied.version, 1);
	CHECK(is_whole(store));
	CHECK_EQ(number_of(store, "SELECT count(*) FROM a_leaf WHERE colour = 'green'"), 10);
	CHECK_EQ(number_of(store, "SELECT max(number) FROM ward_migration"), 2);
	close(fd);
	store_free(store);
}

static void refuses_a_backup_of_another_version(void)
{
	struct store *newer = open_at(store_fresh_place(), versions, 2);
	struct store *store = open_at(store_fresh_place(), versions, 1);
	struct store *other = open_at(store_fresh_place(), others, 2);
	int fd = new_file();

	CHECK(newer && store && other && fd >= 0);
	CHECK_EQ(store_backup(newer, fd, NULL, NULL, &copied, &error), WARD_OK);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(store_restore(store, fd, NULL, NULL, &copied, &error), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "newer"));
	CHECK_EQ(store_version(store), 1);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM node"), 0);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(store_restore(other, fd, NULL, NULL, &copied, &error), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "0001_tree"));
	CHECK_EQ(number_of(other, "SELECT count(*) FROM other"), 0);
	close(fd);
	store_free(newer);
	store_free(store);
	store_free(other);
}

static void fills_an_empty_store_alone(void)
{
	off_t len;
	int fd = backup_file(&len);
	struct store *store = planted();

	CHECK(fd >= 0 && store);
	CHECK_EQ(store_restore(store, fd, NULL, NULL, &copied, &error), WARD_E_EXISTS);
	CHECK(is_whole(store));
	close(fd);
	store_free(store);
}

static ward_err restore_bytes(struct store *store, const uint8_t *bytes, size_t len)
{
	int fd = new_file();
	ward_err err = WARD_E_IO;

	if (fd >= 0 && write(fd, bytes, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
		err = store_restore(store, fd, NULL, NULL, &copied, &error);
	close(fd);
	return err;
}

/* Cut at many places, and with one bit turned at many places: never taken, and nothing is left. */
static void takes_no_damaged_backup(void)
{
	off_t len;
	int fd = backup_file(&len);
	struct store *store = open_at(store_fresh_place(), versions, 1);
	uint8_t *bytes = calloc((size_t)len + 1, 1);

	CHECK(fd >= 0 && store && bytes);
	CHECK_EQ(read(fd, bytes, (size_t)len), len);
	for (size_t i = 0; i < 60; i += store_fresh_on_server() ? 5 : 1) {
		size_t at = i < 20   ? i
			    : i < 40 ? (size_t)len - 1 - (i - 20)
				     : (size_t)len * (i - 39) / 22;

		CHECK(restore_bytes(store, bytes, at) != WARD_OK);
		bytes[at] ^= 4;
		CHECK(restore_bytes(store, bytes, (size_t)len) != WARD_OK);
		bytes[at] ^= 4;
	}
	CHECK(restore_bytes(store, bytes, (size_t)len + 1) != WARD_OK);
	CHECK_EQ(restore_bytes(store, (const uint8_t *)"nothing of the kind", 19), WARD_E_FORMAT);
	CHECK_EQ(restore_bytes(store, bytes, 0), WARD_E_FORMAT);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM node"), 0);
	CHECK_EQ(restore_bytes(store, bytes, (size_t)len), WARD_OK);
	CHECK(is_whole(store));
	free(bytes);
	close(fd);
	store_free(store);
}

static ward_err put(void *context, ward_bytes bytes, struct ward_error *why)
{
	return write(*(int *)context, bytes.ptr, bytes.len) == (ssize_t)bytes.len
			       ? WARD_OK
			       : ward_fail(why, WARD_E_IO, "short");
}

/* A backup that is whole by its digests, of a table and a row as they are told. */
static int made_up(const char *table_name, struct store_values row)
{
	struct dump_migration migration = { 1, { 0 } };
	struct dump_table table = { .column_count = (unsigned)row.count };
	struct dump_writer writer;
	int fd = new_file();

	snprintf(table.name, sizeof(table.name), "%s", table_name);
	snprintf(table.columns[0], sizeof(table.columns[0]), "id");
	snprintf(table.columns[1], sizeof(table.columns[1]), "node");
	dump_begin(&writer, put, &fd);
	if (migrate_digest(&versions[0], migration.digest, &error) ||
			dump_write_version(&writer, 0, &migration, 1, &error) ||
			dump_write_table(&writer, &table, &error) ||
			dump_write_row(&writer, row, &error) ||
			dump_write_table_end(&writer, &error) || dump_write_end(&writer, &error))
		printf("# %s\n", error.message);
	dump_writer_free(&writer);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void takes_no_backup_that_its_tables_forbid(void)
{
	struct store *store = open_at(store_fresh_place(), versions, 1);
	const struct {
		const char *table;
		struct store_value id, node;
	} made[] = {
		{ "a_leaf", store_int(1), store_int(77) },       /* refers to nothing */
		{ "a_leaf", store_int(1), store_null() },        /* NOT NULL */
		{ "a_leaf", store_string("one"), store_int(1) }, /* of another kind */
		{ "leaf", store_int(1), store_int(1) },          /* no such table */
		{ "ward_migration", store_int(1), store_int(1) },
		{ "node", store_int(1), store_int(1) }, /* other columns */
	};

	CHECK(store);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		int fd = made_up(made[i].table, STORE_VALUES(made[i].id, made[i].node));
		ward_err err = store_restore(store, fd, NULL, NULL, &copied, &error);

		close(fd);
		CHECK(err == WARD_E_CONFLICT || err == WARD_E_CORRUPT || err == WARD_E_ARGUMENT);
		CHECK_EQ(number_of(store, "SELECT count(*) FROM a_leaf"), 0);
	}
	store_free(store);
}

static void copies_from_store_to_store(void)
{
	struct store *from = planted(), *to = open_at(store_fresh_place(), versions, 1);

	CHECK(from && to);
	CHECK_EQ(store_copy(from, to, NULL, NULL, &copied, &error), WARD_OK);
	CHECK_EQ(copied.rows, NODES + 11);
	CHECK(is_whole(to));
	CHECK(is_whole(from));
	CHECK_EQ(store_copy(from, to, NULL, NULL, &copied, &error), WARD_E_EXISTS);
	store_free(from);
	store_free(to);
}

enum { FEW = 4200, LARGE = 100, LARGE_LEN = 65536 };

/* Rows enough for a look at how far it is, and behind them more than a socket holds. */
static ward_err plant_long(void *context, struct store_tx *tx, struct ward_error *why)
{
	static const uint8_t bytes[LARGE_LEN];
	ward_err err = WARD_OK;

	(void)context;
	for (int64_t id = 1; !err && id <= FEW + LARGE; id++)
		err = store_run(tx, "INSERT INTO node (id, bytes) VALUES ($1, $2)",
				STORE_VALUES(store_int(id),
						store_blob((ward_bytes){ bytes,
								id > FEW ? LARGE_LEN : 1 })),
				NULL, why);
	return err;
}

static void wait_a_second(void *context, uint64_t rows, uint64_t bytes)
{
	(void)rows;
	(void)bytes;
	++*(int *)context;
	nanosleep(&(struct timespec){ 1, 0 }, NULL);
}

/* The limits of a server, which are half a minute and more, made small. */
static void a_copy_may_take_longer_than_a_work(void)
{
	if (!store_fresh_on_server())
		CHECK_SKIP("a file has no such limits");
	struct store *from = open_at(store_fresh_place(), versions, 1);
	struct store *to = open_at(store_fresh_place(), versions, 1);
	int looks = 0;

	CHECK(from && to);
	CHECK_EQ(store_write(from, plant_long, NULL, &error), WARD_OK);
	CHECK_EQ(from->engine->script(from->writer,
				 "SET statement_timeout = 300;"
				 "SET idle_in_transaction_session_timeout = 300",
				 &error),
			WARD_OK);
	CHECK_EQ(store_copy(from, to, wait_a_second, &looks, &copied, &error), WARD_OK);
	CHECK_EQ(looks, 1);
	CHECK_EQ(number_of(to, "SELECT count(*) FROM node"), FEW + LARGE);
	store_free(from);
	store_free(to);
}

/* To the other engine and back, when there is one. */
static void moves_between_engines(void)
{
	char path[] = "/tmp/ward-copy-XXXXXX";
	struct store *from = planted(), *to = open_at(store_fresh_place(), versions, 1);
	int fd = mkstemp(path);

	CHECK(from && to && fd >= 0);
	close(fd);
	struct store *file = open_at(path, versions, 1);

	CHECK(file);
	CHECK_EQ(store_copy(from, file, NULL, NULL, &copied, &error), WARD_OK);
	CHECK(is_whole(file));
	CHECK_EQ(store_copy(file, to, NULL, NULL, &copied, &error), WARD_OK);
	CHECK(is_whole(to));
	store_free(file);
	store_free(from);
	store_free(to);
	unlink(path);
}

/* ---- while others write ---- */

struct beside {
	struct store *store;
	int64_t next;
	volatile bool running;
};

static ward_err insert_pair(void *context, struct store_tx *tx, struct ward_error *why)
{
	int64_t id = NODES + *(int64_t *)context;
	ward_err err = store_run(tx, "INSERT INTO node (id) VALUES ($1)",
			STORE_VALUES(store_int(id)), NULL, why);

	return err ? err
		   : store_run(tx, "INSERT INTO a_leaf (id, node) VALUES ($1, $1)",
				     STORE_VALUES(store_int(id)), NULL, why);
}

static void *write_beside(void *context)
{
	struct beside *beside = context;
	struct ward_error why;

	while (__atomic_load_n(&beside->running, __ATOMIC_RELAXED)) {
		beside->next++;
		if (store_write(beside->store, insert_pair, &beside->next, &why))
			return context;
	}
	return NULL;
}

static void backs_up_one_state_while_others_write(void)
{
	struct store *store = planted(), *other = open_at(store_fresh_place(), versions, 1);
	struct beside beside = { store, 0, true };
	pthread_t thread;
	void *failed;
	int fd = new_file();

	CHECK(store && other && fd >= 0);
	CHECK_EQ(pthread_create(&thread, NULL, write_beside, &beside), 0);
	nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
	CHECK_EQ(store_backup(store, fd, NULL, NULL, &copied, &error), WARD_OK);
	__atomic_store_n(&beside.running, false, __ATOMIC_RELAXED);
	CHECK_EQ(pthread_join(thread, &failed), 0);
	CHECK(!failed);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(store_restore(other, fd, NULL, NULL, &copied, &error), WARD_OK);
	CHECK_EQ(number_of(other, "SELECT count(*) FROM node"),
			NODES + number_of(other, "SELECT count(*) - 10 FROM a_leaf"));
	CHECK_EQ(store_check(other, &error), WARD_OK);
	close(fd);
	store_free(store);
	store_free(other);
}

static const struct test_case cases[] = {
	{ "a restored store holds what was backed up", gives_back_what_it_was_given },
	{ "a restored store watches its references again", watches_references_again },
	{ "an older backup is brought to this version", brings_an_older_backup_to_this_version },
	{ "a newer backup, or one of other migrations, is refused",
			refuses_a_backup_of_another_version },
	{ "an empty store alone is filled", fills_an_empty_store_alone },
	{ "a backup that is cut or changed is refused, and leaves nothing",
			takes_no_damaged_backup },
	{ "a backup that is whole but whose rows the tables forbid is refused",
			takes_no_backup_that_its_tables_forbid },
	{ "a store is copied into another", copies_from_store_to_store },
	{ "a copy may take longer than a work may", a_copy_may_take_longer_than_a_work },
	{ "a store goes to a file and back", moves_between_engines },
	{ "a backup is one state while others write", backs_up_one_state_while_others_write },
};
TEST_MAIN(cases)
