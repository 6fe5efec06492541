/*
 * Compound files: Thumbs.db, Outlook's messages, old Word, Excel and
 * PowerPoint, and whatever else keeps streams so.  A stream that is a picture
 * or another thing that scans know goes out as it is; of any other, the
 * pictures that lie in it.  So a thumbnail of 12 or 24 bytes and a JPEG needs
 * no more than its name.
 *
 * Entries that are on no branch of the tree are looked at as well: they are
 * what a program cut off, and did not write over.
 */
#include "decode/document_ole.h"

#include <stdlib.h>

/* Storages within each other; Word goes to three. */
#define FOLDERS_MAX 16

#define NAMES_MAX 100000 /* of Thumbs.db's list; folders of so many pictures are rare */

/* The names that Thumbs.db has for its streams. */
struct catalog {
	ward_bytes bytes;
	uint32_t *at; /* of a name, by its number; 0: none */
};

ward_bytes ole_take(struct ole_telling *telling, uint32_t entry)
{
	ward_buf_clear(&telling->bytes);
	telling->told[entry] = true;
	bool whole = ole_read(&telling->ole, entry, &telling->bytes);

	if (!whole && telling->ole.entries[entry].is_reached)
		document_trouble(telling->document, WARD_E_FORMAT,
				"a stream of the ole file breaks off");
	return (ward_bytes){ (const uint8_t *)telling->bytes.ptr, telling->bytes.len };
}

/* ---- names ---- */

/* "ObjectPool/_1234/CONTENTS" */
static void name_stream(struct ole_telling *telling, uint32_t entry)
{
	uint32_t way[FOLDERS_MAX];
	size_t steps = 0;

	for (uint32_t at = entry; at != OLE_NONE && at != 0 && steps < FOLDERS_MAX;
			at = telling->ole.entries[at].parent)
		way[steps++] = at;
	ward_buf_clear(&telling->name);
	while (steps > 0) {
		const char *name = telling->ole.entries[way[--steps]].name;

		ward_buf_str(&telling->name, ward_str_from(name[0] ? name : "_"));
		if (steps > 0)
			ward_buf_char(&telling->name, '/');
	}
}

/* A list of its own: 16 bytes, then entries of a length, a number, a time, and a name. */
static void read_catalog(const struct ward_buf *bytes, struct catalog *catalog)
{
	catalog->bytes = (ward_bytes){ (const uint8_t *)bytes->ptr, bytes->len };
	struct ward_reader reader = ward_reader_from(catalog->bytes);

	uint16_t head = ward_read_u16le(&reader);

	(void)ward_read_bytes(&reader, head > 2 ? head - 2u : 0);
	catalog->at = calloc(NAMES_MAX, sizeof(*catalog->at));
	while (catalog->at && !reader.failed && ward_reader_left(&reader) > 16) {
		size_t at = (size_t)(reader.next - catalog->bytes.ptr);
		uint32_t len = ward_read_u32le(&reader);
		uint32_t number = ward_read_u32le(&reader);

		if (len <= 16)
			break;
		(void)ward_read_bytes(&reader, len - 8);
		if (!reader.failed && number < NAMES_MAX)
			catalog->at[number] = (uint32_t)at;
	}
}

/* A stream's name is the number of its thumbnail, with its last digit first. */
static uint32_t number_of(const char *name)
{
	uint32_t number = 0, tens = 1;

	for (size_t i = 0; name[i]; i++) {
		if (name[i] < '0' || name[i] > '9' || i > 5)
			return NAMES_MAX;
		number += (uint32_t)(name[i] - '0') * tens;
		tens *= 10;
	}
	return number;
}

/* Puts the name of the file that a thumbnail is of before the stream's. */
static void name_thumbnail(struct ole_telling *telling, uint32_t entry,
		const struct catalog *catalog)
{
	uint32_t number = number_of(telling->ole.entries[entry].name);

	if (!catalog->at || number >= NAMES_MAX || catalog->at[number] == 0)
		return;
	struct ward_reader reader = ward_reader_from((ward_bytes){
			catalog->bytes.ptr + catalog->at[number],
			catalog->bytes.len - catalog->at[number],
	});
	uint32_t len = ward_read_u32le(&reader);

	(void)ward_read_bytes(&reader, 12);
	ward_buf_clear(&telling->name);
	ole_text(ward_read_bytes(&reader, len - 16), &telling->name);
	ward_buf_printf(&telling->name, " thumbnail %u", number);
}

