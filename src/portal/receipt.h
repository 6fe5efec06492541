/*
 * receipt.h - six words to come back with
 *
 * A receipt is 54 bits, told as six words of a list of 512; there is a list in
 * each language, so that it can be said over the telephone and learnt by
 * heart.  It is made from what a sending of the form is known by (draft.h) with a
 * key of the portal's: the same form sent twice has the same receipt, and nothing
 * has to be kept here.
 *
 * Guessing: with a million reports on file and the 20 wrong guesses a second
 * that are looked up (server.c), a hit is to be expected after 14 years.
 *
 * Everywhere else a receipt is its numbers, "017-341-002-500-077-123": the
 * same whatever language it was told in.
 */
#ifndef PORTAL_RECEIPT_H
#define PORTAL_RECEIPT_H

#include "portal/language.h"

enum { RECEIPT_WORDS = 6, RECEIPT_LIST = 512, RECEIPT_TEXT_MAX = 24 };

struct receipt {
	uint16_t words[RECEIPT_WORDS]; /* below RECEIPT_LIST */
};

struct receipt receipt_make(const uint8_t sending[16], const uint8_t key[32]);

/* Its numbers; returns `out`. */
const char *receipt_format(const struct receipt *receipt, char out[RECEIPT_TEXT_MAX]);
/* From its numbers; false when they are none. */
bool receipt_from_text(ward_str text, struct receipt *receipt) WARD_MUST_USE;

/* The words, in a language, with blanks between; ptr is NULL without room. */
ward_str receipt_say(const struct receipt *receipt, const struct language *language,
		struct ward_arena *arena);

/*
 * What somebody typed: words of any of our languages, in either case, with or
 * without accents, whatever stands between them.  A word may be in the lists
 * of two languages, so there may be up to one receipt a language; returns how
 * many, 0 when a word is unknown or they are not six.
 */
size_t receipt_hear(ward_str typed, struct receipt receipts[LANGUAGE_COUNT]);

/* Made by tools/receipt-words: each list, and the same folded and sorted. */
struct receipt_word {
	const char *folded;
	uint16_t index;
};
extern const char *const receipt_lists[LANGUAGE_COUNT][RECEIPT_LIST];
extern const struct receipt_word receipt_sorted[LANGUAGE_COUNT][RECEIPT_LIST];

#endif
