/*
 * pdq_copies.h - which hashes are equal to one before them
 */
#ifndef BANK_INDEX_PDQ_COPIES_H
#define BANK_INDEX_PDQ_COPIES_H

#include <ward/hash.h>

struct pdq_copies {
	uint8_t *is_copy; /* a bit for each hash */
	uint32_t *pairs;  /* {first id, copy's id}, ascending; NULL when there are none */
	uint32_t count;
};

/* Takes 8 bytes a hash while it works.  Fails with NOMEM; free in any case. */
ward_err pdq_copies_find(const ward_pdq *hashes, uint32_t count, struct pdq_copies *copies,
		struct ward_error *error) WARD_MUST_USE;
void pdq_copies_free(struct pdq_copies *copies);

static inline bool pdq_copies_has(const struct pdq_copies *copies, uint32_t id)
{
	return copies->is_copy[id / 8] >> id % 8 & 1;
}

#endif
