/*
 * wire.h - what the two sides of a private look-up say to each other
 *
 * Three messages of fixed sizes, little-endian, so that nothing can be read from
 * a length but which list is asked:
 *
 *     info      what the server publishes of the table in force, signed by the
 *               installation's own key: table id, key, time, sizes
 *     request   table id, a shelf's number, a batch of blinded points
 *     answer    table id, the points evaluated, the proof, the shelf
 *
 * and the table's common part, which is a file of slots with its digest in info.
 * A slot is the beginning of F(key, expression) and one byte of marks, hidden
 * with another byte of F: without an answer of the server it is sixteen random
 * bytes, as those are that fill a shelf up.
 *
 * Nothing read here is trusted by having been read: points are checked where
 * they are used (oprf.h), the rest here.
 */
#ifndef OBLIVIOUS_WIRE_H
#define OBLIVIOUS_WIRE_H

#include "oblivious/oprf.h"
#include "oblivious/place.h"

enum {
	OBLIVIOUS_ID = 16,
	OBLIVIOUS_IDENTITY = 32, /* Ed25519 */
	OBLIVIOUS_SIGNATURE = 64,
	OBLIVIOUS_TAG = 15, /* bytes of F that are compared */
	OBLIVIOUS_SLOT = 16,
	OBLIVIOUS_INFO = 144 + OBLIVIOUS_SIGNATURE,
	OBLIVIOUS_REQUEST = 32 + OBLIVIOUS_BATCH * OPRF_POINT,
	OBLIVIOUS_ANSWER_HEAD = 24 + OBLIVIOUS_BATCH * OPRF_POINT + OPRF_PROOF,
	/* More bits would tell a server more of who is asked for than we want to tell any. */
	OBLIVIOUS_BITS_MAX = 16,
	OBLIVIOUS_SLOTS_MIN = 256, /* of a shelf */
	OBLIVIOUS_SLOTS_MAX = 32768,
	OBLIVIOUS_COMMON_MAX = 1 << 22, /* slots: 64 MiB */
	/* A clock may be wrong by so much before a table is called over, or not yet begun. */
	OBLIVIOUS_CLOCK_S = 300,
};

struct oblivious_info {
	uint8_t id[OBLIVIOUS_ID];
	uint8_t public_point[OPRF_POINT];
	int64_t starts, ends;      /* Unix seconds */
	uint8_t bits;              /* shelves are 2^bits */
	bool hashes;               /* entries are there of which only the hash is known */
	uint16_t slots;            /* of a shelf */
	uint32_t common;           /* slots of the common part */
	uint8_t common_digest[32]; /* SHA-256 */
	uint8_t identity[OBLIVIOUS_IDENTITY];
};

/* Signs with `secret` (Ed25519, 64 bytes), of which info->identity is the public half. */
void oblivious_info_write(const struct oblivious_info *info, const uint8_t secret[64],
		uint8_t out[OBLIVIOUS_INFO]);
/*
 * FORMAT for what is no info or one whose numbers we do not accept, DENIED when it is signed by
 * another than `identity` (NULL: whoever it names), TIMEOUT when it is not of this time.
 */
ward_err oblivious_info_read(ward_bytes bytes, const uint8_t *identity, int64_t now,
		struct oblivious_info *info, struct ward_error *error) WARD_MUST_USE;

struct oblivious_request {
	uint8_t id[OBLIVIOUS_ID];
	uint32_t shelf;
	const uint8_t *blinded; /* OBLIVIOUS_BATCH points; borrowed */
};

void oblivious_request_write(const struct oblivious_request *request,
		uint8_t out[OBLIVIOUS_REQUEST]);
ward_err oblivious_request_read(ward_bytes bytes, struct oblivious_request *request,
		struct ward_error *error) WARD_MUST_USE;

struct oblivious_answer {
	uint8_t id[OBLIVIOUS_ID];
	const uint8_t *evaluated; /* OBLIVIOUS_BATCH points; all three borrowed */
	const uint8_t *proof;
	const uint8_t *shelf; /* info's slots */
};

size_t oblivious_answer_len(const struct oblivious_info *info);
/* `out` has that room. */
void oblivious_answer_write(const struct oblivious_answer *answer, uint16_t slots, uint8_t *out);
/* FORMAT when it is no answer of this table. */
ward_err oblivious_answer_read(ward_bytes bytes, const struct oblivious_info *info,
		struct oblivious_answer *answer, struct ward_error *error) WARD_MUST_USE;

/* F(key, expression) and marks, as they stand in a slot. */
void oblivious_slot_write(const uint8_t output[OPRF_OUTPUT], uint8_t marks,
		uint8_t slot[OBLIVIOUS_SLOT]);
/* The marks when the slot is that expression's; 0 when it is not. */
uint8_t oblivious_slot_read(const uint8_t slot[OBLIVIOUS_SLOT], const uint8_t output[OPRF_OUTPUT]);

#endif
