/*
 * heif_inner.h - one HEIF or AVIF being decoded, as heif.c and heif_aside.c share it
 *
 * A function that returns an error has filled job->error; whether that ends the
 * job or is noted is its caller's choice.
 */
#ifndef DECODE_HEIF_INNER_H
#define DECODE_HEIF_INNER_H

#include "decode/heif.h"

#include <libheif/heif.h>

struct heif {
	struct decode_job *job;
	struct heif_context *context;
	struct heif_boxes boxes;
	/* reading */
	int64_t at;
	uint64_t read_left;
	bool boxes_done; /* libheif has read the boxes and reads items now */
	bool over_limit;
	bool breaks_off;
	struct heif_coding coding;
	uint32_t told;    /* frames */
	ward_err trouble; /* the first, `error` says it */
	struct ward_error error;
};

/* Red, green, blue and alpha; alpha may be missing. */
struct heif_planes {
	const uint8_t *rows[4];
	size_t stride[4];
	uint32_t most[4]; /* the largest sample */
	uint32_t width, height;
};

/* "heif" or "avif" */
const char *heif_name_of(const struct decode_job *job);
/* libheif's own words, with the code that they mean here. */
ward_err heif_fail_with(struct heif *heif, struct heif_error error);
/* Keeps job->error when it is the first. */
void heif_note_trouble(struct heif *heif, ward_err err);

/* Decodes one picture within the limits; release `image`. */
ward_err heif_decode_item(struct heif *heif, const struct heif_image_handle *handle,
		struct heif_image **image) WARD_MUST_USE;
ward_err heif_find_planes(struct heif *heif, const struct heif_image *image,
		struct heif_planes *planes) WARD_MUST_USE;
/* Writes a plane's samples, as 8 bits, to every `step`-th byte. */
void heif_spread_plane(const struct heif_planes *planes, int i, uint8_t *to, uint32_t step);
/* What was wrong with a picture that was told all the same. */
ward_err heif_check_told(struct heif *heif, const struct heif_image_handle *handle,
		const struct heif_planes *planes) WARD_MUST_USE;

/* heif_aside.c: tells thumbnails and companions of each picture that is a frame. */
ward_err heif_tell_asides(struct heif *heif) WARD_MUST_USE;

#endif
