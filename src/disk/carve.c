#include "disk/carve.h"

/* Nothing smaller is a picture; nothing larger is believed without its end. */
#define PICTURE_MIN ((uint64_t)100)
#define PICTURE_MAX ((uint64_t)256 << 20)
#define VIDEO_MAX   ((uint64_t)64 << 30)
/* A part is told from here on: the head alone shows nothing. */
#define PARTIAL_MIN ((uint64_t)2048)

/* Chunks, boxes, blocks of one file; a real film has some thousand. */
enum { STEPS_MAX = 1 << 20 };

/* ---- a cursor on the source ---- */

struct cursor {
	const struct carve_source *source;
	uint64_t at, end; /* next to be read; behind the last that may be */
	bool failed;      /* read beyond that */
	uint64_t window_at;
	size_t window_len;
	uint8_t window[16384];
};

static bool fill(struct cursor *c)
{
	uint64_t left = c->at < c->end ? c->end - c->at : 0;
	size_t len = left < sizeof(c->window) ? (size_t)left : sizeof(c->window);

	c->window_at = c->at;
	c->window_len = len > 0 && c->source->read(c->source->context, c->at, c->window, len) ? len
											      : 0;
	if (c->window_len == 0)
		c->failed = true;
	return !c->failed;
}

static uint8_t get(struct cursor *c)
{
	if (c->failed)
		return 0;
	if ((c->at < c->window_at || c->at - c->window_at >= c->window_len) && !fill(c))
		return 0;
	uint8_t byte = c->window[c->at - c->window_at];

	c->at++;
	return byte;
}

static void skip(struct cursor *c, uint64_t len)
{
	if (c->at > c->end || len > c->end - c->at)
		c->failed = true;
	else
		c->at += len;
}

static uint64_t get_be(struct cursor *c, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | get(c);
	return value;
}

static uint32_t get_le32(struct cursor *c)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value |= (uint32_t)get(c) << (8 * i);
	return value;
}

/* ---- JPEG: ISO/IEC 10918-1, annex B ---- */

/* Behind the entropy-coded bytes; the marker that ends them, or 0. */
static uint8_t skip_entropy(struct cursor *c)
{
	while (!c->failed) {
		if (get(c) != 0xff)
			continue;
		uint8_t next = get(c);

		while (next == 0xff)
			next = get(c);
		if (next != 0 && (next < 0xd0 || next > 0xd7))
			return next;
	}
	return 0;
}

static bool jpeg(struct cursor *c, struct carved *carved)
{
	bool picture = false;
	uint64_t good = c->at;

	skip(c, 2);
	uint8_t marker = get(c) == 0xff ? get(c) : 0;

	for (int i = 0; i < STEPS_MAX && !c->failed; i++) {
		if (marker == 0xd9) {
			carved->partial = false;
			return picture;
		}
		/* SOF to COM, but for those that stand alone and mean nothing here. */
		if (marker < 0xc0 || marker == 0xd8 || (marker >= 0xd0 && marker <= 0xd7))
			break;
		uint64_t len = get_be(c, 2);

		if (len < 2)
			break;
		skip(c, len - 2);
		if (c->failed)
			break;
		picture |= marker == 0xda;
		good = c->at;
		if (marker == 0xda) {
			marker = skip_entropy(c);
			good = c->failed ? c->end : c->at - 2;
		} else {
			marker = get(c) == 0xff ? get(c) : 0;
			while (marker == 0xff)
				marker = get(c);
		}
	}
	c->failed = false;
	c->at = good;
	carved->partial = true;
	return picture;
}

/* ---- PNG ---- */

/* Four letters. */
static bool is_chunk(uint32_t type)
{
	for (int shift = 0; shift < 32; shift += 8) {
		uint8_t letter = (uint8_t)(type >> shift) | 0x20;

		if (letter < 'a' || letter > 'z')
			return false;
	}
	return true;
}

static bool png(struct cursor *c, struct carved *carved)
{
	bool data = false;
	uint64_t good = c->at;

	skip(c, 8);
	for (int i = 0; i < STEPS_MAX; i++) {
		uint64_t len = get_be(c, 4);
		uint32_t type = (uint32_t)get_be(c, 4);

		if (c->failed || len > INT32_MAX || !is_chunk(type) ||
				(i == 0 && (type != 0x49484452 || len != 13)))
			break;
		data |= type == 0x49444154;
		good = c->end; /* what there is of this chunk, should it break off here */
		skip(c, len + 4);
		if (c->failed)
			break;
		good = c->at;
		if (type == 0x49454e44)
			return data;
	}
	c->failed = false;
	c->at = good;
	carved->partial = true;
	return data;
}

/* ---- GIF ---- */

static void skip_blocks(struct cursor *c)
{
	for (int i = 0; i < STEPS_MAX && !c->failed; i++) {
		uint8_t len = get(c);

		if (len == 0)
			return;
		skip(c, len);
	}
	c->failed = true;
}

static void skip_table(struct cursor *c, uint8_t flags)
{
	if (flags & 0x80)
		skip(c, (uint64_t)3 << ((flags & 7) + 1));
}

