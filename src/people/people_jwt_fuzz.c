/*
 * The first byte says what the rest is: a set of keys, a provider's document, what a code is
 * redeemed for, a token, or the claims of a token that is signed here, so that what lies behind the
 * signature is reached.
 */
#include <sodium.h>

#include "base/tree.h"
#include "people/people_discovery.h"
#include "people/people_id_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096 };

static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static struct people_keyset *own;

static void make_own(void)
{
	uint8_t seed[crypto_sign_SEEDBYTES] = { 7 }, public_key[crypto_sign_PUBLICKEYBYTES];
	char x[64], text[256];
	struct ward_error error;

	if (own || sodium_init() < 0)
		return;
	crypto_sign_seed_keypair(public_key, secret, seed);
	sodium_bin2base64(x, sizeof(x), public_key, sizeof(public_key),
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(text, sizeof(text),
			"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}]}", x);
	(void)!people_keyset_read(ward_str_from(text), &own, &error);
}

static void try_token(ward_str token)
{
	static const struct people_id_rules rules = {
		.issuer = { "https://login.example.org", 25 },
		.client_id = { "ward", 4 },
		.nonce = { "n", 1 },
		.access_token = { "a", 1 },
		.now = 1800000000,
		.skew_s = 60,
		.auth_after = 1799999900,
		.acr = { "urn:two", 7 },
		.amr = { "mfa hwk", 7 },
	};
	struct people_id id;
	struct ward_error error;

	if (people_id_token_read(own, token, &rules, &id, &error) == WARD_OK &&
			!people_subject_valid(ward_str_from(id.subject)))
		abort();
}

static void try_claims(ward_str claims)
{
	static const char head[] = "{\"alg\":\"EdDSA\"}";
	static char token[2 * TEXT_MAX];
	uint8_t signature[crypto_sign_BYTES];

	if (claims.len > TEXT_MAX)
		return;
	sodium_bin2base64(token, sizeof(token), (const uint8_t *)head, sizeof(head) - 1,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	size_t len = strlen(token);

	token[len++] = '.';
	sodium_bin2base64(token + len, sizeof(token) - len, (const uint8_t *)claims.ptr, claims.len,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	len += strlen(token + len);
	crypto_sign_detached(signature, NULL, (const uint8_t *)token, len, secret);
	token[len++] = '.';
	sodium_bin2base64(token + len, sizeof(token) - len, signature, sizeof(signature),
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	try_token(ward_str_from(token));
}

static void try_set(ward_str text)
{
	struct people_keyset *set;
	struct ward_error error;

	if (people_keyset_read(text, &set, &error) != WARD_OK)
		return;
	if (people_keyset_count(set) == 0 || people_keyset_count(set) > PEOPLE_KEYSET_MAX)
		abort();
	people_keyset_free(set);
}

static void try_document(ward_str text)
{
	struct people_discovery discovery;
	struct ward_error error;

	if (people_discovery_read(text, WARD_STR("https://login.example.org"), &discovery,
			    &error) == WARD_OK &&
			!ward_str_starts(ward_str_from(discovery.token), WARD_STR("https://")))
		abort();
}

static void try_grant(ward_str text)
{
	struct people_grant grant;
	struct ward_arena arena;
	struct ward_error error;

	ward_arena_init(&arena, 64 * 1024);
	(void)!people_grant_read(text, &arena, &grant, &error);
	ward_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	make_own();
	if (!own || size < 1)
		return 0;
	ward_str text = { (const char *)data + 1, size - 1 };

	if (data[0] == 'k')
		try_set(text);
	else if (data[0] == 'd')
		try_document(text);
	else if (data[0] == 'g')
		try_grant(text);
	else if (data[0] == 't')
		try_token(text);
	else
		try_claims(text);
	return 0;
}
