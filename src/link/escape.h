/*
 * escape.h - percent-escapes, undone and made
 */
#ifndef LINK_ESCAPE_H
#define LINK_ESCAPE_H

#include <ward/base.h>

/* Undoes each escape once, in place; the new length. */
size_t link_unescape(char *text, size_t len);
/*
 * Undoes escapes until there is none, in place; the new length.  One pass: what
 * an escape leaves may complete the one before it, and nothing else can, so
 * the order does not matter and "%252525..." costs no more than its length.
 */
size_t link_unescape_all(char *text, size_t len);
/* Bytes of `text` that are in `set` (chars.h). */
size_t link_count_escapes(ward_str text, unsigned set);
/* Appends, with those escaped ("%0A"). */
void link_escape(ward_str text, unsigned set, struct ward_buf *out);

/* Appends, with ASCII letters in lower case. */
void link_lower_write(ward_str text, struct ward_buf *out);

#endif
