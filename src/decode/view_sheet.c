#include "decode/view_sheet.h"

#include <stdlib.h>

#include "decode/view_encode.h"

/* Finer than this, in pixels of WARD_VIEW_SIDE, L3 shows nothing. */
#define REDUCED_SIGMA 4.0

#define QUALITY_CLEAR   85
#define QUALITY_BLURRED 90

/* ---- the sheet's shape ---- */

/* Upright, and with square pixels. */
static bool is_wide(const struct view_sheet *sheet)
{
	uint64_t width = (uint64_t)sheet->facts.width * sheet->across;
	uint64_t height = (uint64_t)sheet->facts.height * sheet->down;

	return sheet->facts.orientation >= 5 ? height >= width : width >= height;
}

static uint32_t columns_for(const struct view_sheet *sheet, uint32_t tiles)
{
	if (tiles > 9)
		return is_wide(sheet) ? 3 : 4;
	return tiles <= 1 ? 1 : tiles <= 4 ? 2 : 3;
}

void view_sheet_begin(struct view_sheet *sheet, const struct ward_picture_facts *facts,
		uint32_t tiles)
{
	sheet->facts = *facts;
	sheet->across += sheet->across == 0;
	sheet->down += sheet->down == 0;
	sheet->tiles = tiles < WARD_VIEW_MOMENTS ? tiles : WARD_VIEW_MOMENTS;
	sheet->columns = columns_for(sheet, sheet->tiles);
	sheet->lines = (sheet->tiles + sheet->columns - 1) / sheet->columns;
	/* Up to nine lie in a square, whatever their shape. */
	if (sheet->lines == 0 || (sheet->lines < sheet->columns && sheet->tiles <= 9))
		sheet->lines = sheet->columns;
}

/* ---- one frame ---- */

/* A length in pixels of a view of WARD_VIEW_SIDE, for this picture. */
static double pixels_of(const struct view_image *image, double length)
{
	uint32_t longer = image->width > image->height ? image->width : image->height;

	return length * longer / WARD_VIEW_SIDE;
}

static bool blur(struct view_image *image, const struct ward_view_options *want)
{
	return view_blur(image, pixels_of(image, want->blur > 0 ? want->blur : WARD_VIEW_BLUR));
}

static void mosaic(struct view_image *image, const struct ward_view_options *want)
{
	uint32_t longer = image->width > image->height ? image->width : image->height;
	uint32_t cells = want->cells > 0 ? want->cells : WARD_VIEW_CELLS;

	view_mosaic(image, (longer + cells - 1) / cells);
}

/*
 * The place is one of the whole view, so on a sheet at most one frame has a disc: it lies at `left`
 * and `top`.
 */
static bool blur_but_a_disc(const struct view_sheet *sheet, struct view_image *image, uint32_t left,
		uint32_t top)
{
	uint32_t x = sheet->want->reveal_x, y = sheet->want->reveal_y;
	struct view_image clear;

	if (sheet->taken > 1 && (x < left || x - left >= image->width || y < top ||
						y - top >= image->height))
		return blur(image, sheet->want);

	if (!view_image_make(&clear, image->width, image->height, image->channels))
		return false;
	view_paste(&clear, image, 0, 0);
	bool done = blur(image, sheet->want);

	if (done)
		view_copy_disc(image, &clear, x - left, y - top,
				pixels_of(image, WARD_VIEW_DISC) / 2);
	view_image_free(&clear);
	return done;
}

static bool filter(const struct view_sheet *sheet, struct view_image *image, uint32_t left,
		uint32_t top)
{
	const struct ward_view_options *want = sheet->want;

	switch (want->level) {
	case WARD_LEVEL_MOSAIC:
		mosaic(image, want);
		return true;
	case WARD_LEVEL_BLURRED:
		return want->reveal ? blur_but_a_disc(sheet, image, left, top) : blur(image, want);
	case WARD_LEVEL_REDUCED:
		return view_reduce(image, pixels_of(image, REDUCED_SIGMA));
	case WARD_LEVEL_SMALL:
	case WARD_LEVEL_CLEAR:
		return true;
	case WARD_LEVEL_FACTS:
	case WARD_LEVEL_COUNT:
		break;
	}
	return false;
}

bool view_sheet_is_grey(const struct ward_view_options *want)
{
	return !want->colour || want->level < WARD_LEVEL_SMALL;
}

/* Pixels that are not square are made so; the picture never grows. */
static void make_square(const struct view_sheet *sheet, uint32_t *width, uint32_t *height)
{
	uint64_t across = sheet->across, down = sheet->down;

	if (across < down)
		*width = (uint32_t)(*width * across / down);
	else if (across > down)
		*height = (uint32_t)(*height * down / across);
	*width += *width == 0;
	*height += *height == 0;
}

static bool is_turned(const struct view_sheet *sheet)
{
	return sheet->facts.orientation >= 5;
}

