/*
 * A stream's bytes.  Filters stand in a row; the last one may be the codec of
 * a picture, which is not undone here: it is taken off the row, and qpdf undoes
 * what is in front of it (deflate, LZW, run lengths, the two texts of ASCII,
 * and encryption).
 */
#include "decode/pdf.h"

#include <stdlib.h>

/* More filters in a row than anybody has reason for. */
#define FILTERS_MAX 8

static enum pdf_codec codec_of(const char *filter)
{
	static const struct {
		const char *name;
		enum pdf_codec codec;
	} codecs[] = {
		{ "/DCTDecode", PDF_DCT },
		{ "/DCT", PDF_DCT },
		{ "/JPXDecode", PDF_JPX },
		{ "/CCITTFaxDecode", PDF_FAX },
		{ "/CCF", PDF_FAX },
		{ "/JBIG2Decode", PDF_JBIG2 },
	};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		if (strcmp(filter, codecs[i].name) == 0)
			return codecs[i].codec;
	}
	return PDF_PLAIN;
}

static bool flag(struct pdf *pdf, qpdf_oh dictionary, const char *key)
{
	qpdf_oh held = qpdf_oh_get_key_if_dict(pdf->qpdf, dictionary, key);
	QPDF_BOOL value = QPDF_FALSE;
	bool is = qpdf_oh_get_value_as_bool(pdf->qpdf, held, &value) && value;

	qpdf_oh_release(pdf->qpdf, held);
	return is;
}

/* `parms` are of the last filter, which is the fax's. */
static void read_fax(struct pdf *pdf, qpdf_oh parms, struct pdf_stream *read)
{
	if (read->codec != PDF_FAX)
		return;
	(void)pdf_number(pdf, parms, "/K", &read->fax_k);
	if (!pdf_number(pdf, parms, "/Columns", &read->fax_columns))
		read->fax_columns = 1728;
	(void)pdf_number(pdf, parms, "/Rows", &read->fax_rows);
	read->fax_black_is_1 = flag(pdf, parms, "/BlackIs1");
	read->fax_align = flag(pdf, parms, "/EncodedByteAlign");
}

/* The filters without their last; so many are left. */
static void take_off_last(struct pdf *pdf, qpdf_oh dictionary, const char *key, int left)
{
	qpdf_oh held = qpdf_oh_get_key(pdf->qpdf, dictionary, key);

	if (left > 0 && qpdf_oh_is_array(pdf->qpdf, held)) {
		qpdf_oh fewer = qpdf_oh_new_array(pdf->qpdf);

		for (int i = 0; i < left; i++) {
			qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, held, i);

			qpdf_oh_append_item(pdf->qpdf, fewer, item);
			qpdf_oh_release(pdf->qpdf, item);
		}
		qpdf_oh_replace_key(pdf->qpdf, dictionary, key, fewer);
		qpdf_oh_release(pdf->qpdf, fewer);
	} else {
		qpdf_oh_remove_key(pdf->qpdf, dictionary, key);
	}
	qpdf_oh_release(pdf->qpdf, held);
}

/* As it was: a stream may be read again, as what another object says it is. */
static void put_back(struct pdf *pdf, qpdf_oh dictionary, const char *key, qpdf_oh held)
{
	if (qpdf_oh_is_null(pdf->qpdf, held))
		qpdf_oh_remove_key(pdf->qpdf, dictionary, key);
	else
		qpdf_oh_replace_key(pdf->qpdf, dictionary, key, held);
}

/* Which codec stands last; it is then taken off. */
static void split_codec(struct pdf *pdf, qpdf_oh dictionary, struct pdf_stream *read)
{
	qpdf_oh filter = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Filter");
	qpdf_oh parms = qpdf_oh_get_key(pdf->qpdf, dictionary, "/DecodeParms");
	bool many = qpdf_oh_is_array(pdf->qpdf, filter);
	int count = many ? qpdf_oh_get_array_n_items(pdf->qpdf, filter) : 1;
	const char *name = NULL;

	if (count > 0) {
		qpdf_oh last = many ? qpdf_oh_get_array_item(pdf->qpdf, filter, count - 1)
				    : qpdf_oh_new_object(pdf->qpdf, filter);
		qpdf_oh last_parms = qpdf_oh_is_array(pdf->qpdf,
						     parms) && qpdf_oh_get_array_n_items(pdf->qpdf,
									       parms) >= count
						     ? qpdf_oh_get_array_item(pdf->qpdf, parms,
								       count - 1)
						     : qpdf_oh_new_object(pdf->qpdf, parms);

		if (count <= FILTERS_MAX &&
				qpdf_oh_get_value_as_name(pdf->qpdf, last, &name, &(size_t){ 0 }))
			read->codec = codec_of(name);
		read_fax(pdf, last_parms, read);
		qpdf_oh_release(pdf->qpdf, last);
		qpdf_oh_release(pdf->qpdf, last_parms);
	}
	if (count > FILTERS_MAX)
		read->codec = PDF_UNKNOWN;
	if (read->codec != PDF_PLAIN && read->codec != PDF_UNKNOWN) {
		take_off_last(pdf, dictionary, "/Filter", count - 1);
		take_off_last(pdf, dictionary, "/DecodeParms", count - 1);
	}
	qpdf_oh_release(pdf->qpdf, filter);
	qpdf_oh_release(pdf->qpdf, parms);
}

/* What went wrong is kept by qpdf until it is taken. */
static bool took_trouble(struct pdf *pdf)
{
	bool any = qpdf_has_error(pdf->qpdf);

	if (any)
		(void)qpdf_get_error(pdf->qpdf);
	while (qpdf_more_warnings(pdf->qpdf)) {
		(void)qpdf_next_warning(pdf->qpdf);
		any = true;
	}
	return any;
}

void pdf_stream_read(struct pdf *pdf, qpdf_oh stream, struct pdf_stream *read)
{
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, stream);
	QPDF_BOOL filtered = QPDF_FALSE;

	*read = (struct pdf_stream){ .codec = PDF_PLAIN };
	(void)took_trouble(pdf);
	qpdf_oh filter = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Filter");
	qpdf_oh parms = qpdf_oh_get_key(pdf->qpdf, dictionary, "/DecodeParms");
	QPDF_ERROR_CODE code = QPDF_SUCCESS;

	split_codec(pdf, dictionary, read);
	if (read->codec != PDF_UNKNOWN) {
		code = qpdf_oh_get_stream_data(pdf->qpdf, stream, qpdf_dl_specialized, &filtered,
				&read->bytes, &read->len);
		read->damaged = took_trouble(pdf);
	}
	if (read->codec != PDF_PLAIN && read->codec != PDF_UNKNOWN) {
		put_back(pdf, dictionary, "/Filter", filter);
		put_back(pdf, dictionary, "/DecodeParms", parms);
	}
	qpdf_oh_release(pdf->qpdf, filter);
	qpdf_oh_release(pdf->qpdf, parms);
	qpdf_oh_release(pdf->qpdf, dictionary);
	if (read->codec == PDF_UNKNOWN)
		return;
	if (!(code & QPDF_ERRORS) && (filtered || read->codec != PDF_PLAIN))
		return;
	free(read->bytes);
	*read = (struct pdf_stream){ .codec = PDF_UNKNOWN, .damaged = read->damaged };
}
