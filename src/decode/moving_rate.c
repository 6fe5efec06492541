#include "decode/moving_rate.h"

#include <math.h>

void moving_rate_begin(struct moving_rate *rate, double lasts)
{
	*rate = (struct moving_rate){ .lasts = lasts < 1 ? lasts : 1 };
}

static void remember(struct moving_rate *rate, uint32_t earlier)
{
	rate->before[2] = rate->before[1];
	rate->before[1] = rate->before[0];
	rate->before[0] = earlier;
}

/*
 * `late` is how far the picture lies behind its place among those given; by its
 * end a whole one is due, give or take a tenth.
 */
struct moving_copies moving_rate_next(struct moving_rate *rate, double at, int64_t lasts)
{
	double late = at - (double)rate->given;
	double due = late + (lasts > 0 ? (double)lasts : rate->lasts);
	int64_t all = 1, earlier = 0;

	/* Also what is no time at all. */
	if (!(due >= -1.1) || due > (double)MOVING_RATE_GAP) {
		all = 0;
	} else if (due > 1.1) {
		all = lrintf((float)due);
		if (late > 1.1)
			earlier = llrintf((float)(late - 0.6));
	}
	if (earlier > all)
		earlier = all;
	remember(rate, (uint32_t)earlier);
	rate->given += (uint64_t)all;
	return (struct moving_copies){ (uint32_t)earlier, (uint32_t)(all - earlier) };
}

uint32_t moving_rate_end(const struct moving_rate *rate)
{
	uint32_t a = rate->before[0], b = rate->before[1], c = rate->before[2];
	uint32_t least = a < b ? a : b, most = a < b ? b : a;

	return c < least ? least : c > most ? most : c;
}
