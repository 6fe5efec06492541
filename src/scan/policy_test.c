#include "base/test.h"
#include <ward/scan.h>

#define ANY         .distance_max = -1, .disputed_max = -1
#define KINDS(kind) (1U << WARD_FINDING_##kind)

static struct ward_finding known_on(const char *list, const char *labels, uint32_t disputed)
{
	return (struct ward_finding){
		.kind = WARD_FINDING_KNOWN,
		.list = ward_str_from(list),
		.labels = ward_str_from(labels),
		.disputed = disputed,
	};
}

static struct ward_verdict judge(const struct ward_rule *rules, size_t count,
		const struct ward_finding *findings, size_t finding_count)
{
	struct ward_policy *policy = NULL;
	struct ward_verdict verdict = { .kind = WARD_VERDICT_KIND_COUNT };

	if (ward_policy_new(rules, count, &policy, NULL) == WARD_OK)
		verdict = ward_policy_judge(policy, findings, finding_count);
	/* The rule's words go with the policy; the cases compare what stays. */
	verdict.rule = ward_str_eq(verdict.rule, WARD_STR("default")) ? WARD_STR("default")
								      : WARD_STR("a rule");
	verdict.queue = WARD_STR("");
	ward_policy_free(policy);
	return verdict;
}

static void allows_what_has_no_findings(void)
{
	struct ward_policy *policy = ward_policy_default();
	struct ward_verdict verdict = ward_policy_judge(policy, NULL, 0);

	CHECK_EQ(verdict.kind, WARD_ALLOW);
	CHECK(ward_str_eq(verdict.rule, WARD_STR("default")));
	CHECK(verdict.finding == SIZE_MAX);
	ward_policy_free(policy);
}

static void by_default_blocks_known_and_holds_the_rest(void)
{
	static const struct {
		ward_finding_kind kind;
		ward_verdict_kind verdict;
		int priority;
	} expected[] = {
		{ WARD_FINDING_KNOWN, WARD_BLOCK, 90 },
		{ WARD_FINDING_NEAR, WARD_HOLD, 70 },
		{ WARD_FINDING_UNREADABLE, WARD_HOLD, 20 },
		{ WARD_FINDING_LIMIT, WARD_HOLD, 20 },
		{ WARD_FINDING_ENCRYPTED, WARD_HOLD, 20 },
		{ WARD_FINDING_ALLOWED, WARD_ALLOW, 0 },
		{ WARD_FINDING_EXCLUDED, WARD_ALLOW, 0 },
	};
	struct ward_policy *policy = ward_policy_default();

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		struct ward_finding finding = { .kind = expected[i].kind };
		struct ward_verdict verdict = ward_policy_judge(policy, &finding, 1);

		CHECK_EQ(verdict.kind, expected[i].verdict);
		CHECK_EQ(verdict.priority, expected[i].priority);
	}
	ward_policy_free(policy);
}

static void a_score_never_blocks(void)
{
	const struct ward_rule rule = { .name = WARD_STR("all"), ANY, .verdict = WARD_BLOCK };
	struct ward_finding score = { .kind = WARD_FINDING_SCORE, .score = 1.0 };
	struct ward_verdict verdict = judge(&rule, 1, &score, 1);

	CHECK_EQ(verdict.kind, WARD_HOLD);
	CHECK(verdict.softened);
}

static void a_known_file_is_blocked_also_beside_a_score(void)
{
	const struct ward_rule rule = { .name = WARD_STR("all"), ANY, .verdict = WARD_BLOCK };
	struct ward_finding findings[] = {
		known_on("a", "", 0),
		{ .kind = WARD_FINDING_SCORE, .score = 1.0 },
	};
	struct ward_verdict verdict = judge(&rule, 1, findings, 2);

	CHECK_EQ(verdict.kind, WARD_BLOCK);
	CHECK(!verdict.softened);
}

