/* pdq_x86.h - the codes of x86-64 CPUs, and whether this one runs them */
#ifndef HASH_PDQ_X86_H
#define HASH_PDQ_X86_H

#include "hash/pdq_code.h"

extern const struct pdq_code ward_pdq_avx512;
extern const struct pdq_code ward_pdq_avx2;

#endif
