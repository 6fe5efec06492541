/* What an x86-64 CPU runs; __builtin_cpu_supports also asks whether the system saves the registers.
 */
#include "hash/pdq_x86.h"

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
