#include <assert.h>
#include <sodium.h>

#include "vault/inner.h"
#include "vault/shares.h"

/* ---- the roles that a holder has ---- */

struct held {
	struct public_key key;
	uint8_t wrap[WRAP_SIZE];
};

struct held_list {
	struct held at[VAULT_KEYS_MAX];
	size_t count;
};

static bool take_held(const struct store_rows *rows, struct held *held)
{
	ward_bytes public_key = store_get_blob(rows, 4), wrap = store_get_blob(rows, 5);

	if (public_key.len != VAULT_PUBLIC_SIZE || wrap.len != WRAP_SIZE ||
			!vault_copy(held->key.id, sizeof(held->key.id), store_get_text(rows, 0)) ||
			!vault_copy(held->key.name, sizeof(held->key.name),
					store_get_text(rows, 1)))
		return false;
	held->key.generation = (unsigned)store_get_int(rows, 2);
	held->key.split = store_get_int(rows, 3) != 0;
	memcpy(held->key.bytes, public_key.ptr, VAULT_PUBLIC_SIZE);
	memcpy(held->wrap, wrap.ptr, WRAP_SIZE);
	return true;
}

static ward_err read_held(struct store_tx *tx, ward_str holder, struct held_list *list,
		struct ward_error *error)
{
	struct store_rows *rows;
	bool good = true;

	list->count = 0;
	ward_err err = store_query(tx,
			"SELECT k.id, k.name, k.generation, k.split, k.public_key, h.wrap "
			"FROM vault_holders h JOIN vault_keys k ON k.id = h.key "
			"WHERE h.holder = $1 ORDER BY k.name, k.generation DESC",
			STORE_VALUES(store_text(holder)), &rows, error);

	if (err)
		return err;
	while (good && store_next(rows)) {
		good = list->count < VAULT_KEYS_MAX && take_held(rows, &list->at[list->count]);
		list->count += good;
	}
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_CORRUPT,
					     "the rows of who holds the vault's keys make no "
					     "sense");
}

/* Opens all of them with the holder's own pair. */
static ward_err open_held(const struct held_list *list, ward_str holder,
		const uint8_t secret[VAULT_SECRET_SIZE], struct vault_access *access,
		struct ward_error *error)
{
	uint8_t public_key[VAULT_PUBLIC_SIZE], role[WRAP_KEY];
	ward_err err = WARD_OK;

	if (crypto_scalarmult_base(public_key, secret) != 0)
		return ward_fail(error, WARD_E_DENIED, "this is no secret key");
	for (size_t i = 0; !err && i < list->count; i++) {
		const struct held *held = &list->at[i];
		struct wrap_purpose purpose = { "role", ward_str_from(held->key.id), holder };

		if (wrap_open((ward_bytes){ held->wrap, WRAP_SIZE }, &purpose, public_key, secret,
				    role))
			err = access_add(access, &held->key, role, error);
		else
			err = ward_fail(error, WARD_E_DENIED,
					"the vault's keys were given to another key of yours: "
					"whoever holds them has to give them again");
	}
	sodium_memzero(role, sizeof(role));
	return err;
}

static ward_err add_held(struct vault *vault, ward_str holder,
		const uint8_t secret[VAULT_SECRET_SIZE], struct vault_access *access,
		struct ward_error *error)
{
	struct held_list list;
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = read_held(tx, holder, &list, error);
	store_read_end(tx);
	if (!err && list.count == 0)
		err = ward_fail(error, WARD_E_DENIED,
				"you hold no key of the vault: ask somebody who does for \"ward "
				"vault give\"");
	return err ? err : open_held(&list, holder, secret, access, error);
}

ward_err vault_unlock(struct vault *vault, const struct vault_actor *actor,
		const uint8_t secret[VAULT_SECRET_SIZE], struct vault_access **access,
		struct ward_error *error)
{
	struct vault_access *made;
	ward_err err = access_new(actor, &made, error);

	if (err)
		return err;
	err = add_held(vault, actor->actor, secret, made, error);
	if (err)
		vault_access_free(made);
	else
		*access = made;
	return err;
}

