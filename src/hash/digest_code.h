/*
 * digest_code.h - the three digests of one block at a time, where a CPU can do them together
 *
 * MD5, SHA-1 and SHA-256 take blocks of 64 bytes, and none needs another's
 * result, so a CPU with instructions for SHA does all three in the time of MD5
 * alone (docs/decisions/0009-digests.md).  Elsewhere OpenSSL does them one by one.
 */
#ifndef HASH_DIGEST_CODE_H
#define HASH_DIGEST_CODE_H

#include <ward/hash.h>

#define DIGEST_BLOCK 64

struct digest_states {
	uint32_t md5[4];
	uint32_t sha1[5];
	uint32_t sha256[8];
};

/* Takes `blocks` blocks into all three states. */
typedef void digest_blocks(struct digest_states *states, const uint8_t *bytes, size_t blocks);

/* ---- many inputs at once (digest_lanes.h) ---- */

#define DIGEST_LANES_MAX 16

/* The states of as many inputs as there are lanes, each word of all of them side by side. */
struct digest_lane_states {
	uint32_t md5[4][DIGEST_LANES_MAX];
	uint32_t sha1[5][DIGEST_LANES_MAX];
	uint32_t sha256[8][DIGEST_LANES_MAX];
};

struct digest_lanes_code {
	const char *name;
	unsigned lanes;
	/* Takes `blocks` blocks of each input, which begin at at[0], at[1], ... */
	void (*blocks)(struct digest_lane_states *states, const uint8_t *const at[], size_t blocks);
};

/* NULL when one input after another is as fast, or when a test asked for the plain code. */
const struct digest_lanes_code *ward_digest_lanes(void);
/* Those of this CPU that a test limits to `name`; NULL is the best. */
const struct digest_lanes_code *ward_digest_lanes_of_cpu(const char *name);

/* The states to begin with. */
extern const struct digest_states ward_digest_first;
/* Writes the end of the last block: a one bit, zeroes and the length.  Returns how many blocks. */
size_t ward_digest_end(const uint8_t *rest, uint64_t bytes, uint8_t md5[2 * DIGEST_BLOCK],
		uint8_t sha[2 * DIGEST_BLOCK]);
void ward_digest_put(const struct digest_states *states, struct ward_digests *digests);

/* ---- one input ---- */

/* NULL when this CPU cannot, or when a test asked for the plain code. */
digest_blocks *ward_digest_blocks(void);
/* The same whatever a test asked for. */
digest_blocks *ward_digest_blocks_of_cpu(void);

#endif
