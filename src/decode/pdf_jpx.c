#include "decode/pdf_jpx.h"

#include <openjpeg.h>

#include "decode/pdf_samples.h"

struct input {
	ward_bytes file;
	size_t at;
};

struct pdf_jpx {
	struct input input;
	opj_image_t *image;
	enum pdf_colours colours;
};

/* ---- reading from memory ---- */

static OPJ_SIZE_T read_on(void *to, OPJ_SIZE_T len, void *context)
{
	struct input *input = context;
	size_t left = input->file.len - input->at;

	if (left == 0)
		return (OPJ_SIZE_T)-1;
	if (len > left)
		len = left;
	memcpy(to, input->file.ptr + input->at, len);
	input->at += len;
	return len;
}

static OPJ_BOOL seek_to(OPJ_OFF_T at, void *context)
{
	struct input *input = context;

	if (at < 0 || (uint64_t)at > input->file.len)
		return OPJ_FALSE;
	input->at = (size_t)at;
	return OPJ_TRUE;
}

static OPJ_OFF_T skip(OPJ_OFF_T len, void *context)
{
	struct input *input = context;
	size_t left = input->file.len - input->at;

	if (len < 0)
		return -1;
	if ((uint64_t)len > left)
		len = (OPJ_OFF_T)left;
	input->at += (size_t)len;
	return len;
}

static opj_stream_t *open_stream(struct input *input)
{
	opj_stream_t *stream = opj_stream_create(65536, OPJ_TRUE);

	if (!stream)
		return NULL;
	opj_stream_set_user_data(stream, input, NULL);
	opj_stream_set_user_data_length(stream, input->file.len);
	opj_stream_set_read_function(stream, read_on);
	opj_stream_set_seek_function(stream, seek_to);
	opj_stream_set_skip_function(stream, skip);
	return stream;
}

/* ---- what it is ---- */

/* Boxes begin with the length and the type of the first; a bare codestream with its marker. */
static OPJ_CODEC_FORMAT format_of(ward_bytes file)
{
	bool bare = file.len >= 4 && memcmp(file.ptr, "\xff\x4f\xff\x51", 4) == 0;

	return bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2;
}

/* Its samples come as 32-bit numbers, and the decoder holds them more than once. */
static ward_err check_size(const opj_image_t *image, const struct ward_limits *limits)
{
	uint64_t samples = 0;

	if (image->numcomps == 0 || image->numcomps > PDF_COMPONENTS_MAX)
		return WARD_E_FORMAT;
	for (OPJ_UINT32 c = 0; c < image->numcomps; c++) {
		const opj_image_comp_t *part = &image->comps[c];

		if (part->w == 0 || part->h == 0 || part->prec == 0 || part->prec > 31)
			return WARD_E_FORMAT;
		if ((uint64_t)part->w * part->h > limits->pixels_max)
			return WARD_E_LIMIT;
		samples += (uint64_t)part->w * part->h;
	}
	return samples > limits->memory_max / 12 ? WARD_E_LIMIT : WARD_OK;
}

static enum pdf_colours colours_of(const opj_image_t *image, unsigned inks)
{
	if (image->numcomps < 3)
		return PDF_GREY;
	return image->numcomps >= 4 && (inks == 4 || image->color_space == OPJ_CLRSPC_CMYK)
			       ? PDF_CMYK
			       : PDF_RGB;
}

static bool has_pixels(const opj_image_t *image)
{
	for (OPJ_UINT32 c = 0; c < image->numcomps; c++) {
		if (!image->comps[c].data || image->comps[c].w == 0 || image->comps[c].h == 0 ||
				image->comps[c].prec == 0 || image->comps[c].prec > 31)
			return false;
	}
	return image->numcomps > 0;
}

