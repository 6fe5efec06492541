/*
 * fold.h - folding's insides: a plain way and a fast one that agree to the last byte
 *
 * The plain way (fold_plain.c) reads code point by code point:
 *
 *   bytes → units (fold_tables.h; Hangul's letters put together)
 *         → runs of letters, digits and signs: which of them are letters
 *         → tokens: single letters that follow each other are joined
 *         → words with one space between
 *
 * The fast way (fold_fast.c) takes what needs none of that, and leaves the rest
 * to the plain one.  They meet at cuts: places where what stands before has no
 * say in what stands behind.  A mark is a cut that is remembered; where a byte
 * stood is found by folding again from the mark before it (ward_fold_source).
 */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "text/fold_tables.h"

#include <ward/text.h>

/* What a cut stands in: nothing, a word of two letters or more, or a row of joined single ones. */
enum fold_cut { FOLD_CUT_BETWEEN = 0, FOLD_CUT_LETTER, FOLD_CUT_WIDE, FOLD_CUT_GLUED };

struct fold_mark {
	uint32_t out, source;
	enum fold_cut cut;
};

/* Folded bytes that were joined of single letters: a word may begin anywhere in it. */
struct fold_range {
	uint32_t start, end;
};

struct ward_fold {
	unsigned options;
	bool plain; /* for tests: the plain way alone */
	bool failed;
	const uint8_t *text;
	size_t text_len;
	char *out; /* FOLD_SLACK bytes behind out_len may be read and written */
	size_t out_len, out_room;
	struct fold_mark *marks;
	size_t mark_count, mark_room;
	struct fold_range *ranges;
	size_t range_count, range_room;
};

#define FOLD_SLACK   64
#define FOLD_RUN_MAX 512 /* letters, digits and signs that are looked at together */

/* Room for `more` bytes and the slack; false and `failed` without memory. */
bool fold_reserve(struct ward_fold *fold, size_t more);
/* Unless there is one shortly before. */
void fold_mark_add(struct ward_fold *fold, size_t source, enum fold_cut cut);
void fold_range_add(struct ward_fold *fold, size_t start, size_t end);

/*
 * Folds from the cut at `source` past `least`, and on to the next cut, which is
 * returned; the end of the text is one.
 */
size_t fold_plain(struct ward_fold *fold, size_t source, enum fold_cut *cut, size_t least);

/*
 * The fast way from the cut at `source` as far as it goes; returns the cut at
 * which the plain one has to go on, and in `least` how far.
 */
size_t fold_fast(struct ward_fold *fold, size_t source, enum fold_cut *cut, size_t *least);

#endif
