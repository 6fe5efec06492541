/* A table of mounts, whose paths are chosen by whoever may mount. */
#include "agent/mounts.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mounts mounts;

	if (mounts_parse((ward_str){ (const char *)data, size }, &mounts, NULL) != WARD_OK)
		return 0;
	for (size_t i = 0; i < mounts.count; i++)
		assert(mounts_has(&mounts, mounts.at[i].id, mounts.at[i].path));
	(void)mounts_find(&mounts, "/srv/a");
	mounts_free(&mounts);
	return 0;
}
