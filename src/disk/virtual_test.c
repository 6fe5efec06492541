#include "base/test.h"
#include "disk/virtual.h"

#include <zlib.h>

/* Files of a virtual disk, in memory. */
static struct {
	uint8_t bytes[1 << 16];
	size_t len;
} files[3];

static bool read_bytes(void *context, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	(void)context;
	if (at > files[file].len || len > files[file].len - at)
		return false;
	memcpy(to, files[file].bytes + at, len);
	return true;
}

static uint64_t length(void *context, size_t file)
{
	(void)context;
	return files[file].len;
}

static struct disk_source source_of(size_t count)
{
	return (struct disk_source){ NULL, read_bytes, count, length };
}

static void put(size_t at, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		files[0].bytes[at + i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static ward_err open_files(size_t count, struct virtual **disk, struct ward_error *error)
{
	const struct disk_source source = source_of(count);

	*disk = NULL;
	return virtual_open(&source, disk, error);
}

/* What becomes of it: 0, or why not; `remark` may be NULL. */
static ward_err opens(size_t count, bool *remark)
{
	struct ward_error error;
	struct virtual *disk;
	ward_err err = open_files(count, &disk, &error);

	if (remark)
		*remark = !err && virtual_remark(disk);
	virtual_free(disk);
	return err;
}

/* ---- QCOW2 of clusters of 512 bytes: the second of its disk is at 2048 ---- */

static void make_qcow(void)
{
	memset(files, 0, sizeof(files));
	files[0].len = 2560;
	memcpy(files[0].bytes, "QFI\xfb", 4);
	put(4, 4, 2);
	put(20, 4, 9);     /* cluster bits */
	put(24, 8, 10000); /* of the disk */
	put(36, 4, 1);     /* first table: entries, place */
	put(40, 8, 1024);
	put(1024, 8, 1536);
	put(1536 + 8, 8, 2048);
	memset(files[0].bytes + 2048, 'l', 512);
}

static void a_qcow2_disk_reads_as_its_tables_say(void)
{
	uint8_t bytes[1024];
	struct virtual *disk;

	make_qcow();
	CHECK(open_files(1, &disk, NULL) == WARD_OK);
	CHECK_EQ(virtual_size(disk), 10000);
	CHECK(virtual_read(disk, 256, bytes, sizeof(bytes)));
	CHECK(bytes[0] == 0 && bytes[255] == 0 && bytes[256] == 'l' && bytes[767] == 'l' &&
			bytes[768] == 0);
	CHECK(!virtual_read(disk, 9999, bytes, 2));
	virtual_free(disk);
}

static void a_qcow2_cluster_behind_the_end_of_its_file_is_not_zeroes(void)
{
	uint8_t bytes[512];
	struct virtual *disk;

	make_qcow();
	put(1536 + 16, 8, 1 << 20);
	CHECK(open_files(1, &disk, NULL) == WARD_OK);
	CHECK(!virtual_read(disk, 1024, bytes, sizeof(bytes)));
	virtual_free(disk);
}

static void a_qcow2_disk_that_is_not_all_there_is_refused(void)
{
	make_qcow();
	put(8, 8, 1024); /* a backing file's name */
	CHECK(opens(1, NULL) == WARD_E_UNSUPPORTED);
	make_qcow();
	put(32, 4, 2); /* enciphered */
	CHECK(opens(1, NULL) == WARD_E_UNSUPPORTED);
	make_qcow();
	put(4, 4, 3);
	put(72, 8, 4); /* its data are in another file */
	CHECK(opens(1, NULL) == WARD_E_UNSUPPORTED);
	make_qcow();
	put(24, 8, 100000); /* larger than its table */
	CHECK(opens(1, NULL) == WARD_E_FORMAT);
	make_qcow();
	put(20, 4, 40);
	CHECK(opens(1, NULL) == WARD_E_FORMAT);
}

static void what_is_not_seen_of_an_image_is_remarked(void)
{
	bool remark;

	make_qcow();
	CHECK(opens(1, &remark) == WARD_OK && !remark);
	put(60, 4, 1); /* snapshots */
	CHECK(opens(1, &remark) == WARD_OK && remark);
	make_qcow();
	put(510, 2, 0x55aa); /* it is a boot sector, too */
	CHECK(opens(1, &remark) == WARD_OK && remark);
}

/* ---- VHD: its foot ---- */

static void make_vhd(uint64_t size, uint32_t type, size_t at)
{
	uint32_t sum = 0;

	memcpy(files[0].bytes + at, "conectix", 8);
	put(at + 48, 8, size);
	put(at + 60, 4, type);
	put(at + 64, 4, 0);
	for (size_t i = at; i < at + 512; i++)
		sum += files[0].bytes[i];
	put(at + 64, 4, ~sum);
}

static void the_last_sector_of_a_disk_does_not_make_it_another(void)
{
	struct disk_source source = source_of(1);

	memset(files, 0, sizeof(files));
	files[0].len = 8192 + 512;
	make_vhd(8192, 2, 8192);
	CHECK(virtual_is(&source));
	CHECK(opens(1, NULL) == WARD_OK);
	make_vhd(4096, 2, 8192);
	CHECK(!virtual_is(&source));
	make_vhd(8192, 3, 8192);
	CHECK(!virtual_is(&source));
}

static void a_vhd_that_is_a_difference_is_refused(void)
{
	memset(files, 0, sizeof(files));
	files[0].len = 8192;
	make_vhd(8192, 4, 0);
	CHECK(opens(1, NULL) == WARD_E_UNSUPPORTED);
	files[0].bytes[50]++;
	CHECK(opens(1, NULL) == WARD_E_FORMAT);
}

/* ---- VMDK: its text ---- */

static void make_text(const char *text)
{
	memset(files, 0, sizeof(files));
	files[0].len = strlen(text);
	memcpy(files[0].bytes, text, files[0].len);
	for (int i = 1; i < 3; i++) {
		files[i].len = 2048;
		memset(files[i].bytes, "0ab"[i], 2048);
	}
}

#define TEXT "# Disk DescriptorFile\nparentCID=ffffffff\n"

static void the_parts_of_a_vmdk_lie_behind_each_other(void)
{
	uint8_t bytes[3072];
	struct virtual *disk;

	make_text(TEXT "RW 2 FLAT \"x/../a\" 1\nRW 1 ZERO\nRW 3 FLAT \"b c\" 0\n");
	CHECK(open_files(3, &disk, NULL) == WARD_OK);
	CHECK_EQ(virtual_size(disk), 3072);
	CHECK(virtual_read(disk, 0, bytes, sizeof(bytes)));
	CHECK(bytes[1023] == 'a' && bytes[1024] == 0 && bytes[1535] == 0 && bytes[1536] == 'b');
	virtual_free(disk);
}

/* The number's bytes, from the last on. */
static void put_le(size_t file, size_t at, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		files[file].bytes[at + i] = (uint8_t)(value >> 8 * i);
}

/* Three sectors in grains of two: the second grain is packed, and so much of it is stored. */
static void make_packed(size_t file, size_t stored)
{
	uint8_t grain[1024];
	uLongf len = 512;

	memset(files[file].bytes, 0, sizeof(files[file].bytes));
	memcpy(files[file].bytes, "KDMV", 4);
	put_le(file, 4, 4, 3);
	put_le(file, 8, 4, 1 << 16); /* packed */
	put_le(file, 12, 8, 3);
	put_le(file, 20, 8, 2);
	put_le(file, 44, 4, 512);
	put_le(file, 56, 8, 1);
	put_le(file, 512, 4, 2);      /* the one table */
	put_le(file, 1024 + 4, 4, 6); /* the second grain */
	memset(grain, 'g', sizeof(grain));
	CHECK_EQ(compress(files[file].bytes + 3072 + 12, &len, grain, stored), Z_OK);
	put_le(file, 3072, 8, 2);
	put_le(file, 3072 + 8, 4, len);
	files[file].len = 4096;
}

static void the_last_packed_grain_of_a_part_ends_with_it(void)
{
	uint8_t bytes[2560];
	struct virtual *disk;

	for (size_t stored = 512; stored <= 1024; stored += 512) {
		make_text(TEXT "RW 3 SPARSE \"a\"\nRW 2 FLAT \"b\" 0\n");
		make_packed(1, stored);
		CHECK(open_files(3, &disk, NULL) == WARD_OK);
		CHECK_EQ(virtual_size(disk), 2560);
		CHECK(virtual_read(disk, 0, bytes, sizeof(bytes)));
		CHECK(bytes[1023] == 0 && bytes[1024] == 'g' && bytes[1535] == 'g' &&
				bytes[1536] == 'b');
		virtual_free(disk);
	}
}

static void a_vmdk_that_is_not_all_there_is_refused(void)
{
	bool remark;

	make_text(TEXT "RW 2 FLAT \"a\" 0\nRW 3 FLAT \"b\" 0\n");
	CHECK(opens(2, NULL) == WARD_E_FORMAT);
	make_text(TEXT "RW 5 FLAT \"a\" 0\n");
	CHECK(opens(2, NULL) == WARD_E_FORMAT);
	make_text(TEXT "RW 18446744073709551615 FLAT \"a\" 0\n");
	CHECK(opens(2, NULL) == WARD_E_FORMAT);
	make_text(TEXT "RW 2 VMFSSPARSE \"a\"\n");
	CHECK(opens(2, NULL) == WARD_E_UNSUPPORTED);
	make_text("# Disk DescriptorFile\nparentCID=12345678\nRW 2 FLAT \"a\" 0\n");
	CHECK(opens(2, NULL) == WARD_E_UNSUPPORTED);
	make_text(TEXT);
	CHECK(opens(1, NULL) == WARD_E_FORMAT);
	make_text(TEXT "RW 2 FLAT \"a\" 0\n");
	CHECK(opens(3, &remark) == WARD_OK && remark);
}

static const struct test_case cases[] = {
	{ "a QCOW2 disk reads as its tables say", a_qcow2_disk_reads_as_its_tables_say },
	{ "a QCOW2 cluster behind the end of its file is not zeroes",
			a_qcow2_cluster_behind_the_end_of_its_file_is_not_zeroes },
	{ "a QCOW2 disk that is not all there is refused",
			a_qcow2_disk_that_is_not_all_there_is_refused },
	{ "what is not seen of an image is remarked", what_is_not_seen_of_an_image_is_remarked },
	{ "the last sector of a disk does not make it another",
			the_last_sector_of_a_disk_does_not_make_it_another },
	{ "a VHD that is a difference is refused", a_vhd_that_is_a_difference_is_refused },
	{ "the parts of a VMDK lie behind each other", the_parts_of_a_vmdk_lie_behind_each_other },
	{ "the last packed grain of a part ends with it",
			the_last_packed_grain_of_a_part_ends_with_it },
	{ "a VMDK that is not all there is refused", a_vmdk_that_is_not_all_there_is_refused },
};
TEST_MAIN(cases)
