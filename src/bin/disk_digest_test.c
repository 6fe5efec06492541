/* The digests of a whole image, and whether a second reading gives the same. */
#include "bin/disk_digest.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/test.h"

/* Of 65536 bytes of 'w', by sha256sum. */
#define WANT "5cee0d614476b023b4fd196e4bf54433544d74b7348f8dbc2285a5d71ed1caf6"

enum { LEN = 65536 };

static char path[64];
static struct disk_image *image;
static struct disk_digest digest;
static const atomic_bool stopped;

static bool write_byte(off_t at, char byte)
{
	int fd = open(path, O_WRONLY);
	bool written = fd >= 0 && pwrite(fd, &byte, 1, at) == 1;

	if (fd >= 0)
		close(fd);
	return written;
}

/* An image of it, digested. */
static bool begin(void)
{
	static uint8_t bytes[LEN];
	const struct disk_facts facts = { .size = LEN };

	snprintf(path, sizeof(path), "/tmp/ward-disk-digest-%d", (int)getpid());
	memset(bytes, 'w', LEN);
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	bool made = fd >= 0 && write(fd, bytes, LEN) == LEN;

	if (fd >= 0)
		close(fd);
	if (!made || disk_image_open(path, &image, NULL) != WARD_OK ||
			disk_digest_start(&digest, image, &facts, &stopped, NULL) != WARD_OK)
		return false;
	disk_digest_wait(&digest);
	return true;
}

static void end(void)
{
	disk_image_free(image);
	unlink(path);
}

static void an_image_that_stays_is_the_same_a_second_time(void)
{
	struct ward_error error = { 0 };

	CHECK(begin());
	CHECK(digest.done);
	CHECK(disk_digest_fits(&digest, WANT));
	CHECK_EQ(disk_digest_again(&digest, &error), WARD_OK);
	end();
}

static void one_byte_that_is_another_is_noticed(void)
{
	struct ward_error error = { 0 };

	CHECK(begin());
	CHECK(write_byte(LEN - 1, 'x'));
	CHECK_EQ(disk_digest_again(&digest, &error), WARD_E_CORRUPT);
	CHECK(write_byte(LEN - 1, 'w'));
	CHECK_EQ(disk_digest_again(&digest, &error), WARD_OK);
	CHECK_EQ(truncate(path, 4096), 0);
	CHECK_EQ(disk_digest_again(&digest, &error), WARD_E_IO);
	end();
}

static void what_was_not_read_to_its_end_cannot_be_verified(void)
{
	struct ward_error error = { 0 };

	CHECK(begin());
	digest.done = false;
	CHECK_EQ(disk_digest_again(&digest, &error), WARD_E_CONFLICT);
	end();
}

static const struct test_case cases[] = {
	{ "an image that stays is the same a second time",
			an_image_that_stays_is_the_same_a_second_time },
	{ "one byte that is another is noticed", one_byte_that_is_another_is_noticed },
	{ "what was not read to its end cannot be verified",
			what_was_not_read_to_its_end_cannot_be_verified },
};
TEST_MAIN(cases)
