/*
 * fold_tables.h - what a code point folds to, whatever stands around it
 *
 * An entry is 32 bits: its class; and either up to three bytes of UTF-8 (the
 * first lowest) with their count, or SELF (the code point as it is; with the count of its bytes,
 * when they are three), or EXPAND: where in fold_pool a count lies and, behind it, code points that
 * fold to themselves. SLOW marks what the fast loop leaves to the plain one.
 */
#ifndef TEXT_FOLD_TABLES_H
#define TEXT_FOLD_TABLES_H

#include <ward/base.h>

enum fold_class {
	FOLD_SEP = 0, /* a space */
	FOLD_LETTER,  /* of a word */
	FOLD_LEET,    /* likewise, below U+0530: digits beside it may be letters */
	FOLD_DIGIT,   /* 0-9 */
	FOLD_SIGN,    /* @ $ ! |: a letter inside of words, else a space */
	FOLD_WIDE,    /* of a script without spaces between words */
	FOLD_SYMBOL,  /* a pictograph: a word of its own */
	FOLD_GONE,    /* nothing */
};

#define FOLD_SLOW   (1u << 29)
#define FOLD_SELF   (1u << 30)
#define FOLD_EXPAND (1u << 31)
#define FOLD_LIMIT  0x32000u /* the tables hold what is below */

extern const uint16_t fold_index[FOLD_LIMIT / 64];
extern const uint32_t fold_entries[][64];
/* Of what one byte or two are written with. */
extern const uint32_t fold_short[2048];
extern const uint32_t fold_pool[];

static inline enum fold_class fold_class(uint32_t entry)
{
	return (enum fold_class)(entry >> 26 & 7);
}

static inline uint32_t fold_bytes_len(uint32_t entry)
{
	return entry >> 24 & 3;
}

/* Tags and variation selectors are nothing; what has no meaning yet is a space. */
static inline uint32_t fold_entry(uint32_t point)
{
	if (point < FOLD_LIMIT)
		return fold_entries[fold_index[point >> 6]][point & 63];
	if (point >= 0xe0000 && point <= 0xe0fff)
		return (uint32_t)FOLD_GONE << 26 | FOLD_SLOW;
	return (uint32_t)FOLD_SEP << 26 | 1u << 24 | 0x20;
}

#endif
