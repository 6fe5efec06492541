/*
 * view_encode.h - a view's pixels as the file a browser is given
 *
 * PNG where tiles and flat greys make it small and exact, JPEG elsewhere.
 * The file holds pixels and what it takes to read them: no profile, no text,
 * no Exif, no thumbnail, not even JFIF's or PNG's harmless notes.
 */
#ifndef DECODE_VIEW_ENCODE_H
#define DECODE_VIEW_ENCODE_H

#include "decode/view_filter.h"

/* Both fail with NOMEM, or LIMIT when `out` is full. */
ward_err view_encode_png(const struct view_image *image, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;
ward_err view_encode_jpeg(const struct view_image *image, int quality, struct ward_buf *out,
		struct ward_error *error) WARD_MUST_USE;

#endif
