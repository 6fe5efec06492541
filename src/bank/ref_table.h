/*
 * ref_table.h - which entries of a list carry a source's id
 *
 * Not part of a segment: it would cost every entry four to eight bytes for a
 * question that only a delta asks.  It is made in memory at the first such
 * question (0.2 s and 45 MB for ten million entries) and kept while the delta lasts.
 */
#ifndef BANK_REF_TABLE_H
#define BANK_REF_TABLE_H

#include "bank/list.h"

struct ref_table {
	const struct ward_list *list;
	uint32_t *first; /* of each hash, the last entry that has it, plus one */
	uint32_t *next;  /* of each entry, the one before with the same hash, plus one */
	size_t mask;
};

ward_err ref_table_make(struct ref_table *table, const struct ward_list *list,
		struct ward_error *error) WARD_MUST_USE;
void ref_table_free(struct ref_table *table);

/*
 * Walks the numbers of the entries with this id: `cursor` starts at 0 and is 0
 * again after the last.  False when there is none or no more.  Removed entries
 * are not passed over.
 */
bool ref_table_next(const struct ref_table *table, ward_str ref, uint32_t *cursor, size_t *segment,
		uint64_t *number) WARD_MUST_USE;

#endif
