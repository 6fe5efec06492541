/*
 * package.h - evidence handed on: one signed file that anybody can check
 *
 * A package is a tar file (ustar) with, in this order:
 *
 *     manifest.json       what it holds: items, digests, keys (docs/package.schema.json)
 *     manifest.sig        the installation's signature of the manifest, 64 bytes
 *     signing.pem         the public key of that signature
 *     VERIFY.txt          how to check it, by `ward verify` or by hand
 *     custody.jsonl       the items' rows of the log, with the digests of the chain
 *     items/ID.sealed     payloads as they lie in the vault; or items/ID, in the clear
 *
 * The manifest names every other member with its size and SHA-256, so that its
 * signature covers them all.  The keys of sealed payloads are in the manifest,
 * each sealed to the recipient's public key (X25519, a libsodium sealed box).
 *
 * The reader takes such files from strangers: it reads one pass forward, in
 * bounded memory, and knows this form alone.
 */
#ifndef PACKAGE_H
#define PACKAGE_H

#include "audit/signer.h"
#include "vault/vault.h"

enum { PACKAGE_ITEMS_MAX = 10000 };

struct package_wish {
	const ward_str *items;
	size_t item_count;
	bool clear;                           /* payloads in the clear */
	uint8_t recipient[VAULT_SECRET_SIZE]; /* the public key to wrap to, unless clear */
	ward_str recipient_name;              /* who that is, for the manifest and the log */
	ward_str reason;
	const char *checkpoints;   /* the log's file of them (audit.h); or NULL */
	struct vault_pair persons; /* an export is two persons' */
};

/*
 * Writes a package to a descriptor.  Adds "item.exported" to the custody of
 * each item, which the package then shows as its last row.
 */
ward_err package_write(struct vault *vault, const struct vault_access *access,
		const struct package_wish *wish, const struct signer *signer, int fd,
		struct ward_error *error) WARD_MUST_USE;

/* ---- checking ---- */

struct package_verified {
	uint8_t signer[SIGNER_KEY_SIZE]; /* whose signature it carries */
	bool trusted;                    /* that was the key asked for */
	bool clear;
	unsigned items, rows;
	uint64_t bytes; /* of payloads */
	char made_at[32];
	char recipient_name[128];
	uint64_t checkpoint_row; /* of the log, that its custody ends before; 0: none */
};

/*
 * Reads all of a package.  WARD_OK: every byte of it is what was signed by the
 * key it carries, and by `public_key` when that is not NULL (DENIED otherwise).
 * FORMAT: it is no package.  CORRUPT: it is one, and something in it is not
 * what was signed; the error says what.  Needs no workspace.
 */
ward_err package_verify(vault_source *read, void *context,
		const uint8_t public_key[SIGNER_KEY_SIZE], struct package_verified *verified,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Takes an item out, for the recipient: `secret` is theirs (NULL of a package
 * in the clear).  The whole package is verified as above before WARD_OK.
 */
ward_err package_take(vault_source *read, void *context, ward_str item,
		const uint8_t secret[VAULT_SECRET_SIZE], vault_sink *sink, void *sink_context,
		struct ward_error *error) WARD_MUST_USE;

#endif
