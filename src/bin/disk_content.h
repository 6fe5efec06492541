/*
 * disk_content.h - the bytes of one file of an image, as a file that can be scanned
 *
 * Most are copied from where they lie in the image; the rest the worker reads.
 * Up to 64 MiB they are held in memory, above that in a file without a name,
 * which the system takes back even when the program is killed.
 */
#ifndef BIN_DISK_CONTENT_H
#define BIN_DISK_CONTENT_H

#include "bin/disk_found.h"

/* A descriptor of the entry's bytes, read from its beginning; -1 with `error` set. */
int disk_content(struct disk *disk, const struct disk_image *image, const struct disk_facts *facts,
		uint64_t volume, const struct disk_entry *entry,
		struct ward_error *error) WARD_MUST_USE;

#endif
