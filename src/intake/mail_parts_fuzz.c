/*
 * Any bytes as a mail: what is written of it is read again, whole, and lies within its room.
 */
#include "intake/mail_parts.h"

#include <assert.h>

#include "intake/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ROOM = 1 << 20 };
	static struct mail_parts parts;
	static uint8_t out[ROOM];
	static bool prepared;
	size_t len;

	if (!prepared)
		mail_parts_prepare();
	prepared = true;
	if (!mail_parts_write((ward_bytes){ data, size }, out, ROOM, &len)) {
		assert(len == 0);
		return 0;
	}
	assert(len <= ROOM);
	assert(mail_parts_read((ward_bytes){ out, len }, &parts));
	return 0;
}
