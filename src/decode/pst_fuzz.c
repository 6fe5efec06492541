/* Any bytes as a mailbox of Outlook.  Seeds are written by tests/scenario/pst_make.py. */
#include "decode/document_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(WARD_MEDIA_PST, (ward_bytes){ data, size });
}
