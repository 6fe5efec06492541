/*
 * moving_view.h - a video as a person is shown it: frames on a sheet, each with its time
 *
 * Up to WARD_VIEW_MOMENTS frames from the middles of so many equal parts of its
 * length, brought to the view's size and filtered as a picture is (view.h); or,
 * where options->view.single asks for it, one of them.  Two moments that have
 * the same frame have it once.  Nothing moves, and nothing is heard.
 */
#ifndef DECODE_MOVING_VIEW_H
#define DECODE_MOVING_VIEW_H

#include "decode/view.h"

/* As decode_view; a video whose length was a lie is spread over where its pictures end. */
ward_err moving_view(ward_bytes file, const struct ward_decode_options *options,
		struct decode_view *view, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

#endif
