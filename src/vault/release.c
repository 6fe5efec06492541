#include "vault/release.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "vault/inner.h"

enum { FILE_MAX = 256 };

#define WORD "x25519-secret:"

struct vault_sender {
	struct public_key key;
	uint8_t *secret; /* in locked memory */
};

/* ---- the pair ---- */

static ward_err log_sender(struct store_tx *tx, const struct vault_pair *persons, const char *id,
		ward_str reason, struct ward_error *error)
{
	struct ward_buf detail;

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_str(&json, "second", persons->second.actor);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = &persons->first,
					.action = "sender.made",
					.noun = "sender",
					.object = ward_str_from(id),
					.reason = reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

struct make_work {
	const struct vault_pair *persons;
	ward_str reason;
	const struct public_key *key;
};

static ward_err make_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct make_work *work = context;
	int64_t now = clock_now();
	ward_err err = vault_pair_check(work->persons, tx, error);

	if (!err)
		err = store_run(tx, "DELETE FROM vault_releases", STORE_NO_VALUES, NULL, error);
	if (!err)
		err = store_run(tx, "UPDATE vault_senders SET retired_at = $1 WHERE retired_at = 0",
				STORE_VALUES(store_int(now)), NULL, error);
	if (!err)
		err = store_run(tx,
				"INSERT INTO vault_senders (id, public_key, made_at, retired_at) "
				"VALUES ($1, $2, $3, 0)",
				STORE_VALUES(store_string(work->key->id),
						store_blob((ward_bytes){ work->key->bytes,
								VAULT_PUBLIC_SIZE }),
						store_int(now)),
				NULL, error);
	return err ? err : log_sender(tx, work->persons, work->key->id, work->reason, error);
}

static ward_err write_secret(const char *path, const uint8_t secret[VAULT_SECRET_SIZE],
		struct ward_error *error)
{
	char text[FILE_MAX] = WORD;
	size_t word = strlen(WORD);

	sodium_bin2base64(text + word, sizeof(text) - word, secret, VAULT_SECRET_SIZE,
			sodium_base64_VARIANT_ORIGINAL);
	size_t len = strlen(text);

	text[len++] = '\n';
	ward_err err = file_replace(path, (ward_bytes){ (const uint8_t *)text, len }, 0600, error);

	sodium_memzero(text, sizeof(text));
	return err;
}

/*
 * The file first: a pair without its rows opens nothing and is made anew.  Two who are one are
 * refused before it.
 */
ward_err vault_sender_make(struct vault *vault, const char *path, const struct vault_pair *persons,
		ward_str reason, struct ward_error *error)
{
	struct public_key key = { .generation = 1 };
	struct make_work work = { persons, reason, &key };
	uint8_t *secret = sodium_malloc(VAULT_SECRET_SIZE);
	ward_err err = secret ? vault_reason_check(reason, error)
			      : ward_fail(error, WARD_E_NOMEM, "no memory for a key");

	if (!err && ward_str_eq(persons->first.actor, persons->second.actor))
		err = ward_fail(error, WARD_E_DENIED, "this wants two persons");
	if (!err) {
		id_new(key.id);
		crypto_box_keypair(key.bytes, secret);
		err = write_secret(path, secret, error);
	}
	sodium_free(secret);
	return err ? err : store_write(vault->store, make_work, &work, error);
}

/* ---- reading it ---- */

