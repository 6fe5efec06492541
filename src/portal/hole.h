/*
 * hole.h - values on their way into a page; what compiled templates call
 *
 * Each function makes a value harmless for the one place its hole may stand
 * in (tools/templates says which).  hole_put alone writes what it is given:
 * it is for the templates' own text, and nothing else calls it.
 */
#ifndef PORTAL_HOLE_H
#define PORTAL_HOLE_H

#include "portal/pages.h"

void hole_put(struct ward_buf *out, ward_str markup);

/* In text, or inside a quoted attribute.  Characters that HTML forbids become U+FFFD. */
void hole_text(struct ward_buf *out, ward_str text);

/* A whole address: http, https or a path of this site; "#" in place of any other. */
void hole_url(struct ward_buf *out, ward_str url);

/* A piece of an address: all but letters, digits and -._~ becomes %XX. */
void hole_segment(struct ward_buf *out, ward_str text);

/* The style sheet as an element. */
void hole_style(struct ward_buf *out);

/* A sentence in the page's language; the second fills its one hole. */
void hole_say(struct ward_buf *out, const struct frame *frame, enum say which);
void hole_said(struct ward_buf *out, const struct frame *frame, enum say which, ward_str value);

#endif
