/*
 * moving_ahead.h - reads a video through before it is decoded, and plans what must be
 *
 * For H.264 and H.265 in MP4 and Matroska, which are most videos there are: their packets are
 * pictures, and begin with words that say what is made from them.  Of anything else, and where
 * a file does not keep to that, there is no plan, and all of it is decoded.
 */
#ifndef DECODE_MOVING_AHEAD_H
#define DECODE_MOVING_AHEAD_H

#include "decode/moving_inner.h"
#include "decode/moving_plan.h"

/* Of each `step`-th picture; the caller's, or NULL: then nothing is known. */
struct moving_plan *moving_ahead(const struct moving *moving, uint32_t step);

#endif
