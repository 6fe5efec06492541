/* What is told of an item before anybody looks, and to whom. */
#include "desk/looking.h"

#include "base/clock_fake.h"
#include "base/test.h"
#include "desk/arrive.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "desk/policies.h"
#include "desk/queues.h"
#include "desk/route.h"
#include "intake/intake_test.h"

static const struct desk_actor mara = { .person = { "p-mara", 6 }, .role = { "reviewer", 8 } };
static const struct desk_actor bert = { .person = { "p-bert", 6 }, .role = { "reviewer", 8 } };
static const struct desk_actor cleo = { .person = { "p-cleo", 6 }, .role = { "senior", 6 } };
static struct ward_arena arena;

static bool begin(void)
{
	ward_arena_init(&arena, 64 << 20);
	return open_intake(desk_arrive, NULL);
}

static void finish(void)
{
	close_intake();
	ward_arena_free(&arena);
}

static ward_err policy_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct desk_policy policy = { .code = WARD_STR("harm"),
		.title = WARD_STR("Harm"),
		.help = WARD_STR(""),
		.labels = WARD_STR("own:grave"),
		.severe = true,
		.active = true };

	(void)context;
	return desk_policy_put(tx, &cleo, &policy, failure);
}

/* The id of the only item of a report, and of its job. */
struct one {
	char item[ID_TEXT_MAX], job[ID_TEXT_MAX];
};

static struct one one_of(const char *report)
{
	struct intake_item_list items = items_of(report);
	struct desk_job_list jobs = { .count = 0 };
	struct one one = { "", "" };
	struct store_tx *tx;

	if (items.count != 1 || store_read(store, &tx, &error) != WARD_OK)
		return one;
	snprintf(one.item, ID_TEXT_MAX, "%.*s", WARD_FMT(items.at[0].id));
	if (desk_job_search(tx, WARD_STR("report"), ward_str_from(report), mara.person, 2, &arena,
			    &jobs, &error) == WARD_OK &&
			jobs.count == 1)
		snprintf(one.job, ID_TEXT_MAX, "%.*s", WARD_FMT(jobs.at[0].id));
	store_read_end(tx);
	return one;
}

static ward_err look(const struct one *one, const struct desk_actor *who,
		struct desk_looking *looking)
{
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, &error);

	if (err)
		return err;
	err = desk_looking(tx, ward_str_from(one->item), who->person, &arena, looking, &error);
	store_read_end(tx);
	return err;
}

struct deciding {
	const struct desk_actor *who;
	const char *job;
	enum desk_outcome outcome;
};

static ward_err decide_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct deciding *deciding = context;
	char decision[ID_TEXT_MAX];
	const struct desk_asked asked = { .job = ward_str_from(deciding->job),
		.outcome = deciding->outcome,
		.policy = deciding->outcome == DESK_VIOLATION ? WARD_STR("harm") : WARD_STR(""),
		.labels = WARD_STR(""),
		.reason = WARD_STR("it is a lighthouse"),
		.undo_s = -1 };
	ward_err err = desk_job_take_one(tx, deciding->who, NULL, asked.job, failure);

	return err ? err : desk_decide(tx, deciding->who, &asked, decision, failure);
}

static bool decide_as(const struct desk_actor *who, const struct one *one,
		enum desk_outcome outcome)
{
	struct deciding deciding = { who, one->job, outcome };

	return store_write(store, decide_work, &deciding, &error) == WARD_OK;
}

static void facts_decisions_and_gravity_are_told(void)
{
	CHECK(begin());
	const struct intake_item_new item = media_item("a lighthouse");
	struct intake_new report = report_of(&item, 1);
	struct intake_added done;
	struct desk_looking looking = { .known = true };

	report.context = WARD_STR("{\"finding\":\"near\",\"list\":\"lamps\",\"labels\":\"own:a\"}");
	CHECK_EQ(store_write(store, policy_work, NULL, &error), WARD_OK);
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	struct one first = one_of(done.report);

	CHECK_EQ(look(&first, &mara, &looking), WARD_OK);
	CHECK(ward_str_eq(looking.item.id, ward_str_from(first.item)));
	CHECK(ward_str_eq(looking.job, ward_str_from(first.job)));
	CHECK(ward_str_eq(looking.facts.finding, WARD_STR("near")));
	CHECK(ward_str_eq(looking.facts.list, WARD_STR("lamps")));
	CHECK(!looking.known && !looking.severe && looking.decision.len == 0);
	CHECK(looking.first_at != 0);
	CHECK(decide_as(&mara, &first, DESK_VIOLATION));
	/* The same picture again: it is known, and known to be grave. */
	struct one again = one_of(added(media_item("a lighthouse")));

	CHECK(strcmp(again.job, first.job) != 0);
	CHECK_EQ(look(&again, &bert, &looking), WARD_OK);
	CHECK(looking.known && looking.severe);
	CHECK(ward_str_eq(looking.item.first, ward_str_from(first.item)));
	CHECK(ward_str_eq(looking.outcome, WARD_STR("violation")));
	CHECK(ward_str_eq(looking.policy, WARD_STR("harm")));
	CHECK(ward_str_eq(looking.labels, WARD_STR("own:grave")));
	CHECK_EQ(look(&(struct one){ "no-such-item", "" }, &mara, &looking), WARD_E_NOT_FOUND);
	finish();
}

