/*
 * A picture of a PDF as a file of its own: a JPEG as it is, a fax in a TIFF
 * around it, samples as PNM.  JPEG 2000 and JBIG2 have no decoder here: they are
 * members all the same, whose digests are looked up, and the PDF is said not
 * to have been looked through.
 */
#include "decode/pdf.h"

#include <stdlib.h>

#include "decode/pdf_samples.h"

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

static ward_err tell_fax(struct pdf *pdf, qpdf_oh stream, const struct pdf_stream *read,
		uint32_t height)
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
	/* A PDF's fax has black as 0 unless it says otherwise; TIFF's "white is zero" is fax's own.
	 */
	put_entry(&tiff, 262, read->fax_black_is_1 ? 1 : 0);
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

/* ---- samples ---- */

static bool space_named(const char *name, struct pdf_samples *samples)
{
	static const struct {
		const char *name;
		enum pdf_colours colours;
		unsigned components;
	} spaces[] = {
		{ "/DeviceGray", PDF_GREY, 1 },
		{ "/CalGray", PDF_GREY, 1 },
		{ "/G", PDF_GREY, 1 },
		{ "/DeviceRGB", PDF_RGB, 3 },
		{ "/CalRGB", PDF_RGB, 3 },
		{ "/RGB", PDF_RGB, 3 },
		{ "/DeviceCMYK", PDF_CMYK, 4 },
		{ "/CalCMYK", PDF_CMYK, 4 },
		{ "/CMYK", PDF_CMYK, 4 },
		{ "/Lab", PDF_LAB, 3 },
		{ "/Separation", PDF_INKS, 1 },
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++) {
		if (strcmp(name, spaces[i].name) != 0)
			continue;
		samples->colours = spaces[i].colours;
		samples->components = spaces[i].components;
		return true;
	}
	return false;
}

/* By the count of its components, which is all that a profile tells us. */
static bool space_of_profile(struct pdf *pdf, qpdf_oh stream, struct pdf_samples *samples)
{
	qpdf_oh dictionary = qpdf_oh_is_stream(pdf->qpdf, stream)
					     ? qpdf_oh_get_dict(pdf->qpdf, stream)
					     : qpdf_oh_new_null(pdf->qpdf);
	long long count = 0;

	(void)pdf_number(pdf, dictionary, "/N", &count);
	qpdf_oh_release(pdf->qpdf, dictionary);
	return space_named(count == 1   ? "/DeviceGray"
			   : count == 3 ? "/DeviceRGB"
			   : count == 4 ? "/DeviceCMYK"
					: "",
			samples);
}

static bool read_space(struct pdf *pdf, qpdf_oh space, struct pdf_samples *samples,
		uint8_t **palette, bool is_base);

/* [/Indexed base hival lookup]: a string or a stream, which `palette` then holds. */
static bool space_indexed(struct pdf *pdf, qpdf_oh space, struct pdf_samples *samples,
		uint8_t **palette)
{
	qpdf_oh base = qpdf_oh_get_array_item(pdf->qpdf, space, 1);
	qpdf_oh most = qpdf_oh_get_array_item(pdf->qpdf, space, 2);
	qpdf_oh lookup = qpdf_oh_get_array_item(pdf->qpdf, space, 3);
	long long index_max = 0;
	struct pdf_stream read = { .codec = PDF_UNKNOWN };
	bool good = read_space(pdf, base, samples, palette, true) &&
		    qpdf_oh_get_value_as_longlong(pdf->qpdf, most, &index_max) && index_max >= 0 &&
		    index_max <= 255;

	if (good && qpdf_oh_is_stream(pdf->qpdf, lookup)) {
		pdf_stream_read(pdf, lookup, &read);
	} else if (good && qpdf_oh_is_string(pdf->qpdf, lookup)) {
		const char *text = qpdf_oh_get_binary_string_value(pdf->qpdf, lookup, &read.len);

		read.bytes = malloc(read.len + 1);
		if (read.bytes)
			memcpy(read.bytes, text, read.len);
	}
	*palette = read.bytes;
	samples->palette = (ward_bytes){ read.bytes, read.bytes ? read.len : 0 };
	samples->base = samples->colours;
	samples->base_components = samples->components;
	samples->colours = PDF_INDEXED;
	samples->components = 1;
	samples->index_max = (unsigned)index_max;
	qpdf_oh_release(pdf->qpdf, base);
	qpdf_oh_release(pdf->qpdf, most);
	qpdf_oh_release(pdf->qpdf, lookup);
	return good && *palette;
}

static bool space_of_inks(struct pdf *pdf, qpdf_oh names, struct pdf_samples *samples)
{
	int count = qpdf_oh_is_array(pdf->qpdf, names) ? qpdf_oh_get_array_n_items(pdf->qpdf, names)
						       : 0;

	samples->colours = PDF_INKS;
	samples->components = count > 0 ? (unsigned)count : 0;
	return count > 0 && count <= PDF_COMPONENTS_MAX;
}

