/*
 * place.h - what is asked for, and on which shelf of the table it stands
 *
 * An expression is a host and what begins a path behind it, as one text:
 * "www.example.org/a/b?c", "example.org/".  What is hashed for the table is the
 * SHA-256 of it, so that entries of hashed lists, of which only that is known,
 * stand in it like others.  What an expression's entry holds is told by marks
 * (a bit each), which only who may read the entry can read.
 *
 * All that is asked for one link must be found on one shelf: the number of the
 * shelf is what the server learns, and the numbers of several together would
 * tell the link.  So a shelf is chosen by the host's last two labels, or three
 * when the second last is short, as in "example.co.uk".  That is no list of
 * public suffixes, and shall be none: two sides with different lists would look
 * on different shelves and find nothing.  An entry that links of more than one
 * shelf must find ("uk"), or of which only a hash is known, goes to the common
 * part, which every client has whole.
 */
#ifndef OBLIVIOUS_PLACE_H
#define OBLIVIOUS_PLACE_H

#include <ward/link.h>

enum {
	OBLIVIOUS_BATCH = 32,      /* questions for a link, always so many */
	OBLIVIOUS_INPUT = 32,      /* bytes of SHA-256 */
	OBLIVIOUS_HOST_MAX = 1024, /* bytes; longer ones are not asked for */
};

enum oblivious_mark {
	OBLIVIOUS_PAGE = 1u << 0,   /* this page; without a query in it, with any */
	OBLIVIOUS_PREFIX = 1u << 1, /* what begins so, on exactly this host */
	OBLIVIOUS_HOST = 1u << 2,   /* all of exactly this host */
	OBLIVIOUS_DOMAIN = 1u << 3, /* all of this host and those below */
	OBLIVIOUS_HASH = 1u << 4,   /* the expression, as publishers of hashes mean it */
	OBLIVIOUS_MARKS = (1u << 5) - 1,
};

/* The SHA-256 of host and path. */
void oblivious_input(ward_str host, ward_str path, uint8_t input[OBLIVIOUS_INPUT]);

/* The text of which the shelf is a hash: part of `host`, borrowed. */
ward_str oblivious_site(ward_str host);
/* Are links of hosts below `host` found on its shelf? */
bool oblivious_site_holds_below(ward_str host);
/* The first bits of this are a shelf's number. */
uint32_t oblivious_shelf(ward_str host);

struct oblivious_ask {
	uint8_t input[OBLIVIOUS_INPUT];
	uint8_t marks; /* those that count for the link, when the entry has them */
};

struct oblivious_asks {
	struct oblivious_ask at[OBLIVIOUS_BATCH];
	size_t count;
	bool whole; /* false: the link has more of them than a batch has room for */
};

/*
 * What to ask for a link, the likeliest first: its host and those above, its
 * path and what begins it, and with `hashes` the expressions of link.h.  Needs
 * host, path, query and host_kind of the link.  LIMIT for a host that is too long.
 */
ward_err oblivious_asks_make(const struct ward_link *link, bool hashes, struct oblivious_asks *asks,
		struct ward_error *error) WARD_MUST_USE;

#endif
