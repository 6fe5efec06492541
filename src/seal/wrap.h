/*
 * wrap.h - a key of 32 bytes, sealed to a public key, for one purpose
 *
 * A libsodium sealed box (X25519, XSalsa20-Poly1305) of the key and of a
 * digest that says what it is for: the key of which item or which role, under
 * which key of the vault.  So a wrap that was put in another's place opens
 * nothing, even for who could open both.
 */
#ifndef WRAP_H
#define WRAP_H

#include <ward/base.h>

enum { WRAP_KEY = 32, WRAP_SIZE = 48 + WRAP_KEY + 32 };

struct wrap_purpose {
	const char *what; /* "item", "role", "export" */
	ward_str object;  /* which one */
	ward_str under;   /* whose public key, by its id or name */
};

/* False for a public key that is none (a point of small order), which no honest pair has. */
bool wrap_make(const uint8_t key[WRAP_KEY], const struct wrap_purpose *purpose,
		const uint8_t public_key[32], uint8_t wrap[WRAP_SIZE]) WARD_MUST_USE;
/* False when it is not for this purpose, or not for this pair; `key` is then untouched. */
bool wrap_open(ward_bytes wrap, const struct wrap_purpose *purpose, const uint8_t public_key[32],
		const uint8_t secret_key[32], uint8_t key[WRAP_KEY]) WARD_MUST_USE;

#endif
