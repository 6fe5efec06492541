/*
 * idna.h - host names in letters of any script, and their A-labels (UTS 46)
 *
 * The processing of UTS 46, non-transitional, with the flags of the URL
 * Standard: joiners and the direction of letters are checked, hyphens, DNS
 * lengths and STD3 are not.  Which letters there are and how they are folded is
 * utf8proc's; docs/decisions/0035-links.md says why libidn2 is not asked.
 */
#ifndef LINK_IDNA_H
#define LINK_IDNA_H

#include <ward/base.h>

/* Code points of a whole name, mapped: work on a label grows with the square of its length. */
enum { LINK_POINTS_MAX = 2048 };

/* Appends the name in A-labels.  FORMAT says why it is none; LIMIT when it is too long. */
ward_err link_idna_to_ascii(ward_str utf8, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

/* The letters of one label behind "xn--"; 0 unless they are what UTS 46 makes this label of. */
size_t link_label_read(ward_str digits, int32_t *points, size_t room);

/* Punycode (RFC 3492) alone: how many code points there are; 0 when it is broken or too long. */
size_t link_punycode_read(ward_str digits, int32_t *points, size_t room);
/* Appends without "xn--"; false on overflow. */
bool link_punycode_write(const int32_t *points, size_t count, struct ward_buf *out) WARD_MUST_USE;

enum { LINK_JOINS_BEFORE = 1, LINK_JOINS_AFTER = 2 };

/* With which neighbours a letter joins; 0 for most scripts. */
unsigned link_joining(int32_t point);

#endif
