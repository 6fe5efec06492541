/*
 * pdf_samples.h - the unpacked samples of a picture in a PDF, as rows of 8-bit grey or RGB
 *
 * What the rows mean is said by the picture's colour space and its /Decode
 * array (ISO 32000-1, 8.9.5).  Colours are taken as they are, without a
 * profile: CMYK becomes RGB as decode.h has it, of Lab the lightness is grey,
 * and of spaces with an ink each (Separation, DeviceN) four are taken as CMYK,
 * three as CMY, one or two as black.  That is near enough for a hash of what
 * is seen, and is not what a printer would make of it.
 */
#ifndef DECODE_PDF_SAMPLES_H
#define DECODE_PDF_SAMPLES_H

#include <ward/base.h>

enum pdf_colours { PDF_GREY, PDF_RGB, PDF_CMYK, PDF_LAB, PDF_INKS, PDF_INDEXED };

/* Components of a sample: DeviceN allows 32. */
enum { PDF_COMPONENTS_MAX = 32 };

struct pdf_samples {
	uint32_t width, height;
	unsigned bits; /* 1, 2, 4, 8 or 16 */
	enum pdf_colours colours;
	unsigned components;
	bool has_decode;
	double decode[2 * PDF_COMPONENTS_MAX];
	/* INDEXED: colours of `base`, `base_components` bytes each; the last index. */
	enum pdf_colours base;
	unsigned base_components;
	ward_bytes palette;
	unsigned index_max;
};

/* False when there is no such picture; else the bytes of one row, before and after. */
bool pdf_samples_rows(const struct pdf_samples *samples, size_t *packed,
		size_t *plain) WARD_MUST_USE;

/* 1 or 3: what a plain row has. */
unsigned pdf_samples_channels(const struct pdf_samples *samples);

struct pdf_samples_table;

/* What turns rows; NULL without memory.  It keeps a copy of what it needs but the palette. */
struct pdf_samples_table *pdf_samples_table_new(const struct pdf_samples *samples);
void pdf_samples_table_free(struct pdf_samples_table *table);
void pdf_samples_row(const struct pdf_samples_table *table, const uint8_t *packed, uint8_t *plain);

/* One colour, of components of 0 to 255: 1 byte or 3.  INDEXED is none. */
void pdf_samples_paint(enum pdf_colours colours, unsigned components, const uint8_t *from,
		uint8_t *to);

#endif
