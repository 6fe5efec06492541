/*
 * How a key is replaced.  First, in one work, the next generation takes the
 * old one's place: what is sealed from then on is wrapped to it.  Then items
 * are moved, some in each work, so that others' works are not kept waiting.
 * At last the old secret half is deleted from whoever held it.  Each step can
 * be the last before a crash: until the end both generations open what they
 * are there for, and the next call goes on where this one stopped.
 */
#include <sodium.h>

#include "base/clock.h"
#include "vault/keys_inner.h"

enum { BATCH = 200, HOLDERS_MAX = 10000 };

struct rotation {
	struct vault *vault;
	const struct vault_access *access;
	ward_str name, without;
	struct public_key old, next;
	unsigned needed, count; /* of a split one's shares */
	struct new_key made;    /* what becomes `next`, unless it is there already */
	uint64_t moved;         /* by the last batch */
};

/* ---- the state of things ---- */

static ward_err read_active(struct store_tx *tx, ward_str name, struct public_key *key,
		struct ward_error *error)
{
	struct public_keys keys;
	ward_err err = public_keys_read(tx, &keys, error);

	if (err)
		return err;
	const struct public_key *found = public_keys_find(&keys, name);

	if (!found)
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such key");
	*key = *found;
	return WARD_OK;
}

static ward_err read_counts(struct store_tx *tx, struct rotation *rotation,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT needed, shares FROM vault_keys WHERE id = $1",
			STORE_VALUES(store_string(rotation->next.id)), &rows, error);

	if (err)
		return err;
	int64_t needed = store_get_int(rows, 0), count = store_get_int(rows, 1);

	err = store_rows_end(rows, error);
	if (!err && rotation->next.split && (needed < 2 || needed > count || count > SHARES_MAX))
		err = ward_fail(error, WARD_E_CORRUPT,
				"the rows of the vault's keys make no sense");
	rotation->needed = (unsigned)needed;
	rotation->count = (unsigned)count;
	return err;
}

/* A generation that was replaced and is not forgotten; NOT_FOUND when there is none. */
static ward_err read_unfinished(struct store_tx *tx, ward_str name, struct public_key *key,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id, name, generation FROM vault_keys "
			"WHERE name = $1 AND retired_at <> 0 AND ("
			"EXISTS (SELECT 1 FROM vault_wraps WHERE key = vault_keys.id) OR "
			"EXISTS (SELECT 1 FROM vault_holders WHERE key = vault_keys.id) OR "
			"EXISTS (SELECT 1 FROM vault_holders WHERE holder = 'vault:' || "
			"vault_keys.id)) "
			"ORDER BY generation LIMIT 1",
			STORE_VALUES(store_text(name)), &rows, error);

	if (err)
		return err;
	bool good = vault_copy(key->id, sizeof(key->id), store_get_text(rows, 0)) &&
		    vault_copy(key->name, sizeof(key->name), store_get_text(rows, 1));

	key->generation = (unsigned)store_get_int(rows, 2);
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_CORRUPT,
					     "the rows of the vault's keys make no sense");
}

/* ---- the next generation takes its place ---- */

struct holder_row {
	ward_str holder;
	uint8_t public_key[VAULT_PUBLIC_SIZE];
};

struct holder_rows {
	struct holder_row *at;
	size_t count;
};

static ward_err read_holders(struct store_tx *tx, const struct rotation *rotation,
		struct ward_arena *arena, struct holder_rows *holders, struct ward_error *error)
{
	struct store_rows *rows;
	bool good = true;

	*holders = (struct holder_rows){ .at = ward_new(arena, struct holder_row, HOLDERS_MAX) };
	if (!holders->at)
		return ward_fail(error, WARD_E_NOMEM, "no memory to rotate a key");
	ward_err err = store_query(tx,
			"SELECT holder, public_key FROM vault_holders WHERE key = $1",
			STORE_VALUES(store_string(rotation->old.id)), &rows, error);

	if (err)
		return err;
	while (good && store_next(rows)) {
		struct holder_row *row = &holders->at[holders->count];
		ward_bytes public_key = store_get_blob(rows, 1);

		if (ward_str_eq(store_get_text(rows, 0), rotation->without))
			continue;
		good = holders->count + 1 < HOLDERS_MAX && public_key.len == VAULT_PUBLIC_SIZE;
		if (!good)
			break;
		memcpy(row->public_key, public_key.ptr, public_key.len);
		row->holder = ward_arena_str(arena, store_get_text(rows, 0));
		good = row->holder.ptr != NULL;
		holders->count += good;
	}
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_LIMIT, "a key has at most %d holders",
					     HOLDERS_MAX);
}

