/*
 * Pictures that stand in the drawing instructions themselves: BI, a few keys,
 * ID, the bytes, EI (ISO 32000-1, 8.9.7).  How long the bytes are is not said:
 * they end at an EI behind which instructions go on.  Each becomes a stream like any other.
 */
#include "decode/pdf.h"

#include <stdlib.h>

/* The keys of one; longer is none. */
#define KEYS_BYTES_MAX 4096

/* Smaller ones are rules and dots; the hash of a picture says nothing of them. */
#define SIDE_MIN 32

static bool is_delimiter(uint8_t c)
{
	return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

/* ---- tokens ---- */

static size_t behind_comment(ward_bytes text, size_t at)
{
	while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
		at++;
	return at;
}

/* The next word that is an operator or a number, from `*at` on, which is set behind it. */
static ward_bytes next_word(ward_bytes text, size_t *at)
{
	size_t i = *at;

	while (i < text.len) {
		uint8_t c = text.ptr[i];
		size_t from = i;

		if (c == '(') {
			i = pdf_behind_string(text, i);
		} else if (c == '%') {
			i = behind_comment(text, i);
		} else if (pdf_is_white(c) || (is_delimiter(c) && c != '/')) {
			i++;
		} else {
			/* A name is a word that begins with a stroke. */
			i++;
			while (i < text.len && !pdf_is_white(text.ptr[i]) &&
					!is_delimiter(text.ptr[i]))
				i++;
			*at = i;
			return (ward_bytes){ text.ptr + from, i - from };
		}
	}
	*at = text.len;
	return (ward_bytes){ NULL, 0 };
}

static bool is_word(ward_bytes word, const char *what)
{
	return word.len == 2 && memcmp(word.ptr, what, 2) == 0;
}

/* ---- one picture ---- */

/* A key by its short name, or its long one; the caller releases it. */
static qpdf_oh get_key(struct pdf *pdf, qpdf_oh keys, const char *brief, const char *full)
{
	return qpdf_oh_has_key(pdf->qpdf, keys, brief) ? qpdf_oh_get_key(pdf->qpdf, keys, brief)
						       : qpdf_oh_get_key(pdf->qpdf, keys, full);
}

static void copy_key(struct pdf *pdf, qpdf_oh from, qpdf_oh to, const char *brief, const char *full)
{
	qpdf_oh held = get_key(pdf, from, brief, full);

	if (!qpdf_oh_is_null(pdf->qpdf, held))
		qpdf_oh_replace_key(pdf->qpdf, to, full, held);
	qpdf_oh_release(pdf->qpdf, held);
}

/* A colour space by a name of the page's. */
static void name_space(struct pdf *pdf, qpdf_oh dictionary, qpdf_oh resources)
{
	qpdf_oh space = qpdf_oh_get_key(pdf->qpdf, dictionary, "/ColorSpace");
	qpdf_oh known = qpdf_oh_get_key_if_dict(pdf->qpdf, resources, "/ColorSpace");

	if (qpdf_oh_is_name(pdf->qpdf, space) && qpdf_oh_is_dictionary(pdf->qpdf, known)) {
		qpdf_oh meant = qpdf_oh_get_key(pdf->qpdf, known,
				qpdf_oh_get_name(pdf->qpdf, space));

		if (!qpdf_oh_is_null(pdf->qpdf, meant))
			qpdf_oh_replace_key(pdf->qpdf, dictionary, "/ColorSpace", meant);
		qpdf_oh_release(pdf->qpdf, meant);
	}
	qpdf_oh_release(pdf->qpdf, space);
	qpdf_oh_release(pdf->qpdf, known);
}

static bool is_large(struct pdf *pdf, qpdf_oh dictionary)
{
	long long width = 0, height = 0;

	return pdf_number(pdf, dictionary, "/Width", &width) && width >= SIDE_MIN &&
	       pdf_number(pdf, dictionary, "/Height", &height) && height >= SIDE_MIN;
}

static ward_err tell_picture(struct pdf *pdf, qpdf_oh keys, qpdf_oh resources, ward_bytes bytes)
{
	static const char *const names[][2] = { { "/W", "/Width" }, { "/H", "/Height" },
		{ "/BPC", "/BitsPerComponent" }, { "/CS", "/ColorSpace" }, { "/D", "/Decode" },
		{ "/IM", "/ImageMask" } };
	qpdf_oh filter = get_key(pdf, keys, "/F", "/Filter");
	qpdf_oh parms = get_key(pdf, keys, "/DP", "/DecodeParms");
	qpdf_oh stream = qpdf_oh_new_stream(pdf->qpdf);
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, stream);
	ward_err err = WARD_OK;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		copy_key(pdf, keys, dictionary, names[i][0], names[i][1]);
	name_space(pdf, dictionary, resources);
	if (is_large(pdf, dictionary)) {
		qpdf_oh_replace_stream_data(pdf->qpdf, stream, bytes.ptr, bytes.len, filter, parms);
		err = pdf_picture(pdf, stream);
	}
	qpdf_oh_release(pdf->qpdf, dictionary);
	qpdf_oh_release(pdf->qpdf, stream);
	qpdf_oh_release(pdf->qpdf, parms);
	qpdf_oh_release(pdf->qpdf, filter);
	return err;
}

