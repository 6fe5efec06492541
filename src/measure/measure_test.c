#include <stdarg.h>
#include <stdio.h>

#include "base/clock_fake.h"
#include "base/test.h"
#include "desk/desk_test.h"
#include "measure/guard.h"
#include "measure/lists.h"
#include "measure/measure.h"
#include "measure/page.h"
#include "measure/tell.h"

/* 2027-03-10, a Wednesday; the day is over when it is asked at NOON of the next. */
#define DAY   (INT64_C(20887))
#define START (DAY * MEASURE_DAY_S)

static void run_sql(struct store_tx *tx, const char *format, ...) WARD_PRINTF(2, 3);
static void run_sql(struct store_tx *tx, const char *format, ...)
{
	char sql[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	test_check(store_run(tx, sql, STORE_NO_VALUES, NULL, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
}

static void add_report(struct store_tx *tx, const char *id, int64_t at, const char *channel,
		const char *reporter, const char *country, bool contact)
{
	run_sql(tx,
			"INSERT INTO intake_reports (id, at, channel, holder, reporter, urgency, "
			"jurisdiction, language, context, contact, state, state_at) VALUES ('%s', "
			"%lld, '%s', '', '%s', 0, '%s', '', '{}', %s, 0, %lld)",
			id, (long long)at, channel, reporter, country, contact ? "'v'" : "NULL",
			(long long)at);
}

static void add_item(struct store_tx *tx, const char *id, const char *report, int place,
		const char *kind, const char *first)
{
	run_sql(tx,
			"INSERT INTO intake_items (id, report, place, kind, type, bytes, "
			"pdq_quality, first, alike, closed_at) VALUES ('%s', '%s', %d, '%s', '', "
			"0, 0, '%s', '%s', 0)",
			id, report, place, kind, first, strcmp(id, first) ? "digest" : "");
}

/* A report with one picture, which has become a job. */
static void add_job(struct store_tx *tx, const char *id, int64_t at, const char *first,
		const char *known)
{
	char item[40], origin[40];

	snprintf(item, sizeof(item), "i-%s", id);
	snprintf(origin, sizeof(origin), "r-%s", id);
	add_report(tx, origin, at, "api", "public", "FR", false);
	add_item(tx, item, origin, 0, "media", first);
	run_sql(tx,
			"INSERT INTO desk_jobs (id, queue, state, waits, rank, created_at, "
			"changed_at, urgent, subject, facts, reports, known_decision, "
			"lease_until, leased_at) VALUES ('%s', 'inbox', 'open', 'first', 50, %lld, "
			"%lld, 0, 'item:%s', '{}', 1, %s, 0, 0)",
			id, (long long)at, (long long)at, item, known);
	run_sql(tx, "INSERT INTO desk_job_items VALUES ('%s', '%s', '%s')", id, item, origin);
	run_sql(tx, "INSERT INTO desk_job_reports VALUES ('%s', '%s', %lld)", id, origin,
			(long long)at);
}

static void add_decision(struct store_tx *tx, const char *id, const char *job, int pass, int64_t at,
		const char *outcome, const char *labels, int64_t seconds)
{
	run_sql(tx,
			"INSERT INTO desk_decisions (id, job, pass, person, role, at, outcome, "
			"policy, labels, reason, exposure, seconds) VALUES ('%s', '%s', %d, "
			"'p-anna', 'reviewer', %lld, '%s', %s, '%s', '', '%s', %lld)",
			id, job, pass, (long long)at, outcome,
			strcmp(outcome, "violation") ? "NULL" : "'harm'", labels,
			strcmp(labels, "") ? "L2" : "L0", (long long)seconds);
	if (strcmp(outcome, "escalate") != 0)
		run_sql(tx, "UPDATE desk_jobs SET state = 'decided' WHERE id = '%s'", job);
}

/* ---- asking ---- */

static struct measure_table ask_days(struct store_tx *tx, const char *metric, const char *by,
		int64_t from, int64_t to, enum measure_step step)
{
	const struct measure_question question = { .from = from,
		.to = to,
		.step = step,
		.now = clock_now() };
	struct measure_table table = { .metric = NULL };

	test_check(measure_ask_one(tx, &question, measure_metric_find(ward_str_from(metric)),
				   by ? measure_split_find(ward_str_from(by)) : NULL, &arena,
				   &table, &error) == WARD_OK,
			__FILE__, __LINE__, error.message);
	return table;
}

static struct measure_table ask(struct store_tx *tx, const char *metric, const char *by)
{
	return ask_days(tx, metric, by, DAY - 1, DAY + 1, MEASURE_DAY);
}

/* The day in the middle. */
static int64_t value(struct store_tx *tx, const char *metric)
{
	return ask(tx, metric, NULL).all.at[1].value;
}

/* -1: there is no such key; -2: it is hidden. */
static int64_t of_key(const struct measure_table *table, size_t span, const char *key)
{
	for (size_t i = 0; i < table->series_count; i++) {
		if (ward_str_eq(table->series[i].key, ward_str_from(key)))
			return table->series[i].at[span].hidden ? -2
								: table->series[i].at[span].value;
	}
	return -1;
}

/* ---- cases ---- */

static void reports(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	add_report(tx, "a", START - 1, "api", "public", "", true);
	add_report(tx, "b", START, "api", "public", "", false);
	add_report(tx, "c", START + MEASURE_DAY_S - 1, "portal", "child", "FR", false);
	add_report(tx, "d", START + MEASURE_DAY_S, "api", "public", "", false);
	add_item(tx, "b1", "b", 0, "media", "b1");
	add_item(tx, "b2", "b", 1, "url", "b2");
	add_item(tx, "c1", "c", 0, "media", "b1");
	struct measure_table table = ask(tx, "reports_received", "channel");

	CHECK_EQ(table.spans.count, 3);
	CHECK_EQ(table.all.at[0].value, 1);
	CHECK_EQ(table.all.at[1].value, 2);
	CHECK_EQ(table.all.at[2].value, 1);
	CHECK_EQ(table.series_count, 2);
	CHECK_EQ(of_key(&table, 1, "api"), 1);
	CHECK_EQ(of_key(&table, 1, "portal"), 1);
	CHECK_EQ(of_key(&table, 0, "portal"), 0);
	CHECK_EQ(value(tx, "report_items"), 3);
	table = ask(tx, "duplicate_rate", NULL);
	CHECK_EQ(table.all.at[1].value, 1);
	CHECK_EQ(table.all.at[1].of, 3);
	table = ask(tx, "reports_anonymous", NULL);
	CHECK_EQ(table.all.at[0].value, 0);
	CHECK_EQ(table.all.at[1].value, 2);
	CHECK_EQ(table.all.at[1].of, 2);
}

static void counts_what_came_in_on_its_day(void)
{
	in_store(reports);
}

static void last_word(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	make_policy(tx, "harm", false, 0);
	for (int i = 0; i < 6; i++) {
		char id[8];

		snprintf(id, sizeof(id), "j%d", i);
		add_job(tx, id, START - 3600, i == 5 ? "i-j0" : "", i == 4 ? "'d0'" : "NULL");
		run_sql(tx, "UPDATE intake_items SET first = CASE WHEN first = '' THEN id ELSE "
			    "first END");
	}
	/* A violation; one that the third person overruled; one that was undone; one reversed. */
	add_decision(tx, "d0", "j0", 1, START + 10, "violation", "age:7-10,age:3-6", 5);
	add_decision(tx, "d1", "j1", 1, START + 10, "violation", "x", 5);
	add_decision(tx, "d2", "j1", 2, START + 20, "none", "", 5);
	add_decision(tx, "d3", "j1", 3, START + 30, "none", "", 5);
	add_decision(tx, "d4", "j2", 1, START + 10, "violation", "x", 5);
	run_sql(tx, "UPDATE desk_decisions SET undone_at = 1 WHERE id = 'd4'");
	run_sql(tx, "UPDATE desk_jobs SET state = 'open' WHERE id = 'j2'");
	add_decision(tx, "d5", "j3", 1, START + 10, "escalate", "", 5);
	/* Known from before: decided anew, and the item is not a new one. */
	add_decision(tx, "d6", "j4", 1, START + 40, "violation", "x", 5);
	/* Alike with that of j0, and decided later. */
	add_decision(tx, "d7", "j5", 1, START + 50, "violation", "age:0-2", 5);
	CHECK_EQ(value(tx, "items_actionable"), 2);
	struct measure_table table = ask(tx, "actionable_rate", NULL);

	CHECK_EQ(table.all.at[1].value, 3);
	CHECK_EQ(table.all.at[1].of, 4);
	table = ask(tx, "previously_seen", NULL);
	CHECK_EQ(table.all.at[1].value, 1);
	CHECK_EQ(table.all.at[1].of, 3);
	CHECK_EQ(value(tx, "reports_assessed"), 4);
	CHECK_EQ(value(tx, "decisions"), 7);
	table = ask(tx, "inter_rater", NULL);
	CHECK_EQ(table.all.at[1].value, 0);
	CHECK_EQ(table.all.at[1].of, 1);
	table = ask(tx, "hash_only_share", NULL);
	CHECK_EQ(table.all.at[1].value, 3);
	CHECK_EQ(table.all.at[1].of, 7);
	/* Six came in the day before; four have their last word. */
	table = ask(tx, "backlog", "queue");
	CHECK_EQ(table.all.at[0].value, 6);
	CHECK_EQ(table.all.at[1].value, 2);
	CHECK_EQ(table.all.at[2].value, 2);
	CHECK_EQ(of_key(&table, 2, "inbox"), 2);
}

static void counts_an_item_once_by_the_last_word_on_it(void)
{
	in_store(last_word);
}

/* What was before the first day is in a level from its beginning on. */
static void level(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	add_job(tx, "old", START - 100 * MEASURE_DAY_S, "i-old", "NULL");
	struct measure_table table = ask(tx, "backlog", NULL);

	CHECK_EQ(table.all.at[0].value, 1);
	CHECK_EQ(table.all.at[2].value, 1);
}

static void carries_a_backlog_on(void)
{
	in_store(level);
}

static void times(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	make_policy(tx, "harm", false, 0);
	for (int i = 1; i <= 20; i++) {
		char job[16], decision[16];

		snprintf(job, sizeof(job), "j%d", i);
		snprintf(decision, sizeof(decision), "d%d", i);
		add_job(tx, job, START, "i-x", "NULL");
		/* Waits 100 i seconds, and is looked at for 40. */
		add_decision(tx, decision, job, 1, START + 100 * i + 40, "none", "", 40);
	}
	/* A second word on one of them changes nothing. */
	add_decision(tx, "e1", "j20", 2, START + 90000, "none", "", 40);
	struct measure_table table = ask(tx, "time_to_assess", "queue");

	CHECK_EQ(table.all.at[1].value, 20);
	CHECK_EQ(table.all.at[1].median_s, 1040);
	CHECK_EQ(table.all.at[1].p75_s, 1540);
	CHECK_EQ(table.all.at[1].p90_s, 1840);
	CHECK_EQ(of_key(&table, 1, "inbox"), 20);
	CHECK_EQ(table.series[0].at[1].p90_s, 1840);
	CHECK_EQ(table.all.at[2].value, 0);
	table = ask(tx, "time_to_triage", "channel");
	CHECK_EQ(table.all.at[1].median_s, 1000);
	CHECK_EQ(of_key(&table, 1, "api"), 20);
}

static void tells_median_and_tails_exactly(void)
{
	in_store(times);
}

/* By the desk's own hands, so that the tables are as it leaves them. */
static void journey(struct store_tx *tx)
{
	char job[ID_TEXT_MAX], decision[ID_TEXT_MAX];

	clock_fake_set(START + 100);
	make_policy(tx, "harm", false, 0);
	add_report(tx, "r", START + 100, "portal", "public", "", false);
	struct desk_received received = arrive(tx, "a", "", 50, false);

	run_sql(tx, "UPDATE desk_job_reports SET report = 'r'");
	CHECK_EQ(value(tx, "backlog"), 1);
	clock_fake_pass(50);
	CHECK_EQ(take(tx, &anna, job), WARD_OK);
	clock_fake_pass(25);
	struct desk_asked asked = violation(job, "harm");

	CHECK_EQ(desk_decide(tx, &anna, &asked, decision, &error), WARD_OK);
	struct measure_table table = ask(tx, "time_to_triage", "channel");

	CHECK_STR(received.job, job);
	CHECK_EQ(of_key(&table, 1, "portal"), 1);
	CHECK_EQ(table.all.at[1].median_s, 50);
	CHECK_EQ(ask(tx, "time_to_assess", NULL).all.at[1].median_s, 75);
	CHECK_EQ(value(tx, "reports_assessed"), 1);
	CHECK_EQ(value(tx, "backlog"), 0);
	CHECK_EQ(desk_undo(tx, &anna, ward_str_from(decision), WARD_STR("a slip"), &error),
			WARD_OK);
	CHECK_EQ(value(tx, "reports_assessed"), 0);
	CHECK_EQ(value(tx, "backlog"), 1);
}

static void follows_the_desk(void)
{
	in_store(journey);
}

static void add_filing(struct store_tx *tx, const char *id, const char *action,
		const char *environment, const char *state, int64_t finished_at)
{
	run_sql(tx,
			"INSERT INTO filings (id, reference, action, environment, state, turn, "
			"draft, "
			"draft_sha256, persons, report, opened_at, touched_at, tries, due_at, "
			"busy_until, after_retract, wish, alert, code, message, created_at, "
			"approved_at, finished_at, changed_at) VALUES ('%s', '%s', %s, '%s', '%s', "
			"1, "
			"'{}', '', 1, 7, 0, 0, 0, 0, 0, '', '', '', 0, '', 0, %lld, %lld, 0)",
			id, id, action, environment, state, (long long)finished_at - 50,
			(long long)finished_at);
	run_sql(tx, "INSERT INTO filing_files VALUES ('%s', 0, 'v', 'told', 1, '', '', 0, 0)", id);
}

static void what_left(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	make_policy(tx, "harm", false, 0);
	add_job(tx, "j", START, "i-j", "NULL");
	add_decision(tx, "d", "j", 1, START + 100, "violation", "", 5);
	run_sql(tx, "UPDATE desk_jobs SET urgent = 1");
	run_sql(tx,
			"INSERT INTO desk_actions VALUES ('a', 'd', 'j', 'report', '{}', 'done', "
			"%lld, "
			"%lld, 1, '', NULL)",
			(long long)START + 100, (long long)START + 130);
	run_sql(tx,
			"INSERT INTO desk_actions VALUES ('b', 'd', 'j', 'hold', '{}', 'due', "
			"%lld, "
			"%lld, 0, '', NULL)",
			(long long)START + 100, (long long)START + 130);
	add_filing(tx, "f1", "'a'", "production", "finished", START + 700);
	add_filing(tx, "f2", "NULL", "production", "finished", START + 800);
	add_filing(tx, "f3", "NULL", "test", "finished", START + 800);
	add_filing(tx, "f4", "NULL", "production", "retracted", START + 800);
	add_filing(tx, "f5", "NULL", "production", "sent", START + 900);
	run_sql(tx, "UPDATE filings SET authority = 'nca' WHERE id = 'f5'");
	/* What ended was filed, and counts for its day. */
	run_sql(tx,
			"INSERT INTO filing_destructions VALUES ('f6', 'ncmec', 'production', "
			"'finished', 7, '', '', 'a', NULL, 3, %lld, %lld, 'b', %lld)",
			(long long)START + 600, (long long)START + 700, (long long)START + 9000);
	struct measure_table table = ask(tx, "to_authorities", "recipient");

	CHECK_EQ(table.all.at[1].value, 1);
	CHECK_EQ(of_key(&table, 1, "nca"), 1);
	CHECK_EQ(value(tx, "to_ncmec"), 3);
	CHECK_EQ(value(tx, "ncmec_files"), 5);
	run_sql(tx, "DELETE FROM filing_destructions WHERE id = 'f6'%s", "");
	table = ask(tx, "to_ncmec", "urgent");

	CHECK_EQ(table.all.at[1].value, 2);
	CHECK_EQ(of_key(&table, 1, "yes"), 1);
	CHECK_EQ(of_key(&table, 1, "no"), 1);
	CHECK_EQ(value(tx, "ncmec_files"), 2);
	/* From the decision, and from the approval by hand. */
	table = ask(tx, "referral_time", NULL);
	CHECK_EQ(table.all.at[1].median_s, 50);
	CHECK_EQ(table.all.at[1].p90_s, 600);
	table = ask(tx, "actions_done", "action");
	CHECK_EQ(table.all.at[1].value, 1);
	CHECK_EQ(of_key(&table, 1, "report"), 1);
	run_sql(tx,
			"INSERT INTO desk_appeals VALUES ('p', 'd', %lld, '', 'reversed', "
			"'p-cleo', "
			"%lld)",
			(long long)START, (long long)START + 40);
	run_sql(tx, "INSERT INTO desk_appeals VALUES ('q', 'd', %lld, '', 'open', NULL, NULL)",
			(long long)START);
	table = ask(tx, "complaints", NULL);
	CHECK_EQ(table.all.at[1].value, 1);
	CHECK_EQ(table.all.at[1].of, 1);
	CHECK_EQ(ask(tx, "complaints_time", NULL).all.at[1].median_s, 40);
}

static void counts_what_left_the_house(void)
{
	in_store(what_left);
}

static void list_sizes(struct store_tx *tx)
{
	const struct measure_list_size two[] = { { WARD_STR("own"), 10 },
		{ WARD_STR("partner"), 7 } };
	const struct measure_list_size one[] = { { WARD_STR("own"), 12 } };
	bool changed;

	clock_fake_set(START + 2 * MEASURE_DAY_S);
	CHECK_EQ(measure_lists_changed(tx, two, 2, &changed, &error), WARD_OK);
	CHECK(changed);
	CHECK_EQ(measure_lists_note(tx, two, 2, START - 5 * MEASURE_DAY_S, &error), WARD_OK);
	CHECK_EQ(measure_lists_changed(tx, two, 2, &changed, &error), WARD_OK);
	CHECK(!changed);
	CHECK_EQ(measure_lists_changed(tx, one, 1, &changed, &error), WARD_OK);
	CHECK(changed);
	CHECK_EQ(measure_lists_note(tx, one, 1, START + 5, &error), WARD_OK);
	struct measure_table table = ask(tx, "list_entries", "list");

	CHECK_EQ(table.all.at[0].value, 17);
	CHECK_EQ(of_key(&table, 0, "partner"), 7);
	/* One grew, and one is gone. */
	CHECK_EQ(table.all.at[1].value, 12);
	CHECK_EQ(of_key(&table, 1, "own"), 12);
	CHECK_EQ(of_key(&table, 2, "partner"), 0);
}

static void carries_the_sizes_of_lists_on(void)
{
	in_store(list_sizes);
}

static void on_lists(struct store_tx *tx)
{
	static const char *const named[] = { "{\"list\":\"own\"}",
		"{\"list\":\"Somebody Whose Name It Is\"}", "{\"list\":\"own\"}" };

	clock_fake_set(START + 2 * MEASURE_DAY_S);
	make_policy(tx, "harm", false, 0);
	add_job(tx, "j", START, "i-j", "NULL");
	add_decision(tx, "d", "j", 1, START + 100, "violation", "", 5);
	for (int i = 0; i < 3; i++)
		run_sql(tx,
				"INSERT INTO desk_actions VALUES ('a%d', 'd', 'j', 'list', '%s', "
				"'done', 0, %lld, 0, '', NULL)",
				i, named[i], (long long)START);
	struct measure_table table = ask(tx, "list_additions", "to");

	CHECK_EQ(table.all.at[1].value, 3);
	CHECK_EQ(of_key(&table, 1, "own"), 2);
	/* What a person typed is told to nobody. */
	CHECK_EQ(of_key(&table, 1, MEASURE_NOT_SAID), 1);
	CHECK_EQ(table.series_count, 2);
	run_sql(tx, "INSERT INTO desk_appeals VALUES ('p', 'd', %lld, '', 'upheld', NULL, %lld)",
			(long long)START - MEASURE_DAY_S, (long long)START + 40);
	run_sql(tx, "INSERT INTO desk_appeals VALUES ('q', 'd', %lld, '', 'open', NULL, NULL)",
			(long long)START);
	CHECK_EQ(ask(tx, "complaints_received", "policy").all.at[1].value, 1);
	table = ask(tx, "complaints_open", NULL);
	CHECK_EQ(table.all.at[0].value, 1);
	CHECK_EQ(table.all.at[1].value, 1);
	/* By an API, not by scanning: then by scanning. */
	CHECK_EQ(ask(tx, "classifier_precision", NULL).all.at[1].of, 0);
	run_sql(tx, "UPDATE intake_reports SET channel = 'scan'");
	CHECK_EQ(ask(tx, "classifier_precision", NULL).all.at[1].of, 1);
	CHECK_EQ(ask(tx, "classifier_precision", NULL).all.at[1].value, 1);
}

static void counts_on_lists_and_what_waits(void)
{
	in_store(on_lists);
}

/* ---- what is hidden ---- */

static void add_children(struct store_tx *tx, int64_t at, const char *label, int count)
{
	static int number;

	for (int i = 0; i < count; i++) {
		char job[16], item[20], decision[16];

		snprintf(job, sizeof(job), "c%d", number);
		snprintf(item, sizeof(item), "i-c%d", number);
		snprintf(decision, sizeof(decision), "e%d", number++);
		add_job(tx, job, at, item, "NULL");
		add_decision(tx, decision, job, 1, at + 60, "violation", label, 5);
	}
}

/* 2026-02-10 and 2026-05-10. */
#define FEBRUARY (INT64_C(20494) * MEASURE_DAY_S)
#define MAY      (INT64_C(20583) * MEASURE_DAY_S)

static void bands(struct store_tx *tx)
{
	clock_fake_set(START);
	make_policy(tx, "harm", false, 0);
	add_children(tx, FEBRUARY, "age:7-10,age:11-13", 3);
	add_children(tx, FEBRUARY, "age:14-15", 9);
	add_children(tx, MAY, "age:7-10", 6);
	add_children(tx, MAY, "other:x", 7);
	struct measure_table months = ask_days(tx, "items_actionable", "age",
			FEBRUARY / MEASURE_DAY_S, DAY, MEASURE_DAY);
	struct measure_table years = ask_days(tx, "items_actionable", "age",
			FEBRUARY / MEASURE_DAY_S, DAY, MEASURE_YEAR);

	/* From February 2026 to February 2027, which is over; March is not. */
	CHECK(months.guarded && months.step == MEASURE_MONTH);
	CHECK_EQ(months.spans.count, 13);
	CHECK_EQ(months.series_count, 7);
	CHECK_EQ(months.all.at[0].value, 12);
	CHECK_EQ(of_key(&months, 0, "7-10"), -2);
	CHECK_EQ(of_key(&months, 0, "14-15"), -2);
	CHECK_EQ(of_key(&months, 0, "0-2"), -2);
	CHECK_EQ(of_key(&months, 3, "7-10"), 6);
	CHECK_EQ(of_key(&months, 3, MEASURE_NOT_SAID), 7);
	CHECK_EQ(of_key(&months, 3, "0-2"), 0);
	/* The year is May, which is known, and February: so February's 3 shows nowhere. */
	CHECK_EQ(years.spans.count, 1);
	CHECK_EQ(years.all.at[0].value, 25);
	CHECK_EQ(of_key(&years, 0, "7-10"), -2);
	CHECK_EQ(of_key(&years, 0, "14-15"), -2);
	/* Behind it all, more of the same: then the sum of two hidden months is told. */
	add_children(tx, FEBRUARY + 31 * MEASURE_DAY_S, "age:7-10", 4);
	add_children(tx, FEBRUARY + 31 * MEASURE_DAY_S, "age:14-15", 2);
	years = ask_days(tx, "items_actionable", "age", FEBRUARY / MEASURE_DAY_S, DAY,
			MEASURE_YEAR);
	CHECK_EQ(of_key(&years, 0, "7-10"), 13);
	CHECK_EQ(of_key(&years, 0, "14-15"), 11);
}

static void tells_of_children_by_bands_under_18(void)
{
	in_store(bands);
}

static void unguarded(struct store_tx *tx)
{
	clock_fake_set(START + 2 * MEASURE_DAY_S);
	add_report(tx, "b", START, "api", "child", "FR", false);
	/* A question by days is answered by months that are over: of March nothing is told. */
	struct measure_table table = ask(tx, "reports_received", "reporter");

	CHECK(table.guarded);
	CHECK_EQ(table.spans.count, 0);
	clock_fake_set(START + 40 * MEASURE_DAY_S);
	table = ask(tx, "reports_received", "country");
	CHECK_EQ(table.spans.count, 1);
	CHECK_EQ(table.spans.start[1] - table.spans.start[0], 31);
	CHECK_EQ(of_key(&table, 0, "FR"), -2);
	CHECK_EQ(of_key(&table, 0, MEASURE_NOT_SAID), -2);
}

static void tells_of_reporters_in_whole_months_alone(void)
{
	in_store(unguarded);
}

static void staff(struct store_tx *tx)
{
	clock_fake_set(START + 40 * MEASURE_DAY_S);
	for (int i = 0; i < 5; i++) {
		run_sql(tx,
				"INSERT INTO exposure_days VALUES ('p%d', %lld, 7, 100, %d, 0, 0, "
				"0, '')",
				i, (long long)DAY, i < 2);
	}
	CHECK_EQ(ask(tx, "exposure_items", NULL).all.at[0].value, 35);
	CHECK(!ask(tx, "exposure_items", NULL).all.at[0].hidden);
	CHECK_EQ(ask(tx, "exposure_seconds", NULL).all.at[0].value, 500);
	/* Two of them saw something severe. */
	CHECK(ask(tx, "exposure_severe", NULL).all.at[0].hidden);
	CHECK_EQ(ask(tx, "exposure_severe", NULL).all.at[0].value, 0);
	CHECK_EQ(ask(tx, "exposure_items", NULL).series_count, 0);
	run_sql(tx, "DELETE FROM exposure_days WHERE person = 'p0'");
	CHECK(ask(tx, "exposure_items", NULL).all.at[0].hidden);
}

static void tells_what_colleagues_saw_when_they_are_five(void)
{
	in_store(staff);
}

/* ---- all of it ---- */

static void told(struct store_tx *tx)
{
	const struct measure_asked asked = { .from = WARD_STR("2027-03-09"),
		.to = WARD_STR("2027-03-11") };
	struct measure_question question;
	struct measure_answer answer;
	struct ward_buf out;

	clock_fake_set(START + 2 * MEASURE_DAY_S);
	make_policy(tx, "harm", false, 0);
	add_children(tx, START, "age:7-10", 3);
	CHECK_EQ(measure_question_read(&asked, clock_now(), &question, &error), WARD_OK);
	CHECK_EQ(question.from, DAY - 1);
	CHECK_EQ(measure_ask(tx, &question, &arena, &answer, &error), WARD_OK);
	CHECK_EQ(answer.table_count, measure_metric_count());
	ward_buf_init(&out, 16 << 20);
	measure_write_json(&answer, &out);
	CHECK(strstr(ward_buf_text(&out).ptr,
			"\"period\":\"2027-03-10\",\"key\":null,\"value\":3,"));
	ward_buf_clear(&out);
	measure_write_csv(&answer, &out);
	CHECK(strstr(ward_buf_text(&out).ptr, "reports_received,,day,2027-03-10,,3,,,,,,0\r\n"));
	ward_buf_clear(&out);
	measure_write_text(&answer, &out);
	CHECK(strstr(ward_buf_text(&out).ptr, "  2027-03-10  3\n"));
	ward_buf_clear(&out);
	CHECK_EQ(measure_page(tx, &question, &arena, &out, &error), WARD_OK);
	ward_str page = ward_buf_text(&out);

	CHECK(strstr(page.ptr, "<svg") && strstr(page.ptr, "</html>"));
	CHECK(!strstr(page.ptr, "<script") && !strstr(page.ptr, "p-anna"));
	ward_buf_free(&out);
}

static void answers_every_metric_in_every_form(void)
{
	in_store(told);
}

/* Each metric, split each way it can be, is a question that the engine understands. */
static void every_way(struct store_tx *tx)
{
	clock_fake_set(START + 40 * MEASURE_DAY_S);
	for (size_t i = 0; i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		CHECK(metric->definition[0] && metric->name[0] && metric->unit[0]);
		CHECK_EQ(ask(tx, metric->id, NULL).spans.count, metric->people ? 1 : 3);
		for (size_t w = 0; w < MEASURE_SPLITS_OF_ONE && metric->ways[w].split; w++) {
			const struct measure_split *split = metric->ways[w].split;

			CHECK(!split->guarded || (metric->kind == MEASURE_COUNT && split->keys));
			(void)ask(tx, metric->id, split->name);
		}
	}
}

static void asks_each_metric_in_each_way(void)
{
	in_store(every_way);
}

static ward_err read(struct measure_asked asked)
{
	struct measure_question question;

	return measure_question_read(&asked, START, &question, &error);
}

static void says_what_makes_no_sense(void)
{
	const struct measure_asked wrong[] = {
		{ .from = WARD_STR("2027-03-11"), .to = WARD_STR("2027-03-10") },
		{ .from = WARD_STR("1980-01-01"), .to = WARD_STR("2027-03-10") },
		{ .from = WARD_STR("yesterday") },
		{ .to = WARD_STR("2027-3-1") },
		{ .step = WARD_STR("hour") },
		{ .by = WARD_STR("person") },
		{ .metrics = WARD_STR("reports_received,shoes") },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK_EQ(read(wrong[i]), WARD_E_ARGUMENT);
	CHECK_EQ(read((struct measure_asked){ .by = WARD_STR("age"),
				 .step = WARD_STR("month"),
				 .metrics = WARD_STR("reports_received, backlog") }),
			WARD_OK);
}

static const struct test_case cases[] = {
	{ "counts what came in on its day", counts_what_came_in_on_its_day },
	{ "counts an item once, by the last word on it",
			counts_an_item_once_by_the_last_word_on_it },
	{ "carries a backlog on", carries_a_backlog_on },
	{ "tells median and tails exactly", tells_median_and_tails_exactly },
	{ "follows the desk, undoing included", follows_the_desk },
	{ "counts what left the house, tests of the filing left out", counts_what_left_the_house },
	{ "carries the sizes of lists on", carries_the_sizes_of_lists_on },
	{ "counts what was put on lists, and appeals that wait", counts_on_lists_and_what_waits },
	{ "tells of children by bands under 18, and hides the few",
			tells_of_children_by_bands_under_18 },
	{ "tells of reporters in whole months alone", tells_of_reporters_in_whole_months_alone },
	{ "tells what colleagues saw when they are five",
			tells_what_colleagues_saw_when_they_are_five },
	{ "answers every metric in every form", answers_every_metric_in_every_form },
	{ "asks each metric in each way", asks_each_metric_in_each_way },
	{ "says what makes no sense", says_what_makes_no_sense },
};
TEST_MAIN(cases)
