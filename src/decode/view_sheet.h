/*
 * view_sheet.h - frames side by side, each brought to its size, upright, and filtered for the level
 *
 * What a view of one picture, of an animated one, and of a video have in
 * common.  Set `want`, `side`, `error` and, when pixels are not square, their
 * shape; begin with the facts; add frames; finish; free.
 */
#ifndef DECODE_VIEW_SHEET_H
#define DECODE_VIEW_SHEET_H

#include "decode/view.h"
#include "decode/view_filter.h"

struct view_sheet {
	const struct ward_view_options *want;
	uint32_t side;         /* of the whole view */
	uint32_t across, down; /* a pixel's shape; 0 is 1 */
	struct ward_error *error;
	struct ward_picture_facts facts;
	uint32_t tiles; /* that are to come */
	uint32_t columns, lines;
	uint32_t taken; /* that came */
	uint32_t times_ms[WARD_VIEW_MOMENTS];
	struct view_image tile[WARD_VIEW_MOMENTS];
};

/* L4 and L5 may be in colour. */
bool view_sheet_is_grey(const struct ward_view_options *want);

void view_sheet_begin(struct view_sheet *sheet, const struct ward_picture_facts *facts,
		uint32_t tiles);
/* LIMIT when it is full or a row is too long, NOMEM. */
ward_err view_sheet_add(struct view_sheet *sheet, const struct ward_frame *frame) WARD_MUST_USE;
/* Writes the encoded sheet of the frames that came, one at least, behind what is in `out`. */
ward_err view_sheet_finish(struct view_sheet *sheet, struct decode_view *view,
		struct ward_buf *out) WARD_MUST_USE;
void view_sheet_free(struct view_sheet *sheet);

#endif
