/*
 * view.h - a picture as a person is shown it, made where the picture was decoded
 *
 * The one way from an original to a browser.  The picture is decoded into
 * memory of this process alone, brought to the view's size, turned upright,
 * filtered for its level (view_filter.h) and encoded anew (view_encode.h).
 * What leaves is that one small file; a clear pixel does not, unless it is
 * what was asked for.
 *
 * Of several frames up to nine, evenly over all of them, are put on a sheet;
 * the level is applied to each alone.  Videos have their own (moving_view.h).
 */
#ifndef DECODE_VIEW_H
#define DECODE_VIEW_H

#include "decode/decode.h"

/* What is told of a view and of the picture it is of. */
struct decode_view {
	struct ward_picture_facts picture;
	struct ward_view_facts view;
};

/*
 * Writes the encoded view behind what is in `out`, whose cap should be
 * WARD_VIEW_BYTES.  Fails with ARGUMENT when options->view makes no sense, and
 * as decode_picture where nothing of the picture could be read; a picture that
 * is damaged further down gives a partial view.
 */
ward_err decode_view(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct decode_view *view,
		struct ward_buf *out, struct ward_error *error) WARD_MUST_USE;

#endif
