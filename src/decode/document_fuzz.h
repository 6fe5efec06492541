/* document_fuzz.h - for fuzz targets: any bytes as one kind of document; what holds for all is
 * asserted */
#ifndef DECODE_DOCUMENT_FUZZ_H
#define DECODE_DOCUMENT_FUZZ_H

#include <assert.h>

#include "decode/collect.h"
#include "decode/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline int fuzz_document(ward_media_kind kind, ward_bytes input)
{
	static struct collected all;
	uint64_t bytes = 0;
	uint8_t *copy;

	if (!all.sink.context) {
		/* Not for PDFs: the C library's loading of character sets is no sight for valgrind.
		 */
		if (kind != WARD_MEDIA_PDF)
			document_prepare();
		collect_init(&all);
	}
	all.options.limits.bytes_max = 1 << 20;
	all.options.limits.pixels_max = 1 << 20;
	all.options.limits.parts_max = COLLECT_PARTS_MAX;
	ward_bytes file = collect_copy(input, &copy);
	ward_err err = document_read(kind, file, &all.options, &all.sink, &all.error);

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

#endif
