#include "vault/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/file.h"
#include "vault/inner.h"

/* ---- the handle ---- */

ward_err vault_new(const char *folder, struct store *store, struct vault **vault,
		struct ward_error *error)
{
	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	struct vault *made = calloc(1, sizeof(*made));
	ward_err err = made ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory for a vault");

	if (!err && !vault_copy(made->folder, sizeof(made->folder) - 64, ward_str_from(folder)))
		err = ward_fail(error, WARD_E_ARGUMENT, "the vault's folder has too long a path");
	if (!err)
		err = file_make_folders(folder, 0700, error);
	if (!err)
		err = legal_default(&made->legal, error);
	if (err) {
		free(made);
		return err;
	}
	made->store = store;
	pthread_mutex_init(&made->mutex, NULL);
	*vault = made;
	return WARD_OK;
}

void vault_free(struct vault *vault)
{
	if (!vault)
		return;
	legal_free(vault->legal);
	pthread_mutex_destroy(&vault->mutex);
	free(vault);
}

struct store *vault_store(const struct vault *vault)
{
	return vault->store;
}

const struct legal *vault_legal(const struct vault *vault)
{
	return vault->legal;
}

void vault_legal_set(struct vault *vault, struct legal *legal)
{
	legal_free(vault->legal);
	vault->legal = legal;
}

ward_err vault_legal_load(struct vault *vault, const char *path, struct ward_error *error)
{
	struct ward_error why;
	struct legal *legal;
	char *text;
	size_t len;
	ward_err err = file_read(path, 1 << 20, &text, &len, error);

	if (err)
		return err == WARD_E_NOT_FOUND ? WARD_OK : err;
	err = legal_parse((ward_str){ text, len }, &legal, &why);
	free(text);
	if (err)
		return ward_fail(error, err, "%.100s: %.130s", path, why.message);
	vault_legal_set(vault, legal);
	return WARD_OK;
}

ward_err vault_of_workspace(const char *workspace, struct store *store, struct vault **vault,
		struct ward_error *error)
{
	char folder[VAULT_PATH_MAX], clocks[VAULT_PATH_MAX];
	int folder_len = snprintf(folder, sizeof(folder), "%s/vault", workspace);
	int clocks_len = snprintf(clocks, sizeof(clocks), "%s/legal-clocks.json", workspace);
	struct vault *made;

