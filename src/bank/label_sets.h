/*
 * label_sets.h - a number for each different set of labels
 *
 * Lists have few different ones, so an entry carries four bytes for its own.
 * A list that has a different one for every entry is possible; to keep memory
 * bounded what it knew after a million is forgotten then, and may be written twice.
 */
#ifndef BANK_LABEL_SETS_H
#define BANK_LABEL_SETS_H

#include "base/spool.h"

struct label_sets {
	struct spool text;
	struct spool starts; /* uint64_t; the end of the last one is added by label_sets_end */
	uint32_t count;
	uint32_t last; /* the one asked for before; most entries have the same as theirs */
	struct label_slot *slots;
	size_t slot_count;
	size_t used;
	struct ward_buf known; /* the texts of the slots */
	size_t last_offset;
	size_t last_len;
};

void label_sets_init(struct label_sets *sets, const char *folder);
void label_sets_free(struct label_sets *sets);
/* 0 is the empty one. */
ward_err label_sets_id(struct label_sets *sets, ward_str labels, uint32_t *id,
		struct ward_error *error) WARD_MUST_USE;
ward_err label_sets_end(struct label_sets *sets, struct ward_error *error) WARD_MUST_USE;

#endif
