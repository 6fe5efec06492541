/*
 * Pictures among other bytes.  JPEG, PNG and GIF are found by their marks;
 * [MS-ODRAW] 2.2.23 keeps two more in records of a known head: a DIB, which
 * is a BMP without its first 14 bytes, and a TIFF.
 */
#include "decode/document_ole.h"
#include "decode/find_picture.h"

/* A record: its head, a digest of 16 bytes or two, and one byte more. */
enum { RECORD_HEAD = 8, DIGEST = 16, BMP_HEAD = 14 };

bool document_is_known(ward_bytes bytes, ward_media_kind *kind)
{
	if (bytes.len > WARD_MEDIA_HEAD_DISC)
		bytes.len = WARD_MEDIA_HEAD_DISC;
	*kind = ward_media_identify(bytes);
	return ward_media_is_picture(*kind) || ward_media_is_archive(*kind) ||
	       *kind == WARD_MEDIA_VIDEO || *kind == WARD_MEDIA_PST || *kind == WARD_MEDIA_UDF;
}

/* The head that a DIB lacks says where its samples are: behind its own head and its colours. */
static bool bmp_head(ward_bytes dib, uint8_t head[BMP_HEAD])
{
	struct ward_reader reader = ward_reader_from(dib);
	uint32_t header_len = ward_read_u32le(&reader);

	(void)ward_read_bytes(&reader, 10);
	uint32_t bits = ward_read_u16le(&reader), compression = ward_read_u32le(&reader);

	(void)ward_read_bytes(&reader, 12);
	uint64_t colours = ward_read_u32le(&reader);

	if (reader.failed || header_len < 40 || header_len > 124)
		return false;
	if (colours == 0 && bits <= 8)
		colours = (uint64_t)1 << bits;
	uint64_t samples = BMP_HEAD + header_len + colours * 4 +
			   (compression == 3 && header_len == 40 ? 12 : 0);
	uint64_t size = BMP_HEAD + (uint64_t)dib.len;

	if (samples > size || size > UINT32_MAX)
		return false;
	memset(head, 0, BMP_HEAD);
	head[0] = 'B';
	head[1] = 'M';
	for (unsigned i = 0; i < 4; i++) {
		head[2 + i] = (uint8_t)(size >> 8 * i);
		head[10 + i] = (uint8_t)(samples >> 8 * i);
	}
	return true;
}

/* True when a record with a picture begins here; then what is in it, and which of the two. */
static bool record_at(ward_bytes bytes, size_t at, ward_bytes *inside, bool *is_dib)
{
	struct ward_reader reader =
			ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
	uint16_t instance = ward_read_u16le(&reader), type = ward_read_u16le(&reader);
	uint32_t len = ward_read_u32le(&reader);
	bool is_tiff = type == 0xf029 && (instance == 0x6e40 || instance == 0x6e50);

	*is_dib = type == 0xf01f && (instance == 0x7a80 || instance == 0x7a90);
	if (!is_tiff && !*is_dib)
		return false;
	size_t before = DIGEST + 1 + (instance & 0x10 ? DIGEST : 0);

	if (reader.failed || len <= before || len > ward_reader_left(&reader))
		return false;
	*inside = (ward_bytes){ bytes.ptr + at + RECORD_HEAD + before, len - before };
	return true;
}

struct carving {
	struct document *document;
	ward_str name;
	unsigned count;
	bool whole_alone;
};

static ward_err begin(struct carving *carving, const char *extension)
{
	struct ward_buf name;

	ward_buf_init(&name, SIZE_MAX);
	ward_buf_str(&name, carving->name);
	ward_buf_printf(&name, " picture %u%s", ++carving->count, extension);
	ward_err err = document_part(carving->document, ward_buf_text(&name), false);

	ward_buf_free(&name);
	return err;
}

static ward_err tell_record(struct carving *carving, ward_bytes inside, bool is_dib)
{
	uint8_t head[BMP_HEAD];

	ward_err err = begin(carving, is_dib ? ".bmp" : ".tif");

	if (!err && is_dib && bmp_head(inside, head))
		err = document_data(carving->document, (ward_bytes){ head, sizeof(head) });
	return err ? err : document_data(carving->document, inside);
}

/* In the bytes between two pictures that were found by their marks. */
static ward_err tell_records(struct carving *carving, ward_bytes bytes, size_t from, size_t to)
{
	ward_err err = WARD_OK;
	uint8_t head[BMP_HEAD];
	ward_bytes inside;
	bool is_dib;

	for (size_t at = from; !err && at + RECORD_HEAD < to; at++) {
		if (bytes.ptr[at + 3] != 0xf0 || !record_at(bytes, at, &inside, &is_dib))
			continue;
		/* One that is none hides no other within its length. */
		if (is_dib && !bmp_head(inside, head))
			continue;
		err = tell_record(carving, inside, is_dib);
		at = (size_t)(inside.ptr - bytes.ptr) + inside.len - 1;
	}
	return err;
}

/* From where `find` is on, with the records before each. */
static ward_err carve(struct carving *carving, struct find *find)
{
	ward_bytes bytes = find->bytes;
	struct found_picture found;
	size_t at = find->at;
	ward_err err = WARD_OK;

	while (!err && find_next(find, &found)) {
		if (carving->whole_alone && !found.is_whole)
			continue;
		err = tell_records(carving, bytes, at, found.at);
		if (!err)
			err = begin(carving, found.extension);
		if (!err)
			err = document_data(carving->document,
					(ward_bytes){ bytes.ptr + found.at, found.len });
		at = found.at + found.len;
	}
	return err ? err : tell_records(carving, bytes, at, bytes.len);
}

ward_err document_carve(struct document *document, ward_str name, ward_bytes bytes)
{
	struct carving carving = { .document = document, .name = name };
	struct find find = find_in(bytes);

	return carve(&carving, &find);
}

ward_err document_carve_lost(struct document *document, ward_str name, ward_bytes bytes)
{
	struct carving carving = { .document = document, .name = name, .whole_alone = true };
	struct find find = find_in(bytes);

	return carve(&carving, &find);
}

/* What is behind a picture its own decoder tells; nobody tells what is behind a film. */
ward_err document_value(struct document *document, ward_str name, ward_bytes bytes)
{
	struct carving carving = { .document = document, .name = name };
	struct find find = find_in(bytes);
	struct found_picture found = { .len = bytes.len };
	ward_media_kind kind;

	if (!document_is_known(bytes, &kind))
		return document_carve(document, name, bytes);
	if (kind != WARD_MEDIA_VIDEO || !find_here(&find, &found))
		find.at = found.len;
	ward_err err = document_part(document, name, false);

	if (!err)
		err = document_data(document, (ward_bytes){ bytes.ptr, found.len });
	return err || find.at == bytes.len ? err : carve(&carving, &find);
}
