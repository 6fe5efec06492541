/* Bytes of free space: what is carved lies within them, and the walk comes to an end. */
#include <assert.h>

#include "disk/carve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_bytes(void *context, uint64_t at, uint8_t *to, size_t len)
{
	const ward_bytes *bytes = context;

	if (at > bytes->len || len > bytes->len - at)
		return false;
	memcpy(to, bytes->ptr + at, len);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_bytes bytes = { data, size };
	const struct carve_source source = { &bytes, read_bytes, size };
	struct carved carved;

	if (carve_at(&source, 0, &carved))
		assert(carved.len > 0 && carved.len <= size && carved.extension[0]);
	return 0;
}
