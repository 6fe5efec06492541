/*
 * segments.h - the files of an image, one behind another, read as one
 *
 * For whoever opened them, and for the worker that was handed them.
 */
#ifndef DISK_SEGMENTS_H
#define DISK_SEGMENTS_H

#include <ward/base.h>

#include "disk/wire.h"

struct segment {
	int fd;
	uint64_t from, len;
};

struct segments {
	struct segment at[DISK_SEGMENTS_MAX];
	size_t count;
	uint64_t size;
};

/* The `fd` stays the caller's.  False when there are too many, or it is larger than files can be.
 */
bool segments_add(struct segments *segments, int fd, uint64_t len) WARD_MUST_USE;

/*
 * Exactly `len` bytes from `offset` on.  False: errno says why, 0 when a file became shorter, and
 * `*failed_at` (may be NULL) where.
 */
bool segments_read(const struct segments *segments, uint64_t offset, uint8_t *to, size_t len,
		uint64_t *failed_at) WARD_MUST_USE;

#endif
