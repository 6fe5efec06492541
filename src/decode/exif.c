#include "decode/format.h"

/* One IFD of 12-byte entries, in either byte order; the first one describes the picture, the second
 * its thumbnail. */
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

#define TAG_ORIENTATION   0x0112
#define TAG_THUMBNAIL_AT  0x0201
#define TAG_THUMBNAIL_LEN 0x0202
#define TYPE_SHORT        3
#define TYPE_LONG         4

/* Goes on at the IFD whose offset is next; false when there is none. */
static bool enter(struct tiff *tiff, ward_bytes exif)
{
	uint32_t at = read_32(tiff);

	if (tiff->reader.failed || at < 8 || at > exif.len)
		return false;
	tiff->reader = ward_reader_from((ward_bytes){ exif.ptr + at, exif.len - at });
	return true;
}

/* At the first IFD; false when this is no TIFF structure. */
static bool open_exif(struct tiff *tiff, ward_bytes exif)
{
	*tiff = (struct tiff){ .reader = ward_reader_from(exif) };
	ward_bytes order = ward_read_bytes(&tiff->reader, 2);

	if (order.len != 2 || order.ptr[0] != order.ptr[1] ||
			(order.ptr[0] != 'I' && order.ptr[0] != 'M'))
		return false;
	tiff->little = order.ptr[0] == 'I';
	return read_16(tiff) == 42 && enter(tiff, exif);
}

uint32_t exif_orientation(ward_bytes exif)
{
	struct tiff tiff;

	if (!open_exif(&tiff, exif))
		return 0;
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

ward_bytes exif_thumbnail(ward_bytes exif)
{
	static const uint8_t mark[3] = { 0xff, 0xd8, 0xff };
	const ward_bytes none = { NULL, 0 };
	uint32_t at = 0, len = 0;
	struct tiff tiff;

	if (!open_exif(&tiff, exif))
		return none;
	ward_read_bytes(&tiff.reader, (size_t)read_16(&tiff) * 12);
	if (!enter(&tiff, exif))
		return none;
	for (uint16_t left = read_16(&tiff); left > 0 && !tiff.reader.failed; left--) {
		uint16_t tag = read_16(&tiff), type = read_16(&tiff);

		read_32(&tiff);
		uint32_t value = read_32(&tiff);

		if (tag == TAG_THUMBNAIL_AT && type == TYPE_LONG)
			at = value;
		else if (tag == TAG_THUMBNAIL_LEN && type == TYPE_LONG)
			len = value;
	}
	if (tiff.reader.failed || at > exif.len || len > exif.len - at || len < sizeof(mark) ||
			memcmp(exif.ptr + at, mark, sizeof(mark)) != 0)
		return none;
	return (ward_bytes){ exif.ptr + at, len };
}
