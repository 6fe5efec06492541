/*
 * upright.h - turning a picture the way its EXIF orientation says
 *
 * The 8 orientations of EXIF 2.32 (tag 0x0112): 1 is as stored, 3 upside
 * down, 6 and 8 quarter turns, 2, 4, 5, 7 their mirror images.
 */
#ifndef UPRIGHT_H
#define UPRIGHT_H

#include <ward/media.h>

/* Bytes that the turned picture needs; SIZE_MAX when that does not fit. */
size_t upright_size(const struct ward_image *image);

/* Writes the turned samples to `out` and describes them in `turned`.  Orientation is 1..8. */
void upright_turn(const struct ward_image *image, uint32_t orientation, uint8_t *out,
		struct ward_image *turned);

#endif
