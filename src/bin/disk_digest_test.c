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
	CHECK(disk_digest_is(&digest.digests, WANT));
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

/* ---- what lies beside it ---- */

#define MD5    "0123456789abcdef0123456789abcdef"
#define SHA1   MD5 "01234567"
#define SHA256 MD5 MD5
#define OTHER  "ffffffffffffffffffffffffffffffff"

static struct disk_expected expected;

/* Of an image in so many files: d.001, d.002, ... */
static bool says(const char *text, size_t count)
{
	static const char *const paths[] = { "/case/d.001", "/case/d.002", "/case/d.003" };
	const struct disk_expected_names names = { paths, count, true };

	disk_expected_free(&expected);
	return disk_expected_parse(&expected, (ward_bytes){ (const uint8_t *)text, strlen(text) },
			names);
}

/* One digest, of the whole. */
static bool says_one(const char *text, const char *want)
{
	return says(text, 1) && expected.count == 1 &&
	       strcmp(expected.digests[0].text, want) == 0 &&
	       expected.digests[0].file == DISK_EXPECTED_WHOLE;
}

static void a_digest_is_read_however_it_was_written(void)
{
	CHECK(says_one(MD5, MD5));
	CHECK(says_one("\xef\xbb\xbf" SHA256 "  d.001\r\n", SHA256));
	CHECK(says_one("0123456789ABCDEF0123456789ABCDEF *D.001", MD5));
	CHECK(says_one("SHA256 (d.001) = " SHA256 "\n", SHA256));
	CHECK(says_one("SHA2-256(/mnt/my (old) d.001)= " SHA256, SHA256));
	CHECK(says_one(OTHER "  a.dd\n" MD5 "  d.001\n" OTHER "  z.dd\n", MD5));
	CHECK(says_one("; a remark " OTHER "\n# md5 " OTHER "\n" SHA1 "\r" SHA1 "  d.001", SHA1));
	/* The image has another name now. */
	CHECK(says_one(MD5 "  was.dd\n", MD5));
	CHECK(says_one("SHA256 hash of file d.001:\r\n" SHA256 "\r\nCertUtil: done.\r\n", SHA256));
	CHECK(says_one("01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef\n", MD5));
	CHECK(says_one("Algorithm Hash Path\n---- ---- ----\nSHA256 " SHA256 " C:\\d.001\n",
			SHA256));
	CHECK(says_one("0 - 1048576: " OTHER "\n\nTotal (md5): " MD5 "\n", MD5));
	CHECK(says_one("   " OTHER " (md5), sectors 0 - 511\n   " MD5 " (md5)\n", MD5));
	CHECK(says("16777216," MD5 "," SHA256 ",/case/d.001\n", 1) && expected.count == 2);
	CHECK(says("MD5 hash calculated over data:\t\t" MD5
		   "\nSHA1 hash calculated over data:\t\t" SHA1,
			1));
	CHECK(expected.count == 2 && strcmp(expected.digests[1].text, SHA1) == 0);
	CHECK(says("[Computed Hashes]\r\n MD5 checksum:    " MD5 "\r\n SHA1 checksum:   " SHA1
		   "\r\n\r\nImage Verification Results:\r\n MD5 checksum:    " MD5
		   " : verified\r\n",
			1));
	CHECK_EQ(expected.count, 2);
	disk_expected_free(&expected);
}

static void two_bytes_a_sign_are_read_as_well(void)
{
	const char *const name = "d.001";
	const struct disk_expected_names names = { &name, 1, true };
	uint8_t wide[2 + 2 * 32];

	for (int big = 0; big < 2; big++) {
		memset(wide, 0, sizeof(wide));
		memcpy(wide, big ? "\xfe\xff" : "\xff\xfe", 2);
		for (int i = 0; i < 32; i++)
			wide[2 + 2 * i + big] = (uint8_t)MD5[i];
		CHECK(disk_expected_parse(&expected, (ward_bytes){ wide, sizeof(wide) }, names));
		CHECK(expected.count == 1 && strcmp(expected.digests[0].text, MD5) == 0);
		disk_expected_free(&expected);
	}
}

static void what_is_no_digest_of_the_image_is_none(void)
{
	CHECK(!says("", 1));
	CHECK(!says("see the log\n", 1));
	CHECK(!says(MD5 "0\n", 1));
	CHECK(!says(MD5 "  a.dd\n" MD5 "  b.dd\n", 1));
	CHECK(!says("SHA3-256 (d.001) = " SHA256, 1));
	CHECK(!says("Serial number: " MD5, 1));
	CHECK(!says("HMAC-SHA256(d.001)= " SHA256, 1));
	disk_expected_free(&expected);
}

static void a_digest_of_a_part_is_not_that_of_the_whole(void)
{
	CHECK(says(SHA1 "  d.001\n" MD5 "  d.003\n" MD5 "  d.dd\n", 3));
	CHECK(expected.count == 2 && expected.digests[0].file == 0 &&
			expected.digests[1].file == 2);
	CHECK(says(MD5 "  d.dd\n", 3));
	CHECK(expected.digests[0].file == DISK_EXPECTED_WHOLE);
	disk_expected_free(&expected);
}

static const struct test_case cases[] = {
	{ "a digest is read however it was written", a_digest_is_read_however_it_was_written },
	{ "two bytes a sign are read as well", two_bytes_a_sign_are_read_as_well },
	{ "what is no digest of the image is none", what_is_no_digest_of_the_image_is_none },
	{ "a digest of a part is not that of the whole",
			a_digest_of_a_part_is_not_that_of_the_whole },
	{ "an image that stays is the same a second time",
			an_image_that_stays_is_the_same_a_second_time },
	{ "one byte that is another is noticed", one_byte_that_is_another_is_noticed },
	{ "what was not read to its end cannot be verified",
			what_was_not_read_to_its_end_cannot_be_verified },
};
TEST_MAIN(cases)
