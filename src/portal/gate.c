#include "portal/gate.h"

#include "base/clock.h"

void gate_init(struct gate *gate, double per_second, double room)
{
	*gate = (struct gate){ .level = room,
		.room = room,
		.per_second = per_second,
		.looked_us = clock_ticks_us() };
	pthread_mutex_init(&gate->mutex, NULL);
}

static void refill(struct gate *gate)
{
	uint64_t now = clock_ticks_us();

	gate->level += (double)(now - gate->looked_us) / 1e6 * gate->per_second;
	if (gate->level > gate->room)
		gate->level = gate->room;
	gate->looked_us = now;
}

unsigned gate_take(struct gate *gate, double reserved)
{
	unsigned wait_s = 0;

	pthread_mutex_lock(&gate->mutex);
	refill(gate);
	if (gate->level >= reserved + 1)
		gate->level -= 1;
	else
		wait_s = 1 + (unsigned)((reserved + 1 - gate->level) / gate->per_second);
	pthread_mutex_unlock(&gate->mutex);
	return wait_s;
}

void gate_give(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->level += 1;
	pthread_mutex_unlock(&gate->mutex);
}

unsigned gate_report(struct gate *gate, int64_t age_s)
{
	return gate_take(gate, age_s < GATE_SLOW_S ? gate->room / 2 : 0);
}
