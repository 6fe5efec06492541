/*
 * Looking after the folder: what lies there without a row, and what a row says
 * that is not there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/file.h"
#include "vault/inner.h"

/* ---- walking the folder ---- */

struct found {
	char path[VAULT_PATH_MAX];
	char id[ID_TEXT_MAX]; /* "" of a name that is not the vault's */
	bool whole;           /* ".sealed", not ".new" */
	int64_t age_s;
};

typedef ward_err each_file(void *context, const struct found *found, struct ward_error *error);

static bool parse_name(const char *name, struct found *found)
{
	ward_str text = ward_str_from(name);
	uint8_t id[SEALED_ID];
	ward_str own = { text.ptr, text.len < ID_TEXT_MAX - 1 ? text.len : ID_TEXT_MAX - 1 };
	ward_str suffix = { text.ptr + own.len, text.len - own.len };

	found->whole = ward_str_eq(suffix, WARD_STR(".sealed"));
	return sealed_id_parse(own, id) &&
	       (found->whole || ward_str_eq(suffix, WARD_STR(".new"))) &&
	       vault_copy(found->id, sizeof(found->id), own);
}

static ward_err look_at(const char *folder, const char *name, each_file *each, void *context,
		struct ward_error *error)
{
	struct found found = { .id = "" };
	struct stat st;
	int len = snprintf(found.path, sizeof(found.path), "%s/%s", folder, name);

	if (len < 0 || len >= VAULT_PATH_MAX || !parse_name(name, &found))
		return WARD_OK;
	/* It may be gone since the folder was read. */
	if (lstat(found.path, &st) != 0 || !S_ISREG(st.st_mode))
		return WARD_OK;
	found.age_s = clock_now() - (int64_t)st.st_mtime;
	return each(context, &found, error);
}

static ward_err walk_folder(const char *folder, each_file *each, void *context,
		struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	ward_err err = WARD_OK;

	if (!entries)
		return errno == ENOENT ? WARD_OK
				       : ward_fail(error, WARD_E_IO,
							 "the vault's folder cannot be read: %s",
							 strerror(errno));
	while (!err && (entry = readdir(entries)))
		err = look_at(folder, entry->d_name, each, context, error);
	closedir(entries);
	return err;
}

static ward_err walk(const struct vault *vault, each_file *each, void *context,
		struct ward_error *error)
{
	char folder[VAULT_PATH_MAX];
	ward_err err = WARD_OK;

	for (int i = 0; !err && i < 256; i++) {
		int len = snprintf(folder, sizeof(folder), "%s/%02x", vault->folder, (unsigned)i);

		if (len < 0 || len >= VAULT_PATH_MAX)
			return ward_fail(error, WARD_E_ARGUMENT,
					"the vault's folder has too long a path");
		err = walk_folder(folder, each, context, error);
	}
	return err;
}

/* ---- what the store says of a file ---- */

enum standing { STANDS, DESTROYED, ABSENT };

static ward_err look_up(struct store_tx *tx, const char *id, enum standing *standing,
		struct ward_error *error)
{
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, ward_str_from(id), &facts, error);

	if (err && err != WARD_E_NOT_FOUND)
		return err;
	*standing = err ? ABSENT : facts.destroyed_at != 0 ? DESTROYED : STANDS;
	return WARD_OK;
}

static ward_err ask(struct vault *vault, const char *id, enum standing *standing,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = look_up(tx, id, standing, error);
	store_read_end(tx);
	return err;
}

/* ---- sweeping ---- */

struct sweep {
	struct vault *vault;
	int64_t age_s;
	struct vault_swept swept;
	const struct found *found;
	bool removed;
};

/*
 * Removes an orphan within a work, behind its row of the log: works stand in
 * line there, so vault_put has added its row before, and is seen, or looks for the
 * file behind, and misses it.  A work that is undone has removed what no row
 * will ever be of.
 */
static ward_err remove_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct sweep *sweep = context;
	struct vault_actor system = { WARD_STR("system"), WARD_STR("") };
	enum standing standing;
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = &system,
					.action = "item.swept",
					.noun = "item",
					.object = ward_str_from(sweep->found->id) },
			error);

	if (!err)
		err = look_up(tx, sweep->found->id, &standing, error);
	if (!err && standing != ABSENT)
		return ward_fail(error, WARD_E_CONFLICT, "it has a row now");
	if (!err && unlink(sweep->found->path) != 0 && errno != ENOENT)
		err = ward_fail(error, WARD_E_IO, "an orphan cannot be removed: %s",
				strerror(errno));
	return err;
}

