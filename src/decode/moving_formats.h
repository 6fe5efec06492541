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

/* FFmpeg's names of decoders, with commas between them. */
extern const char moving_codecs[];

#endif
