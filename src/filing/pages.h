/*
 * pages.h - lines of text on pages of A4, as a PDF; for ward-pages alone
 *
 * A paragraph is laid out by pango in the direction of its own text and cut
 * into lines, so that it may go on over a page's end.
 */
#ifndef FILING_PAGES_H
#define FILING_PAGES_H

#include <ward/base.h>

struct pages;

enum pages_style { PAGES_TITLE = 0, PAGES_HEADING, PAGES_TEXT, PAGES_SMALL };

/* `footer` stands under every page.  Writes into `out`, whose cap is the bound.  NULL: no memory.
 */
struct pages *pages_new(struct ward_buf *out, ward_str title, ward_str footer, int64_t at);
/* `indent` in steps.  Text that is not UTF-8 is not added. */
void pages_add(struct pages *pages, enum pages_style style, unsigned indent, ward_str text);
/* Ends the document and frees everything.  IO or LIMIT when it could not be written. */
ward_err pages_end(struct pages *pages, struct ward_error *error) WARD_MUST_USE;

#endif
