/*
 * pair.h - how the two halves of an X25519 pair are written for people and files
 *
 *     x25519:BASE64          the public half, on one line, to be given away
 *     x25519-secret:BASE64   the secret half, in a file of its own (0600)
 *
 * `ward verify --new-secret FILE` makes one and prints the other.
 */
#ifndef SEAL_PAIR_H
#define SEAL_PAIR_H

#include <ward/base.h>

enum { PAIR_KEY = 32, PAIR_LINE = 80 };

bool pair_public_parse(ward_str text, uint8_t key[PAIR_KEY]) WARD_MUST_USE;
/* Without a newline, NUL-terminated. */
void pair_public_format(const uint8_t key[PAIR_KEY], char line[PAIR_LINE]);
void pair_secret_format(const uint8_t secret[PAIR_KEY], char line[PAIR_LINE]);
/* FORMAT when the file holds no such line.  What was read is wiped. */
ward_err pair_secret_read(const char *path, uint8_t secret[PAIR_KEY],
		struct ward_error *error) WARD_MUST_USE;

#endif
