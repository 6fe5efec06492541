/*
 * Any text as the file of checkpoints.  What is read is printed to the very bytes it was read from.
 */
#include "audit/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool print(void *context, const struct checkpoint *checkpoint)
{
	char line[CHECKPOINT_LINE_MAX];
	struct ward_buf *printed = context;

	ward_buf_printf(printed, "%s\n", checkpoint_format(checkpoint, line));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct ward_error error = { .message = "" };
	struct ward_buf printed;
	bool torn;

	ward_buf_init(&printed, size + CHECKPOINT_LINE_MAX);
	ward_err err = checkpoint_read(text, print, &printed, &torn, &error);

	assert(!err || (err == WARD_E_CORRUPT && error.message[0]));
	assert(!printed.failed && printed.len <= size);
	assert(printed.len == 0 || memcmp(printed.ptr, data, printed.len) == 0);
	if (!err)
		assert(torn == (size > 0 && data[size - 1] != '\n'));
	if (!err && !torn)
		assert(printed.len == size);
	ward_buf_free(&printed);
	return 0;
}
