/* An operator's file of helplines: any text is read or refused. */
#include <assert.h>

#include "portal/helplines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct helplines *helplines = NULL;
	struct ward_error error;

	if (helplines_read((ward_str){ (const char *)data, size }, &helplines, &error) == WARD_OK) {
		assert(helplines_count(helplines) > 0);
		assert(helplines_at(helplines, 0)->emergency_count > 0);
	}
	helplines_free(helplines);
	return 0;
}
