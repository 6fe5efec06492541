/*
 * fold_units.h - one letter, digit, sign, pictograph or gap, and what it is beside others
 */
#ifndef TEXT_FOLD_UNITS_H
#define TEXT_FOLD_UNITS_H

#include "text/fold_tables.h"

struct fold_unit {
	uint32_t point; /* folded */
	uint32_t raw;   /* as it stood */
	uint32_t source;
	uint32_t source_len;
	uint8_t kind; /* enum fold_class; never FOLD_GONE */
};

#define FOLD_UNITS_MAX 18

/* The units of the code point at `at` (its offset `source`), and its length; returns how many. */
size_t fold_units_read(const uint8_t *at, const uint8_t *end, size_t source,
		struct fold_unit units[FOLD_UNITS_MAX], size_t *len);

/* Hangul: is `unit` a vowel or final consonant of the syllable that ends in `last`?  Then it joins
 * it. */
bool fold_compose(struct fold_unit *last, const struct fold_unit *unit);

/* Which signs of a run are letters; the others become gaps. */
void fold_resolve_signs(struct fold_unit *units, size_t count, bool address_follows);
/* Which digits are letters; the others stay digits. */
void fold_resolve_digits(struct fold_unit *units, size_t count);

static inline bool fold_is_letter(const struct fold_unit *unit)
{
	return unit->kind == FOLD_LETTER || unit->kind == FOLD_LEET;
}

#endif
