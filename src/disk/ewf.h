/*
 * ewf.h - a disk in EnCase's files (E01, Ex01), whose pieces are compressed
 *
 * Each file is a chain of sections: some say how large the disk and a chunk
 * are, tables say where each chunk lies and how it is stored, and some what the
 * whole disk's MD5 and SHA-1 were when it was made.  Facts are from Joachim
 * Metz's descriptions of the Expert Witness Compression Format, versions 1 and 2.
 * What is enciphered is refused with a sentence.
 *
 * Only where tables lie is kept in memory, some 40 bytes for 500 MB of disk.
 * Every chunk that is stored is checked against its own Adler-32.  Used within the jail; the
 * bytes are hostile.  One thread at a time.
 */
#ifndef DISK_EWF_H
#define DISK_EWF_H

#include "disk/source.h"

struct ewf;

/* Is the first file one of these? */
bool ewf_is(const struct disk_source *source);

/* FORMAT, LIMIT, UNSUPPORTED with a sentence; `source` is copied. */
ward_err ewf_open(const struct disk_source *source, struct ewf **ewf,
		struct ward_error *error) WARD_MUST_USE;
void ewf_free(struct ewf *ewf);

uint64_t ewf_size(const struct ewf *ewf); /* of the disk */
/* 16 or 20 bytes as the maker stored them, the longest; 0 when there are none. */
size_t ewf_stored(const struct ewf *ewf, uint8_t digest[20]);
/* So many sectors could not be read when the image was made, and are zeroes in it. */
uint64_t ewf_unread(const struct ewf *ewf);

/* Exactly `len` bytes of the disk; false when a chunk is missing or damaged. */
bool ewf_read(struct ewf *ewf, uint64_t at, uint8_t *to, size_t len) WARD_MUST_USE;

#endif
