/*
 * html.h - text on its way into a page
 */
#ifndef API_HTML_H
#define API_HTML_H

#include <ward/base.h>

/* As text, or inside a quoted attribute. */
void html_text(struct ward_buf *out, ward_str text);
/* 1234567 as "1 234 567", with narrow spaces that do not break. */
void html_number(struct ward_buf *out, uint64_t number);

#endif
