/*
 * hma_coin.h - the coin that HMA flips for each look-up
 *
 * A bank whose ratio is not below the coin takes part.  HMA draws the coin
 * from Python's generator, seeded with the text that the client sends, so that
 * one content meets the same banks each time; ours falls as theirs for the same
 * text, and whoever comes from HMA keeps the cohorts they had.
 */
#ifndef API_HMA_COIN_H
#define API_HMA_COIN_H

#include <ward/base.h>

/* From 0 to below 1: what Python's random.Random(seed).random() is for this text. */
double hma_coin_of(ward_str seed);
/* One that nobody can foresee. */
double hma_coin(void);

#endif
