/* From a decision at the desk to a report that may be sent. */
#include "desk/desk_test.h"
#include "filing/filing.h"

static struct store *store;
static struct filing *filing;
static const struct filing_actor editor = { TEXT("person:p-anna"), TEXT("reviewer") };

static bool fresh(void)
{
	struct filing_options options = { .environment = FILING_TEST };

	clock_fake_set(1800000000);
	ward_arena_init(&arena, 64 << 20);
	options.store = store = store_fresh();
	return filing_new(&options, &filing, &error) == WARD_OK;
}

static void done(void)
{
	filing_free(filing);
	store_free(store);
	ward_arena_free(&arena);
}

static const char *draft(const char *platform, bool escalated)
{
	static char text[1024];

	snprintf(text, sizeof(text),
			"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading Domain "
			"Name\","
			"\"platform\":\"%s\",%s\"incidentDateTime\":\"2026-01-01T00:00:00Z\"},"
			"\"reporter\":{\"reportingPerson\":{\"email\":\"desk@harbour.example\"}}}}",
			platform, escalated ? "\"escalateToHighPriority\":\"x\"," : "");
	return text;
}

static bool put(const char *text, char id[ID_TEXT_MAX])
{
	return filing_draft_put(filing, &editor, WARD_STR("case-1"), ward_str_from(text), id,
			       &error) == WARD_OK;
}

static struct filing_row row_of(const char *id)
{
	struct filing_row row = { .state = FILING_STATE_COUNT };

	if (filing_get(filing, ward_str_from(id), &arena, &row, &error))
		printf("# %s\n", error.message);
	return row;
}

struct deciding {
	const char *parameters;
	struct desk_action action;
	bool urgent;
};

/* Anna decides to report; bert agrees when two are wanted; the action comes up. */
static ward_err decide(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct deciding *deciding = context;
	const struct desk_asked_action report = { TEXT("report"),
		ward_str_from(deciding->parameters) };
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];
	struct desk_action *actions;
	size_t count;

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, deciding->urgent);
	ward_err err = take(tx, &anna, job);

	if (err)
		return err;
	struct desk_asked asked = violation(job, "harm");

	asked.actions = &report;
	asked.action_count = 1;
	err = desk_decide(tx, &anna, &asked, decision, failure);
	if (!err && deciding->urgent)
		err = desk_action_list(tx, bert.person, DESK_ACTION_WAITING, WARD_STR(""), 10,
				&arena, &actions, &count, failure);
	if (!err && deciding->urgent)
		err = desk_action_agree(tx, &bert, actions[0].id, true, WARD_STR(""), failure);
	clock_fake_pass(60);
	return err ? err
		   : desk_action_next(tx, WARD_STR("report"), 60, &arena, &deciding->action,
				     failure);
}

static bool decided(struct deciding *deciding, const char *id, bool urgent)
{
	static char parameters[300];
	ward_str sha256 = row_of(id).draft_sha256;

	snprintf(parameters, sizeof(parameters),
			"{\"authority\":\"ncmec\",\"incident\":\"one\",\"filing\":\"%s\","
			"\"sha256\":\"%.*s\"}",
			id, WARD_FMT(sha256));
	*deciding = (struct deciding){ .parameters = parameters, .urgent = urgent };
	return store_write(store, decide, deciding, &error) == WARD_OK;
}

static void a_decision_lets_a_report_go_once(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(put(draft("a", false), id));
	CHECK(decided(&deciding, id, false));
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_APPROVED);
	CHECK(ward_str_eq(row_of(id).action, deciding.action.id));
	int64_t turn = row_of(id).turn;

	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_OK);
	CHECK_EQ(row_of(id).turn, turn);
	CHECK_EQ(filing_due(filing, due, &error), WARD_OK);
	CHECK_STR(due, id);
	done();
}

static void a_draft_that_was_changed_behind_the_decision_stays(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(put(draft("a", false), id));
	CHECK(decided(&deciding, id, false));
	CHECK(put(draft("b", false), id));
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_E_DENIED);
	CHECK_EQ(row_of(id).state, FILING_DRAFT);
	done();
}

static void an_escalated_report_wants_what_two_persons_decided(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(put(draft("a", true), id));
	CHECK(decided(&deciding, id, false));
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_E_DENIED);
	/* Nor is half an approval left behind. */
	CHECK_EQ(row_of(id).approvals, 0);
	done();
	CHECK(fresh());
	CHECK(put(draft("a", true), id));
	CHECK(decided(&deciding, id, true));
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_APPROVED);
	done();
}

/* The caller's struct is not believed: what counts is desk's own row. */
static void persons_that_a_caller_makes_up_do_not_count(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(put(draft("a", true), id));
	CHECK(decided(&deciding, id, false));
	deciding.action.second_person = WARD_STR("p-nobody");
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_E_DENIED);
	CHECK_EQ(row_of(id).state, FILING_DRAFT);
	done();
}

