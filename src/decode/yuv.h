/*
 * yuv.h - the pixels of vPDQ: 4:2:0 to RGB, the same on every machine
 *
 * FFmpeg's scaler has vector code for this whose results differ from its plain
 * code by a step or two in most samples, and hashes with them.  This is what the
 * plain code gives (docs/guide/hashes.md has the formula): ITU-R BT.601, each
 * sample of colour for four pixels, white of limited range at 253.
 */
#ifndef DECODE_YUV_H
#define DECODE_YUV_H

#include <ward/base.h>

struct yuv_planes {
	const uint8_t *plane[3]; /* Y, U, V; the latter of half the sides */
	ptrdiff_t stride[3];     /* negative where rows go upwards */
};

/* Both sides even.  `full`: samples use all of 0 to 255, as JPEG's do. */
void yuv_to_rgb(const struct yuv_planes *planes, uint32_t width, uint32_t height, bool full,
		uint8_t *rgb);

#endif
