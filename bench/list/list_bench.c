/*
 * list_bench COUNT [FOLDER] - making, opening and changing a list of COUNT PDQ hashes
 *
 * The list is made in FOLDER (/var/tmp) as an importer makes one: record by
 * record, each with its label, quality and number; then opened, looked up in,
 * changed by a delta of 10 000 records (9 000 new ones, 1 000 removed by
 * signal) that a bank must show, and compacted.  With "refs" as a third word
 * each record carries an id of 10 digits too, and the delta removes by id.
 * The hashes are drawn by code (splitmix64).  Prints one JSON line; a time of
 * many rounds is their median.
 */
#include "base/clock.h"
#include "base/file.h"
#include <ward/bank.h>

#include <sys/resource.h>
#include <unistd.h>

#define ROUNDS  9
#define ADDED   9000
#define REMOVED 1000

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "list_bench: %s\n", error.message);
	exit(2);
}

static uint64_t mixed(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static ward_signal drawn(uint64_t i)
{
	ward_pdq hash;

	for (uint64_t word = 0; word < 4; word++)
		hash.word[word] = mixed((4 * i + word) * 0x9e3779b97f4a7c15);
	return ward_pdq_signal(hash);
}

static double seconds_since(uint64_t start_us)
{
	return (double)(clock_ticks_us() - start_us) / 1e6;
}

/* ---- one record after another ---- */

static const char *const labels[] = { "ward:lighthouse", "ward:bridge", "ward:boat",
	"ward:lighthouse ward:night", "ward:bridge ward:night" };

static void fill(struct ward_record *record, uint64_t number, bool with_refs, char ref[24])
{
	record->number = number;
	record->signals[0] = drawn(number);
	record->signal_count = 1;
	record->labels = ward_str_from(labels[number % 5]);
	record->quality = (uint8_t)(50 + number % 51);
	record->ref = (ward_str){ NULL, 0 };
	if (with_refs) {
		snprintf(ref, 24, "%010llu", (unsigned long long)number);
		record->ref = (ward_str){ ref, 10 };
	}
}

static void add_records(struct ward_list_writer *writer, uint64_t from, uint64_t count, bool refs)
{
	struct ward_record record = { 0 };
	char ref[24];

	for (uint64_t i = 0; i < count; i++) {
		fill(&record, from + i, refs, ref);
		stop_on(ward_list_writer_add(writer, &record, &error));
	}
}

struct times {
	double add_s;
	double build_s;
	double open_ms;
	double delta_s;
	double refresh_ms;
	double verify_s;
	double compact_s;
};

static void build(const char *folder, uint64_t count, bool refs, struct times *times)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info;
	uint64_t start = clock_ticks_us();

	if (!ward_list_info_init(&info, WARD_STR("bench")))
		exit(2);
	stop_on(ward_list_create(folder, &info, &writer, &error));
	add_records(writer, 0, count, refs);
	times->add_s = seconds_since(start);
	stop_on(ward_list_writer_commit(writer, &error));
	ward_list_writer_free(writer);
	times->build_s = seconds_since(start);
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static void open_many(const char *folder, struct times *times)
{
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		struct ward_list *list = NULL;
		uint64_t start = clock_ticks_us();

		stop_on(ward_list_open(folder, &list, &error));
		ms[i] = seconds_since(start) * 1e3;
		ward_list_free(list);
	}
	qsort(ms, ROUNDS, sizeof(*ms), by_value);
	times->open_ms = ms[ROUNDS / 2];
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "list_bench: %s\n", what);
	exit(2);
}

static uint64_t hits_of(struct ward_bank *bank, uint64_t number)
{
	struct ward_bank_view *view = ward_bank_acquire(bank);
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	ward_signal signal = drawn(number);
	uint64_t total;

	stop_on(ward_bank_search(view, &signal, &search, &hits, &error));
	total = hits.total;
	ward_hits_free(&hits);
	ward_bank_release(view);
	return total;
}

/* From the beginning of the delta until a bank that was open finds what is new. */
static void change(const char *lists, const char *folder, uint64_t count, bool refs,
		struct times *times)
{
	struct ward_list_writer *writer = NULL;
	struct ward_bank *bank = NULL;
	uint64_t start, refresh, removed = 0;
	bool changed = false;