/* The frame at the size of its tile, upright. */
static bool make_tile(const struct view_sheet *sheet, const struct ward_frame *frame,
		struct view_image *tile)
{
	const struct ward_image *image = &frame->image;
	bool scaled = frame->scale > 1;
	/* The codec gave fewer pixels than the picture has; its view is of the same size. */
	uint32_t width = scaled ? sheet->facts.width : image->width;
	uint32_t height = scaled ? sheet->facts.height : image->height;
	uint32_t wide = sheet->side / sheet->columns, high = sheet->side / sheet->lines;

	make_square(sheet, &width, &height);
	view_fit(&width, &height, is_turned(sheet) ? high : wide, is_turned(sheet) ? wide : high);
	if (!view_image_make(tile, width, height, image->channels))
		return false;
	bool done = view_resize(image, tile);

	if (done && view_sheet_is_grey(sheet->want))
		view_to_grey(tile);
	done = done && view_turn(tile, sheet->facts.orientation);
	if (!done)
		view_image_free(tile);
	return done;
}

ward_err view_sheet_add(struct view_sheet *sheet, const struct ward_frame *frame)
{
	if (sheet->taken >= sheet->tiles)
		return ward_fail(sheet->error, WARD_E_LIMIT, "the sheet is full");
	if (frame->image.width > VIEW_WIDTH_MOST)
		return ward_fail(sheet->error, WARD_E_LIMIT,
				"a picture of %u pixels a row is not shown", frame->image.width);
	if (!make_tile(sheet, frame, &sheet->tile[sheet->taken]))
		return ward_fail(sheet->error, WARD_E_NOMEM, "no memory for the view");
	sheet->times_ms[sheet->taken++] = frame->time_ms;
	return WARD_OK;
}

/* ---- the sheet ---- */

/* Only colour in all tiles or in none makes a picture; grey becomes colour of equal parts. */
static bool to_channels(struct view_image *image, uint32_t channels)
{
	struct view_image out;

	if (image->channels == channels)
		return true;
	if (!view_image_make(&out, image->width, image->height, channels))
		return false;
	for (size_t i = 0; i < (size_t)image->width * image->height; i++)
		memset(out.pixels + i * channels, image->pixels[i], channels);
	view_image_free(image);
	*image = out;
	return true;
}

/* Where a frame lies is known when all of them are there: then each is filtered. */
static bool put_together(struct view_sheet *sheet, struct view_image *all)
{
	uint32_t columns = columns_for(sheet, sheet->taken);
	uint32_t rows = (sheet->taken + columns - 1) / columns;
	uint32_t channels = 1, width = 0, height = 0;

	sheet->columns = columns;
	for (uint32_t i = 0; i < sheet->taken; i++) {
		const struct view_image *tile = &sheet->tile[i];

		channels = tile->channels > channels ? tile->channels : channels;
		width = tile->width > width ? tile->width : width;
		height = tile->height > height ? tile->height : height;
	}
	if (!view_image_make(all, columns * width, rows * height, channels))
		return false;
	for (uint32_t i = 0; i < sheet->taken; i++) {
		struct view_image *tile = &sheet->tile[i];
		uint32_t left = i % columns * width + (width - tile->width) / 2;
		uint32_t top = i / columns * height + (height - tile->height) / 2;

		if (!filter(sheet, tile, left, top) || !to_channels(tile, channels)) {
			view_image_free(all);
			return false;
		}
		view_paste(all, tile, left, top);
	}
	return true;
}

static ward_err encode(const struct view_sheet *sheet, const struct view_image *image,
		struct ward_view_facts *facts, struct ward_buf *out)
{
	ward_view_level level = sheet->want->level;
	bool flat = level == WARD_LEVEL_MOSAIC || level == WARD_LEVEL_REDUCED;

	facts->kind = flat ? WARD_MEDIA_PNG : WARD_MEDIA_JPEG;
	facts->width = image->width;
	facts->height = image->height;
	facts->frames = sheet->taken;
	return flat ? view_encode_png(image, out, sheet->error)
		    : view_encode_jpeg(image,
				      level == WARD_LEVEL_BLURRED ? QUALITY_BLURRED : QUALITY_CLEAR,
				      out, sheet->error);
}

ward_err view_sheet_finish(struct view_sheet *sheet, struct decode_view *view, struct ward_buf *out)
{
	struct view_image all;

	if (!put_together(sheet, &all))
		return ward_fail(sheet->error, WARD_E_NOMEM, "no memory for the view");
	ward_err err = encode(sheet, &all, &view->view, out);

	view->picture = sheet->facts;
	view->view.columns = sheet->columns;
	memcpy(view->view.times_ms, sheet->times_ms, sizeof(view->view.times_ms));
	view_image_free(&all);
	return err;
}

void view_sheet_free(struct view_sheet *sheet)
{
	for (uint32_t i = 0; i < sheet->taken; i++)
		view_image_free(&sheet->tile[i]);
	sheet->taken = 0;
}
