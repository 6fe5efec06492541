/*
 * pdq_code.h - the arithmetic of PDQ, and who does it
 *
 * pdq.c says what is computed, plainly.  pdq_lanes.h does the same for vector
 * units, once for each file that includes it (pdq_avx2.c, pdq_avx512.c,
 * pdq_neon.c).  Every path rounds every sum as pdq.c does, so they agree to
 * the last bit, which the test "pdq" checks on drawn pictures of odd sizes.
 */
#ifndef HASH_PDQ_CODE_H
#define HASH_PDQ_CODE_H

#include <ward/hash.h>

#define PDQ_SIDE    64  /* of the small picture that is transformed */
#define PDQ_SAMPLED 512 /* the side of the reference command's first step */

/* A row of the sampled picture, and room to write or read a whole vector at its end. */
#define PDQ_SAMPLED_ROW_BYTES (PDQ_SAMPLED * 3 + 64)

/* The picture as the arithmetic sees it: perhaps sampled to 512x512 first. */
struct pdq_source {
	const struct ward_image *image;
	uint32_t width;
	uint32_t height;
	bool sampled;
	/* Of red, green and blue in luma.  1, 0, 0 for grey in three channels: red, exactly. */
	float weight[3];
};

/*
 * The source of a picture.  One whose every pixel is grey has the hash of a
 * one-channel picture, because that is how it reaches the reference.
 */
struct pdq_source ward_pdq_source(const struct ward_image *image, ward_pdq_path path);

/*
 * Row y as packed samples: the picture's own memory, or `buffer`, of
 * PDQ_SAMPLED_ROW_BYTES, when the picture is sampled.
 */
const uint8_t *ward_pdq_row(const struct pdq_source *source, uint32_t y, uint8_t *buffer);

/*
 * A box filter's window over a side of `n` samples: `window` wide, and
 * output i is known after input i + lead.
 */
struct pdq_box {
	uint64_t n;
	uint64_t window;
	uint64_t lead;
};

struct pdq_box ward_pdq_box(uint32_t n);
/* How many samples lie in the window of output i. */
uint64_t ward_pdq_box_count(const struct pdq_box *box, uint64_t i);

/* Where the small picture's row or column i lies in one of n samples: floor((i + 0.5) * n / 64). */
static inline uint64_t pdq_pick(uint32_t i, uint32_t n)
{
	return ((uint64_t)(2 * i + 1) * n) / (2 * PDQ_SIDE);
}

/* The small picture, and what it transforms to: the 16x16 lowest frequencies but the constant. */
struct pdq_small {
	_Alignas(64) float at[PDQ_SIDE][PDQ_SIDE];
};

struct pdq_values {
	_Alignas(64) float at[256]; /* row 16 * i, column j */
};

/*
 * A frame of a video: three channels are colours also where all of them are grey, and 64x64 is
 * its own small picture.  `values` may be NULL; for a side below 5 they are 0, as the hash is.
 */
ward_err ward_pdq_hash_colours(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		struct ward_pdq_result *result, struct pdq_values *values,
		struct ward_error *error) WARD_MUST_USE;

struct pdq_code {
	const char *name;
	/* Floats of scratch memory that `filter` wants, aligned to 64 bytes. */
	uint64_t (*scratch)(const struct pdq_source *source);
	/* Luma, the box filters, and the pick of 64x64 (not for sides below 5). */
	void (*filter)(const struct pdq_source *source, float *scratch, struct pdq_small *small);
	int (*quality)(const struct pdq_small *small);
	void (*dct)(const struct pdq_small *small, struct pdq_values *values);
};

/* The plain code.  Its luma is also the single path's shortcut for 64x64 pictures. */
extern const struct pdq_code ward_pdq_plain;
void ward_pdq_luma(const struct pdq_source *source, const uint8_t *row, float *out);

/* The bits of transformed values: one where it exceeds the lower median. */
ward_pdq ward_pdq_bits(const struct pdq_values *values);
/* The hash of the picture turned or mirrored, from the same values. */
ward_pdq ward_pdq_look(const struct pdq_values *values, ward_dihedral which);

/* What this CPU runs, best first, ending with the plain code; at most 4. */
#define PDQ_CODES_MAX 4
int ward_pdq_codes(const struct pdq_code *codes[PDQ_CODES_MAX]);
/* The one in use. */
const struct pdq_code *ward_pdq_code(void);

#endif