static void labels_of_a_severe_policy_are_severe(void)
{
	CHECK(begin());
	const struct intake_item_new item = media_item("a lamp");
	struct intake_new report = report_of(&item, 1);
	struct intake_added done;
	struct desk_looking looking = { .severe = false };

	report.context = WARD_STR("{\"labels\":\"own:a,own:grave\"}");
	CHECK_EQ(store_write(store, policy_work, NULL, &error), WARD_OK);
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	struct one one = one_of(done.report);

	CHECK_EQ(look(&one, &mara, &looking), WARD_OK);
	CHECK(looking.severe);
	finish();
}

static ward_err double_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct desk_queue queue = { .id = WARD_STR(DESK_INBOX),
		.title = WARD_STR("In"),
		.active = true,
		.everyone = true,
		.lease_seconds = 600,
		.double_percent = 100,
		.hidden_actions = WARD_STR("") };

	(void)context;
	return desk_queue_put(tx, &cleo, &queue, failure);
}

static void the_blind_second_is_not_told_what_the_first_made_of_it(void)
{
	struct desk_looking looking = { .severe = false };

	CHECK(begin());
	CHECK_EQ(store_write(store, policy_work, NULL, &error), WARD_OK);
	CHECK_EQ(store_write(store, double_work, NULL, &error), WARD_OK);
	struct one one = one_of(added(media_item("a bridge")));

	CHECK(decide_as(&mara, &one, DESK_VIOLATION));
	CHECK_EQ(look(&one, &bert, &looking), WARD_OK);
	CHECK(!looking.severe && looking.decision.len == 0);
	CHECK_EQ(look(&one, &mara, &looking), WARD_OK);
	CHECK(looking.severe && looking.decision.len > 0);
	CHECK(decide_as(&bert, &one, DESK_VIOLATION));
	CHECK_EQ(look(&one, &bert, &looking), WARD_OK);
	CHECK(looking.severe);
	finish();
}

static ward_err narrow_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct desk_queue queue = { .id = WARD_STR("narrow"),
		.title = WARD_STR("Narrow"),
		.active = true,
		.lease_seconds = 600,
		.hidden_actions = WARD_STR("") };
	struct desk_route route = { .mode = DESK_ROUTE_LIVE,
		.conditions = WARD_STR("{}"),
		.queue = WARD_STR("narrow"),
		.priority = -1 };
	char id[ID_TEXT_MAX];

	(void)context;
	ward_err err = desk_queue_put(tx, &cleo, &queue, failure);

	if (!err)
		err = desk_queue_admit(tx, &cleo, queue.id, mara.person, true, failure);
	return err ? err : desk_route_put(tx, &cleo, &route, id, failure);
}

static struct desk_near_list near_to(ward_pdq pdq, const struct desk_actor *who)
{
	struct desk_near_list list = { .count = 99 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) == WARD_OK) {
		if (desk_near(tx, pdq, who->person, 50, &arena, &list, &error) != WARD_OK)
			printf("# %s\n", error.message);
		store_read_end(tx);
	}
	return list;
}

static void items_and_near_pictures_of_a_queue_of_others_are_not_there(void)
{
	struct intake_item_new item = media_item("a buoy");
	struct desk_looking looking;

	CHECK(begin());
	item.has_pdq = true;
	item.pdq = (ward_pdq){ { 1, 2, 3, 4 } };
	item.pdq_quality = 90;
	CHECK_EQ(store_write(store, narrow_work, NULL, &error), WARD_OK);
	struct one one = one_of(added(item));

	CHECK_EQ(look(&one, &mara, &looking), WARD_OK);
	CHECK_EQ(look(&one, &bert, &looking), WARD_E_NOT_FOUND);
	struct desk_near_list list = near_to(item.pdq, &mara);

	CHECK_EQ(list.count, 1);
	CHECK(list.count == 1 && ward_str_eq(list.at[0].job, ward_str_from(one.job)));
	CHECK_EQ(near_to(item.pdq, &bert).count, 0);
	CHECK_EQ(near_to((ward_pdq){ { ~(uint64_t)0 } }, &mara).count, 0);
	finish();
}

static const struct test_case cases[] = {
	{ "facts, decisions and gravity are told", facts_decisions_and_gravity_are_told },
	{ "labels of a severe policy are severe", labels_of_a_severe_policy_are_severe },
	{ "the blind second is not told what the first made of it",
			the_blind_second_is_not_told_what_the_first_made_of_it },
	{ "items and near pictures of a queue of others are not there",
			items_and_near_pictures_of_a_queue_of_others_are_not_there },
};
TEST_MAIN(cases)
