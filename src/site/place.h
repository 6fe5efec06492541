/*
 * place.h - where in a table a place is looked for
 *
 * A keyed polynomial over the prime 2^61-1: two words get the same value with a
 * chance of (pieces of seven bytes)/2^61 for whoever does not know the key, so
 * nobody can make up names that gather in one spot.  It is computed label by
 * label and part by part, so one pass over a host gives the values of all
 * domains it lies in, and one over a path those of all prefixes.  Lists in one
 * folder share their key (list.h), and one pass serves them all.
 */
#ifndef SITE_PLACE_H
#define SITE_PLACE_H

#include "site/key.h"

struct site_seed {
	uint64_t key; /* of the polynomial: below the prime, and not small */
	uint64_t mix; /* of what is made of its value */
};

/* What a value is of: the same text is another place as another thing. */
enum site_thing {
	SITE_NAME = 1, /* a host with all that is listed of it */
	SITE_THING_PAGE,
	SITE_THING_PREFIX,
	SITE_THING_NETWORK,
	SITE_THING_HASH,
};

struct site_seed site_seed_new(void); /* drawn by the system */
bool site_seed_valid(struct site_seed seed);
/* A seed from a damaged file is made one that can be computed with. */
struct site_seed site_seed_mend(struct site_seed seed);

#define SITE_STATE_FIRST 1u

/* Goes on with one label or part. */
uint64_t site_state_part(uint64_t state, struct site_seed seed, const char *text, size_t len);
/* What a path's state begins with, behind the host's. */
uint64_t site_state_path(uint64_t host, struct site_seed seed);
/* The 64 bits that are looked for. */
uint64_t site_state_place(uint64_t state, struct site_seed seed, enum site_thing thing);

/* The state behind all labels of a reversed host. */
uint64_t site_host_state(ward_str reversed, struct site_seed seed);
/* The place of a page, of the host's state. */
uint64_t site_page_place(uint64_t host, struct site_seed seed, ward_str path, ward_str query,
		bool has_query);
/* The place of any word. */
uint64_t site_word_place(ward_site_kind kind, ward_str word, struct site_seed seed);
/* Of a word with a host: the place of the host. */
uint64_t site_word_name(ward_str word, struct site_seed seed);

#endif
