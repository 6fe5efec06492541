#include "vault/inner.h"

ward_err public_keys_read(struct store_tx *tx, struct public_keys *keys, struct ward_error *error)
{
	struct public_keys read = { .count = 0 };
	struct store_rows *rows;
	bool good = true;
	ward_err err = store_query(tx,
			"SELECT id, name, generation, split, public_key FROM vault_keys "
			"WHERE retired_at = 0 ORDER BY name",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (good && store_next(rows)) {
		struct public_key *key = &read.at[read.count];
		ward_bytes bytes = store_get_blob(rows, 4);

		good = read.count < VAULT_KEYS_MAX && bytes.len == VAULT_PUBLIC_SIZE &&
		       vault_copy(key->id, sizeof(key->id), store_get_text(rows, 0)) &&
		       vault_copy(key->name, sizeof(key->name), store_get_text(rows, 1));
		if (!good)
			break;
		key->generation = (unsigned)store_get_int(rows, 2);
		key->split = store_get_int(rows, 3) != 0;
		memcpy(key->bytes, bytes.ptr, bytes.len);
		read.count++;
	}
	err = store_rows_end(rows, error);
	if (!err && !good)
		err = ward_fail(error, WARD_E_CORRUPT,
				"the rows of the vault's keys make no sense");
	if (!err && read.count == 0)
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"the vault has no keys yet: \"ward vault init\" makes them");
	if (!err)
		*keys = read;
	return err;
}

const struct public_key *public_keys_find(const struct public_keys *keys, ward_str name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (ward_str_eq(ward_str_from(keys->at[i].name), name))
			return &keys->at[i];
	}
	return NULL;
}

static bool is_among(ward_str name, ward_str names)
{
	while (names.len > 0) {
		if (ward_str_eq(ward_str_trim(ward_str_cut(&names, ',')), name))
			return true;
	}
	return false;
}

ward_err public_keys_choose(const struct public_keys *keys, ward_str roles,
		struct public_keys *chosen, struct ward_error *error)
{
	struct public_keys made = { .count = 0 };

	for (ward_str rest = roles; rest.len > 0;) {
		ward_str role = ward_str_trim(ward_str_cut(&rest, ','));
		const struct public_key *key = public_keys_find(keys, role);

		if (!key || key->split)
			return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no role \"%.*s\"",
					role.len > VAULT_NAME_MAX ? 0 : (int)role.len, role.ptr);
	}
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->at[i].split || roles.len == 0 ||
				is_among(ward_str_from(keys->at[i].name), roles))
			made.at[made.count++] = keys->at[i];
	}
	*chosen = made;
	return WARD_OK;
}

bool public_keys_equal(const struct public_keys *a, const struct public_keys *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->at[i].id, b->at[i].id) != 0)
			return false;
	}
	return true;
}
