/*
 * Searches damaged sections.  The first byte says how the rest is read: odd, it
 * is a section itself; even, it is a list of 8-byte changes (where, what) to a
 * section with tables, which is too large (4 MB) for a fuzzer to invent.
 */
#include "bank/index/pdq_index.h"
#include "bank/index/pdq_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HASHES      300
#define CHANGES_MAX 64

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void search(ward_bytes section)
{
	struct pdq_index index;
	struct pdq_found found = { 0 };
	static const int radii[] = { 0, 17, 31, 40 };

	if (pdq_index_open(section, &index, NULL))
		return;
	for (int i = 0; i < 8; i++) {
		ward_pdq query = { { 0 } };

		if (index.count > 0)
			query = index.hashes[(uint32_t)i * 37 % index.count];
		index.never_scan = i % 2;
		check(!pdq_index_search(&index, query, radii[i / 2], &found, NULL));
	}
	for (size_t i = 0; i < found.count; i++)
		check(found.at[i].id < index.count && found.at[i].distance <= 40);
	pdq_found_free(&found);
}

/* An aligned place of exactly the input's size, so that a sanitizer sees a read past it. */
static void search_input(const uint8_t *data, size_t size)
{
	uint8_t *memory = NULL;

	check(!posix_memalign((void **)&memory, PDQ_INDEX_ALIGN, size + 1));
	memcpy(memory, data, size);
	search((ward_bytes){ memory, size });
	free(memory);
}

struct sample {
	uint8_t *bytes;
	size_t len;
};

static ward_err append(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct sample *sample = context;

	(void)error;
	memcpy(sample->bytes + sample->len, bytes.ptr, bytes.len);
	sample->len += bytes.len;
	return WARD_OK;
}

/* Some hashes alike, some equal, built once. */
static struct sample *make_sample(void)
{
	static ward_pdq hashes[HASHES];
	static struct sample sample;
	struct pdq_index_build build = { .hashes = hashes,
		.count = HASHES,
		.write = append,
		.write_context = &sample,
		.scan_below = 1 };
	size_t room = pdq_layout_of(HASHES, HASHES, HASHES).size;

	for (uint64_t i = 0; i < HASHES; i++) {
		for (uint64_t j = 0; j < 4; j++)
			hashes[i].word[j] = (i % 200 + j) * 0x9e3779b97f4a7c15 >> i % 3;
	}
	check(!posix_memalign((void **)&sample.bytes, PDQ_INDEX_ALIGN, room));
	check(!pdq_index_build(&build, NULL));
	return &sample;
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void search_changed(const uint8_t *data, size_t size)
{
	static struct sample *sample;
	uint32_t where[CHANGES_MAX], before[CHANGES_MAX];
	size_t count = 0;

	if (!sample)
		sample = make_sample();
	for (; size >= 8 && count < CHANGES_MAX; data += 8, size -= 8, count++) {
		uint32_t what = read32(data + 4);

		where[count] = read32(data) % (uint32_t)(sample->len / 4) * 4;
		memcpy(&before[count], sample->bytes + where[count], 4);
		memcpy(sample->bytes + where[count], &what, 4);
	}
	search((ward_bytes){ sample->bytes, sample->len });
	while (count-- > 0)
		memcpy(sample->bytes + where[count], &before[count], 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 2)
		search_input(data + 1, size - 1);
	else
		search_changed(data + 1, size - 1);
	return 0;
}
