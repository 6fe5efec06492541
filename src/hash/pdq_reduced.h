/* pdq_reduced.h - the 64x64 samples of a picture that was decoded smaller than it is */
#ifndef HASH_PDQ_REDUCED_H
#define HASH_PDQ_REDUCED_H

#include "hash/pdq_code.h"

/* Floats of scratch memory that it wants. */
uint64_t ward_pdq_reduced_scratch(const struct ward_reduced_image *reduced);
/* Not for sides below 5. */
void ward_pdq_reduced_filter(const struct ward_reduced_image *reduced, float *scratch,
		struct pdq_small *small);

#endif
