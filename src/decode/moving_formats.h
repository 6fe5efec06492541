/*
 * moving_formats.h - which containers and codecs are read, and which FFmpeg knows besides
 *
 * FFmpeg reads some 350 containers and 500 codecs; most of what was ever found
 * wrong in it was in those that nobody sends.  These are what phones, cameras,
 * messengers, browsers and the programs of the last thirty years write.
 */
#ifndef DECODE_MOVING_FORMATS_H
#define DECODE_MOVING_FORMATS_H

#include <ward/media.h>

/* FFmpeg's name of the container; NULL when it is none of ours. */
const char *moving_container(ward_bytes head);

/*
 * The decoder of what has FFmpeg's number `codec_id`, of those that we let decode; NULL when there
 * is none.
 */
struct AVCodec;
const struct AVCodec *moving_decoder(unsigned codec_id);

/*
 * Before it is opened: it may use these containers (FFmpeg's names, commas between them), these
 * protocols, and our decoders.  False without memory.
 */
struct AVFormatContext;
bool moving_allow(struct AVFormatContext *format, const char *containers, const char *protocols);

#endif
