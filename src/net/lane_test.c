#include "net/lane.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/test.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int done, tools, order[64];

static void *open_tool(void *context)
{
	(void)context;
	tools++;
	return NULL;
}

static void close_tool(void *tool)
{
	(void)tool;
	tools--;
}

/* Waits until the gate is open. */
static void run(void *context, void *tool, void *job)
{
	(void)context;
	(void)tool;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	order[done++] = *(int *)job;
}

static struct lane *make(unsigned threads, unsigned waiting_max)
{
	done = 0;
	return lane_new(&(struct lane_options){ .name = "test",
			.threads = threads,
			.waiting_max = waiting_max,
			.open = open_tool,
			.run = run,
			.close = close_tool });
}

static void a_full_lane_refuses_and_runs_all_it_took(void)
{
	int jobs[6] = { 0, 1, 2, 3, 4, 5 };
	struct lane *lane;

	pthread_mutex_lock(&gate);
	lane = make(1, 4);
	CHECK(lane_put(lane, &jobs[0]));
	while (lane_running(lane) == 0)
		;
	for (int i = 1; i < 5; i++)
		CHECK(lane_put(lane, &jobs[i]));
	CHECK(lane_is_full(lane));
	CHECK(!lane_put(lane, &jobs[5]));
	CHECK_EQ(lane_waiting(lane), 4);
	pthread_mutex_unlock(&gate);
	lane_free(lane);
	CHECK_EQ(done, 5);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(order[i], i);
	CHECK_EQ(tools, 0);
}

static void each_thread_has_its_tool(void)
{
	int jobs[64] = { 0 };
	struct lane *lane = make(4, 64);

	for (int i = 0; i < 64; i++)
		CHECK(lane_put(lane, &jobs[i]));
	while (tools < 4)
		;
	lane_free(lane);
	CHECK_EQ(done, 64);
	CHECK_EQ(tools, 0);
}

static const struct test_case cases[] = {
	{ "a full lane refuses, and runs all it took, in order",
			a_full_lane_refuses_and_runs_all_it_took },
	{ "each thread has its tool", each_thread_has_its_tool },
};
TEST_MAIN(cases)
