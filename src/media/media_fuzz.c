/*
 * Any beginning of a file has one kind, and the kind has a name.  What a
 * longer look says is not held against a shorter one, except that a file with
 * bytes is never empty.
 */
#include <assert.h>

#include <ward/media.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_media_kind kind = ward_media_identify((ward_bytes){ data, size });

	assert((unsigned)kind < WARD_MEDIA_KIND_COUNT);
	assert((kind == WARD_MEDIA_EMPTY) == (size == 0));
	assert(!(ward_media_is_picture(kind) && ward_media_is_archive(kind)));
	assert(ward_media_name(kind)[0] != 0 && ward_media_mime(kind)[0] != 0);
	return 0;
}
