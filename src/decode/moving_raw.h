/*
 * moving_raw.h - what moving.c decodes, as FFmpeg has it: for moving_stream.c alone
 */
#ifndef DECODE_MOVING_RAW_H
#define DECODE_MOVING_RAW_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>

#include "decode/moving.h"

struct moving_raw_times {
	AVRational time_base;
	AVRational rate;  /* of pictures, as FFmpeg guesses it; 0 when it does not */
	int64_t start_us; /* of the first thing in the file, which may be sound */
};

struct moving_raw_times moving_raw_times(const struct moving *moving);

/*
 * Before the first: of the pictures only each `step`-th is wanted, so that those which they are not
 * made from need not be decoded, where the file lets that be known.
 */
void moving_raw_plan(struct moving *moving, uint32_t step);

/*
 * The next picture in the order they are shown, valid until the next call.
 * NULL at the end, or when the time is up: moving_raw_end says which.
 */
AVFrame *moving_raw_next(struct moving *moving);
uint32_t moving_raw_ms(const struct moving *moving);     /* when that one is shown */
uint32_t moving_raw_number(const struct moving *moving); /* how many are shown before it */
ward_err moving_raw_end(struct moving *moving, struct ward_error *error) WARD_MUST_USE;

#endif
