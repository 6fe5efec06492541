/*
 * digest_lanes.h - MD5, SHA-1 and SHA-256 of many inputs at once, one in each lane of a vector
 *
 * A digest is a chain of steps that each wait for the one before, so one input
 * alone leaves most of a CPU idle.  Different inputs do not wait for each
 * other: with one in each lane every step does LANES of them.  A block of each
 * is turned on its side once (word i of all inputs in one vector), and all
 * three digests take it from there.
 *
 * A file that includes this defines LANES, and the functions where its CPU has
 * one instruction for what takes several elsewhere: rotate, choose (x ? y : z,
 * bit by bit), majority, parity (x ^ y ^ z) and md5_last (y ^ (x | ~z)).
 */
#ifndef HASH_DIGEST_LANES_H
#define HASH_DIGEST_LANES_H

#include "hash/digest_code.h"
#include "hash/digest_tables.h"

#define INLINE static inline __attribute__((always_inline))

typedef uint32_t lanes __attribute__((vector_size(LANES * 4)));

#define TIMES_16(step, state, words, i)       \
	do {                                  \
		step(state, words, (i));      \
		step(state, words, (i) + 1);  \
		step(state, words, (i) + 2);  \
		step(state, words, (i) + 3);  \
		step(state, words, (i) + 4);  \
		step(state, words, (i) + 5);  \
		step(state, words, (i) + 6);  \
		step(state, words, (i) + 7);  \
		step(state, words, (i) + 8);  \
		step(state, words, (i) + 9);  \
		step(state, words, (i) + 10); \
		step(state, words, (i) + 11); \
		step(state, words, (i) + 12); \
		step(state, words, (i) + 13); \
		step(state, words, (i) + 14); \
		step(state, words, (i) + 15); \
	} while (0)

INLINE lanes rotate(lanes x, int bits);
INLINE lanes choose(lanes x, lanes y, lanes z);
INLINE lanes majority(lanes x, lanes y, lanes z);
INLINE lanes parity(lanes x, lanes y, lanes z);
INLINE lanes md5_last(lanes x, lanes y, lanes z);
/* Word i of each input's block into words[i], in this machine's byte order. */
INLINE void load_blocks(const uint8_t *const at[], lanes words[16]);
INLINE lanes swap_bytes(lanes x);

INLINE lanes all(uint32_t x)
{
	return x - (lanes){ 0 };
}

/* ---- MD5 (RFC 1321) ---- */

struct md5 {
	lanes a, b, c, d;
};

INLINE void md5_step(struct md5 *s, const lanes words[16], int i)
{
	static const uint8_t turn[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 },
		{ 6, 10, 15, 21 } };
	static const uint8_t stride[4] = { 1, 5, 3, 7 }, begin[4] = { 0, 1, 5, 0 };
	int round = i / 16;
	lanes sum = s->a + (words[(stride[round] * i + begin[round]) % 16] + all(md5_sine[i]));

	if (round == 0)
		sum += choose(s->b, s->c, s->d);
	else if (round == 1)
		sum += choose(s->d, s->b, s->c);
	else if (round == 2)
		sum += parity(s->b, s->c, s->d);
	else
		sum += md5_last(s->b, s->c, s->d);
	*s = (struct md5){ s->d, s->b + rotate(sum, turn[round][i % 4]), s->b, s->c };
}

/* ---- SHA-1 (FIPS 180-4) ---- */

struct sha1 {
	lanes a, b, c, d, e;
};

