#include "seal/wrap.h"

#include <assert.h>
#include <sodium.h>

enum { PURPOSE = WRAP_SIZE - crypto_box_SEALBYTES - WRAP_KEY };

static_assert(PURPOSE == 32, "a digest");
static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32, "X25519");

static void add(crypto_generichash_state *state, const void *bytes, size_t len)
{
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)((uint64_t)len >> 8 * i);
	crypto_generichash_update(state, length, sizeof(length));
	crypto_generichash_update(state, bytes, len);
}

static void purpose_digest(const struct wrap_purpose *purpose, uint8_t digest[PURPOSE])
{
	static const char word[] = "ward.wrap.1";
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, PURPOSE);
	add(&state, word, sizeof(word));
	add(&state, purpose->what, strlen(purpose->what));
	add(&state, purpose->object.ptr, purpose->object.len);
	add(&state, purpose->under.ptr, purpose->under.len);
	crypto_generichash_final(&state, digest, PURPOSE);
}

bool wrap_make(const uint8_t key[WRAP_KEY], const struct wrap_purpose *purpose,
		const uint8_t public_key[32], uint8_t wrap[WRAP_SIZE])
{
	uint8_t plain[WRAP_KEY + PURPOSE];

	memcpy(plain, key, WRAP_KEY);
	purpose_digest(purpose, plain + WRAP_KEY);
	int rc = crypto_box_seal(wrap, plain, sizeof(plain), public_key);

	sodium_memzero(plain, sizeof(plain));
	return rc == 0;
}

bool wrap_open(ward_bytes wrap, const struct wrap_purpose *purpose, const uint8_t public_key[32],
		const uint8_t secret_key[32], uint8_t key[WRAP_KEY])
{
	uint8_t plain[WRAP_KEY + PURPOSE], digest[PURPOSE];

	if (wrap.len != WRAP_SIZE || crypto_box_seal_open(plain, wrap.ptr, wrap.len, public_key,
						     secret_key) != 0)
		return false;
	purpose_digest(purpose, digest);
	bool good = sodium_memcmp(digest, plain + WRAP_KEY, PURPOSE) == 0;

	if (good)
		memcpy(key, plain, WRAP_KEY);
	sodium_memzero(plain, sizeof(plain));
	return good;
}