/* Whoever held the old generation of a role holds the new one. */
static ward_err keep_holders(struct store_tx *tx, const struct rotation *rotation,
		struct ward_error *error)
{
	struct holder_rows holders;
	struct ward_arena arena;

	ward_arena_init(&arena, 16 << 20);
	ward_err err = read_holders(tx, rotation, &arena, &holders, error);

	for (size_t i = 0; !err && i < holders.count; i++)
		err = holder_insert(tx, rotation->next.id, rotation->made.secret,
				holders.at[i].holder, holders.at[i].public_key, error);
	ward_arena_free(&arena);
	return err;
}

/* A split key holds every role: their secret halves are sealed to its new generation. */
static ward_err give_roles(struct store_tx *tx, const struct rotation *rotation,
		struct ward_error *error)
{
	char holder[VAULT_WORD_MAX];
	struct public_keys keys;
	ward_err err = public_keys_read(tx, &keys, error);

	snprintf(holder, sizeof(holder), "vault:%s", rotation->next.id);
	for (size_t i = 0; !err && i < keys.count; i++) {
		const struct access_key *held;

		if (keys.at[i].split)
			continue;
		held = access_find(rotation->access, ward_str_from(keys.at[i].id));
		if (held)
			err = holder_insert(tx, keys.at[i].id, held->secret_key,
					ward_str_from(holder), rotation->next.bytes, error);
		else
			err = ward_fail(error, WARD_E_DENIED,
					"the role \"%s\" was rotated meanwhile: unlock again",
					keys.at[i].name);
	}
	return err;
}

static ward_err begin_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct rotation *rotation = context;
	struct vault_actor actor = vault_access_actor(rotation->access);
	struct public_key active;
	ward_err err = key_log(tx, &actor, "key.rotated", rotation->name, rotation->next.generation,
			rotation->without, WARD_STR(""), error);

	if (!err)
		err = read_active(tx, rotation->name, &active, error);
	if (!err && strcmp(active.id, rotation->old.id) != 0)
		err = ward_fail(error, WARD_E_CONFLICT, "somebody else rotated this key meanwhile");
	if (!err)
		err = store_run(tx, "UPDATE vault_keys SET retired_at = $1 WHERE id = $2",
				STORE_VALUES(store_int(clock_now()), store_string(active.id)), NULL,
				error);
	if (!err)
		err = new_key_insert(tx, &rotation->made, error);
	if (err)
		return err;
	return rotation->old.split ? give_roles(tx, rotation, error)
				   : keep_holders(tx, rotation, error);
}

/* ---- items are moved ---- */

struct batch {
	char items[BATCH][ID_TEXT_MAX];
	size_t count;
};

static ward_err read_batch(struct store_tx *tx, const char *key_id, struct batch *batch,
		struct ward_error *error)
{
	struct store_rows *rows;
	bool good = true;

	batch->count = 0;
	ward_err err = store_query(tx,
			"SELECT item FROM vault_wraps WHERE key = $1 ORDER BY item LIMIT $2",
			STORE_VALUES(store_string(key_id), store_int(BATCH)), &rows, error);

	if (err)
		return err;
	while (good && batch->count < BATCH && store_next(rows)) {
		good = vault_copy(batch->items[batch->count], ID_TEXT_MAX, store_get_text(rows, 0));
		batch->count += good;
	}
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_CORRUPT,
					     "the rows of items' keys make no sense");
}

static ward_err move_item(struct store_tx *tx, const struct rotation *rotation, const char *item,
		struct ward_error *error)
{
	struct wrap_purpose purpose = { "item", ward_str_from(item),
		ward_str_from(rotation->next.id) };
	const struct access_key *by;
	uint8_t key[SEALED_KEY], wrap[WRAP_SIZE];
	ward_err err = access_unwrap(rotation->access, tx, ward_str_from(item), key, &by, error);

