/*
 * spill.h - bytes on their way from the network to a scan, held once
 *
 * What arrives is written straight into a nameless file: in memory while it
 * is small, and while all of them together are; else in a folder, nameless
 * too, so that a crash leaves nothing behind.  A scan then reads that file.
 *
 * A spill belongs to one thread at a time; the count of memory in use is
 * shared by all.
 */
#ifndef NET_SPILL_H
#define NET_SPILL_H

#include <ward/base.h>

/* Where large ones go, and how much memory all small ones may take together. */
struct spill_place {
	char folder[4096];
	uint64_t small_max;           /* of one, in memory */
	uint64_t memory_max;          /* of all */
	_Atomic uint64_t memory_used; /* by all */
};

struct spill {
	struct spill_place *place;
	int fd; /* -1 until the first byte, or spill_open */
	uint64_t size;
	uint64_t in_memory; /* counted in the place */
};

void spill_init(struct spill *spill, struct spill_place *place);
/* Makes the file at once; `expected` bytes (0: unknown) say where. */
ward_err spill_open(struct spill *spill, uint64_t expected, struct ward_error *error) WARD_MUST_USE;
ward_err spill_write(struct spill *spill, ward_bytes bytes, struct ward_error *error) WARD_MUST_USE;
void spill_close(struct spill *spill);

#endif
