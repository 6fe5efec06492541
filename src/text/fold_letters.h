/*
 * fold_letters.h - letters of one to three bytes, some hundred at once
 *
 * First each is mapped by table and written, without a branch that depends on
 * what it is; what it is goes into a row.  Then the row is looked at, 64 letters
 * as bits of masks, and says how much of it stands: up to the last place where
 * the text may be cut, before anything that the plain way has to look at.
 */
#ifndef TEXT_FOLD_LETTERS_H
#define TEXT_FOLD_LETTERS_H

#include <ward/base.h>

#define FOLD_LETTERS_BLOCKS 8 /* of FOLD_BLOCK bytes */
#define FOLD_LETTERS_BEHIND 4 /* bytes behind the blocks that can be read, too */

/* What stands before; and then what stands behind what was taken. */
struct fold_letters {
	bool inside;       /* of a word of two letters or more, that may be cut here */
	bool wide;         /* it is of a script without spaces */
	bool behind_space; /* no space is written here */
	unsigned singles;  /* single letters in a row; 0 when inside */
	size_t written;    /* bytes at `out` */
	bool row;          /* behind it three single letters follow each other */
};

/*
 * Folds from the `blocks` at `at` (1 to FOLD_LETTERS_BLOCKS); twice as many fit in `out`.
 * Returns how many bytes of the text were taken; 0: none.
 */
size_t fold_letters_put(const uint8_t *at, size_t blocks, struct fold_letters *letters, char *out);

#endif
