/*
 * What can happen to a server: it goes, it is silent, it comes back, its
 * answer is lost.  Between the store and the server stands a relay that lets
 * through, refuses, swallows, and cuts at the COMMIT.
 */
#include "store/store_test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "store/inner.h"

static const struct migration tables[] = {
	{ 1, "count",
			"CREATE TABLE count (name TEXT PRIMARY KEY, number INTEGER NOT NULL) "
			"STRICT;" },
};

static struct ward_error error;

/* ---- the relay ---- */

enum mode { PASS, REFUSE, SWALLOW, CUT_BEFORE_COMMIT, CUT_BEHIND_COMMIT, CUT_ALL };

static atomic_int mode;
static atomic_int cuts; /* at a COMMIT, so far */
static char relay_folder[80];
static char server_socket[108];

static bool has(const char *bytes, ssize_t len, const char *word)
{
	size_t size = strlen(word);

	for (ssize_t at = 0; at + (ssize_t)size <= len; at++) {
		if (memcmp(bytes + at, word, size) == 0)
			return true;
	}
	return false;
}

static int connect_to_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server_socket);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* False when the line is to be cut. */
static bool pass_on(int from, int to, bool from_client)
{
	static _Thread_local char bytes[65536];
	ssize_t len = read(from, bytes, sizeof(bytes));
	int now = atomic_load(&mode);
	bool commit = from_client && len > 0 && has(bytes, len, "COMMIT");

	if (len <= 0 || now == CUT_ALL)
		return false;
	if (now == SWALLOW)
		return true;
	if (commit && now == CUT_BEFORE_COMMIT) {
		atomic_fetch_add(&cuts, 1);
		atomic_store(&mode, PASS);
		return false;
	}
	for (ssize_t sent = 0; sent < len;) {
		/* The other end may have gone meanwhile: that is a cut line, no SIGPIPE. */
		ssize_t more = send(to, bytes + sent, (size_t)(len - sent), MSG_NOSIGNAL);

		if (more <= 0)
			return false;
		sent += more;
	}
	if (commit && now == CUT_BEHIND_COMMIT) {
		/* The server's answer is waited for, and kept from the client. */
		atomic_fetch_add(&cuts, 1);
		atomic_store(&mode, PASS);
		len = read(to, bytes, sizeof(bytes));
		return false;
	}
	return true;
}

static void *relay_one(void *context)
{
	int client = (int)(intptr_t)context;
	int server = connect_to_server();
	struct pollfd fds[] = { { .fd = client, .events = POLLIN },
		{ .fd = server, .events = POLLIN } };
	bool open = server >= 0;

	while (open && poll(fds, 2, 20) >= 0) {
		if (fds[0].revents)
			open = pass_on(client, server, true);
		if (open && fds[1].revents)
			open = pass_on(server, client, false);
		if (atomic_load(&mode) == CUT_ALL)
			open = false;
	}
	close(client);
	if (server >= 0)
		close(server);
	return NULL;
}

static void *relay(void *context)
{
	int listening = (int)(intptr_t)context;

	for (;;) {
		int client = accept(listening, NULL, NULL);
		int now = atomic_load(&mode);
		pthread_t thread;

		if (client < 0 || now == REFUSE || now == CUT_ALL ||
				pthread_create(&thread, NULL, relay_one,
						(void *)(intptr_t)client) != 0)
			close(client);
		else
			pthread_detach(thread);
	}
	return NULL;
}

