/*
 * vault_test.h - a vault with a few people, for tests
 */
#ifndef VAULT_TEST_H
#define VAULT_TEST_H

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/clock_fake.h"
#include "base/test.h"
#include "store/store_test.h"
#include "vault/holds.h"
#include "vault/vault_keys.h"

#define NOW 1772323200 /* 2026-03-01 */

static struct ward_error error;
static struct store *store;
static struct vault *vault;
static char folder[64];

struct who {
	const char *name; /* "person:anna" */
	uint8_t public_key[32], secret[32];
};

static struct who anna = { .name = "person:anna" }, boris = { .name = "person:boris" },
		  carol = { .name = "person:carol" };

static inline struct vault_actor actor_of(const struct who *who)
{
	return (struct vault_actor){ ward_str_from(who->name), WARD_STR("reviewer") };
}

static inline struct vault_pair pair_of(const struct who *first, const struct who *second)
{
	return (struct vault_pair){ .first = actor_of(first), .second = actor_of(second) };
}

/* ---- shares, as they were shown ---- */

struct shown {
	char text[2][5][1024];
	const char *key[2];
	unsigned count[2];
	unsigned keys;
};

static struct shown shown;

static inline ward_err show(void *context, const char *key, const char *const *shares,
		unsigned count, struct ward_error *failure)
{
	struct shown *to = context;

	(void)failure;
	to->key[to->keys] = strcmp(key, "master") == 0 ? "master" : "backup";
	to->count[to->keys] = count;
	for (unsigned i = 0; i < count; i++)
		snprintf(to->text[to->keys][i], sizeof(to->text[to->keys][i]), "%s", shares[i]);
	to->keys++;
	return WARD_OK;
}

static inline ward_str share_of(unsigned key, unsigned number)
{
	return ward_str_from(shown.text[key][number - 1]);
}

/* ---- beginning and ending ---- */

static inline void remove_folder(const char *path)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	char inside[4096];

	while (entries && (entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int len = snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);

		if (len > 0 && (size_t)len < sizeof(inside) && unlink(inside) != 0)
			remove_folder(inside);
	}
	if (entries)
		closedir(entries);
	rmdir(path);
}

static inline void end(void)
{
	vault_free(vault);
	store_free(store);
	remove_folder(folder);
}

/* Where the store is, to be opened again by another process. */
static char store_at[512];

static inline bool open_vault(void)
{
	struct store_options options = { .place = store_at, .create = true, .migrate = true };

	const char *base = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/ward-vault-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(folder))
		return false;
	clock_fake_set(NOW);
	snprintf(store_at, sizeof(store_at), "%s", store_fresh_place());
	return store_open(&options, &store, &error) == WARD_OK &&
	       vault_new(folder, store, &vault, &error) == WARD_OK;
}

static inline bool give(const struct vault_access *access, const char *role, const struct who *who)
{
	return vault_key_give(vault, access, ward_str_from(role), ward_str_from(who->name),
			       who->public_key, &error) == WARD_OK;
}

/* Anna reviews, Boris files, Carol holds nothing; 2 of 3 open the master key, 3 of 5 the backup. */
static inline bool start(void)
{
	struct vault_plan plan = { WARD_STR("review,filing"), 2, 3, 3, 5 };
	struct vault_actor maker = { WARD_STR("person:operator"), WARD_STR("") };
	struct vault_access *access;

	shown.keys = 0;
	if (!open_vault())
		return false;
	crypto_box_keypair(anna.public_key, anna.secret);
	crypto_box_keypair(boris.public_key, boris.secret);
	crypto_box_keypair(carol.public_key, carol.secret);
	if (vault_keys_make(vault, &plan, &maker, show, &shown, &access, &error) != WARD_OK) {
		printf("# %s\n", error.message);
		return false;
	}
	bool given = give(access, "review", &anna) && give(access, "filing", &boris);

	vault_access_free(access);
	return given;
}

/* ---- items ---- */

struct put {
	struct vault_sealed *sealed;
	ward_err fail; /* the work fails behind it */
};

static inline ward_err put_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct put *put = context;
	struct vault_actor actor = { WARD_STR("key:platform"), WARD_STR("") };
	ward_err err = vault_put(tx, put->sealed, &actor, failure);

	return err || !put->fail ? err : ward_fail(failure, put->fail, "the report was refused");
}

