#include "agent/source.h"

#include "base/test.h"
#include "base/test_folder.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { DEEP = 20 };

static struct {
	size_t files, missed;
	ward_err err; /* of the last that was missed */
	void (*meanwhile)(void);
} swept;
static struct ward_error error;

static bool enters(void *context, const char *path)
{
	(void)context;
	(void)path;
	return true;
}

static void miss(void *context, const char *path, const struct ward_error *why)
{
	(void)context;
	(void)path;
	swept.missed++;
	swept.err = why->code;
}

static bool visit(void *to, const char *name, const struct stat *st)
{
	(void)to;
	(void)name;
	(void)st;
	swept.files++;
	if (swept.meanwhile)
		swept.meanwhile();
	return true;
}

static struct source_folder source_of(void)
{
	return (struct source_folder){ folder, NULL, enters, enters, miss };
}

static ward_err sweep(void (*meanwhile)(void))
{
	struct source_folder source = source_of();

	memset(&swept, 0, sizeof(swept));
	swept.meanwhile = meanwhile;
	return source_folder_sweep(&source, visit, NULL, &error);
}

static bool write_file(const char *name)
{
	int fd = open(in_folder(name), O_CREAT | O_WRONLY, 0600);

	return fd >= 0 && write(fd, "ward", 4) == 4 && close(fd) == 0;
}

/* What is open stays so; nothing more can be opened. */
static void set_descriptors(rlim_t most)
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void take_descriptors(void)
{
	set_descriptors(0);
}

static void a_folder_that_cannot_be_opened_is_told_and_the_rest_is_swept(void)
{
	fresh_folder();
	CHECK(write_file("a") && mkdir(in_folder("in"), 0700) == 0 && write_file("in/b"));
	CHECK_EQ(sweep(take_descriptors), WARD_OK);
	set_descriptors(1024);
	CHECK_EQ(swept.files, 1);
	CHECK_EQ(swept.missed, 1);
	CHECK_EQ(swept.err, WARD_E_IO);
	CHECK_EQ(sweep(NULL), WARD_OK);
	CHECK_EQ(swept.files, 2);
	CHECK_EQ(swept.missed, 0);
}

/* Something that is no folder takes the descriptor of the one that is listed. */
static void break_listing(void)
{
	struct stat here, st;
	int other = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (int fd = 3; fd < 64 && stat(folder, &here) == 0; fd++) {
		if (fstat(fd, &st) == 0 && st.st_ino == here.st_ino && st.st_dev == here.st_dev)
			(void)dup2(other, fd);
	}
	close(other);
}

static void a_folder_that_fails_while_it_is_listed_is_told(void)
{
	fresh_folder();
	CHECK(write_file("a"));
	CHECK_EQ(sweep(break_listing), WARD_OK);
	CHECK_EQ(swept.files, 1);
	CHECK_EQ(swept.missed, 1);
	CHECK_EQ(swept.err, WARD_E_IO);
}

static void a_path_that_is_too_long_is_told_and_the_rest_is_swept(void)
{
	int at[DEEP + 1];
	char name[251];
	int fd;

	fresh_folder();
	CHECK(write_file("a"));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	at[0] = open(folder, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < DEEP; i++) {
		CHECK(mkdirat(at[i], name, 0700) == 0);
		at[i + 1] = openat(at[i], name, O_RDONLY | O_DIRECTORY);
		fd = openat(at[i + 1], "file", O_CREAT | O_WRONLY, 0600);
		close(fd);
	}
	ward_err err = sweep(NULL);

	/* No path leads there for who removes the test's folder. */
	for (int i = DEEP; i > 0; i--) {
		(void)unlinkat(at[i], "file", 0);
		close(at[i]);
		(void)unlinkat(at[i - 1], name, AT_REMOVEDIR);
	}
	close(at[0]);
	CHECK_EQ(err, WARD_OK);
	/* Of 4096 bytes some 16 such names are a path. */
	CHECK(swept.files >= 15 && swept.files <= 17);
	CHECK_EQ(swept.missed, 1);
	CHECK_EQ(swept.err, WARD_E_UNSUPPORTED);
}

static ward_err open_one(const char *name)
{
	struct source_folder source = source_of();
	struct source_file file;
	ward_err err = source_folder_open(&source, in_folder(name), &file, &error);

	if (!err) {
		close(file.fd);
		close(file.folder);
	}
	return err;
}

static void what_is_no_file_is_told_from_a_file_that_cannot_be_opened(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), taken[64];
	int count = 0;

	fresh_folder();
	CHECK(write_file("a") && mkfifo(in_folder("pipe"), 0600) == 0);
	CHECK(symlink(in_folder("a"), in_folder("link")) == 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", in_folder("socket"));
	CHECK(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK_EQ(open_one("a"), WARD_OK);
	CHECK_EQ(open_one("gone"), WARD_E_NOT_FOUND);
	CHECK_EQ(open_one("link"), WARD_E_UNSUPPORTED);
	CHECK_EQ(open_one("pipe"), WARD_E_UNSUPPORTED);
	CHECK_EQ(open_one("socket"), WARD_E_UNSUPPORTED);
	set_descriptors(64);
	while (count < 64 && (taken[count] = dup(fd)) >= 0)
		count++;
	ward_err none = open_one("a");

	while (count > 0)
		close(taken[--count]);
	set_descriptors(1024);
	close(fd);
	CHECK_EQ(none, WARD_E_IO);
	CHECK_EQ(open_one("a"), WARD_OK);
}

static const struct test_case cases[] = {
	{ "a folder that cannot be opened is told, and the rest is swept",
			a_folder_that_cannot_be_opened_is_told_and_the_rest_is_swept },
	{ "a folder that fails while it is listed is told",
			a_folder_that_fails_while_it_is_listed_is_told },
	{ "a path that is too long is told, and the rest is swept",
			a_path_that_is_too_long_is_told_and_the_rest_is_swept },
	{ "what is no file is told from a file that cannot be opened",
			what_is_no_file_is_told_from_a_file_that_cannot_be_opened },
};
TEST_MAIN(cases)
