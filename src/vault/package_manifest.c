#include "vault/package_manifest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/tree.h"

/* ---- writing ---- */

static void put_hex(struct json *json, const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * 64 + 1];

	ward_hex_format(bytes, len, text);
	json_key_text(json, name, text);
}

static void put_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, clock_format(when, text));
}

static void put_key(struct json *json, const char *name, const char *word, const uint8_t key[32])
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s:", word);

	ward_base64_format(key, 32, text + len);
	json_key_text(json, name, text);
}

static void put_file(struct json *json, const struct package_file *file)
{
	json_object(json);
	json_key_text(json, "name", file->name);
	json_key_uint(json, "bytes", file->bytes);
	put_hex(json, "sha256", file->sha256, 32);
	json_object_end(json);
}

void package_manifest_file(const struct package_manifest *manifest, size_t index,
		struct package_file *file)
{
	const struct vault_facts *facts = &manifest->items[index].facts;

	snprintf(file->name, sizeof(file->name), "items/%s%s", facts->id,
			manifest->clear ? "" : ".sealed");
	file->bytes = manifest->clear ? facts->digests.bytes : facts->sealed_bytes;
	memcpy(file->sha256, manifest->clear ? facts->digests.sha256 : facts->sealed_sha256, 32);
}

static void put_item(struct json *json, const struct package_manifest *manifest, size_t index)
{
	const struct package_item *item = &manifest->items[index];
	const struct ward_digests *digests = &item->facts.digests;
	char wrap[4 * ((WRAP_SIZE + 2) / 3) + 1];

	json_object(json);
	json_key_text(json, "id", item->facts.id);
	json_key_text(json, "kind", item->facts.kind);
	json_key_text(json, "origin", item->facts.origin);
	put_time(json, "sealed_at", item->facts.sealed_at);
	json_key_uint(json, "bytes", digests->bytes);
	put_hex(json, "md5", digests->md5, sizeof(digests->md5));
	put_hex(json, "sha1", digests->sha1, sizeof(digests->sha1));
	put_hex(json, "sha256", digests->sha256, sizeof(digests->sha256));
	json_key_uint(json, "sealed_bytes", item->facts.sealed_bytes);
	put_hex(json, "sealed_sha256", item->facts.sealed_sha256, 32);
	if (!manifest->clear) {
		ward_base64_format(item->wrap, sizeof(item->wrap), wrap);
		json_key_text(json, "key", wrap);
	}
	json_object_end(json);
}

static void put_members(struct json *json, const struct package_manifest *manifest)
{
	struct package_file file;

	json_key(json, "members");
	json_array(json);
	put_file(json, &manifest->verify_text);
	put_file(json, &manifest->custody);
	for (size_t i = 0; i < manifest->item_count; i++) {
		package_manifest_file(manifest, i, &file);
		put_file(json, &file);
	}
	json_array_end(json);
}

void package_manifest_write(const struct package_manifest *manifest, struct ward_buf *text)
{
	char line[CHECKPOINT_LINE_MAX];
	struct json json = json_to(text);

	json_object(&json);
	json_key_text(&json, "format", PACKAGE_KIND);
	json_key_int(&json, "version", 1);
	json_key_text(&json, "id", manifest->id);
	put_time(&json, "made_at", manifest->made_at);
	json_key_text(&json, "payloads", manifest->clear ? "clear" : "sealed");
	json_key_text(&json, "recipient", manifest->recipient_name);
	if (!manifest->clear)
		put_key(&json, "recipient_key", "x25519", manifest->recipient);
	json_key_text(&json, "first_person", manifest->first);
	json_key_text(&json, "second_person", manifest->second);
	json_key_str(&json, "reason", manifest->reason);
	json_key_text(&json, "checkpoint",
			manifest->has_checkpoint ? checkpoint_format(&manifest->checkpoint, line)
						 : NULL);
	put_members(&json, manifest);
	json_key(&json, "items");
	json_array(&json);
	for (size_t i = 0; i < manifest->item_count; i++)
		put_item(&json, manifest, i);
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(text, '\n');
}

/* ---- reading ---- */

static ward_err fail_manifest(const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT, "the package's manifest: %s", what);
}

static bool take_copy(const struct json_t *object, const char *name, char *out, size_t room)
{
	const struct json_t *value = tree_member(object, name);

	return tree_is_text(value) && vault_copy(out, room, tree_text(value));
}

