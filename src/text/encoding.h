/*
 * encoding.h - which encoding a page is in, and the page in UTF-8
 *
 * As the WHATWG's standards decide (Encoding; HTML, 13.2.3): a byte order mark, then
 * what HTTP says, then what a meta tag in the first 1024 bytes says, or an XML
 * declaration; then UTF-8 if the bytes are, else windows-1252.  Nothing is guessed
 * from how often letters are (docs/decisions/0038-text.md).
 *
 * UTF-8 is handed on as it is, broken sequences included: whoever reads text
 * knows what to make of them.  The rest goes through iconv, with U+FFFD for what
 * it cannot read.
 */
#ifndef TEXT_ENCODING_H
#define TEXT_ENCODING_H

#include <ward/base.h>

#define ENCODING_HEAD 1024 /* bytes that are looked at */

struct encoding {
	const char *name;   /* the WHATWG's, in lower case */
	const char *system; /* iconv's; NULL: UTF-8, nothing to be done */
	const char *by;     /* "bom", "header", "meta", "utf-8", "default" */
	size_t mark_len;    /* of the byte order mark */
};

/* What a label ("latin1", " UTF8 ") names; false when there is no such. */
bool encoding_find(ward_str label, struct encoding *encoding) WARD_MUST_USE;

/* The charset of a content type ("text/html; charset=utf-8"); "" when it names none. */
ward_str encoding_of_type(ward_str content_type);

/* `head`: the first bytes, ENCODING_HEAD or all there are. */
struct encoding encoding_choose(ward_bytes head, ward_str content_type, bool html);

struct ward_decoder;

/* NULL without memory, or when the system does not know the encoding. */
struct ward_decoder *ward_decoder_new(const struct encoding *encoding);
/* Appends to `out`; what is incomplete at the piece's end is kept for the next. */
void ward_decoder_feed(struct ward_decoder *decoder, ward_bytes piece, struct ward_buf *out);
void ward_decoder_end(struct ward_decoder *decoder, struct ward_buf *out);
void ward_decoder_free(struct ward_decoder *decoder);

#endif
