/*
 * Any bytes as a document.  The first byte chooses the kind, the rest is the
 * file.  What holds for every document is asserted.
 */
#include <assert.h>

#include "decode/collect.h"
#include "decode/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ward_media_kind kinds[2] = { WARD_MEDIA_MAIL, WARD_MEDIA_MBOX };
	static struct collected all;
	uint64_t bytes = 0;

	if (size == 0)
		return 0;
	if (!all.sink.context) {
		document_prepare();
		collect_init(&all);
	}
	all.options.limits.bytes_max = 1 << 20;
	all.options.limits.parts_max = COLLECT_PARTS_MAX;
	uint8_t *copy;
	ward_bytes file = collect_copy((ward_bytes){ data + 1, size - 1 }, &copy);
	ward_err err = document_read(kinds[data[0] & 1], file, &all.options, &all.sink, &all.error);

	free(copy);
	assert(!err || all.error.message[0] != 0);
	assert(all.part_count <= COLLECT_PARTS_MAX);
	for (uint32_t i = 0; i < all.part_count; i++) {
		assert(!all.part_encrypted[i] || all.part_bytes[i].len == 0);
		bytes += all.part_bytes[i].len;
	}
	assert(bytes <= all.options.limits.bytes_max);
	collect_clear(&all);
	return 0;
}
