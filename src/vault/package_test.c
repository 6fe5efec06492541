#include "vault/package.h"

#include "vault/package_manifest.h"
#include "vault/tar.h"
#include "vault/vault_test.h"

static struct signer *signer;
static struct who police = { .name = "police" };
static struct ward_buf package;

static bool begin(void)
{
	char keys[200];

	if (!start())
		return false;
	snprintf(keys, sizeof(keys), "%s/keys", folder);
	crypto_box_keypair(police.public_key, police.secret);
	ward_buf_free(&package);
	ward_buf_init(&package, 8 << 20);
	return mkdir(keys, 0700) == 0 && signer_make(keys, &error) == WARD_OK &&
	       signer_open(keys, &signer, &error) == WARD_OK;
}

static void finish(void)
{
	signer_free(signer);
	end();
}

/* ---- making ---- */

static struct package_wish wish_for(const ward_str *items, size_t count)
{
	struct package_wish wish = { .items = items,
		.item_count = count,
		.recipient_name = WARD_STR("harbour police"),
		.reason = WARD_STR("asked for by letter 9"),
		.persons = pair_of(&anna, &boris) };

	memcpy(wish.recipient, police.public_key, 32);
	return wish;
}

/* Writes a package and takes its bytes into `package`. */
static ward_err make_like(const struct package_wish *wish)
{
	struct vault_access *access = unlock(&anna);
	FILE *file = tmpfile();
	ward_err err = package_write(vault, access, wish, signer, fileno(file), &error);
	long size = lseek(fileno(file), 0, SEEK_END);

	ward_buf_clear(&package);
	char *to = ward_buf_reserve(&package, (size_t)size);

	if (!err && to && pread(fileno(file), to, (size_t)size, 0) == size)
		package.len = (size_t)size;
	fclose(file);
	vault_access_free(access);
	return err;
}

static ward_err make(const char *const *ids, size_t count, bool clear)
{
	ward_str items[16];
	struct package_wish wish = wish_for(items, count);

	for (size_t i = 0; i < count; i++)
		items[i] = ward_str_from(ids[i]);
	wish.clear = clear;
	return make_like(&wish);
}

/* ---- reading ---- */

struct cursor {
	size_t at, step;
};

static ward_err from_package(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *failure)
{
	struct cursor *cursor = context;

	(void)failure;
	*len = package.len - cursor->at < room ? package.len - cursor->at : room;
	if (cursor->step > 0 && *len > cursor->step)
		*len = cursor->step;
	if (*len > 0)
		memcpy(into, package.ptr + cursor->at, *len);
	cursor->at += *len;
	return WARD_OK;
}

static ward_err verify(const uint8_t *key, struct package_verified *verified)
{
	struct cursor cursor = { 0, 0 };

	return package_verify(from_package, &cursor, key, verified, &error);
}

static const char *take(const char *id, const struct who *who)
{
	static char text[1000];
	struct cursor cursor = { 0, 7 };
	struct ward_buf plain;

	ward_buf_init(&plain, 1 << 20);
	ward_err err = package_take(from_package, &cursor, ward_str_from(id),
			who ? who->secret : NULL, collect, &plain, &error);

	snprintf(text, sizeof(text), "%s", err ? ward_err_name(err) : ward_buf_text(&plain).ptr);
	ward_buf_free(&plain);
	return text;
}

/* ---- what is promised ---- */

static void a_package_is_checked_without_the_vault_and_opened_by_its_recipient(void)
{
	struct package_verified verified;
	const char *ids[2];

	CHECK(begin());
	ids[0] = keep("the first boat");
	ids[1] = keep("the second boat");
	CHECK_STR(see(&anna, ids[0]), "the first boat");
	CHECK_EQ(make(ids, 2, false), WARD_OK);
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	CHECK(!verified.trusted && !verified.clear);
	CHECK_EQ(verified.items, 2);
	CHECK_EQ(verified.rows, 5); /* sealed twice, opened once, exported twice */
	CHECK_EQ(verified.bytes, 2 * (56 + 17) + 14 + 15);
	CHECK_STR(verified.recipient_name, "harbour police");
	CHECK_STR(verified.made_at, "2026-03-01T00:00:00Z");
	CHECK(verified.checkpoint_row > 0);
	CHECK(memcmp(verified.signer, signer_public(signer), 32) == 0);
	CHECK_EQ(verify(signer_public(signer), &verified), WARD_OK);
	CHECK(verified.trusted);
	CHECK_EQ(verify(police.public_key, &verified), WARD_E_DENIED);
	CHECK_STR(take(ids[0], &police), "the first boat");
	CHECK_STR(take(ids[1], &police), "the second boat");
	CHECK_STR(take(ids[1], &anna), "denied");
	CHECK_STR(take(ids[1], NULL), "denied");
	CHECK_STR(take("nothing", &police), "not_found");
	/* Nothing of it lies there in the clear. */
	for (size_t at = 0; at + 11 <= package.len; at++)
		CHECK(memcmp(package.ptr + at, "second boat", 11) != 0);
	finish();
}

