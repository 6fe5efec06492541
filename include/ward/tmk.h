/*
 * tmk.h - TMK+PDQF: a whole video as one feature of fixed size, and how alike two are
 *
 * The video is brought to 15 frames a second of 64x64 pixels; of each frame the
 * 256 values are kept that PDQ would make bits of.  Their average is the first
 * level of a comparison.  The second keeps their order in time: sums of each
 * frame's values, turned by its number around four circles of different length
 * ("periods"), 32 times as fast each ("coefficients").  Shifted against each other in
 * every way, two such sums are largest where two videos show the same at the
 * same time, so it also says whether one is the other, begun earlier or later.
 *
 * Files and scores are those of the published C++ tool: the file byte for byte
 * (with the same frames; the C library's sin and cos are part of it), the scores to
 * five decimals.  The formulas are Poullot, Tsukatani, Nguyen, Jegou and Satoh's "Temporal
 * Matching Kernel with Explicit Feature Maps" (2015); docs/guide/hashes.md has
 * the steps.
 *
 * All numbers are without a unit.  Pure functions; a maker belongs to one
 * thread at a time.
 */
#ifndef WARD_TMK_H
#define WARD_TMK_H

#include <ward/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	WARD_TMK_RATE = 15, /* frames a second */
	WARD_TMK_SIDE = 64, /* of a frame, in pixels */
	WARD_TMK_VALUES = 256,
	WARD_TMK_PERIODS = 4,
	WARD_TMK_COEFFICIENTS = 32,
	WARD_TMK_BYTES = 263344, /* of a file */
};

/* From this score on two videos are alike, on both levels, for the published tools. */
#define WARD_TMK_ALIKE 0.7

/* Large: keep it on the heap. */
struct ward_tmk {
	uint32_t frames; /* at 15 a second; a fact, not part of any comparison */
	float average[WARD_TMK_VALUES];
	float cosines[WARD_TMK_PERIODS][WARD_TMK_COEFFICIENTS][WARD_TMK_VALUES];
	float sines[WARD_TMK_PERIODS][WARD_TMK_COEFFICIENTS][WARD_TMK_VALUES];
};

/* ---- making ---- */

struct ward_tmk_maker;
WARD_API struct ward_tmk_maker *ward_tmk_maker_new(void); /* NULL without memory */
WARD_API void ward_tmk_maker_free(struct ward_tmk_maker *maker);

/* The next frame, 64x64 in RGB.  Fails with ARGUMENT when it is not that, NOMEM, and LIMIT. */
WARD_API ward_err ward_tmk_add(struct ward_tmk_maker *maker, const struct ward_image *image,
		struct ward_error *error) WARD_MUST_USE;

/* The feature of all frames since new or the last finish.  Fails with FORMAT when there were none.
 */
WARD_API ward_err ward_tmk_finish(struct ward_tmk_maker *maker, struct ward_tmk *tmk,
		struct ward_error *error) WARD_MUST_USE;

/* ---- files ---- */

WARD_API void ward_tmk_write(const struct ward_tmk *tmk, struct ward_buf *out);

/*
 * Fails with FORMAT (another file, cut, longer, or a number in it is none), NOMEM and
 * UNSUPPORTED (made with another rate, other periods or coefficients: it could not be compared).
 */
WARD_API ward_err ward_tmk_read(ward_bytes file, struct ward_tmk *tmk,
		struct ward_error *error) WARD_MUST_USE;

/* ---- comparing ---- */

/* The cosine of the averages, -1 to 1; cheap. */
WARD_API double ward_tmk_level1(const struct ward_tmk *a, const struct ward_tmk *b);

/* The best score over all shifts, about 0 to 1; some milliseconds. */
WARD_API double ward_tmk_level2(const struct ward_tmk *a, const struct ward_tmk *b);

#ifdef __cplusplus
}
#endif
#endif
