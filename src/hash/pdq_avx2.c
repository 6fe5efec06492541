/* PDQ for x86-64 with AVX2 and FMA: 8 lanes.  This file alone is compiled for it. */
#include "hash/cpu_x86_64.h"

#include <immintrin.h>

#define LANES 8

typedef __m256 vec;

static inline vec all(float x)
{
	return _mm256_set1_ps(x);
}

static inline vec load(const float *at)
{
	return _mm256_load_ps(at);
}

static inline vec load_any(const float *at)
{
	return _mm256_loadu_ps(at);
}

static inline void store(float *at, vec x)
{
	_mm256_store_ps(at, x);
}

/* a * b + c, and c - a * b, rounded once. */
static inline vec fused(vec a, vec b, vec c)
{
	return _mm256_fmadd_ps(a, b, c);
}

static inline vec fused_minus(vec a, vec b, vec c)
{
	return _mm256_fnmadd_ps(a, b, c);
}

struct weights {
	vec red, green, blue;
};

static inline struct weights weights_of(const float weight[3])
{
	return (struct weights){ all(weight[0]), all(weight[1]), all(weight[2]) };
}

static inline vec grey(const uint8_t *samples)
{
	return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(
			_mm_loadl_epi64((const __m128i *)(const void *)samples)));
}

/*
 * 8 pixels of three bytes, of which 32 bytes are read: first four pixels to
 * each half, then each pixel to 32 bits of its own.
 */
static inline vec luma(const uint8_t *rgb, const struct weights *weights)
{
	const __m256i half = _mm256_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5);
	const __m256i pixel = _mm256_broadcastsi128_si256(
			_mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
	const __m256i low = _mm256_set1_epi32(255);
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)rgb);
	__m256i pixels = _mm256_shuffle_epi8(_mm256_permutevar8x32_epi32(bytes, half), pixel);
	vec red = _mm256_cvtepi32_ps(_mm256_and_si256(pixels, low));
	vec green = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(pixels, 8), low));
	vec blue = _mm256_cvtepi32_ps(_mm256_srli_epi32(pixels, 16));

	return weights->red * red + weights->green * green + weights->blue * blue;
}

/* Pairs, then pairs of pairs within each half, then the halves. */
static inline void transpose(vec r[8])
{
	vec t[8];

	for (int i = 0; i < 8; i += 4) {
		vec a = _mm256_unpacklo_ps(r[i], r[i + 1]), b = _mm256_unpackhi_ps(r[i], r[i + 1]);
		vec c = _mm256_unpacklo_ps(r[i + 2], r[i + 3]);
		vec d = _mm256_unpackhi_ps(r[i + 2], r[i + 3]);

		t[i] = _mm256_shuffle_ps(a, c, 0x44);
		t[i + 1] = _mm256_shuffle_ps(a, c, 0xee);
		t[i + 2] = _mm256_shuffle_ps(b, d, 0x44);
		t[i + 3] = _mm256_shuffle_ps(b, d, 0xee);
	}
	for (int i = 0; i < 4; i++) {
		r[i] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
		r[i + 4] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
	}
}

#include "hash/pdq_lanes.h"

const struct pdq_code ward_pdq_avx2 = {
	.name = "avx2",
	.scratch = lanes_scratch,
	.filter = lanes_filter,
	.quality = lanes_quality,
	.dct = lanes_dct,
};