static void a_package_in_the_clear_needs_no_key(void)
{
	struct package_verified verified;
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_EQ(make(ids, 1, true), WARD_OK);
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	CHECK(verified.clear);
	CHECK_STR(take(ids[0], NULL), "a boat");
	CHECK(strstr(log_of("item", ids[0]).detail, "\"payload\":\"clear\"") != NULL);
	finish();
}

static void an_export_is_two_persons_and_a_row_of_each_item(void)
{
	const char *id;
	ward_str items[1];

	CHECK(begin());
	id = keep("a boat");
	items[0] = ward_str_from(id);
	struct package_wish wish = wish_for(items, 1);

	wish.persons = pair_of(&anna, &anna);
	CHECK_EQ(make_like(&wish), WARD_E_DENIED);
	CHECK_EQ(package.len, 0);
	wish.persons = pair_of(&anna, &boris);
	wish.reason = WARD_STR("");
	CHECK_EQ(make_like(&wish), WARD_E_ARGUMENT);
	wish.reason = WARD_STR("a letter");
	wish.recipient_name = WARD_STR(" ");
	CHECK_EQ(make_like(&wish), WARD_E_ARGUMENT);
	wish.recipient_name = WARD_STR("police");
	memset(wish.recipient, 0, 32);
	CHECK_EQ(make_like(&wish), WARD_E_ARGUMENT);
	CHECK_EQ(log_of("item", id).rows, 1);
	memcpy(wish.recipient, police.public_key, 32);
	CHECK_EQ(make_like(&wish), WARD_OK);
	CHECK_STR(log_of("item", id).action, "item.exported");
	CHECK_STR(log_of("item", id).reason, "a letter");
	CHECK(strstr(log_of("item", id).detail, "\"second\":\"person:boris\"") != NULL);
	finish();
}

static void what_cannot_be_exported_leaves_no_row(void)
{
	struct vault_arrival arrival = { .roles = WARD_STR("filing") };
	const char *ids[3];

	CHECK(begin());
	ids[0] = keep("a boat");
	ids[1] = ids[0];
	CHECK_EQ(make(ids, 2, false), WARD_E_ARGUMENT);
	ids[1] = "01900000-0000-7000-8000-000000000000";
	CHECK_EQ(make(ids, 2, false), WARD_E_NOT_FOUND);
	CHECK_EQ(make(ids, 0, false), WARD_E_ARGUMENT);
	ids[1] = keep_like(arrival, (ward_bytes){ (const uint8_t *)"x", 1 });
	CHECK_EQ(make(ids, 2, false), WARD_E_DENIED);
	CHECK_EQ(log_of("item", ids[0]).rows, 1);
	finish();
}

static void a_damaged_payload_is_not_exported_as_whole(void)
{
	struct package_verified verified;
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	int fd = open(path_of(ids[0], ".sealed"), O_RDWR);

	CHECK_EQ(pwrite(fd, "x", 1, 60), 1);
	close(fd);
	CHECK_EQ(make(ids, 1, false), WARD_E_CORRUPT);
	CHECK_EQ(make(ids, 1, true), WARD_E_CORRUPT);
	CHECK(verify(NULL, &verified) != WARD_OK);
	finish();
}

/* ---- what is found ---- */

static void every_byte_changed_of_a_package_is_found(void)
{
	struct package_verified verified;
	const char *ids[1];
	size_t told = 0;

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	printf("# %d bytes\n", (int)package.len);
	for (size_t at = 0; at < package.len; at++) {
		package.ptr[at] ^= (char)(1 << at % 8);
		ward_err err = verify(NULL, &verified);

		if (err != WARD_E_CORRUPT && err != WARD_E_FORMAT && err != WARD_E_LIMIT)
			printf("# byte %d: %s\n", (int)at, ward_err_name(err));
		CHECK(err == WARD_E_CORRUPT || err == WARD_E_FORMAT || err == WARD_E_LIMIT);
		told += err != WARD_OK;
		package.ptr[at] ^= (char)(1 << at % 8);
	}
	CHECK_EQ(told, package.len);
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	finish();
}

