#include "base/clock_fake.h"

#include <stdatomic.h>

static _Atomic int64_t wall = 1767225600; /* 2026-01-01 */
static _Atomic uint64_t ticks = 1000000;

int64_t clock_now(void)
{
	return wall;
}

uint64_t clock_ticks_us(void)
{
	return ticks;
}

void clock_fake_set(int64_t now)
{
	wall = now;
}

void clock_fake_pass(int64_t seconds)
{
	wall += seconds;
	if (seconds > 0)
		ticks += (uint64_t)seconds * 1000000;
}
