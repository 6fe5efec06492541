#include "decode/picture_fuzz.h"

/* The second bit of the first byte's upper half says which of the two names it goes by. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;

	if (!is_ready)
		decode_prepare();
	is_ready = true;
	return fuzz_picture(size > 0 && data[0] & 32 ? WARD_MEDIA_AVIF : WARD_MEDIA_HEIF, data,
			size);
}
