/*
 * desk_bench JOBS - how long a desk with so many open jobs makes people wait
 *
 * Fills the inbox with JOBS jobs of mixed priority, then times what a person
 * does: a page of 50 from the front, a page from the middle, looking for a
 * job by an account, and the step from a job to the next one (a decision, a
 * take, and the whole job read).  The store is on a server when
 * WARD_TEST_STORE names one.  Prints one JSON line; times in milliseconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "desk/route.h"
#include "store/store_test.h"

enum { A_WORK = 1000, LOOKS = 300, STEPS = 300, PAGE = 50 };

static struct ward_error error;
static struct store *store;
static const struct desk_actor anna = { .person = { "p-anna", 6 }, .role = { "reviewer", 8 } };

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "desk_bench: %s\n", error.message);
	exit(2);
}

/* ---- filling ---- */

static ward_err fill(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const unsigned *from = context;
	ward_err err = WARD_OK;

	for (unsigned i = *from; i < *from + A_WORK && !err; i++) {
		char name[32], report[ID_TEXT_MAX], item[ID_TEXT_MAX];
		struct desk_received received;

		snprintf(name, sizeof(name), "boats/%u", i);
		const struct desk_arrival_item one = { .item = ward_str_from(id_new(item)),
			.first = ward_str_from(item),
			.kind = WARD_STR("media"),
			.account = ward_str_from(name) };
		const struct desk_arrival arrival = { .report = ward_str_from(id_new(report)),
			.at = 1767225600 + i,
			.items = &one,
			.item_count = 1,
			.facts = { .channel = WARD_STR("api"), .kind = WARD_STR("media") },
			.priority = i * 37 % 101 };

		err = desk_receive(tx, &arrival, &received, failure);
	}
	return err;
}

/* ---- what a person does ---- */

static void look_at_page(ward_str after, char next[DESK_PLACE_MAX])
{
	const struct desk_page page = { .queue = WARD_STR(DESK_INBOX),
		.after = after,
		.jobs_max = PAGE,
		.person = anna.person };
	struct desk_job_list list;
	struct ward_arena arena;
	struct store_tx *tx;

	ward_arena_init(&arena, 8 << 20);
	stop_on(store_read(store, &tx, &error));
	stop_on(desk_job_page(tx, &page, &arena, &list, &error));
	store_read_end(tx);
	if (list.count != PAGE) {
		fprintf(stderr, "desk_bench: a page has %zu jobs\n", list.count);
		exit(2);
	}
	memcpy(next, list.next, DESK_PLACE_MAX);
	ward_arena_free(&arena);
}

static void look_for(unsigned number)
{
	struct desk_job_list list;
	struct ward_arena arena;
	struct store_tx *tx;
	char name[32];

	snprintf(name, sizeof(name), "boats/%u", number);
	ward_arena_init(&arena, 8 << 20);
	stop_on(store_read(store, &tx, &error));
	stop_on(desk_job_search(tx, WARD_STR("account"), ward_str_from(name), anna.person, 10,
			&arena, &list, &error));
	store_read_end(tx);
	if (list.count != 1) {
		fprintf(stderr, "desk_bench: %s is found %zu times\n", name, list.count);
		exit(2);
	}
	ward_arena_free(&arena);
}

static ward_err take(void *job, struct store_tx *tx, struct ward_error *failure)
{
	const struct exposure_rules rules = exposure_rules_default();

	return desk_job_take(tx, &anna, &rules, WARD_STR(DESK_INBOX), job, failure);
}

static ward_err decide(void *job, struct store_tx *tx, struct ward_error *failure)
{
	char decision[ID_TEXT_MAX];
	const struct desk_asked asked = { .job = ward_str_from(job),
		.outcome = DESK_NO_VIOLATION,
		.undo_s = -1 };

	return desk_decide(tx, &anna, &asked, decision, failure);
}

static void look_at(const char *job)
{
	struct desk_decision *decisions;
	struct desk_names names;
	struct ward_arena arena;
	struct desk_job found;
	struct store_tx *tx;
	size_t count;

	ward_arena_init(&arena, 8 << 20);
	stop_on(store_read(store, &tx, &error));
	stop_on(desk_job_get(tx, ward_str_from(job), anna.person, &arena, &found, &error));
	stop_on(desk_job_items(tx, ward_str_from(job), &arena, &names, &error));
	stop_on(desk_decision_list(tx, ward_str_from(job), anna.person, &arena, &decisions, &count,
			&error));
	store_read_end(tx);
	ward_arena_free(&arena);
}

/* ---- times ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell(const char *name, double *ms, size_t count)
{
	qsort(ms, count, sizeof(*ms), by_size);
	printf(",\"%s_ms\":%.3f,\"%s_p95_ms\":%.3f", name, ms[count / 2], name,
			ms[count - 1 - count / 20]);
}

static double since(uint64_t start_us)
{
	return (double)(clock_ticks_us() - start_us) / 1000;
}

static void time_pages(unsigned jobs)
{
	static double first[LOOKS], middle[LOOKS], search[LOOKS];
	char next[DESK_PLACE_MAX], place[DESK_PLACE_MAX];

	/* The place of a job of middling priority: jobs of one priority are a hundredth of all. */
	snprintf(place, sizeof(place), "50.0.x");
	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t start = clock_ticks_us();

		look_at_page(WARD_STR(""), next);
		first[i] = since(start);
		start = clock_ticks_us();
		look_at_page(ward_str_from(place), next);
		middle[i] = since(start);
		memcpy(place, next, sizeof(place));
		start = clock_ticks_us();
		look_for(i * 7919 % jobs);
		search[i] = since(start);
	}
	tell("page", first, LOOKS);
	tell("middle_page", middle, LOOKS);
	tell("search", search, LOOKS);
}

static void time_steps(void)
{
	static double step[STEPS];
	char job[ID_TEXT_MAX];

	stop_on(store_write(store, take, job, &error));
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t start = clock_ticks_us();

		stop_on(store_write(store, decide, job, &error));
		stop_on(store_write(store, take, job, &error));
		look_at(job);
		step[i] = since(start);
	}
	tell("next_job", step, STEPS);
}

int main(int argc, char **argv)
{
	unsigned jobs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;

	jobs = (jobs + A_WORK - 1) / A_WORK * A_WORK;
	if (jobs < 4 * A_WORK) {
		fprintf(stderr, "usage: desk_bench JOBS, at least %d\n", 4 * A_WORK);
		return 2;
	}
	store = store_fresh();
	uint64_t start = clock_ticks_us();

	for (unsigned i = 0; i < jobs; i += A_WORK)
		stop_on(store_write(store, fill, &i, &error));
	printf("{\"bench\":\"desk\",\"engine\":\"%s\",\"jobs\":%u,\"received_s\":%.0f",
			store_engine_of(store) == STORE_SQLITE ? "sqlite" : "postgresql", jobs,
			jobs / (since(start) / 1000));
	time_pages(jobs);
	time_steps();
	puts("}");
	store_free(store);
	return 0;
}
