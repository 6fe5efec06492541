/*
 * HEIF (HEIC: HEVC inside) and AVIF, by libheif with our own decoders around
 * libde265 and dav1d (heif_codecs.c).
 *
 * Pixels are those that ImageMagick and pillow-heif deliver, for hashes are
 * exchanged with services that use them: the file's own cropping, turning and
 * mirroring (clap, irot, imir) are part of decoding, and width and height are
 * those of what comes out.  A file's EXIF orientation is not told: ISO 23008-12
 * makes those boxes the only ones that count, cameras write both, and both
 * applied would turn the picture twice.
 *
 * The picture to be shown (the primary item) is frame 0; other pictures that
 * are neither hidden nor parts, thumbnails or companions of another follow as
 * frames.  Thumbnails and companions (depth, brightness) are told as parts, PNM
 * of their pixels: a photo stays a picture of one, and what a thumbnail kept of
 * another picture is seen.  Where a picture cannot be read the next is tried, and the job ends
 * with the first trouble.  A sequence's frames cannot be read, which is told
 * as UNSUPPORTED when more than the first frame was asked for.
 *
 * libheif refuses a file when any item of it lies beyond the file's end.  So
 * that a file that breaks off shows what there is of it, libheif sees zeros
 * behind the end, and heif_codecs.c makes black tiles of them.
 */
#include "decode/heif_inner.h"

#include <malloc.h>
#include <stdlib.h>

#define FILE_TIMES  8  /* how much longer than it is a file may claim to be */
#define READ_TIMES  16 /* how often libheif may read it all over */
#define READ_SPARE  (1 << 20)
#define FRAME_TIMES 16        /* coded samples a frame may be made of, by its size */
#define FRAME_SPARE (1 << 22) /* and that many more: whole tiles, alpha, overlays */

void heif_ready(void)
{
	/*
	 * libheif opens its folder of plugins when it is first used.  What is in there starts
	 * threads, and was put there by whomever: it is not looked for.
	 */
	(void)setenv("LIBHEIF_PLUGIN_PATH", "/dev/null", 1);
	(void)heif_init(NULL);
	heif_codecs_register();
}

/* ---- trouble ---- */

const char *heif_name_of(const struct decode_job *job)
{
	return ward_media_name(job->facts.kind);
}

/* libheif's words end with a line's end now and then. */
ward_err heif_fail_with(struct heif *heif, struct heif_error error)
{
	struct decode_job *job = heif->job;
	ward_err code = WARD_E_FORMAT;
	ward_str words = ward_str_from(error.message ? error.message : "");

	words = ward_str_cut(&words, '\n');
	if (heif->over_limit || heif->coding.over_limit ||
			error.subcode == heif_suberror_Security_limit_exceeded)
		code = WARD_E_LIMIT;
	else if (error.code == heif_error_Memory_allocation_error)
		code = WARD_E_NOMEM;
	else if (error.code == heif_error_Unsupported_filetype ||
			error.code == heif_error_Unsupported_feature)
		code = WARD_E_UNSUPPORTED;
	if (heif->over_limit)
		words = WARD_STR("it has libheif read the same bytes over and over");
	return ward_fail(job->error, code, "the %s picture cannot be read: %.*s", heif_name_of(job),
			WARD_FMT(words));
}

/* Keeps job->error when it is the first. */
void heif_note_trouble(struct heif *heif, ward_err err)
{
	if (!err || heif->trouble)
		return;
	heif->trouble = err;
	heif->error = *heif->job->error;
}

/* ---- the file, as libheif sees it ---- */

static int64_t on_position(void *context)
{
	return ((struct heif *)context)->at;
}

static int on_seek(int64_t position, void *context)
{
	if (position < 0)
		return -1;
	((struct heif *)context)->at = position;
	return 0;
}

