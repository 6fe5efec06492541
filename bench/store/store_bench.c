/*
 * store_bench [SECONDS] - durable works a second, beside one transaction each
 *
 * A work is what the arrival of a report is: three rows in three tables, 600
 * bytes of payload, one reference.  Threads do works in a closed loop, each
 * waiting until its own is durable.  The engine is the one of WARD_TEST_STORE
 * (store_test.h); the peer is the engine's own library on the same disk in the
 * same run.  The limit is what the disk does: 4 KiB appended and synced, one
 * after the other.  Prints one JSON line each.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "peer.h"
#include "store/inner.h"
#include "store/store_test.h"

enum { THREADS_MAX = 64, PAYLOAD = 300, SAMPLES_MAX = 1 << 16 };

static const struct migration tables[] = {
	{ 1, "report",
			"CREATE TABLE report (id INTEGER PRIMARY KEY, bytes BLOB) STRICT;"
			"CREATE TABLE item (id INTEGER PRIMARY KEY,"
			" report INTEGER REFERENCES report (id)) STRICT;"
			"CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB) STRICT;" },
};

static uint8_t payload[PAYLOAD];
static atomic_bool running;
static atomic_llong next_id;

static void stop_with(const char *why)
{
	fprintf(stderr, "store_bench: %s\n", why);
	exit(2);
}

/* ---- a thread ---- */

struct worker {
	unsigned number;
	struct store *store; /* or: */
	const struct peer *peer;
	uint64_t done;
	uint32_t *us; /* how long each took, up to SAMPLES_MAX */
};

static ward_err insert_three(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct store_value id = store_int(*(int64_t *)context);
	struct store_value bytes = store_blob((ward_bytes){ payload, PAYLOAD });
	ward_err err = store_run(tx, "INSERT INTO report VALUES ($1, $2)", STORE_VALUES(id, bytes),
			NULL, error);

	if (!err)
		err = store_run(tx, "INSERT INTO item VALUES ($1, $1)", STORE_VALUES(id), NULL,
				error);
	return err ? err
		   : store_run(tx, "INSERT INTO entry VALUES ($1, $2)", STORE_VALUES(id, bytes),
				     NULL, error);
}

static void *run_worker(void *context)
{
	struct worker *worker = context;
	struct ward_error error;

	while (atomic_load(&running)) {
		int64_t id = atomic_fetch_add(&next_id, 1);
		uint64_t began = clock_ticks_us();

		if (worker->store && store_write(worker->store, insert_three, &id, &error))
			stop_with(error.message);
		if (!worker->store && !worker->peer->work(worker->number, id, payload, PAYLOAD))
			stop_with("the peer failed");
		if (worker->done < SAMPLES_MAX)
			worker->us[worker->done] = (uint32_t)(clock_ticks_us() - began);
		worker->done++;
	}
	return NULL;
}

/* ---- a run ---- */

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void print_run(const char *how, const struct worker *workers, unsigned threads,
		double seconds)
{
	uint32_t *all = calloc((size_t)threads * SAMPLES_MAX, sizeof(*all));
	size_t count = 0;
	uint64_t done = 0;

	if (!all)
		stop_with("no memory");
	for (unsigned i = 0; i < threads; i++) {
		size_t samples = workers[i].done < SAMPLES_MAX ? workers[i].done : SAMPLES_MAX;

		memcpy(all + count, workers[i].us, samples * sizeof(*all));
		count += samples;
		done += workers[i].done;
	}
	qsort(all, count, sizeof(*all), by_value);
	printf("{\"bench\":\"store\",\"engine\":\"%s\",\"how\":\"%s\",\"threads\":%u,"
	       "\"works_per_s\":%.0f,\"median_us\":%u,\"p99_us\":%u}\n",
			store_fresh_on_server() ? "postgresql" : "sqlite", how, threads,
			(double)done / seconds, count ? all[count / 2] : 0,
			count ? all[count * 99 / 100] : 0);
	fflush(stdout);
	free(all);
}

static void run(const char *how, struct store *store, const struct peer *peer, unsigned threads,
		int seconds)
{
	static struct worker workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	uint64_t began = clock_ticks_us();

	atomic_store(&running, true);
	for (unsigned i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .number = i, .store = store, .peer = peer };
		workers[i].us = calloc(SAMPLES_MAX, sizeof(uint32_t));
		if (!workers[i].us || pthread_create(&ids[i], NULL, run_worker, &workers[i]) != 0)
			stop_with("a thread could not be started");
	}
	nanosleep(&(struct timespec){ seconds, 0 }, NULL);
	atomic_store(&running, false);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	print_run(how, workers, threads, (double)(clock_ticks_us() - began) / 1e6);
	for (unsigned i = 0; i < threads; i++)
		free(workers[i].us);
}

static void run_ward(unsigned threads, int seconds)
{
	struct store_options options = { .place = store_fresh_place(),
		.create = true,
		.migrate = true };
	struct ward_error error;
	struct store *store;

	if (store_open_with(&options, (struct migrations){ tables, 1 }, &store, &error))
		stop_with(error.message);
	run("ward", store, NULL, threads, seconds);
	store_free(store);
}

static void run_peer(unsigned threads, int seconds)
{
	const struct peer *peer = store_fresh_on_server() ? &peer_postgresql : &peer_sqlite;

	if (!peer->start(store_fresh_place(), threads))
		stop_with("the peer did not start");
	run("one transaction each", NULL, peer, threads, seconds);
	peer->stop();
}

/* ---- the disk ---- */

static void measure_disk(int seconds)
{
	const char *base = getenv("TMPDIR");
	uint8_t page[4096] = { 1 };
	char path[300];

	snprintf(path, sizeof(path), "%s/ward-sync-XXXXXX", base ? base : "/tmp");
	int fd = mkstemp(path);
	uint64_t began = clock_ticks_us(), count = 0;

	if (fd < 0)
		stop_with("no temporary file");
	unlink(path);
	while (clock_ticks_us() - began < (uint64_t)seconds * 1000000) {
		if (write(fd, page, sizeof(page)) != sizeof(page) || fdatasync(fd) != 0)
			stop_with("the disk failed");
		count++;
	}
	printf("{\"bench\":\"store\",\"engine\":\"disk\",\"how\":\"append 4 KiB and sync\","
	       "\"threads\":1,\"works_per_s\":%.0f}\n",
			(double)count * 1e6 / (double)(clock_ticks_us() - began));
	fflush(stdout);
	close(fd);
}

int main(int argc, char **argv)
{
	static const unsigned threads[] = { 1, 4, 16, 64 };
	uint64_t seconds = 3;

	if (argc > 2 || (argc == 2 && (!ward_u64_parse(ward_str_from(argv[1]), &seconds) ||
						      seconds == 0 || seconds > 3600)))
		stop_with("usage: store_bench [SECONDS]");
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 37);
	measure_disk((int)seconds);
	for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++) {
		run_ward(threads[i], (int)seconds);
		run_peer(threads[i], (int)seconds);
	}
	return 0;
}
