/*
 * intake_bench SECONDS [THREADS [RUNS [OPEN]]] - reports a second, each durable when it is counted
 *
 * THREADS (64) threads add reports one behind the other for SECONDS, in three
 * ways, each in a store and a vault of its own: with one address; with a
 * picture of 20 kB and its hash, none like another; and the same with the
 * pictures being one of a hundred, as when something spreads.  The ways take
 * turns, RUNS (1) times, and the medians are told.  Then how long it takes to
 * find what a picture looks like among OPEN (100 000) open ones.  The store is
 * on a server when WARD_TEST_STORE names one.  Prints one JSON line.
 */
#include "intake/alike.h"

#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store_test.h"
#include "vault/vault_keys.h"

enum { THREADS_MAX = 256, RUNS_MAX = 99, PICTURE = 20000, A_WORK = 500, LOOKS = 200 };
enum way { ADDRESS = 0, PICTURES, SPREADING, WAYS };

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "intake_bench: %s\n", error.message);
	exit(2);
}

static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static ward_pdq drawn(uint64_t number)
{
	ward_pdq hash;

	for (uint64_t word = 0; word < 4; word++)
		hash.word[word] = mixed((4 * number + word) * 0x9e3779b97f4a7c15);
	return hash;
}

/* ---- a house ---- */

struct house {
	char folder[64];
	struct store *store;
	struct vault *vault;
	struct intake *intake;
};

static ward_err show(void *context, const char *key, const char *const *shares, unsigned count,
		struct ward_error *failure)
{
	(void)context, (void)key, (void)shares, (void)count, (void)failure;
	return WARD_OK;
}

static void open_house(struct house *house)
{
	struct vault_plan plan = { WARD_STR("review,filing"), 2, 3, 3, 5 };
	struct vault_actor maker = { WARD_STR("person:operator"), WARD_STR("") };
	struct vault_access *access;

	snprintf(house->folder, sizeof(house->folder), "/var/tmp/ward-bench-XXXXXX");
	if (!mkdtemp(house->folder))
		stop_on(ward_fail(&error, WARD_E_IO, "no folder"));
	house->store = store_fresh();
	stop_on(vault_new(house->folder, house->store, &house->vault, &error));
	stop_on(vault_keys_make(house->vault, &plan, &maker, show, NULL, &access, &error));
	vault_access_free(access);
	stop_on(intake_open(house->folder, house->store, house->vault, NULL, NULL, &house->intake,
			&error));
}

/* A vault is folders of files. */
static void remove_folder(const char *path)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	char inside[4096];

	while (entries && (entry = readdir(entries))) {
		int len = snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (len > 0 && (size_t)len < sizeof(inside) && unlink(inside) != 0)
			remove_folder(inside);
	}
	if (entries)
		closedir(entries);
	rmdir(path);
}

