#include "bank/index/pdq_kernel.h"
#include <arm_neon.h>

static bool neon_usable(void)
{
	return true; /* part of every 64-bit Arm */
}

/* 255 in the byte of each of 8 chunks that is near. */
static uint64_t near_of_8(const uint16_t *chunks, uint16x8_t wanted, uint16x8_t most)
{
	uint16x8_t apart = veorq_u16(vld1q_u16(chunks), wanted);
	uint16x8_t ones = vpaddlq_u8(vcntq_u8(vreinterpretq_u8_u16(apart)));

	return vget_lane_u64(vreinterpret_u64_u8(vmovn_u16(vcleq_u16(ones, most))), 0);
}

static size_t neon_near(const uint16_t *chunks, size_t count, uint16_t want, unsigned limit,
		uint32_t *near)
{
	uint16x8_t wanted = vdupq_n_u16(want), most = vdupq_n_u16((uint16_t)limit);
	size_t found = 0, i = 0;

	if (count < 8) {
		for (; i < count; i++) {
			near[found] = (uint32_t)i;
			found += (unsigned)__builtin_popcount(chunks[i] ^ want) <= limit;
		}
		return found;
	}
	while (i < count) {
		/* The last step goes back to be whole, and forgets what was seen before. */
		size_t at = i + 8 <= count ? i : count - 8;
		uint64_t hits = near_of_8(chunks + at, wanted, most) & 0x0101010101010101;

		hits &= UINT64_MAX << 8 * (i - at);
		for (; hits; hits &= hits - 1)
			near[found++] = (uint32_t)at + (uint32_t)__builtin_ctzll(hits) / 8;
		i = at + 8;
	}
	return found;
}

static unsigned neon_distance(const ward_pdq *a, const ward_pdq *b)
{
	uint64x2_t low = veorq_u64(vld1q_u64(a->word), vld1q_u64(b->word));
	uint64x2_t high = veorq_u64(vld1q_u64(a->word + 2), vld1q_u64(b->word + 2));
	uint8x16_t ones = vaddq_u8(vcntq_u8(vreinterpretq_u8_u64(low)),
			vcntq_u8(vreinterpretq_u8_u64(high)));

	return vaddlvq_u8(ones);
}

static size_t neon_within(const ward_pdq *hashes, size_t count, const ward_pdq *query,
		unsigned radius, uint32_t *near)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		near[found] = (uint32_t)i;
		found += neon_distance(&hashes[i], query) <= radius;
	}
	return found;
}

const struct pdq_kernel pdq_kernel_neon = { "neon", neon_usable, neon_near, neon_within,
	neon_distance };
