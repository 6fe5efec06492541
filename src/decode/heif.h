/*
 * heif.h - what the parts of the HEIF decoder give each other
 *
 * heif_boxes.c looks at a file's structure before libheif is given it, and
 * says what libheif would pass over in silence or could be led astray by.
 * heif_codecs.c decodes coded pictures for libheif.  heif.c is between them.
 */
#ifndef DECODE_HEIF_H
#define DECODE_HEIF_H

#include "decode/format.h"

/* ---- heif_boxes.c ---- */

struct heif_boxes {
	bool has_track; /* the file is also, or only, a sequence of pictures */
	/* The coding of a picture that libheif does not know; "" when there is none. */
	char unread[5];
	bool primary_unread; /* and it is that of the picture which is shown first */
};

/*
 * Fails with FORMAT when pictures are made of each other in a circle, with LIMIT when one
 * that is made of others states a size beyond the limit.  What is broken otherwise is left
 * for libheif to complain of.
 */
ward_err heif_boxes_read(struct decode_job *job, struct heif_boxes *boxes) WARD_MUST_USE;

/* ---- heif_codecs.c ---- */

/* The decoding of one picture, with all it is made of. */
struct heif_coding {
	uint64_t pixels_max;  /* of one coded picture */
	uint64_t pixels_left; /* of all of them together */
	/* Zeros that stand at the end of what libheif hands over next, in place of the file's. */
	size_t missing;
	bool over_limit;
	bool damaged;
	/* The last coded picture: what a tile that is missing would have looked like. */
	int width, height, bits;
	int chroma; /* enum heif_chroma */
};

/* Gives libheif decoders of HEVC and AV1 that start no threads.  Once. */
void heif_codecs_register(void);

/*
 * libheif gives its decoders no pointer of ours, so there is one coding at a time.  NULL
 * ends it.
 */
void heif_codecs_use(struct heif_coding *coding);

#endif