static bool start_relay(const char *socket_folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pthread_t thread;

	snprintf(server_socket, sizeof(server_socket), "%.80s/.s.PGSQL.5432", socket_folder);
	snprintf(relay_folder, sizeof(relay_folder), "%.60s/ward-relay-XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(relay_folder))
		return false;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", relay_folder);
	return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	       listen(fd, 64) == 0 &&
	       pthread_create(&thread, NULL, relay, (void *)(intptr_t)fd) == 0;
}

/* A fresh store whose address leads through the relay; NULL when the server is no local one. */
static const char *relayed_place(void)
{
	static char through[600];
	const char *place = store_fresh_place();
	const char *host = strstr(place, "host=");
	char folder[200];

	if (!host)
		return NULL;
	host += 5;
	size_t len = strcspn(host, "&");

	snprintf(folder, sizeof(folder), "%.*s", (int)len, host);
	if (!relay_folder[0] && !start_relay(folder))
		return NULL;
	snprintf(through, sizeof(through), "%.*s%s%s", (int)(host - place), place, relay_folder,
			host + len);
	atomic_store(&mode, PASS);
	return through;
}

/* ---- a store behind it ---- */

static struct store *open_relayed(void)
{
	struct store_options options = { .place = relayed_place(),
		.create = true,
		.migrate = true };
	struct store *store = NULL;

	error = (struct ward_error){ 0 };
	if (!options.place)
		printf("# the server is not on a socket of this machine\n");
	else if (store_open_with(&options, (struct migrations){ tables, 1 }, &store, &error))
		printf("# %s\n", error.message);
	return store;
}

static ward_err add(void *context, struct store_tx *tx, struct ward_error *why)
{
	return store_run(tx,
			"INSERT INTO count VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET number "
			"= count.number + 1",
			STORE_VALUES(store_string(context)), NULL, why);
}

static ward_err write_name(struct store *store, const char *name)
{
	char copy[40];

	error = (struct ward_error){ 0 };
	snprintf(copy, sizeof(copy), "%s", name);
	return store_write(store, add, copy, &error);
}

static int64_t number_of(struct store *store, const char *name)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error))
		return -1;
	if (!store_one(tx, "SELECT coalesce(sum(number), 0) FROM count WHERE name = $1",
			    STORE_VALUES(store_string(name)), &rows, &error))
		number = store_get_int(rows, 0);
	store_read_end(tx);
	return number;
}

/* ---- cases ---- */

static void comes_back_when_the_server_does(void)
{
	struct store *store = open_relayed();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	atomic_store(&mode, CUT_ALL);
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	CHECK_EQ(store_one(tx, "SELECT number FROM count", STORE_NO_VALUES, &rows, &error),
			WARD_E_IO);
	CHECK_EQ(store_one(tx, "SELECT number FROM count", STORE_NO_VALUES, &rows, &error),
			WARD_E_IO);
	store_read_end(tx);
	CHECK_EQ(write_name(store, "a"), WARD_E_IO);
	CHECK_EQ(store_read(store, &tx, &error), WARD_E_IO);
	CHECK(!strstr(error.message, "\n"));
	atomic_store(&mode, PASS);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(number_of(store, "a"), 2);
	store_free(store);
}

/* While nobody looked the connections were cut: the next call connects, and nobody notices. */
static void connects_again_unasked(void)
{
	struct store *store = open_relayed();

	CHECK(store);
	CHECK_EQ(number_of(store, "a"), 0);
	atomic_store(&mode, CUT_ALL);
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	atomic_store(&mode, PASS);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(number_of(store, "a"), 1);
	store_free(store);
}

static void does_again_what_the_server_never_heard(void)
{
	struct store *store = open_relayed();

	CHECK(store);
	atomic_store(&mode, CUT_BEFORE_COMMIT);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(atomic_load(&mode), PASS);
	CHECK_EQ(number_of(store, "a"), 1);
	store_free(store);
}

static void asks_what_became_of_a_commit(void)
{
	struct store *store = open_relayed();

	CHECK(store);
	atomic_store(&mode, CUT_BEHIND_COMMIT);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(atomic_load(&mode), PASS);
	/* Once: it was not done again. */
	CHECK_EQ(number_of(store, "a"), 1);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	CHECK_EQ(number_of(store, "a"), 2);
	store_free(store);
}

static void does_not_wait_for_ever(void)
{
	struct store *store = open_relayed();

	CHECK(store);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	store->writer->wait_ms = 300;
	atomic_store(&mode, SWALLOW);
	CHECK_EQ(write_name(store, "a"), WARD_E_TIMEOUT);
	atomic_store(&mode, PASS);
	CHECK_EQ(write_name(store, "a"), WARD_OK);
	/* The silent one's transaction never ended, and its server's end has noticed. */
	CHECK_EQ(number_of(store, "a"), 2);
	store_free(store);
}

struct attempts {
	int wanted, done;
	const char *state;
};

/* A statement that fails as the server would, with a value among its words. */
static ward_err fail_at_first(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct attempts *attempts = context;
	char sql[160];

	ward_err err = add((void *)(uintptr_t) "retried", tx, why);

	if (err || ++attempts->done > attempts->wanted)
		return err;
	snprintf(sql, sizeof(sql),
			"DO 'BEGIN RAISE EXCEPTION ''secret'' USING ERRCODE = ''%s''; END'",
			attempts->state);
	return store_run(tx, sql, STORE_NO_VALUES, NULL, why);
}

