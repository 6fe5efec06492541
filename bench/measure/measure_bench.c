/*
 * measure_bench JOBS - how long the numbers of so many decided jobs take
 *
 * Fills a store with JOBS reports of one picture each over a year, and with the
 * jobs and the decisions on them, as the desk leaves them.  Then times all
 * metrics of the last thirty days, by days; all of the year, by months; and the
 * page of the year, with every split and its plots.  The store is on a server when WARD_TEST_STORE
 * names one.  Prints one JSON line; times in milliseconds, medians of five.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "measure/measure.h"
#include "measure/page.h"
#include "store/store_test.h"

enum { A_WORK = 1000, TIMES = 5 };

/* 2026-01-01; a job comes each so many seconds of the year. */
#define BEGIN INT64_C(1767225600)
#define YEAR  INT64_C(31536000)

static struct ward_error error;
static struct store *store;
static unsigned jobs;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "measure_bench: %s\n", error.message);
	exit(2);
}

/* ---- filling ---- */

static ward_err add_report(struct store_tx *tx, unsigned number, int64_t at, ward_str report,
		ward_str item, struct ward_error *failure)
{
	static const char *const channels[] = { "api", "scan", "portal", "mail" };
	const uint8_t digest[32] = { (uint8_t)number, (uint8_t)(number >> 8),
		(uint8_t)(number >> 16) };
	ward_err err = store_run(tx,
			"INSERT INTO intake_reports (id, at, channel, holder, reporter, urgency, "
			"jurisdiction, language, context, state, state_at) "
			"VALUES ($1, $2, $3, '', 'public', 0, 'FR', '', '{}', 2, $2)",
			STORE_VALUES(store_text(report), store_int(at),
					store_string(channels[number % 4])),
			NULL, failure);

	if (err)
		return err;
	return store_run(tx,
			"INSERT INTO intake_items (id, report, place, kind, type, bytes, sha256, "
			"pdq_quality, first, alike, closed_at) VALUES ($1, $2, 0, 'media', "
			"'image/png', 1000, $3, 100, $1, '', $4)",
			STORE_VALUES(store_text(item), store_text(report),
					store_blob((ward_bytes){ digest, sizeof(digest) }),
					store_int(at + 1000)),
			NULL, failure);
}

static ward_err add_job(struct store_tx *tx, int64_t at, ward_str job, ward_str report,
		ward_str item, struct ward_error *failure)
{
	ward_err err = store_run(tx,
			"INSERT INTO desk_jobs (id, queue, state, waits, rank, created_at, "
			"changed_at, urgent, subject, facts, reports, lease_until, leased_at) "
			"VALUES ($1, 'inbox', 'decided', 'first', 50, $2, $2, 0, $3, '{}', 1, 0, "
			"0)",
			STORE_VALUES(store_text(job), store_int(at), store_text(item)), NULL,
			failure);

	if (!err)
		err = store_run(tx, "INSERT INTO desk_job_items VALUES ($1, $2, $3)",
				STORE_VALUES(store_text(job), store_text(item), store_text(report)),
				NULL, failure);
	return err ? err
		   : store_run(tx, "INSERT INTO desk_job_reports VALUES ($1, $2, $3)",
				     STORE_VALUES(store_text(job), store_text(report),
						     store_int(at)),
				     NULL, failure);
}

static ward_err add_decision(struct store_tx *tx, unsigned number, int64_t at, ward_str job,
		struct ward_error *failure)
{
	static const char *const labels[] = { "age:7-10,iccam:baseline", "age:11-13", "age:14-15",
		"" };
	char decision[ID_TEXT_MAX];
	bool violation = number % 3 == 0;

