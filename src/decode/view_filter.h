/*
 * view_filter.h - what takes the detail out of a picture before a person sees it
 *
 * Pictures here are small (a view's size), 8 bits, grey or RGB, rows without
 * gaps, in memory of their own.  Each function says what is left afterwards;
 * the tests measure it.
 */
#ifndef DECODE_VIEW_FILTER_H
#define DECODE_VIEW_FILTER_H

#include <ward/media.h>

struct view_image {
	uint8_t *pixels; /* freed with free() */
	uint32_t width;
	uint32_t height;
	uint32_t channels; /* 1 or 3 */
};

/* Grey of middle brightness; false without memory. */
bool view_image_make(struct view_image *image, uint32_t width, uint32_t height,
		uint32_t channels) WARD_MUST_USE;
void view_image_free(struct view_image *image);

/* Width and height of `width` x `height`, no side longer than its most; never enlarged, never 0. */
void view_fit(uint32_t *width, uint32_t *height, uint32_t width_most, uint32_t height_most);

enum { VIEW_WIDTH_MOST = 1 << 24 }; /* of what is resized */

/*
 * Each sample of `to` (which has its size) is the mean of what it covers of
 * `from`, exactly, rounded to nearest.  It may also be larger: then it shows
 * squares.  False without memory.
 */
bool view_resize(const struct ward_image *from, struct view_image *to) WARD_MUST_USE;

/* Luma as JPEG has it: (299 R + 587 G + 114 B) / 1000. */
void view_to_grey(struct view_image *image);

/* Turns the picture the way EXIF's `orientation` says; 0 and 1 leave it.  False without memory. */
bool view_turn(struct view_image *image, uint32_t orientation) WARD_MUST_USE;

/* Squares of `side` pixels, each the mean of what it covers. */
void view_mosaic(struct view_image *image, uint32_t side);

/*
 * A Gaussian blur to within a few percent, as three means of neighbours in a
 * row (three boxes).  Neighbours then differ by at most 255 / (sigma * 1.7) + 3.
 * A picture smaller than the blur becomes nearly even.  False without memory.
 */
bool view_blur(struct view_image *image, double sigma) WARD_MUST_USE;

enum { VIEW_GREYS = 4 }; /* of view_reduce, with black for edges beside them */

/*
 * Grey only: a few flat greys (60, 125, 190, 255), and edges in black.  What
 * is finer than `sigma` is gone before.  False without memory.
 */
bool view_reduce(struct view_image *image, double sigma) WARD_MUST_USE;

/* Copies a disc of `from` (of the same size and channels) onto `to`. */
void view_copy_disc(struct view_image *to, const struct view_image *from, uint32_t x, uint32_t y,
		double radius);

/* Copies all of `from` onto `to` at a place where it fits. */
void view_paste(struct view_image *to, const struct view_image *from, uint32_t x, uint32_t y);

#endif
