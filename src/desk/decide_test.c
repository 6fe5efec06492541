#include "desk/deliver.h"
#include "desk/desk_test.h"

static const struct desk_asked_action report = { TEXT("report"),
	TEXT("{\"authority\":\"ncmec\",\"incident\":\"one\"}") };

static void needs(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];

	make_policy(tx, "harm", true, 0);
	arrive(tx, "a", "", 50, false);
	struct desk_asked asked = violation("none", "harm");

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_CONFLICT);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	asked = violation(job, "shoe");
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	asked = violation(job, "harm");
	asked.reason = WARD_STR(" ");
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "a reason is needed");
	asked = harmless(job);
	asked.actions = &report;
	asked.action_count = 1;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "this action follows a violation only");
	asked = violation(job, "harm");
	asked.labels = WARD_STR("no label");
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
}

static void says_what_a_decision_needs(void)
{
	in_store(needs);
}

static void labels(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_decision *decisions;
	size_t count;

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	clock_fake_pass(42);
	struct desk_asked asked = violation(job, "harm");

	asked.labels = WARD_STR("own:z");
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(desk_decision_list(tx, ward_str_from(job), bert.person, &arena, &decisions, &count,
				 &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK(ward_str_eq(decisions[0].labels, WARD_STR("operator:one,other:two,own:z")));
	CHECK_EQ(decisions[0].seconds, 42);
	CHECK(ward_str_eq(decisions[0].exposure, WARD_STR("L0")));
	CHECK_EQ(job_now(tx, job).state, DESK_JOB_DECIDED);
	CHECK_EQ(desk_decision_recent(tx, cleo.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_decision_recent(tx, cleo.person, bert.person, WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
}

static void keeps_the_labels_as_they_stood(void)
{
	in_store(labels);
}

static ward_err next_call(struct store_tx *tx, struct desk_action *action)
{
	return desk_action_next(tx, WARD_STR("report"), 60, &arena, action, &error);
}

static void undo(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_action action;
	struct desk_action *actions;
	size_t count;

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	asked.actions = &report;
	asked.action_count = 1;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(next_call(tx, &action), WARD_E_NOT_FOUND);
	CHECK_EQ(desk_undo(tx, &bert, ward_str_from(decision), WARD_STR(""), &error),
			WARD_E_DENIED);
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR("a slip"), &error),
			WARD_OK);
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR(""), &error),
			WARD_E_CONFLICT);
	clock_fake_pass(DESK_UNDO_S + 1);
	CHECK_EQ(next_call(tx, &action), WARD_E_NOT_FOUND);
	/* It is open again, and hers. */
	CHECK(ward_str_eq(job_now(tx, job).lease_person, anna.person));
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	clock_fake_pass(DESK_UNDO_S + 1);
	CHECK_EQ(next_call(tx, &action), WARD_OK);
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR(""), &error),
			WARD_E_CONFLICT);
	CHECK_EQ(desk_action_of_job(tx, ward_str_from(job), &arena, &actions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 2);
	/* Made in the same second, they come in any order. */
	CHECK(actions[0].state != actions[1].state);
	for (size_t i = 0; i < count; i++)
		CHECK(actions[i].state == DESK_ACTION_UNDONE ||
				actions[i].state == DESK_ACTION_DUE);
}

static void can_be_undone_until_an_action_leaves(void)
{
	in_store(undo);
}

