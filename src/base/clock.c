#include "base/clock.h"

int64_t clock_now(void)
{
	struct timespec now;

	/* time() may read the kernel's last tick and still be in the second before. */
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

uint64_t clock_ticks_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
