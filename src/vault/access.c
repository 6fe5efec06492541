#include <assert.h>
#include <sodium.h>

#include "vault/inner.h"

ward_err access_new(const struct vault_actor *actor, struct vault_access **access,
		struct ward_error *error)
{
	struct vault_access *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to hold keys");
	/* Between guard pages, out of swap where the system allows it, and wiped when freed. */
	made->keys = sodium_allocarray(VAULT_KEYS_MAX, sizeof(*made->keys));
	atomic_init(&made->holds, 1);
	if (made->keys && vault_copy(made->actor, sizeof(made->actor), actor->actor) &&
			vault_copy(made->role, sizeof(made->role), actor->role)) {
		*access = made;
		return WARD_OK;
	}
	ward_err err = made->keys ? ward_fail(error, WARD_E_ARGUMENT, "there is no such person")
				  : ward_fail(error, WARD_E_NOMEM, "no memory to hold keys");

	vault_access_free(made);
	return err;
}

struct vault_access *vault_access_keep(struct vault_access *access)
{
	atomic_fetch_add(&access->holds, 1);
	return access;
}

void vault_access_free(struct vault_access *access)
{
	if (!access || atomic_fetch_sub(&access->holds, 1) != 1)
		return;
	sodium_free(access->keys);
	free(access);
}

ward_err access_add(struct vault_access *access, const struct public_key *key,
		const uint8_t secret[VAULT_SECRET_SIZE], struct ward_error *error)
{
	uint8_t public_key[VAULT_PUBLIC_SIZE];
	struct access_key *made = &access->keys[access->count];

	if (crypto_scalarmult_base(public_key, secret) != 0 ||
			sodium_memcmp(public_key, key->bytes, sizeof(public_key)) != 0)
		return ward_fail(error, WARD_E_CORRUPT,
				"the secret half of the key \"%s\" does not fit its public one",
				key->name);
	if (access->count == VAULT_KEYS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "these are more keys than a vault has");
	memcpy(made->id, key->id, sizeof(made->id));
	memcpy(made->name, key->name, sizeof(made->name));
	made->split = key->split;
	memcpy(made->public_key, key->bytes, sizeof(made->public_key));
	memcpy(made->secret_key, secret, sizeof(made->secret_key));
	access->count++;
	return WARD_OK;
}

const struct access_key *access_find(const struct vault_access *access, ward_str id)
{
	for (size_t i = 0; i < access->count; i++) {
		if (ward_str_eq(ward_str_from(access->keys[i].id), id))
			return &access->keys[i];
	}
	return NULL;
}

bool vault_access_has(const struct vault_access *access, ward_str role)
{
	for (size_t i = 0; i < access->count; i++) {
		if (ward_str_eq(ward_str_from(access->keys[i].name), role))
			return true;
	}
	return false;
}

struct vault_actor vault_access_actor(const struct vault_access *access)
{
	return (struct vault_actor){ ward_str_from(access->actor), ward_str_from(access->role) };
}

/* What was released to a sender, by the one key that it has. */
static ward_err unwrap_released(const struct vault_access *access, struct store_tx *tx,
		ward_str item, uint8_t key[SEALED_KEY], const struct access_key **by,
		struct ward_error *error)
{
	struct wrap_purpose purpose = { "release", item, ward_str_from(access->purpose) };
	const struct access_key *held = &access->keys[0];
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT wrap FROM vault_releases WHERE item = $1 AND purpose = $2",
			STORE_VALUES(store_text(item), store_text(purpose.under)), &rows, error);

	if (err && err != WARD_E_NOT_FOUND)
		return err;
	bool opened = !err && wrap_open(store_get_blob(rows, 0), &purpose, held->public_key,
					      held->secret_key, key);

	if (!err)
		err = store_rows_end(rows, error);
	if (!opened)
		return ward_fail(error, WARD_E_DENIED,
				"an item is not released for this: who can open it releases it by "
				"approving");
	*by = held;
	return err;
}

ward_err access_unwrap(const struct vault_access *access, struct store_tx *tx, ward_str item,
		uint8_t key[SEALED_KEY], const struct access_key **by, struct ward_error *error)
{
	const struct access_key *opened = NULL;
	struct store_rows *rows;

	if (access->purpose[0])
		return unwrap_released(access, tx, item, key, by, error);
	ward_err err = store_query(tx, "SELECT key, wrap FROM vault_wraps WHERE item = $1",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err)
		return err;
	while (!opened && store_next(rows)) {
		ward_str id = store_get_text(rows, 0);
		const struct access_key *held = access_find(access, id);
		struct wrap_purpose purpose = { "item", item, id };

		if (held && wrap_open(store_get_blob(rows, 1), &purpose, held->public_key,
					    held->secret_key, key))
			opened = held;
	}
	err = store_rows_end(rows, error);
	if (!err && !opened)
		err = ward_fail(error, WARD_E_DENIED,
				"you hold no key that opens this item (after a rotation, unlock "
				"again)");
	if (!err)
		*by = opened;
	return err;
}
