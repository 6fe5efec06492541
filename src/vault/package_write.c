/*
 * How a package is made.  Its rows of the log come first, in one work, so that they
 * follow each other, and a checkpoint signs the log behind them.  Then the
 * texts are made in memory, and payloads are copied, each compared with its
 * row on the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "vault/custody.h"
#include "vault/package_manifest.h"
#include "vault/tar.h"

struct making {
	struct vault *vault;
	const struct vault_access *access;
	const struct package_wish *wish;
	const struct signer *signer;
	int fd;
	struct ward_arena arena;
	struct package_manifest manifest;
	uint8_t (*keys)[SEALED_KEY];
	struct ward_buf custody, text;
};

/* ---- what goes in ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct package_item *left = a, *right = b;

	return strcmp(left->facts.id, right->facts.id);
}

static ward_err check_wish(const struct package_wish *wish, struct ward_error *error)
{
	ward_err err = vault_reason_check(wish->reason, error);

	if (!err && (wish->item_count == 0 || wish->item_count > PACKAGE_ITEMS_MAX))
		err = ward_fail(error, WARD_E_ARGUMENT, "a package holds 1 to %d items",
				PACKAGE_ITEMS_MAX);
	if (!err && (ward_str_trim(wish->recipient_name).len == 0 ||
				    wish->recipient_name.len >= PACKAGE_NAME_MAX ||
				    !ward_utf8_valid(wish->recipient_name)))
		err = ward_fail(error, WARD_E_ARGUMENT,
				"a package is for somebody: name them, in at most %d bytes",
				PACKAGE_NAME_MAX - 1);
	return err;
}

static ward_err begin(struct making *making, struct ward_error *error)
{
	const struct package_wish *wish = making->wish;
	struct package_manifest *manifest = &making->manifest;

	manifest->items = ward_new(&making->arena, struct package_item, wish->item_count);
	making->keys = sodium_allocarray(wish->item_count, SEALED_KEY);
	if (!manifest->items || !making->keys)
		return ward_fail(error, WARD_E_NOMEM, "no memory to make a package");
	manifest->item_count = wish->item_count;
	for (size_t i = 0; i < wish->item_count; i++) {
		if (!vault_copy(manifest->items[i].facts.id, ID_TEXT_MAX, wish->items[i]))
			return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such item");
	}
	qsort(manifest->items, wish->item_count, sizeof(*manifest->items), compare_ids);
	for (size_t i = 1; i < wish->item_count; i++) {
		if (compare_ids(&manifest->items[i - 1], &manifest->items[i]) == 0)
			return ward_fail(error, WARD_E_ARGUMENT, "the item %s is given twice",
					manifest->items[i].facts.id);
	}
	id_new(manifest->id);
	manifest->made_at = clock_now();
	manifest->clear = wish->clear;
	memcpy(manifest->recipient, wish->recipient, sizeof(manifest->recipient));
	manifest->reason = wish->reason;
	return vault_copy(manifest->recipient_name, PACKAGE_NAME_MAX, wish->recipient_name) &&
					       vault_copy(manifest->first, sizeof(manifest->first),
							       wish->persons.first.actor) &&
					       vault_copy(manifest->second,
							       sizeof(manifest->second),
							       wish->persons.second.actor)
			       ? WARD_OK
			       : ward_fail(error, WARD_E_ARGUMENT, "a name is too long");
}

/* Its facts, and its key: wrapped to the recipient, or kept for a payload in the clear. */
static ward_err take_item(struct making *making, struct store_tx *tx, size_t index,
		struct ward_error *error)
{
	struct package_manifest *manifest = &making->manifest;
	struct package_item *item = &manifest->items[index];
	ward_str id = ward_str_from(item->facts.id);
	struct wrap_purpose purpose = { "export", WARD_STR(""), ward_str_from(manifest->id) };
	const struct access_key *by;
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, id, &facts, error);

	if (!err && facts.destroyed_at != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "the item %s was destroyed", facts.id);
	if (!err)
		err = access_unwrap(making->access, tx, id, making->keys[index], &by, error);
	if (err)
		return err;
	item->facts = facts;
	purpose.object = ward_str_from(item->facts.id);
	if (!manifest->clear &&
			!wrap_make(making->keys[index], &purpose, manifest->recipient, item->wrap))
		return ward_fail(error, WARD_E_ARGUMENT, "the recipient's public key is none");
	return WARD_OK;
}

