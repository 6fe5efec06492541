/*
 * A child seals items and adds their rows, and says in a pipe which are
 * acknowledged.  It is killed at a random moment, again and again.  What was
 * acknowledged opens and is whole; no row is without its file; what is left
 * over has no row, and the sweep takes it.
 */
#include "vault/vault_test.h"

#include <signal.h>
#include <sys/wait.h>

enum { ROUNDS = 300, ACKNOWLEDGED_MAX = 1 << 16, LARGEST = 300000 };

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static uint8_t payload[LARGEST];

/* ---- the child ---- */

static bool open_again(void)
{
	struct store_options options = { .place = store_at };

	return store_open(&options, &store, &error) == WARD_OK &&
	       vault_new(folder, store, &vault, &error) == WARD_OK;
}

static void close_again(void)
{
	vault_free(vault);
	store_free(store);
}

/* The bytes of an item follow from its length, so that the parent knows them. */
static void fill(size_t len)
{
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(len * 7 + i * 13);
}

static void seal_for_ever(int pipe_end)
{
	if (!open_again())
		_exit(2);
	/* It is up: from here on it may be killed. */
	if (write(pipe_end, "up", 3) != 3)
		_exit(3);
	for (;;) {
		size_t len = draw(4) > 0 ? draw(500) : draw(LARGEST);

		fill(len);
		const char *id = keep_like((struct vault_arrival){ .kind = WARD_STR("x/y") },
				(ward_bytes){ payload, len });

		if (id[0] == '\0') {
			printf("# sealing failed: %s\n", error.message);
			fflush(stdout);
			_exit(4);
		}
		if (write(pipe_end, id, ID_TEXT_MAX) != ID_TEXT_MAX)
			_exit(5);
	}
}

/* ---- the parent ---- */

static char acknowledged[ACKNOWLEDGED_MAX][ID_TEXT_MAX];
static size_t acknowledged_count;

static bool read_full(int pipe_end, void *into, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t got = read(pipe_end, (char *)into + have, len - have);

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

/* Lets the child acknowledge so many items, and then so much time. */
static bool kill_one(unsigned items, uint64_t delay_us)
{
	uint64_t seed = draw(UINT64_MAX);
	char up[3];
	int ends[2], status = 0;

	if (pipe(ends) < 0)
		return false;
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		close(ends[0]);
		state = seed; /* other draws than its siblings' */
		seal_for_ever(ends[1]);
	}
	close(ends[1]);
	bool ok = child > 0 && read_full(ends[0], up, 3);

	for (unsigned i = 0; ok && i < items; i++)
		ok = read_full(ends[0], acknowledged[acknowledged_count++], ID_TEXT_MAX);
	usleep((useconds_t)delay_us);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	while (acknowledged_count < ACKNOWLEDGED_MAX &&
			read_full(ends[0], acknowledged[acknowledged_count], ID_TEXT_MAX))
		acknowledged_count++;
	close(ends[0]);
	return ok && WIFSIGNALED(status);
}

static bool opens_whole(const struct vault_access *access, const char *id)
{
	struct ward_buf plain;

	ward_buf_init(&plain, LARGEST + 1);
	ward_err err = open_with(access, id, &plain);

	if (err)
		printf("# %s: %s\n", id, error.message);
	fill(plain.len);
	bool whole = !err && (plain.len == 0 || memcmp(plain.ptr, payload, plain.len) == 0);

	ward_buf_free(&plain);
	return whole;
}

static void tell(void *context, const char *what, const char *id)
{
	(void)context;
	if (strcmp(what, "orphan") != 0)
		printf("# %s: %s\n", what, id);
}

static void nothing_acknowledged_is_lost_and_no_row_is_without_its_file(void)
{
	struct vault_checked checked;
	struct vault_swept swept;

	/* A kill does not touch what the system has in memory: a quick disk shows the same. */
	if ((access)("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	CHECK(start());
	state = (uint64_t)getpid();
	printf("# seed %d\n", (int)getpid());
	close_again();
	/* How long an item takes is a matter of the disk. */
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	CHECK(kill_one(20, 0));
	clock_gettime(CLOCK_MONOTONIC, &to);
	int64_t item_us =
			((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000) /
			20;

	/* However busy the machine is: rounds in which nothing was acknowledged get more time. */
	uint64_t span_us = (uint64_t)item_us * 3 + 100;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned before = (unsigned)acknowledged_count;

		CHECK(kill_one(0, draw(span_us)));
		if ((unsigned)acknowledged_count == before)
			span_us += span_us / 16 + 1;
		else
			span_us -= span_us / 16;
	}

	CHECK(open_again());
	CHECK_EQ(vault_check(vault, tell, NULL, &checked, &error), WARD_OK);
	printf("# %d us an item; %d acknowledged, %d rows, %d files without one\n", (int)item_us,
			(int)acknowledged_count, (int)checked.items, (int)checked.orphans);
	CHECK_EQ(checked.missing + checked.damaged + checked.unwrapped + checked.strange, 0);
	CHECK(acknowledged_count > ROUNDS / 3);
	CHECK(checked.items >= acknowledged_count);
	CHECK(checked.items <= acknowledged_count + ROUNDS + 1);
	/* A test whose kills all fell between two items would prove nothing. */
	CHECK(checked.orphans > ROUNDS / 10);
	struct vault_access *access = unlock(&anna);

	CHECK(access != NULL);
	for (size_t i = 0; i < acknowledged_count; i++)
		CHECK(opens_whole(access, acknowledged[i]));
	vault_access_free(access);
	clock_fake_set((int64_t)time(NULL) + 2 * VAULT_ORPHAN_S);
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.orphans, checked.orphans);
	CHECK_EQ(vault_check(vault, tell, NULL, &checked, &error), WARD_OK);
	CHECK_EQ(checked.orphans, 0);
	CHECK(checked.items >= acknowledged_count);
	end();
}

static const struct test_case cases[] = {
	{ "nothing acknowledged is lost, and no row is without its file",
			nothing_acknowledged_is_lost_and_no_row_is_without_its_file },
};
TEST_MAIN(cases)
