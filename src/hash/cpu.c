/*
 * Which code runs: the best this CPU has, or what a test limits it to.
 *
 * The one mutable global of the module.  Threads that meet here first all
 * find the same answer, so a relaxed store is enough.
 */
#include "hash/pdq_code.h"

static const struct pdq_code *_Atomic chosen;

const struct pdq_code *ward_pdq_code(void)
{
	const struct pdq_code *code = chosen;
	const struct pdq_code *codes[PDQ_CODES_MAX];

	if (!code) {
		ward_pdq_codes(codes);
		chosen = code = codes[0];
	}
	return code;
}

const char *ward_hash_cpu(void)
{
	return ward_pdq_code()->name;
}

bool ward_hash_cpu_limit(const char *name)
{
	const struct pdq_code *codes[PDQ_CODES_MAX];
	int count = ward_pdq_codes(codes);

	for (int i = 0; i < count; i++) {
		if (!name || strcmp(codes[i]->name, name) == 0) {
			chosen = codes[i];
			return true;
		}
	}
	return false;
}
