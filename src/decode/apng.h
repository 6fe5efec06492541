/*
 * apng.h - what the two halves of PNG share: chunks, and libpng on one stream
 *
 * png.c reads still pictures; apng.c takes animations apart and gives each
 * frame to libpng as if it were a picture of its own.
 */
#ifndef DECODE_APNG_H
#define DECODE_APNG_H

#include "decode/format.h"

#define PNG_MARK_LEN 8

struct png_chunk {
	const uint8_t *type; /* four letters; an upper-case first one is critical */
	ward_bytes body;
	uint32_t crc; /* as stated */
};

/*
 * False at the end, or where the file breaks off within a chunk: then reader->failed is set,
 * `type` may be NULL, and `body` is what there is of it.
 */
bool png_next_chunk(struct ward_reader *reader, struct png_chunk *chunk);
bool png_chunk_is(const struct png_chunk *chunk, const char *type);

/*
 * Decodes a PNG stream of this size into `rgba`, which holds zeroes.  When it
 * fails part-way, what was decoded stands.
 */
ward_err png_read_rgba(struct decode_job *job, ward_bytes stream, uint32_t width, uint32_t height,
		uint8_t *rgba) WARD_MUST_USE;

/* Every frame of a picture that has an acTL chunk. */
ward_err apng_paint(struct decode_job *job) WARD_MUST_USE;

#endif
