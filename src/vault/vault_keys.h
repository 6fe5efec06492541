/*
 * vault_keys.h - which keys open the vault, who holds them, and how they change
 *
 * A key is an X25519 pair with a name.  Role keys ("review", "filing") are
 * held by people: the secret half is sealed to each holder's own public key,
 * and is found in no other place.  Two keys are held by nobody: "master",
 * whose shares stay in the house, and "backup", whose shares are kept outside
 * of it.  Their secret halves are cut by Shamir's scheme so that any `needed`
 * of `count` shares give them back and fewer tell nothing; the shares are
 * shown once and not kept.  Every item, and every role's secret half, is
 * wrapped to both.
 *
 * A key is rotated by making its next generation, wrapping every item to it
 * and forgetting the old one: payloads stay as they are.  A person loses a
 * role by losing their holding; rotate the key as well when they may have
 * kept a copy of it.
 *
 * Everything here that changes something adds its row of the log, object
 * "key:NAME", by a store_write of its own.
 */
#ifndef VAULT_KEYS_H
#define VAULT_KEYS_H

#include "vault/vault.h"

enum {
	VAULT_PUBLIC_SIZE = 32,
	VAULT_NAME_MAX = 32,
	VAULT_SHARES_MAX = 32,
	VAULT_KEYS_MAX = 24, /* in use, of one vault */
};

/* ---- making ---- */

struct vault_plan {
	ward_str roles;                       /* "review,filing" */
	unsigned master_needed, master_count; /* 2 <= needed <= count <= VAULT_SHARES_MAX */
	unsigned backup_needed, backup_count;
};

/*
 * Shows the shares of a key to the people who will keep them: texts of six lines, and what is said
 * about them in lines that begin with "#".  Called before anything is changed, and once: when it
 * fails nothing is changed, and the shares open nothing.  They are wiped when it returns.
 */
typedef ward_err vault_show(void *context, const char *key, const char *const *shares,
		unsigned count, struct ward_error *error);

/*
 * Makes all keys.  Nobody holds a role yet: give it with vault_key_give, by
 * the access that comes back, which has them all and is wiped like any other.
 * EXISTS when the vault has keys.
 */
ward_err vault_keys_make(struct vault *vault, const struct vault_plan *plan,
		const struct vault_actor *actor, vault_show *show, void *context,
		struct vault_access **access, struct ward_error *error) WARD_MUST_USE;
/*
 * One more role, by an access by shares, which has it from then on (and is in
 * one thread's hands alone): items sealed from now on are wrapped to it.
 */
ward_err vault_key_add_role(struct vault *vault, struct vault_access *access, ward_str role,
		struct ward_error *error) WARD_MUST_USE;

/* ---- holding ---- */

/*
 * Gives `holder` ("person:ID", "key:NAME") a role: by somebody who has it
 * (DENIED otherwise), or by the master.  A holder who has it already gets it
 * for this public key.
 */
ward_err vault_key_give(struct vault *vault, const struct vault_access *access, ward_str role,
		ward_str holder, const uint8_t public_key[VAULT_PUBLIC_SIZE],
		struct ward_error *error) WARD_MUST_USE;
/* The same by two persons, for a reason, as somebody who is at a distance gives it. */
ward_err vault_key_give_by_two(struct vault *vault, const struct vault_access *access,
		const struct vault_pair *persons, ward_str role, ward_str holder,
		const uint8_t public_key[VAULT_PUBLIC_SIZE], ward_str reason,
		struct ward_error *error) WARD_MUST_USE;
/* Takes it away again.  NOT_FOUND when they did not hold it. */
ward_err vault_key_take(struct vault *vault, const struct vault_actor *actor, ward_str role,
		ward_str holder, ward_str reason, struct ward_error *error) WARD_MUST_USE;
/* The same, but CONFLICT when no person would hold it any more: shares alone would bring it back.
 */
ward_err vault_key_take_not_last(struct vault *vault, const struct vault_actor *actor,
		ward_str role, ward_str holder, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

struct vault_key {
	char name[VAULT_NAME_MAX];
	unsigned generation;
	bool split;             /* master, backup */
	unsigned needed, count; /* of a split one's shares */
	uint8_t public_key[VAULT_PUBLIC_SIZE];
	int64_t made_at;
	int64_t retired_at; /* 0: this generation is in use */
	uint64_t items;     /* that are wrapped to it */
};

ward_err vault_key_list(struct store_tx *tx,
		bool (*each)(void *context, const struct vault_key *key), void *context,
		struct ward_error *error) WARD_MUST_USE;
/* Who holds a role. */
ward_err vault_holder_list(struct store_tx *tx, ward_str role,
		bool (*each)(void *context, ward_str holder, int64_t since), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- unlocking ---- */

/*
 * Opens every role that `actor` holds with their own secret (borrowed for the
 * call).  DENIED when they hold none, or the secret is another's.
 */
ward_err vault_unlock(struct vault *vault, const struct vault_actor *actor,
		const uint8_t secret[VAULT_SECRET_SIZE], struct vault_access **access,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Opens the master or the backup key with shares, and with it every role, for
 * two persons and a reason.  FORMAT when a text is no share, and says which
 * line; ARGUMENT when they are too few, of several keys, or one twice; DENIED
 * when they do not give the key's secret half.
 */
ward_err vault_unlock_shares(struct vault *vault, const ward_str *shares, unsigned count,
		const struct vault_pair *persons, ward_str reason, struct vault_access **access,
		struct ward_error *error) WARD_MUST_USE;

/* What one share's text says of itself, and whether it is whole. */
struct vault_share_facts {
	char key[VAULT_NAME_MAX]; /* "" when this vault has no such key */
	unsigned generation, number, needed, count;
	bool retired; /* its key was replaced: it opens nothing */
};
ward_err vault_share_look(struct vault *vault, ward_str share, struct vault_share_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

/* ---- rotating ---- */

/*
 * Makes the next generation of a key, wraps every item to it, and forgets the
 * old one.  `access` has the key itself, or is by shares.  Holders keep
 * holding, save `without` (may be "").  A split key wants an access by shares, for new
 * ones are made and shown.  Interrupted, it is taken up where it stopped by
 * the next call, and `taken_up` says so; nothing else was done then.  The
 * access does not have the new generation: unlock again.
 */
struct vault_rotated {
	unsigned generation;
	uint64_t items;
	bool taken_up;
};
ward_err vault_key_rotate(struct vault *vault, const struct vault_access *access, ward_str name,
		ward_str without, vault_show *show, void *context, struct vault_rotated *rotated,
		struct ward_error *error) WARD_MUST_USE;

#endif
