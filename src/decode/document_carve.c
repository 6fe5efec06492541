/*
 * Pictures among other bytes.  Some are found by their marks (find_picture.h);
 * [MS-ODRAW] 2.2.23 keeps others in records of a known head: a DIB, which is a
 * BMP without its first 14 bytes, a TIFF, and metafiles, packed mostly
 * (document_metafile.c); [MS-PPT] 2.10.34 keeps a whole compound file in one.
 */
#include "decode/document_ole.h"
#include "decode/find_picture.h"

/* A record: its head, a digest of 16 bytes or two, and one byte more. */
enum { RECORD_HEAD = 8, DIGEST = 16 };

bool document_is_known(ward_bytes bytes, ward_media_kind *kind)
{
	if (bytes.len > WARD_MEDIA_HEAD_DISC)
		bytes.len = WARD_MEDIA_HEAD_DISC;
	*kind = ward_media_identify(bytes);
	return ward_media_is_picture(*kind) || ward_media_is_archive(*kind) ||
	       *kind == WARD_MEDIA_VIDEO || *kind == WARD_MEDIA_PST || *kind == WARD_MEDIA_UDF;
}

bool document_bmp_head(ward_bytes dib, uint8_t head[DOCUMENT_BMP_HEAD])
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
	uint64_t samples = DOCUMENT_BMP_HEAD + header_len + colours * 4 +
			   (compression == 3 && header_len == 40 ? 12 : 0);
	uint64_t size = DOCUMENT_BMP_HEAD + (uint64_t)dib.len;

	if (samples > size || size > UINT32_MAX)
		return false;
	document_bmp_head_of((uint32_t)size, (uint32_t)samples, head);
	return true;
}

void document_bmp_head_of(uint32_t size, uint32_t samples, uint8_t head[DOCUMENT_BMP_HEAD])
{
	memset(head, 0, DOCUMENT_BMP_HEAD);
	head[0] = 'B';
	head[1] = 'M';
	for (unsigned i = 0; i < 4; i++) {
		head[2 + i] = (uint8_t)(size >> 8 * i);
		head[10 + i] = (uint8_t)(samples >> 8 * i);
	}
}

enum record { RECORD_NONE, RECORD_DIB, RECORD_TIFF, RECORD_METAFILE, RECORD_OBJECT };

static enum record record_of(uint16_t instance, uint16_t type)
{
	uint16_t without = instance & ~0x10; /* set: of two digests */

	if (type == 0xf01f && without == 0x7a80)
		return RECORD_DIB;
	if (type == 0xf029 && without == 0x6e40)
		return RECORD_TIFF;
	if ((type == 0xf01a && without == 0x3d40) || (type == 0xf01b && without == 0x2160))
		return RECORD_METAFILE;
	return type == 0x1011 && without == 0 ? RECORD_OBJECT : RECORD_NONE;
}

/* True of what the record says that it holds: one that is none hides no other within its length. */
static bool is_sound(enum record record, ward_bytes inside)
{
	uint8_t head[DOCUMENT_BMP_HEAD];

	if (record == RECORD_DIB)
		return document_bmp_head(inside, head);
	if (record == RECORD_TIFF)
		return inside.len >= 4 &&
		       (memcmp(inside.ptr, "II*", 4) == 0 || memcmp(inside.ptr, "MM\0*", 4) == 0);
	return true;
}

/* Which record begins here, with what is in it. */
static enum record record_at(ward_bytes bytes, size_t at, ward_bytes *inside, bool *is_packed)
{
	struct ward_reader reader =
			ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
	uint16_t instance = ward_read_u16le(&reader), type = ward_read_u16le(&reader);
	uint32_t len = ward_read_u32le(&reader);
	enum record record = record_of(instance, type);
	size_t before = record == RECORD_OBJECT ? 0 : DIGEST + (instance & 0x10 ? DIGEST : 0);

	before += record == RECORD_DIB || record == RECORD_TIFF;
	if (record == RECORD_NONE || reader.failed || len <= before ||
			len > ward_reader_left(&reader))
		return RECORD_NONE;
	*is_packed = instance & 0x10;
	*inside = (ward_bytes){ bytes.ptr + at + RECORD_HEAD + before, len - before };
	return is_sound(record, *inside) ? record : RECORD_NONE;
}

struct carving {
	struct document *document;
	ward_str name;
	unsigned count;
	bool whole_alone;
	bool marks_alone; /* no records: of what was in one */
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

static ward_err tell_plain(struct carving *carving, ward_bytes inside, bool is_dib)
{
	uint8_t head[DOCUMENT_BMP_HEAD];
	ward_err err = begin(carving, is_dib ? ".bmp" : ".tif");

	if (!err && is_dib && document_bmp_head(inside, head))
		err = document_data(carving->document, (ward_bytes){ head, sizeof(head) });
	return err ? err : document_data(carving->document, inside);
}

/* PowerPoint's object: a compound file, or how long it is and then its packed bytes. */
static ward_err tell_object(struct carving *carving, ward_bytes inside, bool is_packed, bool *is)
{
	struct ward_buf unpacked;
	ward_err err = WARD_OK;

	ward_buf_init(&unpacked, DOCUMENT_UNPACKED_MAX);
	if (is_packed && inside.len > 4) {
		err = document_unpack(carving->document,
				(ward_bytes){ inside.ptr + 4, inside.len - 4 }, &unpacked);
		inside = (ward_bytes){ (const uint8_t *)unpacked.ptr, unpacked.len };
	}
	*is = inside.len > 8 && memcmp(inside.ptr, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
	if (!err && *is)
		err = begin(carving, ".ole");
	if (!err && *is)
		err = document_data(carving->document, inside);
	ward_buf_free(&unpacked);
	return err;
}

/* Its drawing is told as what lies in it, by a name of its own. */
static ward_err tell_metafile(struct carving *carving, ward_bytes inside, bool *is)
{
	struct ward_buf name;

	ward_buf_init(&name, SIZE_MAX);
	ward_buf_str(&name, carving->name);
	ward_buf_printf(&name, " drawing %u", ++carving->count);
	ward_err err = document_packed_metafile(carving->document, ward_buf_text(&name), inside,
			is);

	carving->count -= !*is;
	ward_buf_free(&name);
	return err;
}

/* In the bytes between two pictures that were found by their marks. */
static ward_err tell_records(struct carving *carving, ward_bytes bytes, size_t from, size_t to)
{
	ward_err err = WARD_OK;
	ward_bytes inside = { NULL, 0 };

	if (carving->marks_alone)
		return WARD_OK;
	for (size_t at = from; !err && at + RECORD_HEAD < to; at++) {
		uint8_t high = bytes.ptr[at + 3];
		bool is = true, is_packed = false;

		if (high != 0xf0 && high != 0x10)
			continue;
		enum record record = record_at(bytes, at, &inside, &is_packed);

		if (record == RECORD_NONE)
			continue;
		if (record == RECORD_OBJECT)
			err = tell_object(carving, inside, is_packed, &is);
		else if (record == RECORD_METAFILE)
			err = tell_metafile(carving, inside, &is);
		else
			err = tell_plain(carving, inside, record == RECORD_DIB);
		if (is)
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

ward_err document_carve_marks(struct document *document, ward_str name, ward_bytes bytes)
{
	struct carving carving = { .document = document, .name = name, .marks_alone = true };
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
