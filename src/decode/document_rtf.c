/*
 * Rich text: pictures (\pict) and objects of other programs (\objdata) stand in
 * it as digits, or as bytes behind \bin.  Words that say how a page looks are
 * passed over; groups within a picture's own are about it, and no part of it.
 * Facts: the Rich Text Format Specification 1.9.1.
 */
#include "decode/document_ole.h"
#include "decode/find_picture.h"

enum rtf_data { DATA_NONE, DATA_PICTURE, DATA_OBJECT };

struct rtf {
	struct document *document;
	struct ward_reader reader;
	size_t depth;
	enum rtf_data data;
	size_t data_depth; /* of the group whose digits are gathered */
	bool is_dib;
	struct ward_buf bytes;
	int half; /* the digit that waits for its other; -1: none */
	unsigned pictures, objects;
	struct ward_buf name;
};

/* ---- what was gathered ---- */

static ward_err tell_dib(struct rtf *rtf, ward_bytes dib, const uint8_t head[DOCUMENT_BMP_HEAD])
{
	ward_buf_str(&rtf->name, WARD_STR(".bmp"));
	ward_err err = document_part(rtf->document, ward_buf_text(&rtf->name), false);

	if (!err)
		err = document_data(rtf->document, (ward_bytes){ head, DOCUMENT_BMP_HEAD });
	return err ? err : document_data(rtf->document, dib);
}

/* What a word says that it is, it need not be. */
static ward_err tell_picture(struct rtf *rtf, ward_bytes bytes)
{
	uint8_t head[DOCUMENT_BMP_HEAD];
	ward_media_kind kind;

	ward_buf_printf(&rtf->name, "picture %u", ++rtf->pictures);
	if (rtf->is_dib && document_bmp_head(bytes, head))
		return tell_dib(rtf, bytes, head);
	if (document_metafile_is(bytes))
		return document_metafile(rtf->document, ward_buf_text(&rtf->name), bytes);
	if (document_is_known(bytes, &kind))
		ward_buf_str(&rtf->name, ward_str_from(find_picture_extension(kind)));
	return document_value(rtf->document, ward_buf_text(&rtf->name), bytes);
}

/* [MS-OLEDS] 2.2.5: a version, 2 for "embedded", three names, then as in a compound file. */
static ward_err tell_object(struct rtf *rtf, ward_bytes bytes)
{
	struct ward_reader reader = ward_reader_from(bytes);
	ward_bytes inside = bytes;

	ward_buf_printf(&rtf->name, "object %u", ++rtf->objects);
	(void)ward_read_u32le(&reader);
	bool is_embedded = ward_read_u32le(&reader) == 2;

	for (int i = 0; i < 3; i++)
		(void)ward_read_bytes(&reader, ward_read_u32le(&reader));
	if (is_embedded && !reader.failed)
		inside = (ward_bytes){ reader.next, ward_reader_left(&reader) };
	return document_native(rtf->document, ward_buf_text(&rtf->name), inside);
}

static ward_err end_data(struct rtf *rtf)
{
	ward_bytes bytes = { (const uint8_t *)rtf->bytes.ptr, rtf->bytes.len };
	enum rtf_data data = rtf->data;

	rtf->data = DATA_NONE;
	if (rtf->bytes.failed)
		return ward_fail(rtf->document->error, WARD_E_NOMEM, "no memory for a picture");
	if (bytes.len == 0)
		return WARD_OK;
	ward_buf_clear(&rtf->name);
	return data == DATA_PICTURE ? tell_picture(rtf, bytes) : tell_object(rtf, bytes);
}

/* ---- reading ---- */

