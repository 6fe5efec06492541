/*
 * source.h - where the bytes of an image's files come from
 *
 * What reads a container (ewf.h, virtual.h) is handed this, so that it knows
 * neither descriptors nor memory, and a fuzzer is as good a source as a disk.
 */
#ifndef DISK_SOURCE_H
#define DISK_SOURCE_H

#include <ward/base.h>

struct disk_source {
	void *context;
	/* Exactly `len` bytes of them, or false. */
	bool (*read)(void *context, size_t file, uint64_t at, uint8_t *to, size_t len);
	size_t files;
	uint64_t (*file_len)(void *context, size_t file);
};

/*
 * Does it carry, as it lies, the signs of a disk: a boot sector's, a GPT's, or ext's?  No program
 * that packs disks writes them into its own head; a disk's owner, who writes another's head
 * before them, shows one disk to who looks at the head and another to who does not.
 */
bool disk_source_is_disk(const struct disk_source *source);

#endif
