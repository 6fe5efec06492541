/*
 * jpeg.h - JPEGs for the benchmark, through libjpeg itself
 *
 * Trusted pictures only: they were drawn a moment ago, or are the golden set.
 */
#ifndef BENCH_HASH_JPEG_H
#define BENCH_HASH_JPEG_H

#include <ward/media.h>

struct jpeg_memory {
	uint8_t *ptr;
	size_t len;
};

struct jpeg_picture {
	struct ward_image image;
	uint8_t *pixels; /* kept between pictures */
	size_t room;
};

struct jpeg_memory jpeg_encode(const struct ward_image *rgb, int quality); /* 4:2:0 */
void jpeg_memory_free(struct jpeg_memory *memory);

/* Decodes to 1/scale; CMYK is not for this benchmark and gives a picture of 1x1. */
void jpeg_decode(const struct jpeg_memory *jpeg, int scale, struct jpeg_picture *picture);
void jpeg_picture_free(struct jpeg_picture *picture);

/* The scale of WARD_DECODE_FAST: the largest of 8, 4, 2 that keeps both sides above 255, else 1. */
int jpeg_fast_scale(uint32_t width, uint32_t height);

const char *jpeg_version(void);

#endif
