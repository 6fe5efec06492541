#include "agent/due.h"

#include "base/test.h"

#include <stdlib.h>

static struct due *due;

static bool fresh(size_t max)
{
	due_free(due);
	due = due_new(100, max);
	return due != NULL;
}

static bool takes(const char *want, uint64_t now)
{
	char *path = due_take(due, now);
	bool same = path && strcmp(path, want) == 0;

	free(path);
	return same;
}

static void a_file_is_due_when_it_was_left_alone(void)
{
	CHECK(fresh(10));
	CHECK_EQ(due_wait(due, 0), -1);
	CHECK(due_touch(due, "/a", 1000));
	CHECK_EQ(due_wait(due, 1030), 70);
	CHECK(!due_take(due, 1099));
	CHECK(due_touch(due, "/a", 1099));
	CHECK(!due_take(due, 1100));
	CHECK(takes("/a", 1199));
	CHECK(!due_take(due, 9999));
}

static void each_is_there_once_and_the_one_left_alone_longest_is_first(void)
{
	CHECK(fresh(10));
	CHECK(due_touch(due, "/a", 1) && due_touch(due, "/b", 2) && due_touch(due, "/c", 3));
	CHECK(due_touch(due, "/a", 4));
	CHECK_EQ(due_count(due), 3);
	CHECK(takes("/b", 500) && takes("/c", 500) && takes("/a", 500));
	CHECK_EQ(due_count(due), 0);
}

static void one_that_never_rests_is_due_in_the_end(void)
{
	uint64_t now = 0;

	CHECK(fresh(10));
	for (now = 0; now < 5000; now += 50) {
		CHECK(due_touch(due, "/log", now));
		if (takes("/log", now))
			break;
	}
	CHECK(now >= 1000 && now <= 1200);
}

static void says_when_there_is_no_room(void)
{
	char name[20];

	CHECK(fresh(1000));
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		CHECK(due_touch(due, name, 1));
	}
	CHECK(!due_touch(due, "/more", 1));
	CHECK(due_touch(due, "/7", 2));
	for (int i = 0; i < 1000; i++)
		free(due_take(due, 500));
	CHECK_EQ(due_count(due), 0);
	CHECK(due_touch(due, "/more", 600));
	due_free(due);
	due = NULL;
}

static const struct test_case cases[] = {
	{ "a file is due when it was left alone", a_file_is_due_when_it_was_left_alone },
	{ "each is there once, and the one left alone longest is first",
			each_is_there_once_and_the_one_left_alone_longest_is_first },
	{ "one that never rests is due in the end", one_that_never_rests_is_due_in_the_end },
	{ "says when there is no room", says_when_there_is_no_room },
};
TEST_MAIN(cases)
