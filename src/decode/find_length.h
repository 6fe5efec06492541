/*
 * find_length.h - how long a picture or a film is that begins here, by its own lengths
 *
 * Each function looks at bytes from the thing's first one on and returns its
 * length, or 0 when none begins here after all.  It ends when it has taken as
 * many steps as it may, however long the bytes are: what it stepped over and
 * not what it skipped counts.
 */
#ifndef DECODE_FIND_LENGTH_H
#define DECODE_FIND_LENGTH_H

#include <ward/media.h>

#define FIND_SEGMENT 16 /* steps that one segment, chunk or box counts for */

struct find_walk {
	ward_bytes bytes;
	uint64_t steps;       /* that are left */
	bool is_whole;        /* its end was seen; else the length is up to where its lengths led */
	size_t go_on;         /* not whole: from here on something else may begin */
	ward_media_kind kind; /* of boxes, RIFF */
	const char *extension;
};

size_t find_jpeg_len(struct find_walk *walk);
size_t find_png_len(struct find_walk *walk);
size_t find_gif_len(struct find_walk *walk);
/* Whole ones alone: its mark is two letters. */
size_t find_bmp_len(struct find_walk *walk);
/* WebP and AVI. */
size_t find_riff_len(struct find_walk *walk);
/* ISO 14496-12: HEIF, AVIF, MP4 and its brothers. */
size_t find_boxes_len(struct find_walk *walk);
/* find_tiff.c: of one that names nothing beyond the bytes; its mark is asked by the caller. */
size_t find_tiff_len(struct find_walk *walk);
/* Matroska, WebM. */
size_t find_matroska_len(struct find_walk *walk);

#endif