/* Of one authority, by a decision for another, nothing goes anywhere. */
static void an_action_for_another_authority_lets_nothing_go(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX], parameters[300];

	CHECK(fresh());
	CHECK(put(draft("a", false), id));
	ward_str sha256 = row_of(id).draft_sha256;

	snprintf(parameters, sizeof(parameters),
			"{\"authority\":\"nca\",\"incident\":\"one\",\"filing\":\"%s\","
			"\"sha256\":\"%.*s\"}",
			id, WARD_FMT(sha256));
	deciding = (struct deciding){ .parameters = parameters };
	CHECK_EQ(store_write(store, decide, &deciding, &error), WARD_OK);
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_E_DENIED);
	CHECK_EQ(row_of(id).state, FILING_DRAFT);
	done();
}

struct approving {
	const char *id;
	struct filing_approval approval;
	unsigned left;
};

static ward_err approve(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct approving *approving = context;

	return filing_approve_within(filing, tx, &editor, ward_str_from(approving->id),
			&approving->approval, &approving->left, failure);
}

static ward_err approved(const char *id, const char *person, const char *second)
{
	struct approving approving = { id,
		{ ward_str_from(person), WARD_STR("seen"), row_of(id).draft_sha256,
				ward_str_from(second) },
		9 };

	return store_write(store, approve, &approving, &error);
}

static bool keep(ward_str job, const char *text, const char *was, char id[ID_TEXT_MAX])
{
	struct filing_draft_new wanted = { .reference = WARD_STR("job:one"),
		.draft = ward_str_from(text),
		.job = job,
		.was_sha256 = ward_str_from(was) };
	bool made;

	return filing_draft_keep(filing, &editor, &wanted, id, &made, &error) == WARD_OK;
}

/* A decision that asks for a report and names none. */
static bool asked(struct deciding *deciding, const char *authority)
{
	static char parameters[100];

	snprintf(parameters, sizeof(parameters), "{\"authority\":\"%s\",\"incident\":\"one\"}",
			authority);
	*deciding = (struct deciding){ .parameters = parameters };
	return store_write(store, decide, deciding, &error) == WARD_OK;
}

static void approving_wants_a_decision_that_asks_for_a_report(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];
	unsigned left;

	CHECK(fresh());
	CHECK(asked(&deciding, "police"));
	CHECK(keep(deciding.action.job, draft("a", false), "", id));
	CHECK_EQ(approved(id, "p-anna", ""), WARD_E_DENIED);
	/* Nor by hand. */
	CHECK_EQ(filing_approve(filing, &editor, ward_str_from(id),
				 &(struct filing_approval){ .person = WARD_STR("ada") }, &left,
				 &error),
			WARD_E_DENIED);
	done();
	CHECK(fresh());
	CHECK(asked(&deciding, "ncmec"));
	CHECK(keep(deciding.action.job, draft("a", false), "", id));
	CHECK_EQ(approved(id, "p-anna", ""), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_APPROVED);
	CHECK(ward_str_eq(row_of(id).action, deciding.action.id));
	done();
	/* One of no job is approved where it was made. */
	CHECK(fresh());
	CHECK(put(draft("a", false), id));
	CHECK_EQ(approved(id, "p-anna", ""), WARD_E_DENIED);
	done();
}

static void an_escalated_report_of_a_job_wants_another_person(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(asked(&deciding, "ncmec"));
	CHECK(keep(deciding.action.job, draft("a", true), "", id));
	CHECK_EQ(approved(id, "p-anna", "p-anna"), WARD_E_DENIED);
	CHECK_EQ(approved(id, "p-anna", ""), WARD_E_DENIED);
	CHECK_EQ(row_of(id).approvals, 0);
	CHECK_EQ(approved(id, "p-anna", "p-bert"), WARD_OK);
	CHECK_EQ(row_of(id).approvals, 2);
	CHECK_EQ(row_of(id).state, FILING_APPROVED);
	done();
}

static void a_draft_is_changed_from_what_was_looked_at_and_stays_its_jobs(void)
{
	char id[ID_TEXT_MAX], first[65];

	CHECK(fresh());
	CHECK(keep(WARD_STR("job-1"), draft("a", false), "", id));
	snprintf(first, sizeof(first), "%.*s", WARD_FMT(row_of(id).draft_sha256));
	CHECK(keep(WARD_STR("job-1"), draft("b", false), first, id));
	CHECK(!keep(WARD_STR("job-1"), draft("c", false), first, id));
	CHECK_EQ(error.code, WARD_E_CONFLICT);
	CHECK(!keep(WARD_STR("job-2"), draft("d", false), "", id));
	CHECK_EQ(error.code, WARD_E_CONFLICT);
	CHECK(ward_str_eq(row_of(id).job, WARD_STR("job-1")));
	done();
}

static void an_action_takes_no_report_of_another_job(void)
{
	struct deciding deciding;
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(keep(WARD_STR("job-1"), draft("a", false), "", id));
	CHECK(decided(&deciding, id, false));
	CHECK_EQ(filing_take(filing, &deciding.action, &error), WARD_E_DENIED);
	CHECK_EQ(row_of(id).state, FILING_DRAFT);
	done();
}

