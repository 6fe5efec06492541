/*
 * desk_test.h - what the desk's tests share: a store, people, and reports that come in
 */
#ifndef DESK_TEST_H
#define DESK_TEST_H

#include "base/clock_fake.h"
#include "base/test.h"
#include "desk/actions.h"
#include "desk/appeals.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "desk/policies.h"
#include "desk/queues.h"
#include "desk/route.h"
#include "store/store_test.h"

/* WARD_STR for what is static. */
#define TEXT(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

static const struct desk_actor anna = { TEXT("p-anna"), TEXT("reviewer") };
static const struct desk_actor bert = { TEXT("p-bert"), TEXT("reviewer") };
static const struct desk_actor cleo = { TEXT("p-cleo"), TEXT("senior") };

static struct ward_arena arena;
static struct ward_error error;
static struct exposure_rules rules;

static ward_err run_case(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)failure;
	(*(void (**)(struct store_tx *))context)(tx);
	return WARD_OK;
}

/* A case is one work on a new store; many steps in it are as many works one behind the other. */
static inline void in_store(void (*run)(struct store_tx *tx))
{
	struct store *store = store_fresh();

	clock_fake_set(1800000000);
	rules = exposure_rules_default();
	ward_arena_init(&arena, 64 << 20);
	test_check(store_write(store, run_case, &run, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
	ward_arena_free(&arena);
	store_free(store);
}

/* A report about one picture, or about an account when `account` is not "". */
static inline struct desk_received arrive(struct store_tx *tx, const char *picture,
		const char *account, int64_t priority, bool urgent)
{
	char report[ID_TEXT_MAX], item[ID_TEXT_MAX];
	struct desk_received received = { .joined = false };
	const struct desk_arrival_item items[] = { {
			.item = ward_str_from(id_new(item)),
			.first = ward_str_from(picture),
			.kind = WARD_STR("media"),
			.account = ward_str_from(account),
	} };
	const struct desk_arrival arrival = {
		.report = ward_str_from(id_new(report)),
		.at = clock_now(),
		.items = items,
		.item_count = 1,
		.facts = { .channel = WARD_STR("api"),
				.kind = WARD_STR("media"),
				.urgent = urgent },
		.priority = priority,
	};

	test_check(desk_receive(tx, &arrival, &received, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
	return received;
}

static inline void make_policy(struct store_tx *tx, const char *code, bool severe, int64_t weight)
{
	const struct desk_policy policy = {
		.code = ward_str_from(code),
		.title = ward_str_from(code),
		.help = WARD_STR(""),
		.labels = WARD_STR("operator:one,other:two"),
		.severe = severe,
		.weight = weight,
		.active = true,
	};

	test_check(desk_policy_put(tx, &cleo, &policy, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
}

static inline struct desk_queue plain_queue(const char *id)
{
	return (struct desk_queue){
		.id = ward_str_from(id),
		.title = ward_str_from(id),
		.active = true,
		.everyone = true,
		.lease_seconds = 600,
		.hidden_actions = WARD_STR(""),
	};
}

/* Takes the next job of the inbox. */
static inline ward_err take(struct store_tx *tx, const struct desk_actor *actor, char *job)
{
	return desk_job_take(tx, actor, &rules, WARD_STR(DESK_INBOX), job, &error);
}

static inline struct desk_asked violation(const char *job, const char *policy)
{
	return (struct desk_asked){
		.job = ward_str_from(job),
		.outcome = DESK_VIOLATION,
		.policy = ward_str_from(policy),
		.reason = WARD_STR("it is a lighthouse"),
		.undo_s = -1,
	};
}

static inline struct desk_asked harmless(const char *job)
{
	return (struct desk_asked){
		.job = ward_str_from(job),
		.outcome = DESK_NO_VIOLATION,
		.reason = WARD_STR(""),
		.undo_s = -1,
	};
}

static inline struct desk_job job_now(struct store_tx *tx, const char *id)
{
	struct desk_job job = { .priority = -1 };

	test_check(desk_job_get(tx, ward_str_from(id), anna.person, &arena, &job, &error) ==
					WARD_OK,
			__FILE__, __LINE__, error.message);
	return job;
}

#endif
