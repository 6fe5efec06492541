#include "live/live_crypt.h"

#include <libavutil/aes.h>
#include <libavutil/mem.h>

#define BLOCK      ((size_t)LIVE_CRYPT_BLOCK)
#define BLOCKS_MAX 256

struct live_crypt {
	struct AVAES *aes;
	uint8_t iv[BLOCK];
	uint8_t sealed[BLOCKS_MAX * BLOCK]; /* as it came */
	size_t sealed_len;
	uint8_t clear[BLOCKS_MAX * BLOCK];
	size_t clear_at, clear_len;
	bool ended;
};

static bool read_hex(const char *text, uint8_t *to)
{
	return text && ward_hex_parse(ward_str_from(text), to, BLOCK);
}

struct live_crypt *live_crypt_new(const char *key, const char *iv)
{
	struct live_crypt *crypt = calloc(1, sizeof(*crypt));
	uint8_t bytes[BLOCK];

	if (!crypt || !read_hex(key, bytes) || !read_hex(iv, crypt->iv)) {
		free(crypt);
		return NULL;
	}
	crypt->aes = av_aes_alloc();
	if (!crypt->aes || av_aes_init(crypt->aes, bytes, 128, 1) < 0) {
		live_crypt_free(crypt);
		return NULL;
	}
	return crypt;
}

void live_crypt_free(struct live_crypt *crypt)
{
	if (!crypt)
		return;
	av_freep(&crypt->aes);
	free(crypt);
}

/* How many of a last block's bytes are the piece's; all of them when the rest is no padding. */
static size_t without_padding(const uint8_t *block)
{
	size_t padding = block[BLOCK - 1];

	if (padding == 0 || padding > BLOCK)
		return BLOCK;
	for (size_t i = BLOCK - padding; i < BLOCK; i++) {
		if (block[i] != padding)
			return BLOCK;
	}
	return BLOCK - padding;
}

/* The last block is opened when it is known to be that. */
static void open_blocks(struct live_crypt *crypt)
{
	size_t blocks = crypt->sealed_len / BLOCK;

	if (!crypt->ended && blocks > 0 && crypt->sealed_len % BLOCK == 0)
		blocks--;
	av_aes_crypt(crypt->aes, crypt->clear, crypt->sealed, (int)blocks, crypt->iv, 1);
	crypt->clear_at = 0;
	crypt->clear_len = blocks * BLOCK;
	/* What is no whole block was cut off, and the padding with it. */
	if (crypt->ended && blocks > 0 && crypt->sealed_len % BLOCK == 0)
		crypt->clear_len -= BLOCK - without_padding(crypt->clear + (blocks - 1) * BLOCK);
	crypt->sealed_len -= blocks * BLOCK;
	memmove(crypt->sealed, crypt->sealed + blocks * BLOCK, crypt->sealed_len);
}

static void fill(struct live_crypt *crypt, live_crypt_read *read, void *context)
{
	while (!crypt->ended && crypt->sealed_len <= BLOCK) {
		size_t got = read(context, crypt->sealed + crypt->sealed_len,
				sizeof(crypt->sealed) - crypt->sealed_len);

		crypt->ended = got == 0;
		crypt->sealed_len += got;
	}
	open_blocks(crypt);
}

size_t live_crypt_some(struct live_crypt *crypt, live_crypt_read *read, void *context, uint8_t *to,
		size_t room)
{
	if (crypt->clear_at == crypt->clear_len)
		fill(crypt, read, context);
	size_t len = crypt->clear_len - crypt->clear_at;

	len = len < room ? len : room;
	memcpy(to, crypt->clear + crypt->clear_at, len);
	crypt->clear_at += len;
	return len;
}
