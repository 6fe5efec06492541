/* A CPU for which there is nothing but the plain code. */
#include "hash/pdq_code.h"

int ward_pdq_codes(const struct pdq_code *codes[PDQ_CODES_MAX])
{
	codes[0] = &ward_pdq_plain;
	return 1;
}
