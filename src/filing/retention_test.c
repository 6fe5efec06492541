/* A report ends when its time is over, and not before, and not while somebody waits for it. */
#include "filing/handed_test.h"
#include "filing/retention.h"

#include <sys/stat.h>
#include <unistd.h>

static struct legal *legal;
static struct filing_ended ended;
static const char *workspace; /* NULL: authorities are those that are built in */

static bool begin(void)
{
	return fresh() && (legal || legal_default(&legal, &error) == WARD_OK);
}

/* As the service does it, day by day. */
static ward_err look(void)
{
	struct filing_retention retention = { legal, workspace };

	return filing_end_due(store, &retention, &ended, &error);
}

static bool looks(int days)
{
	uint64_t all = 0;

	for (int i = 0; i < days; i++) {
		clock_fake_pass(DAY);
		if (look())
			return false;
		all += ended.ended;
	}
	ended.ended = all;
	return true;
}

static bool sql(const char *text)
{
	static char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	return store_write(store, run_sql, copy, &error) == WARD_OK;
}

static bool is_there(const char *id)
{
	return row_of(id).state != FILING_STATE_COUNT;
}

/* As NCMEC's answer leaves it: with a file, a call and its receipt. */
static bool finished(char id[ID_TEXT_MAX])
{
	return approved("ncmec", id) &&
	       sql("UPDATE filings SET state = 'finished', report = 7, finished_at = 1800000000 "
		   "WHERE $1 = 0") &&
	       sql("INSERT INTO filing_files SELECT id, 0, 'item-9', 'told', 1, '', '', 0, 0 FROM "
		   "filings WHERE $1 = 0") &&
	       sql("INSERT INTO filing_calls (filing, number, call, begun_at, ended_at, outcome, "
		   "status, code, request_id) SELECT id, 1, 'finish', 1, 2, 'answered', 200, 0, '' "
		   "FROM filings WHERE $1 = 0");
}

struct holding {
	const char *item;
	bool authority;
	int64_t until;
};

static ward_err hold(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct holding *holding = context;
	ward_bytes none = { (const uint8_t *)"x", 1 };
	ward_err err = store_run(tx,
			"INSERT INTO vault_items (id, kind, origin, bytes, md5, sha1, sha256, "
			"sealed_bytes, sealed_sha256, sealed_at, keep_until, destroyed_at) VALUES "
			"($1, 'a', 'b', 1, $2, $3, $4, 1, $5, 0, 0, 0)",
			STORE_VALUES(store_string(holding->item), store_blob(none),
					store_blob(none), store_blob(none), store_blob(none)),
			NULL, failure);

	return err ? err
		   : store_run(tx,
				     "INSERT INTO vault_holds (id, item, basis, reference, "
				     "authority, "
				     "start_at, end_at, renewals, released_at) VALUES ('h', $1, "
				     "'b', "
				     "'r', $2, 0, $3, 0, 0)",
				     STORE_VALUES(store_string(holding->item),
						     store_int(holding->authority),
						     store_int(holding->until)),
				     NULL, failure);
}

static bool held(const char *item, bool authority, int64_t until)
{
	struct holding holding = { item, authority, until };

	return store_write(store, hold, &holding, &error) == WARD_OK;
}

