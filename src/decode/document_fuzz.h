/* document_fuzz.h - for fuzz targets: any bytes as one kind of document; what holds for all is
 * asserted */
#ifndef DECODE_DOCUMENT_FUZZ_H
#define DECODE_DOCUMENT_FUZZ_H

#include "decode/collect.h"
#include "decode/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline int fuzz_document(ward_media_kind kind, ward_bytes input)
{
	static struct collected all;
	uint8_t *copy;

	if (!all.sink.context) {
		/* For mails alone: the C library's loading of character sets is no sight for
		 * valgrind. */
		if (kind == WARD_MEDIA_MAIL || kind == WARD_MEDIA_MBOX)
			document_prepare();
		collect_init(&all);
	}
	all.options.limits.bytes_max = 1 << 20;
	all.options.limits.pixels_max = 1 << 20;
	all.options.limits.parts_max = COLLECT_PARTS_MAX;
	ward_bytes file = collect_copy(input, &copy);
	ward_err err = document_read(kind, file, &all.options, &all.sink, &all.error);

	free(copy);
	collect_assert_parts(&all, err);
	collect_clear(&all);
	return 0;
}

#endif
