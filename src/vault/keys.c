#include <sodium.h>

#include "base/clock.h"
#include "vault/keys_inner.h"

/* ---- new keys ---- */

static bool is_name(ward_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return name.len > 0 && name.len < VAULT_NAME_MAX;
}

ward_err new_key_make(struct new_key *made, ward_str name, unsigned generation,
		struct ward_error *error)
{
	*made = (struct new_key){ .made_at = clock_now() };
	if (!is_name(name) || !vault_copy(made->key.name, sizeof(made->key.name), name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a role's name is a-z, 0-9 and hyphens, at most %d of them",
				VAULT_NAME_MAX - 1);
	id_new(made->key.id);
	made->key.generation = generation;
	crypto_box_keypair(made->key.bytes, made->secret);
	return WARD_OK;
}

static void share_text(const struct new_key *made, const struct share *share,
		char text[2 * SHARE_TEXT_MAX])
{
	char words[SHARE_TEXT_MAX];

	snprintf(text, 2 * SHARE_TEXT_MAX,
			"# ward: share %u of %u of the key \"%s\" (generation %u)\n"
			"# Any %u of them open it together.  Keep it apart from the others.\n"
			"%s",
			share->number, share->count, made->key.name, made->key.generation,
			share->needed, share_format(share, words));
	sodium_memzero(words, sizeof(words));
}

ward_err new_key_show(const struct new_key *made, vault_show *show, void *context,
		struct ward_error *error)
{
	static const size_t room = 2 * SHARE_TEXT_MAX;
	struct share shares[SHARES_MAX];
	const char *texts[SHARES_MAX];
	uint8_t tag[SHARES_TAG];
	char *memory = sodium_allocarray(made->count, room);

	if (!memory)
		return ward_fail(error, WARD_E_NOMEM, "no memory to cut a key into shares");
	vault_share_tag(made->key.bytes, tag);
	shares_split(made->secret, tag, made->needed, made->count, shares);
	for (unsigned i = 0; i < made->count; i++) {
		share_text(made, &shares[i], memory + i * room);
		texts[i] = memory + i * room;
	}
	sodium_memzero(shares, sizeof(shares));
	ward_err err = show(context, made->key.name, texts, made->count, error);

	sodium_free(memory);
	return err;
}

ward_err new_key_insert(struct store_tx *tx, const struct new_key *made, struct ward_error *error)
{
	return store_run(tx,
			"INSERT INTO vault_keys (id, name, generation, split, needed, shares, "
			"public_key, made_at, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
			"0)",
			STORE_VALUES(store_string(made->key.id), store_string(made->key.name),
					store_int(made->key.generation), store_int(made->key.split),
					store_int(made->needed), store_int(made->count),
					store_blob((ward_bytes){ made->key.bytes,
							sizeof(made->key.bytes) }),
					store_int(made->made_at)),
			NULL, error);
}

ward_err holder_insert(struct store_tx *tx, const char *key_id,
		const uint8_t secret[VAULT_SECRET_SIZE], ward_str holder,
		const uint8_t public_key[VAULT_PUBLIC_SIZE], struct ward_error *error)
{
	struct wrap_purpose purpose = { "role", ward_str_from(key_id), holder };
	uint8_t wrap[WRAP_SIZE];

	if (!wrap_make(secret, &purpose, public_key, wrap))
		return ward_fail(error, WARD_E_ARGUMENT, "the holder's public key is none");
	return store_run(tx,
			"INSERT INTO vault_holders (key, holder, public_key, wrap, since) "
			"VALUES ($1, $2, $3, $4, $5) "
			"ON CONFLICT (key, holder) DO UPDATE SET public_key = excluded.public_key, "
			"wrap = excluded.wrap, since = excluded.since",
			STORE_VALUES(store_string(key_id), store_text(holder),
					store_blob((ward_bytes){ public_key, VAULT_PUBLIC_SIZE }),
					store_blob((ward_bytes){ wrap, sizeof(wrap) }),
					store_int(clock_now())),
			NULL, error);
}

struct key_deed {
	const struct vault_actor *actor;
	const char *action;
	ward_str name;
	unsigned generation;
	ward_str holder, second; /* or "" */
	ward_str reason;
};

static ward_err key_log_deed(struct store_tx *tx, const struct key_deed *deed,
		struct ward_error *error)
{
	struct ward_buf detail;

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_uint(&json, "generation", deed->generation);
	if (deed->holder.len > 0)
		json_key_str(&json, "holder", deed->holder);
	if (deed->second.len > 0)
		json_key_str(&json, "second", deed->second);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = deed->actor,
					.action = deed->action,
					.noun = "key",
					.object = deed->name,
					.reason = deed->reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

ward_err key_log(struct store_tx *tx, const struct vault_actor *actor, const char *action,
		ward_str name, unsigned generation, ward_str holder, ward_str reason,
		struct ward_error *error)
{
	const struct key_deed deed = { .actor = actor,
		.action = action,
		.name = name,
		.generation = generation,
		.holder = holder,
		.reason = reason };

