/*
 * fold_map.h - letters of a row mapped by table, in every form the CPU may run
 *
 * Each form gives exactly what the plain one does; a test compares them.
 */
#ifndef TEXT_FOLD_MAP_H
#define TEXT_FOLD_MAP_H

#include "text/fold_block.h"
#include "text/fold_letters.h"

/* Where a block begins. */
struct fold_stop {
	size_t place, written, count;
};

/* What was mapped, in order. */
struct fold_row {
	const uint8_t *at;
	char *out; /* of it a block more than is written may be overwritten */
	bool behind_space;
	struct fold_stop stops[FOLD_LETTERS_BLOCKS + 1]; /* the last is where it ends */
	/* Of each block the bytes that begin a letter; what is nothing (FOLD_GONE) is none. */
	uint64_t heads[FOLD_LETTERS_BLOCKS];
	size_t blocks;
	uint8_t kinds[(FOLD_LETTERS_BLOCKS + 1) * FOLD_BLOCK]; /* class << 2 | bytes written */
};

#define FOLD_KIND_CLASS 0x1cu

/* Bytes that are written of an entry; a gap behind a gap is nothing. */
static inline uint32_t fold_kind_len(uint32_t kind, uint32_t before)
{
	return (kind & 3) - (((kind | before) & FOLD_KIND_CLASS) == 0);
}

static inline uint32_t fold_kind_before(const struct fold_row *row, size_t count)
{
	return count > 0 ? row->kinds[count - 1] : row->behind_space ? 0 : FOLD_KIND_CLASS;
}

struct fold_mapper {
	const char *name;
	bool (*usable)(void);
	/* Maps up to `blocks` of them, until one has something that is not whole, or SLOW. */
	void (*map)(struct fold_row *row, size_t blocks);
};

extern const struct fold_mapper fold_mapper_plain, fold_mapper_avx512;

/* The one in use: the best, unless a test limits it. */
const struct fold_mapper *fold_mapper(void);
/* Only that of this name, or, for NULL, the best; false when this CPU has none. */
bool fold_mapper_limit(const char *name);

/* ---- what every form does ---- */

/* Which bytes begin a letter. */
struct fold_heads {
	uint64_t all, twos, threes;
	uint64_t broken;   /* what begins no letter of up to three bytes */
	uint64_t overlong; /* heads of three bytes for what needs but two: E0 and less than A0 */
};

typedef struct fold_heads fold_heads_at(const uint8_t *at);
/* The letters that begin at `heads` of a block; false when one is SLOW. */
typedef bool fold_map_heads(struct fold_row *row, const uint8_t *at, uint64_t heads, bool longs,
		struct fold_stop *stop);

static inline uint64_t fold_below(unsigned bit)
{
	return bit < 64 ? (UINT64_C(1) << bit) - 1 : ~UINT64_C(0);
}

/* Inline, so that each form has its own steps in it. */
__attribute__((always_inline)) static inline void fold_map_row(struct fold_row *row, size_t blocks,
		fold_heads_at *heads_at, fold_map_heads *map_heads)
{
	struct fold_stop stop = { 0 };
	uint64_t owed = 0; /* bytes of the last block's last letter, at the beginning of this one */
	bool more = true;

	for (row->blocks = 0; row->blocks < blocks && more; stop.place += FOLD_BLOCK) {
		const uint8_t *at = row->at + stop.place;
		struct fold_heads heads = heads_at(at);
		uint64_t trails = heads.twos << 1 | heads.threes << 1 | heads.threes << 2 | owed;
		uint64_t broken = (~heads.all ^ trails) | heads.broken | heads.overlong;
		uint64_t whole = heads.all;

		row->heads[row->blocks] = whole;
		row->stops[row->blocks++] = stop;
		owed = heads.twos >> 63 | heads.threes >> 63 | heads.threes >> 62;
		if (broken) {
			unsigned first = (unsigned)__builtin_ctzll(broken);

			/* The letter before it may be what is broken. */
			if (first < 2 && stop.count > 0)
				stop.count--;
			whole &= fold_below(first > 2 ? first - 2 : 0);
			more = false;
		}
		if (heads.threes & whole)
			more &= map_heads(row, at, whole, true, &stop);
		else
			more &= map_heads(row, at, whole, false, &stop);
	}
	/* Whether its last bytes are there was not seen. */
	if (more && owed && stop.count > 0)
		stop.count--;
	row->stops[row->blocks] = stop;
}

#endif
