#include "decode/moving_view.h"

#include "decode/moving.h"
#include "decode/view_sheet.h"

struct watching {
	struct moving *moving;
	struct moving_facts facts;
	struct view_sheet sheet;
	bool cut; /* a frame is missing that should be there */
};

static bool is_single(const struct watching *watching)
{
	return watching->sheet.want->single;
}

/* What says it has one picture may have more, and be long. */
static uint32_t moments_of(const struct watching *watching)
{
	const struct ward_picture_facts *facts = &watching->facts.picture;
	uint64_t seconds = facts->duration_ms / 1000;
	uint64_t most = facts->frames > seconds ? facts->frames : seconds;

	if (is_single(watching))
		return 1;
	return most < WARD_VIEW_MOMENTS ? (uint32_t)most : WARD_VIEW_MOMENTS;
}

static bool is_another(const struct view_sheet *sheet, const struct ward_frame *frame)
{
	return sheet->taken == 0 || sheet->times_ms[sheet->taken - 1] != frame->time_ms;
}

/* A part that is broken is no reason to leave out the others; whatever else went wrong ends it. */
static ward_err add_moment(struct watching *watching, uint64_t at_ms)
{
	struct view_sheet *sheet = &watching->sheet;
	struct ward_frame frame;
	ward_err err = moving_at(watching->moving, at_ms, &frame, sheet->error);

	if (err == WARD_E_FORMAT && !is_single(watching)) {
		watching->cut = true;
		return WARD_OK;
	}
	if (err || !is_another(sheet, &frame))
		return err;
	return view_sheet_add(sheet, &frame);
}

static ward_err add_moments(struct watching *watching)
{
	const struct ward_picture_facts *facts = &watching->facts.picture;
	const struct ward_view_options *want = watching->sheet.want;
	uint32_t count = moments_of(watching);
	ward_err err = WARD_OK;

	view_sheet_begin(&watching->sheet, facts, count);
	for (uint32_t i = 0; i < count && !err; i++)
		err = add_moment(watching,
				want->single ? want->single_ms
					     : moving_spread(facts->duration_ms, count, i));
	if (!err && watching->sheet.taken == 0)
		err = ward_fail(watching->sheet.error, WARD_E_FORMAT,
				"no picture of it could be read");
	return err;
}

/*
 * Where it does not say how long it is, or is not so long, the pictures themselves are asked.  One
 * that is longer than it says would hide what comes behind.
 */
static ward_err fill(struct watching *watching)
{
	struct ward_picture_facts *facts = &watching->facts.picture;
	bool said = facts->duration_ms > 0;

	if (!said && !is_single(watching))
		facts->duration_ms = moving_end(watching->moving);
	ward_err err = add_moments(watching);

	if (!said || is_single(watching))
		return err;
	if (err == WARD_E_NOT_FOUND) {
		watching->cut = true;
		facts->duration_ms = moving_end(watching->moving);
	} else if (err || !moving_goes_on(watching->moving, &watching->facts)) {
		return err;
	}
	view_sheet_free(&watching->sheet);
	return add_moments(watching);
}

static ward_err finish(struct watching *watching, ward_err err, struct decode_view *view,
		struct ward_buf *out)
{
	struct decode_view made = { .view = { .partial = err != WARD_OK || watching->cut ||
							 moving_is_damaged(watching->moving) } };

	/* What was read before a limit was reached is shown. */
	if (watching->sheet.taken > 0)
		err = view_sheet_finish(&watching->sheet, &made, out);
	if (!err)
		*view = made;
	return err;
}

ward_err moving_view(ward_bytes file, const struct ward_decode_options *options,
		struct decode_view *view, struct ward_buf *out, struct ward_error *error)
{
	const struct moving_options open = { .limits = options->limits };
	struct ward_error unheard = { 0 };
	struct watching watching = { .sheet = { .want = &options->view,
						     .side = ward_view_side(&options->view),
						     .error = error ? error : &unheard } };

	if (watching.sheet.side == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such view");
	ward_err err = moving_open(file, &open, &watching.moving, &watching.facts,
			watching.sheet.error);

	if (err)
		return err;
	watching.sheet.across = watching.facts.across;
	watching.sheet.down = watching.facts.down;
	err = finish(&watching, fill(&watching), view, out);
	view_sheet_free(&watching.sheet);
	moving_free(watching.moving);
	return err;
}
