/*
 * Any bytes as what the process wrote that takes mails apart.  Parts lie within them, and are few.
 */
#include "intake/mail.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mail_parts parts;
	size_t sum = 1;

	if (!mail_parts_read((ward_bytes){ data, size }, &parts))
		return 0;
	assert(parts.count <= MAIL_PARTS_MAX);
	for (size_t i = 0; i < parts.count; i++) {
		const struct mail_part *part = &parts.at[i];

		sum += 9 + part->type.len + part->bytes.len;
		assert(part->bytes.len == 0 || part->bytes.ptr + part->bytes.len <= data + size);
	}
	assert(sum == size);
	return 0;
}
