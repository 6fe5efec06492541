/*
 * Metafiles: drawings as a row of records, some of which draw a bitmap.  EMF
 * ([MS-EMF]) and WMF ([MS-WMF]); as Office keeps them ([MS-ODRAW] 2.2.31), packed.
 * A bitmap there is a DIB, in one piece or its head and its samples apart;
 * whole JPEG and PNG lie in records and comments as they are.
 */
#include "decode/document_ole.h"

#include <zlib.h>

/* Shorter is a pattern, or no picture that could be compared. */
#define BITMAP_BYTES_MIN 256

/* How often the file's bytes may be unpacked: in a sound one no byte is in two records. */
#define PACKED_TIMES 8

/* Of each record's drawing, counted from the record: where the head's place, its length, the
 * samples' place and their length stand, in this order. */
static const struct emf_record {
	uint8_t type, at;
} emf_records[] = {
	{ 76, 84 },  /* EMR_BITBLT */
	{ 77, 84 },  /* EMR_STRETCHBLT */
	{ 78, 84 },  /* EMR_MASKBLT */
	{ 79, 96 },  /* EMR_PLGBLT */
	{ 80, 48 },  /* EMR_SETDIBITSTODEVICE */
	{ 81, 48 },  /* EMR_STRETCHDIBITS */
	{ 94, 16 },  /* EMR_CREATEDIBPATTERNBRUSHPT */
	{ 114, 84 }, /* EMR_ALPHABLEND */
	{ 116, 84 }, /* EMR_TRANSPARENTBLT */
};

/* Where the DIB is that ends such a record. */
static const struct wmf_record {
	uint16_t function, at;
} wmf_records[] = {
	{ 0x0f43, 28 }, /* META_STRETCHDIB */
	{ 0x0b41, 26 }, /* META_DIBSTRETCHBLT */
	{ 0x0940, 22 }, /* META_DIBBITBLT */
	{ 0x0d33, 24 }, /* META_SETDIBTODEV */
	{ 0x0142, 10 }, /* META_DIBCREATEPATTERNBRUSH */
};

enum { EMF_HEAD = 1, EMF_END = 14, WMF_END = 0, WMF_PLACED = 22, WMF_HEAD = 18 };

struct drawing {
	struct document *document;
	ward_str name;
	unsigned count;
};

static uint32_t word_at(ward_bytes bytes, size_t at)
{
	const uint8_t *from = bytes.ptr + at;

	return (uint32_t)from[3] << 24 | (uint32_t)from[2] << 16 | (uint32_t)from[1] << 8 | from[0];
}

/* JPEG and PNG within a bitmap's record are found as they are. */
static bool is_bitmap(ward_bytes dib)
{
	return dib.len >= 40 && word_at(dib, 0) >= 40 && word_at(dib, 0) <= 124 &&
	       word_at(dib, 16) != 4 && word_at(dib, 16) != 5;
}

static ward_err tell_bitmap(struct drawing *drawing, const uint8_t head[DOCUMENT_BMP_HEAD],
		ward_bytes dib, ward_bytes samples)
{
	struct ward_buf name;

	ward_buf_init(&name, SIZE_MAX);
	ward_buf_str(&name, drawing->name);
	ward_buf_printf(&name, " bitmap %u.bmp", ++drawing->count);
	ward_err err = document_part(drawing->document, ward_buf_text(&name), false);

	ward_buf_free(&name);
	if (!err)
		err = document_data(drawing->document, (ward_bytes){ head, DOCUMENT_BMP_HEAD });
	if (!err)
		err = document_data(drawing->document, dib);
	return err ? err : document_data(drawing->document, samples);
}

/* Of records no more than a length says where the next one is. */
static void tell_break(struct drawing *drawing)
{
	document_trouble(drawing->document, WARD_E_FORMAT,
			"a drawing of the document breaks off; bitmaps may be behind it");
}

/* ---- EMF ---- */

static bool is_emf(ward_bytes bytes)
{
	return bytes.len >= 88 && word_at(bytes, 0) == EMF_HEAD &&
	       memcmp(bytes.ptr + 40, " EMF", 4) == 0;
}

static bool piece(ward_bytes record, size_t at, ward_bytes *inside)
{
	uint32_t from = word_at(record, at), len = word_at(record, at + 4);

	if (from > record.len || len > record.len - from)
		return false;
	*inside = (ward_bytes){ record.ptr + from, len };
	return true;
}

static ward_err tell_emf_record(struct drawing *drawing, ward_bytes record)
{
	uint8_t head[DOCUMENT_BMP_HEAD];
	ward_bytes dib, samples;

	for (size_t i = 0; i < sizeof(emf_records) / sizeof(*emf_records); i++) {
		size_t at = emf_records[i].at;

		if (word_at(record, 0) != emf_records[i].type || record.len < at + 16 ||
				!piece(record, at, &dib) || !piece(record, at + 8, &samples) ||
				!is_bitmap(dib) || samples.len < BITMAP_BYTES_MIN)
			continue;
		document_bmp_head_of((uint32_t)(sizeof(head) + dib.len + samples.len),
				(uint32_t)(sizeof(head) + dib.len), head);
		return tell_bitmap(drawing, head, dib, samples);
	}
	return WARD_OK;
}

static ward_err tell_emf(struct drawing *drawing, ward_bytes bytes)
{
	bool has_end = false;
	ward_err err = WARD_OK;

	for (size_t at = 0; !err && bytes.len - at >= 8;) {
		uint32_t len = word_at(bytes, at + 4);

		has_end = has_end || word_at(bytes, at) == EMF_END;
		if (len < 8 || len > bytes.len - at) {
			if (!has_end)
				tell_break(drawing);
			break;
		}
		err = tell_emf_record(drawing, (ward_bytes){ bytes.ptr + at, len });
		at += len;
	}
	return err;
}

