/*
 * How an item comes in.  The order is what makes "never a row without its
 * file" true: the file is written under a name of no meaning, synced, given
 * its name, and the folder synced, all before vault_seal returns; only then
 * can there be a row.  And vault_put looks for the file within its work, behind
 * its row of the log, by which works stand in line on every engine: so
 * a sweep, which removes files within works of the same kind, has either seen
 * the row or is seen to have taken the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "vault/holds.h"
#include "vault/inner.h"

struct vault_sealed {
	struct vault *vault;
	struct vault_facts facts;
	struct sealed_name name;
	char roles[VAULT_WORD_MAX + 1];
	char basis[LEGAL_CODE_MAX];
	struct public_keys keys; /* that it is wrapped to */
	uint8_t wraps[VAULT_KEYS_MAX][WRAP_SIZE];
	bool put; /* vault_put was called: there may be a row */
};

/* ---- what it is wrapped to ---- */

static ward_err known_keys(struct vault *vault, struct public_keys *keys, struct ward_error *error)
{
	struct store_tx *tx;
	bool known;

	pthread_mutex_lock(&vault->mutex);
	known = vault->known;
	if (known)
		*keys = vault->keys;
	pthread_mutex_unlock(&vault->mutex);
	if (known)
		return WARD_OK;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = public_keys_read(tx, keys, error);
	store_read_end(tx);
	if (!err) {
		pthread_mutex_lock(&vault->mutex);
		vault->keys = *keys;
		vault->known = true;
		pthread_mutex_unlock(&vault->mutex);
	}
	return err;
}

static ward_err wrap_to(struct vault_sealed *sealed, const struct public_keys *keys,
		struct ward_error *error)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct wrap_purpose purpose = { "item", ward_str_from(sealed->facts.id),
			ward_str_from(keys->at[i].id) };

		if (!wrap_make(sealed->name.key, &purpose, keys->at[i].bytes, sealed->wraps[i]))
			return ward_fail(error, WARD_E_CORRUPT, "the vault's key \"%s\" is no key",
					keys->at[i].name);
	}
	sealed->keys = *keys;
	return WARD_OK;
}

/* ---- the file ---- */

static ward_err fail_file(const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_IO, "the vault cannot %s a file: %s", what, strerror(errno));
}

/*
 * The folder of an id's files.  That it is there does not say that it would still be after a loss
 * of power: another thread has perhaps made it only now, or a process was killed behind making it.
 * So each process syncs it once.
 */
static ward_err make_folder(struct vault *vault, const struct sealed_name *name, const char *path,
		struct ward_error *error)
{
	atomic_bool *durable = &vault->folders[name->id[SEALED_ID - 1]];
	char folder[VAULT_PATH_MAX];
	size_t len = (size_t)(strrchr(path, '/') - path);

	memcpy(folder, path, len);
	folder[len] = '\0';
	/* Removed while the vault is open, it is made again, and then synced. */
	bool made = mkdir(folder, 0700) == 0;

	if (!made && errno != EEXIST)
		return fail_file("make a folder for", error);
	if (!made && atomic_load(durable))
		return WARD_OK;
	ward_err err = file_sync_folder(vault->folder, error);

	if (!err)
		atomic_store(durable, true);
	return err;
}

static ward_err write_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	return file_write_all(*(int *)context, bytes.ptr, bytes.len, error);
}

/* Behind this the file is durable under its name. */
static ward_err settle(int fd, const char *from, const char *to, struct ward_error *error)
{
	char folder[VAULT_PATH_MAX];
	size_t len = (size_t)(strrchr(to, '/') - to);

	memcpy(folder, to, len);
	folder[len] = '\0';
	if (fsync(fd) != 0)
		return fail_file("sync", error);
	if (rename(from, to) != 0)
		return fail_file("name", error);
	ward_err err = file_sync_folder(folder, error);

	if (err)
		unlink(to);
	return err;
}

static ward_err write_file(struct vault_sealed *sealed, const struct vault_arrival *arrival,
		struct ward_error *error)
{
	char path[VAULT_PATH_MAX], temporary[VAULT_PATH_MAX];
	const struct sealed_input input = {
		.read = arrival->read,
		.context = arrival->context,
		.from_fd = arrival->from_fd,
		.fd = arrival->fd,
		.bytes = arrival->bytes,
		.bytes_max = arrival->bytes_max,
	};
	struct sealed_totals totals;

