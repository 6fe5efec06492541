/*
 * pdq_kernel.h - the three inner loops of the index, in every form the CPU may run
 *
 * Each form gives exactly the answers of the plain one; a test compares them.
 */
#ifndef BANK_INDEX_PDQ_KERNEL_H
#define BANK_INDEX_PDQ_KERNEL_H

#include <ward/hash.h>

struct pdq_kernel {
	const char *name;
	bool (*usable)(void);
	/*
	 * Which of `count` chunks differ from `want` in at most `limit` bits: writes their
	 * positions, ascending, to `near` (which has room for `count`) and says how many.
	 */
	size_t (*near)(const uint16_t *chunks, size_t count, uint16_t want, unsigned limit,
			uint32_t *near);
	/* The same for whole hashes. */
	size_t (*within)(const ward_pdq *hashes, size_t count, const ward_pdq *query,
			unsigned radius, uint32_t *near);
	unsigned (*distance)(const ward_pdq *a, const ward_pdq *b);
};

extern const struct pdq_kernel pdq_kernel_plain, pdq_kernel_avx2, pdq_kernel_avx512,
		pdq_kernel_neon;

/* The one in use: the best, unless a test limits it. */
const struct pdq_kernel *pdq_kernel(void);

#endif
