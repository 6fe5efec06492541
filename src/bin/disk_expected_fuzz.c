/* A file with digests, beside an image in one file and beside one in three. */
#include <assert.h>

#include "bin/disk_expected.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "/case/d.001", "/case/d.002", "/case/d.003" };

	for (size_t count = 1; count <= 3; count += 2) {
		const struct disk_expected_names names = { paths, count, true };
		struct disk_expected expected = { 0 };
		bool any = disk_expected_parse(&expected, (ward_bytes){ data, size }, names);

		assert(any == (expected.count > 0));
		for (size_t i = 0; i < expected.count; i++) {
			size_t digits = strlen(expected.digests[i].text);

			assert(digits == 32 || digits == 40 || digits == 64);
			assert(expected.digests[i].file < count ||
					expected.digests[i].file == DISK_EXPECTED_WHOLE);
		}
		disk_expected_free(&expected);
	}
	return 0;
}
