/* What can happen to a file: a full disk, a limit, damage, another program's lock. */
#include "store/store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "store/inner.h"

static const struct migration tables[] = {
	{ 1, "thing", "CREATE TABLE thing (id INTEGER PRIMARY KEY, bytes BLOB) STRICT;" },
};

static struct ward_error error;

static struct store *open_at(const char *place)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };
	struct store *store = NULL;

	error = (struct ward_error){ 0 };
	if (store_open_with(&options, (struct migrations){ tables, 1 }, &store, &error))
		return NULL;
	return store;
}

static ward_err insert(void *context, struct store_tx *tx, struct ward_error *why)
{
	static const uint8_t bytes[8000];

	return store_run(tx, "INSERT INTO thing VALUES ($1, $2)",
			STORE_VALUES(store_int(*(int64_t *)context),
					store_blob((ward_bytes){ bytes, sizeof(bytes) })),
			NULL, why);
}

static int64_t count(struct store *store)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error))
		return -1;
	if (!store_one(tx, "SELECT count(*) FROM thing", STORE_NO_VALUES, &rows, &error))
		number = store_get_int(rows, 0);
	store_read_end(tx);
	return number;
}

/* Writes until it fails, and returns how many were acknowledged. */
static int64_t fill(struct store *store, ward_err *err)
{
	int64_t id = count(store);

	for (*err = WARD_OK; !*err && id < 100000; id += !*err)
		*err = store_write(store, insert, &id, &error);
	return id;
}

