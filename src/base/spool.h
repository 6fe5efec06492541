/*
 * spool.h - bytes that are gathered in order and read once, of any amount
 *
 * Up to a megabyte stays in memory; more goes to a file without a name in the
 * given folder, which the system takes back even when the program is killed.
 * So a writer of a list of any size uses little memory.  One thread at a time.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/file.h"

struct spool {
	const char *folder; /* borrowed */
	uint8_t *buf;
	size_t len;
	size_t room;
	uint64_t spilled;
	int fd;
	struct file_map map;
};

void spool_init(struct spool *spool, const char *folder);
void spool_free(struct spool *spool);

/* Fails with NOMEM, or IO when the folder's disk is full. */
ward_err spool_add(struct spool *spool, const void *bytes, size_t len,
		struct ward_error *error) WARD_MUST_USE;
uint64_t spool_size(const struct spool *spool);
/* Everything that was added, valid until the spool is freed; nothing may be added after it. */
ward_err spool_read(struct spool *spool, ward_bytes *all, struct ward_error *error) WARD_MUST_USE;

#endif
