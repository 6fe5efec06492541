/*
 * html_reference.h - what "&auml;" and "&#228;" stand for
 *
 * Both are collected by who reads them (the tokenizer gets them in pieces) and
 * asked about here.
 */
#ifndef TEXT_HTML_REFERENCE_H
#define TEXT_HTML_REFERENCE_H

#include <ward/base.h>

#define HTML_NAME_LONGEST 32 /* "CounterClockwiseContourIntegral;" */

/* Inline, so that the table is read-only memory without a pointer in it. */
struct html_name {
	char name[HTML_NAME_LONGEST];
	char text[6];
	uint8_t len, text_len;
};

extern const struct html_name html_names[];
extern const size_t html_names_count;

/*
 * The longest name that `text` (behind the '&') begins with; NULL when there is
 * none.  Some are names without ';' as well.
 */
const struct html_name *ward_html_name_find(ward_str text);

/* What a number stands for, as the standard corrects it; UTF-8, returns its length. */
size_t ward_html_number_text(uint32_t number, char out[4]);

#endif
