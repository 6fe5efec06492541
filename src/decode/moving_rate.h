/*
 * moving_rate.h - which pictures a video has at another, even rate
 *
 * The rule of the ffmpeg command (5.1, constant rate), which TMK's frames are
 * made by: not "every second picture", and a picture may come twice.  For each picture
 * of the video it says how often it comes, and how often the one before it
 * comes again first.  Times are in pictures of the new rate: 1.5 is halfway from the
 * second to the third.
 *
 * Pure: no FFmpeg in here.
 */
#ifndef DECODE_MOVING_RATE_H
#define DECODE_MOVING_RATE_H

#include <ward/base.h>

struct moving_rate {
	double lasts;       /* a picture, where it does not say itself; at most 1 */
	uint64_t given;     /* so far */
	uint32_t before[3]; /* how often an earlier one came again, of the last three */
};

struct moving_copies {
	uint32_t earlier; /* of the picture before, first */
	uint32_t this;    /* then of this */
};

/* A gap so long that it is not filled: 60 hours at 15 a second. */
#define MOVING_RATE_GAP ((int64_t)3600 * 30 * 30)

/* `lasts` is 0 where the video has no rate. */
void moving_rate_begin(struct moving_rate *rate, double lasts);

/* The next picture, shown `at`; `lasts` is what it says itself, as a whole number, or 0. */
struct moving_copies moving_rate_next(struct moving_rate *rate, double at, int64_t lasts);

/* Behind the last: how often that one comes again. */
uint32_t moving_rate_end(const struct moving_rate *rate);

#endif
