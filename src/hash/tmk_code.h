/*
 * tmk_code.h - the numbers TMK+PDQF is made with
 *
 * Periods in frames, primes so that no two of them fall together early; the
 * coefficients are the Fourier series of a narrow kernel, as the published tool
 * writes them.  A file says them again, and one with others is of another kind.
 */
#ifndef HASH_TMK_CODE_H
#define HASH_TMK_CODE_H

#include <ward/tmk.h>

#define TMK_PI 3.14159265358979323846

extern const uint32_t ward_tmk_periods[WARD_TMK_PERIODS];
extern const float ward_tmk_coefficients[WARD_TMK_COEFFICIENTS];

/* The sum of products, in order, each rounded. */
float ward_tmk_dot(const float *a, const float *b);

#endif
