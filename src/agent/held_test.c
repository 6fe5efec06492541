#include "agent/held.h"

#include "agent/held_attributes.h"
#include "agent/place.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/test.h"
#include "base/test_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static uint8_t public_key[1][PAIR_KEY], secret[PAIR_KEY];
static struct held *held;
static struct held_file file;
static struct held_copy copy;
static struct ward_error error;
static uint8_t bytes[300000];

/* ---- a disk that keeps something else than was written, which the system's memory hides ---- */

static bool disk_lies, no_syncs;
static int synced = -1, said_when_settled = -1;

int fsync(int fd)
{
	if (no_syncs) {
		errno = EIO;
		return -1;
	}
	synced = fd;
	return fdatasync(fd);
}

int posix_fadvise(int fd, off_t offset, off_t len, int advice)
{
	struct stat st;

	/* What is not synced is not forgotten. */
	if (!disk_lies || advice != POSIX_FADV_DONTNEED || offset != 0 || len != 0 || synced != fd)
		return 0;
	return fstat(fd, &st) == 0 && pwrite(fd, "?", 1, st.st_size - 9) == 1 ? 0 : EIO;
}

/* ---- what is known when a file gets its times back ---- */

int futimens(int fd, const struct timespec times[2])
{
	if (times)
		said_when_settled = access(in_folder("held/restored"), F_OK) == 0;
	return (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

/* ---- a share on which a file that is open does not go ---- */

static bool share_is_smb, writes_meanwhile;

int unlinkat(int at, const char *name, int flags)
{
	struct stat named, opened;

	if (share_is_smb && fstatat(at, name, &named, 0) == 0 && fstat(file.fd, &opened) == 0 &&
			named.st_ino == opened.st_ino) {
		if (writes_meanwhile)
			(void)futimens(file.fd, NULL);
		errno = EBUSY;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, at, name, flags);
}

/* ---- a file system without "user." attributes, whose list of them is never to be asked for ----
 */

static bool no_users, list_asked;

ssize_t fgetxattr(int fd, const char *name, void *value, size_t room)
{
	if (no_users) {
		errno = ENOTSUP;
		return -1;
	}
	return syscall(SYS_fgetxattr, fd, name, value, room);
}

ssize_t flistxattr(int fd, char *names, size_t room)
{
	list_asked = true;
	return syscall(SYS_flistxattr, fd, names, room);
}

static bool open_quarantine(void)
{
	held_close(held);
	held = NULL;
	return held_open(in_folder("held"), public_key[0], 1, &held, &error) == WARD_OK;
}

static bool fresh(void)
{
	fresh_folder();
	crypto_box_keypair(public_key[0], secret);
	return open_quarantine();
}

static bool make(const char *name, size_t len)
{
	randombytes_buf(bytes, len);
	return file_replace(in_folder(name), (ward_bytes){ bytes, len }, 0640, &error) == WARD_OK;
}

static void let_go(void)
{
	if (file.path) {
		close(file.fd);
		close(file.folder);
	}
	file.path = NULL;
}

static bool look(const char *name)
{
	static char path[600];

	let_go();
	snprintf(path, sizeof(path), "%s", in_folder(name));
	if (place_folder(path, &file.folder, &file.name, &error) != WARD_OK)
		return false;
	file.path = path;
	file.fd = openat(file.folder, file.name, O_RDONLY | O_NOFOLLOW);
	return file.fd >= 0 && fstat(file.fd, &file.st) == 0;
}

static bool hold(const char *name)
{
	return look(name) && held_seal(held, &file, 1000, &copy, &error) == WARD_OK &&
	       held_keep(held, &copy, &error) == WARD_OK && held_take(&file, &error) == WARD_OK;
}

static bool holds(const char *name, const uint8_t *want, size_t len)
{
	char *text;
	size_t got;

	if (file_read(in_folder(name), 1 << 20, &text, &got, &error) != WARD_OK)
		return false;
	bool same = got == len && memcmp(text, want, len) == 0;

	free(text);
	return same;
}

static bool is_there(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

static bool restore(const char *to)
{
	struct held_meta meta;

	return held_restore(in_folder("held"), copy.id, secret, to, false, &meta, &error) ==
	       WARD_OK;
}

static void a_file_comes_back_byte_for_byte_with_its_mode_and_times(void)
{
	static const size_t sizes[] = { 0, 1, 65000, 65536, 131072, 200001 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const struct timespec times[2] = { { 1111, 5 }, { 2222, 7 } };
		struct stat st;

		CHECK(fresh());
		CHECK(make("a.bin", sizes[i]));
		CHECK(utimensat(AT_FDCWD, in_folder("a.bin"), times, 0) == 0);
		CHECK(hold("a.bin"));
		CHECK(!is_there("a.bin"));
		CHECK_EQ(copy.bytes, sizes[i]);
		CHECK(restore(NULL));
		CHECK(holds("a.bin", bytes, sizes[i]));
		CHECK(stat(in_folder("a.bin"), &st) == 0);
		CHECK_EQ(st.st_mode & 07777, 0640);
		CHECK_EQ(st.st_mtim.tv_sec, 2222);
		CHECK_EQ(st.st_mtim.tv_nsec, 7);
	}
}

/* An access list with a named user, as getfattr shows it: tag, rights, id. */
static const uint8_t access_list[] = { 2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 57,
	48, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255,
	255, 255, 255 };

static void a_file_comes_back_with_its_extended_attributes(void)
{
	static char value[3000], got[4000];
	struct held_meta meta;
	struct stat st;

	CHECK(fresh());
	CHECK(make("a", 10));
	memset(value, 'v', sizeof(value));
	if (setxattr(in_folder("a"), "user.harbour", value, sizeof(value), 0) < 0)
		CHECK_SKIP("this file system has no extended attributes");
	CHECK(setxattr(in_folder("a"), "user.empty", "", 0, 0) == 0);
	bool listed = setxattr(in_folder("a"), "system.posix_acl_access", access_list,
				      sizeof(access_list), 0) == 0;

	CHECK(hold("a"));
	CHECK_EQ(held_restore(in_folder("held"), copy.id, secret, NULL, false, &meta, &error),
			WARD_OK);
	CHECK_EQ(meta.attributes_lost, 0);
	CHECK_EQ(getxattr(in_folder("a"), "user.harbour", got, sizeof(got)), sizeof(value));
	CHECK(memcmp(got, value, sizeof(value)) == 0);
	CHECK_EQ(getxattr(in_folder("a"), "user.empty", got, sizeof(got)), 0);
	CHECK(stat(in_folder("a"), &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 0640);
	CHECK_EQ(st.st_uid, getuid());
	if (listed) {
		CHECK_EQ(getxattr(in_folder("a"), "system.posix_acl_access", got, sizeof(got)),
				sizeof(access_list));
		CHECK(memcmp(got, access_list, sizeof(access_list)) == 0);
	}
}

static void where_there_are_none_no_list_of_attributes_is_asked_for(void)
{
	struct held_meta meta;

	CHECK(fresh());
	CHECK(make("a", 10));
	list_asked = false;
	no_users = true;
	bool done = hold("a");

	no_users = false;
	CHECK(done && !list_asked);
	CHECK_EQ(held_restore(in_folder("held"), copy.id, secret, NULL, false, &meta, &error),
			WARD_OK);
	CHECK_EQ(meta.attributes_lost, 0);
}

static void attributes_that_make_no_sense_are_not_given(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t lost;
	} made[] = {
		{ "", 0, 0 },
		{ "\x06\0\x01\0\0\0user.a1", 13, 0 },
		{ "\x10\0\x01\0\0\0security.harbour1", 23, 1 },
		{ "\x06\0\x02\0\0\0user.a1", 13, 1 },
		{ "\x06\0\x01\0\0\0user\0a1", 13, 1 },
		{ "\0\0\0\0\0\0", 6, 1 },
		{ "\x06", 1, 1 },
	};

	CHECK(fresh());
	CHECK(make("a", 10));
	int fd = open(in_folder("a"), O_RDWR);

	if (fsetxattr(fd, "user.b", "", 0, 0) < 0) {
		close(fd);
		CHECK_SKIP("this file system has no extended attributes");
	}
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		CHECK_EQ(held_attributes_give(fd,
					 (ward_bytes){ (const uint8_t *)made[i].bytes,
							 made[i].len },
					 false),
				made[i].lost);
	/* Whom another owner let in is not let in by us. */
	uint8_t whom[29 + sizeof(access_list)] = "\x17\0\x2c\0\0\0system.posix_acl_access";

	memcpy(whom + 29, access_list, sizeof(access_list));
	CHECK_EQ(held_attributes_give(fd, (ward_bytes){ whom, sizeof(whom) }, false), 1);
	CHECK(fgetxattr(fd, "system.posix_acl_access", NULL, 0) < 0);
	close(fd);
}

static bool count_one(void *context, const struct held_facts *facts)
{
	size_t *count = context;

	*count += facts->at == 1000 && facts->bytes == 10 && strcmp(facts->id, copy.id) == 0;
	return true;
}

static void the_list_tells_when_and_how_large_and_nothing_tells_the_name(void)
{
	size_t count = 0, len;
	char path[64], *text;

	CHECK(fresh());
	CHECK(make("harbour.png", 10));
	CHECK(hold("harbour.png"));
	CHECK_EQ(held_list(in_folder("held"), count_one, &count, &error), WARD_OK);
	CHECK_EQ(count, 1);
	snprintf(path, sizeof(path), "held/%s.held", copy.id);
	CHECK_EQ(file_read(in_folder(path), 1 << 20, &text, &len, &error), WARD_OK);
	bool told = false;

	for (size_t at = 0; at + 7 <= len; at++)
		told = told || memcmp(text + at, "harbour", 7) == 0;

	free(text);
	CHECK(!told);
}

static void another_key_opens_nothing(void)
{
	struct held_meta meta;
	uint8_t other[PAIR_KEY];

	CHECK(fresh());
	CHECK(make("a", 10));
	CHECK(hold("a"));
	randombytes_buf(other, sizeof(other));
	CHECK_EQ(held_read(in_folder("held"), copy.id, other, -1, &meta, &error), WARD_E_DENIED);
	CHECK_EQ(held_restore(in_folder("held"), copy.id, other, NULL, false, &meta, &error),
			WARD_E_DENIED);
	CHECK(!is_there("a"));
	CHECK(restore(NULL));
}

static void nothing_is_overwritten_by_giving_back(void)
{
	CHECK(fresh());
	CHECK(make("a", 10));
	CHECK(hold("a"));
	CHECK(make("a", 20));
	CHECK(!restore(NULL));
	CHECK_EQ(error.code, WARD_E_EXISTS);
	CHECK(holds("a", bytes, 20));
	CHECK(restore(in_folder("b")));
	CHECK(is_there("b"));
}

static void what_was_given_back_is_known(void)
{
	CHECK(fresh());
	CHECK(make("a", 10));
	CHECK(hold("a"));
	CHECK(!held_is_restored(in_folder("held"), copy.sha256));
	CHECK(restore(NULL));
	CHECK(held_is_restored(in_folder("held"), copy.sha256));
}

/* 20000 lines are more than a mebibyte. */
static void what_was_given_back_is_known_behind_any_number_of_others(void)
{
	char name[] = "held/restored", line[66];
	uint8_t other[32] = { 1 };

	CHECK(fresh());
	FILE *list = fopen(in_folder(name), "w");

	CHECK(list != NULL);
	ward_hex_format(other, sizeof(other), line);
	for (int i = 0; i < 20000; i++)
		fprintf(list, "%s\n", line);
	/* And one that was cut off. */
	fprintf(list, "%.20s", line);
	CHECK(fclose(list) == 0);
	CHECK(make("a", 10));
	CHECK(hold("a"));
	CHECK(!held_is_restored(in_folder("held"), copy.sha256));
	CHECK(restore(NULL));
	CHECK(held_is_restored(in_folder("held"), copy.sha256));
	CHECK(held_is_restored(in_folder("held"), other));
}

static void a_changed_byte_anywhere_is_noticed(void)
{
	struct held_meta meta;
	char path[64], *text;
	size_t len;

	CHECK(fresh());
	CHECK(make("a", 100));
	CHECK(hold("a"));
	snprintf(path, sizeof(path), "held/%s.held", copy.id);
	CHECK_EQ(file_read(in_folder(path), 1 << 20, &text, &len, &error), WARD_OK);
	for (size_t at = 0; at < len; at += 3) {
		/* When it was taken, and a reserved byte, are facts for the list alone. */
		if ((at >= 10 && at < 16) || (at >= 32 && at < 40))
			continue;
		text[at] ^= 1;
		CHECK_EQ(file_replace(in_folder(path), (ward_bytes){ (uint8_t *)text, len }, 0600,
					 &error),
				WARD_OK);
		text[at] ^= 1;
		CHECK(held_read(in_folder("held"), copy.id, secret, -1, &meta, &error) != WARD_OK);
	}
	free(text);
}

static void a_file_that_changed_meanwhile_stays(void)
{
	CHECK(fresh());
	CHECK(make("a", 100));
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	CHECK_EQ(held_keep(held, &copy, &error), WARD_OK);
	int fd = open(in_folder("a"), O_WRONLY | O_APPEND);

	CHECK(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
	CHECK_EQ(held_take(&file, &error), WARD_E_CONFLICT);
	CHECK(is_there("a"));
}

static void a_copy_that_the_disk_does_not_give_back_is_none(void)
{
	char path[64];

	CHECK(fresh());
	CHECK(make("a", 100000));
	CHECK(look("a"));
	disk_lies = true;
	ward_err err = held_seal(held, &file, 1, &copy, &error);

	disk_lies = false;
	CHECK_EQ(err, WARD_E_CORRUPT);
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	held_drop(held, &copy);
	snprintf(path, sizeof(path), "held/%s.new", copy.id);
	CHECK(!is_there(path) && is_there("a"));
}

static void a_file_goes_where_none_goes_that_is_open(void)
{
	CHECK(fresh());
	CHECK(make("a", 100));
	share_is_smb = true;
	bool held_it = hold("a");

	/* One that is written to while it is let go stays. */
	writes_meanwhile = true;
	bool taken = make("a", 100) && hold("a");

	share_is_smb = writes_meanwhile = false;
	CHECK(held_it && !taken);
	CHECK_EQ(error.code, WARD_E_IO);
	CHECK(is_there("a"));
	let_go();
}

static void a_link_or_another_file_put_in_its_place_stays(void)
{
	CHECK(fresh());
	CHECK(make("precious", 50));
	CHECK(make("a", 100));
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	CHECK(unlink(in_folder("a")) == 0);
	CHECK(symlink(in_folder("precious"), in_folder("a")) == 0);
	CHECK_EQ(held_take(&file, &error), WARD_E_CONFLICT);
	CHECK(is_there("precious") && is_there("a"));
	CHECK(unlink(in_folder("a")) == 0);
	CHECK(rename(in_folder("precious"), in_folder("a")) == 0);
	CHECK_EQ(held_take(&file, &error), WARD_E_CONFLICT);
	CHECK(is_there("a"));
}

static void a_link_in_the_way_is_not_followed(void)
{
	int opened;
	const char *name;

	CHECK(fresh());
	CHECK(mkdir(in_folder("inner"), 0700) == 0);
	CHECK(make("inner/a", 10));
	CHECK(symlink(in_folder("inner"), in_folder("way")) == 0);
	CHECK(place_folder(in_folder("way/a"), &opened, &name, &error) != WARD_OK);
	CHECK_EQ(place_folder(in_folder("inner/../a"), &opened, &name, &error), WARD_E_ARGUMENT);
	CHECK(look("inner/a"));
	let_go();
}

static void a_folder_that_others_may_enter_is_no_quarantine(void)
{
	CHECK(fresh());
	held_close(held);
	held = NULL;
	CHECK(chmod(in_folder("held"), 0755) == 0);
	CHECK(!open_quarantine());
	CHECK_EQ(error.code, WARD_E_DENIED);
}

static void a_full_disk_leaves_the_original_and_no_half_copy(void)
{
	struct rlimit before, small = { 0 };
	char path[64];

	CHECK(fresh());
	CHECK(make("a", 100000));
	CHECK(look("a"));
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	small.rlim_max = before.rlim_max;
	for (rlim_t room = 0; room < 100000; room += 9000) {
		small.rlim_cur = room;
		CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
		ward_err err = held_seal(held, &file, 1, &copy, &error);

		CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
		CHECK_EQ(err, WARD_E_IO);
	}
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	snprintf(path, sizeof(path), "held/%s.new", copy.id);
	CHECK(is_there(path));
	held_drop(held, &copy);
	CHECK(!is_there(path));
	CHECK(is_there("a"));
}

static void the_same_file_sealed_again_has_the_same_id(void)
{
	struct held_copy again;

	CHECK(fresh());
	CHECK(make("a", 100));
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	CHECK(open_quarantine());
	CHECK_EQ(held_seal(held, &file, 2, &again, &error), WARD_OK);
	CHECK_STR(again.id, copy.id);
	CHECK_EQ(held_keep(held, &again, &error), WARD_OK);
	CHECK_EQ(held_take(&file, &error), WARD_OK);
	CHECK(restore(NULL));
}

/* As one file system or another gives numbers and times anew: written to by memory, a file has the
 * same. */
static void no_copy_takes_the_place_of_one_of_other_bytes(void)
{
	struct held_copy first;
	struct held_meta meta;

	CHECK(fresh());
	CHECK(make("a", 100));
	int fd = open(in_folder("a"), O_RDWR);
	uint8_t *map = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK(fd >= 0 && map != MAP_FAILED);
	map[0] = bytes[0] = 1;
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &first, &error), WARD_OK);
	CHECK_EQ(held_keep(held, &first, &error), WARD_OK);
	map[0] = 2;
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	CHECK_EQ(held_keep(held, &copy, &error), WARD_OK);
	CHECK_EQ(held_restore(in_folder("held"), first.id, secret, in_folder("b"), false, &meta,
				 &error),
			WARD_OK);
	CHECK(holds("b", bytes, 100));
	munmap(map, 100);
	close(fd);
}

static void what_has_gone_is_never_told_to_stay(void)
{
	CHECK(fresh());
	CHECK(make("a", 100));
	CHECK(look("a"));
	CHECK_EQ(held_seal(held, &file, 1, &copy, &error), WARD_OK);
	CHECK_EQ(held_keep(held, &copy, &error), WARD_OK);
	no_syncs = true;
	ward_err err = held_take(&file, &error);

	no_syncs = false;
	CHECK_EQ(err, WARD_OK);
	CHECK(!is_there("a"));
	CHECK(restore(NULL));
}

/* An agent that looks while it comes back leaves it alone. */
static void what_comes_back_is_known_before_it_is_settled(void)
{
	CHECK(fresh());
	CHECK(make("a", 100));
	CHECK(hold("a"));
	said_when_settled = -1;
	CHECK(restore(NULL));
	CHECK_EQ(said_when_settled, 1);
}

static bool take_id(void *context, const struct held_facts *facts)
{
	(void)context;
	memcpy(copy.id, facts->id, sizeof(copy.id));
	return true;
}

/* Killed anywhere: the original is there, or a whole sealed copy is; and a second go ends well. */
static void a_kill_at_any_moment_loses_no_byte(void)
{
	unsigned originals = 0, copies = 0;
	uint64_t begun;

	/* So long it takes when nobody kills it. */
	CHECK(fresh());
	CHECK(make("a", 100000));
	begun = clock_ticks_us();
	CHECK(hold("a"));
	unsigned step = (unsigned)(clock_ticks_us() - begun) / 30 + 1;

	for (unsigned round = 0; round < 40; round++) {
		CHECK(fresh());
		CHECK(make("a", 100000 + round));
		CHECK(look("a"));
		held_close(held);
		held = NULL;
		pid_t child = fork();

		if (child == 0) {
			if (open_quarantine() && held_seal(held, &file, 1, &copy, &error) == 0 &&
					held_keep(held, &copy, &error) == 0)
				(void)!held_take(&file, &error);
			_exit(0);
		}
		usleep(round * step);
		(void)kill(child, SIGKILL);
		CHECK(waitpid(child, NULL, 0) == child);
		CHECK(open_quarantine());
		originals += is_there("a");
		if (is_there("a")) {
			CHECK(holds("a", bytes, 100000 + round));
			CHECK(hold("a"));
		} else {
			copies++;
			copy.id[0] = '\0';
			CHECK_EQ(held_list(in_folder("held"), take_id, NULL, &error), WARD_OK);
			CHECK(restore(NULL));
			CHECK(holds("a", bytes, 100000 + round));
		}
	}
	printf("# %u killed before the original went, %u behind it\n", originals, copies);
	let_go();
	held_close(held);
	held = NULL;
}

static const struct test_case cases[] = {
	{ "a file comes back byte for byte, with its mode and times",
			a_file_comes_back_byte_for_byte_with_its_mode_and_times },
	{ "a file comes back with its extended attributes",
			a_file_comes_back_with_its_extended_attributes },
	{ "where there are none, no list of attributes is asked for",
			where_there_are_none_no_list_of_attributes_is_asked_for },
	{ "attributes that make no sense are not given",
			attributes_that_make_no_sense_are_not_given },
	{ "the list tells when and how large, and nothing tells the name",
			the_list_tells_when_and_how_large_and_nothing_tells_the_name },
	{ "another key opens nothing", another_key_opens_nothing },
	{ "nothing is overwritten by giving back", nothing_is_overwritten_by_giving_back },
	{ "what was given back is known", what_was_given_back_is_known },
	{ "what was given back is known behind any number of others",
			what_was_given_back_is_known_behind_any_number_of_others },
	{ "a changed byte anywhere is noticed", a_changed_byte_anywhere_is_noticed },
	{ "a file that changed meanwhile stays", a_file_that_changed_meanwhile_stays },
	{ "a copy that the disk does not give back is none",
			a_copy_that_the_disk_does_not_give_back_is_none },
	{ "a file goes where none goes that is open", a_file_goes_where_none_goes_that_is_open },
	{ "a link or another file put in its place stays",
			a_link_or_another_file_put_in_its_place_stays },
	{ "a link in the way is not followed", a_link_in_the_way_is_not_followed },
	{ "a folder that others may enter is no quarantine",
			a_folder_that_others_may_enter_is_no_quarantine },
	{ "a full disk leaves the original and no half copy",
			a_full_disk_leaves_the_original_and_no_half_copy },
	{ "the same file sealed again has the same id",
			the_same_file_sealed_again_has_the_same_id },
	{ "no copy takes the place of one of other bytes",
			no_copy_takes_the_place_of_one_of_other_bytes },
	{ "what has gone is never told to stay", what_has_gone_is_never_told_to_stay },
	{ "what comes back is known before it is settled",
			what_comes_back_is_known_before_it_is_settled },
	{ "a kill at any moment loses no byte", a_kill_at_any_moment_loses_no_byte },
};
TEST_MAIN(cases)
