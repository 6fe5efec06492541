/*
 * Numbers of rows that are read once for all of them, against the plain way: a question of its own
 * for each metric and each split, as whoever reads the definitions would ask it.  Over desks that
 * chance has made, with all that makes such numbers wrong: words that are undone, second looks,
 * escalations, items that are alike, jobs of many reports, clocks that go back.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock_fake.h"
#include "base/test.h"
#include "desk/desk_test.h"
#include "measure/count.h"
#include "measure/splits.h"

/* 2027-03-10 */
#define DAY   (INT64_C(20887))
#define START (DAY * MEASURE_DAY_S)

struct plain_way {
	const struct measure_split *split;
	const char *column;
};

struct plain {
	const char *id;
	enum measure_kind kind;
	const char *at, *value, *of, *source;
	struct plain_way ways[MEASURE_SPLITS_OF_ONE];
};

/* ---- what the sources share ---- */

#define WITHIN(time) time " >= $1 AND " time " < $2 "

/* It stands, and it judges: who escalates leaves that to others. */
#define STANDS(d) d ".undone_at IS NULL AND " d ".outcome <> 'escalate' "

/* The last word on its job; a job that is open has none yet. */
#define LAST_WORD(d, later)                                                               \
	STANDS(d)                                                                         \
	"AND NOT EXISTS (SELECT 1 FROM desk_decisions " later " WHERE " later ".job = " d \
	".job AND " STANDS(later) "AND (" later ".at, " later ".id) > (" d ".at, " d ".id)) "

#define DECIDED                                                               \
	"FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job AND j.state " \
	"<> 'open' "

#define DECIDED_ITEMS                                    \
	DECIDED "JOIN desk_job_items w ON w.job = j.id " \
		"JOIN intake_items i ON i.id = w.item "

/*
 * (An item is in one job.)  The first of those rows in which an item, or one that `same` says is
 * the same, was judged a violation: so each is counted once, whatever the period.
 */
#define JUDGED_FIRST(same)                                                                     \
	"AND NOT EXISTS (SELECT 1 FROM intake_items o "                                        \
	"JOIN desk_job_items ow ON ow.item = o.id "                                            \
	"JOIN desk_jobs oj ON oj.id = ow.job AND oj.state <> 'open' "                          \
	"JOIN desk_decisions od ON od.job = oj.id AND od.outcome = 'violation' "               \
	"WHERE " same                                                                          \
	" AND o.id <> i.id AND (od.at, od.id, o.id) < (d.at, d.id, i.id) AND " LAST_WORD("od", \
			"ol") ") "

/* The first word on a job, undone or not. */
#define ANY(d)    ""
#define JUDGES(d) "AND " d ".outcome <> 'escalate' "
#define FIRST_WORD(which)                                                                         \
	"FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job WHERE " WITHIN(                   \
			"d.at") "AND "                                                            \
				"d.pass > 0 " which(                                              \
						"d") "AND NOT EXISTS (SELECT 1 FROM "             \
						     "desk_decisions e "                          \
						     "WHERE e.job = d.job AND e.pass > 0 " which( \
								     "e") "AND (e.at, e.id) < "   \
									  "(d.at, d.id)) "

#define CHANNEL_OF_JOB                                                                          \
	"(SELECT r.channel FROM desk_job_reports jr JOIN intake_reports r ON r.id = jr.report " \
	"WHERE jr.job = j.id ORDER BY jr.at, jr.report LIMIT 1)"

/* Those that are here, and what is left of those that ended: they were filed all the same. */
#define FILINGS                                                                                \
	"FROM (SELECT action, job, environment, state, authority, approved_at, finished_at, "  \
	"(SELECT COUNT(*) FROM filing_files WHERE filing = filings.id) AS files FROM filings " \
	"UNION ALL SELECT action, job, environment, state, authority, approved_at, "           \
	"finished_at, files FROM filing_destructions) f "                                      \
	"LEFT JOIN desk_actions a ON a.id = f.action "                                         \
	"LEFT JOIN desk_decisions d ON d.id = a.decision "                                     \
	"LEFT JOIN desk_jobs j ON j.id = COALESCE(a.job, f.job) "                              \
	"WHERE f.environment = 'production' AND " WITHIN("f.finished_at")
