/*
 * pdf_font.h - what a font's codes are in letters, and how wide they are
 *
 * A PDF shows glyphs by numbers.  What they are, a font says by a table
 * (/ToUnicode), or by names of glyphs that differ from a known encoding; where
 * it says neither, codes are taken as Windows' Latin ones.  Widths tell where
 * a glyph ends, and so where a word does.
 *
 * Bytes are hostile: entries are counted, for a font and for all of a file.
 */
#ifndef DECODE_PDF_FONT_H
#define DECODE_PDF_FONT_H

#include "decode/pdf.h"

/* Codes have 16 bits; ISO 32000-1, 9.7.6.2, knows longer ones, which no program is known to use. */
#define PDF_FONT_ENTRIES_MAX 65536

struct pdf_letters {
	uint16_t from, to;
	uint16_t len; /* bytes of UTF-16, big endian; of `to - from` more codes the last unit grows
		       */
	uint32_t at;  /* in `units` */
};

struct pdf_widths {
	uint16_t from, to;
	float width; /* of 1 of a font's size */
};

struct pdf_font {
	int id;                      /* of its object; 0 has none */
	bool is_wide;                /* codes of two bytes */
	bool is_unicode;             /* they are UTF-16 themselves */
	struct pdf_letters *letters; /* in order of codes */
	size_t letter_count, letter_room;
	struct ward_buf units;
	struct pdf_widths *widths; /* likewise */
	size_t width_count, width_room;
	float default_width;
};

/* Reads what the dictionary says.  `left`: entries that fonts of this file may still have. */
void pdf_font_read(struct pdf *pdf, qpdf_oh dictionary, struct pdf_font *font, size_t *left);
void pdf_font_free(struct pdf_font *font);

float pdf_font_width(const struct pdf_font *font, uint16_t code);
/* Appends what a code is, as UTF-8; nothing when that is not known. */
void pdf_font_letters(const struct pdf_font *font, uint16_t code, struct ward_buf *out);

/* pdf_glyphs.c: the units of a name of a glyph; how many, 0 when it is not known. */
size_t pdf_glyph_units(ward_str name, uint16_t units[2]);

/* ---- words of instructions, which tables of codes are written in as well ---- */

enum pdf_token_kind {
	PDF_TOKEN_END,
	PDF_TOKEN_NUMBER,
	PDF_TOKEN_STRING, /* in "()" or "<>"; undone by pdf_token_bytes */
	PDF_TOKEN_NAME,
	PDF_TOKEN_WORD,
	PDF_TOKEN_MARK, /* "[", "]", "<<", ">>", "{", "}" */
};

struct pdf_token {
	enum pdf_token_kind kind;
	ward_bytes text; /* of a name without its stroke, of a string with its marks */
	float number;
};

/* The next one from `*at` on, which is set behind it. */
struct pdf_token pdf_token_next(ward_bytes text, size_t *at);
bool pdf_token_is(const struct pdf_token *token, const char *word);
/* What a string means, into `out`, which is cleared first. */
void pdf_token_bytes(const struct pdf_token *token, struct ward_buf *out);

#endif
