#include "decode/find_length.h"

/* False when there are not so many steps left. */
static bool spend(struct find_walk *walk, uint64_t steps)
{
	if (steps > walk->steps) {
		walk->steps = 0;
		return false;
	}
	walk->steps -= steps;
	return true;
}

static size_t whole(struct find_walk *walk, size_t len)
{
	walk->is_whole = true;
	return len;
}

/* It goes on beyond the bytes, or says so. */
static size_t broken(struct find_walk *walk, size_t go_on)
{
	walk->go_on = go_on < walk->bytes.len ? go_on : walk->bytes.len;
	return walk->bytes.len;
}

/* ---- JPEG: ITU-T T.81 annex B, as lenient as libjpeg ---- */

/* Behind the scan's coded bytes: at the marker that ends it, or at the end. */
static size_t behind_scan(ward_bytes bytes, size_t at)
{
	while (at + 1 < bytes.len) {
		const uint8_t *mark = memchr(bytes.ptr + at, 0xff, bytes.len - 1 - at);

		if (!mark)
			return bytes.len;
		at = (size_t)(mark - bytes.ptr);
		/* A byte 0xff that is stuffed, or filled, and restart markers, are within it. */
		if (mark[1] == 0xff)
			at += 1;
		else if (mark[1] == 0 || (mark[1] >= 0xd0 && mark[1] <= 0xd7))
			at += 2;
		else
			return at;
	}
	return bytes.len;
}

/* Where the next marker is, with what is none passed over; the end when there is none. */
static size_t next_marker(ward_bytes bytes, size_t at)
{
	while (at + 1 < bytes.len) {
		const uint8_t *mark = memchr(bytes.ptr + at, 0xff, bytes.len - 1 - at);

		if (!mark)
			return bytes.len;
		at = (size_t)(mark - bytes.ptr);
		if (mark[1] != 0 && mark[1] != 0xff)
			return at;
		at += mark[1] == 0 ? 2 : 1;
	}
	return bytes.len;
}