#define FINISHED FILINGS "AND f.state = 'finished' "
#define SENT     FILINGS "AND f.state IN ('sent', 'acknowledged') "

/* A person's day is named by its number. */
#define EXPOSURE_AT "x.day * 86400"
#define EXPOSURE    "FROM exposure_days x WHERE x.day * 86400 >= $1 AND x.day * 86400 < $2"

#define COUNT          "COUNT(*)"
#define IF(what)       "CASE WHEN " what " THEN 1 ELSE 0 END"
#define HOW_MANY(what) "SUM(" IF(what) ")"
#define URGENT         "CASE WHEN j.urgent = 1 THEN 'yes' ELSE 'no' END"

/* clang-format off */
static const struct plain plains[] = {
	/* ---- what comes in ---- */
	{ .id = "reports_received",

	  .at = "r.at", .value = COUNT, .source = "FROM intake_reports r WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_urgency, "CASE r.urgency WHEN 2 THEN 'now' WHEN 1 THEN 'soon' ELSE 'any' END" },
		    { &measure_by_reporter, "r.reporter" }, { &measure_by_country, "r.jurisdiction" } } },
	{ .id = "report_items",

	  .at = "r.at", .value = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_kind, "i.kind" } } },
	{ .id = "reports_anonymous",
	  .kind = MEASURE_SHARE,
	  .at = "r.at", .value = HOW_MANY("r.contact IS NULL"), .of = COUNT,
	  .source = "FROM intake_reports r WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" } } },
	{ .id = "duplicate_rate",
	  .kind = MEASURE_SHARE,
	  .at = "r.at", .value = HOW_MANY("i.alike <> ''"), .of = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_kind, "i.kind" } } },
	{ .id = "own_initiative",

	  .at = "r.at", .value = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report AND r.channel = 'scan' WHERE "
		    WITHIN("r.at"),
	  .ways = { { &measure_by_kind, "i.kind" } } },
	/* ---- what people make of it ---- */
	{ .id = "reports_assessed",

	  .at = "d.at", .value = COUNT,
	  .source = DECIDED "JOIN desk_job_reports w ON w.job = j.id JOIN intake_reports r ON r.id = w.report "
		    "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "decisions",

	  .at = "d.at", .value = COUNT,
	  .source = "FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job WHERE " WITHIN("d.at")
		    "AND d.undone_at IS NULL ",
	  .ways = { { &measure_by_outcome, "d.outcome" }, { &measure_by_queue, "j.queue" },
		    { &measure_by_policy, "d.policy" } } },
	{ .id = "items_actionable",

	  .at = "d.at", .value = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND " LAST_WORD("d", "l")
		    JUDGED_FIRST("o.first = i.first"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_policy, "d.policy" },
		    { &measure_by_severity, "d.labels" }, { &measure_by_age, "d.labels" },
		    { &measure_by_sex, "d.labels" }, { &measure_by_made, "d.labels" } } },
	{ .id = "new_unique_images",

	  .at = "d.at", .value = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND i.kind = 'media' "
		    "AND i.sha256 IS NOT NULL AND " LAST_WORD("d", "l") JUDGED_FIRST("o.sha256 = i.sha256"),
	  .ways = { { &measure_by_severity, "d.labels" }, { &measure_by_age, "d.labels" },
		    { &measure_by_sex, "d.labels" } } },
	{ .id = "actionable_rate",
	  .kind = MEASURE_SHARE,
	  .at = "d.at", .value = HOW_MANY("d.outcome = 'violation'"), .of = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "previously_seen",
	  .kind = MEASURE_SHARE,
	  .at = "d.at", .value = HOW_MANY("j.known_decision IS NOT NULL"), .of = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "time_to_triage",
	  .kind = MEASURE_TIME,
	  .at = "d.at",
	  .value = "CASE WHEN d.at - d.seconds > j.created_at THEN d.at - d.seconds - j.created_at ELSE 0 END",
	  .source = FIRST_WORD(ANY),
	  .ways = { { &measure_by_queue, "j.queue" }, { &measure_by_urgent, URGENT },
		    { &measure_by_channel, CHANNEL_OF_JOB } } },
	{ .id = "time_to_assess",
	  .kind = MEASURE_TIME,
	  .at = "d.at", .value = "CASE WHEN d.at > j.created_at THEN d.at - j.created_at ELSE 0 END",
	  .source = FIRST_WORD(JUDGES),
	  .ways = { { &measure_by_queue, "j.queue" }, { &measure_by_urgent, URGENT },
		    { &measure_by_channel, CHANNEL_OF_JOB } } },
	{ .id = "inter_rater",
	  .kind = MEASURE_SHARE,
	  .at = "b.at", .value = HOW_MANY("a.outcome = b.outcome AND COALESCE(a.policy, '') = COALESCE(b.policy, '')"),
	  .of = COUNT,
	  .source = "FROM desk_decisions b JOIN desk_decisions a ON a.job = b.job AND a.pass = 1 AND "
		    STANDS("a") "JOIN desk_jobs j ON j.id = b.job WHERE " WITHIN("b.at") "AND b.pass = 2 AND "
		    STANDS("b"),
	  .ways = { { &measure_by_queue, "j.queue" } } },
	{ .id = "backlog",
	  .kind = MEASURE_LEVEL,
	  .at = "x.at", .value = "SUM(x.step)",
	  .source = "FROM (SELECT 0 AS at, 1 AS step, j.queue AS queue FROM desk_jobs j WHERE j.state = 'open' "
		    "UNION ALL SELECT j.created_at, 1, j.queue FROM desk_jobs j WHERE " WITHIN("j.created_at")
		    "UNION ALL SELECT CASE WHEN d.at > j.created_at THEN d.at ELSE j.created_at END, -1, j.queue " DECIDED
		    "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l") ") x",
	  .ways = { { &measure_by_queue, "x.queue" } } },
	{ .id = "hash_only_share",
	  .kind = MEASURE_SHARE,
	  .at = "d.at", .value = HOW_MANY("d.exposure = 'L0'"), .of = COUNT,
	  .source = "FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job WHERE " WITHIN("d.at")
		    "AND d.pass > 0 AND d.undone_at IS NULL ",
	  .ways = { { &measure_by_outcome, "d.outcome" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "complaints",
	  .kind = MEASURE_SHARE,
	  .at = "p.settled_at", .value = HOW_MANY("p.state = 'reversed'"), .of = COUNT,
	  .source = "FROM desk_appeals p JOIN desk_decisions d ON d.id = p.decision WHERE p.state <> 'open' AND "
		    WITHIN("p.settled_at"),
	  .ways = { { &measure_by_policy, "d.policy" } } },
	{ .id = "complaints_time",
	  .kind = MEASURE_TIME,
	  .at = "p.settled_at", .value = "CASE WHEN p.settled_at > p.at THEN p.settled_at - p.at ELSE 0 END",
	  .source = "FROM desk_appeals p WHERE p.state <> 'open' AND " WITHIN("p.settled_at") },
	/* ---- what follows ---- */
	{ .id = "actions_done",

	  .at = "a.due_at", .value = COUNT,
	  .source = "FROM desk_actions a WHERE a.state = 'done' AND " WITHIN("a.due_at"),
	  .ways = { { &measure_by_action, "a.kind" } } },
	{ .id = "to_ncmec",

	  .at = "f.finished_at", .value = COUNT, .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	{ .id = "ncmec_files",

	  .at = "f.finished_at", .value = "SUM(f.files)",
	  .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	{ .id = "referral_time",
	  .kind = MEASURE_TIME,
	  .at = "f.finished_at",
	  .value = "CASE WHEN f.finished_at > COALESCE(d.at, f.approved_at) "
		   "THEN f.finished_at - COALESCE(d.at, f.approved_at) ELSE 0 END",
	  .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	/* ---- what is kept ---- */
	{ .id = "evidence_sealed",

	  .at = "v.sealed_at", .value = COUNT, .source = "FROM vault_items v WHERE " WITHIN("v.sealed_at") },
	{ .id = "evidence_destroyed",

	  .at = "v.at", .value = COUNT, .source = "FROM vault_destructions v WHERE " WITHIN("v.at"),
	  .ways = { { &measure_by_method, "v.method" } } },
	{ .id = "legal_holds",

	  .at = "v.start_at", .value = COUNT, .source = "FROM vault_holds v WHERE " WITHIN("v.start_at"),
	  .ways = { { &measure_by_basis, "v.basis" }, { &measure_by_authority,
		      "CASE WHEN v.authority = 1 THEN 'yes' ELSE 'no' END" } } },
	/* ---- what it asks of people ---- */
	{ .id = "exposure_items",

	  .at = EXPOSURE_AT, .value = "SUM(x.items)", .source = EXPOSURE },
	{ .id = "exposure_severe",

	  .at = EXPOSURE_AT, .value = "SUM(x.severe)", .source = EXPOSURE },
	{ .id = "exposure_seconds",

	  .at = EXPOSURE_AT, .value = "SUM(x.seconds)", .source = EXPOSURE },
};
/* clang-format on */

/* ---- the plain way ---- */

enum { CELLS_MAX = 4000, CASES_MAX = 400 };

struct cell {
	char key[64];
	size_t span;
	int64_t value, of;
	int64_t cases[CASES_MAX];
	size_t case_count;
};

static struct cell cells[CELLS_MAX];
static size_t cell_count;

static struct cell *cell_of(ward_str key, size_t span)
{
	for (size_t i = 0; i < cell_count; i++) {
		if (cells[i].span == span && ward_str_eq(key, ward_str_from(cells[i].key)))
			return &cells[i];
	}
	if (cell_count == CELLS_MAX)
		abort();
	memset(&cells[cell_count], 0, sizeof(*cells));
	snprintf(cells[cell_count].key, sizeof(cells->key), "%.*s", WARD_FMT(key));
	cells[cell_count].span = span;
	return &cells[cell_count++];
}

static void add_to(struct cell *cell, enum measure_kind kind, int64_t value, int64_t of)
{
	cell->value += kind == MEASURE_TIME ? 1 : value;
	cell->of += of;
	if (kind == MEASURE_TIME && cell->case_count == CASES_MAX)
		abort();
	if (kind == MEASURE_TIME)
		cell->cases[cell->case_count++] = value;
}

/* Of a level: from now on backwards, by each thing that came or went. */
static void step_back(const struct measure_spans *spans, ward_str key, int64_t day, int64_t value)
{
	for (size_t span = 0; span < spans->count; span++) {
		if (day == 0)
			cell_of(key, span)->value += value;
		else if (day >= spans->start[span + 1])
			cell_of(key, span)->value -= value;
	}
}

static void ask_plainly(struct store_tx *tx, const struct plain *plain, const struct plain_way *way,
		const struct measure_spans *spans)
{
	bool level = plain->kind == MEASURE_LEVEL, time = plain->kind == MEASURE_TIME;
	struct store_rows *rows;
	char sql[8192];
	size_t span;

	cell_count = 0;
	snprintf(sql, sizeof(sql),
			time ? "SELECT (%s) / 86400, %s, %s, %s %s"
			     : "SELECT (%s) / 86400, %s, CAST(COALESCE(%s, 0) AS BIGINT), CAST(%s "
			       "AS BIGINT) %s GROUP BY 1, 2",
			plain->at, way ? way->column : "CAST('' AS TEXT)", plain->value,
			plain->of ? plain->of : "0", plain->source);
	CHECK_EQ(store_query(tx, sql,
				 STORE_VALUES(store_int(spans->start[0] * MEASURE_DAY_S),
						 store_int(level ? INT64_MAX
								 : spans->start[spans->count] * MEASURE_DAY_S)),
				 &rows, &error),
			WARD_OK);
	while (store_next(rows)) {
		ward_str column = store_get_text(rows, 1);
		ward_str key = way && way->split->key_of ? way->split->key_of(column) : column;
		int64_t day = store_get_int(rows, 0), value = store_get_int(rows, 2);

		if (way && key.len == 0)
			key = WARD_STR(MEASURE_NOT_SAID);
		if (level)
			step_back(spans, key, day, value);
		else if (measure_spans_find(spans, day, &span))
			add_to(cell_of(key, span), plain->kind, value, store_get_int(rows, 3));
	}
	CHECK_EQ(store_rows_end(rows, &error), WARD_OK);
}

/* ---- the two side by side ---- */

static int by_size(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static bool is_same(struct cell *cell, const struct measure_numbers *numbers)
{
	size_t count = cell->case_count;

	qsort(cell->cases, count, sizeof(*cell->cases), by_size);
	return numbers->value == cell->value && numbers->of == cell->of &&
	       numbers->median_s == measure_percentile(cell->cases, count, 50) &&
	       numbers->p75_s == measure_percentile(cell->cases, count, 75) &&
	       numbers->p90_s == measure_percentile(cell->cases, count, 90);
}

/* How many numbers of it are not 0; each is taken out of the plain ones. */
static size_t compare_series(const char *what, const struct measure_series *series,
		const struct measure_spans *spans)
{
	size_t told = 0;

	for (size_t span = 0; span < spans->count; span++) {
		struct cell *cell = cell_of(series->key, span);

		test_check(is_same(cell, &series->at[span]), __FILE__, __LINE__, what);
		told += cell->value != 0 || cell->of != 0;
		cell->value = cell->of = 0;
		cell->case_count = 0;
	}
	return told;
}

static size_t compare(struct store_tx *tx, const struct plain *plain, const struct plain_way *way,
		const struct measure_wanted *wanted)
{
	const struct measure_counted *counted = &wanted->counted;
	size_t told = 0;

	ask_plainly(tx, plain, way, wanted->spans);
	for (size_t i = 0; way && i < counted->count; i++)
		told += compare_series(plain->id, &counted->series[i], wanted->spans);
	if (!way)
		told = compare_series(plain->id, &counted->all, wanted->spans);
	/* No key is left over. */
	for (size_t i = 0; i < cell_count; i++)
		test_check(cells[i].value == 0 && cells[i].of == 0, __FILE__, __LINE__, plain->id);
	return told;
}

/* ---- desks made by chance ---- */

static uint32_t seed;

static unsigned chance(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

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

#define PICK(...)                                     \
	((const char *const[]){ __VA_ARGS__ }[chance( \
			sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))])

static long long some_time(void)
{
	return (long long)START + chance(120) * 86400LL + chance(3) * 20000LL + chance(7200);
}

static int reports, items, decisions;

static void add_report(struct store_tx *tx, long long at)
{
	run_sql(tx,
			"INSERT INTO intake_reports (id, at, channel, holder, reporter, urgency, "
			"jurisdiction, language, context, contact, state, state_at) VALUES ('r%d', "
			"%lld, '%s', '', '%s', %u, '%s', '', '{}', %s, 0, 0)",
			reports++, at, PICK("api", "scan", "portal"), PICK("child", "public", ""),
			chance(3), PICK("FR", "", "DE"), PICK("NULL", "'v'"));
}

/* Like an earlier one, one time of two: by what it is, or by its digest. */
static void add_item(struct store_tx *tx, int report, int place)
{
	unsigned like = items > 0 && chance(2) ? chance((unsigned)items) : (unsigned)items;
	unsigned digest = items > 0 && chance(2) ? chance((unsigned)items) : (unsigned)items;

	run_sql(tx,
			"INSERT INTO intake_items (id, report, place, kind, type, bytes, "
			"pdq_quality, first, alike, closed_at) VALUES ('i%d', 'r%d', %d, '%s', '', "
			"0, 0, 'i%u', '%s', 0)",
			items, report, place, PICK("media", "media", "url"), like,
			like == (unsigned)items ? "" : "digest");
	if (chance(4)) {
		uint8_t sha256[32] = { (uint8_t)digest, (uint8_t)(digest >> 8) };
		char id[16];

		snprintf(id, sizeof(id), "i%d", items);
		CHECK_EQ(store_run(tx, "UPDATE intake_items SET sha256 = $1 WHERE id = $2",
					 STORE_VALUES(store_blob((ward_bytes){ sha256, 32 }),
							 store_string(id)),
					 NULL, &error),
				WARD_OK);
	}
	items++;
}

static void add_decisions(struct store_tx *tx, int job, long long created)
{
	unsigned count = (const unsigned[]){ 0, 1, 1, 1, 2, 3, 5 }[chance(7)];

	for (unsigned i = 0; i < count; i++) {
		bool violation = chance(2);

		run_sql(tx,
				"INSERT INTO desk_decisions (id, job, pass, person, role, at, "
				"outcome, policy, labels, reason, exposure, seconds, undone_at) "
				"VALUES ('d%02u%d', 'j%d', %u, 'p', 'r', %lld, '%s', %s, '%s', '', "
				"'%s', %u, %s)",
				chance(100), decisions++, job, chance(4),
				created - 4000 + chance(3) * 3600 + chance(2) * 86400 * chance(40),
				violation ? "violation" : PICK("none", "escalate"),
				violation ? PICK("'harm'", "'other'") : "NULL",
				violation ? PICK("age:7-10,sex:girls", "age:0-2,iccam:baseline",
							    "made:live", "")
					  : "",
				PICK("L0", "L2"), chance(5000), PICK("NULL", "NULL", "5"));
	}
}

static void add_job(struct store_tx *tx, int job)
{
	long long created = some_time();

	run_sql(tx,
			"INSERT INTO desk_jobs (id, queue, state, waits, rank, created_at, "
			"changed_at, urgent, subject, facts, reports, known_decision, "
			"lease_until, leased_at) VALUES ('j%d', '%s', '%s', 'first', 50, %lld, 0, "
			"%u, 'x', '{}', 1, %s, 0, 0)",
			job, PICK("inbox", "other"), PICK("open", "decided", "decided", "closed"),
			created, chance(2), PICK("NULL", "'d'"));
	for (unsigned r = chance(3) + 1; r > 0; r--) {
		int report = reports;

		add_report(tx, some_time());
		run_sql(tx, "INSERT INTO desk_job_reports VALUES ('j%d', 'r%d', %u)", job, report,
				chance(2));
		for (int place = (int)chance(4); place > 0; place--) {
			run_sql(tx, "INSERT INTO desk_job_items VALUES ('j%d', 'i%d', 'r%d')", job,
					items, report);
			add_item(tx, report, place);
		}
	}
	add_decisions(tx, job, created);
}

static void add_rest(struct store_tx *tx)
{
	int number = 0;

	for (int i = 0; i < 12; i++) {
		char action[16];

		snprintf(action, sizeof(action), "'a%d'", i);
		run_sql(tx,
				"INSERT INTO desk_actions SELECT 'a%d', d.id, d.job, '%s', '{}', "
				"'%s', "
				"0, %lld, 0, '', NULL FROM desk_decisions d ORDER BY d.id LIMIT 1",
				i, PICK("report", "hold", "list"), PICK("done", "due"),
				some_time());
		run_sql(tx,
				"INSERT INTO desk_appeals SELECT 'p%d', d.id, %lld, '', '%s', "
				"NULL, "
				"%lld FROM desk_decisions d ORDER BY d.id LIMIT 1",
				i, some_time(), PICK("reversed", "upheld", "open"), some_time());
		/* A day that the person has already stays as it is. */
		run_sql(tx,
				"INSERT INTO exposure_days VALUES ('p%d', %lld, %u, 9, 2, 0, 0, "
				"0, '') ON CONFLICT DO NOTHING",
				i % 5, some_time() / 86400 + number++, chance(9));
		run_sql(tx,
				"INSERT INTO filings (id, reference, action, environment, state, "
				"turn, draft, draft_sha256, persons, report, opened_at, "
				"touched_at, tries, due_at, busy_until, after_retract, wish, "
				"alert, code, message, created_at, approved_at, finished_at, "
				"changed_at) VALUES ('f%d', 'f%d', %s, '%s', '%s', 1, '{}', '', 1, "
				"7, 0, 0, 0, 0, 0, '', '', '', 0, '', 0, %lld, %lld, 0)",
				i, i, chance(2) ? action : "NULL", PICK("production", "test"),
				PICK("finished", "failed"), some_time(), some_time());
	}
}

static void make_desk(struct store_tx *tx)
{
	reports = items = decisions = 0;
	make_policy(tx, "harm", false, 0);
	make_policy(tx, "other", false, 0);
	run_sql(tx, "INSERT INTO desk_queues VALUES ('other', 'Other', 1, 1, 900, 0, 1, '', 0)");
	for (int job = 0; job < 40; job++)
		add_job(tx, job);
	add_rest(tx);
}

/* ---- the case ---- */

/* Which plain way a table is to be compared with; not every metric has one. */
static const struct plain *plain_of(const struct measure_metric *metric)
{
	for (size_t i = 0; i < sizeof(plains) / sizeof(*plains); i++) {
		if (strcmp(plains[i].id, metric->id) == 0)
			return &plains[i];
	}
	return NULL;
}

static size_t compare_all(struct store_tx *tx, struct measure_wanted *wanted, size_t count)
{
	size_t told = 0;

	test_check(measure_count(tx, wanted, count, &arena, &error) == WARD_OK, __FILE__, __LINE__,
			error.message);
	for (size_t i = 0; i < count; i++) {
		const struct plain *plain = plain_of(wanted[i].metric);
		const struct plain_way *way = NULL;

		for (size_t w = 0; wanted[i].way && w < MEASURE_SPLITS_OF_ONE; w++) {
			if (plain->ways[w].split == wanted[i].way->split)
				way = &plain->ways[w];
		}
		told += compare(tx, plain, way, &wanted[i]);
	}
	return told;
}

static void side_by_side(struct store_tx *tx)
{
	static struct measure_wanted wanted[MEASURE_WANTED_MAX];
	struct measure_spans spans[3];
	size_t count = 0;

	make_desk(tx);
	/* Three times at once, some of which end before what there is does. */
	CHECK_EQ(measure_spans_make(MEASURE_WEEK, DAY + chance(60), DAY + 60 + chance(90), &arena,
				 &spans[0], &error),
			WARD_OK);
	CHECK_EQ(measure_spans_make(MEASURE_MONTH, DAY - 70, DAY + 400, &arena, &spans[1], &error),
			WARD_OK);
	CHECK_EQ(measure_spans_make(MEASURE_DAY, DAY + 20, DAY + 29, &arena, &spans[2], &error),
			WARD_OK);
	for (size_t i = 0; i < measure_metric_count(); i++) {
		const struct measure_metric *metric = &measure_metrics[i];

		if (!plain_of(metric))
			continue;
		const struct measure_spans *by = &spans[chance(3)];

		wanted[count] = (struct measure_wanted){ metric, NULL, by, { .count = 0 } };
		count++;
		for (size_t w = 0; w < MEASURE_SPLITS_OF_ONE && metric->ways[w].split; w++) {
			by = &spans[chance(3)];
			wanted[count] = (struct measure_wanted){ metric, &metric->ways[w], by,
				{ .count = 0 } };
			count++;
		}
	}
	CHECK(compare_all(tx, wanted, count) > 300);
}

static void counts_as_the_plain_way_does(void)
{
	for (int desk = 0; desk < 8; desk++) {
		seed = 77 + (uint32_t)desk;
		in_store(side_by_side);
	}
}

static const struct test_case cases[] = {
	{ "counts each metric and split as the plain way does", counts_as_the_plain_way_does },
};
TEST_MAIN(cases)
