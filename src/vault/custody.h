/*
 * custody.h - one digest for the rows of an item before its export (custody.c)
 */
#ifndef VAULT_CUSTODY_H
#define VAULT_CUSTODY_H

#include <ward/base.h>

struct custody_digest {
	struct evp_md_ctx_st *context;
};

bool custody_digest_begin(struct custody_digest *digest) WARD_MUST_USE;
/* The digest of a row; the newest row first. */
void custody_digest_add(struct custody_digest *digest, const uint8_t self[32]);
/* Also after a beginning that failed; `out` may be NULL. */
void custody_digest_end(struct custody_digest *digest, uint8_t out[32]);

#endif
