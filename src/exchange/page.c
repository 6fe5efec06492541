#include "exchange/page.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"

static const char domain_text[] = PAGE_DOMAIN;
static const char sig_open[] = PAGE_SIG_OPEN;

#define SIG_TAIL (sizeof(PAGE_SIG_OPEN) - 1 + PAGE_SIG_HEX + sizeof(PAGE_SIG_CLOSE) - 1)

/* ---- keys ---- */

bool exchange_key_parse(ward_str text, uint8_t key[32])
{
	if (ward_str_starts(text, WARD_STR("ed25519:")))
		text = (ward_str){ text.ptr + 8, text.len - 8 };
	return ward_hex_parse(text, key, 32);
}

void exchange_key_format(const uint8_t key[32], char out[EXCHANGE_KEY_TEXT])
{
	char hex[65];

	ward_hex_format(key, 32, hex);
	snprintf(out, EXCHANGE_KEY_TEXT, "ed25519:%s", hex);
}

static ward_err prepare(struct ward_error *error)
{
	return sodium_init() < 0 ? ward_fail(error, WARD_E_IO, "libsodium cannot be used")
				 : WARD_OK;
}

ward_err exchange_key_make(uint8_t seed[32], struct ward_error *error)
{
	ward_err err = prepare(error);

	if (!err)
		randombytes_buf(seed, 32);
	return err;
}

ward_err exchange_key_public(const uint8_t seed[32], uint8_t key[32], struct ward_error *error)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	ward_err err = prepare(error);

	if (err)
		return err;
	crypto_sign_seed_keypair(key, secret, seed);
	sodium_memzero(secret, sizeof(secret));
	return WARD_OK;
}

/* ---- reading ---- */

/* The message is long: its signature is over the bytes themselves, with the word in front. */
static bool signature_fits(ward_str body, const uint8_t sig[64], const uint8_t key[32],
		bool *memory)
{
	size_t front = sizeof(domain_text) - 1;
	uint8_t *message = malloc(front + body.len);
	bool fits;

	*memory = message != NULL;
	if (!message)
		return false;
	memcpy(message, domain_text, front);
	memcpy(message + front, body.ptr, body.len);
	fits = crypto_sign_verify_detached(sig, message, front + body.len, key) == 0;
	free(message);
	return fits;
}

static ward_str text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value)
			       ? (ward_str){ json_string_value(value), json_string_length(value) }
			       : WARD_STR("");
}

/*
 * Why a signature does not fit: the page names the key that it was made with.
 * It is a stranger's, so nothing but these digits is looked for in it.
 */
static ward_err refuse(ward_str line, const uint8_t key[32], struct ward_error *error)
{
	ward_str before = WARD_STR("\"key\":\""), rest = line;
	uint8_t named[32];
	bool other;

	while (rest.len > 0 && !ward_str_starts(rest, before))
		rest = (ward_str){ rest.ptr + 1, rest.len - 1 };
	if (rest.len > 0)
		rest = (ward_str){ rest.ptr + before.len, rest.len - before.len };
	other = exchange_key_parse(ward_str_cut(&rest, '"'), named) && memcmp(named, key, 32) != 0;
	return other ? ward_fail(error, WARD_E_DENIED,
				       "the page is signed with another key than the list's "
				       "publisher has")
		     : ward_fail(error, WARD_E_DENIED,
				       "the page was altered: its signature does not fit");
}

/* Digits in capitals would be a second spelling, and with it another digest, of the same page. */
static bool read_signature(ward_str line, uint8_t sig[64])
{
	ward_str tail = { line.ptr + line.len - SIG_TAIL, SIG_TAIL };
	ward_str digits = { tail.ptr + sizeof(sig_open) - 1, PAGE_SIG_HEX };
	bool good = ward_str_starts(tail, ward_str_from(sig_open)) &&
		    ward_str_ends(tail, WARD_STR(PAGE_SIG_CLOSE)) &&
		    ward_hex_parse(digits, sig, 64);

	for (size_t i = 0; i < digits.len && good; i++)
		good = digits.ptr[i] < 'A' || digits.ptr[i] > 'F';
	return good;
}