static void what_was_filed_is_kept_for_a_year(void)
{
	char id[ID_TEXT_MAX];
	bool made_new;

	CHECK(begin());
	CHECK(finished(id));
	clock_fake_pass((int64_t)360 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	CHECK(looks(10));
	CHECK_EQ(ended.ended, 1);
	CHECK(!is_there(id));
	CHECK_EQ(number_of("SELECT count(*) FROM filings"), 0);
	CHECK_EQ(number_of("SELECT (SELECT count(*) FROM filing_files) + (SELECT count(*) FROM "
			   "filing_calls) + (SELECT count(*) FROM filing_approvals)"),
			0);
	CHECK_EQ(number_of("SELECT count(*) FROM filing_destructions WHERE report = 7 AND files = "
			   "1 "
			   "AND basis = 'us-2258a-h' AND state = 'finished'"),
			1);
	CHECK_EQ(number_of("SELECT count(*) FROM audit_rows WHERE action = 'report.destroyed'"), 1);
	/* It was filed, and is not filed once more under its name. */
	CHECK_EQ(filing_draft_keep(filing, &editor,
				 &(struct filing_draft_new){ .reference = WARD_STR("case-1"),
						 .draft = WARD_STR(DRAFT) },
				 id, &made_new, &error),
			WARD_E_CONFLICT);
	done();
}

static void what_was_sent_by_hand_is_kept_for_a_year(void)
{
	char id[ID_TEXT_MAX];

	CHECK(begin());
	CHECK(approved("nca", id));
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK_EQ(taken_out(id), WARD_OK);
	/* A package that nobody has sent waits, however long. */
	clock_fake_pass((int64_t)800 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	int64_t at = clock_now();

	CHECK_EQ(sent(id, at, "P-1", "by hand"), WARD_OK);
	CHECK_EQ(answered(id, "we have it"), WARD_OK);
	clock_fake_pass((int64_t)360 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	CHECK(looks(10));
	CHECK(!is_there(id));
	CHECK_EQ(number_of("SELECT count(*) FROM filing_packages"), 0);
	CHECK_EQ(number_of("SELECT count(*) FROM filing_destructions WHERE authority = 'nca' AND "
			   "state = 'acknowledged'"),
			1);
	done();
}

/* A file of the workspace's own names a clock of three weeks. */
static bool describe(const char *folder, char path[128])
{
	FILE *file;

	snprintf(path, 128, "%s/authorities", folder);
	if (mkdir(path, 0700) != 0)
		return false;
	snprintf(path, 128, "%s/authorities/nca.json", folder);
	file = fopen(path, "w");
	if (!file)
		return false;
	fputs("{\"authority\":\"A\",\"title\":\"B\",\"labels\":{},\"clock\":\"ca-2011-c4\"}", file);
	return fclose(file) == 0;
}

static void an_authoritys_own_clock_is_gone_by(void)
{
	char folder[] = "retention-XXXXXX", path[128], id[ID_TEXT_MAX];

	CHECK(mkdtemp(folder) != NULL);
	CHECK(describe(folder, path));
	CHECK(begin());
	workspace = folder;
	CHECK(approved("nca", id));
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(sent(id, NOW, "P-1", "by hand"), WARD_OK);
	clock_fake_pass((int64_t)17 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	CHECK(looks(5));
	CHECK(!is_there(id));
	CHECK_EQ(number_of("SELECT count(*) FROM filing_destructions WHERE basis = 'ca-2011-c4'"),
			1);
	workspace = NULL;
	done();
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(folder);
}

static void what_was_never_sent_goes_after_ninety_days(void)
{
	char id[ID_TEXT_MAX];

	CHECK(begin());
	CHECK_EQ(filing_draft_put(filing, &editor, WARD_STR("by-hand"), WARD_STR(DRAFT), id,
				 &error),
			WARD_OK);
	clock_fake_pass((int64_t)85 * DAY);
	CHECK(looks(4));
	CHECK(is_there(id));
	CHECK(looks(4));
	CHECK(!is_there(id));
	CHECK_EQ(number_of("SELECT count(*) FROM filing_destructions WHERE basis = 'never-sent'"),
			1);
	/* Nothing was sent, so the name is free. */
	CHECK_EQ(filing_draft_put(filing, &editor, WARD_STR("by-hand"), WARD_STR(DRAFT), id,
				 &error),
			WARD_OK);
	done();
}

static void what_somebody_waits_for_does_not_end(void)
{
	static const char *const states[] = { "draft", "approved", "opening", "open", "uploading",
		"detailing", "finishing", "retracting", "failed", "ready", "downloaded" };
	char id[ID_TEXT_MAX], text[128];

	CHECK(begin());
	CHECK(drafted("ncmec", id));
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		snprintf(text, sizeof(text), "UPDATE filings SET state = '%s' WHERE $1 = 0",
				states[i]);
		CHECK(sql(text));
		clock_fake_pass((int64_t)500 * DAY);
		CHECK(looks(3));
		CHECK(is_there(id));
	}
	/* When the decision that asked for it is undone nobody waits any more. */
	CHECK(sql("UPDATE filings SET state = 'draft' WHERE $1 = 0"));
	CHECK(sql("UPDATE desk_actions SET state = 'undone' WHERE $1 = 0"));
	CHECK(looks(3));
	CHECK(!is_there(id));
	done();
}

#define INTAKE_REPORT                                                                            \
	"INSERT INTO intake_reports (id, at, channel, holder, reporter, urgency, jurisdiction, " \
	"language, context, state, state_at) SELECT 'r', 1, 'api', '', 'public', 0, '', '', "    \
	"'{}', "                                                                                 \
	"0, 0 FROM filings WHERE $1 = 0"

/* The job's only item was sent with this payload. */
static bool of_job(const char *item)
{
	char text[1024];

	snprintf(text, sizeof(text),
			"INSERT INTO intake_items (id, report, place, kind, payload, type, bytes, "
			"pdq_quality, first, alike, closed_at) SELECT item, 'r', 0, 'media', '%s', "
			"'', "
			"1, 0, item, '', 0 FROM desk_job_items WHERE $1 = 0",
			item);
	return sql(INTAKE_REPORT) && sql(text);
}

static void a_hold_for_the_police_keeps_it(void)
{
	int64_t until = NOW + (int64_t)600 * DAY;
	char id[ID_TEXT_MAX];

	/* On a file of the report. */
	CHECK(begin());
	CHECK(finished(id));
	CHECK(held("item-9", true, until));
	clock_fake_pass((int64_t)500 * DAY);
	CHECK(looks(3));
	CHECK_EQ(ended.ended, 0);
	CHECK(is_there(id));
	CHECK_EQ(look(), WARD_OK);
	CHECK_EQ(ended.held, 1);
	/* When it is over, and seen to be for a day. */
	clock_fake_pass((int64_t)101 * DAY);
	CHECK(looks(2));
	CHECK(!is_there(id));
	done();
	/* On its package. */
	CHECK(begin());
	CHECK(approved("nca", id));
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(sent(id, NOW, "P-1", "by hand"), WARD_OK);
	CHECK(held("item-1", true, until));
	clock_fake_pass((int64_t)500 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	/* Released before its time, it keeps nothing any more. */
	CHECK(sql("UPDATE vault_holds SET released_at = 5 WHERE $1 = 0"));
	CHECK(looks(3));
	CHECK(!is_there(id));
	done();
	/* On an item of its job that is no file of it. */
	CHECK(begin());
	CHECK(finished(id));
	CHECK(held("item-7", true, until));
	CHECK(of_job("item-7"));
	clock_fake_pass((int64_t)500 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	done();
	/* The house's own holds are no reason to keep a report. */
	CHECK(begin());
	CHECK(finished(id));
	CHECK(held("item-9", false, until));
	clock_fake_pass((int64_t)500 * DAY);
	CHECK(looks(3));
	CHECK(!is_there(id));
	done();
}

/* Something else is done at this time, and is in the log. */
static bool drafted_later(int64_t at)
{
	char id[ID_TEXT_MAX];

	clock_fake_set(at);
	return filing_draft_put(filing, &editor, WARD_STR("by-hand"), WARD_STR(DRAFT), id,
			       &error) == WARD_OK;
}

static void a_clock_that_is_wrong_for_an_hour_ends_nothing(void)
{
	char id[ID_TEXT_MAX];

	CHECK(begin());
	CHECK(finished(id));
	clock_fake_set(NOW + (int64_t)4000 * DAY);
	CHECK_EQ(look(), WARD_OK);
	clock_fake_pass(3600);
	CHECK_EQ(look(), WARD_OK);
	CHECK(is_there(id));
	/* It is set right; what was seen is forgotten. */
	clock_fake_set(NOW + (int64_t)10 * DAY);
	CHECK_EQ(look(), WARD_OK);
	CHECK_EQ(number_of("SELECT count(*) FROM filings WHERE over_since > 0"), 0);
	CHECK(looks(3));
	CHECK(is_there(id));
	/* Before the newest row of the log nothing ends at all, however often it is seen. */
	CHECK(drafted_later(NOW + (int64_t)6000 * DAY));
	clock_fake_set(NOW + (int64_t)4000 * DAY);
	CHECK(looks(3));
	CHECK(is_there(id));
	CHECK_EQ(number_of("SELECT count(*) FROM filings WHERE over_since > 0"), 0);
	clock_fake_set(NOW + (int64_t)6000 * DAY);
	CHECK(looks(3));
	CHECK(!is_there(id));
	done();
}

static const struct test_case cases[] = {
	{ "what was filed is kept for a year, and its record for good",
			what_was_filed_is_kept_for_a_year },
	{ "what was sent by hand is kept for a year, where its authority says nothing else",
			what_was_sent_by_hand_is_kept_for_a_year },
	{ "an authority's own clock is gone by", an_authoritys_own_clock_is_gone_by },
	{ "what was never sent goes after ninety days",
			what_was_never_sent_goes_after_ninety_days },
	{ "what somebody waits for does not end", what_somebody_waits_for_does_not_end },
	{ "a hold for the police keeps it", a_hold_for_the_police_keeps_it },
	{ "a clock that is wrong for an hour ends nothing",
			a_clock_that_is_wrong_for_an_hour_ends_nothing },
};
TEST_MAIN(cases)
