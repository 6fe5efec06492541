#include "view/encoded.h"

static ward_err wrong(struct ward_error *error, const char *what)
{
	return ward_fail(error, WARD_E_WORKER, "the worker's view is not as it should be: %s",
			what);
}

/* ---- PNG: signature, IHDR, IDATs, IEND (PNG specification, third edition, section 5) ---- */

#define CHUNK(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* CRC-32 as in section D of the specification; a view is small, so bit by bit is fast enough. */
static uint32_t crc_of(const uint8_t *bytes, size_t len)
{
	uint32_t table[16], crc = 0xffffffff;

	for (uint32_t i = 0; i < 16; i++) {
		table[i] = i;
		for (int bit = 0; bit < 4; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

static bool read_chunk(struct ward_reader *reader, uint32_t *type, ward_bytes *body)
{
	uint32_t len = ward_read_u32be(reader);
	const uint8_t *start = reader->next;

	*type = ward_read_u32be(reader);
	*body = ward_read_bytes(reader, len);
	uint32_t crc = ward_read_u32be(reader);

	return !reader->failed && crc == crc_of(start, (size_t)len + 4);
}

/* 8 bits, grey or RGB, deflate, the five filters, no interlace. */
static bool is_header(ward_bytes body, const struct ward_view_facts *facts)
{
	struct ward_reader reader = ward_reader_from(body);
	uint32_t width = ward_read_u32be(&reader), height = ward_read_u32be(&reader);
	uint8_t bits = ward_read_u8(&reader), colour = ward_read_u8(&reader);

	return body.len == 13 && width == facts->width && height == facts->height && bits == 8 &&
	       (colour == 0 || colour == 2) && ward_read_u8(&reader) == 0 &&
	       ward_read_u8(&reader) == 0 && ward_read_u8(&reader) == 0;
}

static ward_err check_png(ward_bytes bytes, const struct ward_view_facts *facts,
		struct ward_error *error)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	struct ward_reader reader = ward_reader_from(bytes);
	ward_bytes start = ward_read_bytes(&reader, sizeof(signature)), body;
	uint32_t type;
	size_t pixels = 0;

	if (reader.failed || memcmp(start.ptr, signature, sizeof(signature)) != 0)
		return wrong(error, "no PNG");
	if (!read_chunk(&reader, &type, &body) || type != CHUNK('I', 'H', 'D', 'R') ||
			!is_header(body, facts))
		return wrong(error, "another PNG header");
	do {
		if (!read_chunk(&reader, &type, &body))
			return wrong(error, "a broken PNG chunk");
		pixels += type == CHUNK('I', 'D', 'A', 'T') ? body.len : 0;
	} while (type == CHUNK('I', 'D', 'A', 'T'));
	if (type != CHUNK('I', 'E', 'N', 'D') || body.len > 0 || pixels == 0)
		return wrong(error, "a PNG chunk that has no place in it");
	return ward_reader_left(&reader) == 0 ? WARD_OK : wrong(error, "bytes behind its end");
}

/* ---- JPEG: SOI, tables, SOF0, tables, one SOS with its samples, EOI (ITU-T T.81, annex B) ---- */

enum {
	SOF0 = 0xc0,
	DHT = 0xc4,
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda,
	DQT = 0xdb,
};

/* 8 bits, one component or three. */
static bool is_frame(ward_bytes body, const struct ward_view_facts *facts)
{
	struct ward_reader reader = ward_reader_from(body);
	uint8_t bits = ward_read_u8(&reader);
	uint16_t height = ward_read_u16be(&reader), width = ward_read_u16be(&reader);
	uint8_t components = ward_read_u8(&reader);

	return !reader.failed && bits == 8 && width == facts->width && height == facts->height &&
	       (components == 1 || components == 3) && body.len == 6 + 3 * (size_t)components;
}

/* A marker and what belongs to it; SOI and EOI have nothing. */
static uint8_t read_marker(struct ward_reader *reader, ward_bytes *body)
{
	uint8_t mark = ward_read_u8(reader), marker = ward_read_u8(reader);

	*body = (ward_bytes){ NULL, 0 };
	if (mark != 0xff)
		return 0;
	if (marker != SOI && marker != EOI) {
		uint16_t len = ward_read_u16be(reader);

		if (len < 2)
			return 0;
		*body = ward_read_bytes(reader, len - 2u);
	}
	return reader->failed ? 0 : marker;
}

/* Samples go on until a marker; 0xff among them is followed by 0. */
static void skip_samples(struct ward_reader *reader)
{
	while (ward_reader_left(reader) >= 2 && (reader->next[0] != 0xff || reader->next[1] == 0))
		reader->next++;
}

static ward_err check_jpeg(ward_bytes bytes, const struct ward_view_facts *facts,
		struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(bytes);
	ward_bytes body;
	bool framed = false, quantised = false, coded = false;
	uint8_t marker = read_marker(&reader, &body);

	if (marker != SOI)
		return wrong(error, "no JPEG");
	for (marker = read_marker(&reader, &body); marker != SOS;
			marker = read_marker(&reader, &body)) {
		bool frame = marker == SOF0;

		if (frame && (framed || !is_frame(body, facts)))
			return wrong(error, "another JPEG frame");
		framed = framed || frame;
		quantised = quantised || marker == DQT;
		coded = coded || marker == DHT;
		if (!frame && marker != DQT && marker != DHT)
			return wrong(error, "a JPEG segment that has no place in it");
	}
	if (!framed || !quantised || !coded)
		return wrong(error, "a JPEG without its tables or its frame");
	skip_samples(&reader);
	if (read_marker(&reader, &body) != EOI)
		return wrong(error, "a JPEG that goes on");
	return ward_reader_left(&reader) == 0 ? WARD_OK : wrong(error, "bytes behind its end");
}

ward_err encoded_check(ward_bytes bytes, const struct ward_view_facts *facts,
		struct ward_error *error)
{
	return facts->kind == WARD_MEDIA_PNG ? check_png(bytes, facts, error)
					     : check_jpeg(bytes, facts, error);
}
