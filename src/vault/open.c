/*
 * How an item is opened: its key is unwrapped, then the row of the log is made
 * durable, and only then is the first byte read.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "vault/inner.h"

struct open_work {
	const struct vault_access *access;
	const struct vault_opening *opening;
	const char *action;
	const char *by; /* the key's name; or NULL */
	struct vault_facts facts;
};

/* ---- the log ---- */

/* Adds the row, unless the item was destroyed meanwhile: NOT_FOUND. */
static ward_err log_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct open_work *work = context;
	const struct vault_access *access = work->access;
	struct vault_actor actor = vault_access_actor(access);
	struct ward_buf detail;

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_str(&json, "level", work->opening->level);
	if (work->by)
		json_key_text(&json, "key", work->by);
	if (access->second[0])
		json_key_text(&json, "second", access->second);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = &actor,
					.action = work->action,
					.noun = "item",
					.object = work->opening->item,
					.digest = work->facts.digests.sha256,
					.reason = work->opening->reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	if (!err)
		err = vault_facts_get(tx, work->opening->item, &work->facts, error);
	if (!err && work->facts.destroyed_at != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "this item was destroyed");
	return err;
}

/* What is found to be wrong is told as it is, whether or not the log takes it. */
static ward_err log_and_fail(struct vault *vault, struct open_work *work, const char *action,
		ward_err err, struct ward_error *error)
{
	struct ward_error log_error;

	work->action = action;
	ward_err logged = store_write(vault->store, log_work, work, &log_error);

	if (logged == WARD_E_NOT_FOUND) {
		if (error)
			*error = log_error;
		return logged;
	}
	return err;
}

/* ---- opening ---- */

static ward_err read_key(struct vault *vault, struct open_work *work, uint8_t key[SEALED_KEY],
		struct ward_error *error)
{
	const struct access_key *by = NULL;
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = vault_facts_get(tx, work->opening->item, &work->facts, error);
	if (!err && work->facts.destroyed_at != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "this item was destroyed");
	if (!err)
		err = access_unwrap(work->access, tx, work->opening->item, key, &by, error);
	store_read_end(tx);
	if (!err)
		work->by = by->name;
	return err;
}

ward_err vault_openable(struct vault *vault, const struct vault_access *access, ward_str item,
		struct ward_error *error)
{
	struct vault_opening opening = { .item = item };
	struct open_work work = { .access = access, .opening = &opening };
	uint8_t key[SEALED_KEY];
	ward_err err = read_key(vault, &work, key, error);

	sodium_memzero(key, sizeof(key));
	return err;
}

static ward_err read_fd(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	ssize_t got;

	do {
		got = read(*(int *)context, into, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ward_fail(error, WARD_E_IO, "a sealed file cannot be read: %s",
				strerror(errno));
	*len = (size_t)got;
	return WARD_OK;
}

ward_err vault_open_file(const struct vault *vault, const struct vault_facts *facts,
		const uint8_t key[SEALED_KEY], vault_sink *sink, void *context,
		struct ward_error *error)
{
	char path[VAULT_PATH_MAX];
	struct sealed_totals totals = { .sealed_bytes = 0 };
	struct sealed_name name;

	if (!vault_path(vault, facts->id, ".sealed", path) ||
			!sealed_id_parse(ward_str_from(facts->id), name.id))
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such item");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return ward_fail(error, errno == ENOENT ? WARD_E_CORRUPT : WARD_E_IO,
				"the item's sealed file cannot be opened: %s", strerror(errno));
	memcpy(name.key, key, SEALED_KEY);
	ward_err err = sealed_open(&name, read_fd, &fd, sink, context, &totals, error);

	close(fd);
	sodium_memzero(&name, sizeof(name));
	/* It opens, and yet is not what the row says: both were changed, or the row alone. */
	if (!err && (totals.plain.bytes != facts->digests.bytes ||
				    totals.sealed_bytes != facts->sealed_bytes ||
				    memcmp(totals.plain.sha256, facts->digests.sha256, 32) != 0))
		err = ward_fail(error, WARD_E_CORRUPT,
				"the item is not the one that its row tells of");
	return err;
}

/* `bytes_max` of 0 is none. */
static ward_err open_item(struct vault *vault, const struct vault_access *access,
		const struct vault_opening *opening, uint64_t bytes_max, vault_sink *sink,
		void *context, struct ward_error *error)
{
	struct open_work work = { .access = access, .opening = opening, .action = "item.opened" };
	struct ward_error own;
	uint8_t key[SEALED_KEY];

	if (!error)
		error = &own;
	ward_err err = vault_reason_check(opening->reason, error);

	if (!err)
		err = read_key(vault, &work, key, error);
	if (err == WARD_E_DENIED)
		return log_and_fail(vault, &work, "item.refused", err, error);
	if (!err && bytes_max > 0 && work.facts.digests.bytes > bytes_max)
		err = ward_fail(error, WARD_E_LIMIT, "the item is larger than %llu bytes",
				(unsigned long long)bytes_max);
	if (!err)
		err = store_write(vault->store, log_work, &work, error);
	if (!err)
		err = vault_open_file(vault, &work.facts, key, sink, context, error);
	sodium_memzero(key, sizeof(key));
	return err == WARD_E_CORRUPT ? log_and_fail(vault, &work, "item.damaged", err, error) : err;
}

ward_err vault_open(struct vault *vault, const struct vault_access *access,
		const struct vault_opening *opening, vault_sink *sink, void *context,
		struct ward_error *error)
{
	return open_item(vault, access, opening, 0, sink, context, error);
}

/* ---- into memory ---- */

static ward_err write_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	return file_write_all(*(int *)context, bytes.ptr, bytes.len, error);
}

ward_err vault_open_memory(struct vault *vault, const struct vault_access *access,
		const struct vault_opening *opening, uint64_t bytes_max, int *fd,
		struct ward_error *error)
{
	int memory = file_memory("ward-item", error);

	if (memory < 0)
		return WARD_E_NOMEM;
	ward_err err = open_item(vault, access, opening, bytes_max, write_out, &memory, error);

	if (!err)
		err = vault_memory_freeze(memory, error);
	if (!err && lseek(memory, 0, SEEK_SET) != 0)
		err = ward_fail(error, WARD_E_IO, "a memory file cannot be read: %s",
				strerror(errno));
	if (err)
		close(memory);
	else
		*fd = memory;
	return err;
}
