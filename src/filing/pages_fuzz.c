/* Any bytes are an order that is drawn, or an error; what is drawn is a PDF. */
#include "filing/pages_order.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool prepared;
	struct ward_error error;
	struct ward_buf out;

	if (!prepared)
		prepared = pages_prepare();
	assert(prepared);
	ward_buf_init(&out, PAGES_BYTES_MAX);
	if (pages_draw((ward_bytes){ data, size }, &out, &error) == WARD_OK)
		assert(out.len > 5 && memcmp(ward_buf_text(&out).ptr, "%PDF-", 5) == 0);
	ward_buf_free(&out);
	return 0;
}
