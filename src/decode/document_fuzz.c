/* Any bytes as mail.  The first byte chooses one message or several, the rest is the file. */
#include "decode/document_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	return fuzz_document(data[0] & 1 ? WARD_MEDIA_MBOX : WARD_MEDIA_MAIL,
			(ward_bytes){ data + 1, size - 1 });
}