/* ---- what needs a password ---- */

/* [MS-XLS] 2.4.117: FilePass is among the first records of the workbook. */
static bool has_filepass(ward_bytes bytes)
{
	struct ward_reader reader = ward_reader_from(bytes);

	for (int i = 0; i < 16 && !reader.failed; i++) {
		uint16_t record = ward_read_u16le(&reader), len = ward_read_u16le(&reader);

		if (record == 0x2f && !reader.failed)
			return true;
		(void)ward_read_bytes(&reader, len);
	}
	return false;
}

/* [MS-CFB] 2.6.4: names that differ in case alone are the same. */
static bool is_called(const char *name, const char *wanted)
{
	return ward_str_eq_nocase(ward_str_from(name), ward_str_from(wanted));
}

static bool is_workbook(const char *name)
{
	return is_called(name, "Workbook") || is_called(name, "Book");
}

/* True of the stream that says so: of Office before and since 2007. */
static bool is_encrypted(const char *name, ward_bytes bytes)
{
	struct ward_reader reader = ward_reader_from(bytes);

	if (is_called(name, "EncryptedPackage"))
		return true;
	if (is_workbook(name))
		return has_filepass(bytes);
	if (is_called(name, "WordDocument")) { /* [MS-DOC] 2.5.2: fEncrypted */
		(void)ward_read_bytes(&reader, 10);
		return (ward_read_u16le(&reader) & 0x100) != 0;
	}
	if (is_called(name, "Current User")) { /* [MS-PPT] 2.3.2: headerToken */
		(void)ward_read_bytes(&reader, 12);
		return ward_read_u32le(&reader) == 0xf3d1c4dfu;
	}
	return false;
}

/* ---- streams ---- */

/* A file that was put into a document, [MS-OLEDS] 2.3.6: two names, a path, and it. */
static bool packed_file(ward_bytes stream, ward_bytes *inside)
{
	struct ward_reader reader = ward_reader_from(stream);

	(void)ward_read_bytes(&reader, 6);
	for (int i = 0; i < 2; i++) {
		while (ward_read_u8(&reader) != 0)
			;
	}
	(void)ward_read_bytes(&reader, 4);
	(void)ward_read_bytes(&reader, ward_read_u32le(&reader));
	*inside = ward_read_bytes(&reader, ward_read_u32le(&reader));
	return !reader.failed && inside->len > 0;
}

/* What another program than the packager put there is behind its length alone. */
ward_err document_native(struct document *document, ward_str name, ward_bytes bytes)
{
	ward_bytes inside;
	ward_media_kind kind;

	if (!packed_file(bytes, &inside)) {
		inside = bytes;
		if (bytes.len > 4)
			inside = (ward_bytes){ bytes.ptr + 4, bytes.len - 4 };
		if (!document_is_known(inside, &kind))
			inside = bytes;
		return document_value(document, name, inside);
	}
	ward_err err = document_part(document, name, false);

	return err ? err : document_data(document, inside);
}

/*
 * A workbook's drawings, [MS-XLS] 2.4.171: records MsoDrawingGroup (0x00eb) and MsoDrawing (0x00ec)
 * of at most 8224 bytes, which go on in records Continue (0x003c).  The heads that would lie within
 * a picture are left out.  All else stays as it is, also what is no record: pictures may lie there.
 */
