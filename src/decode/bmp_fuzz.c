#include "decode/picture_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_picture(WARD_MEDIA_BMP, data, size);
}
