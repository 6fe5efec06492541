#include "bank/index/pdq_kernel.h"
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

static bool avx2_usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
}

/* Ones in every byte, looked up by its two halves. */
AVX2 static __m256i byte_ones(__m256i x)
{
	__m256i ones = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2,
			1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	__m256i half = _mm256_set1_epi8(15);
	__m256i low = _mm256_shuffle_epi8(ones, _mm256_and_si256(x, half));
	__m256i high = _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16(x, 4), half));

	return _mm256_add_epi8(low, high);
}

/* Two equal bits for each of 16 chunks: set when it is near. */
AVX2 static uint32_t near_of_16(const uint16_t *chunks, __m256i wanted, __m256i above)
{
	__m256i apart = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)chunks),
			wanted);
	__m256i ones = _mm256_maddubs_epi16(byte_ones(apart), _mm256_set1_epi8(1));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi16(above, ones));
}

AVX2 static size_t avx2_near(const uint16_t *chunks, size_t count, uint16_t want, unsigned limit,
		uint32_t *near)
{
	__m256i wanted = _mm256_set1_epi16((short)want);
	__m256i above = _mm256_set1_epi16((short)(limit + 1));
	size_t found = 0, i = 0;

	if (count < 16) {
		for (; i < count; i++) {
			near[found] = (uint32_t)i;
			found += (unsigned)__builtin_popcount(chunks[i] ^ want) <= limit;
		}
		return found;
	}
	while (i < count) {
		/* The last step goes back to be whole, and forgets what was seen before. */
		size_t at = i + 16 <= count ? i : count - 16;
		uint32_t hits = near_of_16(chunks + at, wanted, above) & 0x55555555;

		hits &= UINT32_MAX << 2 * (i - at);
		for (; hits; hits &= hits - 1)
			near[found++] = (uint32_t)at + (uint32_t)__builtin_ctz(hits) / 2;
		i = at + 16;
	}
	return found;
}

AVX2 static unsigned avx2_distance(const ward_pdq *a, const ward_pdq *b)
{
	unsigned sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (unsigned)__builtin_popcountll(a->word[i] ^ b->word[i]);
	return sum;
}

/* The ones in each of a hash's four words. */
AVX2 static __m256i word_ones(const ward_pdq *hash, __m256i query)
{
	__m256i apart = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)hash),
			query);

	return _mm256_sad_epu8(byte_ones(apart), _mm256_setzero_si256());
}

/* Four hashes a step: their counts share the four words' lanes of 16 bits. */
AVX2 static size_t avx2_within(const ward_pdq *hashes, size_t count, const ward_pdq *query,
		unsigned radius, uint32_t *near)
{
	__m256i wanted = _mm256_loadu_si256((const __m256i *)(const void *)query);
	size_t found = 0, i = 0;

	for (; count - i >= 4; i += 4) {
		__m256i sum = word_ones(hashes + i, wanted);

		sum = _mm256_or_si256(sum,
				_mm256_slli_epi64(word_ones(hashes + i + 1, wanted), 16));
		sum = _mm256_or_si256(sum,
				_mm256_slli_epi64(word_ones(hashes + i + 2, wanted), 32));
		sum = _mm256_or_si256(sum,
				_mm256_slli_epi64(word_ones(hashes + i + 3, wanted), 48));

		__m128i half = _mm_add_epi16(_mm256_castsi256_si128(sum),
				_mm256_extracti128_si256(sum, 1));
		uint64_t four = (uint64_t)_mm_cvtsi128_si64(
				_mm_add_epi16(half, _mm_unpackhi_epi64(half, half)));

		for (uint32_t j = 0; j < 4; j++) {
			near[found] = (uint32_t)i + j;
			found += (four >> 16 * j & 0xffff) <= radius;
		}
	}
	for (; i < count; i++) {
		near[found] = (uint32_t)i;
		found += avx2_distance(&hashes[i], query) <= radius;
	}
	return found;
}

const struct pdq_kernel pdq_kernel_avx2 = { "avx2", avx2_usable, avx2_near, avx2_within,
	avx2_distance };
