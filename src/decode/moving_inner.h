/*
 * moving_inner.h - a moving picture that is open: for moving_open.c, which opens it, and moving.c
 */
#ifndef DECODE_MOVING_INNER_H
#define DECODE_MOVING_INNER_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include "decode/moving.h"

/* No video of ours is longer: what is beyond is a lie, and fits no uint32_t. */
#define TIME_MS_MAX ((uint64_t)UINT32_MAX)
#define TIME_US_MAX ((int64_t)TIME_MS_MAX * 1000)

struct moving {
	ward_bytes file;
	size_t at; /* the demuxer's place in it */
	struct ward_limits limits;
	uint64_t deadline_us;
	AVIOContext *io;
	AVFormatContext *format;
	AVCodecContext *codec;
	AVStream *stream;
	AVPacket *packet;
	AVFrame *fresh, *kept; /* what was decoded last, and the last that will do */
	struct SwsContext *scaler;
	uint8_t *canvas;
	size_t canvas_len;
	uint64_t said_ms;   /* how long the file says it is */
	int64_t start;      /* of the stream, in its own units */
	int64_t picture_us; /* how long a picture is shown */
	int64_t fresh_us;   /* when the fresh one is shown */
	int64_t kept_us;
	uint64_t budget; /* pixels that may be decoded before the next frame is given */
	uint32_t given;
	struct moving_plan *plan; /* what must be decoded; NULL: all of it */
	uint32_t number;          /* of the fresh one, among those that are shown */
	bool streaming, all;
	bool counted;    /* there was one with a number */
	uint32_t passed; /* of those that come, so many were given before it began again */
	bool complained; /* the decoder did, of what it was given */
	bool draining, over, damaged;
};

bool moving_time_is_up(const struct moving *moving);

/* The same stream of the same file, from its first packet, without a decoder; moving_free's. */
ward_err moving_open_again(const struct moving *moving, struct moving **again,
		struct ward_error *error);

/* From the first packet on, with a new decoder and without a plan. */
ward_err moving_begin_again(struct moving *moving, struct ward_error *error);

/* By FFmpeg's code, or that the time is up. */
ward_err moving_fail(struct moving *moving, int code, const char *what, struct ward_error *error);
ward_err moving_no_memory(struct ward_error *error);

/*
 * When a picture is shown, by the time that its file gives it: whatever that says, it can be
 * reckoned with.
 */
int64_t moving_shown_us(const struct moving *moving, int64_t time);
uint64_t moving_to_ms(int64_t us);

/* As far as the file says, by its count or its length. */
uint32_t moving_count_pictures(const struct moving *moving);

#endif
