/*
 * pdf.h - one PDF under way; what its files share
 *
 * qpdf reads the structure: cross references, object streams, encryption, the
 * filters of a stream.  It is asked object by object, by its C interface, which
 * lets no exception through.  Pages are walked here, bounded and without belief
 * in a count; then every object of the file is looked at, so that a picture
 * on no page, or of a page tree that is broken, is found as well.
 *
 * A handle is released by whoever got it.
 */
#ifndef DECODE_PDF_H
#define DECODE_PDF_H

#include <qpdf/qpdf-c.h>

#include "decode/document_job.h"
#include "decode/pdf_samples.h"

/* Object numbers above this are none (ISO 32000-1, Annex C). */
#define PDF_OBJECTS_MAX 8388607

/* What an object was taken for; hostile files have one be several. */
enum pdf_role {
	PDF_AS_NODE, /* of pages, or a page */
	PDF_AS_RESOURCES,
	PDF_AS_OBJECTS,  /* the /XObject of those */
	PDF_AS_CONTENTS, /* instructions of a page */
	PDF_AS_FORM,
	PDF_AS_PICTURE,
	PDF_AS_FILE,
	PDF_ROLES
};

struct pdf {
	struct document *document;
	qpdf_data qpdf;
	/* A bit for each object number: */
	uint8_t *there;           /* it is to be looked at */
	long last;                /* of those */
	uint8_t *seen[PDF_ROLES]; /* it was looked at as that */
	unsigned page;            /* 0: on none */
	unsigned pictures;        /* of the page */
	unsigned files;           /* without a name */
	struct ward_buf links;
	struct ward_buf name;
	struct pdf_text *text; /* pdf_text.h; NULL before there is any */
};

/*
 * True the first time it is asked about an object that has a number, in that role, and always for
 * one that has none; never for a number that no object can have.  What names an object as something
 * else does not hide what it is.
 */
bool pdf_is_new(struct pdf *pdf, qpdf_oh object, enum pdf_role role);

/*
 * The keys of a dictionary (or of a stream's), from malloc, each ended by a NUL, with one more at
 * the end; NULL when it is none, or without memory.
 */
char *pdf_keys(struct pdf *pdf, qpdf_oh dictionary);

/* A key's value, when it is of that type; 0 when not. */
bool pdf_number(struct pdf *pdf, qpdf_oh dictionary, const char *key, long long *value);
bool pdf_is_name(struct pdf *pdf, qpdf_oh dictionary, const char *key, const char *name);

/* What a stream's bytes are once all filters are undone that are no codec of pictures. */
enum pdf_codec { PDF_PLAIN, PDF_DCT, PDF_JPX, PDF_FAX, PDF_JBIG2, PDF_UNKNOWN };

struct pdf_stream {
	uint8_t *bytes; /* from malloc */
	size_t len;
	enum pdf_codec codec;
	bool damaged; /* it breaks off */
	/* FAX */
	long long fax_k, fax_columns, fax_rows;
	bool fax_black_is_1, fax_align;
};

/* pdf_stream.c.  UNKNOWN, without bytes, is a filter that is not known, or all of it broken. */
void pdf_stream_read(struct pdf *pdf, qpdf_oh stream, struct pdf_stream *read);

/* pdf_picture.c: a stream whose /Subtype is /Image, as a member. */
ward_err pdf_picture(struct pdf *pdf, qpdf_oh stream) WARD_MUST_USE;

/*
 * pdf_space.c: `samples`, but for its sides.  `*palette`, from malloc, is what samples->palette
 * points to, whatever is answered.  False when these are no colours that are read.
 */
bool pdf_space_read(struct pdf *pdf, qpdf_oh dictionary, struct pdf_samples *samples,
		uint8_t **palette) WARD_MUST_USE;

/* pdf_walk.c: pages, then all that is on none; and what a PDF holds beside. */
ward_err pdf_walk(struct pdf *pdf) WARD_MUST_USE;

/*
 * pdf_walk.c: a form, or what is like one (how a note or a button looks, a pattern, a glyph): what
 * its resources name, and what its instructions hold.
 */
ward_err pdf_form(struct pdf *pdf, qpdf_oh form, qpdf_oh dictionary, unsigned depth) WARD_MUST_USE;

/* pdf_token.c: what instructions are made of. */
bool pdf_is_white(uint8_t c);
/* Behind the string whose "(" is at `at`. */
size_t pdf_behind_string(ward_bytes text, size_t at);

/* pdf_inline.c: pictures within the instructions of a page or a form. */
ward_err pdf_inline(struct pdf *pdf, ward_bytes text, qpdf_oh resources) WARD_MUST_USE;
/* Behind the picture whose bytes begin at `at`. */
size_t pdf_inline_end(ward_bytes text, size_t at);

/* pdf_sweep.c: attached files, links, and pictures that are on no page. */
ward_err pdf_sweep(struct pdf *pdf) WARD_MUST_USE;

#endif
