/*
 * pdf_jpx.h - JPEG 2000, as PDFs have it, decoded to rows of 8-bit grey or RGB
 *
 * By OpenJPEG.  Colours are taken as pdf_samples.h has them; alpha is dropped.
 */
#ifndef DECODE_PDF_JPX_H
#define DECODE_PDF_JPX_H

#include <ward/media.h>

struct pdf_jpx;

/*
 * FORMAT, or LIMIT where it has more pixels than agreed or would need more memory; a file that
 * breaks off gives what could be decoded.  `inks` is what the PDF says it has: 4 is CMYK.
 */
ward_err pdf_jpx_open(ward_bytes file, const struct ward_limits *limits, unsigned inks,
		struct pdf_jpx **jpx) WARD_MUST_USE;
void pdf_jpx_free(struct pdf_jpx *jpx);

void pdf_jpx_size(const struct pdf_jpx *jpx, uint32_t *width, uint32_t *height, unsigned *channels);
void pdf_jpx_row(const struct pdf_jpx *jpx, uint32_t y, uint8_t *plain);

#endif
