/*
 * pdf_text.h - what a PDF says in words, told as "text.txt", for whoever looks up links and terms
 *
 * All pages are one text, a line each that is one on a page; past 2 MiB a
 * "text 2.txt" begins.  What is drawn or scanned is no text, and glyphs that a
 * font gives no letters for are left out.
 */
#ifndef DECODE_PDF_TEXT_H
#define DECODE_PDF_TEXT_H

#include "decode/pdf.h"

/* The next page's instructions, or a form's. */
ward_err pdf_text(struct pdf *pdf, ward_bytes text, qpdf_oh resources) WARD_MUST_USE;
/* Tells what is left. */
ward_err pdf_text_end(struct pdf *pdf) WARD_MUST_USE;
void pdf_text_free(struct pdf_text *text);

#endif
