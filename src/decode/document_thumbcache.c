/*
 * thumbcache_*.db: what Windows keeps of pictures that were looked at, since
 * Vista, whether or not they are still there.  A head of 24 bytes, then
 * entries: the mark "CMMM", the entry's length, a hash, and lengths of a name,
 * of padding and of the picture; what is between differs by version.  Facts:
 * the format's description by the libwtcdb project.
 *
 * Entries are not believed to follow each other: the next mark is looked for,
 * so that what is behind a damaged one, or was deleted, is seen.
 */
#include "decode/document_ole.h"
#include "decode/find_picture.h"

enum { FILE_HEAD = 24, VISTA = 20, SEVEN = 21 };

/* Longer names are none: they are 16 digits, mostly. */
#define NAME_BYTES_MAX 512

/* An entry, and where its parts are. */
struct thumb {
	ward_bytes name, data;
	size_t len;   /* of the entry; 0 when there is none here */
	bool cut_off; /* it says that it is longer than the file */
};

static const uint8_t mark[4] = { 'C', 'M', 'M', 'M' };

static struct thumb read_thumb(ward_bytes bytes, uint32_t version)
{
	struct ward_reader reader = ward_reader_from(bytes);
	struct thumb thumb = { .len = 0 };

	(void)ward_read_bytes(&reader, sizeof(mark));
	uint32_t len = ward_read_u32le(&reader);

	(void)ward_read_bytes(&reader, 8); /* its hash */
	if (version == VISTA)
		(void)ward_read_bytes(&reader, 8); /* an extension */
	uint32_t name_len = ward_read_u32le(&reader), padding = ward_read_u32le(&reader);
	uint32_t data_len = ward_read_u32le(&reader);

	/* Something unknown, since 8 the picture's sides, and two sums. */
	(void)ward_read_bytes(&reader, version <= SEVEN ? 20 : 28);
	if (reader.failed || name_len > NAME_BYTES_MAX)
		return thumb;
	thumb.name = ward_read_bytes(&reader, name_len);
	(void)ward_read_bytes(&reader, padding);
	if (data_len > ward_reader_left(&reader))
		data_len = (uint32_t)ward_reader_left(&reader);
	thumb.data = ward_read_bytes(&reader, data_len);
	size_t read = (size_t)(reader.next - bytes.ptr);

	if (reader.failed || len < read)
		return thumb;
	/* Behind its data the next mark is looked for: what it says of its length may be a lie. */
	thumb.len = read;
	thumb.cut_off = len > bytes.len;
	return thumb;
}

static ward_err tell_thumb(struct document *document, const struct thumb *thumb, unsigned number)
{
	struct ward_buf name;
	ward_media_kind kind;
	ward_err err;

	if (thumb->data.len == 0)
		return WARD_OK;
	ward_buf_init(&name, SIZE_MAX);
	ole_text(thumb->name, &name);
	if (name.len == 0)
		ward_buf_printf(&name, "entry %u", number);
	if (document_is_known(thumb->data, &kind)) {
		ward_buf_str(&name, ward_str_from(find_picture_extension(kind)));
		err = document_part(document, ward_buf_text(&name), false);
		if (!err)
			err = document_data(document, thumb->data);
	} else {
		err = document_carve(document, ward_buf_text(&name), thumb->data);
	}
	ward_buf_free(&name);
	return err;
}

/* Where the next mark is, from `at` on; the length of all when there is none. */
static size_t next_mark(ward_bytes file, size_t at)
{
	while (at + sizeof(mark) <= file.len) {
		const uint8_t *first = memchr(file.ptr + at, mark[0], file.len - at);

		if (!first)
			break;
		at = (size_t)(first - file.ptr);
		if (file.len - at >= sizeof(mark) && memcmp(first, mark, sizeof(mark)) == 0)
			return at;
		at++;
	}
	return file.len;
}

ward_err document_thumbcache(struct document *document)
{
	struct ward_reader reader = ward_reader_from(document->file);
	unsigned number = 0;
	bool is_damaged = false;
	ward_err err = WARD_OK;

	(void)ward_read_bytes(&reader, sizeof(mark));
	uint32_t version = ward_read_u32le(&reader);

	if (document->file.len < FILE_HEAD)
		return ward_fail(document->error, WARD_E_FORMAT,
				"the thumbcache ends within its header");
	for (size_t at = next_mark(document->file, FILE_HEAD); at < document->file.len && !err;) {
		ward_bytes rest = { document->file.ptr + at, document->file.len - at };
		struct thumb thumb = read_thumb(rest, version);

		is_damaged = is_damaged || thumb.len == 0 || thumb.cut_off;
		if (thumb.len > 0)
			err = tell_thumb(document, &thumb, ++number);
		at = next_mark(document->file, at + (thumb.len > 0 ? thumb.len : sizeof(mark)));
	}
	if (!err && is_damaged)
		document_trouble(document, WARD_E_FORMAT, "an entry of the thumbcache is damaged");
	return err;
}
