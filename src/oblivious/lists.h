/*
 * lists.h - lists of places (ward/site.h) as the entries of a table
 *
 * A page, a prefix, a host, a domain, an address and a whole SHA-256 become
 * expressions.  What cannot be asked for by an expression is left out and
 * counted: networks of more than one address, hashes that are cut short, and
 * those of a list that puts a salt before what it hashes.
 */
#ifndef OBLIVIOUS_LISTS_H
#define OBLIVIOUS_LISTS_H

#include <ward/site.h>

#include "oblivious/table.h"

struct oblivious_listed {
	size_t taken;
	size_t networks, hashes; /* left out */
	size_t expired;
};

/* Adds all entries in force at `now`. */
ward_err oblivious_lists_add(struct oblivious_draft *draft, const struct ward_site_list *list,
		int64_t now, struct oblivious_listed *listed,
		struct ward_error *error) WARD_MUST_USE;

#endif
