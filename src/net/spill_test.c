#include "net/spill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static struct spill_place place;
static uint8_t bytes[100000];

static void begin(uint64_t small_max, uint64_t memory_max)
{
	const char *folder = getenv("TMPDIR");

	memset(&place, 0, sizeof(place));
	snprintf(place.folder, sizeof(place.folder), "%s", folder ? folder : "/tmp");
	place.small_max = small_max;
	place.memory_max = memory_max;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
}

static bool holds_everything(const struct spill *spill)
{
	static uint8_t got[sizeof(bytes) + 1];

	return spill->size == sizeof(bytes) &&
	       pread(spill->fd, got, sizeof(got), 0) == sizeof(bytes) &&
	       memcmp(got, bytes, sizeof(bytes)) == 0;
}

/* In pieces of `step`; returns whether all of it can be read back. */
static bool write_all(struct spill *spill, size_t step)
{
	for (size_t at = 0; at < sizeof(bytes); at += step) {
		size_t len = sizeof(bytes) - at < step ? sizeof(bytes) - at : step;

		if (spill_write(spill, (ward_bytes){ bytes + at, len }, NULL))
			return false;
	}
	return holds_everything(spill);
}

static void small_ones_stay_in_memory(void)
{
	struct spill spill;

	begin(sizeof(bytes), 1 << 20);
	spill_init(&spill, &place);
	CHECK(write_all(&spill, 777));
	CHECK_EQ(spill.in_memory, sizeof(bytes));
	CHECK_EQ(place.memory_used, sizeof(bytes));
	spill_close(&spill);
	CHECK_EQ(place.memory_used, 0);
	CHECK_EQ(spill.fd, -1);
}

static void a_large_one_moves_to_disk_with_all_its_bytes(void)
{
	struct spill spill;

	begin(50000, 1 << 20);
	spill_init(&spill, &place);
	CHECK(write_all(&spill, 777));
	CHECK_EQ(spill.in_memory, 0);
	CHECK_EQ(place.memory_used, 0);
	spill_close(&spill);
}

static void one_that_is_announced_as_large_begins_on_disk(void)
{
	struct spill spill;

	begin(50000, 1 << 20);
	spill_init(&spill, &place);
	CHECK_EQ(spill_open(&spill, 50001, NULL), WARD_OK);
	CHECK_EQ(place.memory_used, 0);
	CHECK(write_all(&spill, 4096));
	spill_close(&spill);
}

static void the_memory_of_all_is_bounded(void)
{
	struct spill a, b;

	begin(sizeof(bytes), sizeof(bytes) + 5000);
	spill_init(&a, &place);
	spill_init(&b, &place);
	CHECK(write_all(&a, 10000));
	CHECK(write_all(&b, 3000));
	CHECK_EQ(b.in_memory, 0);
	CHECK_EQ(place.memory_used, sizeof(bytes));
	spill_close(&a);
	spill_close(&b);
	CHECK_EQ(place.memory_used, 0);
}

static void a_place_that_is_gone_is_told(void)
{
	struct spill spill;
	struct ward_error error = { 0 };

	begin(10, 10);
	snprintf(place.folder, sizeof(place.folder), "/nowhere/at/all");
	spill_init(&spill, &place);
	CHECK_EQ(spill_write(&spill, (ward_bytes){ bytes, 11 }, &error), WARD_E_IO);
	CHECK_STR(error.message, "cannot keep what arrives: No such file or directory");
	spill_close(&spill);
}

static const struct test_case cases[] = {
	{ "small ones stay in memory", small_ones_stay_in_memory },
	{ "a large one moves to disk with all its bytes",
			a_large_one_moves_to_disk_with_all_its_bytes },
	{ "one that is announced as large begins on disk",
			one_that_is_announced_as_large_begins_on_disk },
	{ "the memory of all is bounded", the_memory_of_all_is_bounded },
	{ "a place that is gone is told", a_place_that_is_gone_is_told },
};
TEST_MAIN(cases)