static void does_again_what_others_made_fail(void)
{
	struct store *store = open_relayed();
	struct attempts attempts = { .wanted = 3, .state = "40001" };

	CHECK(store);
	CHECK_EQ(store_write(store, fail_at_first, &attempts, &error), WARD_OK);
	CHECK_EQ(attempts.done, 4);
	CHECK_EQ(number_of(store, "retried"), 1);
	attempts = (struct attempts){ .wanted = 1000, .state = "40P01" };
	CHECK_EQ(store_write(store, fail_at_first, &attempts, &error), WARD_E_CONFLICT);
	CHECK(attempts.done < 10);
	CHECK_EQ(number_of(store, "retried"), 1);
	store_free(store);
}

static void says_what_a_failure_means(void)
{
	static const struct {
		const char *state;
		ward_err err;
		const char *says;
	} table[] = {
		{ "53100", WARD_E_IO, "the disk that holds the store is full" },
		{ "53200", WARD_E_IO, "memory" },
		{ "55P03", WARD_E_TIMEOUT, "busy" },
		{ "57014", WARD_E_TIMEOUT, "too long" },
		{ "22003", WARD_E_ARGUMENT, "does not fit" },
		{ "23505", WARD_E_EXISTS, "refuses" },
		{ "23503", WARD_E_CONFLICT, "refuses" },
		{ "XX001", WARD_E_CORRUPT, "damaged" },
		{ "P0001", WARD_E_IO, "P0001" },
	};
	struct store *store = open_relayed();

	CHECK(store);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct attempts attempts = { .wanted = 1000, .state = table[i].state };

		CHECK_EQ(store_write(store, fail_at_first, &attempts, &error), table[i].err);
		CHECK(strstr(error.message, table[i].says));
		CHECK(!strstr(error.message, "secret"));
		CHECK_EQ(attempts.done, 1);
	}
	CHECK_EQ(number_of(store, "retried"), 0);
	store_free(store);
}

static void *write_many(void *context)
{
	struct ward_error why;
	uintptr_t kept = 0;

	for (int i = 0; i < 60; i++)
		kept += store_write(context, add, (void *)(uintptr_t) "many", &why) == WARD_OK;
	return (void *)kept;
}

/* Cut again and again while eight threads write: each acknowledged work is there, and once. */
static void loses_and_doubles_nothing_when_cut(void)
{
	struct store *store = open_relayed();
	pthread_t threads[8];
	int64_t kept = 0;

	CHECK(store);
	atomic_store(&cuts, 0);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, write_many, store), 0);
	for (int i = 0; i < 30; i++) {
		atomic_store(&mode, i % 2 ? CUT_BEFORE_COMMIT : CUT_BEHIND_COMMIT);
		nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	}
	for (int i = 0; i < 8; i++) {
		void *own;

		CHECK_EQ(pthread_join(threads[i], &own), 0);
		kept += (int64_t)(uintptr_t)own;
	}
	atomic_store(&mode, PASS);
	printf("# %lld of 480 acknowledged, %d cuts\n", (long long)kept, atomic_load(&cuts));
	CHECK(atomic_load(&cuts) > 0);
	CHECK_EQ(number_of(store, "many"), kept);
	store_free(store);
}

static void refuses_to_open_without_a_server(void)
{
	struct store_options options = { .place = relayed_place(), .migrate = true };
	struct store *store;

	CHECK(options.place);
	atomic_store(&mode, REFUSE);
	CHECK_EQ(store_open_with(&options, (struct migrations){ tables, 1 }, &store, &error),
			WARD_E_IO);
	atomic_store(&mode, PASS);
	options.place = "postgresql://nobody-at-all@/none?host=/nonexistent";
	CHECK_EQ(store_open(&options, &store, &error), WARD_E_IO);
}

static const struct test_case cases[] = {
	{ "a server that goes is IO, and the next call behind its return is served",
			comes_back_when_the_server_does },
	{ "idle connections that were cut are made again, and nobody notices",
			connects_again_unasked },
	{ "a commit that never reached the server is done again",
			does_again_what_the_server_never_heard },
	{ "a commit whose answer was lost is asked about, and not done again",
			asks_what_became_of_a_commit },
	{ "a server that is silent is not waited for for ever", does_not_wait_for_ever },
	{ "a work that others' transactions made fail is done again, a few times",
			does_again_what_others_made_fail },
	{ "a failure is told by a sentence of our own, without values", says_what_a_failure_means },
	{ "cut again and again, nothing acknowledged is lost or doubled",
			loses_and_doubles_nothing_when_cut },
	{ "a store is not opened without its server", refuses_to_open_without_a_server },
};
TEST_MAIN(cases)