	if (!vault_path(sealed->vault, sealed->facts.id, ".sealed", path) ||
			!vault_path(sealed->vault, sealed->facts.id, ".new", temporary))
		return ward_fail(error, WARD_E_ARGUMENT, "the vault's folder has too long a path");
	ward_err err = make_folder(sealed->vault, &sealed->name, path, error);

	if (err)
		return err;
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail_file("make", error);
	err = sealed_make(&sealed->name, &input, write_out, &fd, &totals, error);
	if (!err)
		err = settle(fd, temporary, path, error);
	if (err)
		unlink(temporary);
	close(fd);
	if (err)
		return err;
	sealed->facts.digests = totals.plain;
	sealed->facts.sealed_bytes = totals.sealed_bytes;
	memcpy(sealed->facts.sealed_sha256, totals.sealed_sha256, 32);
	return WARD_OK;
}

/* ---- sealing ---- */

static ward_err take_wish(struct vault_sealed *sealed, const struct vault_arrival *arrival,
		struct ward_error *error)
{
	ward_str basis = arrival->basis.len > 0 ? arrival->basis : WARD_STR("own");
	struct vault_facts *facts = &sealed->facts;

	if (!vault_copy(facts->kind, sizeof(facts->kind), arrival->kind) ||
			!ward_utf8_valid(arrival->kind))
		return ward_fail(error, WARD_E_ARGUMENT, "the kind of an item is a media type");
	if (!vault_copy(facts->origin, sizeof(facts->origin), arrival->origin) ||
			!ward_utf8_valid(arrival->origin))
		return ward_fail(error, WARD_E_ARGUMENT,
				"the origin of an item is a name as report:ID");
	if (!vault_copy(sealed->roles, sizeof(sealed->roles), arrival->roles))
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such roles");
	if (!legal_find(sealed->vault->legal, basis) ||
			!vault_copy(sealed->basis, sizeof(sealed->basis), basis))
		return ward_fail(error, WARD_E_NOT_FOUND,
				"there is no such legal clock; \"ward vault clocks\" shows them");
	return WARD_OK;
}

static ward_err seal(struct vault_sealed *sealed, const struct vault_arrival *arrival,
		struct ward_error *error)
{
	struct public_keys keys, chosen;
	ward_err err = take_wish(sealed, arrival, error);

	if (!err)
		err = known_keys(sealed->vault, &keys, error);
	if (!err)
		err = public_keys_choose(&keys, arrival->roles, &chosen, error);
	if (err)
		return err;
	id_new(sealed->facts.id);
	if (!sealed_id_parse(ward_str_from(sealed->facts.id), sealed->name.id))
		return ward_fail(error, WARD_E_CORRUPT, "an id is not as ids are");
	randombytes_buf(sealed->name.key, SEALED_KEY);
	err = wrap_to(sealed, &chosen, error);
	return err ? err : write_file(sealed, arrival, error);
}

ward_err vault_seal(struct vault *vault, const struct vault_arrival *arrival,
		struct vault_sealed **sealed, struct ward_error *error)
{
	struct vault_sealed *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to seal an item");
	made->vault = vault;
	ward_err err = seal(made, arrival, error);

	if (err) {
		sodium_memzero(made, sizeof(*made));
		free(made);
		return err;
	}
	made->facts.sealed_at = clock_now();
	*sealed = made;
	return WARD_OK;
}

const struct vault_facts *vault_sealed_facts(const struct vault_sealed *sealed)
{
	return &sealed->facts;
}

void vault_sealed_free(struct vault_sealed *sealed)
{
	char path[VAULT_PATH_MAX];

	if (!sealed)
		return;
	if (!sealed->put && vault_path(sealed->vault, sealed->facts.id, ".sealed", path))
		unlink(path);
	sodium_memzero(sealed, sizeof(*sealed));
	free(sealed);
}

/* ---- its row ---- */

