/* The state of a scan: what it remembers, and what a torn or foreign file becomes. */
#include "bin/seen.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static char path[64];
static const seen_key basis = { { 1, 2, 3 } };

static seen_key key_of(unsigned number)
{
	return seen_key_of((ward_bytes){ (const uint8_t *)&number, sizeof(number) });
}

static void begin(void)
{
	snprintf(path, sizeof(path), "/tmp/ward-seen-%d", (int)getpid());
	unlink(path);
}

static struct seen *open_it(seen_key with)
{
	struct seen *seen = NULL;
	struct ward_error error;

	if (seen_open(path, with, &seen, &error) != WARD_OK)
		printf("# %s\n", error.message);
	return seen;
}

static bool fill(unsigned from, unsigned to)
{
	struct seen *seen = open_it(basis);
	bool ok = seen != NULL;

	for (unsigned i = from; ok && i < to; i++)
		ok = seen_add(seen, key_of(i), NULL) == WARD_OK;
	return seen_close(seen, NULL) == WARD_OK && ok;
}

static void remembers_over_runs(void)
{
	begin();
	CHECK(fill(0, 3000));
	CHECK(fill(3000, 5000));
	struct seen *seen = open_it(basis);

	CHECK(seen && !seen_was_reset(seen));
	for (unsigned i = 0; i < 5000; i++)
		CHECK(seen_has(seen, key_of(i)));
	for (unsigned i = 5000; i < 6000; i++)
		CHECK(!seen_has(seen, key_of(i)));
	CHECK_EQ(seen_close(seen, NULL), WARD_OK);
	unlink(path);
}

static void starts_afresh_when_the_lists_have_changed(void)
{
	begin();
	CHECK(fill(0, 10));
	struct seen *seen = open_it((seen_key){ { 9 } });

	CHECK(seen && seen_was_reset(seen) && seen_is_new(seen));
	CHECK(!seen_has(seen, key_of(3)));
	CHECK_EQ(seen_close(seen, NULL), WARD_OK);
	seen = open_it((seen_key){ { 9 } });
	CHECK(seen && !seen_is_new(seen));
	CHECK_EQ(seen_close(seen, NULL), WARD_OK);
	unlink(path);
}

/* Whatever the length it was torn at, whole keys count and the rest is cut off. */
static void a_torn_file_is_taken_up(void)
{
	for (off_t size = 0; size <= 32 + 5 * 16; size++) {
		begin();
		CHECK(fill(0, 5));
		CHECK_EQ(truncate(path, size), 0);
		CHECK(fill(100, 101));
		struct seen *seen = open_it(basis);

		CHECK(seen);
		for (unsigned i = 0; i < 5; i++)
			CHECK_EQ(seen_has(seen, key_of(i)), size >= 32 + 16 * ((off_t)i + 1));
		CHECK(seen_has(seen, key_of(100)));
		CHECK_EQ(seen_close(seen, NULL), WARD_OK);
	}
	unlink(path);
}

static void a_file_that_is_something_else_is_left_alone(void)
{
	static const char *const texts[] = { "notes", "a long text that is no state file at all" };

	for (int i = 0; i < 2; i++) {
		struct seen *seen;
		struct stat st;

		begin();
		FILE *file = fopen(path, "w");

		CHECK(file);
		fputs(texts[i], file);
		fclose(file);
		CHECK_EQ(seen_open(path, basis, &seen, NULL), WARD_E_FORMAT);
		CHECK_EQ(stat(path, &st), 0);
		CHECK_EQ(st.st_size, strlen(texts[i]));
	}
	unlink(path);
}

static void two_scans_cannot_share_it(void)
{
	struct seen *second;

	begin();
	struct seen *seen = open_it(basis);

	CHECK(seen);
	CHECK_EQ(seen_open(path, basis, &second, NULL), WARD_E_CONFLICT);
	CHECK_EQ(seen_close(seen, NULL), WARD_OK);
	unlink(path);
}

static const struct test_case cases[] = {
	{ "remembers over runs", remembers_over_runs },
	{ "starts afresh when the lists have changed", starts_afresh_when_the_lists_have_changed },
	{ "a torn file is taken up", a_torn_file_is_taken_up },
	{ "a file that is something else is left alone",
			a_file_that_is_something_else_is_left_alone },
	{ "two scans cannot share it", two_scans_cannot_share_it },
};
TEST_MAIN(cases)
