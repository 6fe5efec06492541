/*
 * Reads text as an entry.  What is read is written and read again, and must be
 * the same; a writer takes it.  The first byte says how a bare name is taken.
 */
#include <stdlib.h>

#include "site/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_again(const struct ward_site_entry *entry)
{
	struct ward_site_entry again = { 0 };
	struct ward_buf text, memory;

	ward_buf_init(&text, (size_t)2 * WARD_LINK_MAX);
	ward_buf_init(&memory, (size_t)4 * WARD_LINK_MAX);
	ward_site_entry_write(entry, &text);
	check(!text.failed);
	check(!ward_site_entry_read(ward_buf_text(&text), WARD_SITE_BARE_DOMAIN, &memory, &again,
			NULL));
	check(again.kind == entry->kind && ward_str_eq(again.key, entry->key));
	check(again.original.len == 0);
	ward_buf_free(&text);
	ward_buf_free(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_site_entry entry = { 0 };
	struct ward_buf memory, word;
	ward_str text;

	if (size == 0)
		return 0;
	text = (ward_str){ (const char *)data + 1, size - 1 };
	ward_buf_init(&memory, (size_t)4 * WARD_LINK_MAX);
	ward_buf_init(&word, WARD_LINK_MAX);
	if (!ward_site_entry_read(text, (ward_site_bare)(data[0] % 3), &memory, &entry, NULL)) {
		check(!site_key_word(entry.kind, entry.key, &word, NULL));
		read_again(&entry);
	}
	ward_buf_free(&memory);
	ward_buf_free(&word);
	return 0;
}
