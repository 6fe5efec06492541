/*
 * HEVC by libde265 and AV1 by dav1d, as decoders that libheif calls.
 *
 * libheif has decoders around the same libraries, and they start threads as
 * soon as they are made: one of libde265's, and dav1d's as many as there are
 * processors.  In the jail that is the end of the process.  These start none,
 * and they hold what a stream says of its size against the limits before the
 * libraries take memory for it.  What comes out is the same: the libraries'
 * samples, and the colour description that the stream carries.
 */
#include "decode/heif.h"

#include <dav1d/dav1d.h>
#include <errno.h>
#include <libde265/de265.h>
#include <libheif/heif.h>
#include <libheif/heif_plugin.h>
#include <limits.h>
#include <stdlib.h>

#define PRIORITY 10000 /* libheif's own have 100 and 150 */

static struct heif_coding *coding;

void heif_codecs_use(struct heif_coding *now)
{
	coding = now;
}

/* ---- words for libheif ---- */

static struct heif_error fine(void)
{
	return (struct heif_error){ heif_error_Ok, heif_suberror_Unspecified, "Success" };
}

static struct heif_error broken(const char *words)
{
	return (struct heif_error){ heif_error_Decoder_plugin_error, heif_suberror_Unspecified,
		words };
}

static struct heif_error no_memory(void)
{
	return (struct heif_error){ heif_error_Memory_allocation_error, heif_suberror_Unspecified,
		"no memory for the decoder" };
}

/* ---- limits ---- */

/* A picture of so many samples is about to be decoded.  Small ones cost time as well. */
static bool is_allowed(uint64_t pixels)
{
	uint64_t cost = pixels > 4096 ? pixels : 4096;

	if (pixels > coding->pixels_max || cost > coding->pixels_left) {
		coding->over_limit = true;
		return false;
	}
	coding->pixels_left -= cost;
	return true;
}

/* ---- planes ---- */

static const enum heif_channel channels[3] = { heif_channel_Y, heif_channel_Cb, heif_channel_Cr };

static int planes_of(enum heif_chroma chroma)
{
	return chroma == heif_chroma_monochrome ? 1 : 3;
}

/* How far a plane is subsampled. */
static int plane_side(int side, int plane, bool halved)
{
	return plane > 0 && halved ? side / 2 + (side & 1) : side;
}

/* A picture without planes; NULL when there is no memory. */
static struct heif_image *new_image(int width, int height, enum heif_chroma chroma)
{
	struct heif_image *image = NULL;
	enum heif_colorspace space = chroma == heif_chroma_monochrome ? heif_colorspace_monochrome
								      : heif_colorspace_YCbCr;

	return heif_image_create(width, height, space, chroma, &image).code ? NULL : image;
}

/* Adds a plane with the rows at `from`, or with one value where that is NULL. */
static bool add_plane(struct heif_image *image, int plane, int width, int height, int bits,
		const uint8_t *from, ptrdiff_t from_stride, unsigned value)
{
	int stride;
	size_t row = (size_t)width * (bits > 8 ? 2 : 1);

	if (heif_image_add_plane(image, channels[plane], width, height, bits).code)
		return false;
	uint8_t *to = heif_image_get_plane(image, channels[plane], &stride);

	for (int y = 0; y < height; y++, to += stride) {
		if (from)
			memcpy(to, from + y * from_stride, row);
		for (size_t i = 0; !from && i < row; i++)
			to[i] = (uint8_t)(bits > 8 && i % 2 ? value >> 8 : value);
	}
	return true;
}

static void remember(int width, int height, int bits, enum heif_chroma chroma)
{
	coding->width = width;
	coding->height = height;
	coding->bits = bits;
	coding->chroma = (int)chroma;
}

/*
 * Stands for a picture that is not in the file: black, and like the one before it.  Only a
 * tile has one before it.
 */
static struct heif_error tell_missing(struct heif_image **out, const char *words)
{
	enum heif_chroma chroma = (enum heif_chroma)coding->chroma;
	int width = coding->width, height = coding->height, bits = coding->bits;
	bool wide = chroma == heif_chroma_420 || chroma == heif_chroma_422;

	coding->damaged = true;
	if (width == 0)
		return broken(words);
	struct heif_image *image = new_image(width, height, chroma);
	bool ok = image != NULL;

	for (int i = 0; ok && i < planes_of(chroma); i++)
		ok = add_plane(image, i, plane_side(width, i, wide),
				plane_side(height, i, chroma == heif_chroma_420), bits, NULL, 0,
				i == 0 ? 0 : 1u << (bits - 1));
	if (!ok) {
		heif_image_release(image);
		return no_memory();
	}
	*out = image;
	return fine();
}

