/*
 * video.h - hashes of a video: frames out of a jailed worker, into vPDQ and TMK+PDQF
 *
 * A video's frames come one at a time, are hashed, and are gone; nothing of it
 * is written or kept.  Everything is bounded: what a frame may measure, how
 * many there are, memory, and time, of which a long video needs much (limits.time_ms is for the
 * whole of it, and a minute by default).
 *
 * A video that is cut, broken further on, or longer than the limits has the
 * hash of what was there, and says so: `partial`, and why.  Such a hash finds
 * its like with vPDQ; with TMK it is that of another, shorter video.
 *
 * One thread at a time with a box.
 */
#ifndef WARD_VIDEO_H
#define WARD_VIDEO_H

#include <ward/box.h>
#include <ward/tmk.h>
#include <ward/vpdq.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The file, as ward_box_start has it: `fd` stays the caller's, and is read from its beginning. */
struct ward_video {
	int fd;
	uint64_t size;
	struct ward_limits limits;
};

/* What was found besides the hash. */
struct ward_video_facts {
	struct ward_picture_facts picture; /* as the file says */
	uint32_t frames;                   /* that were hashed */
	bool partial;                      /* not all of it could be read, because: */
	struct ward_error why;
};

/*
 * The frames' hashes, added to an empty list; `seconds` from one to the next as
 * ward_vpdq_step has it.  Fails as a box's jobs do (FORMAT, LIMIT, UNSUPPORTED, TIMEOUT, WORKER,
 * NOMEM, IO) when there is not one frame.
 */
WARD_API ward_err ward_video_vpdq(struct ward_box *box, const struct ward_video *video,
		float seconds, struct ward_vpdq *list, struct ward_video_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

/* The feature of the whole.  Fails likewise. */
WARD_API ward_err ward_video_tmk(struct ward_box *box, const struct ward_video *video,
		struct ward_tmk *tmk, struct ward_video_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
