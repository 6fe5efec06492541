/*
 * A package from a stranger.  Its signature keeps a fuzzer out of what lies behind, so the
 * first byte says which part is given: a whole package, a manifest that was
 * signed, or a custody of the manifest that is in front of it, behind a NUL.
 */
#include <assert.h>

#include "vault/package_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct cursor {
	const uint8_t *at;
	size_t left;
};

static ward_err from(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct cursor *cursor = context;

	(void)error;
	*len = cursor->left < room ? cursor->left : room;
	if (*len > 0)
		memcpy(into, cursor->at, *len);
	cursor->at += *len;
	cursor->left -= *len;
	return WARD_OK;
}

static ward_err ignore(void *context, ward_bytes plain, struct ward_error *error)
{
	(void)context;
	(void)plain;
	(void)error;
	return WARD_OK;
}

static void read_parts(ward_str text)
{
	ward_str manifest_text = ward_str_cut(&text, '\0');
	struct package_manifest manifest;
	struct ward_arena arena;
	uint64_t checkpoint_row;
	unsigned rows;

	ward_arena_init(&arena, 1 << 20);
	if (package_manifest_read(manifest_text, &arena, &manifest, NULL) == WARD_OK &&
			custody_check(text, &manifest, &rows, &checkpoint_row, NULL) == WARD_OK)
		assert(rows >= manifest.item_count);
	ward_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[32] = { 1 };
	struct package_verified verified;

	if (size == 0)
		return 0;
	struct cursor whole = { data + 1, size - 1 }, again = whole;

	if (data[0] & 1) {
		read_parts((ward_str){ (const char *)data + 1, size - 1 });
		return 0;
	}
	ward_err err = package_verify(from, &whole, NULL, &verified, NULL);
	ward_err taken =
			package_take(from, &again, WARD_STR("01900000-0000-7000-8000-0123456789ab"),
					secret, ignore, NULL, NULL);

	assert(!err || taken);
	return 0;
}
