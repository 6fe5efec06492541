/*
 * pages_order.h - what ward-pages is asked, and what draws the answer
 *
 * An order is three texts, each behind its length of 4 bytes with the low one
 * first: the facts as JSON, the authority's file, the draft.  The answer is
 * the PDF.
 *
 * ward-pages links pango, cairo and what they bring along, and nothing else
 * does.  Fonts are files, and the jail has none: it takes at most
 * PAGES_FONTS_MAX, those that DejaVu's scripts want and then the system's for
 * other scripts, and draws a line with each before it closes the walls.
 */
#ifndef FILING_PAGES_ORDER_H
#define FILING_PAGES_ORDER_H

#include "filing/package.h"

enum {
	PAGES_ORDER_MAX = (8 << 20) + (2 << 20), /* a draft, an authority and facts */
	PAGES_BYTES_MAX = 32 << 20,
	PAGES_TIME_S = 60,
	PAGES_FONTS_MAX = 8, /* cairo keeps ten faces open, and would open an eleventh anew */
};

/* ---- who asks ---- */

/* As errand_run; LIMIT when the draft is too large for pages. */
ward_err pages_ask(const struct filing_authority *authority, ward_str draft,
		const struct filing_package_facts *facts, struct ward_buf *pages,
		struct ward_error *error) WARD_MUST_USE;

/* ---- within ward-pages ---- */

/* Loads the fonts; false when there are none, or a line could not be drawn with them. */
bool pages_prepare(void) WARD_MUST_USE;
/* FORMAT for what is no order; LIMIT when there are too many pages. */
ward_err pages_draw(ward_bytes order, struct ward_buf *out, struct ward_error *error) WARD_MUST_USE;

#endif
