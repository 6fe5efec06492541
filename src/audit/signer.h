/*
 * signer.h - the installation's own signature
 *
 * One Ed25519 key (libsodium) is made with the workspace, in keys/signing.key
 * (0600); its public half is in keys/signing.pub, to be given to whoever
 * should be able to check: checkpoints of the log, packages of evidence,
 * calls to other services.  What is signed begins with a word that says what
 * it is, so that a signature of one kind is never one of another.
 *
 * A signer is immutable; share it.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <ward/base.h>

enum { SIGNER_KEY_SIZE = 32, SIGNER_SIGNATURE_SIZE = 64 };

struct signer;

/* Makes the two files in `folder` when they are not there; EXISTS is no error. */
ward_err signer_make(const char *folder, struct ward_error *error) WARD_MUST_USE;
ward_err signer_open(const char *folder, struct signer **signer,
		struct ward_error *error) WARD_MUST_USE;
/* Wipes the key.  NULL is fine. */
void signer_free(struct signer *signer);
const uint8_t *signer_public(const struct signer *signer); /* SIGNER_KEY_SIZE bytes */
/* Reads a signing.pub, which may be another installation's.  CORRUPT when it is none. */
ward_err signer_read_public(const char *path, uint8_t key[SIGNER_KEY_SIZE],
		struct ward_error *error) WARD_MUST_USE;

/* `kind` is a short word: "ward.checkpoint", "ward.package", "ward.call". */
void signer_sign(const struct signer *signer, const char *kind, ward_bytes message,
		uint8_t signature[SIGNER_SIGNATURE_SIZE]);
bool signer_check(const uint8_t public_key[SIGNER_KEY_SIZE], const char *kind, ward_bytes message,
		const uint8_t signature[SIGNER_SIGNATURE_SIZE]) WARD_MUST_USE;

#endif
