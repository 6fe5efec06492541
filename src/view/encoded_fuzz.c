/*
 * Any bytes as a view: what is let through begins and ends as it must.  The
 * first five bytes say what was announced.
 */
#include <assert.h>

#include "view/encoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_reader reader = ward_reader_from((ward_bytes){ data, size });
	const struct ward_view_facts facts = {
		.kind = ward_read_u8(&reader) & 1 ? WARD_MEDIA_JPEG : WARD_MEDIA_PNG,
		.width = ward_read_u16le(&reader),
		.height = ward_read_u16le(&reader),
		.frames = 1,
	};
	ward_bytes bytes = { reader.next, ward_reader_left(&reader) };
	struct ward_error error = { 0 };

	if (encoded_check(bytes, &facts, &error)) {
		assert(error.message[0] != 0);
		return 0;
	}
	assert(ward_media_identify(bytes) == facts.kind && bytes.len > 40);
	if (facts.kind == WARD_MEDIA_JPEG)
		assert(bytes.ptr[bytes.len - 2] == 0xff && bytes.ptr[bytes.len - 1] == 0xd9);
	return 0;
}
