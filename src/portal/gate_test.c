#include "base/clock.h"
#include "base/test.h"
#include "portal/gate.h"

/* The clock of this test; linked before the real one. */
static uint64_t now_us = 1000000;

uint64_t clock_ticks_us(void)
{
	return now_us;
}

int64_t clock_now(void)
{
	return (int64_t)(now_us / 1000000);
}

static void so_many_at_once_and_then_so_many_a_second(void)
{
	struct gate gate;

	gate_init(&gate, 2, 10);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(gate_take(&gate, 0), 0);
	CHECK_EQ(gate_take(&gate, 0), 1);
	now_us += 500000;
	CHECK_EQ(gate_take(&gate, 0), 0);
	CHECK(gate_take(&gate, 0) > 0);
	/* What is saved up does not grow beyond the room. */
	now_us += 3600 * UINT64_C(1000000);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(gate_take(&gate, 0), 0);
	CHECK(gate_take(&gate, 0) > 0);
}

static void who_sends_at_once_cannot_take_what_is_kept_for_people(void)
{
	struct gate gate;
	int quick = 0, slow = 0;

	gate_init(&gate, 1, 600);
	while (gate_report(&gate, GATE_SOON_S) == 0)
		quick++;
	while (gate_report(&gate, GATE_SLOW_S) == 0)
		slow++;
	CHECK_EQ(quick, 300);
	CHECK_EQ(slow, 300);
}

static void the_wait_that_is_told_is_enough(void)
{
	struct gate gate;

	gate_init(&gate, 1, 600);
	while (gate_report(&gate, 1000) == 0)
		;
	for (int64_t age = 0; age < 120; age += 60) {
		unsigned wait_s = gate_report(&gate, age);

		CHECK(wait_s > 0);
		now_us += wait_s * UINT64_C(1000000);
		CHECK_EQ(gate_report(&gate, age), 0);
		while (gate_report(&gate, 1000) == 0)
			;
	}
}

static const struct test_case cases[] = {
	{ "so many at once, and then so many a second", so_many_at_once_and_then_so_many_a_second },
	{ "who sends at once cannot take what is kept for people",
			who_sends_at_once_cannot_take_what_is_kept_for_people },
	{ "the wait that is told is enough", the_wait_that_is_told_is_enough },
};
TEST_MAIN(cases)
