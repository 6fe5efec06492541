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

/* NULL when this CPU cannot, or when a test asked for the plain code. */
digest_blocks *ward_digest_blocks(void);
/* The same whatever a test asked for. */
digest_blocks *ward_digest_blocks_of_cpu(void);

#endif
