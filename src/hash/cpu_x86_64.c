/*
 * What an x86-64 CPU runs; __builtin_cpu_supports also asks whether the system saves the registers.
 */
#include "hash/cpu_x86_64.h"

#include <cpuid.h>

int ward_pdq_codes(const struct pdq_code *codes[PDQ_CODES_MAX])
{
	int count = 0;

	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
		codes[count++] = &ward_pdq_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		codes[count++] = &ward_pdq_avx2;
	codes[count++] = &ward_pdq_plain;
	return count;
}

/* The SHA instructions, which compilers' built-in question does not know, are a bit of cpuid. */
static bool has_sha(void)
{
	const unsigned sha = 1u << 29;
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha);
}

digest_blocks *ward_digest_blocks_of_cpu(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("bmi") && has_sha())
		return ward_digest_sha_ni;
	return NULL;
}

/* 16 lanes outrun the SHA instructions, and these outrun 8 (docs/decisions/0009-digests.md). */
const struct digest_lanes_code *ward_digest_lanes_of_cpu(const char *name)
{
	bool any = !name;

	__builtin_cpu_init();
	if ((any || strcmp(name, "avx512") == 0) && __builtin_cpu_supports("avx512f") &&
			__builtin_cpu_supports("avx512bw"))
		return &ward_digest_avx512;
	if ((!any && strcmp(name, "avx2") == 0) ||
			(any && __builtin_cpu_supports("avx2") && !ward_digest_blocks_of_cpu()))
		return &ward_digest_avx2;
	return NULL;
}
