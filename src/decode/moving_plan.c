#include "decode/moving_plan.h"

#include <stdlib.h>
#include <string.h>

/* Pictures in FFmpeg's decoder of H.265, which has twice as many as ITU-T H.265 A.4.2 lets it. */
enum { HELD_MAX = 32 };

struct moving_plan {
	struct moving_packet *packets; /* as they lie in the file */
	uint8_t *needs;                /* enum moving_need of each */
	size_t count, room;
	int64_t *times; /* of those that are shown, sorted */
	bool *decoded;  /* each of these */
	size_t shown;
	size_t at;   /* the next that is asked for */
	size_t came; /* of `times`, the next that can come out */
};

struct moving_plan *moving_plan_new(void)
{
	return calloc(1, sizeof(struct moving_plan));
}

void moving_plan_free(struct moving_plan *plan)
{
	if (!plan)
		return;
	free(plan->packets);
	free(plan->needs);
	free(plan->times);
	free(plan->decoded);
	free(plan);
}

bool moving_plan_tell(struct moving_plan *plan, const struct moving_packet *packet)
{
	if (plan->count == MOVING_PLAN_PACKETS)
		return false;
	if (plan->count == plan->room) {
		size_t room = plan->room > 0 ? 2 * plan->room : 1024;
		struct moving_packet *grown = realloc(plan->packets, room * sizeof(*grown));

		if (!grown)
			return false;
		plan->packets = grown;
		plan->room = room;
	}
	plan->packets[plan->count++] = *packet;
	plan->shown += !packet->not_shown;
	return true;
}

/* ---- the order in which they are shown ---- */

static int by_time(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static bool sort_times(struct moving_plan *plan)
{
	size_t count = 0;

	plan->times = calloc(plan->shown, sizeof(*plan->times));
	if (!plan->times)
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		if (!plan->packets[i].not_shown)
			plan->times[count++] = plan->packets[i].time;
	}
	qsort(plan->times, count, sizeof(*plan->times), by_time);
	for (size_t i = 1; i < count; i++) {
		if (plan->times[i] == plan->times[i - 1])
			return false;
	}
	return true;
}

/* Which of those that are shown it is. */
static bool find_number(const struct moving_plan *plan, int64_t time, size_t *number)
{
	const int64_t *found = bsearch(&time, plan->times, plan->shown, sizeof(time), by_time);

	if (!found)
		return false;
	*number = (size_t)(found - plan->times);
	return true;
}

int64_t moving_plan_last(const struct moving_plan *plan)
{
	return plan->times[plan->shown - 1];
}

/* ---- what is needed for it ---- */

/* The earliest time of each packet and all behind it. */
static int64_t *earliest_behind(const struct moving_plan *plan)
{
	int64_t *earliest = calloc(plan->count, sizeof(*earliest)), least = INT64_MAX;

	for (size_t i = plan->count; earliest && i-- > 0;) {
		if (plan->packets[i].time < least)
			least = plan->packets[i].time;
		earliest[i] = least;
	}
	return earliest;
}

/*
 * That a packet begins anew is its codec's word; what is shown before it must lie before it, too,
 * or the one is needed for the other after all.
 */
static bool clear_what_is_not_anew(struct moving_plan *plan)
{
	int64_t *earliest = earliest_behind(plan), latest = INT64_MIN;

	if (!earliest)
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		struct moving_packet *packet = &plan->packets[i];

		if ((i > 0 && latest >= packet->time) || earliest[i] < packet->time)
			packet->anew = false;
		if (packet->time > latest)
			latest = packet->time;
	}
	free(earliest);
	return true;
}

static uint8_t highest_layer(const struct moving_plan *plan)
{
	uint8_t highest = 0;

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->packets[i].layer > highest)
			highest = plan->packets[i].layer;
	}
	return highest;
}

static bool is_wanted(const struct moving_plan *plan, const struct moving_packet *packet,
		uint32_t step)
{
	size_t number;

	return !packet->not_shown && find_number(plan, packet->time, &number) && number % step == 0;
}

/*
 * From the last to the first: what is behind says what is needed.  The first always is: words for
 * all stand in it.  Before one which names pictures that nobody misses, all are that a decoder may
 * still hold.
 */
static void find_needs(struct moving_plan *plan, uint32_t step)
{
	uint8_t highest = highest_layer(plan);
	bool needed = false;
	size_t silent = SIZE_MAX; /* the next such one */

	for (size_t i = plan->count; i-- > 0;) {
		const struct moving_packet *packet = &plan->packets[i];
		bool spare = packet->spare && packet->layer == highest &&
			     (silent == SIZE_MAX || silent - i > HELD_MAX);
		bool decoded;

		needed |= is_wanted(plan, packet, step);
		decoded = i == 0 || is_wanted(plan, packet, step) || (needed && !spare);
		plan->needs[i] = decoded ? MOVING_DECODE : MOVING_SKIP;
		if (packet->silent)
			silent = i;
		if (packet->anew)
			needed = false;
	}
}

static void note_decoded(struct moving_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		size_t number;

		if (plan->needs[i] == MOVING_DECODE && !plan->packets[i].not_shown &&
				find_number(plan, plan->packets[i].time, &number))
			plan->decoded[number] = true;
	}
}

bool moving_plan_make(struct moving_plan *plan, uint32_t step)
{
	plan->needs = calloc(plan->count + 1, 1);
	if (!plan->needs || plan->shown == 0 || step == 0 || !sort_times(plan) ||
			!clear_what_is_not_anew(plan))
		return false;
	find_needs(plan, step);
	plan->decoded = calloc(plan->shown, sizeof(*plan->decoded));
	if (!plan->decoded)
		return false;
	note_decoded(plan);
	return true;
}

enum moving_need moving_plan_next(struct moving_plan *plan, int64_t time, uint32_t size)
{
	const struct moving_packet *packet = &plan->packets[plan->at];

	if (plan->at == plan->count || packet->time != time || packet->size != size)
		return MOVING_OTHER;
	return (enum moving_need)plan->needs[plan->at++];
}

bool moving_plan_came(struct moving_plan *plan, int64_t time, uint32_t *number)
{
	while (plan->came < plan->shown && !plan->decoded[plan->came])
		plan->came++;
	if (plan->came == plan->shown || plan->times[plan->came] != time)
		return false;
	*number = (uint32_t)plan->came++;
	return true;
}

bool moving_plan_is_whole(const struct moving_plan *plan)
{
	return plan->came == plan->shown ||
	       !memchr(plan->decoded + plan->came, 1, plan->shown - plan->came);
}
