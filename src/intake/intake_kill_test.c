/*
 * A program that takes reports is killed at random, over and over, and its
 * disk is full at times.  What it acknowledged is there each time; what it did
 * not is taken when it is sent again; nothing is there twice.
 *
 * WARD_KILL_ROUNDS is how often; 300 when it is not set.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "intake/intake_test.h"

enum { THREADS = 4, EACH = 4, KEY_MAX = 32, ITEMS = 2 };

static const char *place;

/* A store that several processes open one behind the other, with a vault that has its keys. */
static bool open_place(void)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };

	return store_open(&options, &store, &error) == WARD_OK &&
	       vault_new(folder, store, &vault, &error) == WARD_OK &&
	       intake_open(keys, store, vault, NULL, NULL, &intake, &error) == WARD_OK;
}

static void close_place(void)
{
	intake_free(intake);
	vault_free(vault);
	store_free(store);
}

static bool make_place(void)
{
	struct vault_plan plan = { WARD_STR("review"), 2, 3, 3, 5 };
	struct vault_actor maker = { WARD_STR("person:operator"), WARD_STR("") };
	const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	struct vault_access *access;

	clock_fake_set(NOW);
	snprintf(folder, sizeof(folder), "%s/ward-vault-XXXXXX", base);
	snprintf(keys, sizeof(keys), "%s/ward-intake-XXXXXX", base);
	place = store_fresh_place();
	shown.keys = 0;
	if (!mkdtemp(folder) || !mkdtemp(keys) || !open_place() ||
			vault_keys_make(vault, &plan, &maker, show, &shown, &access, &error) !=
					WARD_OK)
		return false;
	vault_access_free(access);
	close_place();
	return true;
}

static void remove_place(void)
{
	remove_folder(folder);
	remove_folder(keys);
}

/* ---- the program that is killed ---- */

/* What it says on its pipe: 't' before it tries a key, 'k' once it is kept. */
struct said {
	char what;
	char key[KEY_MAX];
	char report[ID_TEXT_MAX];
};

struct sender {
	pthread_t thread;
	int pipe, round, number;
};

static ward_err send_one(const char *key, unsigned number, struct intake_added *done)
{
	struct intake_item_new items[ITEMS];
	char page[80], bytes[80];

	snprintf(page, sizeof(page), "http://example.org/%u", number % 7);
	snprintf(bytes, sizeof(bytes), "picture %s", key);
	items[0] = text_item(INTAKE_URL, page);
	items[1] = media_item(bytes);
	items[1].has_pdq = true;
	items[1].pdq_quality = 90;
	for (unsigned i = 0; i < 4; i++)
		items[1].pdq.word[i] = (number + 1) * (0x9e3779b97f4a7c15u + i);
	struct intake_new report = report_of(items, ITEMS);

	report.once = ward_str_from(key);
	return intake_add(intake, &report, done, &error);
}

static void say(int fd, char what, const char *key, const char *report)
{
	struct said said = { .what = what };

	snprintf(said.key, sizeof(said.key), "%s", key);
	snprintf(said.report, sizeof(said.report), "%s", report);
	/* Below PIPE_BUF: whole or not at all. */
	if (write(fd, &said, sizeof(said)) != sizeof(said))
		_exit(3);
}

static void *send_many(void *context)
{
	const struct sender *sender = context;
	struct intake_added done;
	char key[KEY_MAX];

	for (int i = 0; i < EACH; i++) {
		snprintf(key, sizeof(key), "%d-%d-%d", sender->round, sender->number, i);
		say(sender->pipe, 't', key, "");
		if (send_one(key, (unsigned)(sender->number * EACH + i), &done) == WARD_OK)
			say(sender->pipe, 'k', key, done.report);
	}
	return NULL;
}

static void be_the_program(int fd, int round)
{
	struct sender senders[THREADS];

	if (!open_place())
		_exit(2);
	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){ .pipe = fd, .round = round, .number = i };
		if (pthread_create(&senders[i].thread, NULL, send_many, &senders[i]) != 0)
			_exit(2);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i].thread, NULL);
	_exit(0);
}

/* ---- the one who looks afterwards ---- */

struct round {
	struct said said[2 * THREADS * EACH];
	unsigned count, kept;
};

static void hear(int fd, struct round *round)
{
	while (round->count < sizeof(round->said) / sizeof(*round->said) &&
			read(fd, &round->said[round->count], sizeof(struct said)) ==
					sizeof(struct said)) {
		round->kept += round->said[round->count].what == 'k';
		round->count++;
	}
}

static bool run_program(int number, unsigned wait_us, struct round *round)
{
	int ends[2];

	*round = (struct round){ .count = 0 };
	if (pipe(ends) != 0)
		return false;
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		close(ends[0]);
		be_the_program(ends[1], number);
	}
	close(ends[1]);
	/* From when it begins to send, however long it takes to start. */
	round->count = read(ends[0], round->said, sizeof(*round->said)) == sizeof(*round->said);
	nanosleep(&(struct timespec){ wait_us / 1000000, wait_us % 1000000 * 1000L }, NULL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	hear(ends[0], round);
	close(ends[0]);
	return child > 0;
}