static void a_package_cut_anywhere_or_with_more_behind_it_is_found(void)
{
	struct package_verified verified;
	const char *ids[1];
	size_t whole;

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	whole = package.len;
	for (size_t len = 0; len < whole; len += 37) {
		package.len = len;
		CHECK_EQ(verify(NULL, &verified), WARD_E_FORMAT);
	}
	package.len = whole;
	ward_buf_char(&package, 0);
	CHECK_EQ(verify(NULL, &verified), WARD_E_CORRUPT);
	finish();
}

/* ---- a package made anew by somebody with a key of their own ---- */

struct part {
	char name[TAR_NAME_ROOM];
	ward_str text;
};

static size_t read_parts(struct part *parts, size_t room)
{
	struct cursor cursor = { 0, 0 };
	struct tar_reader tar = tar_reader_from(from_package, &cursor);
	struct tar_file file;
	size_t count = 0, got;
	uint8_t scratch[512];

	while (count < room && tar_next(&tar, &file, &error) == WARD_OK) {
		snprintf(parts[count].name, sizeof(parts[count].name), "%s", file.name);
		parts[count++].text = (ward_str){ package.ptr + cursor.at, (size_t)file.size };
		do {
			if (tar_read(&tar, scratch, sizeof(scratch), &got, &error))
				return 0;
		} while (got > 0);
	}
	return count;
}

static void write_parts(const struct part *parts, size_t count, struct ward_buf *out)
{
	static const char zeroes[1024];
	uint8_t block[TAR_BLOCK];

	for (size_t i = 0; i < count; i++) {
		if (tar_header(parts[i].name, parts[i].text.len, block, &error))
			return;
		ward_buf_add(out, block, sizeof(block));
		ward_buf_str(out, parts[i].text);
		ward_buf_add(out, zeroes, tar_padding(parts[i].text.len));
	}
	ward_buf_add(out, zeroes, sizeof(zeroes));
}

/* Replaces words in a text of the same length. */
static ward_str with(const char *was, const char *is, ward_str text, struct ward_buf *out)
{
	ward_buf_init(out, 1 << 20);
	ward_buf_str(out, text);
	char *at = strstr(ward_buf_text(out).ptr, was);

	if (at)
		memcpy(at, is, strlen(is));
	return ward_buf_text(out);
}

/* Signs the manifest of `parts` again, and makes `package` of them. */
static bool sign_again(struct part *parts, size_t count)
{
	uint8_t signature[SIGNER_SIGNATURE_SIZE];
	struct ward_buf out;

	signer_sign(signer, PACKAGE_KIND,
			(ward_bytes){ (const uint8_t *)parts[0].text.ptr, parts[0].text.len },
			signature);
	parts[1].text = (ward_str){ (const char *)signature, sizeof(signature) };
	ward_buf_init(&out, 8 << 20);
	write_parts(parts, count, &out);
	ward_buf_free(&package);
	package = out;
	return !out.failed;
}

