#include "decode/format.h"

/* One IFD of 12-byte entries, in either byte order; the first one describes the picture. */
struct tiff {
	struct ward_reader reader;
	bool little;
};

static uint16_t read_16(struct tiff *tiff)
{
	return tiff->little ? ward_read_u16le(&tiff->reader) : ward_read_u16be(&tiff->reader);
}

static uint32_t read_32(struct tiff *tiff)
{
	return tiff->little ? ward_read_u32le(&tiff->reader) : ward_read_u32be(&tiff->reader);
}

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3

uint32_t exif_orientation(ward_bytes exif)
{
	struct tiff tiff = { .reader = ward_reader_from(exif) };
	ward_bytes order = ward_read_bytes(&tiff.reader, 2);

	if (order.len != 2 || order.ptr[0] != order.ptr[1] ||
			(order.ptr[0] != 'I' && order.ptr[0] != 'M'))
		return 0;
	tiff.little = order.ptr[0] == 'I';
	if (read_16(&tiff) != 42)
		return 0;
	uint32_t at = read_32(&tiff);

	if (at < 8 || at > exif.len)
		return 0;
	tiff.reader = ward_reader_from((ward_bytes){ exif.ptr + at, exif.len - at });
	for (uint16_t left = read_16(&tiff); left > 0 && !tiff.reader.failed; left--) {
		uint16_t tag = read_16(&tiff), type = read_16(&tiff);
		uint32_t count = read_32(&tiff);
		uint16_t value = read_16(&tiff);

		if (tag == TAG_ORIENTATION && type == TYPE_SHORT && count == 1 &&
				!tiff.reader.failed)
			return value >= 1 && value <= 8 ? value : 0;
		read_16(&tiff);
	}
	return 0;
}
