/*
 * fold_row.h - single letters that follow each other, joined as the plain way does
 */
#ifndef TEXT_FOLD_ROW_H
#define TEXT_FOLD_ROW_H

#include <ward/base.h>

#define FOLD_ROW_BYTES 192 /* at most are written */

/*
 * Joins three letters or more that stand alone at `at`, where words begin, up to the next word of
 * two.  Returns how many bytes of the text that were; 0, with nothing said about `out`, when
 * anything else is among them: the plain way's.
 */
size_t fold_row_join(const uint8_t *at, const uint8_t *end, char *out, size_t *written);

#endif
