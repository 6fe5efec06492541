#include "decode/view_encode.h"

#include "decode/guard.h"

#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

static ward_err failed(const struct ward_buf *out, struct ward_error *error)
{
	if (out->failed)
		return ward_fail(error, WARD_E_LIMIT, "there is no room for a view in %zu bytes",
				out->cap);
	return ward_fail(error, WARD_E_NOMEM, "no memory to write the view");
}

/* ---- PNG ---- */

struct png_writer {
	const struct view_image *image;
	struct ward_buf *out;
	struct guard guard;
	png_structp png;
	png_infop info;
};

static void on_png_error(png_structp png, png_const_charp words)
{
	struct png_writer *writer = png_get_error_ptr(png);

	(void)words;
	guard_leave(&writer->guard);
}

static void on_png_warning(png_structp png, png_const_charp words)
{
	(void)png, (void)words;
}

static void on_png_bytes(png_structp png, png_bytep bytes, size_t len)
{
	struct png_writer *writer = png_get_io_ptr(png);

	ward_buf_add(writer->out, bytes, len);
	if (writer->out->failed)
		png_error(png, "full");
}

static void no_flush(png_structp png)
{
	(void)png;
}

/* Tiles and flat greys repeat along rows and from row to row: no filter is the smallest. */
static void write_png(void *context)
{
	struct png_writer *writer = context;
	const struct view_image *image = writer->image;
	int type = image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;

	png_set_write_fn(writer->png, writer, on_png_bytes, no_flush);
	png_set_filter(writer->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
	png_set_compression_level(writer->png, 6);
	png_set_IHDR(writer->png, writer->info, image->width, image->height, 8, type,
			PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
	png_write_info(writer->png, writer->info);
	for (uint32_t y = 0; y < image->height; y++)
		png_write_row(writer->png,
				image->pixels + (size_t)y * image->width * image->channels);
	png_write_end(writer->png, NULL);
}

ward_err view_encode_png(const struct view_image *image, struct ward_buf *out,
		struct ward_error *error)
{
	struct png_writer writer = { .image = image, .out = out };
	bool done;

	writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_png_error,
			on_png_warning);
	if (writer.png)
		writer.info = png_create_info_struct(writer.png);
	done = writer.info && guard_run(&writer.guard, write_png, &writer);
	png_destroy_write_struct(&writer.png, &writer.info);
	return done ? WARD_OK : failed(out, error);
}

/* ---- JPEG ---- */

struct jpeg_writer {
	const struct view_image *image;
	struct ward_buf *out;
	struct guard guard;
	struct jpeg_compress_struct turbo;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr destination;
	int quality;
	JOCTET chunk[16384];
};

static void on_jpeg_error(j_common_ptr turbo)
{
	guard_leave(&((struct jpeg_writer *)turbo->client_data)->guard);
}

static void no_jpeg_words(j_common_ptr turbo)
{
	(void)turbo;
}

static void begin_chunk(j_compress_ptr turbo)
{
	struct jpeg_writer *writer = turbo->client_data;

	writer->destination.next_output_byte = writer->chunk;
	writer->destination.free_in_buffer = sizeof(writer->chunk);
}

static boolean end_chunk(j_compress_ptr turbo)
{
	struct jpeg_writer *writer = turbo->client_data;

	ward_buf_add(writer->out, writer->chunk, sizeof(writer->chunk));
	if (writer->out->failed)
		guard_leave(&writer->guard);
	begin_chunk(turbo);
	return TRUE;
}

static void end_jpeg(j_compress_ptr turbo)
{
	struct jpeg_writer *writer = turbo->client_data;

	ward_buf_add(writer->out, writer->chunk,
			sizeof(writer->chunk) - writer->destination.free_in_buffer);
	if (writer->out->failed)
		guard_leave(&writer->guard);
}

/* Three components with the ids 1, 2, 3 and no marker of any program are YCbCr to every reader. */
static void write_jpeg(void *context)
{
	struct jpeg_writer *writer = context;
	struct jpeg_compress_struct *turbo = &writer->turbo;
	const struct view_image *image = writer->image;

	jpeg_create_compress(turbo);
	turbo->dest = &writer->destination;
	turbo->image_width = image->width;
	turbo->image_height = image->height;
	turbo->input_components = (int)image->channels;
	turbo->in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(turbo);
	jpeg_set_quality(turbo, writer->quality, TRUE);
	turbo->write_JFIF_header = FALSE;
	jpeg_start_compress(turbo, TRUE);
	while (turbo->next_scanline < turbo->image_height) {
		JSAMPROW row = image->pixels +
			       (size_t)turbo->next_scanline * image->width * image->channels;

		jpeg_write_scanlines(turbo, &row, 1);
	}
	jpeg_finish_compress(turbo);
}

ward_err view_encode_jpeg(const struct view_image *image, int quality, struct ward_buf *out,
		struct ward_error *error)
{
	struct jpeg_writer *writer = calloc(1, sizeof(*writer));
	bool done;

	if (!writer)
		return failed(out, error);
	writer->image = image;
	writer->out = out;
	writer->quality = quality;
	writer->turbo.err = jpeg_std_error(&writer->errors);
	writer->turbo.client_data = writer;
	writer->errors.error_exit = on_jpeg_error;
	writer->errors.output_message = no_jpeg_words;
	writer->destination.init_destination = begin_chunk;
	writer->destination.empty_output_buffer = end_chunk;
	writer->destination.term_destination = end_jpeg;
	done = guard_run(&writer->guard, write_jpeg, writer);
	jpeg_destroy_compress(&writer->turbo);
	free(writer);
	return done ? WARD_OK : failed(out, error);
}
