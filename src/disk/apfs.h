/*
 * apfs.h - which blocks of an APFS container nothing holds
 *
 * Volumes of a container share its blocks, so what is free is a fact of the container: its space
 * manager has a bit for each block.  The Sleuth Kit's own answer is an exception that nobody
 * catches when the space manager is damaged, so this is read here: the newest superblock that is
 * sound, the checkpoint's map, the space manager, and its bitmaps.
 *
 * Structures: Apple File System Reference (2020-06-22), "Container", "Space Manager".
 */
#ifndef DISK_APFS_H
#define DISK_APFS_H

#include <ward/base.h>

/* The one size that Apple's tools make, and that The Sleuth Kit reads. */
enum { APFS_BLOCK = 4096 };

struct apfs_source {
	void *context;
	/* Exactly `len` bytes at `at` of the container, or false. */
	bool (*read)(void *context, uint64_t at, uint8_t *to, size_t len);
	uint64_t size;
	bool unchecked; /* checksums are not looked at: for fuzzing */
};

struct apfs_facts {
	uint64_t blocks;
	bool fusion; /* half of it is on another disk */
};

/* A superblock with a block size that is read here stands at its beginning. */
bool apfs_is(const struct apfs_source *source, struct apfs_facts *facts) WARD_MUST_USE;

/* A range of free bytes of the container; false: no more are wanted. */
typedef bool apfs_range(void *context, uint64_t offset, uint64_t len);

/* In order.  False when it cannot be read to its end: then what was told is not all. */
bool apfs_free(const struct apfs_source *source, apfs_range *range, void *context) WARD_MUST_USE;

#endif
