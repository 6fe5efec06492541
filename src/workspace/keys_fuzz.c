/*
 * Any text as the file of keys.  What is read is printed and read again to the same keys.
 */
#include "workspace/keys.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct keys *keys, const struct keys *again)
{
	assert(keys_count(keys) == keys_count(again));
	for (size_t i = 0; i < keys_count(keys); i++)
		assert(memcmp(keys_at(keys, i), keys_at(again, i), sizeof(struct key)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct keys *keys, *again;
	struct ward_error error;
	struct ward_buf printed;
	uint32_t scopes;

	if (key_scopes_parse(text, &scopes))
		assert(scopes != 0 && (scopes & ~(uint32_t)KEY_ALL) == 0);
	if (keys_parse(text, "keys", &keys, &error) != WARD_OK)
		return 0;
	assert(!keys_check(keys, text, 1));
	ward_buf_init(&printed, (size_t)1 << 24);
	keys_format(keys, &printed);
	assert(keys_parse(ward_buf_text(&printed), "keys", &again, &error) == WARD_OK);
	check_same(keys, again);
	keys_free(again);
	keys_free(keys);
	ward_buf_free(&printed);
	return 0;
}
