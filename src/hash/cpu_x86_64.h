/* cpu_x86_64.h - the codes of x86-64 CPUs, each a file compiled for it */
#ifndef HASH_CPU_X86_64_H
#define HASH_CPU_X86_64_H

#include "hash/digest_code.h"
#include "hash/pdq_code.h"

extern const struct pdq_code ward_pdq_avx512;
extern const struct pdq_code ward_pdq_avx2;
digest_blocks ward_digest_sha_ni;
extern const struct digest_lanes_code ward_digest_avx512;
extern const struct digest_lanes_code ward_digest_avx2;

#endif
