/*
 * What the dictionary of a picture says of its samples: how many bits, of which
 * colours, turned how.
 */
#include "decode/pdf.h"

#include <stdlib.h>

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

bool pdf_space_read(struct pdf *pdf, qpdf_oh dictionary, struct pdf_samples *samples,
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