static int on_read(void *to, size_t len, void *context)
{
	struct heif *heif = context;
	uint64_t at = (uint64_t)heif->at, size = heif->job->file.len;
	uint64_t have = at < size ? size - at : 0;

	if (have > len)
		have = len;
	if (have < len && !heif->boxes_done)
		return -1;
	if (have > 0)
		memcpy(to, heif->job->file.ptr + at, have);
	if (have < len)
		memset((uint8_t *)to + have, 0, len - have);
	heif->coding.missing = len - have;
	heif->breaks_off |= have < len;
	heif->read_left -= len < heif->read_left ? len : heif->read_left;
	heif->at += (int64_t)len;
	return 0;
}

/*
 * Asked before anything is read.  Boxes are read up to the file's true end: the first
 * question beyond it is that for one more box.
 */
static enum heif_reader_grow_status on_size(int64_t size, void *context)
{
	struct heif *heif = context;
	uint64_t len = heif->job->file.len;

	if (size < 0)
		return heif_reader_grow_status_size_beyond_eof;
	if ((uint64_t)size <= len && heif->read_left > 0)
		return heif_reader_grow_status_size_reached;
	heif->over_limit |= heif->read_left == 0;
	if (!heif->boxes_done || heif->over_limit || (uint64_t)size > len * FILE_TIMES) {
		heif->boxes_done = true;
		return heif_reader_grow_status_size_beyond_eof;
	}
	return heif_reader_grow_status_size_reached;
}

/* ---- opening ---- */

static void close_heif(struct heif *heif)
{
	heif_codecs_use(NULL);
	if (heif->context)
		heif_context_free(heif->context);
}

/* A sequence without a still, or a still in a coding that libheif has never heard of. */
static ward_err fail_to_open(struct heif *heif, struct heif_error error)
{
	struct decode_job *job = heif->job;

	if (heif->boxes.primary_unread)
		return ward_fail(job->error, WARD_E_UNSUPPORTED,
				"the %s picture is coded as %s, for which there is no decoder here",
				heif_name_of(job), heif->boxes.unread);
	if (heif->boxes.has_track)
		return ward_fail(job->error, WARD_E_UNSUPPORTED,
				"the %s picture is a sequence, which cannot be read here",
				heif_name_of(job));
	return heif_fail_with(heif, error);
}

static ward_err open_heif(struct heif *heif, struct decode_job *job)
{
	static const struct heif_reader reader = {
		.reader_api_version = 1,
		.get_position = on_position,
		.read = on_read,
		.seek = on_seek,
		.wait_for_file_size = on_size,
	};
	uint64_t read_max = job->options->limits.memory_max / 2;

	*heif = (struct heif){ .job = job };
	ward_err err = heif_boxes_read(job, &heif->boxes);

	if (err)
		return err;
	heif->read_left = (uint64_t)job->file.len * READ_TIMES + READ_SPARE;
	if (heif->read_left > read_max)
		heif->read_left = read_max;
	heif->context = heif_context_alloc();
	if (!heif->context)
		return ward_fail(job->error, WARD_E_NOMEM, "no memory for libheif");
	heif_context_set_max_decoding_threads(heif->context, 0);
	struct heif_error error = heif_context_read_from_reader(heif->context, &reader, heif, NULL);

	return error.code ? fail_to_open(heif, error) : WARD_OK;
}

static ward_err primary_of(struct heif *heif, struct heif_image_handle **handle)
{
	struct heif_error error = heif_context_get_primary_image_handle(heif->context, handle);

	return error.code ? fail_to_open(heif, error) : WARD_OK;
}

/* ---- facts ---- */

ward_err heif_facts(struct decode_job *job)
{
	struct heif heif;
	struct heif_image_handle *handle = NULL;
	ward_err err = open_heif(&heif, job);

	if (!err)
		err = primary_of(&heif, &handle);
	if (!err) {
		int width = heif_image_handle_get_width(handle);
		int height = heif_image_handle_get_height(handle);
		int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
		int frames = heif_context_get_number_of_top_level_images(heif.context);

		job->facts.width = width > 0 ? (uint32_t)width : 0;
		job->facts.height = height > 0 ? (uint32_t)height : 0;
		job->facts.bits = bits >= 1 && bits <= 16 ? (uint32_t)bits : 8;
		job->facts.frames = frames > 0 ? (uint32_t)frames : 1;
		job->facts.has_alpha = heif_image_handle_has_alpha_channel(handle) != 0;
		heif_image_handle_release(handle);
	}
	close_heif(&heif);
	return err;
}

