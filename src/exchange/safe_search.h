/* data/safe-search.txt, as it is built in; for safe_search.c alone. */
#ifndef EXCHANGE_SAFE_SEARCH_H
#define EXCHANGE_SAFE_SEARCH_H

#include <ward/base.h>

extern const uint8_t exchange_safe_table[];
extern const size_t exchange_safe_table_len;

#endif
