/* Any bytes as a PDF. */
#include "decode/document_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(WARD_MEDIA_PDF, (ward_bytes){ data, size });
}
