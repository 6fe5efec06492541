/* Any bytes as a file that programs keep things in.  The first byte chooses which, the rest is it.
 */
#include "decode/document_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const ward_media_kind kinds[] = { WARD_MEDIA_OLE, WARD_MEDIA_THUMBCACHE,
		WARD_MEDIA_SQLITE, WARD_MEDIA_DS_STORE };

	if (size == 0)
		return 0;
	return fuzz_document(kinds[data[0] % (sizeof(kinds) / sizeof(*kinds))],
			(ward_bytes){ data + 1, size - 1 });
}
