/*
 * A picture of a PDF as a file of its own: a JPEG as it is, a fax in a TIFF
 * around it, samples and what a JPEG 2000 has as PNM.  JBIG2 has no decoder
 * here that we could use: it is a member all the same, whose digests are looked
 * up, and the PDF is said not to have been looked through.
 */
#include "decode/pdf.h"

#include <stdlib.h>

#include "decode/pdf_jpx.h"

/* How many rows are handed out at once. */
#define BLOCK_BYTES ((size_t)256 << 10)

/* Sides that a picture may have at all. */
#define SIDE_MAX 1000000

static ward_err tell_part(struct pdf *pdf, qpdf_oh stream, const char *extension)
{
	ward_buf_clear(&pdf->name);
	if (pdf->page > 0)
		ward_buf_printf(&pdf->name, "page %u picture %u%s", pdf->page, ++pdf->pictures,
				extension);
	else
		ward_buf_printf(&pdf->name, "picture %d%s",
				qpdf_oh_get_object_id(pdf->qpdf, stream), extension);
	return document_part(pdf->document, ward_buf_text(&pdf->name), false);
}

/* ---- as it is ---- */

static ward_err tell_whole(struct pdf *pdf, qpdf_oh stream, const char *extension,
		const struct pdf_stream *read)
{
	ward_err err = tell_part(pdf, stream, extension);

	return err ? err : document_data(pdf->document, (ward_bytes){ read->bytes, read->len });
}

/* ---- a fax, in a TIFF ---- */

struct tiff {
	uint8_t bytes[256];
	size_t len;
	unsigned entries;
};

static void put(struct tiff *tiff, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		tiff->bytes[tiff->len++] = (uint8_t)(value >> 8 * i);
}

static void put_entry(struct tiff *tiff, uint32_t tag, uint32_t value)
{
	put(tiff, tag, 2);
	put(tiff, 4, 2); /* a LONG */
	put(tiff, 1, 4);
	put(tiff, value, 4);
	tiff->entries++;
}

/* ---- samples ---- */

/* Rows that are missing are black. */
static ward_err tell_rows(struct pdf *pdf, const struct pdf_samples *samples,
		const struct pdf_stream *read, size_t packed, size_t plain)
{
	struct pdf_samples_table *table = pdf_samples_table_new(samples);
	size_t at_once = BLOCK_BYTES / plain > 0 ? BLOCK_BYTES / plain : 1;
	uint8_t *block = malloc(at_once * plain);
	uint8_t *last = calloc(1, packed);
	ward_err err = table && block && last ? WARD_OK : WARD_E_NOMEM;
	size_t at = 0;

	if (err)
		document_trouble(pdf->document, err, "no memory for a picture's rows");
	for (uint32_t y = 0, held = 0; y < samples->height && !err; y++) {
		size_t left = read->len - at < packed ? read->len - at : packed;

		if (left < packed && last)
			memset(last, 0, packed);
		if (left < packed && last)
			memcpy(last, read->bytes + at, left);
		pdf_samples_row(table, left < packed ? last : read->bytes + at,
				block + held * plain);
		at += left;
		held++;
		if (held == at_once || y + 1 == samples->height) {
			err = document_data(pdf->document, (ward_bytes){ block, held * plain });
			held = 0;
		}
	}
	pdf_samples_table_free(table);
	free(block);
	free(last);
	return err == WARD_E_NOMEM ? WARD_OK : err;
}

static ward_err tell_samples(struct pdf *pdf, qpdf_oh stream, qpdf_oh dictionary,
		struct pdf_samples *samples, const struct pdf_stream *read)
{
	uint8_t *palette = NULL;
	size_t packed = 0, plain = 0;
	char header[64];
	ward_err err = WARD_OK;

