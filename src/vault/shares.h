/*
 * shares.h - a secret of 32 bytes, cut so that some of its keepers together have it
 *
 * Shamir's scheme over GF(256), the field of AES: each byte of the secret is
 * the value at 0 of a random polynomial of degree `needed` - 1, and the n-th
 * share holds the values at n.  Any `needed` of them give the secret back, by
 * interpolation; fewer fit every secret equally well.  Arithmetic takes the
 * same time whatever the bytes are.
 *
 * A share is written as 24 words of five letters, four a line:
 *
 *     1  lusab babad gutih tugad
 *
 * A word is 16 bits as a "proquint" (D. Wilkerson, 2009): consonant, vowel,
 * consonant, vowel, consonant.  A line is 7 bytes and a check of them, so a slip of
 * the pen is told with its line; the whole has a check of its own.
 */
#ifndef SHARES_H
#define SHARES_H

#include <ward/base.h>

enum { SHARES_SECRET = 32, SHARES_MAX = 32, SHARES_TAG = 4, SHARE_TEXT_MAX = 512 };

struct share {
	uint8_t tag[SHARES_TAG]; /* of which key */
	uint8_t needed, count,
			number; /* 2 <= needed <= count <= SHARES_MAX; 1 <= number <= count */
	uint8_t bytes[SHARES_SECRET];
};

/* Makes `count` shares; `needed` and `count` are within the limits above. */
void shares_split(const uint8_t secret[SHARES_SECRET], const uint8_t tag[SHARES_TAG],
		unsigned needed, unsigned count, struct share *shares);

/*
 * Gives the secret back.  ARGUMENT when the shares are too few, of several
 * keys, or one is there twice; DENIED when there are more than needed and one
 * does not fit the others.  Whether it is the right secret, its user sees.
 */
ward_err shares_join(const struct share *shares, unsigned count, uint8_t secret[SHARES_SECRET],
		struct ward_error *error) WARD_MUST_USE;

/* Six lines; returns `out`. */
const char *share_format(const struct share *share, char out[SHARE_TEXT_MAX]);
/* Lines that begin with "#" are passed over, and so are the lines' numbers; either case. */
ward_err share_parse(ward_str text, struct share *share, struct ward_error *error) WARD_MUST_USE;

/* The value at `x` of the polynomial with these coefficients, the constant one first. */
uint8_t shares_value(const uint8_t *coefficients, unsigned count, uint8_t x);

#endif