	stop_on(ward_bank_open(lists, &bank, &error));
	start = clock_ticks_us();
	stop_on(ward_list_change(folder, &writer, &error));
	for (uint64_t i = 0; i < REMOVED; i++) {
		uint64_t number = i * (count / REMOVED);
		ward_signal signal = drawn(number);
		char ref[24];

		snprintf(ref, sizeof(ref), "%010llu", (unsigned long long)number);
		if (refs)
			stop_on(ward_list_writer_remove_ref(writer, (ward_str){ ref, 10 }, &removed,
					&error));
		else
			stop_on(ward_list_writer_remove_signal(writer, &signal, &removed, &error));
		check(removed == 1, "one entry should have been removed");
	}
	add_records(writer, count, ADDED, refs);
	stop_on(ward_list_writer_commit(writer, &error));
	ward_list_writer_free(writer);
	refresh = clock_ticks_us();
	stop_on(ward_bank_refresh(bank, &changed, &error));
	times->refresh_ms = seconds_since(refresh) * 1e3;
	check(changed && hits_of(bank, count + ADDED - 1) == 1, "what was added is not found");
	check(hits_of(bank, 0) == 0, "what was removed is found");
	times->delta_s = seconds_since(start);
	ward_bank_free(bank);
}

static double bytes_of(const char *folder, uint64_t *entries)
{
	struct ward_list *list = NULL;
	double bytes;

	stop_on(ward_list_open(folder, &list, &error));
	bytes = (double)ward_list_bytes(list);
	*entries = ward_list_entries(list);
	ward_list_free(list);
	return bytes;
}

static void verify(const char *folder, struct times *times)
{
	struct ward_list *list = NULL;
	uint64_t start;

	stop_on(ward_list_open(folder, &list, &error));
	start = clock_ticks_us();
	stop_on(ward_list_verify(list, NULL, NULL, &error));
	times->verify_s = seconds_since(start);
	ward_list_free(list);
}

static double peak_mb(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) < 0 ? 0 : (double)usage.ru_maxrss / 1e3;
}

static void measure(uint64_t count, const char *lists, bool refs)
{
	struct times times = { 0 };
	char folder[4096];
	uint64_t entries = 0, start;
	double bytes, peak;

	snprintf(folder, sizeof(folder), "%s/bench", lists);
	build(folder, count, refs, &times);
	peak = peak_mb();
	open_many(folder, &times);
	bytes = bytes_of(folder, &entries);
	change(lists, folder, count, refs, &times);
	verify(folder, &times);
	start = clock_ticks_us();
	stop_on(ward_list_compact(folder, &error));
	times.compact_s = seconds_since(start);
	printf("{\"bench\":\"list\",\"count\":%llu,\"refs\":%s,\"add_s\":%.2f,\"build_s\":%.2f,"
	       "\"bytes_per_entry\":%.1f,\"peak_mb\":%.0f,\"open_ms\":%.3f,"
	       "\"delta_s\":%.3f,\"refresh_ms\":%.3f,\"verify_s\":%.2f,\"compact_s\":%.2f}\n",
			(unsigned long long)count, refs ? "true" : "false", times.add_s,
			times.build_s, bytes / (double)entries, peak, times.open_ms, times.delta_s,
			times.refresh_ms, times.verify_s, times.compact_s);
	stop_on(ward_list_delete(folder, &error));
}

int main(int argc, char **argv)
{
	uint64_t count = 0;
	char lists[3000];

	if (argc < 2 || !ward_u64_parse(ward_str_from(argv[1]), &count) || count < REMOVED) {
		fprintf(stderr, "usage: list_bench COUNT [FOLDER [refs]]  (COUNT from %d)\n",
				REMOVED);
		return 2;
	}
	snprintf(lists, sizeof(lists), "%s/ward-list-bench.%ld", argc > 2 ? argv[2] : "/var/tmp",
			(long)getpid());
	measure(count, lists, argc > 3 && strcmp(argv[3], "refs") == 0);
	rmdir(lists);
	return 0;
}