	return store_run(tx,
			"INSERT INTO desk_decisions (id, job, pass, person, role, at, outcome, "
			"policy, labels, reason, exposure, seconds) VALUES ($1, $2, 1, 'p-anna', "
			"'reviewer', $3, $4, $5, $6, '', 'L2', 40)",
			STORE_VALUES(store_string(id_new(decision)), store_text(job),
					store_int(at + 60 + number * 37 % 90000),
					store_string(violation ? "violation" : "none"),
					store_string(violation ? "harm" : NULL),
					store_string(violation ? labels[number / 3 % 4] : "")),
			NULL, failure);
}

static ward_err fill(void *context, struct store_tx *tx, struct ward_error *failure)
{
	unsigned from = *(const unsigned *)context;
	ward_err err = WARD_OK;

	if (from == 0)
		err = store_run(tx,
				"INSERT INTO desk_policies VALUES ('harm', NULL, 0, 'Harm', '', "
				"'', 0, 0, 1)",
				STORE_NO_VALUES, NULL, failure);
	for (unsigned i = from; i < from + A_WORK && i < jobs && !err; i++) {
		char report[ID_TEXT_MAX], item[ID_TEXT_MAX], job[ID_TEXT_MAX];
		int64_t at = BEGIN + YEAR * i / jobs;

		err = add_report(tx, i, at, ward_str_from(id_new(report)),
				ward_str_from(id_new(item)), failure);
		if (!err)
			err = add_job(tx, at, ward_str_from(id_new(job)), ward_str_from(report),
					ward_str_from(item), failure);
		if (!err)
			err = add_decision(tx, i, at, ward_str_from(job), failure);
	}
	return err;
}

/* ---- asking ---- */

static double ask(const struct measure_question *question, bool page)
{
	struct measure_answer answer;
	struct ward_arena arena;
	struct ward_buf out;
	struct store_tx *tx;
	uint64_t start = clock_ticks_us();

	ward_arena_init(&arena, MEASURE_ARENA);
	ward_buf_init(&out, 64 << 20);
	stop_on(store_read(store, &tx, &error));
	stop_on(page ? measure_page(tx, question, &arena, &out, &error)
		     : measure_ask(tx, question, &arena, &answer, &error));
	store_read_end(tx);
	ward_buf_free(&out);
	ward_arena_free(&arena);
	return (double)(clock_ticks_us() - start) / 1000;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell(const char *name, double *ms)
{
	qsort(ms, TIMES, sizeof(*ms), by_size);
	printf(",\"%s_ms\":%.1f", name, ms[TIMES / 2]);
}

static void time_all(void)
{
	/* The question that is asked when nothing is said, on the last day of the year. */
	const struct measure_question last_month = { .from = (BEGIN + YEAR) / MEASURE_DAY_S - 30,
		.to = (BEGIN + YEAR) / MEASURE_DAY_S - 1,
		.now = BEGIN + YEAR };
	const struct measure_question all_year = { .from = BEGIN / MEASURE_DAY_S,
		.to = (BEGIN + YEAR) / MEASURE_DAY_S,
		.step = MEASURE_MONTH,
		.now = BEGIN + 2 * YEAR };
	double month[TIMES], year[TIMES], page[TIMES];

	for (int i = 0; i < TIMES; i++) {
		month[i] = ask(&last_month, false);
		year[i] = ask(&all_year, false);
		page[i] = ask(&all_year, true);
	}
	tell("month", month);
	tell("year", year);
	tell("page", page);
}

int main(int argc, char **argv)
{
	uint64_t number = 0;

	if (argc != 2 || !ward_u64_parse(ward_str_from(argv[1]), &number) || number < 1 ||
			number > 10000000) {
		fprintf(stderr, "usage: measure_bench JOBS\n");
		return 2;
	}
	jobs = (unsigned)number;
	store = store_fresh();
	for (unsigned i = 0; i < jobs; i += A_WORK)
		stop_on(store_write(store, fill, &i, &error));
	printf("{\"engine\":\"%s\",\"jobs\":%u", store_fresh_on_server() ? "PostgreSQL" : "SQLite",
			jobs);
	time_all();
	printf(",\"target_year_ms\":1000}\n");
	store_free(store);
	return 0;
}
