#include "desk/desk_test.h"

static void take_in_order(struct store_tx *tx)
{
	char job[ID_TEXT_MAX];
	struct desk_received low = arrive(tx, "a", "", 10, false);

	clock_fake_pass(5);
	struct desk_received first = arrive(tx, "b", "", 70, false);

	clock_fake_pass(5);
	struct desk_received second = arrive(tx, "c", "", 70, false);
	struct desk_received urgent = arrive(tx, "d", "", 10, true);
	const char *order[] = { urgent.job, first.job, second.job, low.job };

	for (size_t i = 0; i < 4; i++) {
		const struct desk_actor *actor = i % 2 ? &anna : &bert;
		struct desk_asked asked;

		CHECK_EQ(take(tx, actor, job), WARD_OK);
		CHECK_STR(job, order[i]);
		asked = harmless(job);
		CHECK_EQ(desk_decide(tx, actor, &asked, job, &error), WARD_OK);
	}
	CHECK_EQ(take(tx, &anna, job), WARD_E_NOT_FOUND);
}

static void gives_the_gravest_and_oldest_first(void)
{
	in_store(take_in_order);
}

static void lease(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], other[ID_TEXT_MAX];
	int64_t until = 0;

	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_EQ(take(tx, &bert, other), WARD_E_NOT_FOUND);
	CHECK_EQ(desk_job_take_one(tx, &bert, NULL, ward_str_from(job), &error), WARD_E_CONFLICT);
	/* Whoever lost the page finds it again. */
	CHECK_EQ(take(tx, &anna, other), WARD_OK);
	CHECK_STR(other, job);
	clock_fake_pass(800);
	CHECK_EQ(desk_job_renew(tx, &anna, ward_str_from(job), &until, &error), WARD_OK);
	CHECK_EQ(until, clock_now() + DESK_LEASE_DEFAULT_S);
	clock_fake_pass(DESK_LEASE_DEFAULT_S + 1);
	CHECK_EQ(desk_job_renew(tx, &anna, ward_str_from(job), &until, &error), WARD_E_CONFLICT);
	CHECK_EQ(take(tx, &bert, other), WARD_OK);
	CHECK_STR(other, job);
	struct desk_asked asked = harmless(job);

	CHECK_EQ(desk_decide(tx, &anna, &asked, other, &error), WARD_E_CONFLICT);
	CHECK_EQ(desk_job_release(tx, &anna, ward_str_from(job), &error), WARD_E_CONFLICT);
	CHECK_EQ(desk_job_release(tx, &bert, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(take(tx, &anna, other), WARD_OK);
}

static void a_job_is_one_persons_for_a_while(void)
{
	in_store(lease);
}

static void join(struct store_tx *tx)
{
	struct desk_received first = arrive(tx, "a", "", 20, false);
	struct desk_received again = arrive(tx, "a", "", 60, false);
	struct desk_received other = arrive(tx, "b", "", 20, false);
	struct desk_received account = arrive(tx, "c", "boat", 20, false);
	struct desk_received more = arrive(tx, "d", "boat", 20, true);
	struct desk_names names;

	CHECK(!first.joined && again.joined && !other.joined);
	CHECK_STR(again.job, first.job);
	CHECK(!account.joined && more.joined);
	CHECK_STR(more.job, account.job);
	CHECK_EQ(job_now(tx, first.job).priority, 60);
	CHECK_EQ(job_now(tx, first.job).reports, 2);
	CHECK(job_now(tx, account.job).urgent);
	CHECK_EQ(job_now(tx, account.job).priority, 100);
	CHECK_EQ(desk_job_items(tx, ward_str_from(account.job), &arena, &names, &error), WARD_OK);
	CHECK_EQ(names.count, 2);
	CHECK_EQ(desk_job_reports(tx, ward_str_from(first.job), &arena, &names, &error), WARD_OK);
	CHECK_EQ(names.count, 2);
}

static void reports_about_the_same_become_one_job(void)
{
	in_store(join);
}

static void known(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	struct desk_received again = arrive(tx, "a", "boat", 50, false);

	CHECK(again.known && !again.joined);
	CHECK(ward_str_eq(job_now(tx, again.job).known_decision, ward_str_from(decision)));
	/* A picture that nobody has seen yet comes to it: now somebody has to look. */
	arrive(tx, "b", "boat", 50, false);
	CHECK_EQ(job_now(tx, again.job).known_decision.len, 0);
	/* What was undone is not known. */
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR(""), &error), WARD_OK);
	CHECK(!arrive(tx, "a", "kite", 50, false).known);
}

static void what_was_decided_comes_back_as_known(void)
{
	in_store(known);
}