	return key_log_deed(tx, &deed, error);
}

void vault_keys_changed(struct vault *vault)
{
	pthread_mutex_lock(&vault->mutex);
	vault->known = false;
	pthread_mutex_unlock(&vault->mutex);
}

/* ---- all of them, for the first time ---- */

struct make_work {
	const struct vault_actor *actor;
	struct new_key *keys; /* VAULT_KEYS_MAX; the two split ones first */
	size_t count;
};

static ward_err check_counts(unsigned needed, unsigned count, const char *name,
		struct ward_error *error)
{
	if (needed < 2 || needed > count || count > SHARES_MAX)
		return ward_fail(error, WARD_E_ARGUMENT,
				"the key \"%s\": at least 2 shares open it, of at most %d", name,
				SHARES_MAX);
	return WARD_OK;
}

static ward_err draw_split(struct make_work *work, const char *name, unsigned needed,
		unsigned count, struct ward_error *error)
{
	struct new_key *key = &work->keys[work->count];
	ward_err err = check_counts(needed, count, name, error);

	if (!err)
		err = new_key_make(key, ward_str_from(name), 1, error);
	if (err)
		return err;
	key->key.split = true;
	key->needed = needed;
	key->count = count;
	work->count++;
	return WARD_OK;
}

static ward_err draw_roles(struct make_work *work, ward_str roles, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (roles.len == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "a vault wants at least one role");
	while (!err && roles.len > 0) {
		ward_str name = ward_str_trim(ward_str_cut(&roles, ','));

		for (size_t i = 0; !err && i < work->count; i++) {
			if (ward_str_eq(ward_str_from(work->keys[i].key.name), name))
				err = ward_fail(error, WARD_E_ARGUMENT,
						"two keys would have the name \"%s\"",
						work->keys[i].key.name);
		}
		if (!err && work->count == VAULT_KEYS_MAX)
			err = ward_fail(error, WARD_E_LIMIT, "a vault has at most %d keys",
					VAULT_KEYS_MAX);
		if (!err)
			err = new_key_make(&work->keys[work->count], name, 1, error);
		work->count += !err;
	}
	return err;
}

/* A role's secret half is sealed to both split keys. */
static ward_err seal_role(struct store_tx *tx, const struct make_work *work,
		const struct new_key *role, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < work->count; i++) {
		const struct new_key *split = &work->keys[i];
		char holder[VAULT_WORD_MAX];

		if (!split->key.split)
			continue;
		snprintf(holder, sizeof(holder), "vault:%s", split->key.id);
		err = holder_insert(tx, role->key.id, role->secret, ward_str_from(holder),
				split->key.bytes, error);
	}
	return err;
}

static ward_err no_keys_yet(struct store_tx *tx, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT count(*) FROM vault_keys", STORE_NO_VALUES, &rows,
			error);

	if (err)
		return err;
	int64_t count = store_get_int(rows, 0);

