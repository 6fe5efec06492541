#include "site/sorter.h"

#include <stdlib.h>

#include "base/test.h"

static struct ward_error error;

static uint64_t mixed(uint64_t z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A key of one to twelve letters, of which many are the same, and the number as its value. */
static bool add(struct site_sorter *sorter, uint32_t number, uint64_t different)
{
	uint64_t z = mixed(number) % different;
	char key[16];
	int len = snprintf(key, sizeof(key), "%llx", (unsigned long long)(z * z));

	return !site_sorter_add(sorter, (ward_bytes){ (const uint8_t *)key, (size_t)len },
			(ward_bytes){ (const uint8_t *)&number, sizeof(number) }, &error);
}

static int compare(ward_bytes a, ward_bytes b)
{
	return ward_str_cmp((ward_str){ (const char *)a.ptr, a.len },
			(ward_str){ (const char *)b.ptr, b.len });
}

/* All that were added, in order, and those of one key as they were added. */
static bool is_sorted(struct site_sorter *sorter, uint32_t count)
{
	struct site_record record, last = { .key = { NULL, 0 } };
	uint32_t number, before = 0, seen = 0;
	uint64_t sum = 0;

	if (site_sorter_sort(sorter, &error))
		return false;
	for (; site_sorter_next(sorter, &record); seen++) {
		int order = seen ? compare(last.key, record.key) : -1;

		memcpy(&number, record.value.ptr, sizeof(number));
		if (order > 0 || (order == 0 && number < before))
			return false;
		last = record;
		before = number;
		sum += number;
	}
	return seen == count && sum == (uint64_t)count * (count - 1) / 2;
}

static void sorts(uint32_t count, uint64_t different)
{
	struct site_sorter *sorter = site_sorter_new("/tmp");
	bool good = sorter;

	for (uint32_t i = 0; i < count && good; i++)
		good = add(sorter, i, different);
	CHECK(good);
	CHECK_EQ(site_sorter_count(sorter), count);
	good = is_sorted(sorter, count);
	site_sorter_free(sorter);
	CHECK(good);
}

static void what_fits_in_memory_is_sorted_there(void)
{
	sorts(0, 1);
	sorts(1, 1);
	sorts(5000, 700);
}

static void what_does_not_fit_is_merged_from_runs(void)
{
	sorts(1200000, 300000);
}

struct seen {
	uint32_t last[100];
	uint32_t count;
	bool in_order;
};

static ward_err see(void *context, const struct site_record *record, struct ward_error *unused)
{
	struct seen *seen = context;
	uint32_t number;

	(void)unused;
	memcpy(&number, record->value.ptr, sizeof(number));
	if (number < seen->last[number % 100])
		seen->in_order = false;
	seen->last[number % 100] = number;
	seen->count++;
	return WARD_OK;
}

static void records_are_looked_at_before_they_are_sorted(void)
{
	struct site_sorter *sorter = site_sorter_new("/tmp");
	struct seen seen = { .in_order = true };

	CHECK(sorter);
	for (uint32_t i = 0; i < 600000; i++) {
		char key[8];
		int len = snprintf(key, sizeof(key), "%u", i % 100);

		CHECK(!site_sorter_add(sorter, (ward_bytes){ (const uint8_t *)key, (size_t)len },
				(ward_bytes){ (const uint8_t *)&i, sizeof(i) }, &error));
	}
	CHECK(!site_sorter_each(sorter, see, &seen, &error));
	CHECK_EQ(seen.count, 600000);
	CHECK(seen.in_order);
	CHECK(is_sorted(sorter, 600000));
	site_sorter_free(sorter);
}

static const struct test_case cases[] = {
	{ "what fits in memory is sorted there", what_fits_in_memory_is_sorted_there },
	{ "what does not fit is merged from runs", what_does_not_fit_is_merged_from_runs },
	{ "records are looked at before they are sorted",
			records_are_looked_at_before_they_are_sorted },
};
TEST_MAIN(cases)
