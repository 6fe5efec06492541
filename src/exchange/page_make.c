#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "exchange/page.h"

void exchange_page_begin(struct page_making *making, struct ward_buf *out, const struct page *page,
		const uint8_t key[32])
{
	char text[EXCHANGE_KEY_TEXT], when[CLOCK_TEXT_MAX], hex[65], prev[80] = "";
	struct json json = json_to(out);

	*making = (struct page_making){ .out = out, .begun = out->len };
	json_object(&json);
	json_key_str(&json, "list", page->urn);
	json_key_uint(&json, "seq", page->seq);
	ward_hex_format(page->prev, 32, hex);
	if (page->has_prev)
		snprintf(prev, sizeof(prev), "sha256:%s", hex);
	json_key_text(&json, "prev", prev);
	json_key_text(&json, "from", clock_format(page->from, when));
	if (page->expires)
		json_key_text(&json, "expires", clock_format(page->expires, when));
	exchange_key_format(key, text);
	json_key_text(&json, "key", text);
	if (page->parts)
		ward_buf_printf(out, ",\"snapshot\":{\"part\":%llu,\"parts\":%llu}",
				(unsigned long long)page->part, (unsigned long long)page->parts);
	ward_hex_format(page->salt, page->salt_len, hex);
	if (page->salt_len)
		ward_buf_printf(out, ",\"salt\":\"%s\"", hex);
	ward_buf_str(out, WARD_STR(",\"changes\":["));
	making->body = out->len;
}

static void key_str(struct json *json, const char *name, ward_str text)
{
	if (text.len > 0)
		json_key_str(json, name, text);
}

void exchange_page_add(struct page_making *making, bool retract, ward_str kind, ward_str key,
		const struct ward_site_entry *entry)
{
	struct json json;
	char when[CLOCK_TEXT_MAX];

	if (making->changes++ > 0)
		ward_buf_char(making->out, ',');
	json = json_to(making->out);
	json_object(&json);
	json_key_text(&json, "op", retract ? "retract" : "add");
	json_key_str(&json, "kind", kind);
	json_key_str(&json, "key", key);
	if (entry && !retract) {
		ward_str code = entry->class_code, scheme = ward_str_cut(&code, ':');

		key_str(&json, "category", entry->category);
		if (entry->class_code.len > 0) {
			json_key(&json, "class");
			json_object(&json);
			if (code.len > 0)
				json_key_str(&json, "scheme", scheme);
			json_key_str(&json, "code", code.len > 0 ? code : scheme);
			json_object_end(&json);
		}
		key_str(&json, "reason", entry->reason);
		key_str(&json, "ref", entry->ref);
		if (entry->expires)
			json_key_text(&json, "expires", clock_format(entry->expires, when));
	}
	json_object_end(&json);
}

ward_err exchange_page_end(struct page_making *making, const uint8_t secret[64], uint8_t hash[32],
		struct ward_error *error)
{
	struct ward_buf *out = making->out, message;
	uint8_t sig[64];
	char hex[PAGE_SIG_HEX + 1];

	ward_buf_char(out, ']');
	ward_buf_init(&message, EXCHANGE_PAGE_MAX + sizeof(PAGE_DOMAIN));
	ward_buf_str(&message, WARD_STR(PAGE_DOMAIN));
	ward_buf_add(&message, out->ptr + making->begun, out->len - making->begun);
	if (out->failed || message.failed) {
		ward_buf_free(&message);
		return ward_fail(error, WARD_E_LIMIT, "the page is too large");
	}
	crypto_sign_detached(sig, NULL, (const uint8_t *)message.ptr, message.len, secret);
	ward_buf_free(&message);
	ward_hex_format(sig, 64, hex);
	ward_buf_printf(out, PAGE_SIG_OPEN "%s" PAGE_SIG_CLOSE, hex);
	if (out->failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a page");
	crypto_hash_sha256(hash, (const uint8_t *)out->ptr + making->begun,
			out->len - making->begun);
	ward_buf_char(out, '\n');
	return WARD_OK;
}