static ward_err take_items(struct making *making, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(making->vault->store, &tx, error);

	if (err)
		return err;
	for (size_t i = 0; !err && i < making->manifest.item_count; i++)
		err = take_item(making, tx, i, error);
	store_read_end(tx);
	return err;
}

/* ---- its rows of the log ---- */

static bool add_self(void *context, const struct audit_row *row)
{
	custody_digest_add(context, row->self);
	return true;
}

static ward_err digest_custody(struct store_tx *tx, const char *id, uint8_t out[32],
		struct ward_error *error)
{
	char object[VAULT_WORD_MAX];
	struct custody_digest digest;

	snprintf(object, sizeof(object), "item:%s", id);
	if (!custody_digest_begin(&digest)) {
		custody_digest_end(&digest, NULL);
		return ward_fail(error, WARD_E_NOMEM, "no memory to make a package");
	}
	ward_err err = audit_read(tx,
			&(struct audit_question){ .object = ward_str_from(object),
					.rows_max = INT32_MAX },
			add_self, &digest, error);

	custody_digest_end(&digest, err ? NULL : out);
	return err;
}

static ward_err log_item(struct store_tx *tx, const struct making *making, size_t index,
		struct ward_error *error)
{
	const struct package_manifest *manifest = &making->manifest;
	const struct vault_facts *facts = &manifest->items[index].facts;
	uint8_t custody[32];
	char hex[65];
	struct ward_buf detail;
	ward_err err = digest_custody(tx, facts->id, custody, error);

	if (err)
		return err;
	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	ward_hex_format(custody, 32, hex);
	json_object(&json);
	json_key_text(&json, "package", manifest->id);
	json_key_text(&json, "payload", manifest->clear ? "clear" : "sealed");
	json_key_text(&json, "recipient", manifest->recipient_name);
	if (!manifest->clear) {
		char key[65];

		ward_hex_format(manifest->recipient, 32, key);
		json_key_text(&json, "recipient_key", key);
	}
	json_key_text(&json, "second", manifest->second);
	json_key_text(&json, "custody", hex);
	json_object_end(&json);
	err = vault_log(tx,
			&(struct vault_deed){ .actor = &making->wish->persons.first,
					.action = "item.exported",
					.noun = "item",
					.object = ward_str_from(facts->id),
					.digest = facts->digests.sha256,
					.reason = manifest->reason,
					.detail = &detail },
			error);
	ward_buf_free(&detail);
	return err;
}

static ward_err still_there(struct store_tx *tx, const char *id, struct ward_error *error)
{
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, ward_str_from(id), &facts, error);

	return !err && facts.destroyed_at != 0
			       ? ward_fail(error, WARD_E_NOT_FOUND, "the item %s was destroyed", id)
			       : err;
}

static ward_err log_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct making *making = context;
	ward_err err = vault_pair_check(&making->wish->persons, tx, error);

	for (size_t i = 0; !err && i < making->manifest.item_count; i++) {
		err = log_item(tx, making, i, error);
		if (!err)
			err = still_there(tx, making->manifest.items[i].facts.id, error);
	}
	return err;
}

/* ---- custody.jsonl ---- */

struct lines {
	struct ward_arena arena;
	const char *package;
	bool ours;    /* the row of this export was met: it is the last one that goes in */
	ward_str *at; /* newest first */
	size_t count, room;
	bool failed;
};

static bool within(ward_str text, const char *what)
{
	size_t want = strlen(what);

	for (size_t at = 0; at + want <= text.len; at++) {
		if (memcmp(text.ptr + at, what, want) == 0)
			return true;
	}
	return false;
}

