/*
 * page.h - the work in numbers as one page, to be kept, sent, printed or published
 *
 * The page holds all it needs: no script, no file beside it, nothing fetched.
 * It has a drawing for each metric and a table beneath it, follows the
 * reader's choice of light or dark, and can be read from 240 pixels up.
 */
#ifndef MEASURE_PAGE_H
#define MEASURE_PAGE_H

#include "measure/measure.h"

/* Asks what the page shows, of the question's time and metrics, and writes it. */
ward_err measure_page(struct store_tx *tx, const struct measure_question *question,
		struct ward_arena *arena, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

#endif
