/*
 * live.h - a live stream, read by a jailed process that has no network of its own
 *
 * The reader (ward-worker-live) holds playlists' parsers, FFmpeg's protocols,
 * demuxers and decoders, and can open neither a file nor a connection.  It asks
 * this side for each, which looks at the very address before it connects: a
 * file of the web is fetched by libcurl and handed over through a socket, as
 * fast as it is read there, so nothing piles up here; for RTMP and RTSP the
 * reader gets the connection itself.  What is asked for is counted, and beyond
 * a rate that no honest stream needs it is refused.
 *
 * Frames come one at a time, and belong to the caller until live_taken; those
 * that are due meanwhile are dropped by the reader.  A stream that gives no
 * frame for `stall_ms` is over, whatever its reader does.
 *
 * A live stream belongs to one thread.
 */
#ifndef LIVE_H
#define LIVE_H

#include <ward/media.h>

struct live;
struct sockaddr;

struct live_options {
	uint32_t interval_ms; /* between frames */
	uint32_t stall_ms;
	uint64_t memory_max; /* of the reader's address space, code included */
	bool (*allow)(const struct sockaddr *address); /* NULL: address_is_public */
	const char *ca_file; /* whose certificates are trusted; NULL: the system's.  Kept alive */
};

struct live_frame {
	struct ward_image image; /* valid until live_taken; the reader leaves it alone meanwhile */
	uint64_t stream_ms;      /* since this connection's first picture */
	uint64_t arrived_us;     /* when its bytes had come, on clock_ticks_us */
	uint64_t behind_ms;      /* so much of the stream waited to be read then */
	uint64_t dropped;        /* frames that were due and not given, of this connection */
};

/* Once, before threads are started. */
void live_prepare(void);

/*
 * Starts a reader on an http, https, rtmp or rtsp address.  ARGUMENT for another; NOT_FOUND when
 * the program is not there; NOMEM; IO.
 */
ward_err live_open(const char *address, const struct live_options *options, struct live **live,
		struct ward_error *error) WARD_MUST_USE;
/* Ends the reader and all that was fetched for it. */
void live_close(struct live *live);

/*
 * Waits for the next frame at most so long: OK with `*come` false when there is none yet.  Fails
 * with what ended the stream, NOT_FOUND when it came to its end, TIMEOUT when it stalled, WORKER
 * when its reader died, and DENIED when it was no more than an address that is not allowed.
 */
ward_err live_next(struct live *live, uint32_t wait_ms, struct live_frame *frame, bool *come,
		struct ward_error *error) WARD_MUST_USE;
void live_taken(struct live *live);

/* The reader's process id, for tests. */
int live_pid(const struct live *live);

#endif
