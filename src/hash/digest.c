/*
 * MD5, SHA-1 and SHA-256 in one pass.
 *
 * Where the CPU can do all three together (digest_code.h), bytes go through in
 * blocks of 64, which all three take, and only the rest of a block is kept.
 * Elsewhere they go through OpenSSL in pieces that stay in the first-level
 * cache, so that the second and third digest read them from there.
 */
#include "hash/digest_code.h"

#include <openssl/evp.h>

#define PIECE 8192

struct ward_digester {
	uint64_t bytes;
	digest_blocks *blocks; /* NULL: OpenSSL */
	struct digest_states states;
	uint8_t rest[DIGEST_BLOCK]; /* bytes % DIGEST_BLOCK of them */
	EVP_MD_CTX *context[3];
};

static const EVP_MD *algorithm(int which)
{
	return which == 0 ? EVP_md5() : which == 1 ? EVP_sha1() : EVP_sha256();
}

const struct digest_states ward_digest_first = {
	.md5 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 },
	.sha1 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 },
	.sha256 = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
			0x1f83d9ab, 0x5be0cd19 },
};

static bool start(struct ward_digester *digester)
{
	digester->bytes = 0;
	digester->states = ward_digest_first;
	for (int i = 0; i < 3 && !digester->blocks; i++) {
		if (!EVP_DigestInit_ex(digester->context[i], algorithm(i), NULL))
			return false;
	}
	return true;
}

struct ward_digester *ward_digester_new(void)
{
	struct ward_digester *digester = calloc(1, sizeof(*digester));
	bool ok = digester != NULL;

	if (!ok)
		return NULL;
	digester->blocks = ward_digest_blocks();
	for (int i = 0; ok && i < 3 && !digester->blocks; i++)
		ok = (digester->context[i] = EVP_MD_CTX_new()) != NULL;
	if (ok && start(digester))
		return digester;
	ward_digester_free(digester);
	return NULL;
}

void ward_digester_free(struct ward_digester *digester)
{
	if (!digester)
		return;
	for (int i = 0; i < 3; i++)
		EVP_MD_CTX_free(digester->context[i]);
	free(digester);
}

static void update_blocks(struct ward_digester *digester, ward_bytes bytes)
{
	size_t held = digester->bytes % DIGEST_BLOCK, whole;

	digester->bytes += bytes.len;
	if (held > 0) {
		size_t some = DIGEST_BLOCK - held < bytes.len ? DIGEST_BLOCK - held : bytes.len;

		memcpy(digester->rest + held, bytes.ptr, some);
		if (held + some < DIGEST_BLOCK)
			return;
		digester->blocks(&digester->states, digester->rest, 1);
		bytes.ptr += some;
		bytes.len -= some;
	}
	whole = bytes.len / DIGEST_BLOCK;
	digester->blocks(&digester->states, bytes.ptr, whole);
	memcpy(digester->rest, bytes.ptr + whole * DIGEST_BLOCK, bytes.len % DIGEST_BLOCK);
}

static void update_openssl(struct ward_digester *digester, ward_bytes bytes)
{
	digester->bytes += bytes.len;
	while (bytes.len > 0) {
		size_t piece = bytes.len < PIECE ? bytes.len : PIECE;

		for (int i = 0; i < 3; i++)
			EVP_DigestUpdate(digester->context[i], bytes.ptr, piece);
		bytes.ptr += piece;
		bytes.len -= piece;
	}
}

void ward_digester_update(struct ward_digester *digester, ward_bytes bytes)
{
	if (bytes.len == 0)
		return;
	if (digester->blocks)
		update_blocks(digester, bytes);
	else
		update_openssl(digester, bytes);
}

static void put_u32_le(uint8_t out[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

static void put_u32_be(uint8_t out[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/*
 * MD5 has the length's lowest byte first and SHA its highest, so the end is
 * taken twice, from the same states.
 */
size_t ward_digest_end(const uint8_t *rest, uint64_t bytes, uint8_t md5[2 * DIGEST_BLOCK],
		uint8_t sha[2 * DIGEST_BLOCK])
{
	size_t held = bytes % DIGEST_BLOCK;
	size_t blocks = held + 9 <= DIGEST_BLOCK ? 1 : 2, length = blocks * DIGEST_BLOCK - 8;
	uint64_t bits = bytes * 8;

	memset(md5, 0, 2 * DIGEST_BLOCK);
	if (held > 0)
		memcpy(md5, rest, held);
	md5[held] = 0x80;
	memcpy(sha, md5, 2 * DIGEST_BLOCK);
	put_u32_le(md5 + length, (uint32_t)bits);
	put_u32_le(md5 + length + 4, (uint32_t)(bits >> 32));
	put_u32_be(sha + length, (uint32_t)(bits >> 32));
	put_u32_be(sha + length + 4, (uint32_t)bits);
	return blocks;
}

void ward_digest_put(const struct digest_states *states, struct ward_digests *digests)
{
	for (int i = 0; i < 4; i++)
		put_u32_le(digests->md5 + 4 * i, states->md5[i]);
	for (int i = 0; i < 5; i++)
		put_u32_be(digests->sha1 + 4 * i, states->sha1[i]);
	for (int i = 0; i < 8; i++)
		put_u32_be(digests->sha256 + 4 * i, states->sha256[i]);
}

static void finish_blocks(struct ward_digester *digester, struct ward_digests *digests)
{
	struct digest_states *states = &digester->states, md5 = *states;
	uint8_t md5_end[2 * DIGEST_BLOCK], sha_end[2 * DIGEST_BLOCK];
	size_t blocks = ward_digest_end(digester->rest, digester->bytes, md5_end, sha_end);

	digester->blocks(&md5, md5_end, blocks);
	digester->blocks(states, sha_end, blocks);
	memcpy(states->md5, md5.md5, sizeof(states->md5));
	ward_digest_put(states, digests);
}

static void finish_openssl(struct ward_digester *digester, struct ward_digests *digests)
{
	EVP_DigestFinal_ex(digester->context[0], digests->md5, NULL);
	EVP_DigestFinal_ex(digester->context[1], digests->sha1, NULL);
	EVP_DigestFinal_ex(digester->context[2], digests->sha256, NULL);
}

void ward_digester_finish(struct ward_digester *digester, struct ward_digests *digests)
{
	if (digester->blocks)
		finish_blocks(digester, digests);
	else
		finish_openssl(digester, digests);
	digests->bytes = digester->bytes;
	start(digester);
}

ward_err ward_digest(ward_bytes bytes, struct ward_digests *digests)
{
	struct ward_digester *digester = ward_digester_new();

	if (!digester)
		return WARD_E_NOMEM;
	ward_digester_update(digester, bytes);
	ward_digester_finish(digester, digests);
	ward_digester_free(digester);
	return WARD_OK;
}

ward_signal ward_digests_signal(const struct ward_digests *digests, ward_signal_kind kind)
{
	ward_signal signal = { .kind = kind };

	if (kind == WARD_SIGNAL_MD5)
		memcpy(signal.bytes, digests->md5, 16);
	else if (kind == WARD_SIGNAL_SHA1)
		memcpy(signal.bytes, digests->sha1, 20);
	else if (kind == WARD_SIGNAL_SHA256)
		memcpy(signal.bytes, digests->sha256, 32);
	else
		signal.kind = WARD_SIGNAL_NONE;
	return signal;
}
