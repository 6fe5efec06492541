/*
 * keys_inner.h - making keys of the vault, for the first time and again
 */
#ifndef VAULT_KEYS_INNER_H
#define VAULT_KEYS_INNER_H

#include "vault/inner.h"

/* A key that is about to be. */
struct new_key {
	struct public_key key;
	uint8_t secret[VAULT_SECRET_SIZE];
	unsigned needed, count; /* of a split one */
	int64_t made_at;
};

/* Draws a pair.  ARGUMENT when the name is none. */
ward_err new_key_make(struct new_key *made, ward_str name, unsigned generation,
		struct ward_error *error) WARD_MUST_USE;
/* Cuts the secret half and shows the shares. */
ward_err new_key_show(const struct new_key *made, vault_show *show, void *context,
		struct ward_error *error) WARD_MUST_USE;
ward_err new_key_insert(struct store_tx *tx, const struct new_key *made,
		struct ward_error *error) WARD_MUST_USE;

/* Seals a role's secret half to a holder.  ARGUMENT when the holder's key is none. */
ward_err holder_insert(struct store_tx *tx, const char *key_id,
		const uint8_t secret[VAULT_SECRET_SIZE], ward_str holder,
		const uint8_t public_key[VAULT_PUBLIC_SIZE],
		struct ward_error *error) WARD_MUST_USE;

/* A row of the log about a key; `holder` may be "". */
ward_err key_log(struct store_tx *tx, const struct vault_actor *actor, const char *action,
		ward_str name, unsigned generation, ward_str holder, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

/* What is known of the keys in use is asked anew before the next item is sealed. */
void vault_keys_changed(struct vault *vault);

#endif