static ward_err decode(struct pdf_jpx *jpx, opj_codec_t *codec, opj_stream_t *stream,
		const struct ward_limits *limits)
{
	opj_dparameters_t parameters;

	opj_set_default_decoder_parameters(&parameters);
	if (!opj_setup_decoder(codec, &parameters) ||
			!opj_decoder_set_strict_mode(codec, OPJ_FALSE) ||
			!opj_read_header(stream, codec, &jpx->image))
		return WARD_E_FORMAT;
	ward_err err = check_size(jpx->image, limits);

	if (err)
		return err;
	return opj_decode(codec, stream, jpx->image) && has_pixels(jpx->image) ? WARD_OK
									       : WARD_E_FORMAT;
}

ward_err pdf_jpx_open(ward_bytes file, const struct ward_limits *limits, unsigned inks,
		struct pdf_jpx **jpx)
{
	struct pdf_jpx *made = calloc(1, sizeof(*made));
	opj_codec_t *codec = opj_create_decompress(format_of(file));
	opj_stream_t *stream = NULL;
	ward_err err = made && codec ? WARD_OK : WARD_E_NOMEM;

	if (made) {
		made->input.file = file;
		stream = open_stream(&made->input);
	}
	if (!err)
		err = stream ? decode(made, codec, stream, limits) : WARD_E_NOMEM;
	opj_stream_destroy(stream);
	opj_destroy_codec(codec);
	if (err) {
		pdf_jpx_free(made);
		return err;
	}
	made->colours = colours_of(made->image, inks);
	*jpx = made;
	return WARD_OK;
}

void pdf_jpx_free(struct pdf_jpx *jpx)
{
	if (jpx && jpx->image)
		opj_image_destroy(jpx->image);
	free(jpx);
}

/* ---- its pixels ---- */

void pdf_jpx_size(const struct pdf_jpx *jpx, uint32_t *width, uint32_t *height, unsigned *channels)
{
	*width = jpx->image->comps[0].w;
	*height = jpx->image->comps[0].h;
	*channels = jpx->colours == PDF_GREY ? 1 : 3;
}

/* A component may have fewer samples than the first. */
static uint8_t sample(const opj_image_t *image, unsigned c, uint32_t x, uint32_t y)
{
	const opj_image_comp_t *part = &image->comps[c], *first = &image->comps[0];
	size_t row = (uint64_t)y * part->h / first->h, column = (uint64_t)x * part->w / first->w;
	int64_t value = part->data[row * part->w + column];
	int64_t largest = ((int64_t)1 << part->prec) - 1;

	if (part->sgnd)
		value += (int64_t)1 << (part->prec - 1);
	if (value <= 0)
		return 0;
	return value >= largest ? 255 : (uint8_t)((value * 255 + largest / 2) / largest);
}

static uint8_t clamped(double value)
{
	return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)((unsigned)(2 * value + 1) / 2);
}

/* ITU-T T.871: full range, BT.601. */
static void from_ycc(const uint8_t *ycc, uint8_t *rgb)
{
	double y = ycc[0], cb = ycc[1] - 128.0, cr = ycc[2] - 128.0;

	rgb[0] = clamped(y + 1.402 * cr);
	rgb[1] = clamped(y - 0.344136 * cb - 0.714136 * cr);
	rgb[2] = clamped(y + 1.772 * cb);
}

void pdf_jpx_row(const struct pdf_jpx *jpx, uint32_t y, uint8_t *plain)
{
	const opj_image_t *image = jpx->image;
	unsigned components = jpx->colours == PDF_GREY ? 1 : jpx->colours == PDF_CMYK ? 4 : 3;
	unsigned channels = components > 1 ? 3 : 1;

	for (uint32_t x = 0; x < image->comps[0].w; x++, plain += channels) {
		uint8_t from[4];

		for (unsigned c = 0; c < components; c++)
			from[c] = sample(image, c, x, y);
		if (components == 3 && image->color_space == OPJ_CLRSPC_SYCC)
			from_ycc(from, plain);
		else
			pdf_samples_paint(jpx->colours, components, from, plain);
	}
}
