/*
 * GIF, by giflib, record by record, so that memory does not grow with the
 * frames.  Each frame is composed on the canvas, as players do: disposal,
 * transparency, local palettes, interlace.
 *
 * Pixels that nothing has painted yet are transparent.  Their stored colour,
 * which a hash sees where alpha is dropped, is the palette's entry of the first
 * frame's transparent index, or of the background's: what the tools that
 * published hashes have there.
 *
 * A damaged frame is told as far as it goes, and those behind it follow; then
 * the job fails.  A file that ends where a record could begin has lost nothing
 * but the mark of its end, which is no damage.
 */
#include "decode/format.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

/* LZW strings are at most 4096 pixels, and a code takes three bits at least. */
#define PIXELS_A_BYTE (UINT64_C(4096) * 8 / 3)

struct gif {
	struct decode_job *job;
	GifFileType *file;
	struct ward_reader reader;
	GraphicsControlBlock control; /* of the image to come */
	uint8_t *canvas;              /* RGBA */
	uint8_t *before;              /* the canvas as it was, for a frame that is to be undone */
	uint8_t fill[4];
	uint8_t colours[256][4]; /* of this image */
	uint32_t width;
	uint32_t height;
	uint64_t time_ms;
	ward_err damage; /* job->error says what */
	uint8_t row[UINT16_MAX + 1];
};

static int read_memory(GifFileType *file, GifByteType *to, int len)
{
	struct gif *gif = file->UserData;
	size_t left = ward_reader_left(&gif->reader);

	if (len < 0)
		return 0;
	ward_bytes bytes = ward_read_bytes(&gif->reader, (size_t)len < left ? (size_t)len : left);

	if (bytes.len > 0)
		memcpy(to, bytes.ptr, bytes.len);
	return (int)bytes.len;
}

static ward_err fail(struct gif *gif)
{
	const char *words = gif->file ? GifErrorString(gif->file->Error) : NULL;
	bool no_memory = gif->file && gif->file->Error == D_GIF_ERR_NOT_ENOUGH_MEM;

	return ward_fail(gif->job->error, no_memory ? WARD_E_NOMEM : WARD_E_FORMAT,
			"the gif picture is damaged: %s", words ? words : "it has no header");
}

/* The first damage is told, at the end. */
static void note_damage(struct gif *gif)
{
	if (!gif->damage)
		gif->damage = fail(gif);
}

static struct gif *open_gif(struct decode_job *job)
{
	struct gif *gif = calloc(1, sizeof(*gif));
	int ignored;

	if (!gif) {
		(void)ward_fail(job->error, WARD_E_NOMEM, "no memory to read a gif picture");
		return NULL;
	}
	gif->job = job;
	gif->reader = ward_reader_from(job->file);
	gif->control.TransparentColor = NO_TRANSPARENT_COLOR;
	gif->file = DGifOpen(gif, read_memory, &ignored);
	if (gif->file)
		return gif;
	(void)fail(gif);
	free(gif);
	return NULL;
}

static void close_gif(struct gif *gif)
{
	int ignored;

	(void)DGifCloseFile(gif->file, &ignored);
	free(gif->canvas);
	free(gif->before);
	free(gif);
}

/* ---- records ---- */

static bool read_extension(struct gif *gif)
{
	GifByteType *block;
	int code;
	bool ok = DGifGetExtension(gif->file, &code, &block) == GIF_OK;

	while (ok && block) {
		if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4)
			(void)DGifExtensionToGCB(block[0], block + 1, &gif->control);
		ok = DGifGetExtensionNext(gif->file, &block) == GIF_OK;
	}
	return ok;
}

/* True when an image follows and its description was read; damage is noted. */
static bool next_image(struct gif *gif)
{
	GifRecordType type = EXTENSION_RECORD_TYPE;
	bool ok = true;

	while (ok && type == EXTENSION_RECORD_TYPE) {
		/* Some writers put a zero too many behind an image. */
		while (ward_reader_left(&gif->reader) > 0 && *gif->reader.next == 0)
			ward_read_u8(&gif->reader);
		if (ward_reader_left(&gif->reader) == 0)
			return false;
		ok = DGifGetRecordType(gif->file, &type) == GIF_OK;
		if (ok && type == EXTENSION_RECORD_TYPE)
			ok = read_extension(gif);
	}
	if (ok && type == IMAGE_DESC_RECORD_TYPE)
		ok = DGifGetImageDesc(gif->file) == GIF_OK;
	if (!ok)
		note_damage(gif);
	return ok && type == IMAGE_DESC_RECORD_TYPE;
}

