#include "base/clock.h"

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

uint64_t clock_ticks_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
