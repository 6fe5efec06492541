/*
 * terms.h - compiled terms: one block of memory that is also the file
 *
 *   header | strings | terms | patterns | uses | tables
 *
 * A pattern is a folded text that is looked for; terms and the parts of
 * combinations use patterns, several the same one.  A pattern that counts as a
 * word is found by the hash of its first word, at the words of the text; one
 * that counts anywhere, by its first 16, 8, 4 or 2 bytes at each byte.  In rows of
 * joined letters, where a word may begin anywhere, the words are looked for by
 * their first bytes, too.  Each table has a bitmap before it, small enough for
 * the first caches, that says no nearly always.
 *
 * Spellings are patterns as well: 1ighthouse folds to "iighthouse", so that
 * is a pattern which counts only where the text had no plain i there.
 */
#ifndef TEXT_TERMS_H
#define TEXT_TERMS_H

#include "text/fold.h"

#define TERMS_NONE       UINT32_MAX
#define TERMS_WEIGHT_MAX 1000000 /* either way */

struct terms_text {
	uint32_t at, len; /* in the strings */
};

struct terms_row {
	double weight;
	struct terms_text text, category, language;
	struct terms_text with[WARD_TERM_PARTS_MAX - 1];
	uint32_t with_count, within, kind, part;
};

enum { TERMS_WIDE_START = 1, TERMS_WIDE_END = 2, TERMS_PART = 4 };

struct terms_pattern {
	struct terms_text text;
	uint64_t spelled; /* bytes that stand there only when the text had something else there */
	uint32_t use_first, use_count;
	uint32_t next;        /* in its table's chain */
	uint32_t next_joined; /* in that of rows of joined letters */
	uint32_t flags, unused;
};

struct terms_use {
	uint32_t term, part; /* 0 is the term itself, then `with` */
};

/* Slots of a hash table, filled to half at most; and the bitmap before it. */
struct terms_table {
	uint32_t bits_at, bits_log;   /* bytes from the block's beginning; log2 of bits */
	uint32_t slots_at, slots_log; /* of struct terms_slot */
	uint32_t used;                /* slots that hold something */
	uint32_t bytes;               /* that are hashed; 0: a word */
};

struct terms_slot {
	uint64_t key;   /* the bytes, or the hash of the word */
	uint32_t first; /* pattern; TERMS_NONE is an empty slot */
	uint32_t unused;
};

#define TERMS_GRAMS 4 /* of 16, 8, 4 and 2 bytes */

struct terms_header {
	char magic[8];
	uint64_t checksum; /* of all behind this field */
	uint32_t size, fold_options;
	uint32_t strings_at, strings_len;
	uint32_t terms_at, terms_len;
	uint32_t patterns_at, patterns_len;
	uint32_t uses_at, uses_len;
	struct terms_table words;
	struct terms_table parts[TERMS_GRAMS];
	struct terms_table joined[TERMS_GRAMS];
};

#define TERMS_STARTS_LOG 16

struct ward_terms {
	const uint8_t *block; /* of header.size bytes, and 8 more */
	struct terms_header header;
	/* The first four bytes of what counts anywhere and has as many: one question for three. */
	uint8_t starts[(1u << TERMS_STARTS_LOG) / 8];
	char version[17];
};

/* A pattern that was found, for each term that uses it. */
struct terms_found {
	uint32_t term, part;
	size_t at, len; /* in the folded text */
};
/* False ends the search. */
typedef bool terms_visit(void *context, const struct terms_found *found);

/* All that is found in what was folded; in no particular order. */
void terms_scan(const struct ward_terms *terms, const struct ward_fold *fold, terms_visit *visit,
		void *context);

/* ---- shared by compiling and asking ---- */

static inline uint64_t terms_mix(uint64_t value)
{
	value *= UINT64_C(0x9e3779b97f4a7c15);
	return value ^ value >> 29;
}

static inline uint64_t terms_load(const void *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = __builtin_bswap64(value);
#endif
	return value;
}

/* The key of 16 bytes. */
static inline uint64_t terms_long_gram(const char *bytes)
{
	return terms_load(bytes) * UINT64_C(0x9e3779b97f4a7c15) ^ terms_load(bytes + 8);
}

/* 1 to 8 bytes as a number; 8 can be read. */
static inline uint64_t terms_gram(const void *bytes, size_t len)
{
	return terms_load(bytes) & (~UINT64_C(0) >> (64 - 8 * len));
}

/* Of a word; behind it 8 bytes more can be read. */
static inline uint64_t terms_word_hash(const char *word, size_t len)
{
	uint64_t hash = len;

	for (; len > 8; len -= 8, word += 8)
		hash = terms_mix(hash ^ terms_load(word));
	if (len > 0)
		hash = terms_mix(hash ^ terms_gram(word, len));
	return terms_mix(hash);
}

static inline uint64_t terms_place(uint64_t key, uint32_t log)
{
	return (key * UINT64_C(0xd6e8feb86659fd93)) >> (64 - log);
}

/* Which bit of `starts` stands for four bytes. */
static inline uint32_t terms_start(const void *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, 4);
	return (value * UINT32_C(0x9e3779b1)) >> (32 - TERMS_STARTS_LOG);
}

uint64_t terms_checksum(ward_bytes bytes);

#endif
