/*
 * moving_plan.h - which packets of a video must be decoded, where every n-th picture is wanted
 *
 * A picture that is not wanted and that no other is made from need not be decoded; nor need what
 * stands behind the last wanted picture before a place where all begins anew.  Of a telephone's
 * video, which begins anew each second, that is most of it; of one from the web about half.
 *
 * First every packet is told, in the order they lie in the file; the plan is made; then each is
 * asked for, in the same order.  A picture's number is how many are shown before it: the number
 * that it has where all are decoded.
 *
 * Pure: no FFmpeg in here.  One thread.
 */
#ifndef DECODE_MOVING_PLAN_H
#define DECODE_MOVING_PLAN_H

#include <ward/base.h>

/* Nine hours at 30 pictures a second; of 24 bytes each. */
#define MOVING_PLAN_PACKETS ((size_t)1 << 20)

struct moving_plan;

struct moving_packet {
	int64_t time; /* when its picture is shown, in any units; no two the same */
	uint32_t size;
	uint8_t layer;  /* what is of no use to its own layer may be to those above */
	bool anew;      /* nothing behind it in the file is made from what is before it */
	bool spare;     /* no other of its layer is made from it */
	bool silent;    /* no decoder says of it that a picture which it names is missing */
	bool not_shown; /* it is decoded for others alone */
};

enum moving_need {
	MOVING_DECODE,
	MOVING_SKIP,
	MOVING_OTHER, /* this is not the packet that was told: there is no plan from here on */
};

struct moving_plan *moving_plan_new(void);
void moving_plan_free(struct moving_plan *plan);

/* False when there are too many, or without memory. */
bool moving_plan_tell(struct moving_plan *plan, const struct moving_packet *packet);

/* For each `step`-th picture, from number 0 on.  False when no order can be made of their times. */
bool moving_plan_make(struct moving_plan *plan, uint32_t step);

enum moving_need moving_plan_next(struct moving_plan *plan, int64_t time, uint32_t size);

/*
 * A picture came out of the decoder.  False when it is not the next of those that must be decoded:
 * then the file is not what it said, and there is no plan.
 */
bool moving_plan_came(struct moving_plan *plan, int64_t time, uint32_t *number);

/* Whether all of them came. */
bool moving_plan_is_whole(const struct moving_plan *plan);

/* When the last picture is shown; there is one. */
int64_t moving_plan_last(const struct moving_plan *plan);

#endif
