/*
 * Every object, whoever holds it: attached files with their names, links and
 * glyphs first, then pictures, forms, patterns and files that no page named.
 */
#include "decode/pdf_text.h"

#include <stdlib.h>

/* Arrays and dictionaries within each other, in one object. */
#define DEPTH_MAX 32

/* ---- attached files ---- */

static ward_err tell_file(struct pdf *pdf, qpdf_oh stream, ward_str name)
{
	struct pdf_stream read;
	ward_err err;

	ward_buf_clear(&pdf->name);
	ward_buf_str(&pdf->name, WARD_STR("attachments/"));
	if (name.len > 0)
		ward_buf_str(&pdf->name, name);
	else
		ward_buf_printf(&pdf->name, "file %u", ++pdf->files);
	pdf_stream_read(pdf, stream, &read);
	if (read.codec == PDF_UNKNOWN || read.damaged)
		document_trouble(pdf->document, WARD_E_FORMAT,
				"a file in the pdf cannot be unpacked, or not to its end");
	err = document_part(pdf->document, ward_buf_text(&pdf->name), false);
	if (!err && read.bytes)
		err = document_data(pdf->document, (ward_bytes){ read.bytes, read.len });
	free(read.bytes);
	return err;
}

/* The last part of a path, in UTF-8; borrowed from `out`. */
static ward_str file_name(struct pdf *pdf, qpdf_oh holder, struct ward_buf *out)
{
	static const char *const keys[] = { "/UF", "/F" };

	for (int i = 0; i < 2 && out->len == 0; i++) {
		qpdf_oh held = qpdf_oh_get_key(pdf->qpdf, holder, keys[i]);
		const char *text = NULL;
		size_t len = 0;

		if (qpdf_oh_get_value_as_utf8(pdf->qpdf, held, &text, &len)) {
			size_t from = len;

			while (from > 0 && text[from - 1] != '/' && text[from - 1] != '\\')
				from--;
			ward_buf_add(out, text + from, len - from);
		}
		qpdf_oh_release(pdf->qpdf, held);
	}
	return ward_buf_text(out);
}

/* A dictionary with /EF: its streams, by the name that stands beside. */
static ward_err tell_files(struct pdf *pdf, qpdf_oh holder, qpdf_oh files)
{
	struct ward_buf name;
	char *keys = pdf_keys(pdf, files);
	ward_err err = WARD_OK;

	ward_buf_init(&name, SIZE_MAX);
	ward_str said = file_name(pdf, holder, &name);

	for (const char *key = keys; key && *key != 0 && !err; key += strlen(key) + 1) {
		qpdf_oh stream = qpdf_oh_get_key(pdf->qpdf, files, key);

		if (qpdf_oh_is_stream(pdf->qpdf, stream) && pdf_is_new(pdf, stream, PDF_AS_FILE))
			err = tell_file(pdf, stream, said);
		qpdf_oh_release(pdf->qpdf, stream);
	}
	free(keys);
	ward_buf_free(&name);
	return err;
}

/* ---- links ---- */

/* One a line: what would end a line, or is no text, is left out. */
static void keep_link(struct pdf *pdf, qpdf_oh uri)
{
	const char *text = NULL;
	size_t len = 0;

	if (!qpdf_oh_get_value_as_string(pdf->qpdf, uri, &text, &len) || len == 0)
		return;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] > ' ' && text[i] != 0x7f)
			ward_buf_char(&pdf->links, text[i]);
	}
	ward_buf_char(&pdf->links, '\n');
}

static ward_err tell_links(struct pdf *pdf)
{
	if (pdf->links.failed)
		document_trouble(pdf->document, WARD_E_LIMIT,
				"the pdf has more links than are listed");
	if (pdf->links.len == 0)
		return WARD_OK;
	ward_err err = document_part(pdf->document, WARD_STR("links.txt"), false);

	return err ? err
		   : document_data(pdf->document,
				     (ward_bytes){ (uint8_t *)pdf->links.ptr, pdf->links.len });
}

/* ---- glyphs ---- */

/* Of a font of Type 3, which are drawn by instructions: those may hold pictures. */
static ward_err look_at_glyphs(struct pdf *pdf, qpdf_oh font, qpdf_oh glyphs)
{
	char *keys = pdf_keys(pdf, glyphs);
	ward_err err = WARD_OK;

	for (const char *key = keys; key && *key != 0 && !err; key += strlen(key) + 1) {
		qpdf_oh glyph = qpdf_oh_get_key(pdf->qpdf, glyphs, key);

		/* Their resources are the font's. */
		if (qpdf_oh_is_stream(pdf->qpdf, glyph) && pdf_is_new(pdf, glyph, PDF_AS_FORM))
			err = pdf_form(pdf, glyph, font, 0);
		qpdf_oh_release(pdf->qpdf, glyph);
	}
	free(keys);
	return err;
}

/* ---- every object ---- */

static ward_err look_within(struct pdf *pdf, qpdf_oh object, unsigned depth);