/* Passes over what is left of an image's codes. */
static bool skip_codes(struct gif *gif)
{
	GifByteType *block;
	bool ok = true;

	do
		ok = DGifGetCodeNext(gif->file, &block) == GIF_OK;
	while (ok && block);
	if (!ok)
		note_damage(gif);
	return ok;
}

/* ---- facts ---- */

/* Some files state a screen that is smaller than their first frame, or none. */
static void note_size(struct decode_job *job, const GifFileType *file)
{
	const GifImageDesc *first = &file->Image;
	uint32_t right = (uint32_t)(first->Left + first->Width);
	uint32_t bottom = (uint32_t)(first->Top + first->Height);

	job->facts.width = (uint32_t)file->SWidth > right ? (uint32_t)file->SWidth : right;
	job->facts.height = (uint32_t)file->SHeight > bottom ? (uint32_t)file->SHeight : bottom;
	job->facts.bits = 8;
}

/* A header that claims more than the file can hold is not worth the memory. */
static bool can_hold(const struct gif *gif)
{
	const GifImageDesc *first = &gif->file->Image;
	uint64_t pixels = (uint64_t)first->Width * (uint64_t)first->Height;

	return pixels / PIXELS_A_BYTE <= gif->job->file.len;
}

static ward_err count_images(struct gif *gif)
{
	struct decode_job *job = gif->job;
	uint32_t frames = 0;
	bool whole = true;

	/* One more than allowed is enough to know. */
	while (whole && frames <= job->options->limits.frames_max && next_image(gif)) {
		if (frames++ == 0)
			note_size(job, gif->file);
		if (frames == 1 && !can_hold(gif))
			return ward_fail(job->error, WARD_E_FORMAT,
					"the gif picture says %u x %u, more than its %zu bytes can "
					"hold",
					job->facts.width, job->facts.height, job->file.len);
		job->facts.has_alpha |= gif->control.TransparentColor != NO_TRANSPARENT_COLOR;
		whole = skip_codes(gif);
	}
	if (frames == 0 && !gif->damage)
		return ward_fail(job->error, WARD_E_FORMAT, "the gif picture holds no image");
	job->facts.frames = frames;
	return frames > 0 ? WARD_OK : gif->damage;
}

ward_err gif_facts(struct decode_job *job)
{
	struct gif *gif = open_gif(job);

	if (!gif)
		return job->error->code;
	ward_err err = count_images(gif);

	close_gif(gif);
	return err;
}

/* ---- pixels ---- */

/* Without any palette an index is a grey; beyond a palette's end is black. */
static void read_palette(struct gif *gif)
{
	const ColorMapObject *palette = gif->file->Image.ColorMap ? gif->file->Image.ColorMap
								  : gif->file->SColorMap;

	memset(gif->colours, 0, sizeof(gif->colours));
	for (int i = 0; i < 256; i++) {
		uint8_t *colour = gif->colours[i];

		colour[3] = 255;
		if (!palette) {
			memset(colour, i, 3);
		} else if (i < palette->ColorCount) {
			colour[0] = palette->Colors[i].Red;
			colour[1] = palette->Colors[i].Green;
			colour[2] = palette->Colors[i].Blue;
		}
	}
}

static void fill_rectangle(struct gif *gif, uint32_t left, uint32_t top, uint32_t width,
		uint32_t height)
{
	for (uint32_t y = top; y < gif->height && y - top < height; y++) {
		uint8_t *row = gif->canvas + (size_t)y * gif->width * 4;

		for (uint32_t x = left; x < gif->width && x - left < width; x++)
			memcpy(row + (size_t)x * 4, gif->fill, 4);
	}
}

static void prepare_canvas(struct gif *gif)
{
	int index = gif->control.TransparentColor != NO_TRANSPARENT_COLOR
				    ? gif->control.TransparentColor
				    : gif->file->SBackGroundColor;

	memcpy(gif->fill, gif->colours[index], 3);
	fill_rectangle(gif, 0, 0, gif->width, gif->height);
}