static bool take_hex(const struct json_t *object, const char *name, uint8_t *out, size_t len)
{
	return ward_hex_parse(tree_text(tree_member(object, name)), out, len);
}

static bool take_count(const struct json_t *object, const char *name, uint64_t *count)
{
	int64_t number;

	if (!tree_int(tree_member(object, name), 0, INT64_MAX, &number))
		return false;
	*count = (uint64_t)number;
	return true;
}

static bool take_time(const struct json_t *object, const char *name, int64_t *when)
{
	return clock_parse(tree_text(tree_member(object, name)), when);
}

static bool take_key(const struct json_t *object, const char *name, const char *word,
		uint8_t key[32])
{
	ward_str text = tree_text(tree_member(object, name));

	return ward_str_eq(ward_str_cut(&text, ':'), ward_str_from(word)) &&
	       ward_base64_parse(text, key, 32);
}

static bool take_file(const struct json_t *object, struct package_file *file)
{
	return take_copy(object, "name", file->name, sizeof(file->name)) &&
	       take_count(object, "bytes", &file->bytes) &&
	       take_hex(object, "sha256", file->sha256, 32);
}

static bool take_item(const struct json_t *object, bool clear, struct package_item *item)
{
	struct ward_digests *digests = &item->facts.digests;
	uint8_t id[SEALED_ID];

	if (!take_copy(object, "id", item->facts.id, sizeof(item->facts.id)) ||
			!sealed_id_parse(ward_str_from(item->facts.id), id) ||
			!take_copy(object, "kind", item->facts.kind, sizeof(item->facts.kind)) ||
			!take_copy(object, "origin", item->facts.origin,
					sizeof(item->facts.origin)) ||
			!take_time(object, "sealed_at", &item->facts.sealed_at) ||
			!take_count(object, "bytes", &digests->bytes) ||
			!take_count(object, "sealed_bytes", &item->facts.sealed_bytes))
		return false;
	return take_hex(object, "md5", digests->md5, sizeof(digests->md5)) &&
	       take_hex(object, "sha1", digests->sha1, sizeof(digests->sha1)) &&
	       take_hex(object, "sha256", digests->sha256, sizeof(digests->sha256)) &&
	       take_hex(object, "sealed_sha256", item->facts.sealed_sha256, 32) &&
	       (clear || ward_base64_parse(tree_text(tree_member(object, "key")), item->wrap,
					 sizeof(item->wrap)));
}

static ward_err take_items(const struct json_t *tree, struct ward_arena *arena,
		struct package_manifest *manifest, struct ward_error *error)
{
	const struct json_t *items = tree_member(tree, "items");
	size_t count = tree_count(items);

	if (!tree_is_array(items) || count == 0 || count > PACKAGE_ITEMS_MAX)
		return fail_manifest("it has no items, or too many", error);
	manifest->items = ward_new(arena, struct package_item, count);
	if (!manifest->items)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read a package");
	for (size_t i = 0; i < count; i++) {
		struct package_item *item = &manifest->items[i];

		if (!take_item(tree_at(items, i), manifest->clear, item))
			return fail_manifest("an item is not as items are told", error);
		/* In the order of their ids, so that none is there twice. */
		if (i > 0 && strcmp(manifest->items[i - 1].facts.id, item->facts.id) >= 0)
			return fail_manifest("its items are not in order", error);
	}
	manifest->item_count = count;
	return WARD_OK;
}

static bool same_file(const struct package_file *a, const struct package_file *b)
{
	return strcmp(a->name, b->name) == 0 && a->bytes == b->bytes &&
	       memcmp(a->sha256, b->sha256, 32) == 0;
}

/* The two texts, and then what the items say of themselves. */
static ward_err take_members(const struct json_t *tree, struct package_manifest *manifest,
		struct ward_error *error)
{
	const struct json_t *members = tree_member(tree, "members");
	bool good = tree_is_array(members) && tree_count(members) == manifest->item_count + 2 &&
		    take_file(tree_at(members, 0), &manifest->verify_text) &&
		    take_file(tree_at(members, 1), &manifest->custody) &&
		    strcmp(manifest->verify_text.name, "VERIFY.txt") == 0 &&
		    strcmp(manifest->custody.name, "custody.jsonl") == 0 &&
		    manifest->verify_text.bytes <= (1 << 20) &&
		    manifest->custody.bytes <= PACKAGE_CUSTODY_MAX;