	if (!pdf_space_read(pdf, dictionary, samples, &palette) ||
			!pdf_samples_rows(samples, &packed, &plain)) {
		document_trouble(pdf->document, WARD_E_UNSUPPORTED,
				"a picture of the pdf has colours that are not read");
	} else if (read->len < packed) {
		document_trouble(pdf->document, WARD_E_FORMAT,
				"a picture of the pdf has not one row");
	} else {
		bool grey = pdf_samples_channels(samples) == 1;
		int len = snprintf(header, sizeof(header), "P%c\n%u %u\n255\n", grey ? '5' : '6',
				samples->width, samples->height);

		err = tell_part(pdf, stream, grey ? ".pgm" : ".ppm");
		if (!err)
			err = document_data(pdf->document,
					(ward_bytes){ (uint8_t *)header, (size_t)len });
		if (!err)
			err = tell_rows(pdf, samples, read, packed, plain);
		if (read->len / packed < samples->height)
			document_trouble(pdf->document, WARD_E_FORMAT,
					"a picture of the pdf breaks off");
	}
	free(palette);
	return err;
}

/* ---- a fax, as one ---- */

/* Whether 0 is lighter than 1, by the colours and /Decode of the picture. */
static bool zero_is_light(struct pdf *pdf, qpdf_oh dictionary)
{
	struct pdf_samples samples = { .width = 2, .height = 1 };
	uint8_t *palette = NULL, plain[6] = { 0 };
	size_t packed_len, plain_len = 0;
	struct pdf_samples_table *table = NULL;

	if (pdf_space_read(pdf, dictionary, &samples, &palette) && samples.bits == 1 &&
			samples.components == 1 &&
			pdf_samples_rows(&samples, &packed_len, &plain_len))
		table = pdf_samples_table_new(&samples);
	if (table)
		pdf_samples_row(table, (const uint8_t *)"\x40", plain);
	pdf_samples_table_free(table);
	free(palette);
	return table && plain[0] > plain[plain_len / 2];
}

static ward_err tell_fax(struct pdf *pdf, qpdf_oh stream, qpdf_oh dictionary,
		const struct pdf_stream *read, uint32_t height)
{
	enum { ENTRIES = 9, HEADER = 8 + 2 + ENTRIES * 12 + 4 };
	struct tiff tiff = { .len = 0 };
	bool is_g4 = read->fax_k < 0;

	put(&tiff, 0x002a4949, 4);
	put(&tiff, 8, 4);
	put(&tiff, ENTRIES, 2);
	put_entry(&tiff, 256, (uint32_t)read->fax_columns);
	put_entry(&tiff, 257, height);
	put_entry(&tiff, 258, 1);
	put_entry(&tiff, 259, is_g4 ? 4 : 3);
	/* Black runs are 0 in a PDF unless it says otherwise, and 1 in a TIFF. */
	put_entry(&tiff, 262, read->fax_black_is_1 != zero_is_light(pdf, dictionary) ? 1 : 0);
	put_entry(&tiff, 273, HEADER);
	put_entry(&tiff, 278, height);
	put_entry(&tiff, 279, (uint32_t)read->len);
	/* T4Options: two-dimensional, and lines that begin at a byte; T6Options has neither. */
	put_entry(&tiff, is_g4 ? 293 : 292,
			is_g4 ? 0 : (read->fax_k > 0 ? 1u : 0u) | (read->fax_align ? 4u : 0u));
	put(&tiff, 0, 4);
	ward_err err = tell_part(pdf, stream, ".tif");

	if (!err)
		err = document_data(pdf->document, (ward_bytes){ tiff.bytes, tiff.len });
	return err ? err : document_data(pdf->document, (ward_bytes){ read->bytes, read->len });
}

/* ---- JPEG 2000 ---- */

static ward_err tell_pixels(struct pdf *pdf, const struct pdf_jpx *jpx)
{
	uint32_t width, height;
	unsigned channels;
	char header[64];

	pdf_jpx_size(jpx, &width, &height, &channels);
	ward_buf_printf(&pdf->name, "!pixels.p%cm", channels == 1 ? 'g' : 'p');
	uint8_t *row = malloc((size_t)width * channels);
	int len = snprintf(header, sizeof(header), "P%c\n%u %u\n255\n", channels == 1 ? '5' : '6',
			width, height);
	ward_err err = row ? document_part(pdf->document, ward_buf_text(&pdf->name), false)
			   : ward_fail(pdf->document->error, WARD_E_NOMEM, "no memory for a row");

	if (!err)
		err = document_data(pdf->document, (ward_bytes){ (uint8_t *)header, (size_t)len });
	for (uint32_t y = 0; y < height && !err; y++) {
		pdf_jpx_row(jpx, y, row);
		err = document_data(pdf->document, (ward_bytes){ row, (size_t)width * channels });
	}
	free(row);
	return err;
}

