/*
 * search.h - the entries of one list on or near a signal
 */
#ifndef BANK_SEARCH_H
#define BANK_SEARCH_H

#include "bank/hits.h"
#include "bank/list.h"

/* The list's own radius for a negative one; ARGUMENT above 63. */
ward_err search_radius(const struct ward_list *list, int radius, int *own,
		struct ward_error *error) WARD_MUST_USE;

/* Adds the entries that hold this digest, or a PhotoDNA hash within the list's own distance. */
ward_err search_exact(const struct ward_list *list, const ward_signal *signal,
		struct hit_sink *sink, struct ward_error *error) WARD_MUST_USE;

/*
 * Adds the entries within the radius of any of the `looks` hashes of each
 * question, once, with the least distance.  sinks[i] takes the answers to
 * hashes[i * looks] and those that follow.
 */
ward_err search_pdq(const struct ward_list *list, const ward_pdq *hashes, size_t count,
		size_t looks, int radius, struct hit_sink *sinks,
		struct ward_error *error) WARD_MUST_USE;

/* Which lists a search asks; NOT_FOUND for a name that no list has. */
bool search_asks(const struct ward_list *list, const struct ward_search *search);
ward_err search_check_names(const struct ward_bank_view *view, const struct ward_search *search,
		struct ward_error *error) WARD_MUST_USE;
/* The exclusion lists that count, whichever are asked.  `lists` has room for all there are. */
size_t search_excluding(const struct ward_bank_view *view, const struct ward_search *search,
		const struct ward_list **lists);

#endif
