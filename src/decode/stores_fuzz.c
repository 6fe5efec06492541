/*
 * Any bytes as a file that programs keep things in.  The first byte chooses which, the rest is it;
 * or what is found among any bytes.
 */
#include "decode/document_fuzz.h"
#include "decode/find_picture.h"

/* What is found lies within the bytes, one behind the other, and the search ends. */
static void fuzz_find(ward_bytes bytes)
{
	struct find find = find_in(bytes);
	struct found_picture found;
	size_t end = 0;

	if (find_here(&find, &found))
		end = found.at + found.len;
	if (end > bytes.len)
		abort();
	while (find_next(&find, &found)) {
		if (found.at < end || found.len == 0 || found.at > bytes.len ||
				found.len > bytes.len - found.at || !found.extension)
			abort();
		end = found.at + found.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ward_media_kind kinds[] = { WARD_MEDIA_OLE, WARD_MEDIA_THUMBCACHE,
		WARD_MEDIA_SQLITE, WARD_MEDIA_DS_STORE, WARD_MEDIA_RTF };
	uint8_t *copy;

	if (size == 0)
		return 0;
	size_t which = data[0] % (sizeof(kinds) / sizeof(*kinds) + 1);
	ward_bytes rest = { data + 1, size - 1 };

	if (which < sizeof(kinds) / sizeof(*kinds))
		return fuzz_document(kinds[which], rest);
	fuzz_find(collect_copy(rest, &copy));
	free(copy);
	return 0;
}