/* As it is, for its digests, and its pixels. */
static ward_err tell_jpx(struct pdf *pdf, qpdf_oh stream, qpdf_oh dictionary,
		const struct pdf_stream *read)
{
	struct pdf_samples samples = { .width = 0 };
	uint8_t *palette = NULL;
	struct pdf_jpx *jpx = NULL;
	ward_err err = tell_whole(pdf, stream, ".jp2", read);

	if (err)
		return err;
	unsigned inks = pdf_space_read(pdf, dictionary, &samples, &palette) ? samples.components
									    : 0;

	free(palette);
	ward_err trouble = pdf_jpx_open((ward_bytes){ read->bytes, read->len },
			&pdf->document->options->limits, inks, &jpx);

	if (trouble)
		document_trouble(pdf->document, trouble,
				trouble == WARD_E_LIMIT
						? "a picture of the pdf has more pixels than the "
						  "limit"
						: "a JPEG 2000 in the pdf cannot be decoded");
	else
		err = tell_pixels(pdf, jpx);
	pdf_jpx_free(jpx);
	return err;
}

/* ---- whichever it is ---- */

static ward_err tell_read(struct pdf *pdf, qpdf_oh stream, qpdf_oh dictionary,
		struct pdf_samples *samples, const struct pdf_stream *read)
{
	switch (read->codec) {
	case PDF_PLAIN:
		return tell_samples(pdf, stream, dictionary, samples, read);
	case PDF_DCT:
		return tell_whole(pdf, stream, ".jpg", read);
	case PDF_FAX:
		if (read->fax_columns > 0 && read->fax_columns <= SIDE_MAX && read->len < INT32_MAX)
			return tell_fax(pdf, stream, dictionary, read, samples->height);
		break;
	case PDF_JPX:
		return tell_jpx(pdf, stream, dictionary, read);
	case PDF_JBIG2:
		document_trouble(pdf->document, WARD_E_UNSUPPORTED,
				"a picture of the pdf is packed as JBIG2, which is not read");
		return tell_whole(pdf, stream, ".jb2", read);
	case PDF_UNKNOWN:
	default:
		break;
	}
	document_trouble(pdf->document, WARD_E_FORMAT, "a picture of the pdf cannot be unpacked");
	return WARD_OK;
}

static bool is_within(struct pdf *pdf, long long width, long long height)
{
	const struct ward_limits *limits = &pdf->document->options->limits;

	return width <= SIDE_MAX && height <= SIDE_MAX &&
	       (uint64_t)(width * height) <= limits->pixels_max;
}

ward_err pdf_picture(struct pdf *pdf, qpdf_oh stream)
{
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, stream);
	struct pdf_stream read = { .codec = PDF_UNKNOWN };
	long long width = 0, height = 0;
	ward_err err = WARD_OK;

	bool sized = pdf_number(pdf, dictionary, "/Width", &width) &&
		     pdf_number(pdf, dictionary, "/Height", &height) && width > 0 && height > 0;

	if (sized && !is_within(pdf, width, height)) {
		document_trouble(pdf->document, WARD_E_LIMIT,
				"a picture of the pdf has more pixels than the limit");
	} else {
		struct pdf_samples samples = { .width = (uint32_t)(sized ? width : 0),
			.height = (uint32_t)(sized ? height : 0) };

		pdf_stream_read(pdf, stream, &read);
		err = tell_read(pdf, stream, dictionary, &samples, &read);
		free(read.bytes);
	}
	qpdf_oh_release(pdf->qpdf, dictionary);
	return err;
}
