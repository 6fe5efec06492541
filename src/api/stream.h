/*
 * stream.h - a body on its way to the thread that reads it, a bounded piece at a time
 *
 * One thread offers bytes as they arrive, another reads them and waits for
 * more.  When there is no room the offering side is told, stops taking from
 * the network, and is called when there is room again: a body of any size
 * passes through in constant memory.
 */
#ifndef API_STREAM_H
#define API_STREAM_H

#include <ward/base.h>

struct stream;

/* `room_again` is called from the reading thread, without any lock held. NULL without memory. */
struct stream *stream_new(size_t room, void (*room_again)(void *context), void *context);
void stream_free(struct stream *stream);

/* Takes as many bytes as there is room for and returns how many; everything once it is closed. */
size_t stream_offer(struct stream *stream, ward_bytes bytes);
/* All bytes were offered. */
void stream_end(struct stream *stream);
/*
 * No more is to be read: the reader gets IO (the sender is gone) or LIMIT (the
 * body is too large), and what is still offered is taken and dropped.  The
 * first reason stays.
 */
void stream_break(struct stream *stream, ward_err why);

/* Reads some bytes, waiting for them; 0 at the end. */
ward_err stream_read(struct stream *stream, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error) WARD_MUST_USE;
/* The reader wants no more. */
void stream_close(struct stream *stream);

#endif
