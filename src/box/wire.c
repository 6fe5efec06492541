#include "box/wire.h"

struct wire_head wire_head(enum wire_kind kind, uint64_t job)
{
	return (struct wire_head){ .magic = WIRE_MAGIC, .kind = kind, .job = job };
}

unsigned wire_kind(ward_bytes message)
{
	struct wire_head head;

	if (message.len < sizeof(head))
		return 0;
	memcpy(&head, message.ptr, sizeof(head));
	if (head.magic != WIRE_MAGIC || head.kind >= WIRE_KIND_COUNT)
		return 0;
	return head.kind;
}

bool wire_read(ward_bytes message, void *out, size_t size)
{
	if (message.len != size)
		return false;
	memcpy(out, message.ptr, size);
	return true;
}

bool wire_read_text(ward_bytes message, void *out, size_t size, ward_str *text)
{
	if (message.len < size || message.len - size > WIRE_TEXT_MAX)
		return false;
	memcpy(out, message.ptr, size);
	*text = (ward_str){ (const char *)message.ptr + size, message.len - size };
	return true;
}