/* Seals bytes and adds the row; "" when it fails. */
static inline const char *keep_like(struct vault_arrival arrival, ward_bytes bytes)
{
	static char ids[8][ID_TEXT_MAX];
	static unsigned next;
	char *id = ids[next++ % 8];
	struct put put = { .fail = WARD_OK };

	id[0] = '\0';
	arrival.bytes = bytes;
	if (vault_seal(vault, &arrival, &put.sealed, &error) != WARD_OK)
		return id;
	if (store_write(store, put_work, &put, &error) == WARD_OK)
		memcpy(id, vault_sealed_facts(put.sealed)->id, ID_TEXT_MAX);
	vault_sealed_free(put.sealed);
	return id;
}

static inline const char *keep(const char *text)
{
	struct vault_arrival arrival = { .kind = WARD_STR("text/plain"),
		.origin = WARD_STR("report:7") };

	return keep_like(arrival, (ward_bytes){ (const uint8_t *)text, strlen(text) });
}

static inline struct vault_access *unlock(const struct who *who)
{
	struct vault_actor actor = actor_of(who);
	struct vault_access *access = NULL;

	return vault_unlock(vault, &actor, who->secret, &access, &error) == WARD_OK ? access : NULL;
}

static inline ward_err collect(void *context, ward_bytes bytes, struct ward_error *failure)
{
	struct ward_buf *buf = context;

	ward_buf_add(buf, bytes.ptr, bytes.len);
	return buf->failed ? ward_fail(failure, WARD_E_NOMEM, "full") : WARD_OK;
}

static inline ward_err open_with(const struct vault_access *access, const char *id,
		struct ward_buf *plain)
{
	struct vault_opening opening = { ward_str_from(id), WARD_STR("L2"),
		WARD_STR("report 7 is about a harbour") };

	ward_buf_clear(plain);
	return vault_open(vault, access, &opening, collect, plain, &error);
}

/* What a person gets to see of an item: its text, or the name of the error. */
static inline const char *see(const struct who *who, const char *id)
{
	static char text[4096];
	struct vault_access *access = unlock(who);
	struct ward_buf plain;

	if (!access)
		return ward_err_name(error.code);
	ward_buf_init(&plain, 1 << 20);
	ward_err err = open_with(access, id, &plain);

	snprintf(text, sizeof(text), "%s", err ? ward_err_name(err) : ward_buf_text(&plain).ptr);
	ward_buf_free(&plain);
	vault_access_free(access);
	return text;
}

static inline const char *path_of(const char *id, const char *suffix)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s/%s%s", folder, id + strlen(id) - 2, id, suffix);
	return path;
}

static inline bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* ---- the log ---- */

struct last {
	char action[64], actor[64], reason[200], detail[2000], digest[65];
	unsigned rows;
};

static inline bool take_row(void *context, const struct audit_row *row)
{
	struct last *last = context;

	if (last->rows++ == 0) {
		snprintf(last->action, sizeof(last->action), "%.*s", WARD_FMT(row->entry.action));
		snprintf(last->actor, sizeof(last->actor), "%.*s", WARD_FMT(row->entry.actor));
		snprintf(last->reason, sizeof(last->reason), "%.*s", WARD_FMT(row->entry.reason));
		snprintf(last->detail, sizeof(last->detail), "%.*s", WARD_FMT(row->entry.detail));
		snprintf(last->digest, sizeof(last->digest), "%.*s", WARD_FMT(row->entry.digest));
	}
	return true;
}

/* The newest row about an object, and how many there are. */
static inline struct last log_of(const char *noun, const char *id)
{
	struct last last = { .rows = 0 };
	char object[200];
	struct store_tx *tx;

	snprintf(object, sizeof(object), "%s:%s", noun, id);
	if (store_read(store, &tx, &error) != WARD_OK)
		return last;
	if (audit_read(tx,
			    &(struct audit_question){ .object = ward_str_from(object),
					    .rows_max = 1000 },
			    take_row, &last, &error) != WARD_OK)
		last.rows = 0;
	store_read_end(tx);
	return last;
}

/* One number, by a SELECT. */
static inline int64_t ask(const char *sql)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error) != WARD_OK)
		return -1;
	if (store_one(tx, sql, STORE_NO_VALUES, &rows, &error) == WARD_OK) {
		number = store_get_int(rows, 0);
		if (store_rows_end(rows, &error) != WARD_OK)
			number = -1;
	}
	store_read_end(tx);
	return number;
}

static inline ward_err run_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return store_run(tx, context, STORE_NO_VALUES, NULL, failure);
}

/* Changes the store behind the vault's back. */
static inline bool run(const char *sql)
{
	char copy[1000];

	snprintf(copy, sizeof(copy), "%s", sql);
	return store_write(store, run_work, copy, &error) == WARD_OK;
}

#endif
