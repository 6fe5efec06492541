/*
 * Reading a package: one pass forward.  The manifest's signature is checked before
 * its words are read, and then every file in the order that the manifest
 * gives, each against its size and digest.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/clock.h"
#include "vault/package_manifest.h"
#include "vault/tar.h"

/* An item to be taken out on the way. */
struct taking {
	ward_str item;
	const uint8_t *secret; /* the recipient's; or NULL */
	vault_sink *sink;
	void *context;
	bool found;
};

struct reading {
	struct tar_reader tar;
	struct ward_arena arena;
	struct ward_buf text;
	struct package_manifest manifest;
	uint8_t key[SIGNER_KEY_SIZE];
	unsigned rows;
	uint64_t checkpoint_row, bytes;
	struct taking *taking; /* or NULL */
};

/* ---- files into memory ---- */

static ward_err read_text(struct reading *reading, uint64_t size, struct ward_error *error)
{
	ward_err err = WARD_OK;
	size_t got = 1;

	ward_buf_clear(&reading->text);
	while (!err && got > 0 && size > 0) {
		size_t some = size < (1 << 16) ? (size_t)size : 1 << 16;
		char *to = ward_buf_reserve(&reading->text, some);

		if (!to)
			return ward_fail(error, WARD_E_NOMEM, "no memory to read a package");
		err = tar_read(&reading->tar, (uint8_t *)to, some, &got, error);
		if (!err) {
			reading->text.len += got;
			size -= got;
		}
	}
	return err;
}

/* The next file, which has this name and is not larger than that. */
static ward_err read_named(struct reading *reading, const char *name, uint64_t bytes_max,
		struct ward_error *error)
{
	struct tar_file file;
	ward_err err = tar_next(&reading->tar, &file, error);

	if (err == WARD_E_NOT_FOUND || (!err && strcmp(file.name, name) != 0))
		return ward_fail(error, WARD_E_FORMAT,
				"this is no package of ward's: %s is missing", name);
	if (!err && file.size > bytes_max)
		return ward_fail(error, WARD_E_LIMIT, "the package's %s is too large", name);
	return err ? err : read_text(reading, file.size, error);
}

static bool text_fits(struct reading *reading, const struct package_file *file)
{
	ward_str text = ward_buf_text(&reading->text);
	uint8_t sha256[32];

	EVP_Digest(text.ptr, text.len, sha256, NULL, EVP_sha256(), NULL);
	return text.len == file->bytes && memcmp(sha256, file->sha256, 32) == 0;
}

static ward_err fail_file(const char *name, struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "%s is not what was signed", name);
}

/* ---- the head: manifest, signature, key ---- */

static ward_err read_signed(struct reading *reading, struct ward_buf *manifest,
		struct ward_error *error)
{
	uint8_t signature[SIGNER_SIGNATURE_SIZE];
	ward_err err = read_named(reading, "manifest.json", PACKAGE_MANIFEST_MAX, error);

	if (err)
		return err;
	/* The text stays, and the buffer goes on with another one. */
	struct ward_buf swapped = *manifest;

	*manifest = reading->text;
	reading->text = swapped;
	err = read_named(reading, "manifest.sig", SIGNER_SIGNATURE_SIZE, error);
	if (!err && reading->text.len != SIGNER_SIGNATURE_SIZE)
		err = fail_file("manifest.sig", error);
	if (err)
		return err;
	memcpy(signature, reading->text.ptr, sizeof(signature));
	err = read_named(reading, "signing.pem", PACKAGE_PEM_MAX, error);
	if (!err && !package_pem_parse(ward_buf_text(&reading->text), reading->key))
		err = ward_fail(error, WARD_E_CORRUPT, "signing.pem is no Ed25519 key");
	ward_str text = ward_buf_text(manifest);

	if (!err && !signer_check(reading->key, PACKAGE_KIND,
				    (ward_bytes){ (const uint8_t *)text.ptr, text.len }, signature))
		err = ward_fail(error, WARD_E_CORRUPT,
				"the manifest is not signed by the key in signing.pem");
	return err ? err : package_manifest_read(text, &reading->arena, &reading->manifest, error);
}