static bool space_of_array(struct pdf *pdf, qpdf_oh space, struct pdf_samples *samples,
		uint8_t **palette, bool is_base)
{
	qpdf_oh first = qpdf_oh_get_array_item(pdf->qpdf, space, 0);
	qpdf_oh second = qpdf_oh_get_array_n_items(pdf->qpdf, space) > 1
					 ? qpdf_oh_get_array_item(pdf->qpdf, space, 1)
					 : qpdf_oh_new_null(pdf->qpdf);
	char name[32] = "";
	bool good = false;

	if (qpdf_oh_is_name(pdf->qpdf, first))
		snprintf(name, sizeof(name), "%s", qpdf_oh_get_name(pdf->qpdf, first));
	if (strcmp(name, "/ICCBased") == 0)
		good = space_of_profile(pdf, second, samples);
	else if (strcmp(name, "/DeviceN") == 0)
		good = space_of_inks(pdf, second, samples);
	else if (strcmp(name, "/Indexed") == 0 || strcmp(name, "/I") == 0)
		good = !is_base && qpdf_oh_get_array_n_items(pdf->qpdf, space) >= 4 &&
		       space_indexed(pdf, space, samples, palette);
	else
		good = space_named(name, samples);
	qpdf_oh_release(pdf->qpdf, first);
	qpdf_oh_release(pdf->qpdf, second);
	return good;
}

/* A space within one, /Indexed's base, is no other /Indexed. */
static bool read_space(struct pdf *pdf, qpdf_oh space, struct pdf_samples *samples,
		uint8_t **palette, bool is_base)
{
	if (qpdf_oh_is_name(pdf->qpdf, space))
		return space_named(qpdf_oh_get_name(pdf->qpdf, space), samples);
	return qpdf_oh_is_array(pdf->qpdf, space) &&
	       qpdf_oh_get_array_n_items(pdf->qpdf, space) > 0 &&
	       space_of_array(pdf, space, samples, palette, is_base);
}

static void read_decode(struct pdf *pdf, qpdf_oh dictionary, struct pdf_samples *samples)
{
	qpdf_oh decode = qpdf_oh_get_key(pdf->qpdf, dictionary, "/Decode");
	unsigned count = 2 * samples->components;

	samples->has_decode = qpdf_oh_is_array(pdf->qpdf, decode) &&
			      qpdf_oh_get_array_n_items(pdf->qpdf, decode) >= (int)count;
	for (unsigned i = 0; i < count && samples->has_decode; i++) {
		qpdf_oh item = qpdf_oh_get_array_item(pdf->qpdf, decode, (int)i);

		samples->has_decode =
				qpdf_oh_get_value_as_number(pdf->qpdf, item, &samples->decode[i]);
		qpdf_oh_release(pdf->qpdf, item);
	}
	qpdf_oh_release(pdf->qpdf, decode);
}

/* What the picture's dictionary says of its samples. */
static bool read_samples(struct pdf *pdf, qpdf_oh dictionary, struct pdf_samples *samples,
		uint8_t **palette)
{
	qpdf_oh space = qpdf_oh_get_key(pdf->qpdf, dictionary, "/ColorSpace");
	qpdf_oh mask = qpdf_oh_get_key(pdf->qpdf, dictionary, "/ImageMask");
	QPDF_BOOL is_mask = QPDF_FALSE;
	long long bits = 0;
	bool good;

	(void)qpdf_oh_get_value_as_bool(pdf->qpdf, mask, &is_mask);
	if (is_mask) {
		good = space_named("/DeviceGray", samples);
		bits = 1;
	} else {
		good = read_space(pdf, space, samples, palette, false) &&
		       pdf_number(pdf, dictionary, "/BitsPerComponent", &bits);
	}
	samples->bits = bits > 0 && bits <= 16 ? (unsigned)bits : 0;
	if (good)
		read_decode(pdf, dictionary, samples);
	qpdf_oh_release(pdf->qpdf, space);
	qpdf_oh_release(pdf->qpdf, mask);
	return good;
}

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

	if (!read_samples(pdf, dictionary, samples, &palette) ||
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
			return tell_fax(pdf, stream, read, samples->height);
		break;
	case PDF_JPX:
	case PDF_JBIG2:
		document_trouble(pdf->document, WARD_E_UNSUPPORTED,
				"a picture of the pdf is packed as JPEG 2000 or JBIG2, which is "
				"not read");
		return tell_whole(pdf, stream, read->codec == PDF_JPX ? ".jp2" : ".jb2", read);
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

/* A mask beside a picture is not one that anybody sees. */
static void pass_over_mask(struct pdf *pdf, qpdf_oh dictionary, const char *key)
{
	qpdf_oh mask = qpdf_oh_get_key(pdf->qpdf, dictionary, key);

	if (qpdf_oh_is_stream(pdf->qpdf, mask))
		(void)pdf_is_new(pdf, mask);
	qpdf_oh_release(pdf->qpdf, mask);
}

ward_err pdf_picture(struct pdf *pdf, qpdf_oh stream)
{
	qpdf_oh dictionary = qpdf_oh_get_dict(pdf->qpdf, stream);
	struct pdf_stream read = { .codec = PDF_UNKNOWN };
	long long width = 0, height = 0;
	ward_err err = WARD_OK;

	pass_over_mask(pdf, dictionary, "/SMask");
	pass_over_mask(pdf, dictionary, "/Mask");
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