/* ---- one picture ---- */

static const enum heif_channel channels[4] = { heif_channel_R, heif_channel_G, heif_channel_B,
	heif_channel_Alpha };

static bool find_plane(const struct heif_image *image, struct heif_planes *planes, int i)
{
	int bits = heif_image_get_bits_per_pixel_range(image, channels[i]), stride = 0;

	if (heif_image_get_width(image, channels[i]) != (int)planes->width ||
			heif_image_get_height(image, channels[i]) != (int)planes->height ||
			bits < 1 || bits > 16)
		return false;
	planes->rows[i] = heif_image_get_plane_readonly(image, channels[i], &stride);
	planes->stride[i] = (size_t)stride;
	planes->most[i] = (1u << bits) - 1;
	return planes->rows[i] != NULL;
}

ward_err heif_find_planes(struct heif *heif, const struct heif_image *image,
		struct heif_planes *planes)
{
	struct decode_job *job = heif->job;
	int width = heif_image_get_width(image, heif_channel_R);
	int height = heif_image_get_height(image, heif_channel_R);

	*planes = (struct heif_planes){ .width = (uint32_t)width, .height = (uint32_t)height };
	if (width <= 0 || height <= 0 || !find_plane(image, planes, 0) ||
			!find_plane(image, planes, 1) || !find_plane(image, planes, 2))
		return ward_fail(job->error, WARD_E_UNSUPPORTED,
				"the %s picture's colours do not become red, green and blue",
				heif_name_of(job));
	if (heif_image_has_channel(image, heif_channel_Alpha) && !find_plane(image, planes, 3)) {
		planes->rows[3] = NULL;
		heif->coding.damaged = true;
	}
	if ((uint64_t)planes->width * planes->height > job->options->limits.pixels_max)
		return ward_fail(job->error, WARD_E_LIMIT,
				"the %s picture is %d x %d, more than the limit of %llu pixels",
				heif_name_of(job), width, height,
				(unsigned long long)job->options->limits.pixels_max);
	return WARD_OK;
}

/* Writes a plane's samples to every `step`-th byte. */
void heif_spread_plane(const struct heif_planes *planes, int i, uint8_t *to, uint32_t step)
{
	uint32_t most = planes->most[i];

	for (uint32_t y = 0; y < planes->height; y++) {
		const uint8_t *row = planes->rows[i] + y * planes->stride[i];

		if (most == 255) {
			for (uint32_t x = 0; x < planes->width; x++, to += step)
				*to = row[x];
			continue;
		}
		for (uint32_t x = 0; x < planes->width; x++, to += step) {
			uint16_t wide;

			if (most < 255) {
				*to = decode_8_of(row[x] < most ? row[x] : most, most);
				continue;
			}
			memcpy(&wide, row + 2 * x, sizeof(wide));
			*to = decode_8_of(wide < most ? wide : most, most);
		}
	}
}

/* Colours that were stored multiplied by their alpha. */
static void divide_by_alpha(uint8_t *rgba, size_t count)
{
	for (size_t i = 0; i < count; i++, rgba += 4) {
		uint32_t alpha = rgba[3];

		for (int c = 0; c < 3 && alpha > 0; c++) {
			uint32_t colour = (rgba[c] * 255u + alpha / 2) / alpha;

			rgba[c] = (uint8_t)(colour < 255 ? colour : 255);
		}
	}
}

