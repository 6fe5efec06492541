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
