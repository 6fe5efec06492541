#include "workspace/rules.h"

#include "base/test.h"

static struct ward_error error;

static ward_err read_text(const char *text, struct ward_policy **policy)
{
	struct conf_node *first = NULL;
	struct ward_arena arena;

	error = (struct ward_error){ 0 };
	ward_arena_init(&arena, (size_t)1 << 20);
	ward_err err = conf_parse(&arena, "ward.conf", ward_str_from(text), NULL, NULL, &first,
			&error);

	if (!err)
		err = rules_read(first, policy, &error);
	ward_arena_free(&arena);
	return err;
}

static void no_rule_is_the_default_policy(void)
{
	struct ward_finding known = { .kind = WARD_FINDING_KNOWN };
	struct ward_policy *policy;

	CHECK_EQ(read_text("scan { }", &policy), WARD_OK);
	CHECK_EQ(ward_policy_judge(policy, &known, 1).kind, WARD_BLOCK);
	CHECK_EQ(ward_policy_judge(policy, &known, 1).priority, 90);
	ward_policy_free(policy);
}

static void a_rule_has_all_its_parts(void)
{
	struct ward_policy *policy;

	CHECK_EQ(read_text("rule \"one of ours\" { finding = known near; list = partner; "
			   "label = \"industry:A1\"; distance_max = 20; disputed_max = 0; "
			   "score_min = 0.75; verdict = hold; queue = review; priority = 55 }",
				 &policy),
			WARD_OK);
	const struct ward_rule *rule = ward_policy_rule(policy, 0);

	CHECK_EQ(ward_policy_rules(policy), 1);
	CHECK(ward_str_eq(rule->name, WARD_STR("one of ours")));
	CHECK_EQ(rule->findings, 1U << WARD_FINDING_KNOWN | 1U << WARD_FINDING_NEAR);
	CHECK(ward_str_eq(rule->list, WARD_STR("partner")));
	CHECK(ward_str_eq(rule->label, WARD_STR("industry:A1")));
	CHECK_EQ(rule->distance_max, 20);
	CHECK_EQ(rule->disputed_max, 0);
	CHECK(rule->score_min == 0.75);
	CHECK_EQ(rule->verdict, WARD_HOLD);
	CHECK(ward_str_eq(rule->queue, WARD_STR("review")));
	CHECK_EQ(rule->priority, 55);
	ward_policy_free(policy);
}

static void rules_keep_the_order_of_the_file_and_the_first_match_wins(void)
{
	struct ward_finding near = { .kind = WARD_FINDING_NEAR, .distance = 12 };
	struct ward_policy *policy;
	struct ward_verdict verdict;

	CHECK_EQ(read_text("rule z { finding = near; distance_max = 10; verdict = block }\n"
			   "scan { }\n"
			   "rule \"y\" { finding = near; verdict = hold }\n"
			   "rule \"a\" { verdict = block }\n",
				 &policy),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:1: one value is enough; end it with a semicolon");
	CHECK_EQ(read_text("rule \"z\" { finding = near; distance_max = 10; verdict = block }\n"
			   "scan { }\n"
			   "rule \"y\" { finding = [near, known]; verdict = hold }\n"
			   "rule \"a\" { verdict = block }\n",
				 &policy),
			WARD_OK);
	verdict = ward_policy_judge(policy, &near, 1);
	CHECK_EQ(verdict.kind, WARD_HOLD);
	CHECK(ward_str_eq(verdict.rule, WARD_STR("y")));
	near.distance = 10;
	verdict = ward_policy_judge(policy, &near, 1);
	CHECK(ward_str_eq(verdict.rule, WARD_STR("z")));
	CHECK(ward_str_eq(ward_policy_rule(policy, 2)->name, WARD_STR("a")));
	ward_policy_free(policy);
}

static void a_score_holds_and_never_blocks(void)
{
	struct ward_finding score = { .kind = WARD_FINDING_SCORE, .score = 1 };
	struct ward_policy *policy;

	CHECK_EQ(read_text("rule \"all\" { verdict = block }", &policy), WARD_OK);
	struct ward_verdict verdict = ward_policy_judge(policy, &score, 1);

	CHECK_EQ(verdict.kind, WARD_HOLD);
	CHECK(verdict.softened);
	ward_policy_free(policy);
}

static void a_mistake_is_told_with_its_line_and_what_to_write(void)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "rule { verdict = hold }", "ward.conf:1: a rule has a name: rule \"name\" { }" },
		{ "rule \"a\" {\n}",
				"ward.conf:1: this rule needs a verdict: allow, hold or block" },
		{ "rule \"a\" {\nverdct = hold\n}",
				"ward.conf:2: a rule has no setting of this name; is it "
				"\"verdict\"?" },
		{ "rule \"a\" { verdict = ban }",
				"ward.conf:1: a verdict is allow, hold or block" },
		{ "rule \"a\" {\n\nfinding = nearly; verdict = hold }",
				"ward.conf:3: a finding is one of known near allowed excluded "
				"unreadable limit encrypted score" },
		{ "rule \"a\" { verdict = hold; priority = 101 }",
				"ward.conf:1: priority wants a whole number from 0 to 100" },
		{ "rule \"a\" { verdict = hold; score_min = 2 }",
				"ward.conf:1: score_min wants a number from 0 to 1, as 0.75" },
		{ "rule \"a\" { verdict = hold; verdict = block }",
				"ward.conf:1: verdict is set a second time; the first is "
				"ward.conf:1" },
		{ "rule \"a\" { verdict = hold }\nrule \"a\" { verdict = hold }",
				"ward.conf:2: another rule has this name: ward.conf:1" },
		{ "rule \"default\" { verdict = hold }",
				"ward.conf:1: \"default\" means that no rule matched; take "
				"another name" },
	};
	struct ward_policy *policy;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK_EQ(read_text(wrong[i].text, &policy), WARD_E_FORMAT);
		CHECK_STR(error.message, wrong[i].says);
	}
}

static void a_printed_rule_reads_as_the_same_rule(void)
{
	const char *text = "rule \"a \\\"b\\\\c\" {\n\tfinding = known score\n\tlist = \"p\"\n"
			   "\tlabel = \"industry:\"\n\tdistance_max = 0\n\tscore_min = 0.5\n"
			   "\tverdict = block\n\tqueue = \"q\"\n\tpriority = 7\n}\n";
	struct ward_policy *policy;
	struct ward_buf printed;

	ward_buf_init(&printed, 4096);
	CHECK_EQ(read_text(text, &policy), WARD_OK);
	rule_format(&printed, ward_policy_rule(policy, 0));
	CHECK_STR(ward_buf_text(&printed).ptr, text);
	ward_policy_free(policy);
	ward_buf_free(&printed);
}

static const struct test_case cases[] = {
	{ "no rule is the default policy", no_rule_is_the_default_policy },
	{ "a rule has all its parts", a_rule_has_all_its_parts },
	{ "rules keep the order of the file and the first match wins",
			rules_keep_the_order_of_the_file_and_the_first_match_wins },
	{ "a score holds and never blocks", a_score_holds_and_never_blocks },
	{ "a mistake is told with its line and what to write",
			a_mistake_is_told_with_its_line_and_what_to_write },
	{ "a printed rule reads as the same rule", a_printed_rule_reads_as_the_same_rule },
};
TEST_MAIN(cases)