	err = store_rows_end(rows, error);
	if (!err && count > 0)
		err = ward_fail(error, WARD_E_EXISTS,
				"the vault has its keys already; \"ward vault rotate\" makes new "
				"ones");
	return err;
}

static ward_err make_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct make_work *work = context;
	ward_err err = no_keys_yet(tx, error);

	for (size_t i = 0; !err && i < work->count; i++) {
		const struct public_key *key = &work->keys[i].key;

		err = key_log(tx, work->actor, "key.made", ward_str_from(key->name),
				key->generation, WARD_STR(""), WARD_STR(""), error);
		if (!err)
			err = new_key_insert(tx, &work->keys[i], error);
	}
	for (size_t i = 0; !err && i < work->count; i++) {
		if (!work->keys[i].key.split)
			err = seal_role(tx, work, &work->keys[i], error);
	}
	return err;
}

static ward_err check_none(struct vault *vault, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = no_keys_yet(tx, error);
	store_read_end(tx);
	return err;
}

static ward_err make_all(struct vault *vault, const struct vault_plan *plan, struct make_work *work,
		vault_show *show, void *context, struct ward_error *error)
{
	ward_err err = check_none(vault, error);

	if (!err)
		err = draw_split(work, "master", plan->master_needed, plan->master_count, error);
	if (!err)
		err = draw_split(work, "backup", plan->backup_needed, plan->backup_count, error);
	if (!err)
		err = draw_roles(work, plan->roles, error);
	/* Shown before anything is kept: a crash in between leaves words that open nothing. */
	for (size_t i = 0; !err && i < 2; i++)
		err = new_key_show(&work->keys[i], show, context, error);
	return err ? err : store_write(vault->store, make_work, work, error);
}

ward_err vault_keys_make(struct vault *vault, const struct vault_plan *plan,
		const struct vault_actor *actor, vault_show *show, void *context,
		struct vault_access **access, struct ward_error *error)
{
	struct make_work work = { .actor = actor };
	struct vault_access *made;
	ward_err err = access_new(actor, &made, error);

	if (err)
		return err;
	made->by_shares = true;
	work.keys = sodium_allocarray(VAULT_KEYS_MAX, sizeof(*work.keys));
	if (!work.keys)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to make keys");
	if (!err)
		err = make_all(vault, plan, &work, show, context, error);
	for (size_t i = 0; !err && i < work.count; i++)
		err = access_add(made, &work.keys[i].key, work.keys[i].secret, error);
	sodium_free(work.keys);
	vault_keys_changed(vault);
	if (err)
		vault_access_free(made);
	else
		*access = made;
	return err;
}

/* ---- one more role ---- */

struct role_work {
	struct vault_actor actor;
	struct new_key *key;
};

static ward_err add_role_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct role_work *work = context;
	const struct public_key *key = &work->key->key;
	struct public_keys keys = { .count = 0 };
	char holder[VAULT_WORD_MAX];
	ward_err err = key_log(tx, &work->actor, "key.made", ward_str_from(key->name), 1,
			WARD_STR(""), WARD_STR(""), error);

	if (!err)
		err = public_keys_read(tx, &keys, error);
	if (!err && keys.count == VAULT_KEYS_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "a vault has at most %d keys", VAULT_KEYS_MAX);
	if (!err)
		err = new_key_insert(tx, work->key, error);
	if (err == WARD_E_EXISTS)
		err = ward_fail(error, err, "the vault has a key \"%s\"", key->name);
	for (size_t i = 0; !err && i < keys.count; i++) {
		if (!keys.at[i].split)
			continue;
		snprintf(holder, sizeof(holder), "vault:%s", keys.at[i].id);
		err = holder_insert(tx, key->id, work->key->secret, ward_str_from(holder),
				keys.at[i].bytes, error);
	}
	return err;
}

ward_err vault_key_add_role(struct vault *vault, struct vault_access *access, ward_str role,
		struct ward_error *error)
{
	struct role_work work = { .actor = vault_access_actor(access) };
	struct new_key key;