static ward_err tell_opaque(struct heif *heif, const struct heif_planes *planes)
{
	struct decode_job *job = heif->job;
	uint8_t *rgb = decode_canvas(job, planes->width, planes->height, 3);

	if (!rgb)
		return job->error->code;
	for (int i = 0; i < 3; i++)
		heif_spread_plane(planes, i, rgb + i, 3);
	return decode_tell(job, rgb, planes->width, planes->height, 3, 1, heif->told, 0);
}

static ward_err tell_alpha(struct heif *heif, const struct heif_planes *planes, bool multiplied)
{
	struct decode_job *job = heif->job;
	uint8_t *rgba = decode_memory(job, planes->width, planes->height, 4);

	if (!rgba)
		return job->error->code;
	for (int i = 0; i < 4; i++)
		heif_spread_plane(planes, i, rgba + i, 4);
	if (multiplied)
		divide_by_alpha(rgba, (size_t)planes->width * planes->height);
	ward_err err = decode_tell_rgba(job, rgba, planes->width, planes->height, heif->told, 0);

	free(rgba);
	return err;
}

/*
 * Held against the limits before libheif takes memory.  At its peak it holds the coded samples
 * twice, or once with red, green and blue beside them: six bytes a pixel, twice that above 8 bits.
 */
static ward_err check_size(struct heif *heif, const struct heif_image_handle *handle)
{
	struct decode_job *job = heif->job;
	const struct ward_limits *limits = &job->options->limits;
	int width = heif_image_handle_get_width(handle);
	int height = heif_image_handle_get_height(handle);
	uint64_t pixels = width > 0 && height > 0 ? (uint64_t)width * (uint64_t)height : 0;
	uint64_t bytes = heif_image_handle_get_luma_bits_per_pixel(handle) > 8 ? 12 : 6;

	if (pixels == 0)
		return ward_fail(job->error, WARD_E_FORMAT,
				"a picture in the %s file has no width or height",
				heif_name_of(job));
	if (pixels > limits->pixels_max)
		return ward_fail(job->error, WARD_E_LIMIT,
				"a picture in the %s file is %d x %d, more than the limit of %llu "
				"pixels",
				heif_name_of(job), width, height,
				(unsigned long long)limits->pixels_max);
	if (pixels * bytes > limits->memory_max)
		return ward_fail(job->error, WARD_E_LIMIT,
				"%d x %d pixels need more memory than the limit of %llu bytes",
				width, height, (unsigned long long)limits->memory_max);
	heif->coding = (struct heif_coding){
		.pixels_max = limits->pixels_max,
		.pixels_left = pixels * FRAME_TIMES + FRAME_SPARE,
	};
	heif_codecs_use(&heif->coding);
	return WARD_OK;
}

/* What was wrong with a frame that was told all the same. */
ward_err heif_check_told(struct heif *heif, const struct heif_image_handle *handle,
		const struct heif_planes *planes)
{
	struct decode_job *job = heif->job;

	if (heif->breaks_off)
		return ward_fail(job->error, WARD_E_FORMAT, "the %s picture breaks off",
				heif_name_of(job));
	if (heif->coding.damaged)
		return ward_fail(job->error, WARD_E_FORMAT, "the %s picture is damaged",
				heif_name_of(job));
	if ((int)planes->width != heif_image_handle_get_width(handle) ||
			(int)planes->height != heif_image_handle_get_height(handle))
		return ward_fail(job->error, WARD_E_FORMAT,
				"the %s picture is of another size than its header says",
				heif_name_of(job));
	return WARD_OK;
}

static ward_err tell_image(struct heif *heif, const struct heif_image_handle *handle,
		const struct heif_image *image)
{
	struct heif_planes planes;
	ward_err err = heif_find_planes(heif, image, &planes);

	heif_note_trouble(heif, err);
	if (err)
		return WARD_OK;
	bool multiplied = heif_image_handle_is_premultiplied_alpha(handle);

	err = planes.rows[3] ? tell_alpha(heif, &planes, multiplied) : tell_opaque(heif, &planes);
	if (err)
		return err;
	heif->told++;
	heif_note_trouble(heif, heif_check_told(heif, handle, &planes));
	return WARD_OK;
}

