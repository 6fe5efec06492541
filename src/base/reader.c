#include <ward/base.h>

struct ward_reader ward_reader_from(ward_bytes bytes)
{
	static const uint8_t nothing[1];
	const uint8_t *start = bytes.ptr ? bytes.ptr : nothing;

	return (struct ward_reader){ start, start + (bytes.ptr ? bytes.len : 0), false };
}

size_t ward_reader_left(const struct ward_reader *reader)
{
	return (size_t)(reader->end - reader->next);
}

ward_bytes ward_read_bytes(struct ward_reader *reader, size_t len)
{
	ward_bytes bytes = { reader->next, len };

	if (reader->failed || len > ward_reader_left(reader)) {
		reader->failed = true;
		return (ward_bytes){ reader->end, 0 };
	}
	reader->next += len;
	return bytes;
}

/* `len` bytes, least significant first. */
static uint64_t read_le(struct ward_reader *reader, size_t len)
{
	ward_bytes bytes = ward_read_bytes(reader, len);
	uint64_t value = 0;

	for (size_t i = bytes.len; i > 0; i--)
		value = value << 8 | bytes.ptr[i - 1];
	return value;
}

static uint64_t read_be(struct ward_reader *reader, size_t len)
{
	ward_bytes bytes = ward_read_bytes(reader, len);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.ptr[i];
	return value;
}

uint8_t ward_read_u8(struct ward_reader *reader)
{
	return (uint8_t)read_le(reader, 1);
}

uint16_t ward_read_u16le(struct ward_reader *reader)
{
	return (uint16_t)read_le(reader, 2);
}

uint32_t ward_read_u32le(struct ward_reader *reader)
{
	return (uint32_t)read_le(reader, 4);
}

uint64_t ward_read_u64le(struct ward_reader *reader)
{
	return read_le(reader, 8);
}

uint16_t ward_read_u16be(struct ward_reader *reader)
{
	return (uint16_t)read_be(reader, 2);
}

uint32_t ward_read_u32be(struct ward_reader *reader)
{
	return (uint32_t)read_be(reader, 4);
}
