/* The files of data/authorities, as they are built in; for authority.c alone. */
#ifndef FILING_AUTHORITY_TABLE_H
#define FILING_AUTHORITY_TABLE_H

#include <ward/base.h>

extern const uint8_t authority_generic[], authority_ncecc[], authority_accce[], authority_nca[];
extern const size_t authority_generic_len, authority_ncecc_len, authority_accce_len,
		authority_nca_len;

#endif