static void paint_row(struct gif *gif, uint32_t y)
{
	const GifImageDesc *image = &gif->file->Image;
	uint32_t left = (uint32_t)image->Left;

	if (y >= gif->height)
		return;
	uint8_t *row = gif->canvas + (size_t)y * gif->width * 4;

	for (uint32_t x = left; x < gif->width && x - left < (uint32_t)image->Width; x++) {
		int index = gif->row[x - left];

		if (index != gif->control.TransparentColor)
			memcpy(row + (size_t)x * 4, gif->colours[index], 4);
	}
}

/* Every eighth row from 0, every eighth from 4, every fourth from 2, every second from 1. */
static uint32_t interlaced(uint32_t n, uint32_t height)
{
	static const struct {
		uint32_t first, step;
	} passes[4] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } };
	int pass = 0;

	for (; pass < 3; pass++) {
		uint32_t rows = height > passes[pass].first
						? (height - passes[pass].first -
								  1) / passes[pass].step +
								  1
						: 0;
		if (n < rows)
			break;
		n -= rows;
	}
	return passes[pass].first + n * passes[pass].step;
}

/* False when the file has broken off. */
static bool paint_image(struct gif *gif)
{
	const GifImageDesc *image = &gif->file->Image;
	uint32_t height = (uint32_t)image->Height;

	for (uint32_t n = 0; n < height && image->Width > 0; n++) {
		uint32_t y = image->Interlace ? interlaced(n, height) : n;

		if (DGifGetLine(gif->file, gif->row, image->Width) != GIF_OK) {
			note_damage(gif);
			return skip_codes(gif);
		}
		paint_row(gif, (uint32_t)image->Top + y);
	}
	/* giflib has passed over the rest of the codes when the last pixel was read. */
	return (image->Width > 0 && height > 0) || skip_codes(gif);
}

static ward_err keep_before(struct gif *gif)
{
	size_t len = (size_t)gif->width * gif->height * 4;

	if (!gif->before)
		gif->before = decode_memory(gif->job, gif->width, gif->height, 4);
	if (!gif->before)
		return gif->job->error->code;
	memcpy(gif->before, gif->canvas, len);
	return WARD_OK;
}

static void dispose(struct gif *gif)
{
	const GifImageDesc *image = &gif->file->Image;

	if (gif->control.DisposalMode == DISPOSE_BACKGROUND) {
		fill_rectangle(gif, (uint32_t)image->Left, (uint32_t)image->Top,
				(uint32_t)image->Width, (uint32_t)image->Height);
	} else if (gif->control.DisposalMode == DISPOSE_PREVIOUS) {
		uint8_t *canvas = gif->canvas;

		gif->canvas = gif->before;
		gif->before = canvas;
	}
}

static ward_err tell_image(struct gif *gif, uint32_t index, bool *whole)
{
	uint32_t time_ms = gif->time_ms < UINT32_MAX ? (uint32_t)gif->time_ms : UINT32_MAX;
	ward_err err = decode_frame_allowed(gif->job, index);

	if (!err && gif->control.DisposalMode == DISPOSE_PREVIOUS)
		err = keep_before(gif);
	if (err)
		return err;
	*whole = paint_image(gif);
	err = decode_tell_rgba(gif->job, gif->canvas, gif->width, gif->height, index, time_ms);
	dispose(gif);
	gif->time_ms += (uint64_t)gif->control.DelayTime * 10;
	gif->control = (GraphicsControlBlock){ .TransparentColor = NO_TRANSPARENT_COLOR };
	return err;
}

static ward_err tell_images(struct gif *gif)
{
	bool whole = true;
	ward_err err = WARD_OK;

	for (uint32_t index = 0; !err && whole && next_image(gif); index++) {
		read_palette(gif);
		if (index == 0)
			prepare_canvas(gif);
		err = tell_image(gif, index, &whole);
		if (gif->job->options->first_frame_only)
			break;
	}
	return err;
}

ward_err gif_paint(struct decode_job *job)
{
	struct gif *gif = open_gif(job);

	if (!gif)
		return job->error->code;
	gif->width = job->facts.width;
	gif->height = job->facts.height;
	gif->canvas = decode_memory(job, gif->width, gif->height, 4);
	ward_err err = gif->canvas ? tell_images(gif) : job->error->code;

	if (!err)
		err = gif->damage;
	close_gif(gif);
	return err;
}