	if (folder_len < 0 || clocks_len < 0 || clocks_len >= VAULT_PATH_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	ward_err err = vault_new(folder, store, &made, error);

	if (err)
		return err;
	err = vault_legal_load(made, clocks, error);
	if (err)
		vault_free(made);
	else
		*vault = made;
	return err;
}

/* ---- small things ---- */

bool vault_copy(char *out, size_t room, ward_str text)
{
	if (text.len >= room || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
		return false;
	if (text.len > 0)
		memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return true;
}

bool vault_path(const struct vault *vault, const char *id, const char *suffix,
		char path[VAULT_PATH_MAX])
{
	size_t len = strlen(id);
	int made = len == ID_TEXT_MAX - 1 ? snprintf(path, VAULT_PATH_MAX, "%s/%s/%s%s",
							    vault->folder, id + len - 2, id, suffix)
					  : -1;

	return made > 0 && made < VAULT_PATH_MAX;
}

/* Random bytes, which no file system can leave out or pack. */
static ward_err overwrite(int fd, off_t size, struct ward_error *error)
{
	static const size_t piece = 1 << 16;
	uint8_t *noise = malloc(piece);
	ward_err err = noise ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory to overwrite");

	while (!err && size > 0) {
		size_t len = (off_t)piece < size ? piece : (size_t)size;

		randombytes_buf(noise, len);
		err = file_write_all(fd, noise, len, error);
		size -= (off_t)len;
	}
	if (!err && fsync(fd) != 0)
		err = ward_fail(error, WARD_E_IO,
				"a destroyed item's file cannot be overwritten: "
				"%s",
				strerror(errno));
	free(noise);
	return err;
}

ward_err vault_shred(const char *path, struct ward_error *error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return WARD_OK;
	if (fd < 0 || fstat(fd, &st) != 0) {
		ward_err err = ward_fail(error, WARD_E_IO,
				"a destroyed item's file cannot be opened: %s", strerror(errno));

		if (fd >= 0)
			close(fd);
		return err;
	}
	ward_err err = overwrite(fd, st.st_size, error);

	close(fd);
	if (!err && unlink(path) != 0 && errno != ENOENT)
		err = ward_fail(error, WARD_E_IO, "a destroyed item's file cannot be removed: %s",
				strerror(errno));
	return err;
}

/* ---- the log, and who may ---- */

ward_err vault_log(struct store_tx *tx, const struct vault_deed *deed, struct ward_error *error)
{
	char object[VAULT_WORD_MAX + 1], digest[65] = "";
	int len = snprintf(object, sizeof(object), "%s:%.*s", deed->noun, WARD_FMT(deed->object));

	if (len < 0 || (size_t)len >= sizeof(object))
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such %s", deed->noun);
	if (deed->detail && deed->detail->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a row of the log");
	if (deed->digest)
		ward_hex_format(deed->digest, 32, digest);
	return audit_add(tx,
			&(struct audit_entry){
					.actor = deed->actor->actor,
					.role = deed->actor->role,
					.action = ward_str_from(deed->action),
					.object = ward_str_from(object),
					.digest = ward_str_from(digest),
					.reason = deed->reason,
					.detail = deed->detail ? ward_buf_text(deed->detail)
							       : WARD_STR(""),
			},
			error);
}

ward_err vault_pair_check(const struct vault_pair *persons, struct store_tx *tx,
		struct ward_error *error)
{
	ward_str person = WARD_STR("person:");

	if (!ward_str_starts(persons->first.actor, person) ||
			!ward_str_starts(persons->second.actor, person) ||
			persons->first.actor.len == person.len ||
			persons->second.actor.len == person.len)
		return ward_fail(error, WARD_E_DENIED, "this wants two persons");
	if (ward_str_eq(persons->first.actor, persons->second.actor))
		return ward_fail(error, WARD_E_DENIED,
				"this wants two persons, and these are the same one");
	return persons->use ? persons->use(persons->context, tx, error) : WARD_OK;
}

ward_err vault_reason_check(ward_str reason, struct ward_error *error)
{
	return ward_str_trim(reason).len > 0 ? WARD_OK
					     : ward_fail(error, WARD_E_ARGUMENT,
							       "this wants a reason, for the log");
}

/* ---- facts ---- */

static bool take_bytes(const struct store_rows *rows, unsigned column, uint8_t *out, size_t len)
{
	ward_bytes bytes = store_get_blob(rows, column);

	if (bytes.len != len)
		return false;
	memcpy(out, bytes.ptr, len);
	return true;
}

bool vault_facts_take(const struct store_rows *rows, struct vault_facts *facts)
{
	struct vault_facts read = { 0 };
	bool good = vault_copy(read.id, sizeof(read.id), store_get_text(rows, 0)) &&
		    vault_copy(read.kind, sizeof(read.kind), store_get_text(rows, 1)) &&
		    vault_copy(read.origin, sizeof(read.origin), store_get_text(rows, 2)) &&
		    take_bytes(rows, 4, read.digests.md5, sizeof(read.digests.md5)) &&
		    take_bytes(rows, 5, read.digests.sha1, sizeof(read.digests.sha1)) &&
		    take_bytes(rows, 6, read.digests.sha256, sizeof(read.digests.sha256)) &&
		    take_bytes(rows, 8, read.sealed_sha256, sizeof(read.sealed_sha256));

	read.digests.bytes = (uint64_t)store_get_int(rows, 3);
	read.sealed_bytes = (uint64_t)store_get_int(rows, 7);
	read.sealed_at = store_get_int(rows, 9);
	read.destroyed_at = store_get_int(rows, 10);
	*facts = read;
	return good;
}

static ward_err fail_row(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT,
			"the row of an item makes no sense; \"ward db check\" and \"ward audit "
			"verify\" tell more");
}

ward_err vault_facts_get(struct store_tx *tx, ward_str item, struct vault_facts *facts,
		struct ward_error *error)
{
	struct vault_facts read = { 0 };
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT " VAULT_FACTS_COLUMNS " FROM vault_items WHERE id = $1",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "the vault has no such item");
	if (err)
		return err;
	bool good = vault_facts_take(rows, &read);

	err = store_rows_end(rows, error);
	if (!err && !good)
		err = fail_row(error);
	if (!err)
		*facts = read;
	return err;
}

static ward_err query_list(struct store_tx *tx, const struct vault_question *question,
		struct store_rows **rows, struct ward_error *error)
{
	int64_t limit = question->items_max;
	/* Ids sort by age, and "g" comes behind all of them. */
	ward_str before = question->before.len > 0 ? question->before : WARD_STR("g");

	if (question->origin.len > 0)
		return store_query(tx,
				"SELECT " VAULT_FACTS_COLUMNS " FROM vault_items "
				"WHERE origin = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
				STORE_VALUES(store_text(question->origin), store_text(before),
						store_int(limit)),
				rows, error);
	return store_query(tx,
			"SELECT " VAULT_FACTS_COLUMNS " FROM vault_items "
			"WHERE id < $1 ORDER BY id DESC LIMIT $2",
			STORE_VALUES(store_text(before), store_int(limit)), rows, error);
}

ward_err vault_list(struct store_tx *tx, const struct vault_question *question,
		bool (*each)(void *context, const struct vault_facts *facts), void *context,
		struct ward_error *error)
{
	struct vault_facts facts;
	struct store_rows *rows;
	bool good = true;
	ward_err err = query_list(tx, question, &rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		good = vault_facts_take(rows, &facts);
		if (!good || !each(context, &facts))
			break;
	}
	err = store_rows_end(rows, error);
	return err || good ? err : fail_row(error);
}
