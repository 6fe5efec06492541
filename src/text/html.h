/*
 * html.h - HTML in pieces: text, tags and their attributes, without a tree
 *
 * The states are those of the WHATWG's "Tokenization" (HTML Living Standard,
 * 13.2.5), so that what a browser takes for text is text here.  Broken HTML is
 * HTML: nothing fails, and how the bytes are cut into pieces changes nothing
 * but where text is cut.  Text of script, style and the like is told as what it
 * is; comments, doctypes and CDATA's marks are passed over.  No tree is made:
 * nothing is nested, nothing is closed that was not closed.
 *
 * Memory is bounded and taken once.  Of an attribute that is too long the
 * beginning is kept and `cut` says so; names beyond HTML_NAME_MAX are passed over,
 * and so are attributes beyond HTML_ATTRIBUTES_MAX, unless it was said which are
 * wanted: browsers know no limit, and no number of others hides one of those.
 *
 * Offsets are bytes from the beginning of all that was fed.  Bytes are taken as
 * UTF-8 and handed on as they are; who needs them valid makes them so before
 * (encoding.h).  A tokenizer belongs to one thread.
 */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include <ward/base.h>

#define HTML_NAME_MAX       64
#define HTML_VALUE_MAX      65536 /* of one attribute, so that one leaves room for others */
#define HTML_ATTRIBUTES_MAX 64
#define HTML_WANTED_MAX     32
/* Bytes of all names and values of one tag: of each that is wanted as much as may be. */
#define HTML_VALUES_MAX ((size_t)HTML_WANTED_MAX * (HTML_NAME_MAX + HTML_VALUE_MAX))

struct html_attribute {
	ward_str name;  /* ASCII letters in lower case */
	ward_str value; /* references undone */
	size_t offset;  /* of the value in what was fed */
	bool cut;
};

struct html_tag {
	ward_str name; /* ASCII letters in lower case */
	bool end;      /* "</name>"; its attributes are told, too, and mean nothing */
	bool self_closing;
	const struct html_attribute *attributes; /* of two of one name the first alone */
	size_t attribute_count;
	size_t offset; /* of its '<' */
};

/* What text stands in: it goes on until the next tag. */
typedef enum html_text_kind {
	HTML_TEXT = 0,
	HTML_TITLE,    /* between <title> and its end */
	HTML_TEXTAREA, /* seen by the reader, holds no tags */
	HTML_RAW,      /* script, style, xmp, iframe, noembed, noframes, plaintext */
} html_text_kind;

struct html_text {
	ward_str text; /* borrowed until the call returns */
	html_text_kind kind;
	size_t offset;
	bool reference; /* an undone reference ("&auml;"); `source_len` bytes stood for it */
	size_t source_len;
};

struct html_sink {
	void (*text)(void *context, const struct html_text *text); /* may be NULL */
	void (*tag)(void *context, const struct html_tag *tag);    /* may be NULL */
	void *context;
};

struct ward_html;

/* NULL without memory (2 MB, of which a page that is none of the worst touches 10 kB). */
struct ward_html *ward_html_new(const struct html_sink *sink) WARD_MUST_USE;
/*
 * Only attributes of these names are told, and each of them, wherever in its tag
 * it stands: at most HTML_WANTED_MAX, NULL behind the last.  The list is borrowed.
 */
void ward_html_want(struct ward_html *html, const char *const *names);
/* The next document, with the same memory. */
void ward_html_reset(struct ward_html *html);
void ward_html_feed(struct ward_html *html, ward_bytes piece);
/* Nothing follows: what was held back is told. */
void ward_html_end(struct ward_html *html);
void ward_html_free(struct ward_html *html);

/* The attribute's value; ptr is NULL when there is none. */
ward_str ward_html_attribute(const struct html_tag *tag, const char *name);

/*
 * References alone, as in text ("&amp;", "&#x61;"), of a value that was not read
 * from a tag.  Appends to `out`.
 */
void ward_html_undo_references(ward_str text, struct ward_buf *out);

#endif
