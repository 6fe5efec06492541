/*
 * format.h - what a format's file gives to decode.c, and what they share
 *
 * A format is a row in decode.c's table: `facts` reads the header, `paint`
 * decodes.  Both see the whole file.  decode.c checks the facts against the
 * limits and tells the sink; `paint` is called only when pixels are wanted.
 *
 * A file that breaks off or is damaged part-way still hands out what was
 * decoded of the frame (the rest is black, or what the codec makes of it), and
 * then fails with FORMAT: the picture can be recognised, and the trouble is told.
 */
#ifndef DECODE_FORMAT_H
#define DECODE_FORMAT_H

#include "decode/decode.h"

/* One picture being decoded. */
struct decode_job {
	ward_bytes file;
	const struct ward_decode_options *options;
	const struct decode_wish *wish; /* of a view; NULL: the pixels as they are stored */
	const struct decode_sink *sink;
	struct ward_picture_facts facts;
	ward_bytes exif;          /* the TIFF structure that `facts` found in the file, if any */
	struct ward_error *error; /* never NULL here */
};

/*
 * Reads the header: sets facts.width, height and bits, and whichever of frames, has_alpha,
 * is_cmyk and orientation the file states.
 */
typedef ward_err decode_facts(struct decode_job *job);
/* Decodes every frame that options ask for, and hands it to the sink. */
typedef ward_err decode_paint(struct decode_job *job);
/* What decode_prepare is for, where a codec needs it. */
typedef void decode_ready(void);

decode_facts jpeg_facts, png_facts, gif_facts, webp_facts, bmp_facts, tiff_facts, heif_facts,
		pnm_facts;
decode_paint jpeg_paint, png_paint, gif_paint, webp_paint, bmp_paint, tiff_paint, heif_paint,
		pnm_paint;
decode_ready archive_ready, heif_ready;

/* EXIF orientation 1..8 from a TIFF-structured block (behind "Exif\0\0"); 0 when it has none. */
uint32_t exif_orientation(ward_bytes exif);
/* The JPEG within it that shows the picture small, as bytes of the block; none: no bytes. */
ward_bytes exif_thumbnail(ward_bytes exif);

/*
 * Memory of the decoder's own, zeroed, for `height` rows of `width` pixels of `bytes` each;
 * it is freed with free().  NULL with job->error set when it is beyond limits.memory_max.
 */
void *decode_memory(struct decode_job *job, uint32_t width, uint32_t height,
		uint32_t bytes) WARD_MUST_USE;

/*
 * Asks the sink for room for rows of `width` pixels of `channels` bytes, tightly packed,
 * `height` of them.  It holds whatever was there before.  NULL with job->error set when
 * there is none.
 */
uint8_t *decode_canvas(struct decode_job *job, uint32_t width, uint32_t height, uint32_t channels);

/*
 * Fails with LIMIT when this frame is beyond limits.frames_max.  The tell functions ask it
 * too; ask before decoding a frame that would not be taken.
 */
ward_err decode_frame_allowed(struct decode_job *job, uint32_t index) WARD_MUST_USE;

/*
 * Hands out one frame of 8-bit samples that came with alpha.  `rgba` is width * height * 4,
 * the decoder's own memory.  Tells STORED (colour as stored), and COMPOSITED (over white)
 * when that differs anywhere; for a view, COMPOSITED over its ground alone.
 */
ward_err decode_tell_rgba(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index, uint32_t time_ms) WARD_MUST_USE;

/* The same for colour that is stored multiplied by its alpha. */
ward_err decode_tell_premultiplied(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index) WARD_MUST_USE;

/* Hands out what was painted into the canvas, as STORED. */
ward_err decode_tell(struct decode_job *job, const uint8_t *pixels, uint32_t width, uint32_t height,
		uint32_t channels, uint32_t scale, uint32_t index, uint32_t time_ms) WARD_MUST_USE;

/* round(v * 255 / most), for v up to `most` */
static inline uint8_t decode_8_of(uint32_t v, uint32_t most)
{
	return (uint8_t)((v * 255 + most / 2) / most);
}

static inline uint8_t decode_8_of_16(uint32_t v)
{
	return decode_8_of(v, 65535);
}

#endif
