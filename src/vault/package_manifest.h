/*
 * package_manifest.h - what a package says of itself: written here, read there
 *
 * The words of manifest.json and of custody.jsonl (docs/package.schema.json),
 * both ways.  Reading takes text whose signature was checked, and believes it
 * no more for that: whoever made the key may have made anything.
 */
#ifndef VAULT_MANIFEST_H
#define VAULT_MANIFEST_H

#include "audit/audit.h"
#include "audit/checkpoint.h"
#include "seal/wrap.h"
#include "vault/inner.h"
#include "vault/package.h"

#define PACKAGE_KIND "ward.package" /* what its signature begins with */

enum {
	PACKAGE_NAME_MAX = 128,
	PACKAGE_MANIFEST_MAX = 64 << 20,
	PACKAGE_CUSTODY_MAX = 256 << 20,
	PACKAGE_PEM_MAX = 256,
	PACKAGE_MEMBER_MAX = 100,
};

struct package_item {
	struct vault_facts facts;
	uint8_t wrap[WRAP_SIZE]; /* of its key, to the recipient */
};

struct package_file {
	char name[PACKAGE_MEMBER_MAX];
	uint64_t bytes;
	uint8_t sha256[32];
};

struct package_manifest {
	char id[ID_TEXT_MAX];
	int64_t made_at;
	bool clear;
	uint8_t recipient[32];
	char recipient_name[PACKAGE_NAME_MAX];
	char first[201], second[201]; /* the two persons */
	ward_str reason;              /* of a manifest that was read: "" */
	bool has_checkpoint;
	struct checkpoint checkpoint;
	struct package_file verify_text, custody;
	struct package_item *items;
	size_t item_count;
};

/* "items/ID.sealed", or "items/ID" in the clear. */
void package_manifest_file(const struct package_manifest *manifest, size_t index,
		struct package_file *file);

void package_manifest_write(const struct package_manifest *manifest, struct ward_buf *text);
/* Items lie in the arena. */
ward_err package_manifest_read(ward_str text, struct ward_arena *arena,
		struct package_manifest *manifest, struct ward_error *error) WARD_MUST_USE;

/* A line of custody.jsonl, with its line feed. */
void custody_write(const struct audit_row *row, struct ward_buf *text);
/* Checks all lines against themselves, each other and the manifest; counts them. */
ward_err custody_check(ward_str text, const struct package_manifest *manifest, unsigned *rows,
		uint64_t *checkpoint_row, struct ward_error *error) WARD_MUST_USE;

/* The public key as `openssl pkey -pubin` reads it (RFC 8410). */
const char *package_pem(const uint8_t key[SIGNER_KEY_SIZE], char pem[PACKAGE_PEM_MAX]);
bool package_pem_parse(ward_str pem, uint8_t key[SIGNER_KEY_SIZE]) WARD_MUST_USE;

/* VERIFY.txt */
extern const char package_verify_text[];

#endif
