/*
 * SHA-256 alone (FIPS 180-4), of a few short pieces, without memory of its own.
 */
#include "hash/digest_code.h"
#include "hash/digest_tables.h"

#include <string.h>

static uint32_t rotate(uint32_t value, int by)
{
	return value >> by | value << (32 - by);
}

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void expand(uint32_t words[64], const uint8_t *block)
{
	for (int i = 0; i < 16; i++)
		words[i] = read_u32(block + (size_t)4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t a = words[i - 15], b = words[i - 2];

		words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
			   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void take_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t words[64], s[8];

	expand(words, block);
	memcpy(s, state, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t sum = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
			       ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha256_root[i] + words[i];
		uint32_t top = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
			       ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += sum;
		s[0] = sum + top;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

/* With instructions for it the other two digests cost nothing beside it. */
static void take_blocks(struct digest_states *states, const uint8_t *bytes, size_t blocks)
{
	digest_blocks *code = ward_digest_blocks();

	if (code && blocks > 0)
		code(states, bytes, blocks);
	for (size_t i = 0; !code && i < blocks; i++)
		take_block(states->sha256, bytes + i * DIGEST_BLOCK);
}

void ward_sha256(const ward_bytes *pieces, size_t count, uint8_t digest[32])
{
	struct digest_states states = ward_digest_first;
	uint8_t rest[DIGEST_BLOCK], md5[2 * DIGEST_BLOCK], end[2 * DIGEST_BLOCK];
	struct ward_digests digests;
	uint64_t bytes = 0;
	size_t held = 0;

	for (size_t i = 0; i < count; i++) {
		ward_bytes piece = pieces[i];

		bytes += piece.len;
		while (piece.len > 0) {
			size_t some = DIGEST_BLOCK - held < piece.len ? DIGEST_BLOCK - held
								      : piece.len;

			memcpy(rest + held, piece.ptr, some);
			piece.ptr += some;
			piece.len -= some;
			held += some;
			if (held == DIGEST_BLOCK) {
				take_blocks(&states, rest, 1);
				held = 0;
			}
		}
	}
	take_blocks(&states, end, ward_digest_end(rest, bytes, md5, end));
	ward_digest_put(&states, &digests);
	memcpy(digest, digests.sha256, 32);
}
