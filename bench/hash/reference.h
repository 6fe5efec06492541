/*
 * reference.h - PDQ the way the published C++ computes it, to be measured beside ward
 *
 * Two float copies of the picture, each pass over all of it, one sample at a
 * time; written anew from the description of the algorithm and compiled like
 * the rest (-O3, no fused multiply-add).  Its bits are the reference's.
 */
#ifndef BENCH_HASH_REFERENCE_H
#define BENCH_HASH_REFERENCE_H

#include <ward/hash.h>

struct reference; /* the two copies and the transform's constants, kept between pictures */

struct reference *reference_new(uint32_t width, uint32_t height);
void reference_free(struct reference *reference);
/* `image` has the width and height it was made for, three channels, and is not 64x64. */
struct ward_pdq_result reference_hash(struct reference *reference, const struct ward_image *image);

#endif