static bool is_frame_header(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

/* TEM, and restarts outside a scan: markers without a length, which mean nothing. */
static bool stands_alone(uint8_t marker)
{
	return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/*
 * A segment's length, with its two bytes; 0 when it makes no sense.  Those of frames and scans say
 * in two ways how many components they have: so bytes that mean something else do not pass.
 */
static size_t segment_len(ward_bytes bytes, size_t at, uint8_t marker)
{
	size_t left = bytes.len - at;
	size_t len = left >= 2 ? (size_t)bytes.ptr[at] << 8 | bytes.ptr[at + 1] : 0;
	bool ok = len >= 2;

	if (ok && is_frame_header(marker))
		ok = left >= 8 && bytes.ptr[at + 7] > 0 && len == 8u + 3u * bytes.ptr[at + 7];
	if (ok && marker == 0xda)
		ok = left >= 3 && bytes.ptr[at + 2] > 0 && len == 6u + 2u * bytes.ptr[at + 2];
	return ok ? len : 0;
}

size_t find_jpeg_len(struct find_walk *walk)
{
	ward_bytes bytes = walk->bytes;
	size_t at = 2, before = 2;
	bool has_frame = false, has_scan = false;

	for (;;) {
		before = at;
		at = next_marker(bytes, at);
		if (at + 2 > bytes.len || !spend(walk, FIND_SEGMENT + (at - before)))
			break;
		uint8_t marker = bytes.ptr[at + 1];

		at += 2;
		if (marker == 0xd9)
			return has_scan ? whole(walk, at) : 0;
		if (stands_alone(marker))
			continue;
		size_t len = marker >= 0xc0 && marker != 0xd8 ? segment_len(bytes, at, marker) : 0;

		if (len == 0 || (marker == 0xda && !has_frame))
			break;
		has_frame = has_frame || is_frame_header(marker);
		at += len;
		if (at >= bytes.len)
			break;
		if (marker == 0xda) {
			has_scan = true;
			walk->go_on = at;
			at = behind_scan(bytes, at);
		}
	}
	/* What is no marker of a picture ended it, or the end of all. */
	return has_scan ? before : 0;
}

/* ---- PNG ---- */

size_t find_png_len(struct find_walk *walk)
{
	static const uint8_t mark[16] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	ward_bytes bytes = walk->bytes;
	size_t at = 8;

	if (bytes.len < 45 || memcmp(bytes.ptr, mark, sizeof(mark)) != 0)
		return 0;
	while (bytes.len - at >= 12 && spend(walk, FIND_SEGMENT)) {
		struct ward_reader reader =
				ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
		uint32_t len = ward_read_u32be(&reader);
		bool is_end = memcmp(bytes.ptr + at + 4, "IEND", 4) == 0;

		if (len > bytes.len - at - 12)
			return broken(walk, at + 8);
		at += 12 + (size_t)len;
		if (is_end)
			return whole(walk, at);
	}
	return broken(walk, at);
}

/* ---- GIF ---- */

/* Behind blocks of up to 255 bytes, which an empty one ends. */
static void pass_blocks(struct find_walk *walk, struct ward_reader *reader)
{
	uint8_t len;

	do {
		len = ward_read_u8(reader);
		(void)ward_read_bytes(reader, len);
		reader->failed = reader->failed || !spend(walk, 1);
	} while (len > 0 && !reader->failed);
}

static void pass_colours(struct ward_reader *reader, uint8_t flags)
{
	if (flags & 0x80)
		(void)ward_read_bytes(reader, (size_t)3 << ((flags & 7) + 1));
}

size_t find_gif_len(struct find_walk *walk)
{
	struct ward_reader reader = ward_reader_from(walk->bytes);
	bool has_image = false;

	(void)ward_read_bytes(&reader, 10);
	uint8_t flags = ward_read_u8(&reader);

	(void)ward_read_bytes(&reader, 2);
	pass_colours(&reader, flags);
	while (!reader.failed && spend(walk, FIND_SEGMENT)) {
		uint8_t what = ward_read_u8(&reader);
		size_t at = (size_t)(reader.next - walk->bytes.ptr);

		if (reader.failed)
			break;
		if (what == 0x3b)
			return has_image ? whole(walk, at) : 0;
		if (what == 0x2c) {
			(void)ward_read_bytes(&reader, 8);
			pass_colours(&reader, ward_read_u8(&reader));
			(void)ward_read_u8(&reader);
			walk->go_on = has_image ? walk->go_on : at;
			has_image = has_image || !reader.failed;
			pass_blocks(walk, &reader);
		} else if (what == 0x21) {
			(void)ward_read_u8(&reader);
			pass_blocks(walk, &reader);
		} else {
			/* Not what follows a picture: it ended before. */
			return has_image ? at - 1 : 0;
		}
	}
	return has_image ? broken(walk, walk->go_on) : 0;
}

/* ---- BMP ---- */

/* Bytes of its samples; 0 when its head makes no sense. */
static uint64_t bmp_samples(struct ward_reader *reader, uint32_t head_len)
{
	bool is_old = head_len == 12;
	int64_t width = is_old ? ward_read_u16le(reader) : (int32_t)ward_read_u32le(reader);
	int64_t height = is_old ? ward_read_u16le(reader) : (int32_t)ward_read_u32le(reader);
	uint32_t planes = ward_read_u16le(reader), bits = ward_read_u16le(reader);
	uint32_t packing = is_old ? 0 : ward_read_u32le(reader);
	uint32_t stated = is_old ? 0 : ward_read_u32le(reader);
	bool is_plain = packing == 0 || packing == 3 || packing == 6;

	if (reader->failed || width <= 0 || height == 0 || planes != 1 || packing > 6 ||
			(is_plain && bits != 1 && bits != 4 && bits != 8 && bits != 16 &&
					bits != 24 && bits != 32))
		return 0;
	if (!is_plain)
		return stated;
	uint64_t row = ((uint64_t)width * bits + 31) / 32 * 4;

	return row * (uint64_t)(height < 0 ? -height : height);
}

size_t find_bmp_len(struct find_walk *walk)
{
	struct ward_reader reader = ward_reader_from(walk->bytes);
	bool is_bmp = ward_read_u16le(&reader) == 0x4d42;

	(void)ward_read_u32le(&reader);
	is_bmp = ward_read_u32le(&reader) == 0 && is_bmp;
	uint64_t at = ward_read_u32le(&reader);
	uint32_t head_len = ward_read_u32le(&reader);

	if (!is_bmp || (head_len != 12 && (head_len < 40 || head_len > 124)) || at < 14 + head_len)
		return 0;
	uint64_t samples = bmp_samples(&reader, head_len);

	if (samples == 0 || at > walk->bytes.len || samples > walk->bytes.len - at)
		return 0;
	return whole(walk, (size_t)(at + samples));
}

/* ---- RIFF ---- */

size_t find_riff_len(struct find_walk *walk)
{
	ward_bytes bytes = walk->bytes;
	size_t at = 0;

	if (bytes.len < 20 || memcmp(bytes.ptr, "RIFF", 4) != 0)
		return 0;
	walk->kind = ward_media_identify((ward_bytes){ bytes.ptr, 12 });
	if (walk->kind != WARD_MEDIA_WEBP && walk->kind != WARD_MEDIA_VIDEO)
		return 0;
	walk->extension = walk->kind == WARD_MEDIA_VIDEO ? ".avi" : ".webp";
	/* A long AVI goes on in further ones. */
	do {
		struct ward_reader reader = ward_reader_from(
				(ward_bytes){ bytes.ptr + at + 4, bytes.len - at - 4 });
		uint64_t len = ward_read_u32le(&reader);

		len += 8 + (len & 1);
		if (len < 20 || (len > bytes.len - at && len - 1 > bytes.len - at) ||
				!spend(walk, FIND_SEGMENT))
			return broken(walk, at + 12);
		at = len < bytes.len - at ? at + (size_t)len : bytes.len;
	} while (walk->kind == WARD_MEDIA_VIDEO && bytes.len - at >= 12 &&
			memcmp(bytes.ptr + at, "RIFF", 4) == 0 &&
			memcmp(bytes.ptr + at + 8, "AVIX", 4) == 0);
	return whole(walk, at);
}

/* ---- boxes: ISO 14496-12 ---- */

/* Those that stand on their own; what has another name, or none, is behind the end. */
static bool is_outer_box(const uint8_t *type)
{
	static const char types[][5] = { "ftyp", "styp", "moov", "moof", "mfra", "mdat", "free",
		"skip", "wide", "meta", "uuid", "sidx", "ssix", "pdin", "prft", "emsg", "pnot",
		"PICT", "udta", "idat" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (memcmp(type, types[i], 4) == 0)
			return true;
	}
	return false;
}

size_t find_boxes_len(struct find_walk *walk)
{
	ward_bytes bytes = walk->bytes;
	size_t at = 0;

	walk->kind = ward_media_identify((ward_bytes){ bytes.ptr,
			bytes.len < WARD_MEDIA_HEAD ? bytes.len : WARD_MEDIA_HEAD });
	if (walk->kind != WARD_MEDIA_HEIF && walk->kind != WARD_MEDIA_AVIF &&
			walk->kind != WARD_MEDIA_VIDEO)
		return 0;
	walk->extension = walk->kind == WARD_MEDIA_VIDEO  ? ".mp4"
			  : walk->kind == WARD_MEDIA_HEIF ? ".heic"
							  : ".avif";
	for (size_t boxes = 0; spend(walk, FIND_SEGMENT); boxes++) {
		struct ward_reader reader =
				ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
		uint64_t len = ward_read_u32be(&reader), head = len == 1 ? 16 : 8;
		ward_bytes type = ward_read_bytes(&reader, 4);

		if (len == 1) {
			len = (uint64_t)ward_read_u32be(&reader) << 32;
			len |= ward_read_u32be(&reader);
		}
		/* A second film or picture right behind the first has a beginning of its own. */
		if (reader.failed || !is_outer_box(type.ptr) || (len != 0 && len < head) ||
				(boxes > 0 && memcmp(type.ptr, "ftyp", 4) == 0))
			return boxes > 1 ? whole(walk, at) : 0;
		/* The last one may be as long as all that is left. */
		if (len == 0)
			return boxes > 0 ? whole(walk, bytes.len) : 0;
		if (len > bytes.len - at)
			return boxes > 0 ? broken(walk, at + (size_t)head) : 0;
		at += (size_t)len;
	}
	return broken(walk, at);
}

/* ---- Matroska: RFC 8794 ---- */

/* A length of one to eight bytes; all ones mean that nobody knew it, as a stream is written. */
static uint64_t element_len(struct ward_reader *reader)
{
	uint8_t first = ward_read_u8(reader);
	unsigned more = 0;

	while (more < 8 && !(first & 0x80 >> more))
		more++;
	uint64_t len = more < 8 ? first & (0x7f >> more) : 0, most = 0x7f >> more;

	for (unsigned i = 0; i < more && more < 8; i++) {
		len = len << 8 | ward_read_u8(reader);
		most = most << 8 | 0xff;
	}
	return len == most ? UINT64_MAX : len;
}

size_t find_matroska_len(struct find_walk *walk)
{
	struct ward_reader reader = ward_reader_from(walk->bytes);

	if (ward_read_u32be(&reader) != 0x1a45dfa3)
		return 0;
	uint64_t head = element_len(&reader);

	if (head > WARD_MEDIA_HEAD)
		return 0;
	(void)ward_read_bytes(&reader, (size_t)head);
	if (ward_read_u32be(&reader) != 0x18538067)
		return 0;
	uint64_t len = element_len(&reader);

	if (reader.failed)
		return 0;
	walk->kind = WARD_MEDIA_VIDEO;
	walk->extension = ".mkv";
	size_t at = (size_t)(reader.next - walk->bytes.ptr);

	if (len == UINT64_MAX)
		return whole(walk, walk->bytes.len);
	return len > walk->bytes.len - at ? broken(walk, at) : whole(walk, at + (size_t)len);
}
