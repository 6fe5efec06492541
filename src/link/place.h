/*
 * place.h - a link as LOOKUP and SAFE_BROWSING take it: where it leads
 *
 * Both want a host.  Neither wants user, password or fragment, and both undo
 * every escape in path and query and make only those again that a URL cannot be
 * without.  They differ in the host (host.h), in backslashes, which are slashes
 * to LOOKUP alone, and in a '?' that came escaped: in the path of LOOKUP it
 * stays "%3F", so that reading a canonical link again gives the same path.
 */
#ifndef LINK_PLACE_H
#define LINK_PLACE_H

#include <ward/link.h>

/* All of these read `text` into `memory`, which is empty. */

ward_err link_read_safe_browsing(ward_str text, struct ward_buf *memory, struct ward_link *link,
		struct ward_error *error) WARD_MUST_USE;
ward_err link_read_lookup(ward_str text, struct ward_buf *memory, struct ward_link *link,
		struct ward_error *error) WARD_MUST_USE;
/*
 * The short way for what most links are: ASCII, http or https, a name without
 * port or user, no escape and nothing to tidy in its path.  False when it is
 * anything else (the long way then answers); never a different answer.
 */
bool link_read_plain(ward_str text, struct ward_buf *memory, struct ward_link *link) WARD_MUST_USE;

#endif
