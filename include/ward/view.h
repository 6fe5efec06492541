/*
 * view.h - a picture as a person may see it, by a jailed worker
 *
 * A person who reviews is shown a view, never the file: the worker decodes the
 * picture, takes away what the level hides (ward_view_level, media.h), and
 * encodes what is left as a PNG or JPEG of its own making.  The clear picture
 * does not leave the worker unless a clear level was asked for.
 *
 * What comes back is checked here, in case the file took the worker over: it
 * is one whole PNG or baseline JPEG of the size that was said, no larger than
 * the level allows, and holds nothing but pixels: no metadata, no profile, no
 * thumbnail, no byte behind its end.
 *
 * Whether a person may see a level, and what it is counted as, is not known here.
 */
#ifndef WARD_VIEW_H
#define WARD_VIEW_H

#include <ward/box.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ward_view {
	struct ward_picture_facts picture; /* what the view is of */
	struct ward_view_facts view;
};

/*
 * Writes the encoded view over what is in `out`, whose cap is the caller's
 * (WARD_VIEW_BYTES is always enough).  `fd` and `size` are as for
 * ward_box_start, as are the errors; besides, FORMAT, LIMIT, UNSUPPORTED and
 * NOMEM when the worker says so of the file, and ARGUMENT for L0 and options
 * that make no sense.  A file that could be read in part gives a view of it.
 */
WARD_API ward_err ward_view_render(struct ward_box *box, int fd, uint64_t size,
		ward_media_kind kind, const struct ward_limits *limits,
		const struct ward_view_options *options, struct ward_view *view,
		struct ward_buf *out, struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