	if (!err && !wrap_make(key, &purpose, rotation->next.bytes, wrap))
		err = ward_fail(error, WARD_E_CORRUPT, "the vault's key \"%s\" is no key",
				rotation->next.name);
	sodium_memzero(key, sizeof(key));
	if (!err)
		err = store_run(tx,
				"INSERT INTO vault_wraps (item, key, wrap) VALUES ($1, $2, $3) "
				"ON CONFLICT (item, key) DO UPDATE SET wrap = excluded.wrap",
				STORE_VALUES(store_string(item), store_string(rotation->next.id),
						store_blob((ward_bytes){ wrap, sizeof(wrap) })),
				NULL, error);
	return err ? err
		   : store_run(tx, "DELETE FROM vault_wraps WHERE item = $1 AND key = $2",
				     STORE_VALUES(store_string(item),
						     store_string(rotation->old.id)),
				     NULL, error);
}

static ward_err move_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct rotation *rotation = context;
	struct batch batch;
	ward_err err = read_batch(tx, rotation->old.id, &batch, error);

	for (size_t i = 0; !err && i < batch.count; i++)
		err = move_item(tx, rotation, batch.items[i], error);
	rotation->moved = batch.count;
	return err;
}

/* ---- the old one is forgotten ---- */

static ward_err forget_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct rotation *rotation = context;
	struct vault_actor actor = vault_access_actor(rotation->access);
	char holder[VAULT_WORD_MAX];

	snprintf(holder, sizeof(holder), "vault:%s", rotation->old.id);
	ward_err err = key_log(tx, &actor, "key.forgotten", rotation->name,
			rotation->old.generation, WARD_STR(""), WARD_STR(""), error);

	return err ? err
		   : store_run(tx, "DELETE FROM vault_holders WHERE key = $1 OR holder = $2",
				     STORE_VALUES(store_string(rotation->old.id),
						     store_string(holder)),
				     NULL, error);
}

static ward_err finish(struct rotation *rotation, uint64_t *items, struct ward_error *error)
{
	ward_err err;

	do {
		err = store_write(rotation->vault->store, move_work, rotation, error);
		if (!err)
			*items += rotation->moved;
	} while (!err && rotation->moved > 0);
	return err ? err : store_write(rotation->vault->store, forget_work, rotation, error);
}

/* ---- all of it ---- */

static ward_err look(struct rotation *rotation, bool *unfinished, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(rotation->vault->store, &tx, error);

	if (err)
		return err;
	err = read_active(tx, rotation->name, &rotation->next, error);
	if (!err)
		err = read_counts(tx, rotation, error);
	if (!err) {
		err = read_unfinished(tx, rotation->name, &rotation->old, error);
		*unfinished = !err;
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	store_read_end(tx);
	return err;
}

static ward_err begin(struct rotation *rotation, vault_show *show, void *context,
		struct ward_error *error)
{
	const struct vault_access *access = rotation->access;
	struct new_key *made = &rotation->made;

	rotation->old = rotation->next;
	if (rotation->old.split && !access->by_shares)
		return ward_fail(error, WARD_E_DENIED,
				"the key \"%s\" is rotated with shares, by two persons",
				rotation->old.name);
	if (!rotation->old.split && !access_find(access, ward_str_from(rotation->old.id)))
		return ward_fail(error, WARD_E_DENIED,
				"the key \"%s\" is rotated by somebody who holds it",
				rotation->old.name);
	ward_err err = new_key_make(made, rotation->name, rotation->old.generation + 1, error);

	if (!err && rotation->old.split) {
		made->key.split = true;
		made->needed = rotation->needed;
		made->count = rotation->count;
		err = new_key_show(made, show, context, error);
	}
	if (err)
		return err;
	rotation->next = made->key;
	return store_write(rotation->vault->store, begin_work, rotation, error);
}

ward_err vault_key_rotate(struct vault *vault, const struct vault_access *access, ward_str name,
		ward_str without, vault_show *show, void *context, struct vault_rotated *rotated,
		struct ward_error *error)
{
	struct rotation rotation = { .vault = vault,
		.access = access,
		.name = name,
		.without = without };
	uint64_t items = 0;
	bool unfinished = false;
	ward_err err = look(&rotation, &unfinished, error);

	if (!err && !unfinished)
		err = begin(&rotation, show, context, error);
	vault_keys_changed(vault);
	if (!err)
		err = finish(&rotation, &items, error);
	sodium_memzero(&rotation.made, sizeof(rotation.made));
	if (!err)
		*rotated = (struct vault_rotated){ rotation.next.generation, items, unfinished };
	return err;
}