static bool keep_line(void *context, const struct audit_row *row)
{
	struct lines *lines = context;
	struct ward_buf text;

	if (!lines->ours && !(ward_str_eq(row->entry.action, WARD_STR("item.exported")) &&
					    within(row->entry.detail, lines->package)))
		return true;
	lines->ours = true;
	if (lines->count == lines->room) {
		lines->failed = true;
		return false;
	}
	ward_buf_init(&text, 64 << 10);
	custody_write(row, &text);
	lines->at[lines->count] = ward_arena_str(&lines->arena, ward_buf_text(&text));
	lines->failed = text.failed || !lines->at[lines->count].ptr;
	lines->count += !lines->failed;
	ward_buf_free(&text);
	return !lines->failed;
}

static ward_err add_custody(struct making *making, struct store_tx *tx, const char *id,
		struct ward_error *error)
{
	struct lines lines = { .package = making->manifest.id, .room = 100000 };
	char object[VAULT_WORD_MAX];

	snprintf(object, sizeof(object), "item:%s", id);
	ward_arena_init(&lines.arena, PACKAGE_CUSTODY_MAX);
	lines.at = ward_new(&lines.arena, ward_str, lines.room);
	ward_err err = lines.at ? audit_read(tx,
						  &(struct audit_question){
								  .object = ward_str_from(object),
								  .rows_max = INT32_MAX },
						  keep_line, &lines, error)
				: WARD_E_NOMEM;

	if (!err && lines.failed)
		err = WARD_E_NOMEM;
	for (size_t i = lines.count; !err && i > 0; i--)
		ward_buf_str(&making->custody, lines.at[i - 1]);
	ward_arena_free(&lines.arena);
	if (err == WARD_E_NOMEM || making->custody.failed)
		err = ward_fail(error, WARD_E_LIMIT, "the items' rows of the log are too many");
	return err;
}

static ward_err read_log(struct making *making, struct ward_error *error)
{
	struct package_manifest *manifest = &making->manifest;
	struct store_tx *tx;
	ward_err err = store_read(making->vault->store, &tx, error);

	if (err)
		return err;
	for (size_t i = 0; !err && i < manifest->item_count; i++)
		err = add_custody(making, tx, manifest->items[i].facts.id, error);
	if (!err)
		err = checkpoint_newest(tx, &manifest->checkpoint, error);
	manifest->has_checkpoint = !err;
	store_read_end(tx);
	return err;
}

/* ---- the file ---- */

static void digest_text(ward_str text, struct package_file *file, const char *name)
{
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->bytes = text.len;
	EVP_Digest(text.ptr, text.len, file->sha256, NULL, EVP_sha256(), NULL);
}

static ward_err put_head(const struct making *making, const char *name, uint64_t size,
		struct ward_error *error)
{
	uint8_t block[TAR_BLOCK];
	ward_err err = tar_header(name, size, block, error);

	return err ? err : file_write_all(making->fd, block, sizeof(block), error);
}

static ward_err put_tail(const struct making *making, uint64_t size, struct ward_error *error)
{
	static const uint8_t zeroes[TAR_BLOCK];

	return file_write_all(making->fd, zeroes, tar_padding(size), error);
}

static ward_err put_text(const struct making *making, const char *name, ward_str text,
		struct ward_error *error)
{
	ward_err err = put_head(making, name, text.len, error);

	if (!err)
		err = file_write_all(making->fd, text.ptr, text.len, error);
	return err ? err : put_tail(making, text.len, error);
}

static ward_err put_manifest(struct making *making, struct ward_error *error)
{
	struct package_manifest *manifest = &making->manifest;
	uint8_t signature[SIGNER_SIGNATURE_SIZE];
	char pem[PACKAGE_PEM_MAX];
	ward_str custody = ward_buf_text(&making->custody);

	digest_text(ward_str_from(package_verify_text), &manifest->verify_text, "VERIFY.txt");
	digest_text(custody, &manifest->custody, "custody.jsonl");
	package_manifest_write(manifest, &making->text);
	if (making->text.failed)
		return ward_fail(error, WARD_E_LIMIT, "the package has too many items");
	ward_str text = ward_buf_text(&making->text);

	signer_sign(making->signer, PACKAGE_KIND,
			(ward_bytes){ (const uint8_t *)text.ptr, text.len }, signature);
	ward_err err = put_text(making, "manifest.json", text, error);

	if (!err)
		err = put_text(making, "manifest.sig",
				(ward_str){ (const char *)signature, sizeof(signature) }, error);
	if (!err)
		err = put_text(making, "signing.pem",
				ward_str_from(package_pem(signer_public(making->signer), pem)),
				error);
	if (!err)
		err = put_text(making, "VERIFY.txt", ward_str_from(package_verify_text), error);
	return err ? err : put_text(making, "custody.jsonl", custody, error);
}

