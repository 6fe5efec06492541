/*
 * split.h - a link cut into its parts, nothing undone yet (LOOKUP, SAFE_BROWSING)
 */
#ifndef LINK_SPLIT_H
#define LINK_SPLIT_H

#include <ward/base.h>

struct link_split {
	ward_str scheme; /* as it stands; "" when there is none */
	ward_str host;   /* still escaped */
	ward_str path;   /* "" or from its first slash */
	ward_str query;
	bool has_query;
	uint16_t port; /* 0: none, or the scheme's own */
};

/*
 * `text` is without tabs, line ends, blanks around it and fragment.  A scheme that has no
 * host ("mailto:", "data:") is FORMAT; "host:80/" has none.
 */
ward_err link_split_read(ward_str text, bool backslashes, struct link_split *split,
		struct ward_error *error) WARD_MUST_USE;

/* The port that a scheme has without one being said; 0 for schemes that are not special. */
uint16_t link_scheme_port(ward_str scheme);

#endif