static ward_err log_sealed(struct store_tx *tx, const struct vault_sealed *sealed,
		const struct vault_actor *actor, struct ward_error *error)
{
	const struct vault_facts *facts = &sealed->facts;
	char digest[65];
	struct ward_buf detail;

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	ward_hex_format(facts->sealed_sha256, 32, digest);
	json_object(&json);
	json_key_uint(&json, "bytes", facts->digests.bytes);
	json_key_text(&json, "origin", facts->origin);
	json_key_text(&json, "basis", sealed->basis);
	json_key_text(&json, "sealed_sha256", digest);
	json_key_text(&json, "roles", sealed->roles);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = actor,
					.action = "item.sealed",
					.noun = "item",
					.object = ward_str_from(facts->id),
					.digest = facts->digests.sha256,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

static struct store_value blob(const uint8_t *bytes, size_t len)
{
	return store_blob((ward_bytes){ bytes, len });
}

static ward_err add_item(struct store_tx *tx, const struct vault_facts *facts, int64_t keep_until,
		struct ward_error *error)
{
	const struct ward_digests *digests = &facts->digests;

	return store_send(tx,
			"INSERT INTO vault_items (id, kind, origin, bytes, md5, sha1, sha256, "
			"sealed_bytes, sealed_sha256, sealed_at, keep_until, destroyed_at) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
			STORE_VALUES(store_string(facts->id), store_string(facts->kind),
					store_string(facts->origin),
					store_int((int64_t)digests->bytes),
					blob(digests->md5, sizeof(digests->md5)),
					blob(digests->sha1, sizeof(digests->sha1)),
					blob(digests->sha256, sizeof(digests->sha256)),
					store_int((int64_t)facts->sealed_bytes),
					blob(facts->sealed_sha256, sizeof(facts->sealed_sha256)),
					store_int(facts->sealed_at), store_int(keep_until)),
			error);
}

/* All in one statement, whose text is that of so many keys. */
static ward_err add_wraps(struct store_tx *tx, const struct vault_sealed *sealed,
		struct ward_error *error)
{
	struct store_value values[1 + 2 * VAULT_KEYS_MAX] = { store_string(sealed->facts.id) };
	char sql[100 + 20 * VAULT_KEYS_MAX];
	int len = snprintf(sql, sizeof(sql), "INSERT INTO vault_wraps (item, key, wrap) VALUES");
	size_t count = 1;

	for (size_t i = 0; i < sealed->keys.count; i++) {
		values[count++] = store_string(sealed->keys.at[i].id);
		values[count++] = blob(sealed->wraps[i], WRAP_SIZE);
		len += snprintf(sql + len, sizeof(sql) - (size_t)len, "%s ($1, $%zu, $%zu)",
				i > 0 ? "," : "", count - 1, count);
	}
	return store_send(tx, sql, (struct store_values){ values, count }, error);
}

/* Keys may have been rotated since it was sealed; seldom, so it is done here. */
static ward_err renew_wraps(struct store_tx *tx, struct vault_sealed *sealed,
		struct ward_error *error)
{
	struct vault *vault = sealed->vault;
	struct public_keys keys, chosen;
	ward_err err = public_keys_read(tx, &keys, error);

	if (!err)
		err = public_keys_choose(&keys, ward_str_from(sealed->roles), &chosen, error);
	if (err || public_keys_equal(&chosen, &sealed->keys))
		return err;
	pthread_mutex_lock(&vault->mutex);
	vault->known = false;
	pthread_mutex_unlock(&vault->mutex);
	return wrap_to(sealed, &chosen, error);
}

static ward_err look_for_file(const struct vault_sealed *sealed, struct ward_error *error)
{
	char path[VAULT_PATH_MAX];
	struct stat st;

	if (!vault_path(sealed->vault, sealed->facts.id, ".sealed", path) || stat(path, &st) != 0 ||
			st.st_size != (off_t)sealed->facts.sealed_bytes)
		return ward_fail(error, WARD_E_CONFLICT,
				"the sealed file was removed before its row was added; send it "
				"again");
	return WARD_OK;
}

ward_err vault_put(struct store_tx *tx, struct vault_sealed *sealed,
		const struct vault_actor *actor, struct ward_error *error)
{
	ward_str id = ward_str_from(sealed->facts.id);
	struct hold hold = { 0 };

	sealed->put = true;
	ward_err err = log_sealed(tx, sealed, actor, error);

	if (!err)
		err = renew_wraps(tx, sealed, error);
	if (!err)
		err = look_for_file(sealed, error);
	if (!err)
		err = hold_first(sealed->vault, id, ward_str_from(sealed->basis), &hold, error);
	if (!err)
		err = add_item(tx, &sealed->facts, hold.end_at, error);
	if (!err)
		err = add_wraps(tx, sealed, error);
	return err ? err : hold_add(tx, &hold, error);
}
