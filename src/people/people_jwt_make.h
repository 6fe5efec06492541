/*
 * people_jwt_make.h - keys and signed tokens, made by OpenSSL, for tests
 *
 * What a provider would do, and what one who wants in would do: any head, any
 * claims, any key.  Included by test programs alone.
 */
#ifndef PEOPLE_JWT_MAKE_H
#define PEOPLE_JWT_MAKE_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "people/people_jwt.h"

enum { MAKE_TEXT_MAX = 8192 };

static inline void make_base64(const uint8_t *bytes, size_t len, char *out, size_t room)
{
	sodium_bin2base64(out, room, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static inline EVP_PKEY *make_key(enum people_jwt_algorithm algorithm)
{
	switch (algorithm) {
	case PEOPLE_JWT_ES256:
		return EVP_EC_gen("P-256");
	case PEOPLE_JWT_EDDSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case PEOPLE_JWT_RS256:
	case PEOPLE_JWT_PS256:
	case PEOPLE_JWT_ALGORITHMS:
		break;
	}
	return EVP_RSA_gen(2048);
}

static inline void make_number(const EVP_PKEY *key, const char *name, size_t len, char *out)
{
	uint8_t bytes[512];
	BIGNUM *number = NULL;

	EVP_PKEY_get_bn_param(key, name, &number);
	if (len == 0)
		len = (size_t)BN_num_bytes(number);
	BN_bn2binpad(number, bytes, (int)len);
	BN_free(number);
	make_base64(bytes, len, out, 1024);
}

/* One key of a set; `more` is text as ",\"use\":\"sig\"". */
static inline void make_jwk(const EVP_PKEY *key, const char *kid, const char *more,
		char out[MAKE_TEXT_MAX])
{
	char first[1024], second[1024];
	uint8_t raw[32];
	size_t len = sizeof(raw);

	if (EVP_PKEY_is_a(key, "RSA")) {
		make_number(key, OSSL_PKEY_PARAM_RSA_N, 0, first);
		make_number(key, OSSL_PKEY_PARAM_RSA_E, 0, second);
		snprintf(out, MAKE_TEXT_MAX,
				"{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}", kid,
				first, second, more);
	} else if (EVP_PKEY_is_a(key, "EC")) {
		make_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32, first);
		make_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32, second);
		snprintf(out, MAKE_TEXT_MAX,
				"{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\","
				"\"y\":\"%s\"%s}",
				kid, first, second, more);
	} else {
		EVP_PKEY_get_raw_public_key(key, raw, &len);
		make_base64(raw, len, first, sizeof(first));
		snprintf(out, MAKE_TEXT_MAX,
				"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\"%"
				"s}",
				kid, first, more);
	}
}

/* From DER to two numbers of 32 bytes. */
static inline size_t make_pair(const uint8_t *der, size_t len, uint8_t out[64])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);

	BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32);
	ECDSA_SIG_free(pair);
	return 64;
}

static inline size_t make_signature(EVP_PKEY *key, enum people_jwt_algorithm algorithm,
		const char *message, uint8_t out[512])
{
	uint8_t raw[512];
	size_t len = sizeof(raw);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner = NULL;

	EVP_DigestSignInit(context, &inner, algorithm == PEOPLE_JWT_EDDSA ? NULL : EVP_sha256(),
			NULL, key);
	if (algorithm == PEOPLE_JWT_PS256) {
		EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST);
	}
	if (EVP_DigestSign(context, raw, &len, (const uint8_t *)message, strlen(message)) != 1)
		len = 0;
	EVP_MD_CTX_free(context);
	if (algorithm == PEOPLE_JWT_ES256)
		return make_pair(raw, len, out);
	memcpy(out, raw, len);
	return len;
}

/* HEAD.CLAIMS of two JSON texts. */
static inline void make_unsigned(const char *head, const char *claims, char out[MAKE_TEXT_MAX])
{
	make_base64((const uint8_t *)head, strlen(head), out, MAKE_TEXT_MAX / 2);
	size_t len = strlen(out);

	out[len++] = '.';
	make_base64((const uint8_t *)claims, strlen(claims), out + len, MAKE_TEXT_MAX - len - 2048);
}

static inline void make_token(EVP_PKEY *key, enum people_jwt_algorithm algorithm, const char *head,
		const char *claims, char out[MAKE_TEXT_MAX])
{
	uint8_t signature[512];

	make_unsigned(head, claims, out);
	size_t len = make_signature(key, algorithm, out, signature), at = strlen(out);

	out[at++] = '.';
	make_base64(signature, len, out + at, MAKE_TEXT_MAX - at);
}

#endif