/* ---- by shares ---- */

struct split_key {
	struct public_key key;
	unsigned needed, count;
	bool retired;
};

void vault_share_tag(const uint8_t public_key[VAULT_PUBLIC_SIZE], uint8_t tag[SHARES_TAG])
{
	uint8_t digest[32];

	crypto_generichash(digest, sizeof(digest), public_key, VAULT_PUBLIC_SIZE, NULL, 0);
	memcpy(tag, digest, SHARES_TAG);
}

static bool take_split(const struct store_rows *rows, struct split_key *split)
{
	ward_bytes public_key = store_get_blob(rows, 3);

	if (public_key.len != VAULT_PUBLIC_SIZE ||
			!vault_copy(split->key.id, sizeof(split->key.id),
					store_get_text(rows, 0)) ||
			!vault_copy(split->key.name, sizeof(split->key.name),
					store_get_text(rows, 1)))
		return false;
	split->key.generation = (unsigned)store_get_int(rows, 2);
	split->key.split = true;
	memcpy(split->key.bytes, public_key.ptr, VAULT_PUBLIC_SIZE);
	split->needed = (unsigned)store_get_int(rows, 4);
	split->count = (unsigned)store_get_int(rows, 5);
	split->retired = store_get_int(rows, 6) != 0;
	return true;
}

/* The key that shares with this tag are of.  NOT_FOUND when this vault never had it. */
static ward_err find_split(struct vault *vault, const uint8_t tag[SHARES_TAG],
		struct split_key *split, struct ward_error *error)
{
	struct split_key read;
	struct store_rows *rows;
	struct store_tx *tx;
	bool found = false;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = store_query(tx,
			"SELECT id, name, generation, public_key, needed, shares, retired_at "
			"FROM vault_keys WHERE split = 1",
			STORE_NO_VALUES, &rows, error);
	while (!err && !found && store_next(rows)) {
		uint8_t its[SHARES_TAG];

		if (!take_split(rows, &read))
			continue;
		vault_share_tag(read.key.bytes, its);
		found = memcmp(its, tag, SHARES_TAG) == 0;
	}
	if (!err)
		err = store_rows_end(rows, error);
	store_read_end(tx);
	if (!err && !found)
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"these shares are of no key of this vault");
	if (!err)
		*split = read;
	return err;
}

/* Reads the texts; an error says which of them it is about. */
static ward_err parse_shares(const ward_str *texts, unsigned count, struct share *shares,
		struct ward_error *error)
{
	struct ward_error inner;
	ward_err err = WARD_OK;

	if (count == 0 || count > SHARES_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "shares are given, at most %d",
				SHARES_MAX);
	for (unsigned i = 0; !err && i < count; i++) {
		err = share_parse(texts[i], &shares[i], &inner);
		if (err)
			return ward_fail(error, err, "share %u of those given: %.180s", i + 1,
					inner.message);
	}
	return err;
}

struct unlock_work {
	const struct vault_pair *persons;
	const struct split_key *split;
	const struct share *shares;
	unsigned count;
	ward_str reason;
	const char *action;
};

static ward_err log_unlock(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct unlock_work *work = context;
	struct ward_buf detail;
	ward_err err = vault_pair_check(work->persons, tx, error);

	if (err)
		return err;
	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_uint(&json, "generation", work->split->key.generation);
	json_key_str(&json, "second", work->persons->second.actor);
	json_key(&json, "shares");
	json_array(&json);
	for (unsigned i = 0; i < work->count; i++)
		json_uint(&json, work->shares[i].number);
	json_array_end(&json);
	json_object_end(&json);
	err = vault_log(tx,
			&(struct vault_deed){ .actor = &work->persons->first,
					.action = work->action,
					.noun = "key",
					.object = ward_str_from(work->split->key.name),
					.reason = work->reason,
					.detail = &detail },
			error);
	ward_buf_free(&detail);
	return err;
}