static ward_err sweep_file(void *context, const struct found *found, struct ward_error *error)
{
	struct sweep *sweep = context;
	enum standing standing;
	ward_err err = ask(sweep->vault, found->id, &standing, error);

	sweep->swept.files++;
	if (err || standing == STANDS)
		return err;
	if (standing == DESTROYED) {
		sweep->swept.finished++;
		return vault_shred(found->path, error);
	}
	if (found->age_s < sweep->age_s) {
		sweep->swept.younger++;
		return WARD_OK;
	}
	/* What was never given its name can get no row. */
	sweep->found = found;
	err = found->whole ? store_write(sweep->vault->store, remove_work, sweep, error)
	      : unlink(found->path) == 0 || errno == ENOENT
			      ? WARD_OK
			      : ward_fail(error, WARD_E_IO, "an orphan cannot be removed: %s",
						strerror(errno));
	sweep->found = NULL; /* the walker's, and gone behind this */
	if (err == WARD_E_CONFLICT)
		return WARD_OK;
	sweep->swept.orphans += !err;
	return err;
}

ward_err vault_sweep(struct vault *vault, int64_t age_s, struct vault_swept *swept,
		struct ward_error *error)
{
	struct sweep sweep = { .vault = vault, .age_s = age_s };
	ward_err err = walk(vault, sweep_file, &sweep, error);

	if (!err)
		*swept = sweep.swept;
	return err;
}

/* ---- checking ---- */

struct check {
	struct vault *vault;
	void (*each)(void *context, const char *what, const char *id);
	void *context;
	struct vault_checked checked;
};

static ward_err digest_file(const char *path, uint64_t *bytes, uint8_t sha256[32],
		struct ward_error *error)
{
	static const size_t piece = 1 << 18;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t *memory = fd >= 0 ? malloc(piece) : NULL;
	EVP_MD_CTX *digest = memory ? EVP_MD_CTX_new() : NULL;
	bool good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
	ssize_t got = good ? 1 : -1;
	ward_err err = WARD_OK;

	*bytes = 0;
	while (good && got > 0) {
		got = read(fd, memory, piece);
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		if (got > 0) {
			EVP_DigestUpdate(digest, memory, (size_t)got);
			*bytes += (uint64_t)got;
		}
	}
	if (fd < 0)
		err = ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"a sealed file cannot be opened: %s", strerror(errno));
	else if (!good)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to check a file");
	else if (got < 0)
		err = ward_fail(error, WARD_E_IO, "a sealed file cannot be read: %s",
				strerror(errno));
	else
		EVP_DigestFinal_ex(digest, sha256, NULL);
	EVP_MD_CTX_free(digest);
	free(memory);
	if (fd >= 0)
		close(fd);
	return err;
}

static void tell(struct check *check, uint64_t *count, const char *what, const char *id)
{
	(*count)++;
	check->each(check->context, what, id);
}

/* A file that cannot be read for another reason is damaged, too: nobody can open it. */
static void check_file(struct check *check, const struct vault_facts *facts)
{
	char path[VAULT_PATH_MAX];
	uint8_t sha256[32];
	uint64_t bytes;
	ward_err err = vault_path(check->vault, facts->id, ".sealed", path)
				       ? digest_file(path, &bytes, sha256, NULL)
				       : WARD_E_NOT_FOUND;

	check->checked.items++;
	if (err == WARD_E_NOT_FOUND)
		tell(check, &check->checked.missing, "missing", facts->id);
	else if (err || bytes != facts->sealed_bytes ||
			memcmp(sha256, facts->sealed_sha256, 32) != 0)
		tell(check, &check->checked.damaged, "damaged", facts->id);
	else
		check->checked.bytes += bytes;
}

struct page {
	struct vault_facts at[64];
	bool unwrapped[64]; /* one of the split keys does not open it, or no other does */
	bool strange[64];   /* what the log says of its sealing is not what the row says */
	size_t count;
};

static ward_err read_page(struct store_tx *tx, const char *after, struct page *page,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT " VAULT_FACTS_COLUMNS " FROM vault_items "
			"WHERE destroyed_at = 0 AND id > $1 ORDER BY id LIMIT 64",
			STORE_VALUES(store_string(after)), &rows, error);

	page->count = 0;
	if (err)
		return err;
	while (page->count < 64 && store_next(rows)) {
		size_t at = page->count++;

		page->strange[at] = !vault_facts_take(rows, &page->at[at]);
	}
	err = store_rows_end(rows, error);
	/* The next page begins behind the last id: without one it would be this page again. */
	if (!err && page->count > 0 && !page->at[page->count - 1].id[0])
		err = ward_fail(error, WARD_E_CORRUPT,
				"an item's row has no id that could be one; \"ward audit verify\" "
				"tells more");
	return err;
}