static ward_err check_signature(ward_str line, const uint8_t key[32], struct ward_error *error)
{
	uint8_t sig[64];
	bool memory;
	ward_err err = prepare(error);

	if (err)
		return err;
	if (line.len == 0 || line.ptr[0] != '{' || line.ptr[line.len - 1] != '}')
		return ward_fail(error, WARD_E_FORMAT,
				"the page is truncated, or is none: its line is no whole object");
	if (line.len < SIG_TAIL || !read_signature(line, sig))
		return ward_fail(error, WARD_E_FORMAT, "the page is unsigned");
	if (signature_fits((ward_str){ line.ptr, line.len - SIG_TAIL }, sig, key, &memory))
		return WARD_OK;
	return memory ? refuse(line, key, error)
		      : ward_fail(error, WARD_E_NOMEM, "no memory for a page");
}

static bool read_number(const json_t *object, const char *name, uint64_t *value)
{
	const json_t *number = json_object_get(object, name);

	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return false;
	*value = (uint64_t)json_integer_value(number);
	return true;
}

static bool read_prev(const json_t *root, struct page *page)
{
	ward_str prev = text_of(root, "prev");

	if (prev.len == 0)
		return true;
	page->has_prev = true;
	return ward_str_starts(prev, WARD_STR("sha256:")) &&
	       ward_hex_parse((ward_str){ prev.ptr + 7, prev.len - 7 }, page->prev, 32);
}

static bool read_snapshot(const json_t *root, struct page *page)
{
	const json_t *snapshot = json_object_get(root, "snapshot");

	if (!snapshot)
		return true;
	return read_number(snapshot, "part", &page->part) &&
	       read_number(snapshot, "parts", &page->parts) && page->part >= 1 &&
	       page->part <= page->parts;
}

static bool read_salt(const json_t *root, struct page *page)
{
	ward_str salt = text_of(root, "salt");

	page->salt_len = salt.len / 2;
	return salt.len <= 64 && salt.len % 2 == 0 &&
	       ward_hex_parse(salt, page->salt, salt.len / 2);
}

static const char *read_members(const json_t *root, struct page *page)
{
	ward_str expires = text_of(root, "expires");

	page->urn = text_of(root, "list");
	page->changes = json_object_get(root, "changes");
	if (page->urn.len == 0 || page->urn.len >= WARD_SITE_TEXT_MAX)
		return "the page names no list";
	if (!read_number(root, "seq", &page->seq) || page->seq == 0)
		return "the page has no number";
	if (!read_prev(root, page))
		return "the page does not tell the one before it";
	if (!clock_parse(text_of(root, "from"), &page->from))
		return "the page does not tell when it was made";
	if (expires.len > 0 && !clock_parse(expires, &page->expires))
		return "the page's end is no date";
	if (!read_snapshot(root, page))
		return "the page's place in its snapshot makes no sense";
	if (!read_salt(root, page))
		return "the page's salt makes no sense";
	return json_is_array(page->changes) ? NULL : "the page has no changes";
}

ward_err exchange_page_read(ward_str line, const uint8_t key[32], struct page *page,
		struct ward_error *error)
{
	const char *why;
	ward_err err = check_signature(line, key, error);

	if (err)
		return err;
	*page = (struct page){ 0 };
	crypto_hash_sha256(page->hash, (const uint8_t *)line.ptr, line.len);
	page->root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	why = json_is_object(page->root) ? read_members(page->root, page)
					 : "the signed line is no JSON object";
	if (!why)
		return WARD_OK;
	exchange_page_free(page);
	return ward_fail(error, WARD_E_FORMAT, "%s", why);
}

void exchange_page_free(struct page *page)
{
	json_decref(page->root);
	page->root = NULL;
}

/* ---- changes ---- */

