#include "decode/view.h"

#include <stdlib.h>

#include "decode/view_encode.h"
#include "decode/view_filter.h"

/*
 * Where detail is taken away anyhow, a large JPEG is decoded no larger than
 * this: 16 cells or a blur of 24 in 1024 pixels keep nothing that 256 pixels
 * do not hold (measured: view_test).  Only up to WARD_VIEW_CELLS; more cells want more.
 */
#define SIDE_COARSE 256
/* The same for L3, whose blur of 4 leaves nothing that 512 do not hold. */
#define SIDE_REDUCED 512

/* Finer than this, in pixels of WARD_VIEW_SIDE, L3 shows nothing. */
#define REDUCED_SIGMA 4.0

#define QUALITY_CLEAR   85
#define QUALITY_BLURRED 90

struct viewing {
	const struct ward_decode_options *options;
	const struct ward_view_options *want;
	struct ward_picture_facts facts;
	uint32_t side;    /* of the whole view */
	uint32_t frames;  /* that the file has, as far as they may be read */
	uint32_t taken;   /* of them, so far */
	uint32_t columns; /* of the sheet */
	struct view_image tiles[WARD_VIEW_FRAMES];
	uint8_t *canvas;
	struct ward_error *error;
};

/* ---- which frames ---- */

static uint32_t tiles_of(const struct viewing *viewing)
{
	return viewing->frames < WARD_VIEW_FRAMES ? viewing->frames : WARD_VIEW_FRAMES;
}

/* The frame that comes next on the sheet: the first, the last, and evenly between them. */
static uint32_t frame_wanted(const struct viewing *viewing)
{
	uint32_t tiles = tiles_of(viewing);

	if (viewing->frames <= tiles)
		return viewing->taken;
	return (uint32_t)((uint64_t)viewing->taken * (viewing->frames - 1) / (tiles - 1));
}