static void the_first_rule_that_matches_decides(void)
{
	const struct ward_rule rules[] = {
		{ .name = WARD_STR("b"), ANY, .list = WARD_STR("b"), .verdict = WARD_HOLD },
		{ .name = WARD_STR("any"), ANY, .verdict = WARD_BLOCK },
	};
	struct ward_finding findings[] = { known_on("a", "", 0), known_on("b", "", 0) };
	struct ward_verdict verdict = judge(rules, 2, findings, 2);

	CHECK_EQ(verdict.kind, WARD_HOLD);
	CHECK_EQ(verdict.finding, 1);
}

static void says_which_condition_fails(void)
{
	struct ward_rule rule = {
		.name = WARD_STR("strict"),
		.findings = KINDS(NEAR),
		.list = WARD_STR("a"),
		.label = WARD_STR("industry:A1"),
		.distance_max = 10,
		.disputed_max = 0,
	};
	struct ward_finding finding = known_on("b", "industry:A10", 1);

	CHECK_STR(ward_rule_misses(&rule, &finding), "finding");
	finding.kind = WARD_FINDING_NEAR;
	CHECK_STR(ward_rule_misses(&rule, &finding), "list");
	finding.list = WARD_STR("a");
	CHECK_STR(ward_rule_misses(&rule, &finding), "label");
	finding.labels = WARD_STR("uk:B industry:A1");
	finding.distance = 11;
	CHECK_STR(ward_rule_misses(&rule, &finding), "distance");
	finding.distance = 10;
	CHECK_STR(ward_rule_misses(&rule, &finding), "disputed");
	finding.disputed = 0;
	CHECK(ward_rule_misses(&rule, &finding) == NULL);
	rule.label = WARD_STR("uk:");
	CHECK(ward_rule_misses(&rule, &finding) == NULL);
	rule.label = WARD_STR("u");
	CHECK_STR(ward_rule_misses(&rule, &finding), "label");
}

static void a_distance_rule_does_not_match_what_has_no_distance(void)
{
	const struct ward_rule rule = {
		.name = WARD_STR("close"),
		.distance_max = 31,
		.disputed_max = -1,
		.verdict = WARD_BLOCK,
	};
	struct ward_finding unreadable = { .kind = WARD_FINDING_UNREADABLE };

	CHECK_EQ(judge(&rule, 1, &unreadable, 1).kind, WARD_ALLOW);
}

static void refuses_rules_that_make_no_sense(void)
{
	struct ward_rule rule = { .name = WARD_STR("r"), ANY, .priority = 101 };
	struct ward_policy *policy = NULL;
	struct ward_error error = { 0 };

	CHECK_EQ(ward_policy_new(&rule, 1, &policy, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "rule r: a priority is 0 to 100");
	rule.priority = 0;
	rule.verdict = WARD_VERDICT_KIND_COUNT;
	CHECK_EQ(ward_policy_new(&rule, 1, &policy, &error), WARD_E_ARGUMENT);
	rule.verdict = WARD_HOLD;
	rule.name = WARD_STR("");
	CHECK_EQ(ward_policy_new(&rule, 1, &policy, &error), WARD_E_ARGUMENT);
	CHECK(policy == NULL);
}

static const struct test_case cases[] = {
	{ "allows what has no findings", allows_what_has_no_findings },
	{ "by default blocks known and holds the rest",
			by_default_blocks_known_and_holds_the_rest },
	{ "a score never blocks", a_score_never_blocks },
	{ "a known file is blocked also beside a score",
			a_known_file_is_blocked_also_beside_a_score },
	{ "the first rule that matches decides", the_first_rule_that_matches_decides },
	{ "says which condition fails", says_which_condition_fails },
	{ "a distance rule does not match what has no distance",
			a_distance_rule_does_not_match_what_has_no_distance },
	{ "refuses rules that make no sense", refuses_rules_that_make_no_sense },
};
TEST_MAIN(cases)
