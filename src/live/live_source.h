/*
 * live_source.h - what FFmpeg reads of the web, and how little of it it may name
 *
 * Files come through descriptors that live_ask.h is handed.  A playlist may name
 * http and https addresses and nothing else, and is bounded.  A DASH manifest at
 * the stream's own address is read as the playlist that live_manifest.h makes of
 * it, each time that it is read.
 *
 * One stream a process, one thread.
 */
#ifndef LIVE_SOURCE_H
#define LIVE_SOURCE_H

#include <libavformat/avformat.h>

#include <ward/media.h>

/* What the stream's address names; NULL when it cannot be had.  It lives as long as the process. */
AVIOContext *live_source_open(const char *address);
/* Its first bytes, which will be read again. */
ward_bytes live_source_head(AVIOContext *io);
/* It is a DASH manifest: from here on a playlist is read there.  Fails as live_manifest. */
ward_err live_source_is_manifest(AVIOContext *io, const char *address,
		struct ward_error *error) WARD_MUST_USE;

/* Has the format open through here whatever it opens. */
void live_source_serve(AVFormatContext *format);

#endif
