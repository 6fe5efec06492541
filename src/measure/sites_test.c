#include "measure/sites.h"

#include "base/test.h"
#include "store/store_test.h"

enum { DAY = 20000 };

static struct ward_error error;
static struct store *store;

static struct measure_site_count count_of(const char *list, const char *cause, const char *act,
		int64_t count)
{
	return (struct measure_site_count){ 0, ward_str_from(list), ward_str_from(cause),
		ward_str_from(act), count };
}

static ward_err note_work(void *context, struct store_tx *tx, struct ward_error *fault)
{
	return measure_sites_note(tx, context, fault);
}

static ward_err note(const char *run, int64_t day, const struct measure_site_count *counts,
		size_t n, const struct measure_site_host *hosts, size_t host_count)
{
	struct measure_sites sites = { run, day, counts, n, hosts, host_count };

	return store_write(store, note_work, &sites, &error);
}

static ward_err forget_work(void *context, struct store_tx *tx, struct ward_error *fault)
{
	return measure_sites_forget(tx, *(int64_t *)context, fault);
}

/* What is told of the days, as text. */
static const char *tell(int64_t from, int64_t to)
{
	static char text[1000];
	const struct measure_site_count *counts = NULL;
	const struct measure_site_host *hosts = NULL;
	size_t count = 0, host_count = 0, len = 0;
	struct ward_arena arena;
	struct store_tx *tx;

	ward_arena_init(&arena, 1 << 20);
	text[0] = '\0';
	if (store_read(store, &tx, &error) != WARD_OK)
		return "no store";
	if (measure_sites_counts(tx, from, to, &arena, &counts, &count, &error) != WARD_OK ||
			measure_sites_hosts(tx, from, to, 10, &arena, &hosts, &host_count,
					&error) != WARD_OK)
		snprintf(text, sizeof(text), "%s", error.message);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
				"%lld %.*s %.*s %.*s %lld; ", (long long)counts[i].day,
				WARD_FMT(counts[i].list), WARD_FMT(counts[i].cause),
				WARD_FMT(counts[i].act), (long long)counts[i].count);
	for (size_t i = 0; i < host_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s (%.*s) %lld; ",
				WARD_FMT(hosts[i].host), WARD_FMT(hosts[i].list),
				(long long)hosts[i].count);
	store_read_end(tx);
	ward_arena_free(&arena);
	return text;
}

static void open_store(void)
{
	store_free(store);
	store = store_fresh();
}

static void a_run_that_says_it_again_counts_once(void)
{
	struct measure_site_count first[] = { count_of("games", "listed", "block", 3) };
	struct measure_site_count again[] = { count_of("games", "listed", "block", 7),
		count_of("", "words", "note", 1) };

	open_store();
	CHECK(store);
	CHECK_EQ(note("one", DAY, first, 1, NULL, 0), WARD_OK);
	CHECK_EQ(note("one", DAY, again, 2, NULL, 0), WARD_OK);
	CHECK_STR(tell(DAY, DAY), "20000  words note 1; 20000 games listed block 7; ");
}

static void runs_are_added_up_and_days_are_not(void)
{
	struct measure_site_count counts[] = { count_of("games", "listed", "block", 3) };
	struct measure_site_host hosts[] = { { WARD_STR("a.example"), WARD_STR("games"), 2 },
		{ WARD_STR("b.example"), WARD_STR("games"), 9 } };

	open_store();
	CHECK_EQ(note("one", DAY, counts, 1, hosts, 2), WARD_OK);
	CHECK_EQ(note("two", DAY, counts, 1, hosts, 1), WARD_OK);
	CHECK_EQ(note("two", DAY + 1, counts, 1, NULL, 0), WARD_OK);
	CHECK_STR(tell(DAY, DAY + 1), "20001 games listed block 3; 20000 games listed block 6; "
				      "b.example (games) 9; a.example (games) 4; ");
	CHECK_STR(tell(DAY + 1, DAY + 1), "20001 games listed block 3; ");
}

static void hosts_are_forgotten_and_numbers_stay(void)
{
	struct measure_site_count counts[] = { count_of("games", "listed", "block", 3) };
	struct measure_site_host hosts[] = { { WARD_STR("a.example"), WARD_STR("games"), 2 } };
	int64_t before = DAY + 1;

	open_store();
	CHECK_EQ(note("one", DAY, counts, 1, hosts, 1), WARD_OK);
	CHECK_EQ(note("one", DAY + 1, NULL, 0, hosts, 1), WARD_OK);
	CHECK_EQ(store_write(store, forget_work, &before, &error), WARD_OK);
	CHECK_STR(tell(DAY, DAY), "20000 games listed block 3; ");
	CHECK_STR(tell(DAY + 1, DAY + 1), "a.example (games) 2; ");
	store_free(store);
	store = NULL;
}

static const struct test_case cases[] = {
	{ "a run that says it again counts once", a_run_that_says_it_again_counts_once },
	{ "runs are added up, and days are not", runs_are_added_up_and_days_are_not },
	{ "hosts are forgotten, and numbers stay", hosts_are_forgotten_and_numbers_stay },
};
TEST_MAIN(cases)
