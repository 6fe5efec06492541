/*
 * TNEF, [MS-OXTNEF]: a list of attributes, each a level, an id, its length, its
 * bytes and their sum.  An attachment begins with how it is drawn in a text;
 * its title and its bytes follow.  The long name is a property of MAPI's within
 * another attribute, behind the bytes: a title of eight and three letters does,
 * since what a file is is told by its content.
 */
#include "decode/document_job.h"

#define SIGNATURE 0x223e9f78u

enum {
	ATTACHMENT_BEGINS = 0x00069002,
	ATTACHMENT_TITLE = 0x00018010,
	ATTACHMENT_BYTES = 0x0006800f
};

bool document_tnef_is(ward_bytes file)
{
	struct ward_reader reader = ward_reader_from(file);

	return ward_read_u32le(&reader) == SIGNATURE && !reader.failed;
}

/* Up to its NUL. */
static ward_str title_of(ward_bytes bytes)
{
	const uint8_t *end = bytes.len > 0 ? memchr(bytes.ptr, 0, bytes.len) : NULL;

	return (ward_str){ (const char *)bytes.ptr, end ? (size_t)(end - bytes.ptr) : bytes.len };
}

static ward_err tell(struct document *document, ward_str prefix, ward_str title, unsigned number,
		ward_bytes bytes)
{
	struct ward_buf name;

	ward_buf_init(&name, SIZE_MAX);
	ward_buf_str(&name, prefix);
	if (title.len > 0)
		ward_buf_str(&name, title);
	else
		ward_buf_printf(&name, "part %u", number);
	ward_err err = document_part(document, ward_buf_text(&name), false);

	ward_buf_free(&name);
	return err ? err : document_data(document, bytes);
}

ward_err document_tnef(struct document *document, ward_bytes file, ward_str prefix)
{
	struct ward_reader reader = ward_reader_from(file);
	ward_str title = WARD_STR("");
	unsigned number = 0;
	ward_err err = WARD_OK;

	(void)ward_read_u32le(&reader); /* the signature, and a key */
	(void)ward_read_u16le(&reader);
	while (!err && ward_reader_left(&reader) > 0 && !reader.failed) {
		(void)ward_read_u8(&reader);
		uint32_t id = ward_read_u32le(&reader);
		ward_bytes bytes = ward_read_bytes(&reader, ward_read_u32le(&reader));

		(void)ward_read_u16le(&reader);
		if (reader.failed)
			break;
		if (id == ATTACHMENT_BEGINS)
			title = WARD_STR("");
		if (id == ATTACHMENT_TITLE)
			title = title_of(bytes);
		if (id == ATTACHMENT_BYTES)
			err = tell(document, prefix, title, ++number, bytes);
	}
	if (!err && reader.failed)
		document_trouble(document, WARD_E_FORMAT, "a winmail.dat is damaged");
	return err;
}
