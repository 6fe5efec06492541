/*
 * No room: each change fails with a sentence, and the list is what it was.
 * Once with a limit on the size of files, at many sizes, and once on a small
 * file system of our own, where the system lets us mount one.
 */
#include "site/site_test.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define ENTRIES 20000

static bool make_large(int seed)
{
	struct ward_site_writer *writer = begin("a");
	bool good = writer;
	char text[80];

	for (int i = 0; good && i < ENTRIES; i++) {
		snprintf(text, sizeof(text), "host-%d-%d.test", seed, i * 7919 % ENTRIES);
		good = add(writer, text);
	}
	if (!good) {
		ward_site_writer_cancel(writer);
		return false;
	}
	return commit(writer);
}

static bool change_it(void)
{
	struct ward_site_writer *writer = change("a");
	bool good = writer && add(writer, "new.test/page");

	if (!good) {
		ward_site_writer_cancel(writer);
		return false;
	}
	return commit(writer);
}

static bool compact_it(void)
{
	return !ward_site_compact(in_folder("a"), &error);
}

static bool replace_it(void)
{
	return make_large(1000000);
}

/* ---- a limit on the size of files ---- */

enum { FAILED_WELL = 3, FAILED_BADLY, SUCCEEDED };

/* What a child makes of it, with files of at most `limit` bytes. */
static int try_with_limit(bool (*step)(void), rlim_t limit)
{
	struct rlimit limits = { limit, limit };
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		signal(SIGXFSZ, SIG_IGN);
		if (!freopen("/dev/null", "w", stdout) || setrlimit(RLIMIT_FSIZE, &limits) < 0)
			_exit(1);
		if (step())
			_exit(SUCCEEDED);
		_exit(error.code == WARD_E_IO && error.message[0] ? FAILED_WELL : FAILED_BADLY);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_as_before(const char *version)
{
	struct ward_site_list *list = open_list("a");
	bool same = list && strcmp(ward_site_list_version(list), version) == 0 &&
		    !ward_site_list_verify(list, &error);

	ward_site_list_free(list);
	return same;
}

static void fails_at_each_size(bool (*step)(void))
{
	static const rlim_t limits[] = { 0, 100, 2000, 3000, 100000, (rlim_t)1 << 20,
		(rlim_t)3 << 19, (rlim_t)1 << 21, RLIM_INFINITY };
	char version[64];
	int failed = 0, succeeded = 0;

	fresh_folder();
	CHECK(make_large(0) && change_it());
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct ward_site_list *list = open_list("a");
		int result;

		CHECK(list);
		snprintf(version, sizeof(version), "%s", ward_site_list_version(list));
		ward_site_list_free(list);
		result = try_with_limit(step, limits[i]);
		CHECK(result == FAILED_WELL || result == SUCCEEDED);
		failed += result == FAILED_WELL;
		succeeded += result == SUCCEEDED;
		CHECK(result == SUCCEEDED || is_as_before(version));
	}
	CHECK(failed > 0);
	CHECK(succeeded > 0);
}

static void a_new_version_that_does_not_fit_leaves_the_old(void)
{
	fails_at_each_size(replace_it);
}

static void a_delta_that_does_not_fit_leaves_the_old(void)
{
	fails_at_each_size(change_it);
}

static void compacting_without_room_leaves_the_old(void)
{
	fails_at_each_size(compact_it);
}

/* ---- a full disk ---- */

/* Fills the disk, changes, and makes room again, more each time until it fits. */
static int on_small_disk(void)
{
	char version[64];
	struct ward_site_list *list;
	int failed = 0, used_kb;

	if (!make_large(0))
		return FAILED_BADLY;
	list = open_list("a");
	if (!list)
		return FAILED_BADLY;
	snprintf(version, sizeof(version), "%s", ward_site_list_version(list));
	used_kb = (int)(ward_site_list_bytes(list) / 1024) + 32;
	ward_site_list_free(list);
	for (int i = 0; i < 40; i++) {
		char option[32];

		/* At first there is no room beside what is there. */
		snprintf(option, sizeof(option), "size=%dk", used_kb + 64 * i);
		if (mount("none", folder, "tmpfs", MS_REMOUNT, option) < 0)
			return FAILED_BADLY;
		if (replace_it())
			return failed > 0 ? SUCCEEDED : FAILED_BADLY;
		failed++;
		if (error.code != WARD_E_IO || !strstr(error.message, "No space left") ||
				!is_as_before(version))
			return FAILED_BADLY;
	}
	return FAILED_BADLY;
}

static bool write_to(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

/* In a space of our own: as root, or as whom the system lets be root in there. */
static bool enter_own_space(void)
{
	char uid_map[64], gid_map[64];

	if (unshare(CLONE_NEWNS) == 0)
		return true;
	snprintf(uid_map, sizeof(uid_map), "0 %d 1", (int)getuid());
	snprintf(gid_map, sizeof(gid_map), "0 %d 1", (int)getgid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_to("/proc/self/uid_map", uid_map) &&
	       write_to("/proc/self/setgroups", "deny") && write_to("/proc/self/gid_map", gid_map);
}

static bool mount_small_disk(void)
{
	return enter_own_space() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", folder, "tmpfs", 0, "size=32000k") == 0;
}

static void a_full_disk_is_a_sentence_and_the_old_list(void)
{
	int status = 0;
	pid_t child;

	fresh_folder();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (!mount_small_disk())
			_exit(77);
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		_exit(on_small_disk());
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		CHECK_SKIP("the system lets us mount no small file system");
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), SUCCEEDED);
}

static const struct test_case cases[] = {
	{ "a new version that does not fit leaves the old one",
			a_new_version_that_does_not_fit_leaves_the_old },
	{ "a delta that does not fit leaves the old version",
			a_delta_that_does_not_fit_leaves_the_old },
	{ "compacting without room leaves the old version",
			compacting_without_room_leaves_the_old },
	{ "a full disk is a sentence and the old list",
			a_full_disk_is_a_sentence_and_the_old_list },
};
TEST_MAIN(cases)