/* The split key itself, and every role's secret half, which is sealed to it. */
static ward_err open_split(struct vault *vault, const struct unlock_work *work,
		const uint8_t secret[VAULT_SECRET_SIZE], struct vault_access **access,
		struct ward_error *error)
{
	char holder[VAULT_WORD_MAX];
	struct vault_access *made;
	ward_err err = access_new(&work->persons->first, &made, error);

	if (err)
		return err;
	made->by_shares = true;
	snprintf(holder, sizeof(holder), "vault:%s", work->split->key.id);
	if (!vault_copy(made->second, sizeof(made->second), work->persons->second.actor))
		err = ward_fail(error, WARD_E_ARGUMENT, "there is no such person");
	if (!err)
		err = access_add(made, &work->split->key, secret, error);
	if (!err)
		err = add_held(vault, ward_str_from(holder), secret, made, error);
	if (err)
		vault_access_free(made);
	else
		*access = made;
	return err;
}

/* True when the secret is the split key's. */
static bool fits(const struct split_key *split, const uint8_t secret[VAULT_SECRET_SIZE])
{
	uint8_t public_key[VAULT_PUBLIC_SIZE];

	return crypto_scalarmult_base(public_key, secret) == 0 &&
	       sodium_memcmp(public_key, split->key.bytes, sizeof(public_key)) == 0;
}

static ward_err unlock_with(struct vault *vault, struct unlock_work *work,
		struct vault_access **access, struct ward_error *error)
{
	uint8_t secret[SHARES_SECRET] = { 0 };
	struct ward_error own;
	struct vault_access *made = NULL;

	if (!error)
		error = &own;
	ward_err err = shares_join(work->shares, work->count, secret, error);

	if (!err && !fits(work->split, secret))
		err = ward_fail(error, WARD_E_DENIED,
				"these shares do not open the key \"%s\": one of them is wrong",
				work->split->key.name);
	if (!err)
		err = open_split(vault, work, secret, &made, error);
	sodium_memzero(secret, sizeof(secret));
	if (err == WARD_E_DENIED) {
		struct ward_error log_error;
		struct vault_pair persons = *work->persons;
		struct unlock_work refused = *work;

		/* What a second person confirmed is not used up by it. */
		persons.use = NULL;
		refused.persons = &persons;
		refused.action = "key.refused";
		(void)!store_write(vault->store, log_unlock, &refused, &log_error);
		return err;
	}
	if (!err)
		err = store_write(vault->store, log_unlock, work, error);
	if (err)
		vault_access_free(made);
	else
		*access = made;
	return err;
}

ward_err vault_unlock_shares(struct vault *vault, const ward_str *shares, unsigned count,
		const struct vault_pair *persons, ward_str reason, struct vault_access **access,
		struct ward_error *error)
{
	struct share read[SHARES_MAX];
	struct split_key split;
	ward_err err = vault_reason_check(reason, error);

	if (!err)
		err = parse_shares(shares, count, read, error);
	if (!err)
		err = find_split(vault, read[0].tag, &split, error);
	if (!err && split.retired)
		err = ward_fail(error, WARD_E_DENIED,
				"these shares are of generation %u of the key \"%s\", which was "
				"replaced",
				split.key.generation, split.key.name);
	if (!err) {
		struct unlock_work work = { persons, &split, read, count, reason, "key.unlocked" };

		err = unlock_with(vault, &work, access, error);
	}
	sodium_memzero(read, sizeof(read));
	return err;
}

ward_err vault_share_look(struct vault *vault, ward_str text, struct vault_share_facts *facts,
		struct ward_error *error)
{
	struct share share;
	struct split_key split;
	ward_err err = share_parse(text, &share, error);

	if (err)
		return err;
	*facts = (struct vault_share_facts){ .number = share.number,
		.needed = share.needed,
		.count = share.count };
	err = find_split(vault, share.tag, &split, error);
	sodium_memzero(&share, sizeof(share));
	if (!err) {
		memcpy(facts->key, split.key.name, sizeof(facts->key));
		facts->generation = split.key.generation;
		facts->retired = split.retired;
	}
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}
