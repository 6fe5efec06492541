/*
 * Which code runs: the best this CPU has, or what a test limits it to.
 *
 * The mutable globals of the module.  Threads that meet here first all find
 * the same answer, so it does not matter whose store is last.
 */
#include "hash/digest_code.h"
#include "hash/pdq_code.h"

static const struct pdq_code *_Atomic chosen;
static _Atomic bool plain_digests;
static const char *_Atomic limit;

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

digest_blocks *ward_digest_blocks(void)
{
	return plain_digests ? NULL : ward_digest_blocks_of_cpu();
}

const struct digest_lanes_code *ward_digest_lanes(void)
{
	return plain_digests ? NULL : ward_digest_lanes_of_cpu(limit);
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
			limit = name ? codes[i]->name : NULL;
			plain_digests = codes[i] == &ward_pdq_plain && name;
			return true;
		}
	}
	return false;
}
