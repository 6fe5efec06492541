#include "base/test.h"
#include "portal/clerk.h"

#include <stdatomic.h>
#include <time.h>

enum { ERRANDS = 20 };

static atomic_int order[ERRANDS];
static atomic_int done;

static void run(void *errand)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	order[done] = *(const int *)errand;
	done++;
}

static void what_waits_is_run_in_its_order_before_the_end(void)
{
	struct clerk *clerk = clerk_new(run);
	int numbers[ERRANDS];

	CHECK(clerk != NULL);
	done = 0;
	for (int i = 0; i < ERRANDS; i++) {
		numbers[i] = i;
		CHECK(clerk_put(clerk, &numbers[i]));
	}
	clerk_end(clerk);
	CHECK_EQ(done, ERRANDS);
	for (int i = 0; i < ERRANDS; i++)
		CHECK_EQ(order[i], i);
	clerk_free(clerk);
}

static void behind_the_end_errands_are_refused(void)
{
	struct clerk *clerk = clerk_new(run);
	int number = 1;

	CHECK(clerk != NULL);
	done = 0;
	clerk_end(clerk);
	CHECK(!clerk_put(clerk, &number));
	CHECK_EQ(done, 0);
	clerk_free(clerk);
}

static const struct test_case cases[] = {
	{ "what waits is run in its order before the end",
			what_waits_is_run_in_its_order_before_the_end },
	{ "behind the end errands are refused", behind_the_end_errands_are_refused },
};
TEST_MAIN(cases)