static ward_err read_secret(const char *path, uint8_t secret[VAULT_SECRET_SIZE],
		struct ward_error *error)
{
	struct stat about;
	char text[FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? ward_fail(error, WARD_E_NOT_FOUND,
							 "the vault has no sender: \"ward vault "
							 "sender\" makes it")
				       : ward_fail(error, WARD_E_IO,
							 "the sender's key cannot be read: %s",
							 strerror(errno));
	bool closed = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
		      (about.st_mode & 077) == 0;
	ssize_t got = closed ? read(fd, text, sizeof(text)) : 0;

	close(fd);
	if (!closed)
		return ward_fail(error, WARD_E_DENIED,
				"others than the service can read the sender's key: chmod 600");
	ward_str line = ward_str_trim((ward_str){ text, got > 0 ? (size_t)got : 0 });
	size_t word = strlen(WORD);
	bool good = ward_str_starts(line, WARD_STR(WORD)) &&
		    ward_base64_parse((ward_str){ line.ptr + word, line.len - word }, secret,
				    VAULT_SECRET_SIZE);

	sodium_memzero(text, sizeof(text));
	return good ? WARD_OK : ward_fail(error, WARD_E_FORMAT, "the sender's key is damaged");
}

/* NOT_FOUND when there is none in use. */
static ward_err read_public(struct store_tx *tx, struct public_key *key, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id, public_key FROM vault_senders WHERE retired_at = 0 "
			"ORDER BY made_at DESC, id DESC LIMIT 1",
			STORE_NO_VALUES, &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err,
				"the vault has no sender: \"ward vault sender\" makes it");
	if (err)
		return err;
	ward_bytes bytes = store_get_blob(rows, 1);
	bool good = bytes.len == VAULT_PUBLIC_SIZE &&
		    vault_copy(key->id, sizeof(key->id), store_get_text(rows, 0));

	if (good)
		memcpy(key->bytes, bytes.ptr, bytes.len);
	snprintf(key->name, sizeof(key->name), "sender");
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_CORRUPT,
					     "the row of the vault's sender makes no sense");
}

static ward_err check_pair(struct vault *vault, struct vault_sender *sender,
		struct ward_error *error)
{
	uint8_t public_key[VAULT_PUBLIC_SIZE];
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = read_public(tx, &sender->key, error);
	store_read_end(tx);
	if (!err && (crypto_scalarmult_base(public_key, sender->secret) != 0 ||
				    sodium_memcmp(public_key, sender->key.bytes,
						    sizeof(public_key)) != 0))
		err = ward_fail(error, WARD_E_DENIED,
				"the sender's key is not the vault's sender any more");
	return err;
}

ward_err vault_sender_read(struct vault *vault, const char *path, struct vault_sender **sender,
		struct ward_error *error)
{
	struct vault_sender *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (made)
		made->secret = sodium_malloc(VAULT_SECRET_SIZE);
	if (!made || !made->secret)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a key");
	if (!err)
		err = read_secret(path, made->secret, error);
	if (!err)
		err = check_pair(vault, made, error);
	if (err)
		vault_sender_free(made);
	else
		*sender = made;
	return err;
}

void vault_sender_free(struct vault_sender *sender)
{
	if (!sender)
		return;
	sodium_free(sender->secret);
	free(sender);
}

ward_err vault_sender_access(const struct vault_sender *sender, const struct vault_actor *actor,
		ward_str purpose, struct vault_access **access, struct ward_error *error)
{
	struct vault_access *made;
	ward_err err = access_new(actor, &made, error);

	if (err)
		return err;
	if (purpose.len == 0 || !vault_copy(made->purpose, sizeof(made->purpose), purpose))
		err = ward_fail(error, WARD_E_ARGUMENT, "this is no purpose of a release");
	if (!err)
		err = access_add(made, &sender->key, sender->secret, error);
	if (err)
		vault_access_free(made);
	else
		*access = made;
	return err;
}

/* ---- releasing ---- */

struct release_work {
	const struct vault_access *access;
	const ward_str *items;
	size_t count;
	ward_str purpose, reason;
};

