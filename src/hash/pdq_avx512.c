/* PDQ for x86-64 with AVX-512 (F, BW): 16 lanes.  This file alone is compiled for it. */
#include "hash/cpu_x86_64.h"

#include <immintrin.h>

#define LANES 16

typedef __m512 vec;

static inline vec all(float x)
{
	return _mm512_set1_ps(x);
}

static inline vec load(const float *at)
{
	return _mm512_load_ps(at);
}

static inline vec load_any(const float *at)
{
	return _mm512_loadu_ps(at);
}

static inline void store(float *at, vec x)
{
	_mm512_store_ps(at, x);
}

/* a * b + c, and c - a * b, rounded once. */
static inline vec fused(vec a, vec b, vec c)
{
	return _mm512_fmadd_ps(a, b, c);
}

static inline vec fused_minus(vec a, vec b, vec c)
{
	return _mm512_fnmadd_ps(a, b, c);
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
	return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(
			_mm_loadu_si128((const __m128i *)(const void *)samples)));
}

/*
 * 16 pixels of three bytes, of which 64 bytes are read: first four pixels to
 * each quarter, then each pixel to 32 bits of its own.
 */
static inline vec luma(const uint8_t *rgb, const struct weights *weights)
{
	const __m512i quarter =
			_mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
	const __m512i pixel = _mm512_broadcast_i32x4(
			_mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
	const __m512i low = _mm512_set1_epi32(255);
	__m512i bytes = _mm512_permutexvar_epi32(quarter, _mm512_loadu_si512(rgb));
	__m512i pixels = _mm512_shuffle_epi8(bytes, pixel);
	vec red = _mm512_cvtepi32_ps(_mm512_and_si512(pixels, low));
	vec green = _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_srli_epi32(pixels, 8), low));
	vec blue = _mm512_cvtepi32_ps(_mm512_srli_epi32(pixels, 16));

	return weights->red * red + weights->green * green + weights->blue * blue;
}

/* Pairs, then pairs of pairs within each quarter, then the quarters. */
static inline void transpose(vec r[16])
{
	vec t[16];

	for (int i = 0; i < 16; i += 4) {
		vec a = _mm512_unpacklo_ps(r[i], r[i + 1]), b = _mm512_unpackhi_ps(r[i], r[i + 1]);
		vec c = _mm512_unpacklo_ps(r[i + 2], r[i + 3]);
		vec d = _mm512_unpackhi_ps(r[i + 2], r[i + 3]);

		t[i] = _mm512_shuffle_ps(a, c, 0x44);
		t[i + 1] = _mm512_shuffle_ps(a, c, 0xee);
		t[i + 2] = _mm512_shuffle_ps(b, d, 0x44);
		t[i + 3] = _mm512_shuffle_ps(b, d, 0xee);
	}
	for (int i = 0; i < 4; i++) {
		vec a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88);
		vec b = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd);
		vec c = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
		vec d = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);

		r[i] = _mm512_shuffle_f32x4(a, c, 0x88);
		r[i + 4] = _mm512_shuffle_f32x4(b, d, 0x88);
		r[i + 8] = _mm512_shuffle_f32x4(a, c, 0xdd);
		r[i + 12] = _mm512_shuffle_f32x4(b, d, 0xdd);
	}
}

#include "hash/pdq_lanes.h"

const struct pdq_code ward_pdq_avx512 = {
	.name = "avx512",
	.scratch = lanes_scratch,
	.filter = lanes_filter,
	.quality = lanes_quality,
	.dct = lanes_dct,
};
