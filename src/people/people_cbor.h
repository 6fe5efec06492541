/*
 * people_cbor.h - reading the CBOR of authenticators (RFC 8949), within bounds
 *
 * Only what CTAP2 writes: definite lengths, integers, byte and text strings,
 * arrays, maps, tags passed over nowhere.  A reader never goes beyond its
 * bytes; a failure sticks, and zeroes follow, so it is asked about once.
 */
#ifndef PEOPLE_CBOR_H
#define PEOPLE_CBOR_H

#include <ward/base.h>

enum { PEOPLE_CBOR_DEPTH = 8, PEOPLE_CBOR_ITEMS = 256 };

enum people_cbor_kind {
	PEOPLE_CBOR_NONE = 0,
	PEOPLE_CBOR_INT, /* within 64 bits with a sign */
	PEOPLE_CBOR_BYTES,
	PEOPLE_CBOR_TEXT,
	PEOPLE_CBOR_ARRAY,
	PEOPLE_CBOR_MAP,
	PEOPLE_CBOR_OTHER, /* true, false, null */
};

struct people_cbor {
	const uint8_t *next, *end;
	bool failed;
};

struct people_cbor_item {
	enum people_cbor_kind kind;
	int64_t number;   /* of INT; of ARRAY and MAP how many items or pairs follow */
	ward_bytes bytes; /* of BYTES and TEXT; borrowed */
};

struct people_cbor people_cbor_from(ward_bytes bytes);
/* The next item's head; what is in an array or a map comes next. */
struct people_cbor_item people_cbor_next(struct people_cbor *cbor);
/* Passes over one whole item. */
void people_cbor_skip(struct people_cbor *cbor);

#endif
