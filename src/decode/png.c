/*
 * PNG, by libpng.  What is between the samples (colour profiles, words,
 * gamma) is passed over unread: it does not change stored colours, and it
 * costs no memory.  libpng reports an error by a call that must not return;
 * see guard.h.
 *
 * Where a checksum of samples is wrong they are used all the same, as far as
 * they can be unpacked, and the job ends with FORMAT after the frame was told.
 */
#include "decode/apng.h"

#include <png.h>

#include "decode/guard.h"

/* Deflate makes at most 1032 bytes of one. */
#define INFLATION_MAX 1032

/* ---- chunks ---- */

bool png_next_chunk(struct ward_reader *reader, struct png_chunk *chunk)
{
	*chunk = (struct png_chunk){ 0 };
	if (ward_reader_left(reader) == 0)
		return false;
	uint32_t len = ward_read_u32be(reader);

	ward_bytes type = ward_read_bytes(reader, 4);

	chunk->type = type.len == 4 ? type.ptr : NULL;
	size_t have = len < ward_reader_left(reader) ? len : ward_reader_left(reader);

	chunk->body = ward_read_bytes(reader, have);
	chunk->crc = ward_read_u32be(reader);
	return !reader->failed;
}

bool png_chunk_is(const struct png_chunk *chunk, const char *type)
{
	return memcmp(chunk->type, type, 4) == 0;
}

/* ---- the header ---- */

static ward_err broken(const struct decode_job *job, const char *what)
{
	return ward_fail(job->error, WARD_E_FORMAT, "the png picture %s", what);
}

/* Samples a pixel by colour type; 0 for types there are not. */
static uint32_t samples_of(uint8_t colour)
{
	static const uint8_t samples[7] = { 1, 0, 3, 1, 2, 0, 4 };

	return colour < sizeof(samples) ? samples[colour] : 0;
}

/* The 13 bytes of IHDR. */
static ward_err read_size(struct decode_job *job, ward_bytes body)
{
	struct ward_picture_facts *facts = &job->facts;
	struct ward_reader reader = ward_reader_from(body);

	facts->width = ward_read_u32be(&reader);
	facts->height = ward_read_u32be(&reader);
	uint8_t depth = ward_read_u8(&reader), colour = ward_read_u8(&reader);
	uint64_t row_bits;

	if (reader.failed || samples_of(colour) == 0 || depth == 0 || depth > 16)
		return broken(job, "has a header that makes no sense");
	facts->bits = colour == PNG_COLOR_TYPE_PALETTE ? 8 : depth;
	facts->has_alpha = (colour & PNG_COLOR_MASK_ALPHA) != 0;
	/* 2^32 * 64 bits fit; times 2^32 rows may not. */
	row_bits = (uint64_t)facts->width * depth * samples_of(colour);

	uint64_t bytes;
	bool fits = !ckd_mul(&bytes, (row_bits + 7) / 8 + 1, (uint64_t)facts->height);

	if (!fits || bytes / INFLATION_MAX > job->file.len)
		return ward_fail(job->error, WARD_E_FORMAT,
				"the png picture says %u x %u, more than its %zu bytes can hold",
				facts->width, facts->height, job->file.len);
	return WARD_OK;
}