static const struct {
	const char *kind;
	const char *before, *behind; /* what makes a key an entry as ward writes it */
	ward_site_kind is;
	ward_site_bare bare;
} kinds[] = {
	{ "url", "", "", WARD_SITE_PAGE, WARD_SITE_BARE_PAGE },
	{ "page", "", "", WARD_SITE_PAGE, WARD_SITE_BARE_PAGE },
	{ "prefix", "", "...", WARD_SITE_PREFIX, WARD_SITE_BARE_PAGE },
	{ "host", "=", "", WARD_SITE_HOST, WARD_SITE_BARE_HOST },
	{ "domain", "", "", WARD_SITE_DOMAIN, WARD_SITE_BARE_DOMAIN },
	{ "network", "", "", WARD_SITE_NETWORK, WARD_SITE_BARE_DOMAIN },
	{ "sha256", "sha256:", "", WARD_SITE_HASH, WARD_SITE_BARE_DOMAIN },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static bool read_place(const json_t *object, struct ward_buf *memory, struct ward_buf *text,
		struct ward_site_entry *entry, struct ward_error *why)
{
	ward_str kind = text_of(object, "kind"), key = text_of(object, "key");
	size_t i = 0;

	while (i < KINDS && !ward_str_eq(kind, ward_str_from(kinds[i].kind)))
		i++;
	if (i == KINDS) {
		(void)ward_fail(why, WARD_E_UNSUPPORTED, "this kind of entry is no place");
		return false;
	}
	ward_buf_clear(text);
	ward_buf_str(text, ward_str_from(kinds[i].before));
	ward_buf_str(text, key);
	if (kinds[i].behind[0] && !ward_str_ends(key, WARD_STR("/")))
		ward_buf_char(text, '/');
	ward_buf_str(text, ward_str_from(kinds[i].behind));
	if (ward_site_entry_read(ward_buf_text(text), kinds[i].bare, memory, entry, why))
		return false;
	if (entry->kind == kinds[i].is)
		return true;
	(void)ward_fail(why, WARD_E_FORMAT, "the key is not of its kind");
	return false;
}

/* {"scheme":"local","code":"a"} behind what is in `text`; its length there. */
static size_t put_class(const json_t *object, struct ward_buf *text)
{
	const json_t *class = json_object_get(object, "class");
	ward_str scheme = text_of(class, "scheme"), code = text_of(class, "code");
	size_t before = text->len;

	if (code.len == 0)
		return 0;
	if (scheme.len > 0) {
		ward_buf_str(text, scheme);
		ward_buf_char(text, ':');
	}
	ward_buf_str(text, code);
	return text->len - before;
}

bool exchange_page_change(const json_t *object, struct ward_buf *memory, struct ward_buf *text,
		struct page_change *change, struct ward_error *why)
{
	ward_str op = text_of(object, "op"), expires = text_of(object, "expires");
	struct ward_site_entry *entry = &change->entry;
	size_t class;

	*change = (struct page_change){ .retract = ward_str_eq(op, WARD_STR("retract")) };
	if (!change->retract && !ward_str_eq(op, WARD_STR("add"))) {
		(void)ward_fail(why, WARD_E_FORMAT, "a change adds or retracts");
		return false;
	}
	if (!read_place(object, memory, text, entry, why))
		return false;
	entry->original = WARD_STR("");
	entry->category = text_of(object, "category");
	entry->reason = text_of(object, "reason");
	entry->ref = text_of(object, "ref");
	class = put_class(object, text);
	if (class > 0) {
		ward_str all = ward_buf_text(text);

		entry->class_code = (ward_str){ all.ptr + all.len - class, class };
	}
	if (expires.len > 0 && !clock_parse(expires, &entry->expires)) {
		(void)ward_fail(why, WARD_E_FORMAT, "its end is no date");
		return false;
	}
	if (!text->failed && !memory->failed)
		return true;
	(void)ward_fail(why, WARD_E_LIMIT, "the change is too long");
	return false;
}
