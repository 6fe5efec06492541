/*
 * inner.h - what the parts of the vault share among themselves
 */
#ifndef VAULT_INNER_H
#define VAULT_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/json.h"
#include "seal/sealed.h"
#include "seal/wrap.h"
#include "vault/holds.h"
#include "vault/release.h"
#include "vault/shares.h"
#include "vault/vault_keys.h"

enum { VAULT_PATH_MAX = 4096, VAULT_WORD_MAX = 200, VAULT_DETAIL_MAX = 8000 };

/* ---- public halves ---- */

struct public_key {
	char id[ID_TEXT_MAX];
	char name[VAULT_NAME_MAX];
	unsigned generation;
	bool split;
	uint8_t bytes[VAULT_PUBLIC_SIZE];
};

/* Those in use. */
struct public_keys {
	struct public_key at[VAULT_KEYS_MAX];
	size_t count;
};

/* Reads those in use, by name.  NOT_FOUND when the vault has none. */
ward_err public_keys_read(struct store_tx *tx, struct public_keys *keys,
		struct ward_error *error) WARD_MUST_USE;
const struct public_key *public_keys_find(const struct public_keys *keys, ward_str name);
/* The split ones, and those of these roles; NOT_FOUND when there is no such role. */
ward_err public_keys_choose(const struct public_keys *keys, ward_str roles,
		struct public_keys *chosen, struct ward_error *error) WARD_MUST_USE;
bool public_keys_equal(const struct public_keys *a, const struct public_keys *b);

/* ---- the vault ---- */

struct vault {
	char folder[VAULT_PATH_MAX];
	struct store *store;
	struct legal *legal;
	/* Of files whose ids end with this: the folder is there, and durable (arrive.c). */
	atomic_bool folders[256];
	pthread_mutex_t mutex;
	bool known; /* `keys` is what the store had when it was last asked */
	struct public_keys keys;
};

/* "FOLDER/ab/ID.sealed", with "ab" the id's last two digits: its first ones are the time. */
bool vault_path(const struct vault *vault, const char *id, const char *suffix,
		char path[VAULT_PATH_MAX]);

#define VAULT_FACTS_COLUMNS                                                                    \
	"id, kind, origin, bytes, md5, sha1, sha256, sealed_bytes, sealed_sha256, sealed_at, " \
	"destroyed_at"
/* Takes VAULT_FACTS_COLUMNS; false when a digest has another length. */
bool vault_facts_take(const struct store_rows *rows, struct vault_facts *facts) WARD_MUST_USE;

/* Overwrites a file with random bytes and removes it; one that is not there is fine. */
ward_err vault_shred(const char *path, struct ward_error *error) WARD_MUST_USE;
/* No writing, no growing, no shrinking from now on. */
ward_err vault_memory_freeze(int fd, struct ward_error *error) WARD_MUST_USE;

/* Opens the sealed file with the item's key, and compares it with the facts; logs nothing. */
ward_err vault_open_file(const struct vault *vault, const struct vault_facts *facts,
		const uint8_t key[SEALED_KEY], vault_sink *sink, void *context,
		struct ward_error *error) WARD_MUST_USE;

/* Whether the access opens the item, by its keys alone. */
ward_err vault_openable(struct vault *vault, const struct vault_access *access, ward_str item,
		struct ward_error *error) WARD_MUST_USE;

/* ---- access ---- */

struct access_key {
	char id[ID_TEXT_MAX];
	char name[VAULT_NAME_MAX];
	bool split;
	uint8_t public_key[VAULT_PUBLIC_SIZE];
	uint8_t secret_key[VAULT_SECRET_SIZE];
};

struct vault_access {
	atomic_uint holds;
	char actor[VAULT_WORD_MAX + 1];
	char role[VAULT_WORD_MAX + 1];
	char second[VAULT_WORD_MAX + 1]; /* of an access by shares; or "" */
	bool by_shares;
	char purpose[VAULT_PURPOSE_MAX]; /* of a sender's: what is released for it; or "" */
	size_t count;
	struct access_key *keys; /* VAULT_KEYS_MAX of them, in locked memory */
};

/* ARGUMENT for an actor that is too long. */
ward_err access_new(const struct vault_actor *actor, struct vault_access **access,
		struct ward_error *error) WARD_MUST_USE;
/* Adds a key from its secret half; CORRUPT when that is not the half of this public key. */
ward_err access_add(struct vault_access *access, const struct public_key *key,
		const uint8_t secret[VAULT_SECRET_SIZE], struct ward_error *error) WARD_MUST_USE;
/* By its id, or NULL. */
const struct access_key *access_find(const struct vault_access *access, ward_str id);
/* Opens an item's key by whichever of the access's keys it is wrapped to.  DENIED when by none. */
ward_err access_unwrap(const struct vault_access *access, struct store_tx *tx, ward_str item,
		uint8_t key[SEALED_KEY], const struct access_key **by,
		struct ward_error *error) WARD_MUST_USE;

/* What the shares of a split key are told by. */
void vault_share_tag(const uint8_t public_key[VAULT_PUBLIC_SIZE], uint8_t tag[SHARES_TAG]);

/* ---- the log ---- */

/* A row for what an actor did; `detail` may be NULL. */
struct vault_deed {
	const struct vault_actor *actor;
	const char *action;
	const char *noun; /* "item" or "key" */
	ward_str object;
	const uint8_t *digest; /* 32 bytes; or NULL */
	ward_str reason;
	struct ward_buf *detail; /* JSON; or NULL */
};
ward_err vault_log(struct store_tx *tx, const struct vault_deed *deed,
		struct ward_error *error) WARD_MUST_USE;

/* DENIED unless they are two persons; then calls `use`. */
ward_err vault_pair_check(const struct vault_pair *persons, struct store_tx *tx,
		struct ward_error *error) WARD_MUST_USE;
ward_err vault_reason_check(ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* Copies text that is to fit, NUL-terminated; false when it does not, or holds a NUL. */
bool vault_copy(char *out, size_t room, ward_str text) WARD_MUST_USE;

struct hold;

/* The clock's first hold of an item, which is kept until its end; and its row, behind the item's.
 */
ward_err hold_first(struct vault *vault, ward_str item, ward_str basis, struct hold *hold,
		struct ward_error *error) WARD_MUST_USE;
ward_err hold_add(struct store_tx *tx, const struct hold *hold,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Ends the active holds of an item that are the operator's own, within the work of two persons;
 * CONFLICT when one of another kind is active.
 */
ward_err hold_end_own(const struct vault *vault, struct store_tx *tx, ward_str item,
		const struct vault_pair *persons, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

#endif
