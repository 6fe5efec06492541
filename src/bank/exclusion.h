/*
 * exclusion.h - signals that do not count, whatever list holds them
 *
 * An exclusion is exact: it takes away the one signal that a person looked at,
 * not what lies near it.  It holds for a hit when an exclusion list has the
 * signal that was asked, in any of its looks, or the listed signal.
 */
#ifndef BANK_EXCLUSION_H
#define BANK_EXCLUSION_H

#include "bank/list.h"

/* Of one question. */
struct exclusion {
	const struct ward_list *const *lists;
	size_t list_count;
	const ward_signal *asked;
	const ward_pdq *looks; /* of a PDQ signal, all that are asked; else NULL */
	size_t look_count;
	enum { EXCLUSION_UNKNOWN = 0, EXCLUSION_NO, EXCLUSION_YES } all; /* by the asked signal */
};

/* Sets `hit->excluded`. */
ward_err exclusion_mark(struct exclusion *exclusion, struct ward_hit *hit,
		struct ward_error *error) WARD_MUST_USE;

#endif
