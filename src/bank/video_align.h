/*
 * video_align.h - where two videos show the same: from when to when in each
 *
 * Frames that are alike are points in a plane, the asked video's time across and the listed one's
 * upwards.  What was taken over is a line there; its slope is how much faster or slower it plays,
 * and a cut begins another line.  The line with most points is found by letting each vote, its
 * points are taken away, and so on.
 */
#ifndef BANK_VIDEO_ALIGN_H
#define BANK_VIDEO_ALIGN_H

#include <ward/bank.h>

/* Two frames that are alike; seconds.  Ascending by `asked`. */
struct video_pair {
	double asked;
	double listed;
};

/* Speeds from 1 / 1.12 to 1.12 are seen: ten in a hundred, and what rounding adds. */
#define VIDEO_SPEED_MAX 1.12

/* Says how many spans there are; 0 of no pairs.  `pairs` is changed.  Fails with NOMEM. */
ward_err video_align(struct video_pair *pairs, size_t count,
		struct ward_video_span spans[WARD_VIDEO_SPANS_MAX], size_t *span_count,
		struct ward_error *error) WARD_MUST_USE;

#endif