static ward_err read_texts(struct reading *reading, struct ward_error *error)
{
	const struct package_manifest *manifest = &reading->manifest;
	ward_err err = read_named(reading, "VERIFY.txt", manifest->verify_text.bytes, error);

	if (!err && !text_fits(reading, &manifest->verify_text))
		err = fail_file("VERIFY.txt", error);
	if (!err)
		err = read_named(reading, "custody.jsonl", manifest->custody.bytes, error);
	if (!err && !text_fits(reading, &manifest->custody))
		err = fail_file("custody.jsonl", error);
	return err ? err
		   : custody_check(ward_buf_text(&reading->text), manifest, &reading->rows,
				     &reading->checkpoint_row, error);
}

/* ---- payloads ---- */

/* Digests what is read of a file on its way. */
struct digested {
	struct tar_reader *tar;
	EVP_MD_CTX *context;
};

static ward_err read_digested(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct digested *digested = context;
	ward_err err = tar_read(digested->tar, into, room, len, error);

	if (!err && *len > 0)
		EVP_DigestUpdate(digested->context, into, *len);
	return err;
}

/* Reads what is left; `sink` may be NULL. */
static ward_err pass_through(struct digested *digested, vault_sink *sink, void *context,
		struct ward_error *error)
{
	static const size_t piece = 1 << 16;
	uint8_t *memory = malloc(piece);
	size_t got = 1;
	ward_err err = memory ? WARD_OK
			      : ward_fail(error, WARD_E_NOMEM, "no memory to read a package");

	while (!err && got > 0) {
		err = read_digested(digested, memory, piece, &got, error);
		if (!err && got > 0 && sink)
			err = sink(context, (ward_bytes){ memory, got }, error);
	}
	free(memory);
	return err;
}

static ward_err open_payload(struct reading *reading, const struct package_item *item,
		struct digested *digested, struct ward_error *error)
{
	const struct package_manifest *manifest = &reading->manifest;
	const struct taking *taking = reading->taking;
	struct wrap_purpose purpose = { "export", ward_str_from(item->facts.id),
		ward_str_from(manifest->id) };
	struct sealed_totals totals;
	struct sealed_name name;
	uint8_t public_key[32];

	if (!taking->secret)
		return ward_fail(error, WARD_E_DENIED,
				"the package's payloads are sealed: its recipient opens them with "
				"their secret key");
	if (crypto_scalarmult_base(public_key, taking->secret) != 0 ||
			memcmp(public_key, manifest->recipient, 32) != 0)
		return ward_fail(error, WARD_E_DENIED, "the package was sealed to another key");
	if (!sealed_id_parse(ward_str_from(item->facts.id), name.id) ||
			!wrap_open((ward_bytes){ item->wrap, WRAP_SIZE }, &purpose, public_key,
					taking->secret, name.key))
		return ward_fail(error, WARD_E_CORRUPT,
				"the item's key does not open with the recipient's");
	ward_err err = sealed_open(&name, read_digested, digested, taking->sink, taking->context,
			&totals, error);

	sodium_memzero(&name, sizeof(name));
	if (!err && (totals.plain.bytes != item->facts.digests.bytes ||
				    memcmp(totals.plain.sha256, item->facts.digests.sha256, 32) !=
						    0))
		err = fail_file("the item", error);
	return err;
}

static ward_err read_payload(struct reading *reading, size_t index, struct digested *digested,
		struct ward_error *error)
{
	const struct package_item *item = &reading->manifest.items[index];
	struct taking *taking = reading->taking;
	bool taken = taking && ward_str_eq(taking->item, ward_str_from(item->facts.id));

	if (!taken)
		return pass_through(digested, NULL, NULL, error);
	taking->found = true;
	if (reading->manifest.clear)
		return pass_through(digested, taking->sink, taking->context, error);
	ward_err err = open_payload(reading, item, digested, error);

