/*
 * watch.h - what a program believes of its worker: nothing it has not checked
 *
 * The worker has read hostile bytes and may be theirs by now.  A watch follows
 * one job and turns each message into an event, or says how the worker lied:
 * out of order, beyond the shared memory, more than was allowed.  The caller
 * then kills it.
 *
 * A message is a private copy (it came over a socket), so a value that was
 * checked stays what it was.  Pixels and member bytes stay in memory the worker
 * can still write: they may change while they are read, never where they lie.
 */
#ifndef BOX_WATCH_H
#define BOX_WATCH_H

#include <ward/box.h>

#include "box/wire.h"

/* The side of a frame for TMK, <ward/tmk.h>. */
enum { WATCH_TMK_SIDE = 64 };

struct watch {
	const uint8_t *shared; /* the shared memory as this side maps it */
	size_t shared_len;
	ward_job job;
	uint64_t number;
	struct ward_decode_options options;
	/* what came so far */
	bool facts_seen;
	bool part_open;
	uint32_t frame_next;  /* frames come in order, up to two views each */
	uint32_t number_next; /* of a FRAMES job: the least number the next frame may have */
	uint32_t views;
	uint32_t parts;
	uint64_t bytes;
	uint64_t bytes_max; /* of the members, or of the view once it was told */
	bool view_seen;
	/* the last text: a part's name or the end's sentence */
	char text[WIRE_TEXT_MAX + 1];
};

void watch_begin(struct watch *watch, ward_job job, uint64_t number,
		const struct ward_decode_options *options);

/* Reads one message.  Fails with WORKER when it is not one an honest worker sends now. */
ward_err watch_event(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error) WARD_MUST_USE;

#endif