/*
 * libheif and libde265 take memory for samples as it is, and where a file leaves some of them
 * out, what was there before comes out: another file's picture, perhaps a listed one.  So what
 * they are given is zero.
 */
ward_err heif_decode_item(struct heif *heif, const struct heif_image_handle *handle,
		struct heif_image **image)
{
	struct heif_decoding_options *options;
	ward_err err = check_size(heif, handle);

	if (err)
		return err;
	options = heif_decoding_options_alloc();
	if (!options)
		return ward_fail(heif->job->error, WARD_E_NOMEM, "no memory for libheif");
	(void)mallopt(M_PERTURB, 0xff); /* glibc writes the complement */
	struct heif_error error = heif_decode_image(handle, image, heif_colorspace_RGB,
			heif_chroma_444, options);

	(void)mallopt(M_PERTURB, 0);
	heif_decoding_options_free(options);
	return error.code ? heif_fail_with(heif, error) : WARD_OK;
}

/* What keeps this picture from being told is noted; what ends the job is the answer. */
static ward_err paint_item(struct heif *heif, const struct heif_image_handle *handle)
{
	struct heif_image *image = NULL;
	ward_err err = decode_frame_allowed(heif->job, heif->told);

	if (err)
		return err;
	err = heif_decode_item(heif, handle, &image);
	heif_note_trouble(heif, err);
	err = err ? WARD_OK : tell_image(heif, handle, image);
	heif_image_release(image);
	return err;
}

/* ---- all of them ---- */

/* Pictures besides the primary one, in the file's order. */
static ward_err paint_others(struct heif *heif)
{
	struct decode_job *job = heif->job;
	uint32_t count = job->facts.frames;
	heif_item_id primary = 0, *ids = decode_memory(job, count, 1, sizeof(*ids));
	ward_err err = ids ? WARD_OK : job->error->code;

	if (!err) {
		count = (uint32_t)heif_context_get_list_of_top_level_image_IDs(heif->context, ids,
				(int)count);
		(void)heif_context_get_primary_image_ID(heif->context, &primary);
	}
	for (uint32_t i = 0; !err && i < count; i++) {
		struct heif_image_handle *handle = NULL;

		if (ids[i] == primary)
			continue;
		struct heif_error error =
				heif_context_get_image_handle(heif->context, ids[i], &handle);

		if (error.code)
			heif_note_trouble(heif, heif_fail_with(heif, error));
		else
			err = paint_item(heif, handle);
		heif_image_handle_release(handle);
	}
	free(ids);
	return err;
}

/* What is in the file and was not told, because nobody here can read it. */
static ward_err check_unread(const struct heif *heif)
{
	struct decode_job *job = heif->job;

	if (heif->boxes.has_track)
		return ward_fail(job->error, WARD_E_UNSUPPORTED,
				"the %s picture is also a sequence, which cannot be read here",
				heif_name_of(job));
	if (heif->boxes.unread[0])
		return ward_fail(job->error, WARD_E_UNSUPPORTED,
				"the %s file holds a picture coded as %s, for which there is no "
				"decoder here",
				heif_name_of(job), heif->boxes.unread);
	return WARD_OK;
}

ward_err heif_paint(struct decode_job *job)
{
	struct heif heif;
	struct heif_image_handle *handle = NULL;
	ward_err err = open_heif(&heif, job);

	if (!err)
		err = primary_of(&heif, &handle);
	if (!err)
		err = paint_item(&heif, handle);
	heif_image_handle_release(handle);
	if (!err && !job->options->first_frame_only) {
		err = paint_others(&heif);
		if (!err)
			heif_note_trouble(&heif, check_unread(&heif));
	}
	if (!err && !job->wish)
		err = heif_tell_asides(&heif);
	close_heif(&heif);
	if (!err && heif.trouble) {
		*job->error = heif.error;
		err = heif.trouble;
	}
	return err;
}
