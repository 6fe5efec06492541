/*
 * latest.h - which record of an import is the latest of its ref
 *
 * A source that keys its records tells of one thing more than once: changed,
 * or taken back.  Refs are kept as 128 bits of their SHA-256, so that an import
 * of ten million costs memory by their number and not by their length.
 */
#ifndef LATEST_H
#define LATEST_H

#include <ward/hash.h>

struct latest {
	struct latest_slot *slots;
	size_t room; /* a power of two */
	size_t count;
	struct ward_digester *digester;
};

void latest_free(struct latest *latest);

/* Sets the number for a ref; *had says whether it had one, *before which. */
ward_err latest_put(struct latest *latest, ward_str ref, uint64_t number, bool *had,
		uint64_t *before, struct ward_error *error) WARD_MUST_USE;
/* Takes the number of a ref away; *had says whether it had one, *before which. */
ward_err latest_take(struct latest *latest, ward_str ref, bool *had, uint64_t *before,
		struct ward_error *error) WARD_MUST_USE;

#endif
