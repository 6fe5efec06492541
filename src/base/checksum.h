/*
 * checksum.h - did the file come back as it was written
 *
 * XXH64 (seed 0), after its published specification: several GB a second, so
 * it costs little beside writing the bytes.  It finds damage; it is no
 * protection against somebody who changes a file on purpose.
 */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <ward/base.h>

struct checksum {
	uint64_t lane[4];
	uint64_t total;
	uint8_t rest[32]; /* what does not fill a stripe yet */
	size_t rest_len;
};

struct checksum checksum_begin(void);
void checksum_add(struct checksum *sum, const void *bytes, size_t len);
uint64_t checksum_end(const struct checksum *sum);
uint64_t checksum_of(const void *bytes, size_t len);

#endif
