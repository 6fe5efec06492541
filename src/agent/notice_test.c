#include "agent/notice.h"

#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

enum { PATHS_MAX = 4096 };

static struct notice *notice;
static struct ward_error error;
static struct {
	char at[PATHS_MAX][200];
	size_t count;
	bool lost;
	const char *closed; /* a name that is not entered */
} heard;

static void hear(void *context, const char *path)
{
	(void)context;
	if (heard.count < PATHS_MAX)
		snprintf(heard.at[heard.count++], 200, "%s", path);
}

static bool enters(void *context, const char *path)
{
	(void)context;
	return !heard.closed || !strstr(path, heard.closed);
}

static void lose(void *context)
{
	(void)context;
	heard.lost = true;
}

static bool fresh(void)
{
	const struct notice_to to = { NULL, hear, hear, enters, lose, NULL };

	notice_free(notice);
	notice = NULL;
	memset(&heard, 0, sizeof(heard));
	fresh_folder();
	return mkdir(in_folder("home"), 0700) == 0 && notice_new(&to, &notice, &error) == WARD_OK;
}

static bool was_heard(const char *name)
{
	const char *path = in_folder(name);

	for (size_t i = 0; i < heard.count; i++) {
		if (strcmp(heard.at[i], path) == 0)
			return true;
	}
	return false;
}

/* Reads news until one of this file comes. */
static bool hears(const char *name)
{
	for (int i = 0; i < 200 && !was_heard(name); i++) {
		struct pollfd ear = { .fd = notice_fd(notice), .events = POLLIN };

		(void)poll(&ear, 1, 10);
		notice_read(notice);
	}
	return was_heard(name);
}

static bool write_file(const char *name)
{
	int fd = open(in_folder(name), O_CREAT | O_WRONLY, 0600);

	return fd >= 0 && write(fd, "ward", 4) == 4 && close(fd) == 0;
}

static void a_file_that_is_written_or_moved_or_linked_is_heard_of(void)
{
	CHECK(fresh());
	CHECK(write_file("outside"));
	CHECK(write_file("home/before"));
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK(write_file("home/a"));
	CHECK(hears("home/a"));
	CHECK(link(in_folder("outside"), in_folder("home/b")) == 0);
	CHECK(hears("home/b"));
	CHECK(rename(in_folder("outside"), in_folder("home/c")) == 0);
	CHECK(hears("home/c"));
	CHECK(!was_heard("home/before"));
	CHECK_EQ(notice_count(notice), 1);
}

static void a_folder_that_is_moved_here_comes_with_its_files(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("tree"), 0700) == 0 && mkdir(in_folder("tree/in"), 0700) == 0);
	CHECK(write_file("tree/in/a"));
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK(rename(in_folder("tree"), in_folder("home/tree")) == 0);
	CHECK(hears("home/tree/in/a"));
	CHECK_EQ(notice_count(notice), 3);
	/* And goes with them: what happens there under another name is not told under the old. */
	CHECK(rename(in_folder("home/tree"), in_folder("away")) == 0);
	CHECK(write_file("home/last"));
	CHECK(hears("home/last"));
	CHECK_EQ(notice_count(notice), 1);
	CHECK(write_file("away/in/b"));
	CHECK(write_file("home/end"));
	CHECK(hears("home/end"));
	CHECK(!was_heard("home/tree/in/b"));
}