static ward_err check_wraps(struct store_tx *tx, const char *id, bool *unwrapped,
		struct ward_error *error)
{
	struct store_rows *rows;
	/* Every split key in use opens it, and at least one role's. */
	ward_err err = store_one(tx,
			"SELECT (SELECT count(*) FROM vault_keys WHERE split = 1 AND retired_at = "
			"0 "
			"AND id NOT IN (SELECT key FROM vault_wraps WHERE item = $1)), "
			"(SELECT count(*) FROM vault_wraps w JOIN vault_keys k ON k.id = w.key "
			"WHERE w.item = $2 AND k.split = 0)",
			STORE_VALUES(store_string(id), store_string(id)), &rows, error);

	if (err)
		return err;
	*unwrapped = store_get_int(rows, 0) > 0 || store_get_int(rows, 1) == 0;
	return store_rows_end(rows, error);
}

struct logged {
	const struct vault_facts *facts;
	bool found, same;
};

static bool compare_row(void *context, const struct audit_row *row)
{
	struct logged *logged = context;
	char plain[65], sealed[100];

	ward_hex_format(logged->facts->digests.sha256, 32, plain);
	memcpy(sealed, "\"sealed_sha256\":\"", 17);
	ward_hex_format(logged->facts->sealed_sha256, 32, sealed + 17);
	logged->found = true;
	/* Both digests stand in the row of its sealing; the second within its detail. */
	logged->same = ward_str_eq(row->entry.digest, ward_str_from(plain));
	ward_str detail = row->entry.detail;
	size_t want = strlen(sealed);
	bool within = false;

	for (size_t at = 0; !within && at + want <= detail.len; at++)
		within = memcmp(detail.ptr + at, sealed, want) == 0;
	logged->same = logged->same && within;
	return false;
}

/* The log cannot be changed unseen, and a row of the vault can: they have to agree. */
static ward_err check_log(struct store_tx *tx, const struct vault_facts *facts, bool *strange,
		struct ward_error *error)
{
	char object[VAULT_WORD_MAX];
	struct logged logged = { .facts = facts };

	snprintf(object, sizeof(object), "item:%s", facts->id);
	ward_err err = audit_read(tx,
			&(struct audit_question){ .object = ward_str_from(object),
					.action = WARD_STR("item.sealed"),
					.rows_max = 1 },
			compare_row, &logged, error);

	if (!err && (!logged.found || !logged.same))
		*strange = true;
	return err;
}

static ward_err ask_page(struct vault *vault, const char *after, struct page *page,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(vault->store, &tx, error);

	if (err)
		return err;
	err = read_page(tx, after, page, error);
	for (size_t i = 0; !err && i < page->count; i++) {
		err = check_wraps(tx, page->at[i].id, &page->unwrapped[i], error);
		if (!err)
			err = check_log(tx, &page->at[i], &page->strange[i], error);
	}
	store_read_end(tx);
	return err;
}

static ward_err check_rows(struct check *check, struct ward_error *error)
{
	struct page *page = calloc(1, sizeof(*page));
	char after[ID_TEXT_MAX] = "";
	ward_err err = page ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory to check");

	while (!err) {
		err = ask_page(check->vault, after, page, error);
		if (err || page->count == 0)
			break;
		for (size_t i = 0; i < page->count; i++) {
			const char *id = page->at[i].id;

			check_file(check, &page->at[i]);
			if (page->unwrapped[i])
				tell(check, &check->checked.unwrapped, "unwrapped", id);
			if (page->strange[i])
				tell(check, &check->checked.strange, "strange", id);
		}
		memcpy(after, page->at[page->count - 1].id, sizeof(after));
	}
	free(page);
	return err;
}

static ward_err check_orphan(void *context, const struct found *found, struct ward_error *error)
{
	struct check *check = context;
	enum standing standing;
	ward_err err = ask(check->vault, found->id, &standing, error);

	if (!err && standing != STANDS)
		tell(check, &check->checked.orphans, "orphan", found->id);
	return err;
}

ward_err vault_check(struct vault *vault,
		void (*each)(void *context, const char *what, const char *id), void *context,
		struct vault_checked *checked, struct ward_error *error)
{
	struct check check = { .vault = vault, .each = each, .context = context };
	ward_err err = check_rows(&check, error);

	if (!err)
		err = walk(vault, check_orphan, &check, error);
	if (!err)
		*checked = check.checked;
	return err;
}