ward_err png_facts(struct decode_job *job)
{
	struct ward_reader reader = ward_reader_from(job->file);
	struct png_chunk chunk;

	ward_read_bytes(&reader, PNG_MARK_LEN);
	if (!png_next_chunk(&reader, &chunk) || !png_chunk_is(&chunk, "IHDR"))
		return broken(job, "does not begin with a header");
	ward_err err = read_size(job, chunk.body);
	bool before_samples = true, has_control = false;
	uint32_t frames = 0;

	while (!err && png_next_chunk(&reader, &chunk) && !png_chunk_is(&chunk, "IEND")) {
		struct ward_reader body = ward_reader_from(chunk.body);

		if (png_chunk_is(&chunk, "IDAT"))
			before_samples = false;
		else if (png_chunk_is(&chunk, "fcTL") && before_samples)
			has_control = true;
		else if (png_chunk_is(&chunk, "eXIf"))
			job->exif = chunk.body;
		else if (png_chunk_is(&chunk, "tRNS") && before_samples)
			job->facts.has_alpha = true;
		else if (png_chunk_is(&chunk, "acTL") && before_samples)
			frames = ward_read_u32be(&body);
	}
	/* Without control over it the picture itself is one more, beside the animation. */
	if (frames > 0 && !has_control && frames < UINT32_MAX)
		frames++;
	job->facts.frames = frames > 0 ? frames : 1;
	job->facts.orientation = exif_orientation(job->exif);
	return err;
}

/* ---- libpng on one stream ---- */

struct png {
	png_structp png;
	png_infop info;
	struct guard guard;
	struct decode_job *job;
	struct ward_reader stream;
	bool damaged; /* a checksum of critical data is wrong; job->error says so */
	bool want_rgba;
	/* What comes out, known after the header. */
	uint32_t width;
	uint32_t height;
	uint32_t channels;
	int passes;
	/* Where it goes. */
	uint8_t *pixels;
	size_t stride;
	uint32_t rows; /* painted; all of them after the first pass of an interlaced picture */
};

static void on_error(png_structp libpng, png_const_charp words)
{
	struct png *png = png_get_error_ptr(libpng);

	if (png->stream.failed)
		(void)broken(png->job, "breaks off");
	else if (!png->damaged)
		(void)ward_fail(png->job->error, WARD_E_FORMAT,
				"the png picture cannot be read: %s", words);
	guard_leave(&png->guard);
}

/* libpng's words begin with the chunk's name; a small first letter is a chunk we can do without. */
static void on_warning(png_structp libpng, png_const_charp words)
{
	struct png *png = png_get_error_ptr(libpng);
	ward_str text = ward_str_from(words);

	if (png->damaged || text.len == 0 || text.ptr[0] < 'A' || text.ptr[0] > 'Z' ||
			!ward_str_ends(text, WARD_STR(": CRC error")))
		return;
	png->damaged = true;
	(void)ward_fail(png->job->error, WARD_E_FORMAT, "the png picture is damaged: %s", words);
}

static void on_read(png_structp libpng, png_bytep to, png_size_t len)
{
	struct png *png = png_get_io_ptr(libpng);
	ward_bytes bytes = ward_read_bytes(&png->stream, len);

	if (png->stream.failed)
		png_error(libpng, "the end");
	memcpy(to, bytes.ptr, len);
}