static void a_custody_that_was_changed_and_signed_again_does_not_hold(void)
{
	struct package_verified verified;
	struct part parts[8];
	struct ward_buf custody, manifest;
	char was[65], is[65];
	uint8_t sha256[32];
	struct ward_digests digests;
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_STR(see(&anna, ids[0]), "a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	CHECK_EQ(read_parts(parts, 8), 6);
	CHECK_STR(parts[4].name, "custody.jsonl");
	CHECK_EQ(ward_digest((ward_bytes){ (const uint8_t *)parts[4].text.ptr, parts[4].text.len },
				 &digests),
			WARD_OK);
	ward_hex_format(digests.sha256, 32, was);
	parts[4].text = with("person:anna", "person:olga", parts[4].text, &custody);
	CHECK_EQ(ward_digest((ward_bytes){ (const uint8_t *)parts[4].text.ptr, parts[4].text.len },
				 &digests),
			WARD_OK);
	memcpy(sha256, digests.sha256, 32);
	ward_hex_format(sha256, 32, is);
	parts[0].text = with(was, is, parts[0].text, &manifest);
	CHECK(sign_again(parts, 6));
	CHECK_EQ(verify(NULL, &verified), WARD_E_CORRUPT);
	CHECK_STR(error.message, "custody.jsonl, line 2: the row is not what its digest says");
	ward_buf_free(&custody);
	ward_buf_free(&manifest);
	finish();
}

static void files_that_are_missing_added_or_in_another_order_are_found(void)
{
	struct package_verified verified;
	struct part parts[8], changed[8];
	struct ward_buf kept;
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	CHECK_EQ(read_parts(parts, 8), 6);
	kept = package;
	ward_buf_init(&package, 1);
	memcpy(changed, parts, sizeof(parts));
	CHECK(sign_again(changed, 6)); /* as it was */
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	CHECK(sign_again(changed, 5));
	CHECK_EQ(verify(NULL, &verified), WARD_E_CORRUPT);
	changed[6] = parts[5];
	CHECK(sign_again(changed, 7));
	CHECK_EQ(verify(NULL, &verified), WARD_E_CORRUPT);
	changed[3] = parts[4];
	changed[4] = parts[3];
	CHECK(sign_again(changed, 6));
	CHECK_EQ(verify(NULL, &verified), WARD_E_FORMAT);
	ward_buf_free(&kept);
	finish();
}

static void a_manifest_that_makes_no_sense_is_refused(void)
{
	static const struct {
		const char *was, *is;
	} changes[] = {
		{ "\"version\":1", "\"version\":2" },
		{ "\"format\":\"ward", "\"format\":\"warp" },
		{ "\"payloads\":\"sealed\"", "\"payloads\":\"opened\"" },
		{ "\"items/", "\"ITEMS/" },
		{ "\"VERIFY.txt\"", "\"verify.txt\"" },
		{ "\"items\":[", "\"itemz\":[" },
		{ "\"first_person\":\"person:anna\"", "\"first_person\":\"person:annb\"" },
		{ "\"recipient_key\":\"x25519:", "\"recipient_key\":\"x25518:" },
		{ "\"md5\":\"", "\"md6\":\"" },
		{ "\"id\":\"0", "\"id\":\"." },
	};
	struct package_verified verified;
	struct part parts[8];
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct ward_buf manifest;

		CHECK_EQ(make(ids, 1, false), WARD_OK);
		CHECK_EQ(read_parts(parts, 8), 6);
		parts[0].text = with(changes[i].was, changes[i].is, parts[0].text, &manifest);
		CHECK(sign_again(parts, 6));
		ward_err err = verify(NULL, &verified);

		/* Another name of a person is nobody's to check but the log's. */
		if (strstr(changes[i].was, "first_person"))
			CHECK_EQ(err, WARD_OK);
		else
			CHECK(err == WARD_E_FORMAT || err == WARD_E_UNSUPPORTED);
		ward_buf_free(&manifest);
	}
	finish();
}

static void a_log_that_goes_on_is_not_in_the_package(void)
{
	struct package_verified verified;
	const char *ids[1];

	CHECK(begin());
	ids[0] = keep("a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	CHECK_EQ(verified.rows, 2);
	CHECK_STR(see(&boris, ids[0]), "a boat");
	CHECK_EQ(make(ids, 1, false), WARD_OK);
	CHECK_EQ(verify(NULL, &verified), WARD_OK);
	CHECK_EQ(verified.rows, 4);
	finish();
}

static const struct test_case cases[] = {
	{ "a package is checked without the vault, and opened by its recipient",
			a_package_is_checked_without_the_vault_and_opened_by_its_recipient },
	{ "a package in the clear needs no key", a_package_in_the_clear_needs_no_key },
	{ "an export is two persons', and a row of each item",
			an_export_is_two_persons_and_a_row_of_each_item },
	{ "what cannot be exported leaves no row", what_cannot_be_exported_leaves_no_row },
	{ "a damaged payload is not exported as whole",
			a_damaged_payload_is_not_exported_as_whole },
	{ "every byte changed of a package is found", every_byte_changed_of_a_package_is_found },
	{ "a package cut anywhere, or with more behind it, is found",
			a_package_cut_anywhere_or_with_more_behind_it_is_found },
	{ "a custody that was changed and signed again does not hold",
			a_custody_that_was_changed_and_signed_again_does_not_hold },
	{ "files that are missing, added or in another order are found",
			files_that_are_missing_added_or_in_another_order_are_found },
	{ "a manifest that makes no sense is refused", a_manifest_that_makes_no_sense_is_refused },
	{ "a log that goes on is not in the package", a_log_that_goes_on_is_not_in_the_package },
};
TEST_MAIN(cases)