static void join_drawings(ward_bytes stream, struct ward_buf *joined)
{
	struct ward_reader reader = ward_reader_from(stream);
	bool drawing = false;

	while (ward_reader_left(&reader) > 0) {
		ward_bytes rest = { reader.next, ward_reader_left(&reader) };
		uint16_t record = ward_read_u16le(&reader);
		ward_bytes body = ward_read_bytes(&reader, ward_read_u16le(&reader));
		bool goes_on = drawing &&
			       (record == 0x00eb || record == 0x00ec || record == 0x003c);

		if (reader.failed) {
			ward_buf_add(joined, rest.ptr, rest.len);
			return;
		}
		drawing = goes_on || record == 0x00eb || record == 0x00ec;
		if (goes_on)
			ward_buf_add(joined, body.ptr, body.len);
		else
			ward_buf_add(joined, rest.ptr, body.len + 4);
	}
}

static ward_err carve_workbook(struct ole_telling *telling, ward_bytes stream)
{
	struct ward_buf joined;
	ward_err err;

	ward_buf_init(&joined, SIZE_MAX);
	join_drawings(stream, &joined);
	if (joined.failed)
		err = ward_fail(telling->document->error, WARD_E_NOMEM,
				"no memory for a workbook's drawings");
	else
		err = document_carve(telling->document, ward_buf_text(&telling->name),
				(ward_bytes){ (const uint8_t *)joined.ptr, joined.len });
	ward_buf_free(&joined);
	return err;
}

static ward_err tell_stream(struct ole_telling *telling, uint32_t entry,
		const struct catalog *catalog)
{
	const struct ole_entry *it = &telling->ole.entries[entry];
	ward_bytes bytes = ole_take(telling, entry);
	ward_media_kind kind;

	name_stream(telling, entry);
	if (is_encrypted(it->name, bytes))
		return document_part(telling->document, ward_buf_text(&telling->name), true);
	if (it->mark == 1 && is_called(it->name, "Ole10Native"))
		return document_native(telling->document, ward_buf_text(&telling->name), bytes);
	name_thumbnail(telling, entry, catalog);
	if (document_is_known(bytes, &kind))
		return document_value(telling->document, ward_buf_text(&telling->name), bytes);
	if (is_workbook(it->name))
		return carve_workbook(telling, bytes);
	if (document_metafile_is(bytes))
		return document_metafile(telling->document, ward_buf_text(&telling->name), bytes);
	return document_carve(telling->document, ward_buf_text(&telling->name), bytes);
}

static ward_err tell_streams(struct ole_telling *telling)
{
	uint32_t list = ole_find(&telling->ole, 0, "Catalog");
	struct catalog catalog = { .at = NULL };
	struct ward_buf kept;
	ward_err err = WARD_OK;

	ward_buf_init(&kept, SIZE_MAX);
	if (list != OLE_NONE && telling->ole.entries[list].type == OLE_STREAM) {
		ward_bytes bytes = ole_take(telling, list);

		ward_buf_add(&kept, bytes.ptr, bytes.len);
		read_catalog(&kept, &catalog);
	}
	for (uint32_t i = 1; i < telling->ole.entry_count && !err; i++) {
		if (telling->ole.entries[i].type == OLE_STREAM && !telling->told[i] &&
				telling->ole.entries[i].size > 0)
			err = tell_stream(telling, i, &catalog);
	}
	free(catalog.at);
	ward_buf_free(&kept);
	return err;
}

ward_err document_ole(struct document *document)
{
	struct ole_telling telling = { .document = document };
	ward_err err = ole_open(&telling.ole, document->file, document->error);

	if (err)
		return err;
	ward_buf_init(&telling.bytes, SIZE_MAX);
	ward_buf_init(&telling.name, SIZE_MAX);
	telling.told = calloc(telling.ole.entry_count, sizeof(*telling.told));
	if (!telling.told)
		err = ward_fail(document->error, WARD_E_NOMEM, "no memory to read the ole file");
	if (!err && document_msg_is(&telling.ole, 0))
		err = document_msg(&telling, 0, WARD_STR(""), 0);
	if (!err)
		err = tell_streams(&telling);
	if (!err && telling.ole.is_damaged)
		document_trouble(document, WARD_E_FORMAT, "the ole file is damaged");
	ward_buf_free(&telling.bytes);
	ward_buf_free(&telling.name);
	free(telling.told);
	ole_close(&telling.ole);
	return err;
}
