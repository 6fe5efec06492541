/*
 * disk_found.h - the files of a disk image, as far as they were told, and in which order to scan
 *
 * What the worker told is copied into an arena that only the telling thread
 * touches; a file is not changed once it was added, so scanners may read it.
 * Likely finds come first: pictures and videos where people keep theirs, then
 * elsewhere, then what may hold some; within a kind by their place on the
 * disk, so that it is read in one direction.
 */
#ifndef BIN_DISK_FOUND_H
#define BIN_DISK_FOUND_H

#include "disk/disk.h"

struct disk_file {
	uint64_t volume;
	struct disk_entry entry; /* its path and runs are the arena's */
	char *path;              /* "p2:/Users/a/b.jpg" */
	unsigned rank;           /* 0 is first */
	void *owner;             /* the verb's */
};

struct disk_found {
	struct ward_arena arena;
	struct disk_file **files; /* from malloc */
	size_t count, room;
};

/* At most about `memory_max` bytes. */
void disk_found_init(struct disk_found *found, size_t memory_max);
void disk_found_free(struct disk_found *found);

/* A copy that lives as long as `found`; NULL when it has no room.  `name` is the volume's: "p2". */
const struct disk_file *disk_found_add(struct disk_found *found, uint64_t volume, const char *name,
		const struct disk_entry *entry, void *owner);

/* From the index-th on: into the order of scanning. */
void disk_found_sort(struct disk_found *found, size_t from);

/* Where its first byte lies in the image; DISK_NOWHERE when it lies in none of its own. */
uint64_t disk_file_offset(const struct disk_file *file);

/*
 * Is there a file among them, in use or deleted, that has these very bytes of the image?
 * Asked of carved ones, so that no file is told twice.
 */
struct disk_places;
struct disk_places *disk_places_new(const struct disk_found *found); /* NULL without memory */
void disk_places_free(struct disk_places *places);
bool disk_places_has(const struct disk_places *places, const struct disk_entry *entry);

#endif
