/*
 * moving.h - bytes of a moving picture in; facts, and frames by the time they are shown, out
 *
 * The only code in ward that gives untrusted bytes to FFmpeg.  It is linked
 * into ward-worker-video and the tests alone, and reads memory: whoever has a
 * descriptor maps it.  Nothing is written, nothing else is opened: there are no
 * protocols, a file that names other files gets none of them, and a playlist is
 * no moving picture.  What the container is, its first bytes say to a table in
 * moving_formats.c; FFmpeg is not asked to guess.
 *
 * Sound is never decoded.  That there is some is a fact.
 *
 * Time runs from 0, the first picture, in milliseconds.  What the file says of
 * its length is believed as long as pictures are found there and none behind:
 * moving_at finds out the one, moving_goes_on the other.
 *
 * Everything has its end: streams, bytes looked at before the facts are told,
 * pixels decoded for one moment, the size of a picture, frames handed out, and
 * the clock.  A file that is broken further on gives what came before.
 *
 * One thread, no mutable globals after moving_prepare.
 */
#ifndef DECODE_MOVING_H
#define DECODE_MOVING_H

#include <ward/media.h>

struct moving;

struct moving_facts {
	/* kind VIDEO; frames is how many pictures the file has, as far as it says; at least 1 */
	struct ward_picture_facts picture;
	uint32_t streams;      /* of pictures; covers and thumbnails are none */
	uint32_t across, down; /* a pixel's shape as it is shown: 1, 1 is square */
};

struct moving_options {
	struct ward_limits limits;
	uint32_t stream; /* which of them; 0 is what a player shows */
	/*
	 * For moving_stream.h: frames are used while the next are read, so seven eighths of the
	 * time are for reading and not half of it; and as much is looked at before the facts as the
	 * ffmpeg command looks at, because how long a picture lasts depends on that.
	 */
	bool streaming;
	/*
	 * Every picture is decoded, also where a plan would leave some out (moving_ahead.h): the
	 * frames are the same, and later; tests and fuzzing hold the one against the other.
	 */
	bool all;
};

/* Before the jail closes: have libraries set up what they would open files for. */
void moving_prepare(void);

/*
 * Reads what the file says of itself.  `file` stays the caller's, and must be
 * there until moving_free.  Fails with FORMAT (broken, or nothing that moves is
 * in it), LIMIT (larger than agreed), UNSUPPORTED (a container or codec that is
 * not in our tables), NOT_FOUND (no such stream), NOMEM, TIMEOUT.
 */
ward_err moving_open(ward_bytes file, const struct moving_options *options, struct moving **moving,
		struct moving_facts *facts, struct ward_error *error) WARD_MUST_USE;
void moving_free(struct moving *moving);

/* RGB of the stored size, not turned; valid until the next call.  `index` counts what was given. */

/*
 * The picture that is shown at this time: the last whose own time is not after
 * it, by half of a picture.  When that one is too far from where decoding may
 * begin, it is the last that was reached: frame->time_ms is its time.
 * NOT_FOUND when there is nothing so late, FORMAT when there is nothing at all
 * that could be read, LIMIT and NOMEM as above.
 */
ward_err moving_at(struct moving *moving, uint64_t at_ms, struct ward_frame *frame,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Goes on from the last frame to the first that is shown at this time or
 * later, and gives it; those between are decoded, and cost nothing more.  For
 * frames at a rate, ask for k * 1000 / rate.  NOT_FOUND at the end.
 */
ward_err moving_next(struct moving *moving, uint64_t from_ms, struct ward_frame *frame,
		struct ward_error *error) WARD_MUST_USE;

/* Where the pictures end, in ms, by reading through the file without decoding; 0: nowhere. */
uint64_t moving_end(struct moving *moving);

/*
 * Whether there are pictures well behind what the file says is its end, by reading from the last
 * place where decoding may begin; then the facts are told anew, by where they end.
 */
bool moving_goes_on(struct moving *moving, struct moving_facts *facts);

/* The middle of the `index`-th of `count` equal parts of `duration_ms`. */
uint64_t moving_spread(uint64_t duration_ms, uint32_t count, uint32_t index);

/* Something of what was asked for so far is broken, or lay too far to be reached. */
bool moving_is_damaged(const struct moving *moving);

#endif
