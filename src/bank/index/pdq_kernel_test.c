#include "bank/index/pdq_index.h"
#include "bank/index/pdq_kernel.h"
#include "base/test.h"

static uint64_t state = 1;

static uint64_t random64(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

#define COUNT_MAX 600

/*
 * The arrays are of exactly the size asked, so that a sanitizer sees a read
 * past them, and begin at an odd place.
 */
static bool same_near(const struct pdq_kernel *kernel, size_t count)
{
	uint16_t *chunks = malloc(count * sizeof(*chunks) + 1), want = (uint16_t)random64();
	uint32_t near[COUNT_MAX], expected[COUNT_MAX];
	bool same = true;

	for (size_t i = 0; i < count; i++)
		chunks[i] = (uint16_t)(random64() & random64()) ^ want;
	for (unsigned limit = 0; limit <= 17; limit++) {
		size_t found = kernel->near(chunks, count, want, limit, near);

		same &= found == pdq_kernel_plain.near(chunks, count, want, limit, expected) &&
			memcmp(near, expected, found * sizeof(*near)) == 0;
	}
	free(chunks);
	return same;
}

static bool same_within(const struct pdq_kernel *kernel, size_t count)
{
	ward_pdq *hashes = malloc(count * sizeof(*hashes) + 1);
	ward_pdq query = { { random64(), random64(), random64(), random64() } };
	uint32_t near[COUNT_MAX], expected[COUNT_MAX];
	bool same = true;

	for (size_t i = 0; i < count; i++) {
		for (int j = 0; j < 4; j++)
			hashes[i].word[j] = query.word[j] ^ (random64() & random64() & random64());
		same &= kernel->distance(&hashes[i], &query) ==
			pdq_kernel_plain.distance(&hashes[i], &query);
	}
	for (unsigned radius = 0; radius <= 63; radius++) {
		size_t found = kernel->within(hashes, count, &query, radius, near);

		same &= found == pdq_kernel_plain.within(hashes, count, &query, radius, expected) &&
			memcmp(near, expected, found * sizeof(*near)) == 0;
	}
	free(hashes);
	return same;
}

static bool equals_plain(const char *name)
{
	bool same = true;

	if (!pdq_index_cpu_limit(name)) {
		printf("# this CPU has no %s: not compared\n", name);
		return true;
	}
	for (size_t count = 0; count <= COUNT_MAX && same; count += count < 70 ? 1 : 53)
		same = same_near(pdq_kernel(), count) && same_within(pdq_kernel(), count);
	(void)pdq_index_cpu_limit(NULL);
	return same;
}

static void plain_counts_ones(void)
{
	ward_pdq zero = { { 0 } }, all = { { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
	ward_pdq some = { { 1, 3, 7, (uint64_t)15 << 60 } };

	CHECK_EQ(pdq_kernel_plain.distance(&zero, &all), 256);
	CHECK_EQ(pdq_kernel_plain.distance(&zero, &some), 10);
	CHECK_EQ(pdq_kernel_plain.distance(&some, &some), 0);
}

static void avx512_equals_plain(void)
{
	CHECK(equals_plain("avx512"));
}

static void avx2_equals_plain(void)
{
	CHECK(equals_plain("avx2"));
}

static void neon_equals_plain(void)
{
	CHECK(equals_plain("neon"));
}

static void an_unknown_path_is_refused(void)
{
	CHECK(!pdq_index_cpu_limit("abacus"));
	CHECK(pdq_index_cpu_limit("plain"));
	CHECK_STR(pdq_index_cpu(), "plain");
	CHECK(pdq_index_cpu_limit(NULL));
}

static const struct test_case cases[] = {
	{ "the plain path counts differing bits", plain_counts_ones },
	{ "AVX-512 gives what the plain path gives", avx512_equals_plain },
	{ "AVX2 gives what the plain path gives", avx2_equals_plain },
	{ "NEON gives what the plain path gives", neon_equals_plain },
	{ "an unknown path is refused, and NULL is the best again", an_unknown_path_is_refused },
};
TEST_MAIN(cases)