/* The numbers of ISO 23091-2; those that libheif does not know it takes for unspecified. */
static void describe_colour(struct heif_image *image, int primaries, int transfer, int matrix,
		bool full_range)
{
	struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();

	if (!nclx)
		return;
	(void)heif_nclx_color_profile_set_color_primaries(nclx, (uint16_t)primaries);
	(void)heif_nclx_color_profile_set_transfer_characteristics(nclx, (uint16_t)transfer);
	(void)heif_nclx_color_profile_set_matrix_coefficients(nclx, (uint16_t)matrix);
	nclx->full_range_flag = full_range;
	(void)heif_image_set_nclx_color_profile(image, nclx);
	heif_nclx_color_profile_free(nclx);
}

/* ---- HEVC ---- */

static int hevc_get_buffer(de265_decoder_context *context, struct de265_image_spec *spec,
		struct de265_image *image, void *unused)
{
	(void)unused;
	if (spec->width <= 0 || spec->height <= 0 ||
			!is_allowed((uint64_t)spec->width * (uint64_t)spec->height))
		return 0;
	return de265_get_default_image_allocation_functions()->get_buffer(context, spec, image,
			NULL);
}

static void hevc_release_buffer(de265_decoder_context *context, struct de265_image *image,
		void *unused)
{
	(void)unused;
	de265_get_default_image_allocation_functions()->release_buffer(context, image, NULL);
}

static struct heif_error hevc_new(void **decoder)
{
	static struct de265_image_allocation allocation = { hevc_get_buffer, hevc_release_buffer };
	de265_decoder_context *context = coding ? de265_new_decoder() : NULL;

	if (!context)
		return no_memory();
	de265_set_image_allocation_functions(context, &allocation, NULL);
	*decoder = context;
	return fine();
}

static void hevc_free(void *decoder)
{
	(void)de265_free_decoder(decoder);
}

/* Units with 4 bytes of length before each. */
static struct heif_error hevc_push(void *decoder, const void *data, size_t size)
{
	struct ward_reader reader = ward_reader_from((ward_bytes){ data, size });
	size_t missing = coding->missing < size ? coding->missing : size;

	coding->missing = 0;
	coding->damaged |= missing > 0;
	while (ward_reader_left(&reader) > missing) {
		size_t len = ward_read_u32be(&reader);
		size_t left = ward_reader_left(&reader);

		/* Less than a length is left: the reader stays where it is. */
		if (reader.failed) {
			coding->damaged = true;
			break;
		}
		left = left > missing ? left - missing : 0;
		coding->damaged |= len > left;
		if (len > left)
			len = left;
		if (len > INT_MAX)
			return broken("a unit is too long");
		ward_bytes unit = ward_read_bytes(&reader, len);

		if (len > 2 && de265_push_NAL(decoder, unit.ptr, (int)len, 0, NULL) ==
						DE265_ERROR_OUT_OF_MEMORY)
			return no_memory();
	}
	return fine();
}

static struct heif_error hevc_convert(const struct de265_image *from, struct heif_image **out)
{
	int width = de265_get_image_width(from, 0), height = de265_get_image_height(from, 0);
	int bits = de265_get_bits_per_pixel(from, 0);
	/* The numbers are the same. */
	enum heif_chroma chroma = (enum heif_chroma)de265_get_chroma_format(from);
	struct heif_image *image = new_image(width, height, chroma);
	bool ok = image != NULL;

	for (int i = 0; ok && i < planes_of(chroma); i++) {
		int stride, plane_width = de265_get_image_width(from, i);
		const uint8_t *rows = de265_get_image_plane(from, i, &stride);

		if (plane_width <= 0 || de265_get_image_height(from, i) <= 0 ||
				de265_get_bits_per_pixel(from, i) != bits) {
			heif_image_release(image);
			return broken("the samples have different numbers of bits");
		}
		ok = add_plane(image, i, plane_width, de265_get_image_height(from, i), bits, rows,
				stride, 0);
	}
	if (!ok) {
		heif_image_release(image);
		return no_memory();
	}
	describe_colour(image, de265_get_image_colour_primaries(from),
			de265_get_image_transfer_characteristics(from),
			de265_get_image_matrix_coefficients(from),
			de265_get_image_full_range_flag(from) != 0);
	remember(width, height, bits, chroma);
	*out = image;
	return fine();
}

