/*
 * Threads search while the lists change under them.  What each sees is one
 * whole version: every version has as many entries for the asked signal as
 * its radius says.  Worth most under ThreadSanitizer.
 */
#include "bank/list_test.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS  4
#define VERSIONS 60

static atomic_bool over;
static atomic_int wrong;
static atomic_int searches;

static bool make_version(int version)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info = info_of("a");
	bool ok;

	info.radius = 1 + version % 20;
	ok = !ward_list_create(in_folder("a"), &info, &writer, &error);
	for (int i = 0; ok && i < info.radius; i++)
		ok = add(writer, (uint64_t)i, digest_of(WARD_SIGNAL_MD5, 1), "ward:boat");
	return ok && commit(writer);
}

static void *search_on(void *context)
{
	struct ward_bank *bank = context;
	struct ward_search search = ward_search_default();
	ward_signal signal = digest_of(WARD_SIGNAL_MD5, 1);
	struct ward_hits hits = { 0 };

	while (!over) {
		struct ward_bank_view *view = ward_bank_acquire(bank);
		const struct ward_list *list = ward_bank_list(view, 0);

		ward_hits_clear(&hits);
		if (ward_bank_search(view, &signal, &search, &hits, NULL) ||
				hits.count != (size_t)ward_list_info(list)->radius)
			wrong++;
		for (size_t i = 0; i < hits.count; i++)
			wrong += !ward_str_eq(hits.at[i].labels, WARD_STR("ward:boat"));
		searches++;
		ward_bank_release(view);
	}
	ward_hits_free(&hits);
	return NULL;
}

/* Two threads ask for news at the same time as well. */
static void *refresh_on(void *context)
{
	bool changed;

	while (!over) {
		if (ward_bank_refresh(context, &changed, NULL))
			wrong++;
	}
	return NULL;
}

static void versions_are_swapped_while_threads_search(void)
{
	pthread_t threads[THREADS], refresher;
	struct ward_bank *bank = NULL;
	bool changed = false;

	fresh_list_folder();
	CHECK(make_version(0));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, search_on, bank), 0);
	CHECK_EQ(pthread_create(&refresher, NULL, refresh_on, bank), 0);
	for (int version = 1; version <= VERSIONS; version++) {
		CHECK(make_version(version));
		CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	}
	over = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(refresher, NULL);
	ward_bank_free(bank);
	CHECK_EQ(wrong, 0);
	printf("# %d searches during %d versions\n", (int)searches, VERSIONS);
	CHECK(searches > VERSIONS);
}

static const struct test_case cases[] = {
	{ "versions are swapped while threads search", versions_are_swapped_while_threads_search },
};
TEST_MAIN(cases)
