/* The three digests of 8 inputs at once, for x86-64 with AVX2.  This file alone is compiled for it.
 */
#define LANES 8
#include "hash/digest_lanes.h"

#include "hash/cpu_x86_64.h"

#include <immintrin.h>

INLINE lanes rotate(lanes x, int bits)
{
	return x << bits | x >> (32 - bits);
}

INLINE lanes choose(lanes x, lanes y, lanes z)
{
	return z ^ (x & (y ^ z));
}

INLINE lanes majority(lanes x, lanes y, lanes z)
{
	return (x & y) | (z & (x | y));
}

INLINE lanes parity(lanes x, lanes y, lanes z)
{
	return x ^ y ^ z;
}

INLINE lanes md5_last(lanes x, lanes y, lanes z)
{
	return y ^ (x | ~z);
}

INLINE lanes swap_bytes(lanes x)
{
	const __m256i order = _mm256_broadcastsi128_si256(
			_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));

	return (lanes)_mm256_shuffle_epi8((__m256i)x, order);
}

/*
 * 8 rows of 8 words into 8 columns: words, then pairs of words are shuffled
 * within halves of a register, then the halves between them.
 */
INLINE void turn_rows(const uint8_t *const at[], size_t from, lanes words[8])
{
	__m256i row[8], pair[8], four[8];

	for (int i = 0; i < 8; i++)
		row[i] = _mm256_loadu_si256((const __m256i *)(const void *)(at[i] + from));
	for (int i = 0; i < 4; i++) {
		pair[2 * i] = _mm256_unpacklo_epi32(row[2 * i], row[2 * i + 1]);
		pair[2 * i + 1] = _mm256_unpackhi_epi32(row[2 * i], row[2 * i + 1]);
	}
	for (int i = 0; i < 8; i += 4) {
		four[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
		four[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
		four[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
		four[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
	}
	for (int i = 0; i < 4; i++) {
		words[i] = (lanes)_mm256_permute2x128_si256(four[i], four[i + 4], 0x20);
		words[i + 4] = (lanes)_mm256_permute2x128_si256(four[i], four[i + 4], 0x31);
	}
}

INLINE void load_blocks(const uint8_t *const at[], lanes words[16])
{
	turn_rows(at, 0, words);
	turn_rows(at, 32, words + 8);
}

static void avx2_blocks(struct digest_lane_states *states, const uint8_t *const at[], size_t blocks)
{
	take_blocks(states, at, blocks);
}

const struct digest_lanes_code ward_digest_avx2 = { "avx2", LANES, avx2_blocks };
