/*
 * html.h - values on their way into a page; what compiled templates call
 *
 * Each function makes a value harmless for the one place its hole may stand
 * in (tools/templates says which).  html_put alone writes what it is given:
 * it is for the templates' own text, and nothing else calls it.
 */
#ifndef PORTAL_HTML_H
#define PORTAL_HTML_H

#include "portal/pages.h"

void html_put(struct ward_buf *out, ward_str markup);

/* In text, or inside a quoted attribute.  Characters that HTML forbids become U+FFFD. */
void html_text(struct ward_buf *out, ward_str text);

/* A whole address: http, https or a path of this site; "#" in place of any other. */
void html_url(struct ward_buf *out, ward_str url);

/* A piece of an address: all but letters, digits and -._~ becomes %XX. */
void html_segment(struct ward_buf *out, ward_str text);

/* A sentence in the page's language; the second fills its one hole. */
void html_say(struct ward_buf *out, const struct frame *frame, enum say which);
void html_said(struct ward_buf *out, const struct frame *frame, enum say which, ward_str value);

#endif
