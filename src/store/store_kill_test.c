/*
 * A child with several threads writes, and says in a pipe what was
 * acknowledged.  It is killed at a random moment.  Everything acknowledged
 * must be there, and every work whole or not at all.
 */
#include "store/store_test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "store/inner.h"

enum { KILLS = 250, THREADS = 4, ACKNOWLEDGED_MAX = 1 << 16 };

static const struct migration tables[] = {
	{ 1, "pair",
			"CREATE TABLE one (id INTEGER PRIMARY KEY, filling BLOB) STRICT;"
			"CREATE TABLE other (id INTEGER PRIMARY KEY REFERENCES one (id)) STRICT;" },
};

static struct ward_error error;
static uint64_t state = 20260301;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static struct store *open_pair(const char *place)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };
	struct store *store = NULL;

	if (store_open_with(&options, (struct migrations){ tables, 1 }, &store, &error))
		printf("# %s\n", error.message);
	return store;
}

/* ---- the child ---- */

struct writer {
	struct store *store;
	int64_t next;
	int pipe;
};

static ward_err write_pair(void *context, struct store_tx *tx, struct ward_error *why)
{
	static const uint8_t filling[300];
	int64_t id = *(int64_t *)context;
	ward_err err = store_run(tx, "INSERT INTO one VALUES ($1, $2)",
			STORE_VALUES(store_int(id),
					store_blob((ward_bytes){ filling, sizeof(filling) })),
			NULL, why);

	return err ? err
		   : store_run(tx, "INSERT INTO other VALUES ($1)", STORE_VALUES(store_int(id)),
				     NULL, why);
}

static void *write_on(void *context)
{
	struct writer *writer = context;
	struct ward_error why;

	for (;; writer->next += THREADS) {
		if (store_write(writer->store, write_pair, &writer->next, &why))
			_exit(3);
		if (write(writer->pipe, &writer->next, sizeof(writer->next)) !=
				sizeof(writer->next))
			_exit(4);
	}
	return NULL;
}

static void be_the_child(const char *place, int64_t first, int pipe)
{
	struct writer writers[THREADS];
	struct store *store = open_pair(place);
	pthread_t thread;

	/* A negative number: the store is open. */
	if (!store || write(pipe, &(int64_t){ -1 }, sizeof(int64_t)) != sizeof(int64_t))
		_exit(5);
	for (int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ store, first + i, pipe };
		if (pthread_create(&thread, NULL, write_on, &writers[i]) != 0)
			_exit(6);
	}
	pthread_join(thread, NULL);
	_exit(7);
}

/* ---- the parent ---- */

static int64_t acknowledged[ACKNOWLEDGED_MAX];
static size_t acknowledged_count;
static uint64_t span_ns = 40000000; /* a child lives for less than that */

static bool read_acknowledged(int pipe)
{
	int64_t number;

	while (read(pipe, &number, sizeof(number)) == sizeof(number)) {
		if (number < 0)
			continue;
		if (acknowledged_count == ACKNOWLEDGED_MAX)
			return false;
		acknowledged[acknowledged_count++] = number;
	}
	return true;
}

/* Every other child is killed when it has begun to write; the others at any moment, or before. */
static bool run_and_kill(const char *place, int64_t first, bool wait_for_begin)
{
	int ends[2], status;
	int64_t begun;

	if (pipe(ends) != 0)
		return false;
	pid_t child = fork();

	if (child == 0) {
		close(ends[0]);
		be_the_child(place, first, ends[1]);
	}
	close(ends[1]);
	if (wait_for_begin && read(ends[0], &begun, sizeof(begun)) != sizeof(begun))
		return false;
	nanosleep(&(struct timespec){ 0, (long)draw(span_ns) }, NULL);
	kill(child, SIGKILL);
	bool good = read_acknowledged(ends[0]);

	close(ends[0]);
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && good;
}

/* Disks differ a thousandfold in how long one acknowledgement takes; some in a round are enough. */
static void fit_span(size_t acknowledged_in_round)
{
	if (acknowledged_in_round > 16)
		span_ns = span_ns / 2 + 1;
	else if (acknowledged_in_round == 0 && span_ns < 500000000)
		span_ns += span_ns / 4 + 1;
}

static int64_t count(struct store_tx *tx, const char *sql, struct store_values values)
{
	struct store_rows *rows;
	int64_t number = -1;

	if (!store_one(tx, sql, values, &rows, &error)) {
		number = store_get_int(rows, 0);
		if (store_rows_end(rows, &error))
			number = -1;
	}
	return number;
}

static bool all_are_there(struct store_tx *tx, size_t from)
{
	for (size_t i = from; i < acknowledged_count; i++) {
		if (count(tx, "SELECT count(*) FROM other WHERE id = $1",
				    STORE_VALUES(store_int(acknowledged[i]))) != 1) {
			printf("# %lld was acknowledged and is not there\n",
					(long long)acknowledged[i]);
			return false;
		}
	}
	return true;
}

static void loses_nothing_acknowledged(void)
{
	const char *place = store_fresh_place();
	struct store *store = open_pair(place);
	struct store_tx *tx;

	CHECK(store);
	store_free(store);
	for (int round = 0; round < KILLS; round++) {
		size_t before = acknowledged_count;

		CHECK(run_and_kill(place, (int64_t)round * 1000000, round % 2));
		if (round % 2)
			fit_span(acknowledged_count - before);
		store = open_pair(place);
		CHECK(store);
		CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
		/* Now and then all of them, else those of this round. */
		CHECK(all_are_there(tx, round % 50 == 49 ? 0 : before));
		CHECK_EQ(count(tx,
					 "SELECT count(*) FROM one WHERE NOT EXISTS (SELECT 1 FROM "
					 "other "
					 "WHERE other.id = one.id)",
					 STORE_NO_VALUES),
				0);
		store_read_end(tx);
		store_free(store);
	}
	printf("# %d kills, %zu acknowledged\n", KILLS, acknowledged_count);
	CHECK(acknowledged_count > KILLS);
	store = open_pair(place);
	CHECK(store);
	CHECK_EQ(store_check(store, &error), WARD_OK);
	store_free(store);
}

static const struct test_case cases[] = {
	{ "nothing acknowledged is lost when the program is killed, and no work is half there",
			loses_nothing_acknowledged },
};
TEST_MAIN(cases)
