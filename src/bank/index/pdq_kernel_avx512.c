#include "bank/index/pdq_kernel.h"
#include <immintrin.h>

#define AVX512                                                                              \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512bitalg,avx512vpopcntdq,bmi," \
			      "popcnt")))

static bool avx512_usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bitalg") &&
	       __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
}

AVX512 static size_t avx512_near(const uint16_t *chunks, size_t count, uint16_t want,
		unsigned limit, uint32_t *near)
{
	__m512i wanted = _mm512_set1_epi16((short)want), most = _mm512_set1_epi16((short)limit);
	size_t found = 0;

	for (size_t i = 0; i < count; i += 32) {
		__mmask32 there = count - i >= 32 ? UINT32_MAX : (1u << (count - i)) - 1;
		__m512i apart = _mm512_xor_si512(_mm512_maskz_loadu_epi16(there, chunks + i),
				wanted);
		uint32_t hits = _mm512_mask_cmple_epu16_mask(there, _mm512_popcnt_epi16(apart),
				most);

		for (; hits; hits &= hits - 1)
			near[found++] = (uint32_t)i + (uint32_t)__builtin_ctz(hits);
	}
	return found;
}

AVX512 static unsigned avx512_distance(const ward_pdq *a, const ward_pdq *b)
{
	unsigned sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (unsigned)__builtin_popcountll(a->word[i] ^ b->word[i]);
	return sum;
}

/* Two hashes: the ones in each of their 64-bit words. */
AVX512 static __m512i two(const ward_pdq *hashes, __m512i query)
{
	return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(hashes), query));
}

/*
 * Eight hashes a step.  The counts of a word are at most 64, so those of four
 * pairs of hashes share 64 bits, and two shuffles add up all eight.
 */
AVX512 static size_t avx512_within(const ward_pdq *hashes, size_t count, const ward_pdq *query,
		unsigned radius, uint32_t *near)
{
	__m512i wanted = _mm512_broadcast_i64x4(
			_mm256_loadu_si256((const __m256i *)(const void *)query));
	__m512i most = _mm512_set1_epi16((short)radius);
	size_t found = 0, i = 0;

	for (; count - i >= 8; i += 8) {
		__m512i sum = two(hashes + i, wanted);

		sum = _mm512_or_si512(sum, _mm512_slli_epi64(two(hashes + i + 2, wanted), 16));
		sum = _mm512_or_si512(sum, _mm512_slli_epi64(two(hashes + i + 4, wanted), 32));
		sum = _mm512_or_si512(sum, _mm512_slli_epi64(two(hashes + i + 6, wanted), 48));
		sum = _mm512_add_epi16(sum, _mm512_permutex_epi64(sum, 0x4e));
		sum = _mm512_add_epi16(sum, _mm512_permutex_epi64(sum, 0xb1));

		/* Lanes 0..3 are hashes 0, 2, 4, 6; lanes 16..19 are 1, 3, 5, 7. */
		uint32_t hits = _mm512_cmple_epu16_mask(sum, most) & 0x000f000f;

		if (!hits)
			continue;
		for (uint32_t j = 0; j < 8; j++) {
			near[found] = (uint32_t)i + j;
			found += hits >> (j / 2 + j % 2 * 16) & 1;
		}
	}
	for (; i < count; i++) {
		near[found] = (uint32_t)i;
		found += avx512_distance(&hashes[i], query) <= radius;
	}
	return found;
}

const struct pdq_kernel pdq_kernel_avx512 = { "avx512", avx512_usable, avx512_near, avx512_within,
	avx512_distance };
