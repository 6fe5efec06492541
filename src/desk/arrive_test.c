#include "base/clock_fake.h"
#include "base/test.h"
#include "desk/arrive.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "intake/intake_test.h"

static const struct desk_actor mara = { .person = { "p-mara", 6 }, .role = { "reviewer", 8 } };
static struct ward_arena arena;

/* The job of a report; "" when it has none. */
static const char *job_of(const char *report)
{
	static char job[4][ID_TEXT_MAX];
	static unsigned next;
	char *to = job[next++ % 4];
	struct desk_job_list list = { .count = 0 };
	struct store_tx *tx;

	to[0] = '\0';
	if (store_read(store, &tx, &error) != WARD_OK)
		return to;
	if (desk_job_search(tx, WARD_STR("report"), ward_str_from(report), mara.person, 5, &arena,
			    &list, &error) == WARD_OK &&
			list.count == 1)
		snprintf(to, ID_TEXT_MAX, "%.*s", WARD_FMT(list.at[0].id));
	store_read_end(tx);
	return to;
}

static struct desk_job job_at(const char *id)
{
	struct desk_job job = { .priority = -1 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) == WARD_OK) {
		(void)!desk_job_get(tx, ward_str_from(id), mara.person, &arena, &job, &error);
		store_read_end(tx);
	}
	return job;
}

static ward_err decide_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	char decision[ID_TEXT_MAX];
	const struct desk_asked asked = { .job = ward_str_from(context),
		.outcome = DESK_NO_VIOLATION,
		.policy = WARD_STR(""),
		.labels = WARD_STR(""),
		.reason = WARD_STR(""),
		.undo_s = -1 };
	ward_err err = desk_job_take_one(tx, &mara, NULL, asked.job, failure);

	return err ? err : desk_decide(tx, &mara, &asked, decision, failure);
}

static bool decide_now(const char *job)
{
	char id[ID_TEXT_MAX];

	snprintf(id, sizeof(id), "%s", job);
	return store_write(store, decide_work, id, &error) == WARD_OK;
}

static const char *state_of(const char *report)
{
	struct intake_report found;
	struct store_tx *tx;
	const char *name = "?";

	if (store_read(store, &tx, &error) != WARD_OK)
		return name;
	if (intake_get(tx, ward_str_from(report), &arena, &found, &error) == WARD_OK)
		name = intake_state_name(found.state);
	store_read_end(tx);
	return name;
}

static void a_report_has_its_job(void)
{
	ward_arena_init(&arena, 64 << 20);
	CHECK(open_intake(desk_arrive, NULL));
	const char *picture = added(media_item("a lighthouse"));
	const char *again = added(media_item("a lighthouse"));
	const char *other = added(media_item("a bridge"));
	const char *job = job_of(picture);

	CHECK(job[0] != '\0');
	CHECK_STR(job_of(again), job);
	CHECK(strcmp(job_of(other), job) != 0);
	CHECK_EQ(job_at(job).reports, 2);
	CHECK_STR(state_of(picture), "received");
	CHECK(decide_now(job));
	CHECK_STR(state_of(picture), "done");
	CHECK_STR(state_of(other), "received");
	/* It comes again: it is known, and nobody has to look. */
	const char *known = job_of(added(media_item("a lighthouse")));

	CHECK(strcmp(known, job) != 0);
	CHECK(job_at(known).known_decision.len > 0);
	close_intake();
	ward_arena_free(&arena);
}

static void an_address_and_an_account_have_theirs(void)
{
	ward_arena_init(&arena, 64 << 20);
	CHECK(open_intake(desk_arrive, NULL));
	const char *one = added(text_item(INTAKE_URL, "https://harbour.example/lamp?b=2"));
	const char *same = added(text_item(INTAKE_URL, "HTTPS://Harbour.example:443/lamp?b=2#top"));
	const char *account = added(text_item(INTAKE_ACCOUNT, "boats/anna"));
	const char *text = added(text_item(INTAKE_TEXT, "The lamp is out."));

	CHECK_STR(job_of(one), job_of(same));
	CHECK(strcmp(job_of(account), job_of(one)) != 0);
	CHECK(job_of(text)[0] != '\0');
	CHECK(ward_str_starts(job_at(job_of(account)).subject, WARD_STR("account:")));
	close_intake();
	ward_arena_free(&arena);
}

static void what_the_scan_found_routes_and_urgency_leads(void)
{
	ward_arena_init(&arena, 64 << 20);
	CHECK(open_intake(desk_arrive, NULL));
	const struct intake_item_new item = media_item("a lamp");
	struct intake_new report = report_of(&item, 1);
	struct intake_added done;

	report.context = WARD_STR("{\"finding\":\"known\",\"labels\":\"own:a\",\"priority\":90}");
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	struct desk_job job = job_at(job_of(done.report));

	CHECK_EQ(job.priority, 90);
	CHECK(strstr(job.facts.ptr, "\"finding\":\"known\"") != NULL);
	const struct intake_item_new another = media_item("a buoy");

	report = report_of(&another, 1);
	report.urgency = INTAKE_NOW;
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	job = job_at(job_of(done.report));
	CHECK(job.urgent);
	CHECK_EQ(job.priority, 100);
	close_intake();
	ward_arena_free(&arena);
}

static const struct test_case cases[] = {
	{ "a report becomes a job, and what was decided comes back as known",
			a_report_has_its_job },
	{ "an address and an account become jobs, the same ones the same job",
			an_address_and_an_account_have_theirs },
	{ "what a scan found is known to routes, and urgency leads",
			what_the_scan_found_routes_and_urgency_leads },
};
TEST_MAIN(cases)
