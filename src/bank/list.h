/*
 * list.h - an open list, as this module sees it
 */
#ifndef BANK_LIST_H
#define BANK_LIST_H

#include "bank/manifest.h"
#include "bank/segment.h"

struct ward_list {
	struct manifest manifest;
	struct segment *segments; /* as many as the manifest names */
	uint64_t entries;
	uint64_t signals[WARD_SIGNAL_KIND_COUNT];
	uint64_t bytes;
};

/* Whether a later segment removes the number of an entry of segment `at`. */
bool list_removed(const struct ward_list *list, size_t at, uint64_t number);

#endif