static void named_people(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("narrow");
	struct desk_route route = { .mode = DESK_ROUTE_LIVE,
		.conditions = WARD_STR("{}"),
		.queue = WARD_STR("narrow"),
		.priority = -1 };
	char id[ID_TEXT_MAX], job[ID_TEXT_MAX];
	struct desk_job seen;
	struct desk_job_list list;

	queue.everyone = false;
	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	CHECK_EQ(desk_queue_admit(tx, &cleo, queue.id, anna.person, true, &error), WARD_OK);
	CHECK_EQ(desk_route_put(tx, &cleo, &route, id, &error), WARD_OK);
	struct desk_received got = arrive(tx, "a", "", 50, false);

	CHECK_STR(got.queue, "narrow");
	CHECK_EQ(desk_job_take(tx, &bert, &rules, queue.id, job, &error), WARD_E_DENIED);
	CHECK_EQ(desk_job_take_one(tx, &bert, NULL, ward_str_from(got.job), &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(desk_job_get(tx, ward_str_from(got.job), bert.person, &arena, &seen, &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(desk_job_search(tx, WARD_STR("item"), WARD_STR("a"), bert.person, 10, &arena,
				 &list, &error),
			WARD_OK);
	CHECK_EQ(list.count, 0);
	const struct desk_page all = { .jobs_max = 10, .person = bert.person };

	CHECK_EQ(desk_job_page(tx, &all, &arena, &list, &error), WARD_OK);
	CHECK_EQ(list.count, 0);
	CHECK_EQ(desk_job_take(tx, &anna, &rules, queue.id, job, &error), WARD_OK);
	CHECK_EQ(desk_queue_admit(tx, &cleo, queue.id, anna.person, false, &error), WARD_OK);
	CHECK_EQ(desk_job_get(tx, ward_str_from(got.job), anna.person, &arena, &seen, &error),
			WARD_E_NOT_FOUND);
}

static void others_see_nothing_of_a_queue_for_named_people(void)
{
	in_store(named_people);
}

static void pages(struct store_tx *tx)
{
	struct desk_page page = { .queue = WARD_STR(DESK_INBOX),
		.jobs_max = 7,
		.person = anna.person };
	struct desk_job_list list;
	char next[DESK_PLACE_MAX], name[16];
	int seen = 0, pages_seen = 0;
	int64_t before = 101;

	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		arrive(tx, name, "", i % 3 * 10, false);
	}
	do {
		CHECK_EQ(desk_job_page(tx, &page, &arena, &list, &error), WARD_OK);
		for (size_t i = 0; i < list.count; i++) {
			CHECK(list.at[i].priority <= before);
			before = list.at[i].priority;
		}
		seen += (int)list.count;
		memcpy(next, list.next, sizeof(next));
		page.after = ward_str_from(next);
	} while (next[0] && ++pages_seen < 20);
	CHECK_EQ(seen, 50);
	CHECK_EQ(pages_seen, 7);
	page.after = WARD_STR("no such place");
	CHECK_EQ(desk_job_page(tx, &page, &arena, &list, &error), WARD_E_ARGUMENT);
}

static void pages_show_each_job_once(void)
{
	in_store(pages);
}

static void counts(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("later");
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_queue *queues;
	size_t count;

	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	arrive(tx, "a", "", 50, false);
	arrive(tx, "b", "", 40, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_EQ(desk_job_move(tx, &anna, ward_str_from(job), queue.id, WARD_STR("not for today"),
				 &error),
			WARD_OK);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = harmless(job);

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(desk_queue_list(tx, anna.person, &arena, &queues, &count, &error), WARD_OK);
	CHECK_EQ(count, 2);
	CHECK_EQ(queues[0].open + queues[1].open, 1);
	CHECK_EQ(desk_queue_remove(tx, &cleo, queue.id, &error), WARD_E_CONFLICT);
	CHECK_EQ(desk_queue_remove(tx, &cleo, WARD_STR(DESK_INBOX), &error), WARD_E_CONFLICT);
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR(""), &error), WARD_OK);
	CHECK_EQ(desk_queue_list(tx, anna.person, &arena, &queues, &count, &error), WARD_OK);
	CHECK_EQ(queues[0].open + queues[1].open, 2);
}

static void queues_know_how_many_jobs_are_open(void)
{
	in_store(counts);
}

static void relate(struct store_tx *tx)
{
	struct desk_received one = arrive(tx, "a", "boat", 50, false);
	struct desk_received two = arrive(tx, "a", "kite", 50, false);
	struct desk_related *related;
	struct desk_job_list list;
	size_t count;

	arrive(tx, "z", "", 50, false);
	CHECK_EQ(desk_job_related(tx, ward_str_from(one.job), anna.person, 10, &arena, &related,
				 &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK(ward_str_eq(related[0].job.id, ward_str_from(two.job)));
	CHECK(ward_str_eq(related[0].by, WARD_STR("item")));
	CHECK_EQ(desk_job_search(tx, WARD_STR("account"), WARD_STR("kite"), anna.person, 10, &arena,
				 &list, &error),
			WARD_OK);
	CHECK_EQ(list.count, 1);
	CHECK_EQ(desk_job_search(tx, WARD_STR("job"), ward_str_from(one.job), anna.person, 10,
				 &arena, &list, &error),
			WARD_OK);
	CHECK_EQ(list.count, 1);
	CHECK_EQ(desk_job_search(tx, WARD_STR("shoe"), WARD_STR("x"), anna.person, 10, &arena,
				 &list, &error),
			WARD_E_ARGUMENT);
}

static void jobs_are_found_by_what_they_share(void)
{
	in_store(relate);
}

static const struct test_case cases[] = {
	{ "the gravest job comes first, and of two alike the older",
			gives_the_gravest_and_oldest_first },
	{ "a job is one person's for a while, and then anybody's",
			a_job_is_one_persons_for_a_while },
	{ "reports about the same account or picture become one job",
			reports_about_the_same_become_one_job },
	{ "what was decided before comes back as known, unless something new is with it",
			what_was_decided_comes_back_as_known },
	{ "others see nothing of a queue for named people",
			others_see_nothing_of_a_queue_for_named_people },
	{ "pages show each job once, in order", pages_show_each_job_once },
	{ "a queue knows how many of its jobs are open", queues_know_how_many_jobs_are_open },
	{ "jobs are found by what they share", jobs_are_found_by_what_they_share },
};
TEST_MAIN(cases)
