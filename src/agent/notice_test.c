#include "agent/notice.h"

#include "agent/few_watches.h"
#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { PATHS_MAX = 4096 };

static struct notice *notice;
static struct ward_error error;
static struct {
	char at[PATHS_MAX][200];
	size_t count;
	bool lost;
	size_t deaf;
	ward_err why;
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

static void be_deaf(void *context, const char *path, const struct ward_error *why)
{
	(void)context;
	(void)path;
	heard.deaf++;
	heard.why = why->code;
}

static const struct notice_to to = { NULL, hear, hear, enters, lose, be_deaf, enters };

static bool fresh(void)
{
	notice_free(notice);
	notice = NULL;
	watches_left = -1;
	watch_refused = NULL;
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

static void what_there_are_no_watches_for_is_told_and_can_be_added_later(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("home/a"), 0700) == 0 && mkdir(in_folder("home/b"), 0700) == 0);
	watches_left = 2;
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK_EQ(heard.deaf, 1);
	CHECK_EQ(heard.why, WARD_E_LIMIT);
	CHECK_EQ(notice_count(notice), 2);
	/* And of a folder that comes later it is told again. */
	CHECK(mkdir(in_folder("home/c"), 0700) == 0 && write_file("home/end"));
	CHECK(hears("home/end"));
	CHECK_EQ(heard.deaf, 2);
	CHECK(!heard.lost);
	watches_left = -1;
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK_EQ(heard.deaf, 2);
	CHECK_EQ(notice_count(notice), 4);
	CHECK(write_file("home/a/x") && write_file("home/b/x") && write_file("home/c/x"));
	CHECK(hears("home/a/x") && hears("home/b/x") && hears("home/c/x"));
}

static void a_folder_that_may_not_be_watched_is_told_and_the_rest_is_watched(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("home/a"), 0700) == 0 && mkdir(in_folder("home/shut"), 0700) == 0 &&
			mkdir(in_folder("home/z"), 0700) == 0);
	watch_refused = "shut";
	CHECK(notice_add(notice, in_folder("home"), false));
	CHECK_EQ(heard.deaf, 1);
	CHECK_EQ(heard.why, WARD_E_DENIED);
	CHECK_EQ(notice_count(notice), 3);
}

/* Also when the folder made anew has the number of the one before, as is usual. */
static void a_watch_falls_with_its_folder(void)
{
	CHECK(fresh());
	CHECK_EQ(notice_add(notice, in_folder("none"), false), 0);
	CHECK_EQ(heard.deaf, 0);
	int first = notice_add(notice, in_folder("home"), false);

	CHECK(first > 0 && notice_has(notice, first));
	CHECK(rmdir(in_folder("home")) == 0 && mkdir(in_folder("home"), 0700) == 0);
	for (int i = 0; i < 200 && notice_has(notice, first); i++) {
		usleep(1000);
		notice_read(notice);
	}
	CHECK(!notice_has(notice, first));
	CHECK(notice_add(notice, in_folder("home"), false) > 0);
	CHECK(write_file("home/a"));
	CHECK(hears("home/a"));
}

static struct notice_whole *whole;

static bool hears_whole(const char *name)
{
	for (int i = 0; i < 200 && !was_heard(name); i++) {
		struct pollfd ear = { .fd = notice_whole_fd(whole), .events = POLLIN };

		(void)poll(&ear, 1, 10);
		notice_whole_read(whole);
	}
	return was_heard(name);
}

static void hear_both_mounts(void)
{
	int one, other, again;
	struct rlimit all, none;

	if (notice_whole_add(whole, in_folder("disk/in"), &one, &error) != WARD_OK)
		CHECK_SKIP("the system does not let us listen to whole file systems");
	CHECK(write_file("disk/in/before"));
	CHECK(hears_whole("disk/in/before"));
	CHECK(notice_whole_add(whole, in_folder("home"), &other, &error) == WARD_OK);
	CHECK(notice_whole_add(whole, in_folder("home"), &again, &error) == WARD_OK);
	CHECK(one != other && other == again);
	CHECK_EQ(notice_whole_count(whole), 1);
	CHECK(write_file("home/a"));
	CHECK(hears_whole("home/a"));
	CHECK(hears_whole("disk/in/a"));
	/* One mount is let go of; by the other all is still heard. */
	notice_whole_remove(whole, one);
	notice_whole_remove(whole, again);
	CHECK_EQ(notice_whole_count(whole), 1);
	CHECK(write_file("home/b"));
	CHECK(hears_whole("home/b"));
	CHECK(!was_heard("disk/in/b"));
	/* Whose a folder is that cannot be opened nobody knows: all is swept. */
	CHECK(!heard.lost && write_file("home/c"));
	CHECK(getrlimit(RLIMIT_NOFILE, &all) == 0);
	none = (struct rlimit){ 3, all.rlim_max };
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	notice_whole_read(whole);
	CHECK(setrlimit(RLIMIT_NOFILE, &all) == 0);
	CHECK(heard.lost && !was_heard("home/c"));
	notice_whole_remove(whole, other);
	CHECK_EQ(notice_whole_count(whole), 0);
	CHECK(umount(in_folder("home")) == 0);
	CHECK(umount(in_folder("disk")) == 0);
}

static void a_file_system_that_is_mounted_twice_is_heard_by_both_names(void)
{
	CHECK(fresh());
	CHECK(mkdir(in_folder("disk"), 0700) == 0);
	if (notice_whole_new(&to, &whole, &error) != WARD_OK ||
			mount("none", in_folder("disk"), "tmpfs", 0, NULL) < 0)
		CHECK_SKIP("this wants root");
	if (mkdir(in_folder("disk/in"), 0700) == 0 &&
			mount(in_folder("disk/in"), in_folder("home"), "none", MS_BIND, NULL) == 0)
		hear_both_mounts();
	else
		test_failed = true;
	notice_whole_free(whole);
	(void)umount2(in_folder("home"), MNT_DETACH);
	(void)umount2(in_folder("disk"), MNT_DETACH);
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
	{ "what there are no watches for is told, and can be added later",
			what_there_are_no_watches_for_is_told_and_can_be_added_later },
	{ "a folder that may not be watched is told, and the rest is watched",
			a_folder_that_may_not_be_watched_is_told_and_the_rest_is_watched },
	{ "a watch falls with its folder", a_watch_falls_with_its_folder },
	{ "a file system that is mounted twice is heard by both names",
			a_file_system_that_is_mounted_twice_is_heard_by_both_names },
	{ "an overflow is told", an_overflow_is_told },
};
TEST_MAIN(cases)
