/*
 * segment_write.h - writing a segment, part after part
 *
 * The file has its name from the start and is part of a list only when a
 * manifest names it; what is left of a killed writer is swept by the next.
 */
#ifndef BANK_SEGMENT_WRITE_H
#define BANK_SEGMENT_WRITE_H

#include "bank/segment.h"
#include "base/checksum.h"

struct segment_writer {
	struct segment_head head; /* counts are the caller's to set before the end */
	char path[4096];
	int fd;
	uint8_t *piece;
	size_t piece_len;
	uint64_t offset;
	struct checksum sum;
};

/* Makes the file `path`, which must not be there. */
ward_err segment_write_begin(struct segment_writer *writer, const char *path,
		struct ward_error *error) WARD_MUST_USE;
/* Parts may come in any order, each once; one that is not written is empty. */
ward_err segment_write_part(struct segment_writer *writer, unsigned part,
		struct ward_error *error) WARD_MUST_USE;
ward_err segment_write_add(struct segment_writer *writer, const void *bytes, size_t len,
		struct ward_error *error) WARD_MUST_USE;
void segment_write_part_end(struct segment_writer *writer, unsigned part);
/* Writes the head and makes all of it durable. */
ward_err segment_write_end(struct segment_writer *writer, struct ward_error *error) WARD_MUST_USE;
/* Closes and forgets; with `remove_it`, the file is taken away. */
void segment_write_close(struct segment_writer *writer, bool remove_it);

#endif
