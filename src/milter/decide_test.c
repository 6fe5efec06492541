#include "base/test.h"
#include "milter/decide.h"

static const struct ward_item mail = { .kind = WARD_MEDIA_MAIL, .has_digests = true };

/* What the default rules do with a mail of which this was found, the policy having said so. */
static enum milter_action act(const struct milter_rules *rules, const struct ward_finding *finding,
		ward_verdict_kind verdict, struct milter_outcome *outcome)
{
	struct ward_report report = { .items = &mail,
		.item_count = 1,
		.findings = finding,
		.finding_count = finding ? 1 : 0,
		.verdict = { .kind = verdict, .finding = finding ? 0 : SIZE_MAX } };

	milter_outcome_free(outcome);
	milter_outcome_init(outcome);
	milter_outcome_read(outcome, &report);
	return milter_decide(rules, outcome);
}

/* Whatever the policy says of limits: what was not looked at is not called checked. */
static void a_limit_that_was_met_is_a_failure(void)
{
	struct milter_rules rules = milter_rules_default();
	struct ward_finding deep = { .kind = WARD_FINDING_LIMIT, .err = WARD_E_LIMIT },
			    memory = { .kind = WARD_FINDING_LIMIT, .err = WARD_E_NOMEM };
	struct milter_outcome outcome;

	milter_outcome_init(&outcome);
	CHECK_EQ(act(&rules, &deep, WARD_ALLOW, &outcome), MILTER_DEFER);
	CHECK_STR(milter_says(&outcome), "unchecked");
	CHECK_EQ(act(&rules, &memory, WARD_ALLOW, &outcome), MILTER_DEFER);
	milter_outcome_free(&outcome);
}

static void each_verdict_has_its_action(void)
{
	struct milter_rules rules = { MILTER_REJECT, MILTER_HOLD, MILTER_DEFER, MILTER_DEFER };
	struct ward_finding known = { .kind = WARD_FINDING_KNOWN },
			    near = { .kind = WARD_FINDING_NEAR };
	struct milter_outcome outcome;

	milter_outcome_init(&outcome);
	CHECK_EQ(act(&rules, NULL, WARD_ALLOW, &outcome), MILTER_PASS);
	CHECK_STR(milter_says(&outcome), "checked");
	CHECK(!outcome.found);
	CHECK_EQ(act(&rules, &known, WARD_BLOCK, &outcome), MILTER_REJECT);
	CHECK(outcome.found);
	CHECK_STR(milter_says(&outcome), "checked");
	CHECK_EQ(act(&rules, &near, WARD_HOLD, &outcome), MILTER_HOLD);
	CHECK(outcome.found);
	milter_outcome_free(&outcome);
}

static void a_worker_that_died_is_no_clean_mail(void)
{
	struct milter_rules rules = milter_rules_default();
	struct ward_finding died = { .kind = WARD_FINDING_UNREADABLE, .err = WARD_E_WORKER };
	struct milter_outcome outcome;

	milter_outcome_init(&outcome);
	CHECK_EQ(act(&rules, &died, WARD_HOLD, &outcome), MILTER_DEFER);
	/* Also where the policy would let it through. */
	CHECK_EQ(act(&rules, &died, WARD_ALLOW, &outcome), MILTER_DEFER);
	CHECK_STR(milter_says(&outcome), "unchecked");
	rules.failed = MILTER_PASS;
	CHECK_EQ(act(&rules, &died, WARD_ALLOW, &outcome), MILTER_PASS);
	CHECK_STR(milter_says(&outcome), "unchecked");
	died.err = WARD_E_TIMEOUT;
	CHECK_EQ(act(&rules, &died, WARD_ALLOW, &outcome), MILTER_PASS);
	milter_outcome_free(&outcome);
}

static void a_broken_attachment_is_the_policys(void)
{
	struct milter_rules rules = milter_rules_default();
	struct ward_finding broken = { .kind = WARD_FINDING_UNREADABLE,
		.err = WARD_E_FORMAT,
		.path = WARD_STR("a.png") };
	struct milter_outcome outcome;

	rules.failed = MILTER_PASS;
	milter_outcome_init(&outcome);
	CHECK_EQ(act(&rules, &broken, WARD_HOLD, &outcome), MILTER_HOLD);
	CHECK_EQ(act(&rules, &broken, WARD_ALLOW, &outcome), MILTER_PASS);
	CHECK(!outcome.found);
	/* A mail that nothing here reads is another thing. */
	broken.path = WARD_STR("");
	broken.err = WARD_E_UNSUPPORTED;
	CHECK_EQ(act(&rules, &broken, WARD_HOLD, &outcome), MILTER_PASS);
	CHECK_STR(milter_says(&outcome), "unchecked");
	milter_outcome_free(&outcome);
}

static void what_is_found_stands_whatever_else_failed(void)
{
	struct milter_rules rules = milter_rules_default();
	struct ward_finding both[] = { { .kind = WARD_FINDING_KNOWN,
						       .list = WARD_STR("lighthouses"),
						       .labels = WARD_STR("lamp tower") },
		{ .kind = WARD_FINDING_UNREADABLE, .err = WARD_E_WORKER } };
	struct ward_report report = { .items = &mail,
		.item_count = 1,
		.findings = both,
		.finding_count = 2,
		.verdict = { .kind = WARD_BLOCK, .finding = 0, .rule = WARD_STR("known") } };
	struct milter_outcome outcome;

	rules.failed = MILTER_PASS;
	milter_outcome_init(&outcome);
	milter_outcome_read(&outcome, &report);
	CHECK_EQ(milter_decide(&rules, &outcome), MILTER_HOLD);
	ward_buf_char(&outcome.context, '\0');
	CHECK_STR(outcome.context.ptr,
			"{\"finding\":\"known\",\"list\":\"lighthouses\","
			"\"labels\":\"lamp,tower\",\"priority\":0,\"rule\":\"known\"}");
	milter_outcome_free(&outcome);
}

static void one_that_was_not_scanned_failed(void)
{
	struct milter_rules rules = milter_rules_default();
	struct milter_outcome outcome;

	milter_outcome_init(&outcome);
	CHECK_EQ(milter_decide(&rules, &outcome), MILTER_DEFER);
	outcome.state = MILTER_LARGE;
	CHECK_EQ(milter_decide(&rules, &outcome), MILTER_HOLD);
	CHECK_STR(milter_says(&outcome), "unchecked");
	milter_outcome_free(&outcome);
}

static void actions_have_names(void)
{
	enum milter_action action;

	for (int i = 0; i < MILTER_ACTIONS; i++) {
		CHECK(milter_action_from(ward_str_from(milter_action_name((enum milter_action)i)),
				&action));
		CHECK_EQ(action, i);
	}
	CHECK(!milter_action_from(WARD_STR("delete"), &action));
}

static const struct test_case cases[] = {
	{ "a limit that was met is a failure", a_limit_that_was_met_is_a_failure },
	{ "each verdict has its action", each_verdict_has_its_action },
	{ "a worker that died is no clean mail", a_worker_that_died_is_no_clean_mail },
	{ "a broken attachment is the policy's", a_broken_attachment_is_the_policys },
	{ "what is found stands, whatever else failed", what_is_found_stands_whatever_else_failed },
	{ "one that was not scanned failed", one_that_was_not_scanned_failed },
	{ "actions have names", actions_have_names },
};
TEST_MAIN(cases)