static void take_digit(struct rtf *rtf, uint8_t c)
{
	int value = c >= '0' && c <= '9'   ? c - '0'
		    : c >= 'a' && c <= 'f' ? c - 'a' + 10
		    : c >= 'A' && c <= 'F' ? c - 'A' + 10
					   : -1;

	if (value < 0 || rtf->data == DATA_NONE || rtf->depth != rtf->data_depth)
		return;
	if (rtf->half >= 0)
		ward_buf_char(&rtf->bytes, (char)(rtf->half << 4 | value));
	rtf->half = rtf->half >= 0 ? -1 : value;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A word, and the number behind it; longer words than any are cut, and so are none. */
static void read_word(struct ward_reader *reader, char word[32], uint32_t *number)
{
	size_t len = 0;

	*number = 0;
	while (ward_reader_left(reader) > 0 && is_letter(reader->next[0])) {
		char c = (char)ward_read_u8(reader);

		if (len < 31)
			word[len++] = c;
	}
	word[len] = 0;
	if (ward_reader_left(reader) > 0 && reader->next[0] == '-')
		(void)ward_read_u8(reader);
	while (ward_reader_left(reader) > 0 && reader->next[0] >= '0' && reader->next[0] <= '9') {
		uint32_t digit = (uint32_t)ward_read_u8(reader) - '0';

		*number = *number < UINT32_MAX / 10 - 1 ? *number * 10 + digit : UINT32_MAX;
	}
	if (ward_reader_left(reader) > 0 && reader->next[0] == ' ')
		(void)ward_read_u8(reader);
}

static void begin_data(struct rtf *rtf, enum rtf_data data)
{
	rtf->data = data;
	rtf->data_depth = rtf->depth;
	rtf->is_dib = false;
	rtf->half = -1;
	ward_buf_clear(&rtf->bytes);
}

/* Bytes as they are: of the picture, when they stand in its group. */
static void take_binary(struct rtf *rtf, uint32_t len)
{
	size_t left = ward_reader_left(&rtf->reader);
	ward_bytes bytes = ward_read_bytes(&rtf->reader, len < left ? len : left);

	if (rtf->data != DATA_NONE && rtf->depth == rtf->data_depth)
		ward_buf_add(&rtf->bytes, bytes.ptr, bytes.len);
}

static ward_err take_control(struct rtf *rtf)
{
	char word[32];
	uint32_t number;

	if (ward_reader_left(&rtf->reader) > 0 && !is_letter(rtf->reader.next[0])) {
		/* A character by its number is no digit of a picture. */
		if (ward_read_u8(&rtf->reader) == '\'' && ward_reader_left(&rtf->reader) >= 2)
			(void)ward_read_bytes(&rtf->reader, 2);
		return WARD_OK;
	}
	read_word(&rtf->reader, word, &number);
	ward_str said = ward_str_from(word);
	bool is_picture = ward_str_eq(said, WARD_STR("pict"));
	ward_err err = WARD_OK;

	if (is_picture || ward_str_eq(said, WARD_STR("objdata"))) {
		err = rtf->data != DATA_NONE ? end_data(rtf) : WARD_OK;
		begin_data(rtf, is_picture ? DATA_PICTURE : DATA_OBJECT);
	} else if (ward_str_eq(said, WARD_STR("dibitmap"))) {
		rtf->is_dib = true;
	} else if (ward_str_eq(said, WARD_STR("bin"))) {
		take_binary(rtf, number);
	}
	return err;
}

static ward_err take_byte(struct rtf *rtf, uint8_t c)
{
	if (c == '\\')
		return take_control(rtf);
	if (c == '{')
		rtf->depth++;
	else if (c != '}')
		take_digit(rtf, c);
	else if (rtf->depth > 0 && rtf->depth-- == rtf->data_depth && rtf->data != DATA_NONE)
		return end_data(rtf);
	return WARD_OK;
}

ward_err document_rtf(struct document *document)
{
	struct rtf rtf = { .document = document, .reader = ward_reader_from(document->file) };
	ward_err err = WARD_OK;

	ward_buf_init(&rtf.bytes, SIZE_MAX);
	ward_buf_init(&rtf.name, SIZE_MAX);
	while (!err && ward_reader_left(&rtf.reader) > 0)
		err = take_byte(&rtf, ward_read_u8(&rtf.reader));
	if (!err && rtf.data != DATA_NONE) {
		document_trouble(document, WARD_E_FORMAT, "the rtf file breaks off in a picture");
		err = end_data(&rtf);
	}
	if (!err)
		err = document_rtf_text(document);
	ward_buf_free(&rtf.bytes);
	ward_buf_free(&rtf.name);
	return err;
}