static void read_header(void *context)
{
	struct png *png = context;

	png->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, png, on_error, on_warning);
	png->info = png->png ? png_create_info_struct(png->png) : NULL;
	if (!png->info) {
		(void)ward_fail(png->job->error, WARD_E_NOMEM, "no memory for libpng");
		guard_leave(&png->guard);
	}
	png_set_read_fn(png->png, png, on_read);
	/* Sizes were held against our own limits already. */
	png_set_user_limits(png->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	/* Everything but IHDR, PLTE, tRNS, IDAT and IEND. */
	png_set_keep_unknown_chunks(png->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	png_set_crc_action(png->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
	png_read_info(png->png, png->info);

	png_set_expand(png->png); /* palettes, 1 to 4 bits, transparent colours */
	png_set_scale_16(png->png);
	bool alpha = (png_get_color_type(png->png, png->info) & PNG_COLOR_MASK_ALPHA) ||
		     png_get_valid(png->png, png->info, PNG_INFO_tRNS);

	if (alpha || png->want_rgba) {
		png_set_gray_to_rgb(png->png);
		png_set_add_alpha(png->png, 255, PNG_FILLER_AFTER);
	}
	png->passes = png_set_interlace_handling(png->png);
	png_read_update_info(png->png, png->info);
	png->width = png_get_image_width(png->png, png->info);
	png->height = png_get_image_height(png->png, png->info);
	png->channels = png_get_channels(png->png, png->info);
	png->stride = (size_t)png->width * png->channels;
	if (png_get_rowbytes(png->png, png->info) != png->stride)
		png_error(png->png, "rows of another length");
}

/* With several passes each one fills in what is not there yet, so a cut picture is coarse, not cut.
 */
static void read_rows(void *context)
{
	struct png *png = context;

	for (int pass = 0; pass < png->passes; pass++) {
		for (uint32_t y = 0; y < png->height; y++) {
			uint8_t *row = png->pixels + y * png->stride;

			if (png->passes > 1)
				png_read_row(png->png, NULL, row);
			else
				png_read_row(png->png, row, NULL);
			if (pass == 0)
				png->rows = y + 1;
		}
	}
	png_read_end(png->png, NULL);
}

static bool start(struct png *png, struct decode_job *job, ward_bytes stream)
{
	png->job = job;
	png->stream = ward_reader_from(stream);
	return guard_run(&png->guard, read_header, png);
}

static void end(struct png *png)
{
	png_destroy_read_struct(&png->png, &png->info, NULL);
}

/* Reads into png->pixels; the error is told later, when the frame was. */
static ward_err read_pixels(struct png *png)
{
	bool done = guard_run(&png->guard, read_rows, png);

	return done && !png->damaged ? WARD_OK : png->job->error->code;
}

ward_err png_read_rgba(struct decode_job *job, ward_bytes stream, uint32_t width, uint32_t height,
		uint8_t *rgba)
{
	struct png png = { .want_rgba = true, .pixels = rgba };
	ward_err err;

	if (!start(&png, job, stream))
		err = job->error->code;
	else if (png.width != width || png.height != height || png.channels != 4)
		err = broken(job, "is of another size than its header says");
	else
		err = read_pixels(&png);
	end(&png);
	return err;
}

/* ---- a still picture ---- */

/* `trouble`, which came first, is what the job ends with; unless telling ends it. */
static ward_err after_telling(struct decode_job *job, ward_err told, ward_err err,
		const struct ward_error *trouble)
{
	if (told || !err)
		return told;
	*job->error = *trouble;
	return err;
}

static ward_err paint_rgba(struct png *png)
{
	struct decode_job *job = png->job;

	png->pixels = decode_memory(job, png->width, png->height, 4);
	if (!png->pixels)
		return job->error->code;
	ward_err err = read_pixels(png);
	struct ward_error trouble = *job->error;

	if (png->rows > 0)
		err = after_telling(job,
				decode_tell_rgba(job, png->pixels, png->width, png->height, 0, 0),
				err, &trouble);
	free(png->pixels);
	return err;
}

static ward_err paint_opaque(struct png *png)
{
	struct decode_job *job = png->job;

	png->pixels = decode_canvas(job, png->width, png->height, png->channels);
	if (!png->pixels)
		return job->error->code;
	ward_err err = read_pixels(png);
	struct ward_error trouble = *job->error;

	memset(png->pixels + png->rows * png->stride, 0, (png->height - png->rows) * png->stride);
	if (png->rows > 0)
		err = after_telling(job,
				decode_tell(job, png->pixels, png->width, png->height,
						png->channels, 1, 0, 0),
				err, &trouble);
	return err;
}

static ward_err paint_still(struct decode_job *job)
{
	struct png png = { .want_rgba = false };
	ward_err err;

	if (!start(&png, job, job->file))
		err = job->error->code;
	else if (png.width != job->facts.width || png.height != job->facts.height)
		err = broken(job, "has two headers");
	else if (png.channels == 4)
		err = paint_rgba(&png);
	else
		err = paint_opaque(&png);
	end(&png);
	return err;
}

ward_err png_paint(struct decode_job *job)
{
	if (job->facts.frames > 1 && !job->options->first_frame_only)
		return apng_paint(job);
	return paint_still(job);
}
