/*
 * MD5, SHA-1 and SHA-256 of a block, woven together, for x86-64 with SHA and BMI.
 *
 * MD5 is one long chain, 64 steps that each wait for the one before, and
 * leaves most of the CPU idle; the two SHA, which have units of their own, run
 * in those gaps.  The block is taken in 16 slots, each with 4 steps of MD5, 4
 * rounds of SHA-256 and 4 or 8 of SHA-1, which is fine enough for the CPU to
 * see all three chains at once.
 *
 * Empty asm statements keep the order of additions as it is written: what is
 * ready early is summed first, so that each step of MD5 waits 4 or 5 cycles,
 * not 6.  Compilers else sum in an order of their own (clang 14 then takes
 * 1.35 times as long).
 */
#include "hash/cpu_x86_64.h"
#include "hash/digest_tables.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))

/* The compiler must have `value` here, in a register. */
#define HAVE(value) __asm__("" : "+r"(value))

/* ---- MD5 (RFC 1321) ---- */

struct md5 {
	uint32_t a, b, c, d;
};

INLINE uint32_t rotate(uint32_t x, int bits)
{
	return x << bits | x >> (32 - bits);
}

INLINE void md5_step(struct md5 *md5, const uint8_t *block, int i)
{
	static const uint8_t turn[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 },
		{ 6, 10, 15, 21 } };
	static const uint8_t stride[4] = { 1, 5, 3, 7 }, begin[4] = { 0, 1, 5, 0 };
	uint32_t b = md5->b, c = md5->c, d = md5->d, word, sum;
	int round = i / 16;

	memcpy(&word, block + 4 * ((stride[round] * i + begin[round]) % 16), 4);
	sum = md5->a + md5_sine[i] + word;
	HAVE(sum);
	if (round == 0) {
		sum += d ^ (b & (c ^ d));
	} else if (round == 1) {
		/* The two halves have no bit in common, so "or" may be two additions. */
		sum += ~d & c;
		HAVE(sum);
		sum += d & b;
	} else if (round == 2) {
		uint32_t early = c ^ d;

		HAVE(early);
		sum += b ^ early;
	} else {
		sum += c ^ (b | ~d);
	}
	*md5 = (struct md5){ d, b + rotate(sum, turn[round][i % 4]), b, c };
}

/* ---- SHA-1 and SHA-256 (FIPS 180-4), a vector of four words at a time ---- */

struct sha1 {
	__m128i abcd;
	__m128i e; /* highest word; or the abcd of four rounds ago, from which e comes */
	__m128i word[4];
};

/* Four of the 80 rounds. */
INLINE void sha1_rounds(struct sha1 *sha1, int group)
{
	__m128i *word = sha1->word, abcd = sha1->abcd, e;
	int i = group % 4;

	if (group >= 4)
		word[i] = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(word[i],
									   word[(i + 1) % 4]),
							     word[(i + 2) % 4]),
				word[(i + 3) % 4]);
	e = group > 0 ? _mm_sha1nexte_epu32(sha1->e, word[i]) : _mm_add_epi32(sha1->e, word[i]);
	sha1->e = abcd;
	if (group < 5)
		sha1->abcd = _mm_sha1rnds4_epu32(abcd, e, 0);
	else if (group < 10)
		sha1->abcd = _mm_sha1rnds4_epu32(abcd, e, 1);
	else if (group < 15)
		sha1->abcd = _mm_sha1rnds4_epu32(abcd, e, 2);
	else
		sha1->abcd = _mm_sha1rnds4_epu32(abcd, e, 3);
}

struct sha256 {
	__m128i abef;
	__m128i cdgh;
	__m128i word[4];
};

static inline __m128i load(const void *at)
{
	return _mm_loadu_si128((const __m128i *)at);
}

static inline void store(void *at, __m128i x)
{
	_mm_storeu_si128((__m128i *)at, x);
}

/* Four of the 64 rounds. */
INLINE void sha256_rounds(struct sha256 *sha256, int group)
{
	__m128i *word = sha256->word, sum;
	int i = group % 4;

	if (group >= 4)
		word[i] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(word[i],
									     word[(i + 1) % 4]),
							       _mm_alignr_epi8(word[(i + 3) % 4],
									       word[(i + 2) % 4],
									       4)),
				word[(i + 3) % 4]);
	sum = _mm_add_epi32(word[i], load(sha256_root + 4 * group));
	sha256->cdgh = _mm_sha256rnds2_epu32(sha256->cdgh, sha256->abef, sum);
	sha256->abef = _mm_sha256rnds2_epu32(sha256->abef, sha256->cdgh,
			_mm_shuffle_epi32(sum, 0x0e));
}