/* ---- WMF ---- */

/* Behind its heads: where the first record is; 0 when it is none. */
static size_t wmf_records_at(ward_bytes bytes)
{
	size_t at = bytes.len >= WMF_PLACED && word_at(bytes, 0) == 0x9ac6cdd7 ? WMF_PLACED : 0;

	if (bytes.len - at < WMF_HEAD)
		return 0;
	uint32_t kind = word_at(bytes, at), version = word_at(bytes, at + 4) & 0xffff;
	bool is_wmf = (kind == 0x00090001 || kind == 0x00090002) &&
		      (version == 0x0300 || version == 0x0100);

	return is_wmf ? at + WMF_HEAD : 0;
}

static ward_err tell_wmf_record(struct drawing *drawing, ward_bytes record)
{
	uint8_t head[DOCUMENT_BMP_HEAD];
	uint32_t function = word_at(record, 4) & 0xffff;

	for (size_t i = 0; i < sizeof(wmf_records) / sizeof(*wmf_records); i++) {
		size_t at = wmf_records[i].at;

		if (function != wmf_records[i].function || record.len < at + BITMAP_BYTES_MIN)
			continue;
		ward_bytes dib = { record.ptr + at, record.len - at };

		if (is_bitmap(dib) && document_bmp_head(dib, head))
			return tell_bitmap(drawing, head, dib, (ward_bytes){ NULL, 0 });
	}
	return WARD_OK;
}

static ward_err tell_wmf(struct drawing *drawing, ward_bytes bytes)
{
	bool has_end = false;
	ward_err err = WARD_OK;

	for (size_t at = wmf_records_at(bytes); !err && bytes.len - at >= 8;) {
		uint64_t len = 2 * (uint64_t)word_at(bytes, at);

		if (len < 6 || len > bytes.len - at) {
			if (!has_end)
				tell_break(drawing);
			break;
		}
		has_end = has_end || (word_at(bytes, at + 4) & 0xffff) == WMF_END;
		if (len >= 8)
			err = tell_wmf_record(drawing, (ward_bytes){ bytes.ptr + at, (size_t)len });
		at += (size_t)len;
	}
	return err;
}

/* ---- both ---- */

bool document_metafile_is(ward_bytes bytes)
{
	return is_emf(bytes) || wmf_records_at(bytes) > 0;
}

/* A DIB has no mark, so that none is found twice. */
ward_err document_metafile(struct document *document, ward_str name, ward_bytes bytes)
{
	struct drawing drawing = { .document = document, .name = name };
	ward_err err = is_emf(bytes) ? tell_emf(&drawing, bytes) : tell_wmf(&drawing, bytes);

	return err ? err : document_carve_marks(document, name, bytes);
}

/* ---- as Office keeps them ---- */

ward_err document_unpack(struct document *document, ward_bytes packed, struct ward_buf *out)
{
	uint64_t bytes_max = document->options->limits.bytes_max;
	z_stream stream = { 0 };
	uint8_t some[16384];
	ward_err err = WARD_OK;
	int state = Z_OK;

	if (document->packed / PACKED_TIMES > document->file.len) {
		document_trouble(document, WARD_E_LIMIT,
				"the same bytes of the document are packed over and over");
		return WARD_OK;
	}
	if (packed.len > UINT32_MAX || inflateInit(&stream) != Z_OK)
		return WARD_OK;
	/* zlib's own field is no const one, and not written to. */
	stream.next_in = (Bytef *)(uintptr_t)packed.ptr;
	stream.avail_in = (uInt)packed.len;
	while (!err && state == Z_OK && !out->failed) {
		stream.next_out = some;
		stream.avail_out = sizeof(some);
		state = inflate(&stream, Z_NO_FLUSH);
		size_t len = sizeof(some) - stream.avail_out;

		if (len > bytes_max - document->bytes)
			err = ward_fail(document->error, WARD_E_LIMIT,
					"the %s unpacks to more than the limit of %llu bytes",
					document->what, (unsigned long long)bytes_max);
		document->bytes += err ? 0 : len;
		ward_buf_add(out, some, len);
		if (len == 0)
			break;
	}
	document->packed += packed.len - stream.avail_in;
	(void)inflateEnd(&stream);
	if (!err && out->failed)
		document_trouble(document, WARD_E_LIMIT,
				"what is packed in the document is longer than 256 MiB");
	return err;
}

ward_err document_packed_metafile(struct document *document, ward_str name, ward_bytes packed,
		bool *is)
{
	struct ward_reader reader = ward_reader_from(packed);
	struct ward_buf unpacked;
	ward_err err = WARD_OK;

	/* Its length, its bounds and its size. */
	(void)ward_read_bytes(&reader, 4 + 16 + 8);
	uint32_t len = ward_read_u32le(&reader);
	uint8_t packing = ward_read_u8(&reader), filter = ward_read_u8(&reader);
	ward_bytes inside = ward_read_bytes(&reader, len);

	*is = !reader.failed && filter == 0xfe && (packing == 0 || packing == 0xfe);
	if (!*is)
		return WARD_OK;
	ward_buf_init(&unpacked, DOCUMENT_UNPACKED_MAX);
	if (packing == 0) {
		err = document_unpack(document, inside, &unpacked);
		inside = (ward_bytes){ (const uint8_t *)unpacked.ptr, unpacked.len };
	}
	*is = document_metafile_is(inside);
	if (!err && *is)
		err = document_metafile(document, name, inside);
	ward_buf_free(&unpacked);
	return err;
}
