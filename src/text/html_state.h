/* html_state.h - the tokenizer's insides, for the files it is made of */
#ifndef TEXT_HTML_STATE_H
#define TEXT_HTML_STATE_H

#include "text/html.h"
#include "text/html_reference.h"

#define HTML_HELD_MAX 80

/* As the standard names them; those that differ only in what they complain of are one. */
enum html_state {
	/* text: html.c */
	HTML_DATA = 0,
	HTML_TAG_OPEN,
	HTML_END_TAG_OPEN,
	HTML_RAW_LESS,     /* RCDATA, RAWTEXT and script data less-than sign */
	HTML_RAW_END_OPEN, /* their end tag open */
	HTML_RAW_END_NAME, /* their end tag name; script data double escape end */
	HTML_RAW_BANG,     /* script data escape start, and its dash */
	HTML_DOUBLE_START, /* script data double escape start */
	HTML_CDATA,
	HTML_REFERENCE,     /* behind '&' */
	HTML_REFERENCE_HEX, /* behind "&#" */
	HTML_REFERENCE_DIGIT,
	/* tags: html_tag.c */
	HTML_TAG_NAME,
	HTML_BEFORE_ATTRIBUTE,
	HTML_ATTRIBUTE_NAME,
	HTML_AFTER_ATTRIBUTE_NAME,
	HTML_BEFORE_VALUE,
	HTML_VALUE_DOUBLE,
	HTML_VALUE_SINGLE,
	HTML_VALUE_BARE,
	HTML_AFTER_VALUE,
	HTML_SELF_CLOSING,
	/* what is passed over: html_markup.c */
	HTML_MARKUP,
	HTML_BOGUS, /* comment; also doctype, which ends where one does */
	HTML_COMMENT_START,
	HTML_COMMENT_START_DASH,
	HTML_COMMENT,
	HTML_COMMENT_DASH,
	HTML_COMMENT_END,
	HTML_COMMENT_END_BANG,
};

/* A name or value in `values`. */
struct html_piece {
	size_t start, len;
};

struct ward_html {
	struct html_sink sink;
	bool choosy; /* only these attributes are told: */
	ward_str wanted[HTML_WANTED_MAX];
	size_t wanted_count;
	uint64_t wanted_lengths; /* a bit for each length one has, */
	uint32_t wanted_letters; /* and for the low bits of each first letter: most names have
				    neither */
	enum html_state state;

	/* What text is: the element whose end tag alone ends it, or NULL. */
	html_text_kind kind;
	const char *raw;  /* "script", ... */
	int escaped;      /* in a script: 1 behind "<!--", 2 behind "<!-- <script" */
	unsigned dashes;  /* in a row, behind an escape; in CDATA: ']' in a row */
	unsigned foreign; /* <svg> and <math> that are open: CDATA is text there */

	/* Bytes that are text or not, as what follows decides. */
	char held[HTML_HELD_MAX];
	size_t held_len, held_offset;

	/* A reference: its bytes lie in `held`, when it is in text; else in `reference`. */
	enum html_state back;                  /* the state that it was met in */
	char reference[HTML_NAME_LONGEST + 2]; /* with its '&' */
	size_t reference_len, reference_offset;
	uint32_t number;
	bool hex;

	/* The tag that is being read. */
	bool end_tag, self_closing;
	size_t tag_offset;
	char name[HTML_NAME_MAX];
	size_t name_len;
	bool attribute_open, attribute_dropped, attribute_cut;
	bool attribute_named; /* its name was looked at */
	bool attribute_leads; /* of its value nothing but blanks was seen, so many: */
	unsigned attribute_blanks;
	struct html_piece attribute_name, attribute_value;
	size_t attribute_offset;
	size_t attribute_count;
	struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
	size_t values_len;
	char *values; /* HTML_VALUES_MAX bytes, of which the system gives what is touched */

	/* The piece that is being read. */
	const uint8_t *piece;
	size_t piece_offset; /* of its first byte in all that was fed */
	size_t at, len;
	size_t text_start; /* text that was seen and not told, from here to `at` */
};

/* One byte, or a run of them, from `at` on; false: the byte is to be looked at again. */
void html_step_text(struct ward_html *html);
void html_step_tag(struct ward_html *html);
void html_step_markup(struct ward_html *html);

/* Tells `held` as text, and empties it. */
void html_tell_held(struct ward_html *html);
/* Begins a tag whose '<' stood at `offset`. */
void html_tag_begin(struct ward_html *html, bool end, size_t offset);
/* A byte of an attribute's value. */
void html_value_add(struct ward_html *html, const char *bytes, size_t len);
/* The '>' of a tag: tells it, and says what follows it is. */
void html_tag_tell(struct ward_html *html);

static inline size_t html_offset(const struct ward_html *html)
{
	return html->piece_offset + html->at;
}

#endif
