/* Nobody is handed a job that they may not see today, or do not want to see. */
#include "desk/fit.h"

#include "desk/desk_test.h"

#define DAY ((int64_t)86400)

static void settle(struct store_tx *tx, const struct desk_actor *who)
{
	test_check(exposure_started(tx, &cleo, who->person, clock_now() - 400 * DAY,
				   WARD_STR("from another team"), &error) == WARD_OK,
			__FILE__, __LINE__, error.message);
}

/* A report about a picture that lists have labels for. */
static struct desk_received labelled(struct store_tx *tx, const char *picture, const char *labels)
{
	char report[ID_TEXT_MAX], item[ID_TEXT_MAX];
	struct desk_received received = { .joined = false };
	const struct desk_arrival_item one = { .item = ward_str_from(id_new(item)),
		.first = ward_str_from(picture),
		.kind = WARD_STR("media") };
	const struct desk_arrival arrival = { .report = ward_str_from(id_new(report)),
		.at = clock_now(),
		.items = &one,
		.item_count = 1,
		.facts = { .channel = WARD_STR("scan"),
				.kind = WARD_STR("media"),
				.finding = WARD_STR("near"),
				.list = WARD_STR("lamps"),
				.labels = ward_str_from(labels) },
		.priority = 50 };

	clock_fake_pass(1);
	test_check(desk_receive(tx, &arrival, &received, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
	return received;
}

static void policy(struct store_tx *tx, const char *code, const char *labels, bool severe)
{
	const struct desk_policy made = { .code = ward_str_from(code),
		.title = ward_str_from(code),
		.help = WARD_STR(""),
		.labels = ward_str_from(labels),
		.severe = severe,
		.active = true };

	test_check(desk_policy_put(tx, &cleo, &made, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
}

static void severe_ones_go_to_who_may(struct store_tx *tx)
{
	char job[ID_TEXT_MAX];

	settle(tx, &bert); /* and Anna is new */
	policy(tx, "harm", "own:grave,own:dark", true);
	struct desk_received grave = labelled(tx, "a", "own:light,own:grave");
	struct desk_received light = labelled(tx, "b", "own:light");

	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_STR(job, light.job);
	CHECK_EQ(desk_job_release(tx, &anna, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(desk_job_take_one(tx, &anna, &rules, ward_str_from(grave.job), &error),
			WARD_E_DENIED);
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	CHECK_STR(job, grave.job);
	/* A shift that ends changes nothing about what is theirs already. */
	CHECK_EQ(exposure_shift(tx, &bert, clock_now() + 60, &error), WARD_OK);
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	CHECK_STR(job, grave.job);
	CHECK_EQ(desk_job_take_one(tx, &bert, &rules, ward_str_from(grave.job), &error), WARD_OK);
	CHECK_EQ(desk_job_release(tx, &bert, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	CHECK_STR(job, light.job);
}

static void severe_ones_are_for_those_who_may_see_them_today(void)
{
	in_store(severe_ones_go_to_who_may);
}

static void nobody_looks_at_what_is_known(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];

	settle(tx, &bert);
	policy(tx, "harm", "own:grave", true);
	labelled(tx, "a", "own:grave");
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	CHECK_EQ(desk_decide(tx, &bert, &asked, decision, &error), WARD_OK);
	struct desk_received again = labelled(tx, "a", "own:grave");

	CHECK(again.known);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_STR(job, again.job);
}

static void what_is_known_is_for_everybody(void)
{
	in_store(nobody_looks_at_what_is_known);
}

static void themes(struct store_tx *tx)
{
	char job[ID_TEXT_MAX];

	settle(tx, &anna);
	settle(tx, &bert);
	policy(tx, "harm", "own:any", false);
	policy(tx, "harm.boats", "own:boat", false);
	policy(tx, "harmless", "own:kite", false);
	labelled(tx, "a", "own:boat");
	struct desk_received kite = labelled(tx, "b", "own:kite");
	struct desk_received lamp = labelled(tx, "c", "own:lamp");

	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("harm"), true, &error), WARD_OK);
	CHECK_EQ(exposure_opt_out(tx, bert.person, WARD_STR("own:kite"), true, &error), WARD_OK);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_STR(job, kite.job); /* "harm" is not "harmless" */
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	CHECK_EQ(desk_job_take_one(tx, &anna, &rules, ward_str_from(job), &error), WARD_E_DENIED);
	CHECK_EQ(desk_job_release(tx, &bert, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(desk_job_take_one(tx, &anna, &rules, ward_str_from(job), &error), WARD_E_DENIED);
	/* Without rules nothing is asked: nobody is to look. */
	CHECK_EQ(desk_job_take_one(tx, &anna, NULL, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(desk_job_release(tx, &anna, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(desk_job_release(tx, &anna, ward_str_from(kite.job), &error), WARD_OK);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("own:kite"), true, &error), WARD_OK);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_STR(job, lamp.job);
	CHECK_EQ(desk_job_release(tx, &anna, ward_str_from(job), &error), WARD_OK);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("own:lamp"), true, &error), WARD_OK);
	CHECK_EQ(take(tx, &anna, job), WARD_E_NOT_FOUND);
}

static void themes_are_not_handed_to_who_does_not_want_them(void)
{
	in_store(themes);
}

static void far_behind(struct store_tx *tx)
{
	char name[16], job[ID_TEXT_MAX];

	policy(tx, "harm", "own:grave", true);
	for (int i = 0; i < 501; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		labelled(tx, name, "own:grave");
	}
	CHECK_EQ(take(tx, &anna, job), WARD_E_NOT_FOUND);
	struct desk_received last = labelled(tx, "a", "");

	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_STR(job, last.job);
}

static void the_one_that_fits_is_found_however_far_behind_it_is(void)
{
	in_store(far_behind);
}

static void labels_join(struct store_tx *tx)
{
	char job[ID_TEXT_MAX];

	policy(tx, "harm", "own:grave", true);
	struct desk_received first = labelled(tx, "a", "own:light");

	labelled(tx, "a", "own:light,own:grave");
	CHECK_EQ(take(tx, &anna, job), WARD_E_NOT_FOUND);
	ward_str facts = job_now(tx, first.job).facts;

	CHECK(strstr(facts.ptr, "\"own:light,own:grave\"") != NULL);
	CHECK(strstr(facts.ptr, "\"near\"") != NULL);
}

static void what_a_later_report_knows_counts_for_the_job(void)
{
	in_store(labels_join);
}

static const struct test_case cases[] = {
	{ "severe ones are for those who may see them today",
			severe_ones_are_for_those_who_may_see_them_today },
	{ "what is known is for everybody: nobody looks at it", what_is_known_is_for_everybody },
	{ "themes are not handed to who does not want them",
			themes_are_not_handed_to_who_does_not_want_them },
	{ "the one that fits is found, however far behind it is",
			the_one_that_fits_is_found_however_far_behind_it_is },
	{ "what a later report knows counts for the job",
			what_a_later_report_knows_counts_for_the_job },
};
TEST_MAIN(cases)