static bool gif(struct cursor *c, struct carved *carved)
{
	bool picture = false;
	uint64_t good;

	skip(c, 10);
	uint8_t flags = get(c);

	skip(c, 2);
	skip_table(c, flags);
	good = c->at;
	for (int i = 0; i < STEPS_MAX && !c->failed; i++) {
		uint8_t kind = get(c);

		if (c->failed)
			break;
		if (kind == 0x3b)
			return picture;
		if (kind == 0x21) {
			skip(c, 1);
		} else if (kind == 0x2c) {
			skip(c, 8);
			skip_table(c, get(c));
			skip(c, 1);
			picture = true;
		} else {
			break;
		}
		skip_blocks(c);
		good = c->failed ? c->end : c->at;
	}
	c->failed = false;
	c->at = good;
	carved->partial = true;
	return picture;
}

/* ---- RIFF: WebP and AVI ---- */

static bool riff(struct cursor *c, struct carved *carved, bool video)
{
	skip(c, 4);
	uint64_t len = get_le32(c);
	uint64_t from = c->at;

	skip(c, 4);
	uint32_t first = get_le32(c);

	/* "VP8 ", "VP8L", "VP8X"; "LIST". */
	if (c->failed || len < 16 || (video ? first != 0x5453494c : (first & 0xffffff) != 0x385056))
		return false;
	c->at = from;
	len += len & 1;
	if (len > c->end - c->at) {
		carved->partial = true;
		len = c->end - c->at;
	}
	c->at += len;
	/* Longer films go on in further ones: OpenDML's "RIFF" size "AVIX". */
	for (int i = 0; video && !carved->partial && i < STEPS_MAX; i++) {
		uint64_t end = c->at;
		uint32_t name = get_le32(c);
		uint64_t more = get_le32(c);
		uint32_t form = get_le32(c);

		if (c->failed || name != 0x46464952 || form != 0x58495641 || more < 4 ||
				more - 4 > c->end - c->at) {
			c->failed = false;
			c->at = end;
			break;
		}
		c->at += more - 4 + (more & 1);
	}
	return true;
}

/* ---- BMP ---- */

static bool bmp(struct cursor *c)
{
	uint64_t from = c->at;

	skip(c, 2);
	uint64_t len = get_le32(c);
	uint32_t reserved = get_le32(c);
	uint64_t pixels = get_le32(c);
	uint32_t head = get_le32(c);
	uint32_t width = get_le32(c);
	int64_t height = (int32_t)get_le32(c); /* negative: from the top */
	uint32_t planes_bits = get_le32(c);
	uint32_t bits = planes_bits >> 16;

	if (c->failed || reserved != 0 || (head != 40 && head != 108 && head != 124) ||
			pixels < 14 + head || pixels >= len || (planes_bits & 0xffff) != 1 ||
			width == 0 || width > 65535 || height == 0 || height > 65535 ||
			height < -65535 ||
			(bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 &&
					bits != 32) ||
			len > c->end - from)
		return false;
	c->at = from + len;
	return true;
}

/* ---- boxes: ISO/IEC 14496-12 ---- */