struct looking {
	struct filing_question question;
	ward_str id;
	size_t count;
	ward_err seen;
};

static ward_err look(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct looking *looking = context;
	struct filing_row *rows, row;
	struct ward_error own;

	looking->question.rows_max = 10;
	looking->seen = filing_see(tx, &looking->question, looking->id, &arena, &row, &own);
	return filing_find_rows(tx, &looking->question, &arena, &rows, &looking->count, failure);
}

/* How many anna's question finds, and whether she sees this one. */
static size_t found(struct filing_question question, const char *id, bool sees)
{
	struct looking looking = { .question = question, .id = ward_str_from(id) };

	if (store_write(store, look, &looking, &error) != WARD_OK)
		return 99;
	return looking.seen == (sees ? WARD_OK : WARD_E_NOT_FOUND) ? looking.count : 98;
}

static ward_err change(void *sql, struct store_tx *tx, struct ward_error *failure)
{
	return store_run(tx, sql, STORE_NO_VALUES, NULL, failure);
}

static void a_report_is_seen_by_who_may_see_its_job(void)
{
	struct filing_question anyone = { .viewer = anna.person };
	struct filing_question drafts = { .viewer = anna.person,
		.has_state = true,
		.state = FILING_DRAFT };
	struct filing_question done_ones = { .viewer = anna.person,
		.has_state = true,
		.state = FILING_FINISHED };
	struct filing_question alerts = { .viewer = anna.person, .alerts = true };
	struct filing_question labels = { .viewer = bert.person, .labels = true };
	char hide[] = "UPDATE desk_queues SET everyone = 0";
	char show[] = "UPDATE desk_queues SET everyone = 1";
	char blind[] = "UPDATE desk_jobs SET state = 'open', waits = 'second'";
	struct deciding deciding;
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(asked(&deciding, "ncmec"));
	CHECK(keep(deciding.action.job, draft("a", false), "", id));
	CHECK(put(draft("b", false), other));
	CHECK_EQ(found(anyone, id, true), 2);
	CHECK_EQ(found(drafts, id, true), 2);
	CHECK_EQ(found(done_ones, id, true), 0);
	CHECK_EQ(found(alerts, id, true), 0);
	drafts.job = deciding.action.job;
	CHECK_EQ(found(drafts, id, true), 1);
	drafts.before = ward_str_from(id);
	CHECK_EQ(found(drafts, id, true), 0);
	/* What is of no job was made by hand. */
	CHECK_EQ(store_write(store, change, hide, &error), WARD_OK);
	CHECK_EQ(found(anyone, id, false), 1);
	CHECK_EQ(found(anyone, other, true), 1);
	/* Who labels a second time, blindly, does not learn that it is reported. */
	CHECK_EQ(store_write(store, change, show, &error), WARD_OK);
	CHECK_EQ(store_write(store, change, blind, &error), WARD_OK);
	CHECK_EQ(found(labels, id, false), 1);
	anyone.labels = true;
	CHECK_EQ(found(anyone, id, true), 2);
	done();
}

/* Who sends files of a folder has none of the vault's, and the other way round. */
static void who_sends_for_jobs_leaves_what_was_made_by_hand(void)
{
	struct filing_options options = { .store = NULL, .share = FILING_OF_JOBS };
	struct filing_approval ada = { TEXT("ada"), TEXT(""), TEXT(""), TEXT("") };
	struct filing *jobs;
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];
	unsigned left;

	CHECK(fresh());
	options.store = store;
	CHECK_EQ(filing_new(&options, &jobs, &error), WARD_OK);
	CHECK(put(draft("a", false), id));
	CHECK_EQ(filing_approve(filing, &editor, ward_str_from(id), &ada, &left, &error), WARD_OK);
	CHECK_EQ(filing_due(jobs, due, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(filing_due(filing, due, &error), WARD_OK);
	filing_free(jobs);
	done();
}

static const struct test_case cases[] = {
	{ "a decision lets a report go, once", a_decision_lets_a_report_go_once },
	{ "a draft that was changed behind the decision stays",
			a_draft_that_was_changed_behind_the_decision_stays },
	{ "an escalated report wants what two persons decided",
			an_escalated_report_wants_what_two_persons_decided },
	{ "persons that a caller makes up do not count",
			persons_that_a_caller_makes_up_do_not_count },
	{ "an action for another authority lets nothing go",
			an_action_for_another_authority_lets_nothing_go },
	{ "approving wants a decision that asks for a report",
			approving_wants_a_decision_that_asks_for_a_report },
	{ "an escalated report of a job wants another person",
			an_escalated_report_of_a_job_wants_another_person },
	{ "a draft is changed from what was looked at, and stays its job's",
			a_draft_is_changed_from_what_was_looked_at_and_stays_its_jobs },
	{ "an action takes no report of another job", an_action_takes_no_report_of_another_job },
	{ "a report is seen by who may see its job", a_report_is_seen_by_who_may_see_its_job },
	{ "who sends for jobs leaves what was made by hand",
			who_sends_for_jobs_leaves_what_was_made_by_hand },
};
TEST_MAIN(cases)