/* What an object holds itself; what it refers to is another object, with its own turn. */
static ward_err look_below(struct pdf *pdf, qpdf_oh object, unsigned depth)
{
	if (depth == DEPTH_MAX || qpdf_oh_is_indirect(pdf->qpdf, object))
		return WARD_OK;
	return look_within(pdf, object, depth + 1);
}

static ward_err look_in_array(struct pdf *pdf, qpdf_oh array, unsigned depth)
{
	int count = qpdf_oh_get_array_n_items(pdf->qpdf, array);
	ward_err err = WARD_OK;

	for (int i = 0; i < count && !err; i++) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, array, i);

		err = look_below(pdf, item, depth);
		qpdf_oh_release(pdf->qpdf, item);
	}
	return err;
}

static ward_err look_in_dictionary(struct pdf *pdf, qpdf_oh dictionary, unsigned depth)
{
	qpdf_oh files = qpdf_oh_get_key(pdf->qpdf, dictionary, "/EF");
	qpdf_oh uri = qpdf_oh_get_key(pdf->qpdf, dictionary, "/URI");
	ward_err err = WARD_OK;

	if (qpdf_oh_is_string(pdf->qpdf, uri))
		keep_link(pdf, uri);
	qpdf_oh glyphs = qpdf_oh_get_key(pdf->qpdf, dictionary, "/CharProcs");

	if (qpdf_oh_is_dictionary(pdf->qpdf, files))
		err = tell_files(pdf, dictionary, files);
	if (!err && qpdf_oh_is_dictionary(pdf->qpdf, glyphs))
		err = look_at_glyphs(pdf, dictionary, glyphs);
	qpdf_oh_release(pdf->qpdf, files);
	qpdf_oh_release(pdf->qpdf, glyphs);
	qpdf_oh_release(pdf->qpdf, uri);
	char *keys = err ? NULL : pdf_keys(pdf, dictionary);

	for (const char *key = keys; key && *key != 0 && !err; key += strlen(key) + 1) {
		qpdf_oh value = qpdf_oh_get_key(pdf->qpdf, dictionary, key);

		err = look_below(pdf, value, depth);
		qpdf_oh_release(pdf->qpdf, value);
	}
	free(keys);
	return err;
}

static ward_err look_within(struct pdf *pdf, qpdf_oh object, unsigned depth)
{
	if (qpdf_oh_is_array(pdf->qpdf, object))
		return look_in_array(pdf, object, depth);
	if (qpdf_oh_is_dictionary(pdf->qpdf, object))
		return look_in_dictionary(pdf, object, depth);
	return WARD_OK;
}

/* A stream that nothing led to. */
static ward_err look_at_stream(struct pdf *pdf, qpdf_oh stream)
{
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, stream);
	long long pattern = 0;
	ward_err err = WARD_OK;

	if (pdf_is_name(pdf, dictionary, "/Subtype", "/Image") &&
			pdf_is_new(pdf, stream, PDF_AS_PICTURE))
		err = pdf_picture(pdf, stream);
	else if (pdf_is_name(pdf, dictionary, "/Type", "/EmbeddedFile") &&
			pdf_is_new(pdf, stream, PDF_AS_FILE))
		err = tell_file(pdf, stream, WARD_STR(""));
	else if ((pdf_is_name(pdf, dictionary, "/Subtype", "/Form") ||
				 (pdf_number(pdf, dictionary, "/PatternType", &pattern) &&
						 pattern == 1)) &&
			pdf_is_new(pdf, stream, PDF_AS_FORM))
		err = pdf_form(pdf, stream, dictionary, 0);
	qpdf_oh_release(pdf->qpdf, dictionary);
	return err;
}

static ward_err look_at_object(struct pdf *pdf, int id, bool streams)
{
	qpdf_oh object = qpdf_get_object_by_id(pdf->qpdf, id, 0);

	/* A number that was free for a while and used again; more often than once hardly is any. */
	if (qpdf_oh_is_null(pdf->qpdf, object))
		object = qpdf_get_object_by_id(pdf->qpdf, id, 1);
	bool is_stream = qpdf_oh_is_stream(pdf->qpdf, object);
	ward_err err = WARD_OK;

	if (!is_stream && !streams)
		err = look_within(pdf, object, 0);
	if (is_stream && streams)
		err = look_at_stream(pdf, object);
	qpdf_oh_release_all(pdf->qpdf);
	return err;
}

ward_err pdf_sweep(struct pdf *pdf)
{
	ward_err err = WARD_OK;

	for (int turn = 0; turn < 2; turn++) {
		for (int id = 1; id <= pdf->last && !err; id++) {
			/* Eight at a time: most bits are of no object. */
			if (pdf->there[id / 8] == 0)
				id |= 7;
			else if (pdf->there[id / 8] >> id % 8 & 1)
				err = look_at_object(pdf, id, turn == 1);
		}
	}
	if (!err)
		err = pdf_text_end(pdf);
	return err ? err : tell_links(pdf);
}