/* What stands at the top of a film or a picture; anything else ends it. */
static bool is_top_box(uint32_t type)
{
	static const char known[][5] = { "ftyp", "moov", "mdat", "free", "skip", "wide", "pnot",
		"meta", "uuid", "moof", "mfra", "sidx", "ssix", "styp", "pdin", "prft", "emsg",
		"idat", "udta", "junk", "mpvd" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const uint8_t *k = (const uint8_t *)known[i];

		if (type == ((uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 | (uint32_t)k[2] << 8 |
					    k[3]))
			return true;
	}
	return false;
}

#define BOX(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const char *brand_of(uint32_t brand)
{
	switch (brand) {
	case BOX('h', 'e', 'i', 'c'):
	case BOX('h', 'e', 'i', 'x'):
	case BOX('h', 'e', 'v', 'c'):
	case BOX('m', 'i', 'f', '1'):
	case BOX('m', 's', 'f', '1'):
		return "heic";
	case BOX('a', 'v', 'i', 'f'):
	case BOX('a', 'v', 'i', 's'):
		return "avif";
	case BOX('q', 't', ' ', ' '):
		return "mov";
	default:
		return "mp4";
	}
}

static bool boxes(struct cursor *c, struct carved *carved)
{
	bool content = false;
	uint64_t good = c->at;
	uint64_t limit = c->end;

	for (int i = 0; i < STEPS_MAX; i++) {
		uint64_t from = c->at;
		uint64_t len = get_be(c, 4);
		uint32_t type = (uint32_t)get_be(c, 4);

		if (c->failed || !is_top_box(type))
			break;
		uint64_t head = len == 1 ? 16 : 8;

		if (len == 1)
			len = get_be(c, 8);
		if (i == 0) {
			carved->extension = brand_of((uint32_t)get_be(c, 4));
			if (carved->extension[0] != 'm' && limit - from > PICTURE_MAX)
				c->end = from + PICTURE_MAX;
		}
		/* A size of 0 is "to the end", which nobody knows here. */
		if (c->failed || len < head)
			break;
		content |= type != BOX('f', 't', 'y', 'p');
		if (from > c->end || len > c->end - from) {
			carved->partial = true;
			good = c->end;
			break;
		}
		c->at = from + len;
		good = c->at;
	}
	c->failed = false;
	c->at = good;
	return content;
}

/* ---- Matroska: RFC 8794 ---- */

/* A number with its own length in its first bits; `len_max` bytes at most. */
static uint64_t vint(struct cursor *c, int len_max, bool keep, bool *unknown)
{
	uint8_t first = get(c);
	int len = 1;

	while (len <= 8 && !(first & (0x80 >> (len - 1))))
		len++;
	if (len > len_max) {
		c->failed = true;
		return 0;
	}
	uint64_t value = keep ? first : first & (0xffu >> len);

	for (int i = 1; i < len; i++)
		value = value << 8 | get(c);
	*unknown = !keep && value == ((uint64_t)1 << (7 * len)) - 1;
	return value;
}

static bool matroska(struct cursor *c, struct carved *carved)
{
	bool unknown = false;

	skip(c, 4);
	uint64_t len = vint(c, 8, false, &unknown);

	if (c->failed || unknown || len > 4096)
		return false;
	skip(c, len);
	uint64_t id = vint(c, 4, true, &unknown);

	len = vint(c, 8, false, &unknown);
	if (c->failed || id != 0x18538067)
		return false;
	/* Written live: its clusters would have to be walked; what comes is given up to a bound. */
	if (unknown && len > ((uint64_t)64 << 20))
		len = (uint64_t)64 << 20;
	if (len > c->end - c->at) {
		len = c->end - c->at;
		carved->partial = true;
	}
	carved->partial |= unknown;
	c->at += len;
	return true;
}

/* ---- all of them ---- */

enum format { NONE, JPEG, PNG, GIF, WEBP, AVI, BMP, BOXES, MATROSKA };

static const struct {
	const char *extension;
	uint64_t len_max;
} formats[] = {
	[NONE] = { "", 0 },
	[JPEG] = { "jpg", (uint64_t)64 << 20 },
	[PNG] = { "png", PICTURE_MAX },
	[GIF] = { "gif", PICTURE_MAX },
	[WEBP] = { "webp", PICTURE_MAX },
	[AVI] = { "avi", VIDEO_MAX },
	[BMP] = { "bmp", PICTURE_MAX },
	[BOXES] = { "mp4", VIDEO_MAX },
	[MATROSKA] = { "mkv", VIDEO_MAX },
};

static enum format format_of(const uint8_t *head)
{
	switch (head[0]) {
	case 0xff:
		return head[1] == 0xd8 && head[2] == 0xff && head[3] >= 0xc0 && head[3] != 0xff
				       ? JPEG
				       : NONE;
	case 0x89:
		return memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0 ? PNG : NONE;
	case 'G':
		return memcmp(head, "GIF87a", 6) == 0 || memcmp(head, "GIF89a", 6) == 0 ? GIF
											: NONE;
	case 'R':
		if (memcmp(head, "RIFF", 4) != 0)
			return NONE;
		return memcmp(head + 8, "WEBP", 4) == 0   ? WEBP
		       : memcmp(head + 8, "AVI ", 4) == 0 ? AVI
							  : NONE;
	case 'B':
		return head[1] == 'M' && memcmp(head + 6, "\0\0\0\0", 4) == 0 ? BMP : NONE;
	case 0x1a:
		return memcmp(head, "\x1a\x45\xdf\xa3", 4) == 0 ? MATROSKA : NONE;
	case 0:
		return head[1] == 0 && memcmp(head + 4, "ftyp", 4) == 0 ? BOXES : NONE;
	default:
		return NONE;
	}
}

bool carve_begins(const uint8_t *head)
{
	return format_of(head) != NONE;
}

static bool walk(enum format format, struct cursor *c, struct carved *carved)
{
	switch (format) {
	case JPEG:
		return jpeg(c, carved);
	case PNG:
		return png(c, carved);
	case GIF:
		return gif(c, carved);
	case WEBP:
	case AVI:
		return riff(c, carved, format == AVI);
	case BMP:
		return bmp(c);
	case BOXES:
		return boxes(c, carved);
	case MATROSKA:
		return matroska(c, carved);
	case NONE:
		break;
	}
	return false;
}

bool carve_at(const struct carve_source *source, uint64_t at, struct carved *carved)
{
	struct cursor c = { .source = source, .at = at, .end = source->size };
	uint8_t head[CARVE_HEAD];

	if (at > source->size || source->size - at < CARVE_HEAD ||
			!source->read(source->context, at, head, sizeof(head)))
		return false;
	enum format format = format_of(head);
	struct carved got = { .extension = formats[format].extension };

	if (source->size - at > formats[format].len_max)
		c.end = at + formats[format].len_max;
	if (!walk(format, &c, &got) || c.at <= at)
		return false;
	got.len = c.at - at;
	if (got.len < (got.partial ? PARTIAL_MIN : PICTURE_MIN))
		return false;
	got.dense = format == JPEG || format == GIF;
	*carved = got;
	return true;
}