	if (!access->by_shares)
		return ward_fail(error, WARD_E_DENIED,
				"a role is added with the master key's shares");
	work.key = &key;
	ward_err err = new_key_make(&key, role, 1, error);

	if (!err)
		err = store_write(vault->store, add_role_work, &work, error);
	if (!err)
		err = access_add(access, &key.key, key.secret, error);
	sodium_memzero(&key, sizeof(key));
	vault_keys_changed(vault);
	return err;
}

/* ---- holding ---- */

static bool is_holder(ward_str holder)
{
	return holder.len <= VAULT_WORD_MAX &&
	       (ward_str_starts(holder, WARD_STR("person:")) ||
			       ward_str_starts(holder, WARD_STR("key:")));
}

struct give_work {
	struct vault_actor actor;
	const struct vault_access *access;
	const struct vault_pair *persons; /* NULL: one person's act */
	ward_str role, holder, reason;
	const uint8_t *public_key;
};

static ward_err log_given(struct store_tx *tx, const struct give_work *work, unsigned generation,
		struct ward_error *error)
{
	const struct key_deed deed = { .actor = &work->actor,
		.action = "key.given",
		.name = work->role,
		.generation = generation,
		.holder = work->holder,
		.second = work->persons ? work->persons->second.actor : WARD_STR(""),
		.reason = work->reason };

	return key_log_deed(tx, &deed, error);
}

static ward_err give_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct give_work *work = context;
	struct public_keys keys;
	ward_err err = work->persons ? vault_pair_check(work->persons, tx, error) : WARD_OK;

	if (!err)
		err = public_keys_read(tx, &keys, error);
	if (err)
		return err;
	const struct public_key *key = public_keys_find(&keys, work->role);
	const struct access_key *held =
			key ? access_find(work->access, ward_str_from(key->id)) : NULL;

	if (!key || key->split)
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such role");
	if (!held)
		return ward_fail(error, WARD_E_DENIED,
				"the role \"%s\" is given by somebody who holds it", key->name);
	err = log_given(tx, work, key->generation, error);
	return err ? err
		   : holder_insert(tx, key->id, held->secret_key, work->holder, work->public_key,
				     error);
}

ward_err vault_key_give(struct vault *vault, const struct vault_access *access, ward_str role,
		ward_str holder, const uint8_t public_key[VAULT_PUBLIC_SIZE],
		struct ward_error *error)
{
	struct give_work work = { .actor = vault_access_actor(access),
		.access = access,
		.role = role,
		.holder = holder,
		.public_key = public_key };

	if (!is_holder(holder))
		return ward_fail(error, WARD_E_ARGUMENT, "a holder is person:ID or key:NAME");
	return store_write(vault->store, give_work, &work, error);
}

ward_err vault_key_give_by_two(struct vault *vault, const struct vault_access *access,
		const struct vault_pair *persons, ward_str role, ward_str holder,
		const uint8_t public_key[VAULT_PUBLIC_SIZE], ward_str reason,
		struct ward_error *error)
{
	struct give_work work = { .actor = vault_access_actor(access),
		.access = access,
		.persons = persons,
		.role = role,
		.holder = holder,
		.reason = reason,
		.public_key = public_key };
	ward_err err = vault_reason_check(reason, error);

	if (!err && !is_holder(holder))
		err = ward_fail(error, WARD_E_ARGUMENT, "a holder is person:ID or key:NAME");
	return err ? err : store_write(vault->store, give_work, &work, error);
}

struct take_work {
	const struct vault_actor *actor;
	ward_str role, holder, reason;
	bool never_last;
};

static bool count_person(void *context, ward_str holder, int64_t since)
{
	unsigned *persons = context;

	(void)since;
	*persons += ward_str_starts(holder, WARD_STR("person:"));
	return true;
}