static void urgent(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_action action, *waiting;
	size_t count;

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, true);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	asked.actions = &report;
	asked.action_count = 1;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	clock_fake_pass(3600);
	CHECK_EQ(next_call(tx, &action), WARD_E_NOT_FOUND);
	CHECK_EQ(desk_action_list(tx, bert.person, DESK_ACTION_WAITING, WARD_STR(""), 10, &arena,
				 &waiting, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_action_agree(tx, &anna, waiting[0].id, true, WARD_STR(""), &error),
			WARD_E_DENIED);
	CHECK_EQ(desk_action_agree(tx, &bert, waiting[0].id, false, WARD_STR(""), &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(desk_action_agree(tx, &bert, waiting[0].id, true, WARD_STR(""), &error), WARD_OK);
	CHECK_EQ(desk_action_agree(tx, &cleo, waiting[0].id, true, WARD_STR(""), &error),
			WARD_E_CONFLICT);
	CHECK_EQ(next_call(tx, &action), WARD_OK);
	CHECK(ward_str_eq(action.second_person, bert.person));
}

static void an_urgent_report_wants_two_persons(void)
{
	in_store(urgent);
}

static void doubled(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue(DESK_INBOX);
	char job[ID_TEXT_MAX], other[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_decision *seen;
	struct desk_agreement agreement;
	size_t count;

	queue.double_percent = 100;
	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK(ward_str_eq(job_now(tx, job).waits, WARD_STR("second")));
	/* Not for the same person, and the other one does not learn of the first. */
	CHECK_EQ(take(tx, &anna, other), WARD_E_NOT_FOUND);
	CHECK_EQ(desk_job_take_one(tx, &anna, NULL, ward_str_from(job), &error), WARD_E_DENIED);
	CHECK_EQ(take(tx, &bert, other), WARD_OK);
	CHECK_EQ(desk_decision_list(tx, ward_str_from(job), bert.person, &arena, &seen, &count,
				 &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	asked = harmless(job);
	CHECK_EQ(desk_decide(tx, &bert, &asked, decision, &error), WARD_OK);
	/* They differ: a third one decides, and sees both. */
	CHECK(ward_str_eq(job_now(tx, job).waits, WARD_STR("between")));
	CHECK_EQ(take(tx, &anna, other), WARD_E_NOT_FOUND);
	CHECK_EQ(take(tx, &bert, other), WARD_E_NOT_FOUND);
	CHECK_EQ(take(tx, &cleo, other), WARD_OK);
	CHECK_EQ(desk_decision_list(tx, ward_str_from(job), cleo.person, &arena, &seen, &count,
				 &error),
			WARD_OK);
	CHECK_EQ(count, 2);
	asked = violation(job, "harm");
	CHECK_EQ(desk_decide(tx, &cleo, &asked, decision, &error), WARD_OK);
	CHECK_EQ(job_now(tx, job).state, DESK_JOB_DECIDED);
	CHECK_EQ(desk_agreement(tx, WARD_STR(""), 0, &agreement, &error), WARD_OK);
	CHECK_EQ(agreement.pairs, 1);
	CHECK_EQ(agreement.agreed, 0);
	CHECK(!agreement.has_kappa);
}

static void labels_a_share_twice_and_blindly(void)
{
	in_store(doubled);
}

static void opinion(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], other[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_comment *comments;
	size_t count;

	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	CHECK_EQ(desk_ask_second(tx, &anna, ward_str_from(job), WARD_STR(""), &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(desk_ask_second(tx, &anna, ward_str_from(job), WARD_STR("is this one?"), &error),
			WARD_OK);
	CHECK_EQ(take(tx, &anna, other), WARD_E_NOT_FOUND);
	CHECK_EQ(take(tx, &bert, other), WARD_OK);
	CHECK_EQ(desk_comment_list(tx, ward_str_from(job), &arena, &comments, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_ask_second(tx, &bert, ward_str_from(job), WARD_STR("I do not know"), &error),
			WARD_E_CONFLICT);
	struct desk_asked asked = harmless(job);

	CHECK_EQ(desk_decide(tx, &bert, &asked, decision, &error), WARD_OK);
	CHECK_EQ(job_now(tx, job).state, DESK_JOB_DECIDED);
}

static void another_opinion_is_another_persons(void)
{
	in_store(opinion);
}

static void escalate(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("senior");
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];

	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = harmless(job);

	asked.outcome = DESK_ESCALATE;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	asked.reason = WARD_STR("somebody else should");
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	asked.queue = queue.id;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK(ward_str_eq(job_now(tx, job).queue, queue.id));
	CHECK_EQ(job_now(tx, job).state, DESK_JOB_OPEN);
	CHECK_EQ(desk_job_take(tx, &cleo, &rules, queue.id, job, &error), WARD_OK);
}

static void escalating_moves_the_job(void)
{
	in_store(escalate);
}

static void tries(struct store_tx *tx)
{
	const struct desk_action_kind hook = { .name = WARD_STR("hide"),
		.title = WARD_STR("Hide it"),
		.parameters = WARD_STR(
				"[{\"name\":\"days\",\"type\":\"number\",\"required\":true}]"),
		.url = WARD_STR("https://platform.example/hide"),
		.active = true };
	const struct desk_asked_action wrong = { hook.name, WARD_STR("{\"days\":\"7\"}") };
	const struct desk_asked_action right = { hook.name, WARD_STR("{\"days\":7}") };
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_action action;

	CHECK_EQ(desk_action_kind_put(tx, &cleo, &hook, &error), WARD_OK);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = harmless(job);

	asked.actions = &wrong;
	asked.action_count = 1;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_E_ARGUMENT);
	asked.actions = &right;
	asked.undo_s = 0;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	for (int i = 1; i <= DESK_TRIES_MAX; i++) {
		CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error), WARD_OK);
		CHECK_EQ(action.tries, i);
		CHECK_EQ(desk_action_tried(tx, action.id, false, false, WARD_STR("503"), &error),
				WARD_OK);
		clock_fake_pass(desk_action_wait_s(i) - 1);
		CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error),
				WARD_E_NOT_FOUND);
		clock_fake_pass(1);
	}
	CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error), WARD_E_NOT_FOUND);
	struct desk_action *dead;
	size_t count;

	CHECK_EQ(desk_action_list(tx, bert.person, DESK_ACTION_DEAD, WARD_STR(""), 10, &arena,
				 &dead, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK(ward_str_eq(dead[0].answer, WARD_STR("503")));
	CHECK_EQ(desk_action_revive(tx, &cleo, dead[0].id, &error), WARD_OK);
	CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error), WARD_OK);
	/* Whoever takes it dies: it comes up again. */
	clock_fake_pass(61);
	CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error), WARD_OK);
	CHECK_EQ(desk_action_tried(tx, action.id, true, false, WARD_STR("200"), &error), WARD_OK);
	clock_fake_pass(1000000);
	CHECK_EQ(desk_action_next(tx, WARD_STR(""), 60, &arena, &action, &error), WARD_E_NOT_FOUND);
}

