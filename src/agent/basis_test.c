#include "agent/basis.h"

#include "agent/inner.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct ward_error error;
static struct agent_settings settings;
static struct agent agent;
static struct ward_rule rules[2];

/* An agent as basis.c sees one, with a policy of these rules. */
static bool begin(size_t rule_count)
{
	struct ward_policy *policy = NULL;

	fresh_folder();
	agent = (struct agent){ .settings = &settings };
	pthread_mutex_init(&agent.mutex, NULL);
	if (ward_policy_new(rules, rule_count, &policy, &error) != WARD_OK ||
			ward_bank_open(in_folder("lists"), &agent.options.known.bank, &error) !=
					WARD_OK)
		return false;
	agent.options.known.policy = policy;
	return looked_open(in_folder("looked"), basis_of(&agent), 1000, &agent.looked, &error) ==
	       WARD_OK;
}

static void end(void)
{
	struct ward_policy *policy = (struct ward_policy *)(uintptr_t)agent.options.known.policy;

	looked_close(agent.looked);
	ward_bank_free(agent.options.known.bank);
	ward_policy_free(policy);
	pthread_mutex_destroy(&agent.mutex);
}

static uint64_t basis_now(size_t rule_count)
{
	uint64_t basis = begin(rule_count) ? basis_of(&agent) : 0;

	end();
	return basis;
}

static void reset(void)
{
	settings = (struct agent_settings){ .on_block = AGENT_HOLD, .watch_count = 1 };
	settings.watches[0] = (struct agent_watch){ .folder = "/home", .most = AGENT_HOLD };
	for (size_t i = 0; i < 2; i++)
		rules[i] = (struct ward_rule){ .name = i ? WARD_STR("near") : WARD_STR("known"),
			.findings = 1U << (i ? WARD_FINDING_NEAR : WARD_FINDING_KNOWN),
			.distance_max = -1,
			.disputed_max = -1,
			.verdict = WARD_HOLD,
			.queue = WARD_STR("review"),
			.priority = 50 };
}

static void each_part_of_a_rule_is_part_of_it(void)
{
	uint64_t seen[16];
	size_t count = 0;

	reset();
	seen[count++] = basis_now(2);
	CHECK(basis_now(2) == seen[0]);
	seen[count++] = basis_now(1);
	for (int part = 0; part < 10; part++) {
		struct ward_rule *rule = &rules[1];

		reset();
		switch (part) {
		case 0:
			rule->findings |= 1U << WARD_FINDING_SCORE;
			break;
		case 1:
			rule->list = WARD_STR("harbour");
			break;
		case 2:
			rule->label = WARD_STR("industry:A1");
			break;
		case 3:
			rule->distance_max = 20;
			break;
		case 4:
			rule->disputed_max = 0;
			break;
		case 5:
			rule->score_min = 0.5;
			break;
		/* One bit more: no text of six digits tells them apart. */
		case 6:
			rule->score_min = 0.50000000001;
			break;
		case 7:
			rule->verdict = WARD_BLOCK;
			break;
		case 8:
			rule->queue = WARD_STR("others");
			break;
		default:
			rules[0] = rules[1];
			break;
		}
		seen[count++] = basis_now(2);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++)
			CHECK(seen[i] != seen[j]);
	}
}

static void what_is_done_and_how_is_looked_are_part_of_it(void)
{
	reset();
	uint64_t plain = basis_now(2);

	settings.on_hold = AGENT_TELL;
	CHECK(basis_now(2) != plain);
	reset();
	settings.watches[0].most = AGENT_TELL;
	CHECK(basis_now(2) != plain);
	reset();
	settings.key_count = 1;
	CHECK(basis_now(2) != plain);
	reset();
	CHECK(begin(2));
	agent.options.known.basis = 7;
	CHECK(basis_of(&agent) != plain);
	end();
	CHECK(basis_now(2) == plain);
}

static void what_was_looked_at_while_lists_changed_is_not_remembered(void)
{
	reset();
	CHECK(begin(2));
	uint64_t before = basis_generation(&agent);

	basis_remember(&agent, 11, before);
	CHECK(looked_has(agent.looked, 11));
	basis_renew(&agent);
	CHECK(!looked_has(agent.looked, 11));
	/* It was in a looker's hands all the while. */
	basis_remember(&agent, 12, before);
	CHECK(!looked_has(agent.looked, 12));
	basis_remember(&agent, 12, basis_generation(&agent));
	CHECK(looked_has(agent.looked, 12));
	end();
}

static const struct test_case cases[] = {
	{ "each part of a rule is part of it", each_part_of_a_rule_is_part_of_it },
	{ "what is done, and how is looked, are part of it",
			what_is_done_and_how_is_looked_are_part_of_it },
	{ "what was looked at while lists changed is not remembered",
			what_was_looked_at_while_lists_changed_is_not_remembered },
};
TEST_MAIN(cases)