/* Folders and files made as quickly as can be, while the news are read. */
static void *make_trees(void *context)
{
	for (int i = 0; i < 60; i++) {
		char path[400];
		size_t len;

		snprintf(path, sizeof(path), "%s/home", (const char *)context);
		for (int depth = 0; depth < 5; depth++) {
			len = strlen(path);
			snprintf(path + len, sizeof(path) - len, "/%d", i);
			(void)mkdir(path, 0700);
		}
		len = strlen(path);
		snprintf(path + len, sizeof(path) - len, "/f");
		int fd = open(path, O_CREAT | O_WRONLY, 0600);

		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static void no_file_of_a_tree_made_quickly_is_missed(void)
{
	pthread_t maker;

	CHECK(fresh());
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK(pthread_create(&maker, NULL, make_trees, folder) == 0);
	for (int i = 0; i < 50; i++) {
		notice_read(notice);
		usleep(200);
	}
	pthread_join(maker, NULL);
	for (int i = 0; i < 60; i++) {
		char name[100];

		snprintf(name, sizeof(name), "home/%d/%d/%d/%d/%d/f", i, i, i, i, i);
		CHECK(hears(name));
	}
}

static void links_are_not_followed(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("outside"), 0700) == 0);
	CHECK(symlink(in_folder("outside"), in_folder("home/link")) == 0);
	CHECK(symlink(in_folder("home"), in_folder("home/loop")) == 0);
	CHECK(notice_add(notice, in_folder("home"), true));
	CHECK_EQ(notice_count(notice), 1);
	CHECK(write_file("outside/a"));
	CHECK(symlink(in_folder("outside"), in_folder("home/late")) == 0);
	CHECK(write_file("home/end"));
	CHECK(hears("home/end"));
	CHECK(!was_heard("home/link/a") && !was_heard("home/late/a"));
	CHECK_EQ(notice_count(notice), 1);
}

static void what_is_not_of_interest_is_not_entered(void)
{
	CHECK(fresh());
	heard.closed = "closed";
	CHECK(mkdir(in_folder("home/closed"), 0700) == 0 &&
			mkdir(in_folder("home/open"), 0700) == 0);
	CHECK(write_file("home/closed/a") && write_file("home/open/b"));
	CHECK(notice_add(notice, in_folder("home"), true));
	CHECK(was_heard("home/open/b"));
	CHECK(!was_heard("home/closed/a"));
	CHECK_EQ(notice_count(notice), 2);
}

static void a_folder_that_is_removed_is_forgotten(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("home/in"), 0700) == 0);
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK_EQ(notice_count(notice), 2);
	CHECK(rmdir(in_folder("home/in")) == 0);
	CHECK(write_file("home/end"));
	CHECK(hears("home/end"));
	CHECK_EQ(notice_count(notice), 1);
	notice_remove(notice, in_folder("home"));
	CHECK_EQ(notice_count(notice), 0);
}

/* The kernel keeps so many events and drops the rest; their number is the system's. */
static void an_overflow_is_told(void)
{
	unsigned long most = 16384;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	CHECK(fresh());
	if (file) {
		if (fscanf(file, "%lu", &most) != 1)
			most = 16384;
		fclose(file);
	}
	if (most > 70000)
		CHECK_SKIP("the system keeps too many events to make them all");
	CHECK(write_file("home/a") && write_file("home/b"));
	CHECK(notice_add(notice, in_folder("home"), false));
	/* Two names in turn: the same event twice in a row is kept once. */
	for (unsigned long i = 0; i < most + 10; i++) {
		const char *path = in_folder(i % 2 ? "home/a" : "home/b");
		int fd = open(path, O_WRONLY);

		if (fd >= 0)
			close(fd);
	}
	notice_read(notice);
	CHECK(heard.lost);
	notice_free(notice);
	notice = NULL;
}

static const struct test_case cases[] = {
	{ "a file that is written, moved or linked is heard of",
			a_file_that_is_written_or_moved_or_linked_is_heard_of },
	{ "a folder that is moved here comes with its files",
			a_folder_that_is_moved_here_comes_with_its_files },
	{ "no file of a tree made quickly is missed", no_file_of_a_tree_made_quickly_is_missed },
	{ "links are not followed", links_are_not_followed },
	{ "what is not of interest is not entered", what_is_not_of_interest_is_not_entered },
	{ "a folder that is removed is forgotten", a_folder_that_is_removed_is_forgotten },
	{ "an overflow is told", an_overflow_is_told },
};
TEST_MAIN(cases)
