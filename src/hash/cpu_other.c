/* A CPU for which there is nothing but the plain code. */
#include "hash/digest_code.h"
#include "hash/pdq_code.h"

int ward_pdq_codes(const struct pdq_code *codes[PDQ_CODES_MAX])
{
	codes[0] = &ward_pdq_plain;
	return 1;
}

digest_blocks *ward_digest_blocks_of_cpu(void)
{
	return NULL;
}

const struct digest_lanes_code *ward_digest_lanes_of_cpu(const char *name)
{
	(void)name;
	return NULL;
}