static uint32_t columns_for(uint32_t tiles)
{
	return tiles <= 1 ? 1 : tiles <= 4 ? 2 : 3;
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

static bool blur_but_a_disc(struct view_image *image, const struct ward_view_options *want)
{
	struct view_image clear;

	if (!view_image_make(&clear, image->width, image->height, image->channels))
		return false;
	view_paste(&clear, image, 0, 0);
	bool done = blur(image, want);

	if (done)
		view_copy_disc(image, &clear, want->reveal_x, want->reveal_y,
				pixels_of(image, WARD_VIEW_DISC) / 2);
	view_image_free(&clear);
	return done;
}

static bool filter(struct view_image *image, const struct ward_view_options *want)
{
	switch (want->level) {
	case WARD_LEVEL_MOSAIC:
		mosaic(image, want);
		return true;
	case WARD_LEVEL_BLURRED:
		return want->reveal ? blur_but_a_disc(image, want) : blur(image, want);
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

static bool is_grey(const struct ward_view_options *want)
{
	return !want->colour || want->level < WARD_LEVEL_SMALL;
}

/* The frame at the size of its tile, upright and filtered. */
static bool make_tile(const struct viewing *viewing, const struct ward_frame *frame,
		struct view_image *tile)
{
	const struct ward_image *image = &frame->image;
	bool scaled = frame->scale > 1;
	/* The codec gave fewer pixels than the picture has; its view is of the same size. */
	uint32_t width = scaled ? viewing->facts.width : image->width;
	uint32_t height = scaled ? viewing->facts.height : image->height;
	uint32_t side = viewing->side / viewing->columns;

	view_fit(&width, &height, side, side);
	if (!view_image_make(tile, width, height, image->channels))
		return false;
	bool done = view_resize(image, tile);

	if (done && is_grey(viewing->want))
		view_to_grey(tile);
	done = done && view_turn(tile, viewing->facts.orientation) && filter(tile, viewing->want);
	if (!done)
		view_image_free(tile);
	return done;
}

/* ---- what the decoder calls ---- */

static uint8_t *give_canvas(void *context, size_t len)
{
	struct viewing *viewing = context;

	free(viewing->canvas);
	viewing->canvas = len <= viewing->options->limits.memory_max ? malloc(len) : NULL;
	return viewing->canvas;
}

static ward_err take_facts(void *context, const struct ward_picture_facts *facts)
{
	struct viewing *viewing = context;
	uint32_t most = viewing->options->limits.frames_max;

	viewing->facts = *facts;
	viewing->frames = facts->frames < most ? facts->frames : most;
	viewing->columns = columns_for(tiles_of(viewing));
	return viewing->frames > 0
			       ? WARD_OK
			       : ward_fail(viewing->error, WARD_E_LIMIT, "no frame may be read");
}

/* All that may be read was; the rest of the file need not be decoded. */
#define ENOUGH WARD_E_CONFLICT

static ward_err take_frame(void *context, const struct ward_frame *frame)
{
	struct viewing *viewing = context;

	if (viewing->taken >= tiles_of(viewing) || frame->index != frame_wanted(viewing))
		return WARD_OK;
	if (frame->image.width > VIEW_WIDTH_MOST)
		return ward_fail(viewing->error, WARD_E_LIMIT,
				"a picture of %u pixels a row is not shown", frame->image.width);
	if (!make_tile(viewing, frame, &viewing->tiles[viewing->taken]))
		return ward_fail(viewing->error, WARD_E_NOMEM, "no memory for the view");
	viewing->taken++;
	/* The last tile is the last frame there is, unless more are there than may be read. */
	return viewing->taken == tiles_of(viewing) && viewing->frames < viewing->facts.frames
			       ? ENOUGH
			       : WARD_OK;
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

static bool put_together(struct viewing *viewing, struct view_image *sheet)
{
	uint32_t columns = columns_for(viewing->taken);
	uint32_t rows = (viewing->taken + columns - 1) / columns;
	uint32_t channels = 1, width = 0, height = 0;

	for (uint32_t i = 0; i < viewing->taken; i++) {
		const struct view_image *tile = &viewing->tiles[i];

		channels = tile->channels > channels ? tile->channels : channels;
		width = tile->width > width ? tile->width : width;
		height = tile->height > height ? tile->height : height;
	}
	if (!view_image_make(sheet, columns * width, rows * height, channels))
		return false;
	for (uint32_t i = 0; i < viewing->taken; i++) {
		struct view_image *tile = &viewing->tiles[i];

		if (!to_channels(tile, channels)) {
			view_image_free(sheet);
			return false;
		}
		view_paste(sheet, tile, i % columns * width + (width - tile->width) / 2,
				i / columns * height + (height - tile->height) / 2);
	}
	return true;
}

static ward_err encode(const struct viewing *viewing, const struct view_image *image,
		struct ward_view_facts *facts, struct ward_buf *out)
{
	ward_view_level level = viewing->want->level;
	bool flat = level == WARD_LEVEL_MOSAIC || level == WARD_LEVEL_REDUCED;

	facts->kind = flat ? WARD_MEDIA_PNG : WARD_MEDIA_JPEG;
	facts->width = image->width;
	facts->height = image->height;
	facts->frames = viewing->taken;
	return flat ? view_encode_png(image, out, viewing->error)
		    : view_encode_jpeg(image,
				      level == WARD_LEVEL_BLURRED ? QUALITY_BLURRED : QUALITY_CLEAR,
				      out, viewing->error);
}

static ward_err finish(struct viewing *viewing, struct decode_view *view, struct ward_buf *out)
{
	struct view_image sheet;

	if (!put_together(viewing, &sheet))
		return ward_fail(viewing->error, WARD_E_NOMEM, "no memory for the view");
	ward_err err = encode(viewing, &sheet, &view->view, out);

	view->picture = viewing->facts;
	view_image_free(&sheet);
	return err;
}

/* ---- all of it ---- */

static uint32_t side_needed(const struct ward_view_options *want)
{
	if (want->level == WARD_LEVEL_MOSAIC && want->cells <= WARD_VIEW_CELLS)
		return SIDE_COARSE;
	if (want->level == WARD_LEVEL_BLURRED && !want->reveal)
		return SIDE_COARSE;
	return want->level == WARD_LEVEL_REDUCED ? SIDE_REDUCED : UINT32_MAX;
}

static struct decode_wish wish_of(const struct viewing *viewing)
{
	uint32_t side = side_needed(viewing->want);

	return (struct decode_wish){
		.side = side < viewing->side ? side : viewing->side,
		.grey = is_grey(viewing->want),
	};
}

ward_err decode_view(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct decode_view *view,
		struct ward_buf *out, struct ward_error *error)
{
	struct ward_error unheard;
	struct viewing viewing = {
		.options = options,
		.want = &options->view,
		.side = ward_view_side(&options->view),
		.error = error ? error : &unheard,
	};
	const struct decode_sink sink = { .context = &viewing,
		.canvas = give_canvas,
		.facts = take_facts,
		.frame = take_frame };
	const struct decode_wish wish = wish_of(&viewing);
	struct ward_decode_options decode = { .limits = options->limits };
	struct decode_view made = { .view = { .frames = 0 } };

	if (viewing.side == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such view");
	ward_err err = decode_for_view(kind, file, &decode, &wish, &sink, viewing.error);

	made.view.partial = err != WARD_OK;
	if (viewing.taken > 0)
		err = finish(&viewing, &made, out);
	for (uint32_t i = 0; i < viewing.taken; i++)
		view_image_free(&viewing.tiles[i]);
	free(viewing.canvas);
	if (!err)
		*view = made;
	return err;
}
