/*
 * Any bytes as EXIF: what they say of a picture's orientation, and their thumbnail, lies within
 * them.
 */
#include <assert.h>

#include "decode/collect.h"
#include "decode/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	ward_bytes exif = collect_copy((ward_bytes){ data, size }, &copy);
	ward_bytes thumbnail = exif_thumbnail(exif);

	assert(exif_orientation(exif) <= 8);
	assert(thumbnail.len == 0 ||
			(thumbnail.ptr >= exif.ptr && thumbnail.len <= exif.len &&
					thumbnail.ptr - exif.ptr <=
							(ptrdiff_t)(exif.len - thumbnail.len)));
	free(copy);
	return 0;
}
