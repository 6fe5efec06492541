/*
 * removal.h - the entries that a delta takes away
 */
#ifndef BANK_REMOVAL_H
#define BANK_REMOVAL_H

#include "bank/ref_table.h"

/* A set of record numbers. */
struct removal {
	uint64_t *slots; /* numbers plus one; 0 is empty */
	size_t slot_count;
	size_t count;
	struct ref_table refs; /* made when the first one is asked */
};

void removal_free(struct removal *removal);
/* Adds; `added` tells whether it was not there. */
ward_err removal_add(struct removal *removal, uint64_t number, bool *added,
		struct ward_error *error) WARD_MUST_USE;
/* The numbers in order, from malloc; NULL without memory. */
uint64_t *removal_sorted(const struct removal *removal);

#endif
