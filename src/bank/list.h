/*
 * list.h - an open list, as this module sees it
 */
#ifndef BANK_LIST_H
#define BANK_LIST_H

#include "bank/manifest.h"
#include "bank/opinions.h"
#include "bank/remarks.h"
#include "bank/segment.h"

struct ward_list {
	struct manifest manifest;
	struct segment *segments; /* as many as the manifest names */
	struct opinions opinions;
	struct remarks remarks; /* those of entries there are */
	uint64_t entries;
	uint64_t signals[WARD_SIGNAL_KIND_COUNT];
	uint64_t videos;
	uint64_t tmks;
	uint64_t bytes;
};

/* Opens the segments that a manifest names, whether it is the folder's own or not (yet). */
ward_err list_open_version(const char *folder, const struct manifest *manifest,
		struct ward_list **list, struct ward_error *error) WARD_MUST_USE;
/* Whether a later segment removes the number of an entry of segment `at`. */
bool list_removed(const struct ward_list *list, size_t at, uint64_t number);
/*
 * The entry that the number has in the first `end` segments, seen without the
 * later ones; NULL when there is none.
 */
const struct segment *list_find(const struct ward_list *list, size_t end, uint64_t number,
		uint32_t *index) WARD_MUST_USE;

#endif
