#include "decode/view_sheet.h"

#include <stdlib.h>

/*
 * Where detail is taken away anyhow, a large JPEG is decoded no larger than
 * this: 16 cells or a blur of 24 in 1024 pixels keep nothing that 256 pixels
 * do not hold (measured: view_test).  Only up to WARD_VIEW_CELLS; more cells want more.
 */
#define SIDE_COARSE 256
/* The same for L3, whose blur of 4 leaves nothing that 512 do not hold. */
#define SIDE_REDUCED 512

struct viewing {
	const struct ward_decode_options *options;
	struct view_sheet sheet;
	uint32_t frames; /* that the file has, as far as they may be read */
	uint8_t *canvas;
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
		return viewing->sheet.taken;
	return (uint32_t)((uint64_t)viewing->sheet.taken * (viewing->frames - 1) / (tiles - 1));
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

	viewing->frames = facts->frames < most ? facts->frames : most;
	view_sheet_begin(&viewing->sheet, facts, tiles_of(viewing));
	return viewing->frames > 0 ? WARD_OK
				   : ward_fail(viewing->sheet.error, WARD_E_LIMIT,
						     "no frame may be read");
}

/* All that may be read was; the rest of the file need not be decoded. */
#define ENOUGH WARD_E_CONFLICT

static ward_err take_frame(void *context, const struct ward_frame *frame)
{
	struct viewing *viewing = context;
	struct view_sheet *sheet = &viewing->sheet;

	if (sheet->taken >= tiles_of(viewing) || frame->index != frame_wanted(viewing))
		return WARD_OK;
	ward_err err = view_sheet_add(sheet, frame);

	if (err)
		return err;
	/* The last tile is the last frame there is, unless more are there than may be read. */
	return sheet->taken == tiles_of(viewing) && viewing->frames < sheet->facts.frames ? ENOUGH
											  : WARD_OK;
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
	uint32_t side = side_needed(viewing->sheet.want);

	return (struct decode_wish){
		.side = side < viewing->sheet.side ? side : viewing->sheet.side,
		.grey = view_sheet_is_grey(viewing->sheet.want),
	};
}

ward_err decode_view(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct decode_view *view,
		struct ward_buf *out, struct ward_error *error)
{
	struct ward_error unheard;
	struct viewing viewing = {
		.options = options,
		.sheet = { .want = &options->view,
				.side = ward_view_side(&options->view),
				.error = error ? error : &unheard },
	};
	const struct decode_sink sink = { .context = &viewing,
		.canvas = give_canvas,
		.facts = take_facts,
		.frame = take_frame };
	const struct decode_wish wish = wish_of(&viewing);
	struct ward_decode_options decode = { .limits = options->limits };
	struct decode_view made = { .view = { .frames = 0 } };

	if (viewing.sheet.side == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such view");
	ward_err err = decode_for_view(kind, file, &decode, &wish, &sink, viewing.sheet.error);

	made.view.partial = err != WARD_OK;
	if (viewing.sheet.taken > 0)
		err = view_sheet_finish(&viewing.sheet, &made, out);
	view_sheet_free(&viewing.sheet);
	free(viewing.canvas);
	if (!err)
		*view = made;
	return err;
}