/* All that was tried is sent again: what was kept is that very report. */
static bool send_again(const struct round *round, unsigned *tried)
{
	struct intake_added done;
	bool good = true;

	for (unsigned i = 0; good && i < round->count; i++) {
		const struct said *said = &round->said[i];

		*tried += said->what == 't';
		good = send_one(said->key, i, &done) == WARD_OK;
		if (good && said->what == 'k')
			good = done.again && strcmp(done.report, said->report) == 0;
		if (!good)
			printf("# %s: %s\n", said->key, said->what == 'k' ? "lost" : error.message);
	}
	return good;
}

static bool all_is_once(unsigned tried)
{
	int64_t reports = ask("SELECT COUNT(*) FROM intake_reports");
	int64_t items = ask("SELECT COUNT(*) FROM intake_items");
	int64_t sealed = ask("SELECT COUNT(*) FROM vault_items");

	if (reports != tried || items != ITEMS * (int64_t)tried || sealed != items)
		printf("# %u were sent: %" PRId64 " reports, %" PRId64 " items, %" PRId64
		       " sealed\n",
				tried, reports, items, sealed);
	return reports == tried && items == ITEMS * (int64_t)tried && sealed == items;
}

static bool log_is_well(void)
{
	struct audit_verified found;

	if (audit_verify(store, NULL, NULL, &found, &error) != WARD_OK || found.what[0]) {
		printf("# %s\n", found.what);
		return false;
	}
	return true;
}

/* Files without a row are what a kill leaves, and the vault sweeps away later. */
static void tell_wrong(void *context, const char *what, const char *id)
{
	(void)context;
	if (strcmp(what, "orphan") != 0)
		printf("# %s: %s\n", what, id);
}

static bool vault_is_well(void)
{
	struct vault_checked checked;

	return vault_check(vault, tell_wrong, NULL, &checked, &error) == WARD_OK &&
	       checked.missing == 0 && checked.damaged == 0 && checked.unwrapped == 0 &&
	       checked.strange == 0;
}

static unsigned drawn(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void nothing_acknowledged_is_lost_and_nothing_is_there_twice(void)
{
	const char *wanted = getenv("WARD_KILL_ROUNDS");
	int rounds = wanted ? (int)strtol(wanted, NULL, 10) : 300;
	unsigned seed = 7, tried = 0, kept = 0, cut = 0, wait_us = 20000;
	static struct round round;

	CHECK(make_place());
	for (int i = 0; i < rounds; i++) {
		CHECK(run_program(i, drawn(&seed) % wait_us, &round));
		/* Disks differ: some of what is begun should be kept, and not all. */
		wait_us = round.kept == 0 && wait_us < 2000000              ? wait_us * 5 / 4
			  : 2 * round.kept >= round.count && wait_us > 2000 ? wait_us * 3 / 4
									    : wait_us;
		kept += round.kept;
		cut += round.count > 2 * round.kept;
		CHECK(open_place());
		CHECK(send_again(&round, &tried));
		CHECK(all_is_once(tried));
		if (i % 20 == 0)
			CHECK(log_is_well());
		close_place();
	}
	CHECK(open_place());
	CHECK(log_is_well());
	CHECK(vault_is_well());
	close_place();
	printf("# %d rounds: %u reports, %u acknowledged before a kill, %u rounds cut one short\n",
			rounds, tried, kept, cut);
	/* Else nothing was shown. */
	CHECK(kept > 0 && cut > (unsigned)rounds / 20);
	remove_place();
}

/* ---- a full disk ---- */

static void fill_up(int fd)
{
	struct rlimit limit = { 400 << 10, 400 << 10 };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	be_the_program(fd, 1);
}

static void a_full_disk_refuses_whole_reports(void)
{
	static struct round round;
	unsigned tried = 0;
	int ends[2];

	if (store_fresh_on_server())
		CHECK_SKIP("the disk of a server is not ours to fill");
	CHECK(make_place());
	CHECK(pipe(ends) == 0);
	fflush(stdout);
	pid_t child = fork();

	if (child == 0)
		fill_up(ends[1]);
	close(ends[1]);
	waitpid(child, NULL, 0);
	round = (struct round){ .count = 0 };
	hear(ends[0], &round);
	close(ends[0]);
	printf("# %u of %u were taken\n", round.kept, round.count - round.kept);
	CHECK(round.kept < round.count - round.kept);
	CHECK(open_place());
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), round.kept);
	CHECK(send_again(&round, &tried));
	CHECK(all_is_once(tried));
	CHECK(log_is_well());
	CHECK(vault_is_well());
	close_place();
	remove_place();
}

static const struct test_case cases[] = {
	{ "nothing acknowledged is lost, and nothing is there twice",
			nothing_acknowledged_is_lost_and_nothing_is_there_twice },
	{ "a full disk refuses whole reports", a_full_disk_refuses_whole_reports },
};
TEST_MAIN(cases)
