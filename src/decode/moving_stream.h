/*
 * moving_stream.h - a video's frames, one after the other, as vPDQ and TMK want them
 *
 * VPDQ: every n-th picture as it is stored, at its full size; 4:2:0 by yuv.h, all
 * else by FFmpeg's scaler without its vector code, which is what the published
 * hashes were made with.  What a frame says of its colours is not heeded, as
 * there.
 *
 * TMK: 15 frames a second by moving_rate.h, turned as they are shown, then
 * brought to 64x64 by FFmpeg's bicubic scaler: equal to what the ffmpeg command
 * of the published tool writes, save for what is turned by less than a quarter, or
 * has another layout in each direction (4:2:2) and is turned at all.
 *
 * First a frame is due, then it is drawn: between the two, whoever asks may wait
 * until there is room.
 */
#ifndef DECODE_MOVING_STREAM_H
#define DECODE_MOVING_STREAM_H

#include "decode/moving.h"

struct moving_stream;

/* Room for one more than a frame's pixels: the scaler writes in steps of its registers. */
#define MOVING_SPARE 64

struct moving_due {
	uint32_t width;
	uint32_t height;
	uint32_t number; /* which of the video's pictures */
	uint32_t time_ms;
	bool again; /* the one that was due before: it is drawn already */
};

/* From where `moving` is: its beginning.  It stays the caller's.  Fails with NOMEM. */
ward_err moving_stream_open(struct moving *moving, const struct moving_facts *facts,
		const struct ward_decode_options *options, struct moving_stream **stream,
		struct ward_error *error) WARD_MUST_USE;
void moving_stream_free(struct moving_stream *stream);

/* NOT_FOUND at the end; FORMAT when there was nothing at all; LIMIT. */
ward_err moving_stream_next(struct moving_stream *stream, struct moving_due *due,
		struct ward_error *error) WARD_MUST_USE;

/* Into 3 * width * height + MOVING_SPARE bytes.  FORMAT, UNSUPPORTED, NOMEM. */
ward_err moving_stream_draw(struct moving_stream *stream, uint8_t *rgb,
		struct ward_error *error) WARD_MUST_USE;

#endif