INLINE void sha1_step(struct sha1 *s, lanes words[16], int i)
{
	static const uint32_t constant[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	lanes *word = &words[i % 16], sum = s->e + all(constant[i / 20]);

	if (i >= 16)
		*word = rotate(parity(words[(i + 13) % 16], words[(i + 8) % 16],
					       words[(i + 2) % 16]) ^
						*word,
				1);
	if (i < 20)
		sum += choose(s->b, s->c, s->d);
	else if (i < 40 || i >= 60)
		sum += parity(s->b, s->c, s->d);
	else
		sum += majority(s->b, s->c, s->d);
	sum += *word;
	*s = (struct sha1){ sum + rotate(s->a, 5), s->a, rotate(s->b, 30), s->c, s->d };
}

/* ---- SHA-256 (FIPS 180-4) ---- */

struct sha256 {
	lanes a, b, c, d, e, f, g, h;
};

/* The right rotations of the standard, as left ones. */
INLINE lanes turned(lanes x, int one, int two, int three)
{
	return parity(rotate(x, 32 - one), rotate(x, 32 - two), rotate(x, 32 - three));
}

INLINE void sha256_step(struct sha256 *s, lanes words[16], int i)
{
	lanes *word = &words[i % 16];

	if (i >= 16) {
		lanes far = words[(i + 1) % 16], near = words[(i + 14) % 16];

		*word += words[(i + 9) % 16] +
			 parity(rotate(far, 32 - 7), rotate(far, 32 - 18), far >> 3) +
			 parity(rotate(near, 32 - 17), rotate(near, 32 - 19), near >> 10);
	}
	lanes sum = s->h + (*word + all(sha256_root[i])) + choose(s->e, s->f, s->g) +
		    turned(s->e, 6, 11, 25);
	lanes top = sum + turned(s->a, 2, 13, 22) + majority(s->a, s->b, s->c);

	*s = (struct sha256){ top, s->a, s->b, s->c, s->d + sum, s->e, s->f, s->g };
}

/* ---- a block of each ---- */

INLINE lanes get(const uint32_t row[DIGEST_LANES_MAX])
{
	lanes x;

	memcpy(&x, row, sizeof(x));
	return x;
}

INLINE void add(uint32_t row[DIGEST_LANES_MAX], lanes x)
{
	x += get(row);
	memcpy(row, &x, sizeof(x));
}

INLINE void md5_block(uint32_t row[4][DIGEST_LANES_MAX], const lanes words[16])
{
	struct md5 s = { get(row[0]), get(row[1]), get(row[2]), get(row[3]) };

	TIMES_16(md5_step, &s, words, 0);
	TIMES_16(md5_step, &s, words, 16);
	TIMES_16(md5_step, &s, words, 32);
	TIMES_16(md5_step, &s, words, 48);
	add(row[0], s.a);
	add(row[1], s.b);
	add(row[2], s.c);
	add(row[3], s.d);
}

INLINE void sha1_block(uint32_t row[5][DIGEST_LANES_MAX], lanes words[16])
{
	struct sha1 s = { get(row[0]), get(row[1]), get(row[2]), get(row[3]), get(row[4]) };

	TIMES_16(sha1_step, &s, words, 0);
	TIMES_16(sha1_step, &s, words, 16);
	TIMES_16(sha1_step, &s, words, 32);
	TIMES_16(sha1_step, &s, words, 48);
	TIMES_16(sha1_step, &s, words, 64);
	add(row[0], s.a);
	add(row[1], s.b);
	add(row[2], s.c);
	add(row[3], s.d);
	add(row[4], s.e);
}

INLINE void sha256_block(uint32_t row[8][DIGEST_LANES_MAX], lanes words[16])
{
	struct sha256 s = { get(row[0]), get(row[1]), get(row[2]), get(row[3]), get(row[4]),
		get(row[5]), get(row[6]), get(row[7]) };

	TIMES_16(sha256_step, &s, words, 0);
	TIMES_16(sha256_step, &s, words, 16);
	TIMES_16(sha256_step, &s, words, 32);
	TIMES_16(sha256_step, &s, words, 48);
	add(row[0], s.a);
	add(row[1], s.b);
	add(row[2], s.c);
	add(row[3], s.d);
	add(row[4], s.e);
	add(row[5], s.f);
	add(row[6], s.g);
	add(row[7], s.h);
}

/* What a file that includes this gives to digest_many.c. */
INLINE void take_blocks(struct digest_lane_states *states, const uint8_t *const at[], size_t blocks)
{
	const uint8_t *next[LANES];

	memcpy(next, at, sizeof(next));
	for (; blocks > 0; blocks--) {
		lanes words[16], again[16];

		load_blocks(next, words);
		md5_block(states->md5, words);
		for (int i = 0; i < 16; i++)
			again[i] = words[i] = swap_bytes(words[i]);
		sha1_block(states->sha1, words);
		sha256_block(states->sha256, again);
		for (int i = 0; i < LANES; i++)
			next[i] += DIGEST_BLOCK;
	}
}

#endif
