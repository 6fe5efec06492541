/*
 * Any bytes as a signed page: as a stranger sends them, which must be refused,
 * and then signed with the publisher's key, so that what is behind the signature
 * is reached, too.  Whatever a page says, its changes are entries or told as none.
 */
#include <assert.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "exchange/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t key[32], secret[64];

static void look(const struct page *page)
{
	struct ward_buf memory, text;
	struct page_change change;

	ward_buf_init(&memory, 1 << 20);
	ward_buf_init(&text, 1 << 20);
	assert(page->seq > 0 && page->urn.len > 0);
	assert(page->part <= page->parts && page->salt_len <= sizeof(page->salt));
	for (size_t i = 0; i < json_array_size(page->changes); i++) {
		struct ward_error why = { 0 };

		if (exchange_page_change(json_array_get(page->changes, i), &memory, &text, &change,
				    &why))
			assert(change.entry.key.len > 0 &&
					change.entry.kind < WARD_SITE_KIND_COUNT);
		else
			assert(why.message[0]);
	}
	ward_buf_free(&memory);
	ward_buf_free(&text);
}

static void read_line(const char *line, size_t len, bool is_signed)
{
	struct ward_error error = { 0 };
	struct page page;

	if (exchange_page_read((ward_str){ line, len }, key, &page, &error)) {
		assert(error.message[0]);
		return;
	}
	assert(is_signed);
	look(&page);
	exchange_page_free(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = { 1 };
	static char line[1 << 16], message[1 << 16];
	size_t front = sizeof(PAGE_DOMAIN) - 1, len;
	uint8_t sig[64];
	char hex[PAGE_SIG_HEX + 1];

	if (sodium_init() < 0 || size + 256 > sizeof(line))
		return 0;
	crypto_sign_seed_keypair(key, secret, seed);
	read_line((const char *)data, size, false);
	memcpy(message, PAGE_DOMAIN, front);
	memcpy(message + front, data, size);
	crypto_sign_detached(sig, NULL, (const uint8_t *)message, front + size, secret);
	ward_hex_format(sig, sizeof(sig), hex);
	memcpy(line, data, size);
	len = size + (size_t)snprintf(line + size, sizeof(line) - size,
				     PAGE_SIG_OPEN "%s" PAGE_SIG_CLOSE, hex);
	read_line(line, len, true);
	return 0;
}
