/* The three digests of 16 inputs at once, for x86-64 with AVX-512 (F, BW).  This file alone is
 * compiled for it. */
#define LANES 16
#include "hash/digest_lanes.h"

#include "hash/cpu_x86_64.h"

#include <immintrin.h>

/* The number of bits must be a constant, so the compiler is asked for the instruction by its shape.
 */
INLINE lanes rotate(lanes x, int bits)
{
	return x << bits | x >> (32 - bits);
}

/* The last number is what the three bits together give, from 000 up to 111. */
INLINE lanes choose(lanes x, lanes y, lanes z)
{
	return (lanes)_mm512_ternarylogic_epi32((__m512i)x, (__m512i)y, (__m512i)z, 0xca);
}

INLINE lanes majority(lanes x, lanes y, lanes z)
{
	return (lanes)_mm512_ternarylogic_epi32((__m512i)x, (__m512i)y, (__m512i)z, 0xe8);
}

INLINE lanes parity(lanes x, lanes y, lanes z)
{
	return (lanes)_mm512_ternarylogic_epi32((__m512i)x, (__m512i)y, (__m512i)z, 0x96);
}

INLINE lanes md5_last(lanes x, lanes y, lanes z)
{
	return (lanes)_mm512_ternarylogic_epi32((__m512i)x, (__m512i)y, (__m512i)z, 0x39);
}

INLINE lanes swap_bytes(lanes x)
{
	const __m512i order = _mm512_broadcast_i32x4(
			_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));

	return (lanes)_mm512_shuffle_epi8((__m512i)x, order);
}

/*
 * Shuffling two halves of the rows into each other, four times, turns 16 rows
 * of 16 words into 16 columns.
 */
INLINE void load_blocks(const uint8_t *const at[], lanes words[16])
{
	const __m512i low =
			_mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
	const __m512i high = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9,
			24, 8);
	__m512i row[16], shuffled[16];

	for (int i = 0; i < 16; i++)
		row[i] = _mm512_loadu_si512(at[i]);
	for (int turn = 0; turn < 4; turn++) {
		for (int i = 0; i < 8; i++) {
			shuffled[2 * i] = _mm512_permutex2var_epi32(row[i], low, row[i + 8]);
			shuffled[2 * i + 1] = _mm512_permutex2var_epi32(row[i], high, row[i + 8]);
		}
		memcpy(row, shuffled, sizeof(row));
	}
	memcpy(words, row, sizeof(row));
}

static void avx512_blocks(struct digest_lane_states *states, const uint8_t *const at[],
		size_t blocks)
{
	take_blocks(states, at, blocks);
}

const struct digest_lanes_code ward_digest_avx512 = { "avx512", LANES, avx512_blocks };