static ward_err write_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	return file_write_all(*(int *)context, bytes.ptr, bytes.len, error);
}

/* Copies a sealed file, and compares it with its row. */
static ward_err copy_sealed(const struct making *making, const struct vault_facts *facts,
		struct ward_error *error)
{
	static const size_t piece = 1 << 16;
	char path[VAULT_PATH_MAX];
	uint8_t sha256[32];
	uint64_t bytes = 0;
	ssize_t got = 1;
	ward_err err = WARD_OK;
	int fd = vault_path(making->vault, facts->id, ".sealed", path)
				 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
				 : -1;
	uint8_t *memory = malloc(piece);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (!memory || !digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to make a package");
	while (!err && fd >= 0 && got > 0) {
		got = read(fd, memory, piece);
		if (got < 0 && errno == EINTR) {
			got = 1;
		} else if (got > 0) {
			EVP_DigestUpdate(digest, memory, (size_t)got);
			bytes += (uint64_t)got;
			err = file_write_all(making->fd, memory, (size_t)got, error);
		}
	}
	if (!err)
		EVP_DigestFinal_ex(digest, sha256, NULL);
	if (!err && (fd < 0 || got < 0 || bytes != facts->sealed_bytes ||
				    memcmp(sha256, facts->sealed_sha256, 32) != 0))
		err = ward_fail(error, WARD_E_CORRUPT, "the sealed item %s is not as it was sealed",
				facts->id);
	EVP_MD_CTX_free(digest);
	free(memory);
	if (fd >= 0)
		close(fd);
	return err;
}

static ward_err put_item(struct making *making, size_t index, struct ward_error *error)
{
	const struct vault_facts *facts = &making->manifest.items[index].facts;
	struct package_file file;

	package_manifest_file(&making->manifest, index, &file);
	ward_err err = put_head(making, file.name, file.bytes, error);

	if (!err && making->manifest.clear)
		err = vault_open_file(making->vault, facts, making->keys[index], write_out,
				&making->fd, error);
	else if (!err)
		err = copy_sealed(making, facts, error);
	return err ? err : put_tail(making, file.bytes, error);
}

static ward_err put_all(struct making *making, struct ward_error *error)
{
	static const uint8_t zeroes[2 * TAR_BLOCK];
	ward_err err = put_manifest(making, error);

	for (size_t i = 0; !err && i < making->manifest.item_count; i++)
		err = put_item(making, i, error);
	return err ? err : file_write_all(making->fd, zeroes, sizeof(zeroes), error);
}

ward_err package_write(struct vault *vault, const struct vault_access *access,
		const struct package_wish *wish, const struct signer *signer, int fd,
		struct ward_error *error)
{
	struct making making = { .vault = vault,
		.access = access,
		.wish = wish,
		.signer = signer,
		.fd = fd };
	ward_err err = check_wish(wish, error);

	if (err)
		return err;
	ward_arena_init(&making.arena, 64 << 20);
	ward_buf_init(&making.custody, PACKAGE_CUSTODY_MAX);
	ward_buf_init(&making.text, PACKAGE_MANIFEST_MAX);
	err = begin(&making, error);
	if (!err)
		err = take_items(&making, error);
	if (!err)
		err = store_write(vault->store, log_work, &making, error);
	if (!err)
		err = audit_checkpoint(vault->store, signer, wish->checkpoints, error);
	if (!err)
		err = read_log(&making, error);
	if (!err)
		err = put_all(&making, error);
	sodium_free(making.keys);
	ward_buf_free(&making.text);
	ward_buf_free(&making.custody);
	ward_arena_free(&making.arena);
	return err;
}
