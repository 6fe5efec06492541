/*
 * vpdq.h - vPDQ: a video as the PDQ hashes of some of its frames
 *
 * Every n-th frame is hashed at its full size, with a quality as a picture has
 * one.  Two videos are compared by how many frames of each have a near one in
 * the other, wherever it is; so a clip is found in a longer film.
 *
 * Equal to the published C++ tool, line by line, where the pixels are equal.
 * Its pixels come from FFmpeg's scaler, whose vector code differs from its plain
 * code; ward's are those of the plain code (docs/guide/hashes.md).  Frames are
 * hashed as they are stored: a video that is shown turned is not turned.
 *
 * Numbers are those of the tool: a frame's number counts every frame decoded,
 * from 0; its time is that number divided by the video's average rate, as
 * float32, and not when the frame is shown.
 *
 * Pure functions; a list of frames belongs to one thread at a time.
 */
#ifndef WARD_VPDQ_H
#define WARD_VPDQ_H

#include <ward/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A day and a half of every frame, at 30 a second. */
#define WARD_VPDQ_FRAMES_MAX ((size_t)1 << 22)

struct ward_vpdq_frame {
	ward_pdq hash;
	int quality; /* 0..100 */
	uint32_t number;
	double time_s;
};

/* Begin with { 0 }; `frames` is the list's own. */
struct ward_vpdq {
	struct ward_vpdq_frame *frames;
	size_t count;
	size_t room;
};

/* Adds a frame at the end.  Fails with NOMEM, or LIMIT beyond WARD_VPDQ_FRAMES_MAX. */
WARD_API ward_err ward_vpdq_add(struct ward_vpdq *list, const struct ward_vpdq_frame *frame,
		struct ward_error *error) WARD_MUST_USE;
/* Gives the frames back; the list is { 0 } again. */
WARD_API void ward_vpdq_free(struct ward_vpdq *list);

/* ---- hashing ---- */

/*
 * Frames from one that is hashed to the next: seconds times rate without its
 * fraction, at least 1.  So 0 seconds is every frame, and 1 second of a video with 29.97 frames
 * a second is every 29th.
 */
WARD_API uint32_t ward_vpdq_step(float seconds_per_hash, double frames_per_second);

/*
 * One frame.  Its pixels are colours also where all of them are grey, unlike a
 * picture's (ward_pdq_hash).  Fails with FORMAT when a side is below
 * WARD_VPDQ_SIDE_MIN (the tool refuses the video), with NOMEM, and with ARGUMENT
 * as ward_pdq_hash does.
 */
#define WARD_VPDQ_SIDE_MIN 5u
WARD_API ward_err ward_vpdq_hash(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		uint32_t number, double frames_per_second, struct ward_vpdq_frame *frame,
		struct ward_error *error) WARD_MUST_USE;

/* ---- text ---- */

/* The tool's file: a line "number,quality,hash,seconds" for each frame, with three decimals. */
WARD_API void ward_vpdq_write(const struct ward_vpdq *list, struct ward_buf *out);

/*
 * Reads such a file into an empty list.  What follows a fourth comma is passed over, as the tool
 * does.  Fails with FORMAT, naming the line, also when there is no line at all; NOMEM; LIMIT.
 */
WARD_API ward_err ward_vpdq_read(ward_str text, struct ward_vpdq *list,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The one-line form of python-threatexchange and HMA: a JSON array of strings
 * "hash,quality,seconds", the seconds with three digits ("1.23e+03").  Frame
 * numbers are not in it: read again, frames are numbered from 0.
 */
WARD_API void ward_vpdq_write_signal(const struct ward_vpdq *list, struct ward_buf *out);
WARD_API ward_err ward_vpdq_read_signal(ward_str text, struct ward_vpdq *list,
		struct ward_error *error) WARD_MUST_USE;

/* ---- comparing ---- */

struct ward_vpdq_rule {
	int distance;     /* frames that differ in so many bits are the same */
	int quality_min;  /* frames below are not compared */
	bool below;       /* the C++ tool's quirk: fewer bits than `distance`, not as many */
	bool repetitions; /* its other: a hash counts as often as it occurs, not once */
};

/* 31 bits, quality 50, each hash once: what python-threatexchange does. */
WARD_API struct ward_vpdq_rule ward_vpdq_rule_default(void);

/* Of each side: the frames that were compared, and those with a near one on the other side. */
struct ward_vpdq_match {
	size_t frames[2];
	size_t found[2];
};

/*
 * Compares every frame with every other: for two videos, not for a list of
 * them.  Fails only with NOMEM.
 */
WARD_API ward_err ward_vpdq_compare(const struct ward_vpdq *a, const struct ward_vpdq *b,
		const struct ward_vpdq_rule *rule, struct ward_vpdq_match *match,
		struct ward_error *error) WARD_MUST_USE;

/* The share of side 0 or 1 that was found in the other, 0 to 100; 0 of nothing. */
WARD_API double ward_vpdq_percent(const struct ward_vpdq_match *match, int side);

#ifdef __cplusplus
}
#endif
#endif
