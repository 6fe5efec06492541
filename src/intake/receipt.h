/*
 * receipt.h - what a reporter comes back with, without telling who they are
 *
 * A receipt made here is six words of a list of 1024, 60 bits: "maple harbor
 * violin copper meadow falcon".  Case, and what stands between words, does not
 * matter; of each word the first four letters are enough.  A door that has
 * receipts of its own (the portal says them in the reporter's language) gives
 * them as text, and whatever is a text of ours or not is treated alike.
 *
 * The store keeps what a receipt is looked up by, and the public half of a key
 * pair.  Both are made of the receipt with Argon2id and the installation's
 * secret: who has a copy of the store can guess nothing, and who has the
 * secret as well needs some ten milliseconds a guess.  What the desk writes is
 * sealed to the public half, so that only the receipt opens it.
 */
#ifndef INTAKE_RECEIPT_H
#define INTAKE_RECEIPT_H

#include <ward/base.h>

enum {
	INTAKE_RECEIPT_TEXT_MAX = 64,
	INTAKE_RECEIPT_TYPED_MAX = 200,
	INTAKE_RECEIPT_SECRET_SIZE = 32, /* of the installation */
	INTAKE_RECEIPT_OVERHEAD = 48,    /* of what is sealed */
};

/* Six words made of 8 bytes, which should be random; returns `out`. */
const char *intake_receipt_words(const uint8_t random[8], char out[INTAKE_RECEIPT_TEXT_MAX]);

struct intake_receipt {
	uint8_t lookup[32];
	uint8_t public_key[32], secret_key[32];
};

/* From what somebody typed.  ARGUMENT when it is empty or too long to be a receipt; NOMEM. */
ward_err intake_receipt_keys(ward_str typed, const uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE],
		struct intake_receipt *keys, struct ward_error *error) WARD_MUST_USE;
void intake_receipt_wipe(struct intake_receipt *keys);

/* Writes text.len + INTAKE_RECEIPT_OVERHEAD bytes. */
void intake_receipt_seal(const uint8_t public_key[32], ward_str text, uint8_t *sealed);
/* Writes sealed.len - INTAKE_RECEIPT_OVERHEAD bytes; false when it was not sealed to these keys. */
bool intake_receipt_unseal(const struct intake_receipt *keys, ward_bytes sealed,
		char *text) WARD_MUST_USE;

#endif
