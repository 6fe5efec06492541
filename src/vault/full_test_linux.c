/*
 * No room: sealing fails with a sentence, nothing is left behind, and what is
 * there stays.  Once with a limit on the size of files, at many sizes, and once on a
 * small file system of our own, where the system lets us mount one.
 */
#include "vault/vault_test.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static uint8_t payload[400000];

static ward_err seal_only(size_t len)
{
	struct vault_arrival arrival = { .bytes = { payload, len } };
	struct vault_sealed *sealed;
	ward_err err = vault_seal(vault, &arrival, &sealed, &error);

	if (!err)
		vault_sealed_free(sealed);
	return err;
}

static uint64_t files(void)
{
	struct vault_swept swept;

	return vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error) == WARD_OK ? swept.files : 99;
}

static void a_file_that_cannot_grow_is_not_left_behind(void)
{
	struct rlimit was, limit;

	CHECK(start());
	const char *id = keep("this stays");

	signal(SIGXFSZ, SIG_IGN);
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t size = 0; size < sizeof(payload); size += 1 + size / 2) {
		limit = (struct rlimit){ size, was.rlim_max };
		CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
		ward_err err = seal_only(sizeof(payload));

		CHECK_EQ(setrlimit(RLIMIT_FSIZE, &was), 0);
		CHECK_EQ(err, WARD_E_IO);
		CHECK_EQ(files(), 1);
	}
	CHECK_EQ(seal_only(sizeof(payload)), WARD_OK);
	CHECK_STR(see(&anna, id), "this stays");
	end();
}

static void a_disk_that_is_full_is_told_and_takes_again_when_it_is_not(void)
{
	char ids[64][ID_TEXT_MAX];
	size_t count = 0;

	CHECK(start());
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
			mount("ward", folder, "tmpfs", 0, "size=512k") != 0) {
		end();
		CHECK_SKIP("no file system of our own can be mounted here");
	}
	while (count < 64) {
		const char *id = keep_like((struct vault_arrival){ .kind = WARD_STR("x/y") },
				(ward_bytes){ payload, 30000 });

		if (id[0] == '\0')
			break;
		memcpy(ids[count++], id, ID_TEXT_MAX);
	}
	printf("# %d items fit; %s\n", (int)count, error.message);
	CHECK(count > 3 && count < 64);
	CHECK_EQ(error.code, WARD_E_IO);
	CHECK(strstr(error.message, "No space left") != NULL);
	CHECK_EQ(files(), count);
	struct vault_access *access = unlock(&anna);
	struct ward_buf plain;

	ward_buf_init(&plain, 100000);
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(open_with(access, ids[i], &plain), WARD_OK);
	ward_buf_free(&plain);
	vault_access_free(access);
	CHECK_EQ(unlink(path_of(ids[0], ".sealed")), 0);
	CHECK_EQ(seal_only(20000), WARD_OK);
	umount(folder);
	end();
}

static const struct test_case cases[] = {
	{ "a file that cannot grow is not left behind",
			a_file_that_cannot_grow_is_not_left_behind },
	{ "a disk that is full is told, and takes again when it is not",
			a_disk_that_is_full_is_told_and_takes_again_when_it_is_not },
};
TEST_MAIN(cases)