/* What libde265 could not make sense of and went on behind. */
static bool hevc_has_damage(de265_decoder_context *context)
{
	bool damage = false;
	de265_error warning;

	while ((warning = de265_get_warning(context)) != DE265_OK) {
		/* Words beside the picture. */
		if (warning != DE265_ERROR_CANNOT_PROCESS_SEI &&
				warning != DE265_WARNING_SPS_MISSING_CANNOT_DECODE_SEI)
			damage = true;
	}
	return damage;
}

/* An item is one picture.  Where there are several the last one counts, as in libheif. */
static struct heif_error hevc_decode(void *decoder, struct heif_image **out)
{
	struct heif_image *image = NULL;
	struct heif_error error = fine();
	de265_error trouble = de265_flush_data(decoder);
	int more = 1;

	while (more && !trouble && !error.code) {
		more = 0;
		trouble = de265_decode(decoder, &more);
		const struct de265_image *picture =
				trouble ? NULL : de265_get_next_picture(decoder);

		if (!picture)
			continue;
		heif_image_release(image);
		image = NULL;
		error = hevc_convert(picture, &image);
		de265_release_next_picture(decoder);
	}
	coding->damaged |= trouble || hevc_has_damage(decoder);
	if (error.code)
		return error;
	if (image) {
		*out = image;
		return fine();
	}
	if (coding->over_limit)
		return broken("a coded picture is larger than agreed");
	if (trouble == DE265_ERROR_OUT_OF_MEMORY)
		return no_memory();
	return tell_missing(out, "the coded picture is not whole");
}

/* ---- AV1 ---- */

struct av1 {
	Dav1dContext *context;
	Dav1dData data;
};

/* Sides are whole blocks of 128, planes lie behind each other, as dav1d wants them. */
static int av1_get_planes(Dav1dPicture *picture, void *unused)
{
	size_t width = ((size_t)picture->p.w + 127) & ~(size_t)127;
	size_t height = ((size_t)picture->p.h + 127) & ~(size_t)127;
	bool is_grey = picture->p.layout == DAV1D_PIXEL_LAYOUT_I400;
	size_t luma = width * (picture->p.bpc > 8 ? 2 : 1), chroma = 0, chroma_len = 0;
	void *planes = NULL;

	(void)unused;
	if (!is_grey) {
		chroma = picture->p.layout == DAV1D_PIXEL_LAYOUT_I444 ? luma : luma / 2;
		chroma_len = picture->p.layout == DAV1D_PIXEL_LAYOUT_I420 ? chroma * height / 2
									  : chroma * height;
	}
	if (!is_allowed((uint64_t)picture->p.w * (uint64_t)picture->p.h) ||
			posix_memalign(&planes, DAV1D_PICTURE_ALIGNMENT,
					luma * height + 2 * chroma_len + DAV1D_PICTURE_ALIGNMENT))
		return DAV1D_ERR(ENOMEM);
	picture->allocator_data = planes;
	picture->stride[0] = (ptrdiff_t)luma;
	picture->stride[1] = (ptrdiff_t)chroma;
	picture->data[0] = planes;
	picture->data[1] = is_grey ? NULL : (uint8_t *)planes + luma * height;
	picture->data[2] = is_grey ? NULL : (uint8_t *)planes + luma * height + chroma_len;
	return 0;
}

static void av1_release_planes(Dav1dPicture *picture, void *unused)
{
	(void)unused;
	free(picture->allocator_data);
}

static void av1_free(void *decoder)
{
	struct av1 *av1 = decoder;

	dav1d_data_unref(&av1->data);
	dav1d_close(&av1->context);
	free(av1);
}

static struct heif_error av1_new(void **decoder)
{
	struct av1 *av1 = coding ? calloc(1, sizeof(*av1)) : NULL;
	Dav1dSettings settings;

	if (!av1)
		return no_memory();
	dav1d_default_settings(&settings);
	settings.n_threads = 1; /* this one */
	settings.max_frame_delay = 1;
	settings.all_layers = 0;
	settings.frame_size_limit =
			coding->pixels_max < UINT_MAX ? (unsigned)coding->pixels_max : UINT_MAX;
	settings.allocator = (Dav1dPicAllocator){ NULL, av1_get_planes, av1_release_planes };
	settings.logger = (Dav1dLogger){ NULL, NULL };
	if (dav1d_open(&av1->context, &settings) != 0) {
		free(av1);
		return no_memory();
	}
	*decoder = av1;
	return fine();
}