	for (size_t i = 0; good && i < manifest->item_count; i++) {
		struct package_file want, have;

		package_manifest_file(manifest, i, &want);
		good = take_file(tree_at(members, i + 2), &have) && same_file(&want, &have);
	}
	return good ? WARD_OK : fail_manifest("its list of files does not fit its items", error);
}

static ward_err take_head(const struct json_t *tree, struct package_manifest *manifest,
		struct ward_error *error)
{
	const struct json_t *checkpoint = tree_member(tree, "checkpoint");
	ward_str payloads = tree_text(tree_member(tree, "payloads"));
	int64_t version;
	uint8_t id[SEALED_ID];

	if (!ward_str_eq(tree_text(tree_member(tree, "format")), WARD_STR(PACKAGE_KIND)) ||
			!tree_int(tree_member(tree, "version"), 1, INT64_MAX, &version))
		return fail_manifest("it is of no package", error);
	if (version > 1)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"this package is of a version that a newer ward reads");
	manifest->clear = ward_str_eq(payloads, WARD_STR("clear"));
	if (!manifest->clear && !ward_str_eq(payloads, WARD_STR("sealed")))
		return fail_manifest("payloads are \"sealed\" or \"clear\"", error);
	if (!take_copy(tree, "id", manifest->id, sizeof(manifest->id)) ||
			!sealed_id_parse(ward_str_from(manifest->id), id) ||
			!take_time(tree, "made_at", &manifest->made_at))
		return fail_manifest("it has no id or time", error);
	if (!take_copy(tree, "recipient", manifest->recipient_name, PACKAGE_NAME_MAX) ||
			(!manifest->clear && !take_key(tree, "recipient_key", "x25519",
							     manifest->recipient)))
		return fail_manifest("it has no recipient", error);
	if (!take_copy(tree, "first_person", manifest->first, sizeof(manifest->first)) ||
			!take_copy(tree, "second_person", manifest->second,
					sizeof(manifest->second)) ||
			strcmp(manifest->first, manifest->second) == 0)
		return fail_manifest("it names no two persons", error);
	manifest->has_checkpoint = !tree_is_null(checkpoint);
	if (manifest->has_checkpoint &&
			!checkpoint_parse(tree_text(checkpoint), &manifest->checkpoint))
		return fail_manifest("its checkpoint is none", error);
	return WARD_OK;
}

ward_err package_manifest_read(ward_str text, struct ward_arena *arena,
		struct package_manifest *manifest, struct ward_error *error)
{
	struct package_manifest read = { .item_count = 0 };
	struct json_t *tree = tree_read(text, error);

	if (!tree)
		return fail_manifest("it is no JSON object", error);
	ward_err err = take_head(tree, &read, error);

	if (!err)
		err = take_items(tree, arena, &read, error);
	if (!err)
		err = take_members(tree, &read, error);
	tree_free(tree);
	if (!err)
		*manifest = read;
	return err;
}

/* ---- the public key ---- */

/* The head of an Ed25519 key as SubjectPublicKeyInfo (RFC 8410). */
static const uint8_t der_head[12] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
	0x21, 0x00 };

const char *package_pem(const uint8_t key[SIGNER_KEY_SIZE], char pem[PACKAGE_PEM_MAX])
{
	uint8_t der[sizeof(der_head) + SIGNER_KEY_SIZE];
	char text[4 * ((sizeof(der) + 2) / 3) + 1];

	memcpy(der, der_head, sizeof(der_head));
	memcpy(der + sizeof(der_head), key, SIGNER_KEY_SIZE);
	ward_base64_format(der, sizeof(der), text);
	snprintf(pem, PACKAGE_PEM_MAX, "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n",
			text);
	return pem;
}

/* Takes the middle line, and is content when all of it prints again as it was. */
bool package_pem_parse(ward_str pem, uint8_t key[SIGNER_KEY_SIZE])
{
	uint8_t der[sizeof(der_head) + SIGNER_KEY_SIZE];
	char again[PACKAGE_PEM_MAX];
	ward_str rest = pem;

	ward_str_cut(&rest, '\n');
	if (!ward_base64_parse(ward_str_cut(&rest, '\n'), der, sizeof(der)))
		return false;
	package_pem(der + sizeof(der_head), again);
	if (!ward_str_eq(pem, ward_str_from(again)))
		return false;
	memcpy(key, der + sizeof(der_head), SIGNER_KEY_SIZE);
	return true;
}
