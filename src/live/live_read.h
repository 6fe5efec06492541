/*
 * live_read.h - a live stream in; pictures at a set rate out, in step with the stream
 *
 * The whole of FFmpeg that a stream needs, behind the walls: playlists, chunked
 * streams, RTMP's and RTSP's talk, demuxers, decoders.  It opens nothing itself
 * (live_ask.h).  Addresses of playlists and what they name are http or https
 * and nothing else; containers and codecs are those of decode/moving_formats.h.
 *
 * Time runs from 0, the first picture, and stays in step when the sender's
 * clock jumps.  Of the pictures, those are due that are the first of a new
 * interval.  A due one is given when the one before was taken, waits for that a
 * quarter of the interval at most, and is dropped otherwise: so whoever looks at
 * the pictures may be slow, and the stream is read at its pace all the same.
 * When reading itself falls behind, only key pictures are decoded until it has
 * caught up.
 *
 * One thread.
 */
#ifndef LIVE_READ_H
#define LIVE_READ_H

#include <ward/base.h>

/* Before the walls close. */
void live_read_prepare(void);

/*
 * Reads until the stream ends: OK then, or FORMAT, LIMIT, UNSUPPORTED, IO, NOMEM with a sentence.
 * Pictures go to `canvas`, of LIVE_MEMORY bytes.
 */
ward_err live_read(const char *address, uint32_t interval_ms, uint8_t *canvas,
		struct ward_error *error) WARD_MUST_USE;

#endif