	return err ? err : pass_through(digested, NULL, NULL, error);
}

static ward_err read_item(struct reading *reading, size_t index, struct ward_error *error)
{
	struct package_file want;
	struct tar_file file;
	uint8_t sha256[32];

	package_manifest_file(&reading->manifest, index, &want);
	ward_err err = tar_next(&reading->tar, &file, error);

	if (err == WARD_E_NOT_FOUND ||
			(!err && (strcmp(file.name, want.name) != 0 || file.size != want.bytes)))
		return fail_file(want.name, error);
	if (err)
		return err;
	struct digested digested = { &reading->tar, EVP_MD_CTX_new() };

	if (!digested.context || EVP_DigestInit_ex(digested.context, EVP_sha256(), NULL) != 1)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to read a package");
	if (!err)
		err = read_payload(reading, index, &digested, error);
	if (!err) {
		EVP_DigestFinal_ex(digested.context, sha256, NULL);
		if (memcmp(sha256, want.sha256, 32) != 0)
			err = fail_file(want.name, error);
	}
	EVP_MD_CTX_free(digested.context);
	reading->bytes += want.bytes;
	return err;
}

/* ---- all of it ---- */

static ward_err read_all(struct reading *reading, struct ward_error *error)
{
	struct ward_buf manifest;
	struct tar_file file;

	ward_buf_init(&manifest, PACKAGE_CUSTODY_MAX + 1);
	ward_err err = read_signed(reading, &manifest, error);

	ward_buf_free(&manifest);
	if (!err)
		err = read_texts(reading, error);
	for (size_t i = 0; !err && i < reading->manifest.item_count; i++)
		err = read_item(reading, i, error);
	if (err)
		return err;
	err = tar_next(&reading->tar, &file, error);
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	return err ? err
		   : ward_fail(error, WARD_E_CORRUPT,
				     "the package holds a file that was not signed");
}

static ward_err read_package(struct reading *reading, vault_source *read, void *context,
		struct ward_error *error)
{
	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	reading->tar = tar_reader_from(read, context);
	ward_arena_init(&reading->arena, 64 << 20);
	ward_buf_init(&reading->text, PACKAGE_CUSTODY_MAX + 1);
	return read_all(reading, error);
}

static void reading_end(struct reading *reading)
{
	ward_buf_free(&reading->text);
	ward_arena_free(&reading->arena);
}

ward_err package_verify(vault_source *read, void *context,
		const uint8_t public_key[SIGNER_KEY_SIZE], struct package_verified *verified,
		struct ward_error *error)
{
	struct reading reading = { .rows = 0 };
	ward_err err = read_package(&reading, read, context, error);

	if (!err && public_key && memcmp(public_key, reading.key, SIGNER_KEY_SIZE) != 0)
		err = ward_fail(error, WARD_E_DENIED,
				"the package is whole, and signed by another key than the one "
				"given");
	if (!err) {
		const struct package_manifest *manifest = &reading.manifest;

		*verified = (struct package_verified){ .trusted = public_key != NULL,
			.clear = manifest->clear,
			.items = (unsigned)manifest->item_count,
			.rows = reading.rows,
			.bytes = reading.bytes,
			.checkpoint_row = reading.checkpoint_row };
		memcpy(verified->signer, reading.key, SIGNER_KEY_SIZE);
		clock_format(manifest->made_at, verified->made_at);
		memcpy(verified->recipient_name, manifest->recipient_name, PACKAGE_NAME_MAX);
	}
	reading_end(&reading);
	return err;
}

ward_err package_take(vault_source *read, void *context, ward_str item,
		const uint8_t secret[VAULT_SECRET_SIZE], vault_sink *sink, void *sink_context,
		struct ward_error *error)
{
	struct taking taking = { item, secret, sink, sink_context, false };
	struct reading reading = { .taking = &taking };
	ward_err err = read_package(&reading, read, context, error);

	if (!err && !taking.found)
		err = ward_fail(error, WARD_E_NOT_FOUND, "the package has no such item");
	reading_end(&reading);
	return err;
}
