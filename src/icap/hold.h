/*
 * hold.h - a body on its way through: in memory while it is small, then in a nameless file
 *
 * Bytes are added at its end and sent from its front.  It belongs to one thread.
 */
#ifndef ICAP_HOLD_H
#define ICAP_HOLD_H

#include "net/spill.h"

/* More than any preview, and than most bodies of requests; a file in memory costs 10 µs. */
enum { ICAP_HOLD_MEMORY = 16384 };

struct icap_hold {
	struct ward_buf memory;
	struct spill spill;
	uint64_t size, sent;
};

void icap_hold_init(struct icap_hold *hold, struct spill_place *place);
/* Empty again; gives file and memory back. */
void icap_hold_clear(struct icap_hold *hold);
ward_err icap_hold_add(struct icap_hold *hold, ward_bytes bytes,
		struct ward_error *error) WARD_MUST_USE;
/* All of it so far as a file, also when it is small or nothing; -1 with `error` set. */
int icap_hold_file(struct icap_hold *hold, struct ward_error *error) WARD_MUST_USE;
/* All of it, while it is in memory; else empty. */
ward_bytes icap_hold_bytes(const struct icap_hold *hold);
/* Moves so many of the bytes not yet sent, at most, behind `out`; false when they cannot be read.
 */
bool icap_hold_send(struct icap_hold *hold, size_t len, struct ward_buf *out) WARD_MUST_USE;

static inline uint64_t icap_hold_left(const struct icap_hold *hold)
{
	return hold->size - hold->sent;
}

#endif
