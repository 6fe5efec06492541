/* One file of an E01 image: opened, and read where that makes sense. */
#include <assert.h>

#include "disk/ewf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_bytes(void *context, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	const ward_bytes *bytes = context;

	if (file != 0 || at > bytes->len || len > bytes->len - at)
		return false;
	memcpy(to, bytes->ptr + at, len);
	return true;
}

static uint64_t length(void *context, size_t file)
{
	(void)file;
	return ((const ward_bytes *)context)->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_bytes bytes = { data, size };
	const struct disk_source source = { &bytes, read_bytes, 1, length };
	static uint8_t out[65536];
	struct ewf *ewf;
	uint8_t digest[20];

	if (!ewf_is(&source) || ewf_open(&source, &ewf, NULL) != WARD_OK)
		return 0;
	for (uint64_t at = 0; at < ewf_size(ewf) && at < (uint64_t)1 << 20; at += sizeof(out)) {
		uint64_t left = ewf_size(ewf) - at;

		if (!ewf_read(ewf, at, out, left < sizeof(out) ? (size_t)left : sizeof(out)))
			break;
	}
	assert(ewf_stored(ewf, digest) <= sizeof(digest));
	ewf_free(ewf);
	return 0;
}
