#include "agent/looked.h"

#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <sodium.h>

static struct looked *looked;
static struct ward_error error;
static uint64_t keys[3000];

static bool open_it(uint64_t basis, uint64_t max)
{
	looked_close(looked);
	looked = NULL;
	return looked_open(in_folder("looked"), basis, max, &looked, &error) == WARD_OK;
}

static bool fresh(void)
{
	looked_close(looked);
	looked = NULL;
	fresh_folder();
	randombytes_buf(keys, sizeof(keys));
	return open_it(1, 1000000);
}

static bool has_from(size_t first, size_t behind)
{
	for (size_t i = first; i < behind; i++) {
		if (!looked_has(looked, keys[i]))
			return false;
	}
	return true;
}

static void add_from(size_t first, size_t behind)
{
	for (size_t i = first; i < behind; i++)
		looked_add(looked, keys[i]);
}

static void remembers_over_a_restart(void)
{
	CHECK(fresh());
	add_from(0, 2000);
	CHECK(has_from(0, 2000));
	CHECK(!looked_has(looked, keys[2000]));
	CHECK(open_it(1, 1000000));
	CHECK(has_from(0, 2000));
	CHECK(!looked_has(looked, keys[2000]));
	CHECK_EQ(looked_count(looked), 2000);
}

static void forgets_when_lists_change(void)
{
	CHECK(fresh());
	add_from(0, 100);
	CHECK(open_it(2, 1000000));
	CHECK_EQ(looked_count(looked), 0);
	add_from(0, 100);
	looked_forget(looked, 3);
	CHECK(!looked_has(looked, keys[0]));
	add_from(100, 200);
	CHECK(open_it(3, 1000000));
	CHECK_EQ(looked_count(looked), 100);
}

static void a_torn_key_is_cut_off(void)
{
	struct stat st;

	CHECK(fresh());
	add_from(0, 100);
	looked_flush(looked);
	CHECK(stat(in_folder("looked"), &st) == 0);
	looked_close(looked);
	looked = NULL;
	CHECK(truncate(in_folder("looked"), st.st_size - 3) == 0);
	CHECK(open_it(1, 1000000));
	CHECK(has_from(0, 99));
	add_from(99, 200);
	CHECK(open_it(1, 1000000));
	CHECK(has_from(0, 200));
}

static void a_file_that_makes_no_sense_begins_empty(void)
{
	CHECK(fresh());
	add_from(0, 100);
	looked_close(looked);
	looked = NULL;
	int fd = open(in_folder("looked"), O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, "x", 1, 2) == 1 && close(fd) == 0);
	CHECK(open_it(1, 1000000));
	CHECK_EQ(looked_count(looked), 0);
	CHECK(truncate(in_folder("looked"), 5) == 0);
	CHECK(open_it(1, 1000000));
	CHECK_EQ(looked_count(looked), 0);
}

static void what_is_met_again_and_again_outlives_what_is_not(void)
{
	CHECK(fresh());
	CHECK(open_it(1, 1000));
	for (size_t at = 0; at + 300 <= 3000; at += 300) {
		add_from(at, at + 300);
		CHECK(has_from(0, 100));
		CHECK(looked_count(looked) <= 1100);
	}
	CHECK(!looked_has(looked, keys[400]));
	CHECK(open_it(1, 1000));
	CHECK(has_from(0, 100));
}

static void another_size_time_or_name_is_another_file(void)
{
	struct stat st = { .st_ino = 7, .st_size = 10, .st_mtim = { 5, 6 }, .st_ctim = { 5, 6 } };

	CHECK(fresh());
	uint64_t key = looked_key(looked, "/a", &st);

	CHECK(key == looked_key(looked, "/a", &st));
	CHECK(key != looked_key(looked, "/b", &st));
	st.st_ctim.tv_nsec++;
	CHECK(key != looked_key(looked, "/a", &st));
	looked_close(looked);
	looked = NULL;
}

static const struct test_case cases[] = {
	{ "remembers over a restart", remembers_over_a_restart },
	{ "forgets when lists change", forgets_when_lists_change },
	{ "a torn key is cut off", a_torn_key_is_cut_off },
	{ "a file that makes no sense begins empty", a_file_that_makes_no_sense_begins_empty },
	{ "what is met again and again outlives what is not",
			what_is_met_again_and_again_outlives_what_is_not },
	{ "another size, time or name is another file", another_size_time_or_name_is_another_file },
};
TEST_MAIN(cases)
