/* A container's space manager: free ranges come in order, none twice, and all within it. */
#include <assert.h>
#include <string.h>

#include "disk/apfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	ward_bytes bytes;
	uint64_t next;
};

static bool read_bytes(void *context, uint64_t at, uint8_t *to, size_t len)
{
	const struct told *told = context;

	if (at > told->bytes.len || len > told->bytes.len - at)
		return false;
	memcpy(to, told->bytes.ptr + at, len);
	return true;
}

static bool take_range(void *context, uint64_t offset, uint64_t len)
{
	struct told *told = context;

	assert(len > 0 && offset >= told->next && offset <= told->bytes.len &&
			len <= told->bytes.len - offset);
	told->next = offset + len;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int unchecked = 0; unchecked < 2; unchecked++) {
		struct told told = { { data, size }, 0 };
		const struct apfs_source source = { &told, read_bytes, size, unchecked };

		if (apfs_free(&source, take_range, &told))
			assert(told.next <= size);
	}
	return 0;
}