static ward_err log_release(struct store_tx *tx, const struct release_work *work,
		const struct vault_facts *facts, const char *by, struct ward_error *error)
{
	struct vault_actor actor = vault_access_actor(work->access);
	struct ward_buf detail;

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_str(&json, "for", work->purpose);
	json_key_text(&json, "key", by);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = &actor,
					.action = "item.released",
					.noun = "item",
					.object = ward_str_from(facts->id),
					.digest = facts->digests.sha256,
					.reason = work->reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

static ward_err put_release(struct store_tx *tx, const struct release_work *work,
		const struct public_key *sender, ward_str item, const uint8_t wrap[WRAP_SIZE],
		struct ward_error *error)
{
	struct vault_actor actor = vault_access_actor(work->access);

	return store_run(tx,
			"INSERT INTO vault_releases (item, purpose, sender, wrap, actor, at) "
			"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (item, purpose) DO UPDATE "
			"SET sender = $3, wrap = $4, actor = $5, at = $6",
			STORE_VALUES(store_text(item), store_text(work->purpose),
					store_string(sender->id),
					store_blob((ward_bytes){ wrap, WRAP_SIZE }),
					store_text(actor.actor), store_int(clock_now())),
			NULL, error);
}

static ward_err release_one(struct store_tx *tx, const struct release_work *work,
		const struct public_key *sender, ward_str item, struct ward_error *error)
{
	struct wrap_purpose purpose = { "release", item, work->purpose };
	const struct access_key *by = NULL;
	uint8_t key[SEALED_KEY], wrap[WRAP_SIZE];
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, item, &facts, error);

	if (!err && facts.destroyed_at != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "an item was destroyed");
	if (!err)
		err = access_unwrap(work->access, tx, item, key, &by, error);
	if (!err && !wrap_make(key, &purpose, sender->bytes, wrap))
		err = ward_fail(error, WARD_E_CORRUPT, "the sender's public key is none");
	sodium_memzero(key, sizeof(key));
	if (!err)
		err = put_release(tx, work, sender, item, wrap, error);
	return err ? err : log_release(tx, work, &facts, by->name, error);
}

static ward_err release_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct release_work *work = context;
	struct public_key sender;
	ward_err err = read_public(tx, &sender, error);

	for (size_t i = 0; !err && i < work->count; i++)
		err = release_one(tx, work, &sender, work->items[i], error);
	return err;
}

ward_err vault_release(struct vault *vault, const struct vault_access *access,
		const ward_str *items, size_t count, ward_str purpose, ward_str reason,
		struct ward_error *error)
{
	struct release_work work = { access, items, count, purpose, reason };
	ward_err err = vault_reason_check(reason, error);

	if (!err && (purpose.len == 0 || purpose.len >= VAULT_PURPOSE_MAX))
		err = ward_fail(error, WARD_E_ARGUMENT, "this is no purpose of a release");
	/* What a sender was given is not its to hand on. */
	if (!err && access->purpose[0])
		err = ward_fail(error, WARD_E_DENIED, "items are released by persons");
	return err ? err : store_write(vault->store, release_work, &work, error);
}

ward_err vault_is_released(struct store_tx *tx, const ward_str *items, size_t count,
		ward_str purpose, bool *released, struct ward_error *error)
{
	bool all = true;
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && all && i < count; i++) {
		struct store_rows *rows;

		err = store_one(tx,
				"SELECT count(*) FROM vault_releases r JOIN vault_senders s ON "
				"s.id = r.sender WHERE r.item = $1 AND r.purpose = $2 AND "
				"s.retired_at = 0",
				STORE_VALUES(store_text(items[i]), store_text(purpose)), &rows,
				error);
		if (err)
			break;
		all = store_get_int(rows, 0) > 0;
		err = store_rows_end(rows, error);
	}
	if (!err)
		*released = all;
	return err;
}

ward_err vault_release_end(struct store_tx *tx, ward_str purpose, struct ward_error *error)
{
	return store_run(tx, "DELETE FROM vault_releases WHERE purpose = $1",
			STORE_VALUES(store_text(purpose)), NULL, error);
}

ward_err vault_release_list(struct store_tx *tx, int64_t before,
		bool (*each)(void *context, ward_str purpose), void *context,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT purpose, max(at) FROM vault_releases GROUP BY purpose "
			"HAVING max(at) < $1 ORDER BY purpose",
			STORE_VALUES(store_int(before)), &rows, error);

	if (err)
		return err;
	while (store_next(rows) && each(context, store_get_text(rows, 0)))
		;
	return store_rows_end(rows, error);
}