static void is_its_owners_alone(void)
{
	const char *place = store_fresh_place();
	struct store *store = open_at(place);
	char log[400];
	struct stat st;

	CHECK(store);
	CHECK_EQ(store_write(store, insert, &(int64_t){ 1 }, &error), WARD_OK);
	CHECK_EQ(stat(place, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	snprintf(log, sizeof(log), "%s-wal", place);
	CHECK_EQ(stat(log, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	store_free(store);
}

static void says_that_the_disk_is_full(void)
{
	struct store *store = open_at(store_fresh_place());
	ward_err err;

	CHECK(store);
	CHECK_EQ(engine_sqlite.script(store->writer, "PRAGMA max_page_count = 100", &error),
			WARD_OK);
	int64_t kept = fill(store, &err);

	CHECK_EQ(err, WARD_E_IO);
	CHECK_STR(error.message, "the disk that holds the store is full");
	CHECK(kept > 10);
	CHECK_EQ(count(store), kept);
	/* There is room again, and it goes on. */
	CHECK_EQ(engine_sqlite.script(store->writer, "PRAGMA max_page_count = 10000", &error),
			WARD_OK);
	CHECK_EQ(store_write(store, insert, &(int64_t){ kept }, &error), WARD_OK);
	CHECK_EQ(count(store), kept + 1);
	CHECK_EQ(store_check(store, &error), WARD_OK);
	store_free(store);
}

/* In a child, for the limit is the whole process's. */
static int write_under_a_limit(const char *place)
{
	struct rlimit limit = { 200000, RLIM_INFINITY };
	struct store *store = open_at(place);
	ward_err err;

	signal(SIGXFSZ, SIG_IGN);
	if (!store || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	int64_t kept = fill(store, &err);

	if (err != WARD_E_IO || kept < 5 || count(store) != kept)
		return 2;
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 3;
	if (store_write(store, insert, &kept, &error) || count(store) != kept + 1)
		return 4;
	if (store_check(store, &error))
		return 5;
	store_free(store);
	return 0;
}

static void loses_nothing_when_a_file_may_not_grow(void)
{
	const char *place = store_fresh_place();
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(write_under_a_limit(place));
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

/* Many at once, when the disk is full for each of them. */
static void *write_some(void *context)
{
	struct store *store = context;
	static int64_t next;
	uintptr_t kept = 0;
	struct ward_error why;

	for (int i = 0; i < 60; i++) {
		int64_t id = __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED);

		kept += store_write(store, insert, &id, &why) == WARD_OK;
	}
	return (void *)kept;
}

static void acknowledges_none_of_a_batch_that_found_no_room(void)
{
	struct store *store = open_at(store_fresh_place());
	pthread_t threads[8];
	int64_t kept = 0;

	CHECK(store);
	CHECK_EQ(engine_sqlite.script(store->writer, "PRAGMA max_page_count = 200", &error),
			WARD_OK);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, write_some, store), 0);
	for (int i = 0; i < 8; i++) {
		void *own;

		CHECK_EQ(pthread_join(threads[i], &own), 0);
		kept += (int64_t)(uintptr_t)own;
	}
	CHECK(kept > 10 && kept < 480);
	CHECK_EQ(count(store), kept);
	store_free(store);
}

static void tells_a_damaged_file(void)
{
	const char *place = store_fresh_place();
	struct store *store = open_at(place);
	static const uint8_t noise[4096] = { 7, 7, 7 };

	CHECK(store);
	for (int64_t id = 0; id < 200; id++)
		CHECK_EQ(store_write(store, insert, &id, &error), WARD_OK);
	store_free(store);
	int fd = open(place, O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	for (int page = 20; page < 40; page++)
		CHECK_EQ(pwrite(fd, noise, sizeof(noise), page * 4096L), (ssize_t)sizeof(noise));
	close(fd);
	store = open_at(place);
	CHECK(store);
	CHECK_EQ(store_check(store, &error), WARD_E_CORRUPT);
	store_free(store);
}

static void leaves_other_programs_files_alone(void)
{
	const char *place = store_fresh_place();
	int fd = open(place, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	static const char text[] = "Something else that is longer than the hundred bytes of a "
				   "header that every file of SQLite's begins with, and no table.";

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, sizeof(text)), (ssize_t)sizeof(text));
	close(fd);
	CHECK(!open_at(place));
	CHECK_EQ(error.code, WARD_E_CORRUPT);
}

/* Another program holds the lock: told after the time limit, and then all goes on. */
static void waits_for_another_program(void)
{
	const char *place = store_fresh_place();
	struct store *store = open_at(place), *other = open_at(place);

	CHECK(store && other);
	store->writer->wait_ms = 150;
	CHECK_EQ(engine_sqlite.begin(other->writer, &error), WARD_OK);
	CHECK_EQ(store_write(store, insert, &(int64_t){ 1 }, &error), WARD_E_TIMEOUT);
	CHECK_EQ(count(store), 0);
	engine_sqlite.rollback(other->writer);
	CHECK_EQ(store_write(store, insert, &(int64_t){ 1 }, &error), WARD_OK);
	CHECK_EQ(count(other), 1);
	store_free(store);
	store_free(other);
}

static int write_beside(const char *place, int64_t from)
{
	struct store *store = open_at(place);

	for (int64_t id = from; store && id < from + 100; id++) {
		if (store_write(store, insert, &id, &error))
			return 1;
	}
	store_free(store);
	return store ? 0 : 2;
}

static void takes_turns_with_other_programs(void)
{
	const char *place = store_fresh_place();
	struct store *store;

	for (int i = 0; i < 4; i++) {
		if (fork() == 0)
			_exit(write_beside(place, i * 1000));
	}
	for (int i = 0; i < 4; i++) {
		int status;

		CHECK(wait(&status) > 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	store = open_at(place);
	CHECK(store);
	CHECK_EQ(count(store), 400);
	store_free(store);
}

static const struct test_case cases[] = {
	{ "the file and its log are their owner's alone", is_its_owners_alone },
	{ "a full disk is told, nothing acknowledged is lost, and it goes on when there is room",
			says_that_the_disk_is_full },
	{ "a file that may not grow loses nothing acknowledged",
			loses_nothing_when_a_file_may_not_grow },
	{ "of a batch that found no room none is acknowledged",
			acknowledges_none_of_a_batch_that_found_no_room },
	{ "damage is found", tells_a_damaged_file },
	{ "another program's file is left alone", leaves_other_programs_files_alone },
	{ "another program's lock is waited for, and not for ever", waits_for_another_program },
	{ "programs that write to one store take turns", takes_turns_with_other_programs },
};
TEST_MAIN(cases)
