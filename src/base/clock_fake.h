/*
 * clock_fake.h - a clock that a test sets
 *
 * A test program that links clock_fake (dependency `clock_fake`, before base)
 * has these in place of the system's; both stand still until they are set.
 */
#ifndef CLOCK_FAKE_H
#define CLOCK_FAKE_H

#include "base/clock.h"

void clock_fake_set(int64_t now);
/* Both clocks go on; a negative number turns back the wall clock alone. */
void clock_fake_pass(int64_t seconds);

#endif
