/*
 * lists.h - how large the lists are, noted when one is seen to have another size than before
 *
 * The lists lie in files and know nothing of the past; so whoever has them open
 * says now and then how many entries each has.
 */
#ifndef MEASURE_LISTS_H
#define MEASURE_LISTS_H

#include "store/store.h"

struct measure_list_size {
	ward_str list;
	int64_t entries;
};

/* A list that is not among them any more has none.  Called within a work of store_write. */
ward_err measure_lists_note(struct store_tx *tx, const struct measure_list_size *sizes,
		size_t count, int64_t now, struct ward_error *error) WARD_MUST_USE;
/* Whether that would note anything; so nothing is written for nothing. */
ward_err measure_lists_changed(struct store_tx *tx, const struct measure_list_size *sizes,
		size_t count, bool *changed, struct ward_error *error) WARD_MUST_USE;

#endif