/* Within the work: of two persons who take it from each other at once, one is refused. */
static ward_err check_left(struct store_tx *tx, ward_str role, struct ward_error *error)
{
	unsigned persons = 0;
	ward_err err = vault_holder_list(tx, role, count_person, &persons, error);

	return !err && persons == 0
			       ? ward_fail(error, WARD_E_CONFLICT,
						 "nobody would hold this role's key any more: give "
						 "it to another person first")
			       : err;
}

static ward_err take_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct take_work *work = context;
	uint64_t changed;
	ward_err err = key_log(tx, work->actor, "key.taken", work->role, 0, work->holder,
			work->reason, error);

	if (!err)
		err = store_run(tx,
				"DELETE FROM vault_holders WHERE holder = $1 AND key IN "
				"(SELECT id FROM vault_keys WHERE name = $2)",
				STORE_VALUES(store_text(work->holder), store_text(work->role)),
				&changed, error);
	if (!err && changed == 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "they do not hold this role");
	if (!err && work->never_last)
		err = check_left(tx, work->role, error);
	return err;
}

ward_err vault_key_take(struct vault *vault, const struct vault_actor *actor, ward_str role,
		ward_str holder, ward_str reason, struct ward_error *error)
{
	struct take_work work = { actor, role, holder, reason, false };

	if (!is_holder(holder))
		return ward_fail(error, WARD_E_ARGUMENT, "a holder is person:ID or key:NAME");
	return store_write(vault->store, take_work, &work, error);
}

ward_err vault_key_take_not_last(struct vault *vault, const struct vault_actor *actor,
		ward_str role, ward_str holder, ward_str reason, struct ward_error *error)
{
	struct take_work work = { actor, role, holder, reason, true };

	if (!is_holder(holder))
		return ward_fail(error, WARD_E_ARGUMENT, "a holder is person:ID or key:NAME");
	return store_write(vault->store, take_work, &work, error);
}

/* ---- looking ---- */

static bool take_key(const struct store_rows *rows, struct vault_key *key)
{
	ward_bytes public_key = store_get_blob(rows, 5);

	*key = (struct vault_key){ .generation = (unsigned)store_get_int(rows, 1),
		.split = store_get_int(rows, 2) != 0,
		.needed = (unsigned)store_get_int(rows, 3),
		.count = (unsigned)store_get_int(rows, 4),
		.made_at = store_get_int(rows, 6),
		.retired_at = store_get_int(rows, 7),
		.items = (uint64_t)store_get_int(rows, 8) };
	if (public_key.len != VAULT_PUBLIC_SIZE ||
			!vault_copy(key->name, sizeof(key->name), store_get_text(rows, 0)))
		return false;
	memcpy(key->public_key, public_key.ptr, public_key.len);
	return true;
}

ward_err vault_key_list(struct store_tx *tx,
		bool (*each)(void *context, const struct vault_key *key), void *context,
		struct ward_error *error)
{
	struct store_rows *rows;
	struct vault_key key;
	ward_err err = store_query(tx,
			"SELECT name, generation, split, needed, shares, public_key, made_at, "
			"retired_at, (SELECT count(*) FROM vault_wraps WHERE key = vault_keys.id) "
			"FROM vault_keys ORDER BY split, name, generation",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		if (take_key(rows, &key) && !each(context, &key))
			break;
	}
	return store_rows_end(rows, error);
}

ward_err vault_holder_list(struct store_tx *tx, ward_str role,
		bool (*each)(void *context, ward_str holder, int64_t since), void *context,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT h.holder, h.since FROM vault_holders h "
			"JOIN vault_keys k ON k.id = h.key "
			"WHERE k.name = $1 AND k.retired_at = 0 ORDER BY h.holder",
			STORE_VALUES(store_text(role)), &rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		ward_str holder = store_get_text(rows, 0);

		/* The split keys hold every role, and are no people. */
		if (!ward_str_starts(holder, WARD_STR("vault:")) &&
				!each(context, holder, store_get_int(rows, 1)))
			break;
	}
	return store_rows_end(rows, error);
}
