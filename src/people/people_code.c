#include "people/people_code.h"

#include <sodium.h>

#include "base/id.h"

/* Crockford's: no i, l, o, u. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void people_code_new(unsigned letters, char out[PEOPLE_CODE_TEXT_MAX])
{
	uint8_t random[PEOPLE_CODE_INVITATION];

	id_random(random, sizeof(random));
	for (unsigned i = 0; i < letters; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = '-';
		*out++ = alphabet[random[i] % 32];
	}
	*out = '\0';
	sodium_memzero(random, sizeof(random));
}

/* The letter that was meant; 0 when it is none. */
static char meant(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return '0';
	if (c == 'i' || c == 'l')
		return '1';
	return c && strchr(alphabet, c) ? c : '\0';
}

bool people_code_digest(const char *kind, unsigned letters, ward_str typed,
		uint8_t digest[PEOPLE_CODE_DIGEST])
{
	char code[PEOPLE_CODE_INVITATION];
	crypto_hash_sha256_state state;
	unsigned count = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char c = meant(typed.ptr[i]);

		if (typed.ptr[i] == '-' || typed.ptr[i] == ' ')
			continue;
		if (!c || count == letters)
			return false;
		code[count++] = c;
	}
	if (count != letters)
		return false;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)"ward.", 5);
	crypto_hash_sha256_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
	crypto_hash_sha256_update(&state, (const uint8_t *)code, count);
	crypto_hash_sha256_final(&state, digest);
	sodium_memzero(code, sizeof(code));
	return true;
}