static struct heif_error av1_push(void *decoder, const void *data, size_t size)
{
	struct av1 *av1 = decoder;
	size_t missing = coding->missing < size ? coding->missing : size;

	coding->missing = 0;
	coding->damaged |= missing > 0;
	size -= missing;
	dav1d_data_unref(&av1->data);
	if (size == 0)
		return fine();
	uint8_t *copy = dav1d_data_create(&av1->data, size);

	if (!copy)
		return no_memory();
	memcpy(copy, data, size);
	return fine();
}

/* The first picture that comes out; a negative number when none does. */
static int av1_run(struct av1 *av1, Dav1dPicture *picture)
{
	int got = DAV1D_ERR(EAGAIN);
	bool is_fed = false;

	while (got == DAV1D_ERR(EAGAIN) && !is_fed) {
		is_fed = av1->data.sz == 0;
		int sent = is_fed ? 0 : dav1d_send_data(av1->context, &av1->data);

		if (sent < 0 && sent != DAV1D_ERR(EAGAIN))
			return sent;
		got = dav1d_get_picture(av1->context, picture);
	}
	return got;
}

static struct heif_error av1_convert(const Dav1dPicture *from, struct heif_image **out)
{
	static const enum heif_chroma chromas[] = {
		[DAV1D_PIXEL_LAYOUT_I400] = heif_chroma_monochrome,
		[DAV1D_PIXEL_LAYOUT_I420] = heif_chroma_420,
		[DAV1D_PIXEL_LAYOUT_I422] = heif_chroma_422,
		[DAV1D_PIXEL_LAYOUT_I444] = heif_chroma_444,
	};
	enum heif_chroma chroma = chromas[from->p.layout];
	int width = from->p.w, height = from->p.h;
	struct heif_image *image = new_image(width, height, chroma);
	bool wide = chroma == heif_chroma_420 || chroma == heif_chroma_422;
	bool ok = image != NULL;

	for (int i = 0; ok && i < planes_of(chroma); i++)
		ok = add_plane(image, i, plane_side(width, i, wide),
				plane_side(height, i, chroma == heif_chroma_420), from->p.bpc,
				from->data[i], from->stride[i > 0], 0);
	if (!ok) {
		heif_image_release(image);
		return no_memory();
	}
	describe_colour(image, (int)from->seq_hdr->pri, (int)from->seq_hdr->trc,
			(int)from->seq_hdr->mtrx, from->seq_hdr->color_range != 0);
	remember(width, height, from->p.bpc, chroma);
	*out = image;
	return fine();
}

static struct heif_error av1_decode(void *decoder, struct heif_image **out)
{
	Dav1dPicture picture = { 0 };
	int got = av1_run(decoder, &picture);

	if (got == 0) {
		struct heif_error error = av1_convert(&picture, out);

		dav1d_picture_unref(&picture);
		return error;
	}
	if (coding->over_limit || got == DAV1D_ERR(ERANGE)) { /* its frame_size_limit */
		coding->over_limit = true;
		return broken("a coded picture is larger than agreed");
	}
	if (got == DAV1D_ERR(ENOMEM))
		return no_memory();
	return tell_missing(out, "the coded picture is not whole");
}

/* ---- what libheif is given ---- */

static const char *hevc_name(void)
{
	return "libde265 for ward";
}

static const char *av1_name(void)
{
	return "dav1d for ward";
}

static int hevc_supports(enum heif_compression_format format)
{
	return format == heif_compression_HEVC ? PRIORITY : 0;
}

static int av1_supports(enum heif_compression_format format)
{
	return format == heif_compression_AV1 ? PRIORITY : 0;
}

void heif_codecs_register(void)
{
	/* Interface 1: it has no strictness, for which we have our own way. */
	static const struct heif_decoder_plugin hevc = {
		.plugin_api_version = 1,
		.get_plugin_name = hevc_name,
		.does_support_format = hevc_supports,
		.new_decoder = hevc_new,
		.free_decoder = hevc_free,
		.push_data = hevc_push,
		.decode_image = hevc_decode,
	};
	static const struct heif_decoder_plugin av1 = {
		.plugin_api_version = 1,
		.get_plugin_name = av1_name,
		.does_support_format = av1_supports,
		.new_decoder = av1_new,
		.free_decoder = av1_free,
		.push_data = av1_push,
		.decode_image = av1_decode,
	};

	/* libde265's tables, which are shared by all decoders from then on. */
	(void)de265_init();
	(void)heif_register_decoder_plugin(&hevc);
	(void)heif_register_decoder_plugin(&av1);
}