/* ---- woven ---- */

struct woven {
	struct md5 md5;
	struct sha1 sha1;
	struct sha256 sha256;
};

/* No part of a later slot is moved before this. */
INLINE void in_step(struct woven *w)
{
	__asm__ volatile("" : "+r"(w->md5.b), "+x"(w->sha1.abcd), "+x"(w->sha256.abef));
}

INLINE void slot(struct woven *w, const uint8_t *block, int n)
{
	sha256_rounds(&w->sha256, n);
	md5_step(&w->md5, block, 4 * n);
	md5_step(&w->md5, block, 4 * n + 1);
	in_step(w);
	sha1_rounds(&w->sha1, n + n / 4);
	if (n % 4 == 3) /* 20 groups in 16 slots */
		sha1_rounds(&w->sha1, n + n / 4 + 1);
	md5_step(&w->md5, block, 4 * n + 2);
	md5_step(&w->md5, block, 4 * n + 3);
	in_step(w);
}

INLINE void four_slots(struct woven *w, const uint8_t *block, int n)
{
	slot(w, block, n);
	slot(w, block, n + 1);
	slot(w, block, n + 2);
	slot(w, block, n + 3);
}

INLINE void take_block(struct woven *w, const uint8_t *block)
{
	/* SHA's words are big-endian, and SHA-1's vectors begin with the highest word. */
	const __m128i turned = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	const __m128i each = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const struct md5 md5 = w->md5;
	__m128i sha1_abcd = w->sha1.abcd, sha1_e = w->sha1.e;
	__m128i abef = w->sha256.abef, cdgh = w->sha256.cdgh;

	for (int i = 0; i < 4; i++) {
		w->sha1.word[i] = _mm_shuffle_epi8(load(block + 16 * i), turned);
		w->sha256.word[i] = _mm_shuffle_epi8(load(block + 16 * i), each);
	}
	four_slots(w, block, 0);
	four_slots(w, block, 4);
	four_slots(w, block, 8);
	four_slots(w, block, 12);
	w->md5.a += md5.a;
	w->md5.b += md5.b;
	w->md5.c += md5.c;
	w->md5.d += md5.d;
	w->sha1.e = _mm_sha1nexte_epu32(w->sha1.e, sha1_e);
	w->sha1.abcd = _mm_add_epi32(w->sha1.abcd, sha1_abcd);
	w->sha256.abef = _mm_add_epi32(w->sha256.abef, abef);
	w->sha256.cdgh = _mm_add_epi32(w->sha256.cdgh, cdgh);
}

/* The instructions want their words in an order of their own: named here from the highest word. */
void ward_digest_sha_ni(struct digest_states *states, const uint8_t *bytes, size_t blocks)
{
	__m128i cdab = _mm_shuffle_epi32(load(states->sha256), 0xb1);
	__m128i efgh = _mm_shuffle_epi32(load(states->sha256 + 4), 0x1b);
	struct woven w;

	w.md5 = (struct md5){ states->md5[0], states->md5[1], states->md5[2], states->md5[3] };
	w.sha1.abcd = _mm_shuffle_epi32(load(states->sha1), 0x1b);
	w.sha1.e = _mm_set_epi32((int)states->sha1[4], 0, 0, 0);
	w.sha256.abef = _mm_alignr_epi8(cdab, efgh, 8);
	w.sha256.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; blocks > 0; blocks--, bytes += DIGEST_BLOCK)
		take_block(&w, bytes);

	states->md5[0] = w.md5.a;
	states->md5[1] = w.md5.b;
	states->md5[2] = w.md5.c;
	states->md5[3] = w.md5.d;
	store(states->sha1, _mm_shuffle_epi32(w.sha1.abcd, 0x1b));
	states->sha1[4] = (uint32_t)_mm_extract_epi32(w.sha1.e, 3);
	__m128i feba = _mm_shuffle_epi32(w.sha256.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(w.sha256.cdgh, 0xb1);

	store(states->sha256, _mm_blend_epi16(feba, dchg, 0xf0));
	store(states->sha256 + 4, _mm_alignr_epi8(dchg, feba, 8));
}
