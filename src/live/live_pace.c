#include "live/live_pace.h"

/* Pictures come in pieces of 2 to 10 seconds: within this there is the end of one. */
#define SOME_MS 15000
#define LONG_MS 300000

/* A time that jumps so far is another clock's. */
#define JUMP_MS 10000

/* A picture's length where clocks change; any small number does. */
#define STEP_MS 40

/* Behind so much it hurries, until it is behind so little. */
#define HURRY_MS 1000
#define CALM_MS  300

/* Own times are kept within what cannot overflow: ten thousand years. */
#define OWN_MAX ((int64_t)10000 * 366 * 86400 * 1000)

static void least_begin(struct live_least *least, uint64_t span_ms)
{
	*least = (struct live_least){ span_ms, 0, INT64_MAX, INT64_MAX };
}

static int64_t least_add(struct live_least *least, int64_t value, uint64_t wall_ms)
{
	if (wall_ms >= least->until_ms) {
		least->before = least->now;
		least->now = INT64_MAX;
		least->until_ms = wall_ms + least->span_ms;
	}
	least->now = value < least->now ? value : least->now;
	return least->now < least->before ? least->now : least->before;
}

static void forget(struct live_pace *pace)
{
	least_begin(&pace->some, SOME_MS);
	least_begin(&pace->long_ago, LONG_MS);
	pace->behind_ms = 0;
	pace->hurried = false;
}

void live_pace_begin(struct live_pace *pace, uint32_t interval_ms)
{
	*pace = (struct live_pace){ .interval_ms = interval_ms > 0 ? interval_ms : 1 };
	forget(pace);
}

static void reckon(struct live_pace *pace, uint64_t wall_ms)
{
	int64_t off = (int64_t)wall_ms - pace->last_ms;
	int64_t some = least_add(&pace->some, off, wall_ms);
	int64_t least = least_add(&pace->long_ago, off, wall_ms);

	pace->behind_ms = some > least ? (uint64_t)(some - least) : 0;
	if (pace->behind_ms > HURRY_MS)
		pace->hurried = true;
	else if (pace->behind_ms < CALM_MS)
		pace->hurried = false;
}

bool live_pace_meet(struct live_pace *pace, int64_t own_ms, uint64_t wall_ms)
{
	own_ms = own_ms > OWN_MAX ? OWN_MAX : own_ms < -OWN_MAX ? -OWN_MAX : own_ms;
	if (!pace->begun)
		pace->base_ms = own_ms;
	int64_t at = own_ms - pace->base_ms;

	if (pace->begun && (at < pace->last_ms - JUMP_MS || at > pace->last_ms + JUMP_MS)) {
		at = pace->last_ms + STEP_MS;
		pace->base_ms = own_ms - at;
		forget(pace);
	}
	pace->begun = true;
	pace->last_ms = at > 0 ? at : 0;
	reckon(pace, wall_ms);
	if (pace->last_ms < pace->due_ms)
		return false;
	pace->due_ms = pace->last_ms - pace->last_ms % pace->interval_ms + pace->interval_ms;
	return true;
}
