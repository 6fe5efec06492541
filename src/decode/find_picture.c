#include "decode/find_picture.h"

/* Segments before the picture's own header; cameras write some dozens, ICC profiles up to 255. */
#define SEGMENTS_MAX 512

/* So much of a GIF without an image is no GIF: its comments are shorter. */
#define COMMENTS_MAX (64 << 10)

/* ---- JPEG: ITU-T T.81 annex B ---- */

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

static bool is_frame_header(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

/* Its length; 0 when what begins here is no picture. */
static size_t jpeg_len(ward_bytes bytes)
{
	size_t at = 2, segments = 0;
	bool has_frame = false, has_scan = false;

	while (at + 4 <= bytes.len && bytes.ptr[at] == 0xff) {
		uint8_t marker = bytes.ptr[at + 1];

		if (marker == 0xd9)
			return has_scan ? at + 2 : 0;
		if (marker == 0xff) {
			at++;
			continue;
		}
		size_t len = (size_t)bytes.ptr[at + 2] << 8 | bytes.ptr[at + 3];

		if (marker < 0xc0 || marker == 0xd8 || len < 2 || ++segments > SEGMENTS_MAX)
			break;
		has_frame = has_frame || is_frame_header(marker);
		at += 2 + len;
		if (marker != 0xda)
			continue;
		if (!has_frame || at >= bytes.len)
			return 0;
		has_scan = true;
		segments = 0;
		at = behind_scan(bytes, at);
	}
	if (!has_scan)
		return 0;
	/* The last marker may be all that is left. */
	if (at + 2 <= bytes.len && bytes.ptr[at] == 0xff && bytes.ptr[at + 1] == 0xd9)
		return at + 2;
	return at < bytes.len ? at : bytes.len;
}

/* ---- PNG ---- */

static size_t png_len(ward_bytes bytes)
{
	static const uint8_t mark[16] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	size_t at = 8;

	if (bytes.len < 45 || memcmp(bytes.ptr, mark, sizeof(mark)) != 0)
		return 0;
	while (bytes.len - at >= 12) {
		struct ward_reader reader =
				ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
		uint32_t len = ward_read_u32be(&reader);
		bool is_end = memcmp(bytes.ptr + at + 4, "IEND", 4) == 0;

		if (len > bytes.len - at - 12)
			return bytes.len;
		at += 12 + (size_t)len;
		if (is_end)
			return at;
	}
	return bytes.len;
}

/* ---- GIF ---- */

/* Behind blocks of up to 255 bytes, which an empty one ends. */
static bool pass_blocks(struct ward_reader *reader)
{
	uint8_t len;

	do {
		len = ward_read_u8(reader);
		(void)ward_read_bytes(reader, len);
	} while (len > 0 && !reader->failed);
	return !reader->failed;
}

static void pass_colours(struct ward_reader *reader, uint8_t flags)
{
	if (flags & 0x80)
		(void)ward_read_bytes(reader, (size_t)3 << ((flags & 7) + 1));
}

static size_t gif_len(ward_bytes bytes)
{
	struct ward_reader reader = ward_reader_from(bytes);
	bool has_image = false;

	(void)ward_read_bytes(&reader, 10);
	uint8_t flags = ward_read_u8(&reader);

	(void)ward_read_bytes(&reader, 2);
	pass_colours(&reader, flags);
	while (!reader.failed && (has_image || reader.next - bytes.ptr < COMMENTS_MAX)) {
		uint8_t what = ward_read_u8(&reader);

		if (reader.failed)
			break;
		if (what == 0x3b)
			return has_image ? (size_t)(reader.next - bytes.ptr) : 0;
		if (what == 0x2c) {
			(void)ward_read_bytes(&reader, 8);
			pass_colours(&reader, ward_read_u8(&reader));
			(void)ward_read_u8(&reader);
			has_image = !reader.failed;
			(void)pass_blocks(&reader);
		} else if (what == 0x21) {
			(void)ward_read_u8(&reader);
			(void)pass_blocks(&reader);
		} else {
			/* Not what follows a picture: it ended before. */
			return has_image ? (size_t)(reader.next - bytes.ptr) - 1 : 0;
		}
	}
	return has_image ? bytes.len : 0;
}

/* ---- all of them ---- */

static bool begins_here(ward_bytes bytes, struct found_picture *found)
{
	found->len = 0;
	if (bytes.len < 16)
		return false;
	if (memcmp(bytes.ptr, "\xff\xd8\xff", 3) == 0) {
		found->kind = WARD_MEDIA_JPEG;
		found->len = jpeg_len(bytes);
	} else if (bytes.ptr[0] == 0x89) {
		found->kind = WARD_MEDIA_PNG;
		found->len = png_len(bytes);
	} else if (memcmp(bytes.ptr, "GIF87a", 6) == 0 || memcmp(bytes.ptr, "GIF89a", 6) == 0) {
		found->kind = WARD_MEDIA_GIF;
		found->len = gif_len(bytes);
	}
	return found->len > 0;
}

/* ISO 14496-12: a film begins with a box of this name, behind the box's length. */
static bool film_begins_here(ward_bytes bytes, struct found_picture *found)
{
	if (bytes.len < 16 || bytes.ptr[0] != 0 || bytes.ptr[1] != 0 ||
			memcmp(bytes.ptr + 4, "ftyp", 4) != 0)
		return false;
	found->len = bytes.len;
	if (bytes.len > WARD_MEDIA_HEAD)
		bytes.len = WARD_MEDIA_HEAD;
	found->kind = ward_media_identify(bytes);
	return found->kind == WARD_MEDIA_VIDEO;
}

static bool find(ward_bytes bytes, size_t from, bool films, struct found_picture *found)
{
	for (size_t at = from; at < bytes.len; at++) {
		uint8_t first = bytes.ptr[at];
		ward_bytes rest = { bytes.ptr + at, bytes.len - at };
		bool is = first == 0xff || first == 0x89 || first == 'G'
					  ? begins_here(rest, found)
					  : first == 0 && films && film_begins_here(rest, found);

		if (is) {
			found->at = at;
			return true;
		}
	}
	return false;
}

bool find_picture(ward_bytes bytes, size_t from, struct found_picture *found)
{
	return find(bytes, from, false, found);
}

bool find_behind(ward_bytes bytes, size_t from, struct found_picture *found)
{
	return find(bytes, from, true, found);
}

const char *find_picture_extension(ward_media_kind kind)
{
	static const char *const extensions[WARD_MEDIA_KIND_COUNT] = {
		[WARD_MEDIA_JPEG] = ".jpg",
		[WARD_MEDIA_PNG] = ".png",
		[WARD_MEDIA_GIF] = ".gif",
		[WARD_MEDIA_BMP] = ".bmp",
		[WARD_MEDIA_TIFF] = ".tif",
		[WARD_MEDIA_WEBP] = ".webp",
		[WARD_MEDIA_VIDEO] = ".mp4",
	};

	return (unsigned)kind < WARD_MEDIA_KIND_COUNT && extensions[kind] ? extensions[kind] : "";
}