/* ---- where its bytes end ---- */

/* So many bytes behind an EI are instructions again, if it is one: text. */
static bool goes_on_as_text(ward_bytes text, size_t at)
{
	for (size_t i = at; i < text.len && i < at + 16; i++) {
		if (!pdf_is_white(text.ptr[i]) && (text.ptr[i] < ' ' || text.ptr[i] >= 0x7f))
			return false;
	}
	return true;
}

/* The place of the EI, from `at` on; the text's end without one. */
static size_t find_end(ward_bytes text, size_t at)
{
	for (size_t i = at; i + 1 < text.len; i++) {
		if (text.ptr[i] == 'E' && text.ptr[i + 1] == 'I' && i > at &&
				pdf_is_white(text.ptr[i - 1]) &&
				(i + 2 == text.len || pdf_is_white(text.ptr[i + 2])) &&
				goes_on_as_text(text, i + 2))
			return i;
	}
	return text.len;
}

size_t pdf_inline_end(ward_bytes text, size_t at)
{
	size_t end = find_end(text, at < text.len ? at + 1 : text.len);

	return end + 2 < text.len ? end + 2 : text.len;
}

/* What stands from behind BI to ID, as a dictionary; 0 bytes of it is none. */
static qpdf_oh parse_keys(struct pdf *pdf, ward_bytes text)
{
	struct ward_buf keys;
	qpdf_oh parsed;

	ward_buf_init(&keys, KEYS_BYTES_MAX + 16);
	ward_buf_str(&keys, WARD_STR("<<"));
	ward_buf_add(&keys, text.ptr, text.len);
	ward_buf_str(&keys, WARD_STR(">>"));
	parsed = keys.failed ? qpdf_oh_new_null(pdf->qpdf)
			     : qpdf_oh_parse(pdf->qpdf, ward_buf_text(&keys).ptr);
	ward_buf_free(&keys);
	return parsed;
}

/* `*at` is behind BI, and then behind EI. */
static ward_err read_picture(struct pdf *pdf, ward_bytes text, qpdf_oh resources, size_t *at)
{
	size_t keys_at = *at, keys_end;
	ward_bytes word;

	do {
		keys_end = *at;
		word = next_word(text, at);
	} while (word.len > 0 && !is_word(word, "ID") && *at - keys_at < KEYS_BYTES_MAX);
	if (!is_word(word, "ID"))
		return WARD_OK;
	qpdf_oh keys = parse_keys(pdf, (ward_bytes){ text.ptr + keys_at, keys_end - keys_at });
	size_t from = *at < text.len ? *at + 1 : text.len;
	size_t end = find_end(text, from);
	ward_err err = WARD_OK;

	if (qpdf_oh_is_dictionary(pdf->qpdf, keys))
		err = tell_picture(pdf, keys, resources,
				(ward_bytes){ text.ptr + from, end - from });
	qpdf_oh_release(pdf->qpdf, keys);
	*at = end + 2 < text.len ? end + 2 : text.len;
	return err;
}

/* Most drawings have none, and need not be taken apart. */
static bool may_have_one(ward_bytes text)
{
	const uint8_t *end = text.ptr + text.len, *next = text.ptr;

	while (next < end && (next = memchr(next, 'B', (size_t)(end - next))) != NULL) {
		if (end - next > 2 && next[1] == 'I' && (pdf_is_white(next[2]) || next[2] == '/'))
			return true;
		next++;
	}
	return false;
}

ward_err pdf_inline(struct pdf *pdf, ward_bytes text, qpdf_oh resources)
{
	ward_err err = WARD_OK;
	size_t at = 0;

	if (text.len == 0 || !may_have_one(text))
		return WARD_OK;
	while (at < text.len && !err) {
		if (is_word(next_word(text, &at), "BI"))
			err = read_picture(pdf, text, resources, &at);
	}
	return err;
}
