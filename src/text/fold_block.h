/*
 * fold_block.h - 64 bytes of ASCII at once: which are letters, and where words begin
 *
 * A byte of each class is a bit of a mask; what a word has beside it is then a
 * shift.  The masks are made with SSE2, NEON or, elsewhere, byte by byte.
 */
#ifndef TEXT_FOLD_BLOCK_H
#define TEXT_FOLD_BLOCK_H

#include <ward/base.h>

#define FOLD_BLOCK 64

struct fold_block {
	uint64_t gaps;           /* spaces and what becomes one */
	unsigned singles_behind; /* single letters in a row at its end */
	char mapped[2 * FOLD_BLOCK];
};

/* Which of the 64 bytes at `at` are not ASCII. */
uint64_t fold_block_beyond(const uint8_t *at);

/*
 * Looks at the 64 bytes at `at`, in front of which no word stands but
 * `singles` single letters.  Returns how many of them end with a gap and are
 * plain words before; 0: none, or they need the plain way.
 */
size_t fold_block_read(const uint8_t *at, unsigned singles, struct fold_block *block);

/* Writes what was read, with one space for each run of gaps; `out` has room for 2 blocks. */
char *fold_block_write(const struct fold_block *block, size_t taken, bool behind_space, char *out);

static inline bool utf8_is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

static inline uint32_t fold_to_little(uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap32(value);
#else
	return value;
#endif
}

#endif
