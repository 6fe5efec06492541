/*
 * terms.h - compiled terms: one block of memory that is also the file
 *
 *   header | strings | terms | patterns | uses | tables
 *
 * A pattern is a folded text that is looked for; terms and the parts of
 * combinations use patterns, several the same one.  A pattern that counts as a
 * word is found by the hash of its first word, at the words of the text; one
 * that counts anywhere, by its first 24, 16, 12, 9, 6, 4 or 2 bytes (a gram) at each letter.
 * In rows of joined letters, where a word may begin anywhere, the words are looked
 * for by their first bytes, too.  Before each table stands something small enough for
 * the first caches that says no nearly always: a bitmap; for what counts anywhere
 * the filter of terms_filter.h.
 *
 * Spellings are patterns as well: 1ighthouse folds to "iighthouse", so that
 * is a pattern which counts only where the text had no plain i there.
 */
#ifndef TEXT_TERMS_H
#define TEXT_TERMS_H

#include "text/fold.h"
#include "text/terms_filter.h"

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
	uint32_t bits_at, bits_log;   /* 64 bits each, from the block's beginning; log2 of bits */
	uint32_t slots_at, slots_log; /* of struct terms_slot */
	uint32_t used;                /* slots that hold something */
	uint32_t bytes;               /* that are hashed; 0: a word */
};

#define TERMS_BITS_MIN 64 /* of a table without a bitmap */

struct terms_slot {
	uint64_t key;   /* the bytes, or the hash of the word */
	uint32_t first; /* pattern; TERMS_NONE is an empty slot */
	uint32_t unused;
};

#define TERMS_MAGIC "WARDTRM2"

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

struct ward_terms {
	const uint8_t *block; /* of header.size bytes, and 24 more */
	struct terms_header header;
	struct terms_filter filter;
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
	value *= TERMS_ODD;
	return value ^ value >> 29;
}

/*
 * Of a word: its length, first eight bytes and last eight, which are most words all; in the
 * same steps for every word, so that the CPU need not guess.  Behind it 8 bytes can be read.
 */
static inline uint64_t terms_word_key(const char *word, size_t len)
{
	static const uint64_t masks[9] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff,
		0xffffffffffff, 0xffffffffffffff, ~UINT64_C(0) };
	uint64_t mask = masks[len < 8 ? len : 8];
	uint64_t first = terms_load(word) & mask;
	uint64_t last = terms_load(word + (len > 8 ? len - 8 : 0)) & mask;

	last = (last ^ len) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return first * TERMS_ODD ^ (last << 32 | last >> 32);
}

static inline uint64_t terms_place(uint64_t key, uint32_t log)
{
	return (key * UINT64_C(0xd6e8feb86659fd93)) >> (64 - log);
}

uint64_t terms_checksum(ward_bytes bytes);

#endif
