#include "decode/moving_plan.h"

#include <stdlib.h>

struct moving_plan {
	struct moving_packet *packets; /* as they lie in the file */
	uint8_t *needs;                /* enum moving_need of each */
	size_t count, room;
	int64_t *times; /* of those that are shown, sorted */
	size_t shown;
	size_t at; /* the next that is asked for */
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

bool moving_plan_number(const struct moving_plan *plan, int64_t time, uint32_t *number)
{
	const int64_t *found = bsearch(&time, plan->times, plan->shown, sizeof(time), by_time);

	if (!found)
		return false;
	*number = (uint32_t)(found - plan->times);
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
	uint32_t number;

	return !packet->not_shown && moving_plan_number(plan, packet->time, &number) &&
	       number % step == 0;
}

/* From the last to the first: what is behind says what is needed. */
static void find_needs(struct moving_plan *plan, uint32_t step)
{
	uint8_t highest = highest_layer(plan);
	bool needed = false;

	for (size_t i = plan->count; i-- > 0;) {
		const struct moving_packet *packet = &plan->packets[i];
		bool spare = packet->spare && packet->layer == highest;
		bool wanted = is_wanted(plan, packet, step);

		needed |= wanted;
		plan->needs[i] = wanted || (needed && !spare) ? MOVING_DECODE : MOVING_SKIP;
		if (packet->anew)
			needed = false;
	}
}

/* A decoder that missed a picture which others are made from may not know it. */
static void find_beginnings(struct moving_plan *plan)
{
	bool missed = false;

	for (size_t i = 0; i < plan->count; i++) {
		const struct moving_packet *packet = &plan->packets[i];

		if (plan->needs[i] == MOVING_SKIP) {
			missed |= !packet->spare;
		} else if (packet->anew) {
			plan->needs[i] = missed ? MOVING_BEGIN : MOVING_DECODE;
			missed = false;
		}
	}
}

bool moving_plan_make(struct moving_plan *plan, uint32_t step)
{
	plan->needs = calloc(plan->count + 1, 1);
	if (!plan->needs || plan->shown == 0 || step == 0 || !sort_times(plan) ||
			!clear_what_is_not_anew(plan))
		return false;
	find_needs(plan, step);
	find_beginnings(plan);
	return true;
}

enum moving_need moving_plan_next(struct moving_plan *plan, int64_t time, uint32_t size)
{
	const struct moving_packet *packet = &plan->packets[plan->at];

	if (plan->at == plan->count || packet->time != time || packet->size != size)
		return MOVING_OTHER;
	return (enum moving_need)plan->needs[plan->at++];
}
