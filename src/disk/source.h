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

#endif