static void close_house(struct house *house)
{
	intake_free(house->intake);
	vault_free(house->vault);
	store_free(house->store);
	remove_folder(house->folder);
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* ---- reports a second ---- */

struct run {
	struct house *house;
	enum way way;
	uint64_t until_us;
	atomic_uint_fast64_t next, done;
};

static void add_one(struct run *run, uint64_t number, char *bytes)
{
	struct intake_item_new item = { .kind = INTAKE_URL };
	uint64_t picture = run->way == SPREADING ? number % 100 : number;
	char page[80], once[40];
	struct intake_added added;

	snprintf(page, sizeof(page), "https://host-%" PRIu64 ".example/page/%" PRIu64, number % 997,
			number);
	snprintf(once, sizeof(once), "once-%" PRIu64, number);
	item.text = ward_str_from(page);
	if (run->way != ADDRESS) {
		memcpy(bytes, &picture, sizeof(picture));
		item = (struct intake_item_new){ .kind = INTAKE_MEDIA,
			.bytes = { (const uint8_t *)bytes, PICTURE },
			.type = WARD_STR("image/jpeg"),
			.has_pdq = true,
			.pdq = drawn(picture),
			.pdq_quality = 90 };
	}
	stop_on(intake_add(run->house->intake,
			&(struct intake_new){ .channel = INTAKE_API,
					.holder = WARD_STR("platform"),
					.once = ward_str_from(once),
					.reporter = INTAKE_MEMBER,
					.items = &item,
					.item_count = 1,
					.actor = { WARD_STR("key:platform"), WARD_STR("") } },
			&added, &error));
}

static void *add_many(void *context)
{
	char *bytes = calloc(1, PICTURE);
	struct run *run = context;

	while (bytes && clock_ticks_us() < run->until_us) {
		add_one(run, atomic_fetch_add(&run->next, 1), bytes);
		atomic_fetch_add(&run->done, 1);
	}
	free(bytes);
	return NULL;
}

static double rate(enum way way, unsigned seconds, unsigned threads)
{
	pthread_t all[THREADS_MAX];
	struct house house;

	open_house(&house);
	uint64_t start = clock_ticks_us();
	struct run run = { .house = &house,
		.way = way,
		.until_us = start + (uint64_t)seconds * 1000000 };

	for (unsigned i = 0; i < threads; i++) {
		if (pthread_create(&all[i], NULL, add_many, &run) != 0)
			exit(2);
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	double took = (double)(clock_ticks_us() - start) / 1e6;

	close_house(&house);
	return (double)run.done / took;
}

/* ---- what a picture looks like ---- */

static ward_err add_open(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const unsigned *first = context;
	ward_err err = WARD_OK;

	for (unsigned i = *first; !err && i < *first + A_WORK; i++) {
		ward_signal signal = ward_pdq_signal(drawn(i));
		char id[ID_TEXT_MAX];
		struct alike_item item = { .id = ward_str_from(id_new(id)), .pdq = drawn(i) };

		err = store_run(tx,
				"INSERT INTO intake_items (id, report, place, kind, type, bytes, "
				"pdq, pdq_quality, first, alike, closed_at) VALUES ($1, 'bench', "
				"$2, 'media', '', 0, $3, 90, $1, '', 0)",
				STORE_VALUES(store_string(id), store_int(i),
						store_blob((ward_bytes){ signal.bytes, 32 })),
				NULL, failure);
		if (!err)
			err = alike_keep(tx, &item, item.id, failure);
	}
	return err;
}

static ward_err add_report(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)context;
	return store_run(tx,
			"INSERT INTO intake_reports (id, at, channel, holder, reporter, urgency, "
			"jurisdiction, language, context, state, state_at) VALUES ('bench', 0, "
			"'api', '', 'public', 0, '', '', '', 0, 0)",
			STORE_NO_VALUES, NULL, failure);
}

struct look {
	struct alike_item item;
	struct alike alike;
	uint64_t us;
};

static ward_err look(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct look *one = context;
	uint64_t start = clock_ticks_us();
	ward_err err = alike_find(tx, &one->item, &one->alike, failure);

	one->us = clock_ticks_us() - start;
	return err;
}

static double look_ms(unsigned open)
{
	struct store *store = store_fresh();
	double ms[LOOKS];

	stop_on(store_write(store, add_report, NULL, &error));
	for (unsigned first = 0; first < open; first += A_WORK)
		stop_on(store_write(store, add_open, &first, &error));
	for (unsigned i = 0; i < LOOKS; i++) {
		/* Half of them look like one that is there. */
		struct look one = { .item = { .id = WARD_STR("new"),
						    .has_pdq = true,
						    .pdq = drawn(i % 2 ? i * 97 % open : open + i),
						    .pdq_quality = 90 } };

		one.item.pdq.word[0] ^= 0x3fff;
		one.item.pdq.word[2] ^= 0xffff;
		stop_on(store_write(store, look, &one, &error));
		ms[i] = (double)one.us / 1e3;
		if ((one.alike.how[0] != '\0') != (i % 2 == 1))
			stop_on(ward_fail(&error, WARD_E_CORRUPT, "what is near was not found"));
	}
	store_free(store);
	qsort(ms, LOOKS, sizeof(*ms), by_value);
	return ms[LOOKS / 2];
}

int main(int argc, char **argv)
{
	/* SECONDS, THREADS, RUNS, OPEN */
	uint64_t words[] = { 0, 64, 1, 100000 };
	const uint64_t least[] = { 1, 1, 1, 0 }, most[] = { 3600, THREADS_MAX, RUNS_MAX, 1000000 };
	double runs[WAYS][RUNS_MAX], rates[WAYS];
	bool good = argc >= 2 && argc <= 5;

	for (int i = 0; good && i < argc - 1; i++)
		good = ward_u64_parse(ward_str_from(argv[i + 1]), &words[i]) &&
		       words[i] >= least[i] && words[i] <= most[i];
	if (!good) {
		fprintf(stderr, "usage: intake_bench SECONDS [THREADS [RUNS [OPEN]]]\n");
		return 2;
	}
	for (uint64_t i = 0; i < words[2]; i++) {
		for (enum way way = ADDRESS; way < WAYS; way++)
			runs[way][i] = rate(way, (unsigned)words[0], (unsigned)words[1]);
	}
	for (enum way way = ADDRESS; way < WAYS; way++) {
		qsort(runs[way], words[2], sizeof(double), by_value);
		rates[way] = runs[way][words[2] / 2];
	}
	printf("{\"bench\":\"intake\",\"engine\":\"%s\",\"threads\":%" PRIu64 ",\"runs\":%" PRIu64
	       ",\"address_s\":%.0f,\"picture_s\":%.0f,"
	       "\"spreading_s\":%.0f",
			store_fresh_on_server() ? "postgresql" : "sqlite", words[1], words[2],
			rates[ADDRESS], rates[PICTURES], rates[SPREADING]);
	if (words[3] > 0)
		printf(",\"look_among\":%" PRIu64 ",\"look_ms\":%.2f", words[3],
				look_ms((unsigned)words[3]));
	printf("}\n");
	return 0;
}
