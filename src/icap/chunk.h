/*
 * chunk.h - a chunked body, taken apart as it arrives
 *
 * The caller feeds whatever has come and pulls events until the reader wants more.  Extensions are
 * passed over but for `ieof`, which in a preview says that the preview was all; trailers are passed
 * over.  Lines are bounded, so that a body which is all lines ends.
 */
#ifndef ICAP_CHUNK_H
#define ICAP_CHUNK_H

#include <ward/base.h>

enum { ICAP_CHUNK_LINE_MAX = 1024, ICAP_TRAILERS_MAX = 8192 };

enum icap_chunk_event { ICAP_CHUNK_MORE, ICAP_CHUNK_DATA, ICAP_CHUNK_END, ICAP_CHUNK_BROKEN };

/* All zeroes is the beginning of a body. */
struct icap_chunks {
	int state;
	uint64_t left;  /* of the chunk */
	uint32_t line;  /* bytes of the line so far, or of all trailers */
	uint8_t digits; /* of its size */
	int8_t matched; /* letters of "ieof"; -1: this extension is another */
	bool quoted, escaped;
	bool ieof;
};

/* Takes bytes off the front of `input`; with ICAP_CHUNK_DATA `data` is the next piece, borrowed. */
enum icap_chunk_event icap_chunks_next(struct icap_chunks *chunks, ward_bytes *input,
		ward_bytes *data);

#endif
