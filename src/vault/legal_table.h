/*
 * legal_table.h - share/legal-clocks.json, as it is built in
 */
#ifndef LEGAL_TABLE_H
#define LEGAL_TABLE_H

#include <ward/base.h>

extern const uint8_t legal_table[];
extern const size_t legal_table_len;

#endif