static void an_action_is_tried_until_it_is_done_or_given_up(void)
{
	in_store(tries);
}

static void strikes(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX], appeal[ID_TEXT_MAX];
	int64_t weight = 0;

	make_policy(tx, "harm", false, 3);
	arrive(tx, "a", "boat", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(desk_strikes(tx, WARD_STR("boat"), &weight, &error), WARD_OK);
	CHECK_EQ(weight, 3);
	CHECK_EQ(desk_appeal_add(tx, WARD_STR("key:platform"), ward_str_from(decision),
				 WARD_STR(""), appeal, &error),
			WARD_OK);
	CHECK_EQ(desk_appeal_add(tx, WARD_STR("key:platform"), ward_str_from(decision),
				 WARD_STR(""), appeal, &error),
			WARD_E_EXISTS);
	struct desk_appeal *open;
	size_t count;

	CHECK_EQ(desk_appeal_list(tx, cleo.person, DESK_APPEAL_OPEN, WARD_STR(""), 10, &arena,
				 &open, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_appeal_settle(tx, &anna, open[0].id, true, WARD_STR("why not"), &error),
			WARD_E_DENIED);
	CHECK_EQ(desk_appeal_settle(tx, &cleo, open[0].id, true, WARD_STR("it is a bridge"),
				 &error),
			WARD_OK);
	CHECK_EQ(desk_appeal_settle(tx, &cleo, open[0].id, true, WARD_STR("again"), &error),
			WARD_E_CONFLICT);
	CHECK_EQ(desk_strikes(tx, WARD_STR("boat"), &weight, &error), WARD_OK);
	CHECK_EQ(weight, 0);
	struct desk_decision *decisions;

	CHECK_EQ(desk_decision_list(tx, ward_str_from(job), cleo.person, &arena, &decisions, &count,
				 &error),
			WARD_OK);
	CHECK_EQ(count, 2);
	CHECK(decisions[0].undone_at != 0);
	CHECK_EQ(decisions[1].outcome, DESK_NO_VIOLATION);
}

static void an_appeal_is_settled_by_another_person(void)
{
	in_store(strikes);
}

static void strikes_run_out(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	int64_t weight = 0;

	make_policy(tx, "harm", false, 2);
	for (int i = 0; i < 2; i++) {
		arrive(tx, i ? "b" : "a", "boat", 50, false);
		CHECK_EQ(take(tx, &anna, job), WARD_OK);
		struct desk_asked asked = violation(job, "harm");

		CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
		clock_fake_pass(86400 * 10);
	}
	CHECK_EQ(desk_strikes(tx, WARD_STR("boat"), &weight, &error), WARD_OK);
	CHECK_EQ(weight, 4);
	clock_fake_pass((DESK_STRIKE_DAYS - 15) * 86400);
	CHECK_EQ(desk_strikes(tx, WARD_STR("boat"), &weight, &error), WARD_OK);
	CHECK_EQ(weight, 2);
	CHECK_EQ(desk_strikes(tx, WARD_STR("kite"), &weight, &error), WARD_OK);
	CHECK_EQ(weight, 0);
}

static void strikes_count_until_they_run_out(void)
{
	in_store(strikes_run_out);
}

static void kappa_is_cohens(void)
{
	/* 20 times yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.7 observed, 0.5 by chance. */
	uint32_t pairs[50][2];
	int row = 0;

	for (int i = 0; i < 50; i++, row++) {
		pairs[row][0] = i < 25 ? 0 : 1;
		pairs[row][1] = i < 20 ? 0 : i < 25 ? 1 : i < 35 ? 0 : 1;
	}
	struct desk_agreement agreement = desk_kappa((const uint32_t(*)[2])pairs, 50);

	CHECK_EQ(agreement.agreed, 35);
	CHECK(agreement.has_kappa && agreement.kappa > 0.399999 && agreement.kappa < 0.400001);
	/* All alike: chance explains it. */
	memset(pairs, 0, sizeof(pairs));
	CHECK(!desk_kappa((const uint32_t(*)[2])pairs, 50).has_kappa);
	CHECK(!desk_kappa(NULL, 0).has_kappa);
}

static void parameters_are_what_the_schema_says(void)
{
	static const ward_str schema =
			TEXT("[{\"name\":\"a\",\"type\":\"text\",\"required\":true},"
			     "{\"name\":\"b\",\"type\":\"choice\",\"choices\":[\"x\",\"y\"]},"
			     "{\"name\":\"c\",\"type\":\"flag\"}]");
	static const char *const right[] = { "{\"a\":\"1\"}",
		"{\"a\":\"1\",\"b\":\"y\",\"c\":true}", "{\"a\":\"1\",\"b\":null}" };
	static const char *const wrong[] = { "{}", "{\"a\":\"\"}", "{\"a\":1}",
		"{\"a\":\"1\",\"b\":\"z\"}", "{\"a\":\"1\",\"d\":1}", "{\"a\":\"1\",\"c\":\"yes\"}",
		"[]", "" };
	static const char *const bad[] = { "{}", "[1]", "[{\"name\":\"A\",\"type\":\"text\"}]",
		"[{\"name\":\"a\"}]", "[{\"name\":\"a\",\"type\":\"choice\"}]",
		"[{\"name\":\"a\",\"type\":\"text\",\"choices\":[\"x\"]}]" };

	CHECK_EQ(desk_parameters_schema_check(schema, &error), WARD_OK);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		CHECK_EQ(desk_parameters_check(schema, ward_str_from(right[i]), &error), WARD_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_EQ(desk_parameters_check(schema, ward_str_from(wrong[i]), &error),
				WARD_E_ARGUMENT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(desk_parameters_schema_check(ward_str_from(bad[i]), &error),
				WARD_E_ARGUMENT);
}

static void tells_an_answer_from_another(void)
{
	CHECK(desk_call_is_done(200) && desk_call_is_done(204) && !desk_call_is_done(302));
	CHECK(desk_call_is_hopeless(400) && desk_call_is_hopeless(410));
	CHECK(!desk_call_is_hopeless(429) && !desk_call_is_hopeless(503) &&
			!desk_call_is_hopeless(200));
	CHECK_EQ(desk_action_wait_s(1), 10);
	CHECK_EQ(desk_action_wait_s(3), 40);
	CHECK_EQ(desk_action_wait_s(100), 6 * 3600);
}

static void of_others(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("narrow");
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX], appeal[ID_TEXT_MAX];
	struct desk_decision *decisions;
	struct desk_action *actions;
	struct desk_appeal *appeals;
	size_t count;

	queue.everyone = false;
	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	CHECK_EQ(desk_queue_admit(tx, &cleo, queue.id, anna.person, true, &error), WARD_OK);
	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, true);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = violation(job, "harm");

	asked.actions = &report;
	asked.action_count = 1;
	CHECK_EQ(desk_job_move(tx, &anna, ward_str_from(job), queue.id, WARD_STR("ours"), &error),
			WARD_OK);
	CHECK_EQ(desk_job_take(tx, &anna, &rules, queue.id, job, &error), WARD_OK);
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(desk_appeal_add(tx, WARD_STR("key:one"), ward_str_from(decision), WARD_STR(""),
				 appeal, &error),
			WARD_OK);
	/* Not of this queue: nothing of it is told, and nothing of it can be done. */
	CHECK_EQ(desk_decision_recent(tx, bert.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(desk_action_list(tx, bert.person, DESK_ACTION_WAITING, WARD_STR(""), 10, &arena,
				 &actions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(desk_appeal_list(tx, bert.person, DESK_APPEAL_OPEN, WARD_STR(""), 10, &arena,
				 &appeals, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(desk_appeal_settle(tx, &bert, ward_str_from(appeal), true, WARD_STR("why"),
				 &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(desk_star(tx, bert.person, WARD_STR("job"), ward_str_from(job), true, &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(desk_action_of_job(tx, ward_str_from(job), &arena, &actions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_action_agree(tx, &bert, actions[0].id, true, WARD_STR(""), &error),
			WARD_E_NOT_FOUND);
	/* Once let in, all of it. */
	CHECK_EQ(desk_queue_admit(tx, &cleo, queue.id, bert.person, true, &error), WARD_OK);
	CHECK_EQ(desk_decision_recent(tx, bert.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_appeal_list(tx, bert.person, DESK_APPEAL_OPEN, WARD_STR(""), 10, &arena,
				 &appeals, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(desk_action_agree(tx, &bert, actions[0].id, true, WARD_STR(""), &error), WARD_OK);
}

static void others_learn_nothing_of_a_queues_decisions(void)
{
	in_store(of_others);
}

static void blind(struct store_tx *tx)
{
	const struct desk_action_kind hook = { .name = WARD_STR("hide"),
		.title = WARD_STR("Hide it"),
		.parameters = WARD_STR("[]"),
		.url = WARD_STR("https://platform.example/hide"),
		.active = true };
	const struct desk_asked_action hide = { hook.name, WARD_STR("") };
	struct desk_queue queue = plain_queue(DESK_INBOX);
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_decision *decisions;
	struct desk_action *actions;
	size_t count;

	queue.double_percent = 100;
	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	CHECK_EQ(desk_action_kind_put(tx, &cleo, &hook, &error), WARD_OK);
	arrive(tx, "a", "", 50, false);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	struct desk_asked asked = harmless(job);

	asked.actions = &hide;
	asked.action_count = 1;
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK(ward_str_eq(job_now(tx, job).waits, WARD_STR("second")));
	/* Not by the way of the latest decisions, and not by that of what follows. */
	CHECK_EQ(desk_decision_recent(tx, bert.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(desk_action_list(tx, bert.person, DESK_ACTION_DUE, WARD_STR(""), 10, &arena,
				 &actions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(desk_decision_recent(tx, anna.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(take(tx, &bert, job), WARD_OK);
	asked = harmless(job);
	CHECK_EQ(desk_decide(tx, &bert, &asked, decision, &error), WARD_OK);
	CHECK_EQ(desk_decision_recent(tx, bert.person, WARD_STR(""), WARD_STR(""), 10, &arena,
				 &decisions, &count, &error),
			WARD_OK);
	CHECK_EQ(count, 2);
	/* An urgent one does not wait for another look. */
	arrive(tx, "b", "", 50, true);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	asked = harmless(job);
	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	CHECK_EQ(job_now(tx, job).state, DESK_JOB_DECIDED);
}

static void the_second_look_is_blind_in_every_list(void)
{
	in_store(blind);
}

static const struct test_case cases[] = {
	{ "a decision says what it needs", says_what_a_decision_needs },
	{ "a decision keeps the labels as they stood", keeps_the_labels_as_they_stood },
	{ "a decision can be undone by its maker until an action leaves",
			can_be_undone_until_an_action_leaves },
	{ "an urgent report wants two persons", an_urgent_report_wants_two_persons },
	{ "a share of jobs is labelled twice, blindly, and a third person settles",
			labels_a_share_twice_and_blindly },
	{ "others learn nothing of what was decided in a queue for named people",
			others_learn_nothing_of_a_queues_decisions },
	{ "the second look is blind in every list, and an urgent job has none",
			the_second_look_is_blind_in_every_list },
	{ "another opinion is another person's", another_opinion_is_another_persons },
	{ "escalating moves the job and says why", escalating_moves_the_job },
	{ "an action is tried until it is done or given up, and can be revived",
			an_action_is_tried_until_it_is_done_or_given_up },
	{ "an appeal is settled by another person than who decided",
			an_appeal_is_settled_by_another_person },
	{ "strikes count until they run out", strikes_count_until_they_run_out },
	{ "kappa is Cohen's", kappa_is_cohens },
	{ "parameters are what the schema says", parameters_are_what_the_schema_says },
	{ "answers of a call are done, hopeless or to be tried again",
			tells_an_answer_from_another },
};
TEST_MAIN(cases)
