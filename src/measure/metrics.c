#include "measure/metrics.h"

#include "measure/splits.h"

const char *measure_kind_name(enum measure_kind kind)
{
	static const char *const names[] = { "count", "share", "time", "level" };

	return names[kind];
}

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
const struct measure_metric measure_metrics[] = {
	/* ---- what comes in ---- */
	{ .id = "reports_received", .group = "intake", .unit = "reports", .published_by = "INHOPE, IWF, NCMEC",
	  .name = "Reports received",
	  .definition = "Reports that came in, by any way, before anything was checked: what was sent at once is one.",
	  .at = "r.at", .value = COUNT, .source = "FROM intake_reports r WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_urgency, "CASE r.urgency WHEN 2 THEN 'now' WHEN 1 THEN 'soon' ELSE 'any' END" },
		    { &measure_by_reporter, "r.reporter" }, { &measure_by_country, "r.jurisdiction" } } },
	{ .id = "report_items", .group = "intake", .unit = "items", .published_by = "INHOPE, IWF",
	  .name = "Items in reports",
	  .definition = "Pictures, texts, accounts, addresses and conversations in reports, before those that are alike were joined.",
	  .at = "r.at", .value = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_kind, "i.kind" } } },
	{ .id = "reports_anonymous", .group = "intake", .unit = "reports", .published_by = "hotlines",
	  .name = "Reports without a contact", .kind = MEASURE_SHARE,
	  .definition = "Reports whose sender left no way to be reached, of all that came in.",
	  .at = "r.at", .value = HOW_MANY("r.contact IS NULL"), .of = COUNT,
	  .source = "FROM intake_reports r WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" } } },
	{ .id = "duplicate_rate", .group = "intake", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Items that were there already", .kind = MEASURE_SHARE,
	  .definition = "Items like an earlier one (same digest, same address or account, or a picture that looks the same), of all in reports.",
	  .at = "r.at", .value = HOW_MANY("i.alike <> ''"), .of = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report WHERE " WITHIN("r.at"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_kind, "i.kind" } } },
	{ .id = "own_initiative", .group = "platform", .unit = "items", .published_by = "DSA, EU 2021/1232",
	  .name = "Items found by own means",
	  .definition = "Items that scanning brought to the desk; nobody had reported them.",
	  .at = "r.at", .value = COUNT,
	  .source = "FROM intake_items i JOIN intake_reports r ON r.id = i.report AND r.channel = 'scan' WHERE "
		    WITHIN("r.at"),
	  .ways = { { &measure_by_kind, "i.kind" } } },
	/* ---- what people make of it ---- */
	{ .id = "reports_assessed", .group = "assessment", .unit = "reports", .published_by = "IWF",
	  .name = "Reports assessed",
	  .definition = "Reports whose job is decided, on the day of the last word on it.",
	  .at = "d.at", .value = COUNT,
	  .source = DECIDED "JOIN desk_job_reports w ON w.job = j.id JOIN intake_reports r ON r.id = w.report "
		    "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_channel, "r.channel" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "decisions", .group = "assessment", .unit = "decisions", .published_by = "DSA",
	  .name = "Decisions",
	  .definition = "What people decided and did not undo; a second, blind label and the reversal upon an appeal count, too.",
	  .at = "d.at", .value = COUNT,
	  .source = "FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job WHERE " WITHIN("d.at")
		    "AND d.undone_at IS NULL ",
	  .ways = { { &measure_by_outcome, "d.outcome" }, { &measure_by_queue, "j.queue" },
		    { &measure_by_policy, "d.policy" } } },
	{ .id = "items_actionable", .group = "assessment", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Actionable items",
	  .definition = "Different items that were judged a violation, on the day of the first such word that stands; those that are alike are one, and none is counted again.",
	  .at = "d.at", .value = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND " LAST_WORD("d", "l")
		    JUDGED_FIRST("o.first = i.first"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_policy, "d.policy" },
		    { &measure_by_severity, "d.labels" }, { &measure_by_age, "d.labels" },
		    { &measure_by_sex, "d.labels" }, { &measure_by_made, "d.labels" } } },
	{ .id = "new_unique_images", .group = "assessment", .unit = "items", .published_by = "IWF",
	  .name = "New pictures and videos",
	  .definition = "Different files, by SHA-256, that were judged a violation for the first time.",
	  .at = "d.at", .value = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND i.kind = 'media' "
		    "AND i.sha256 IS NOT NULL AND " LAST_WORD("d", "l") JUDGED_FIRST("o.sha256 = i.sha256"),
	  .ways = { { &measure_by_severity, "d.labels" }, { &measure_by_age, "d.labels" },
		    { &measure_by_sex, "d.labels" } } },
	{ .id = "actionable_rate", .group = "assessment", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Actionable share", .kind = MEASURE_SHARE,
	  .definition = "Items judged a violation, of all items of jobs that were decided; each as often as it was decided.",
	  .at = "d.at", .value = HOW_MANY("d.outcome = 'violation'"), .of = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "previously_seen", .group = "assessment", .unit = "items", .published_by = "INHOPE",
	  .name = "Known items", .kind = MEASURE_SHARE,
	  .definition = "Actionable items of jobs that were decided before, so that nobody had to look again, of all items judged a violation.",
	  .at = "d.at", .value = HOW_MANY("j.known_decision IS NOT NULL"), .of = COUNT,
	  .source = DECIDED_ITEMS "WHERE " WITHIN("d.at") "AND d.outcome = 'violation' AND " LAST_WORD("d", "l"),
	  .ways = { { &measure_by_kind, "i.kind" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "time_to_triage", .group = "assessment", .unit = "seconds", .published_by = "",
	  .name = "Time to triage", .kind = MEASURE_TIME,
	  .definition = "From a job's first report to when it was taken by the person who said the first word on it, an escalation included.",
	  .at = "d.at",
	  .value = "CASE WHEN d.at - d.seconds > j.created_at THEN d.at - d.seconds - j.created_at ELSE 0 END",
	  .source = FIRST_WORD(ANY),
	  .ways = { { &measure_by_queue, "j.queue" }, { &measure_by_urgent, URGENT },
		    { &measure_by_channel, CHANNEL_OF_JOB } } },
	{ .id = "time_to_assess", .group = "assessment", .unit = "seconds", .published_by = "hotlines, DSA",
	  .name = "Time to decision", .kind = MEASURE_TIME,
	  .definition = "From a job's first report to the first decision on it; an escalation is none.",
	  .at = "d.at", .value = "CASE WHEN d.at > j.created_at THEN d.at - j.created_at ELSE 0 END",
	  .source = FIRST_WORD(JUDGES),
	  .ways = { { &measure_by_queue, "j.queue" }, { &measure_by_urgent, URGENT },
		    { &measure_by_channel, CHANNEL_OF_JOB } } },
	{ .id = "inter_rater", .group = "assessment", .unit = "jobs", .published_by = "",
	  .name = "Two people agreeing", .kind = MEASURE_SHARE,
	  .definition = "Jobs whose two blind labels (outcome and policy) were the same, of all that were labelled twice. GET /v1/agreement has kappa.",
	  .at = "b.at", .value = HOW_MANY("a.outcome = b.outcome AND COALESCE(a.policy, '') = COALESCE(b.policy, '')"),
	  .of = COUNT,
	  .source = "FROM desk_decisions b JOIN desk_decisions a ON a.job = b.job AND a.pass = 1 AND "
		    STANDS("a") "JOIN desk_jobs j ON j.id = b.job WHERE " WITHIN("b.at") "AND b.pass = 2 AND "
		    STANDS("b"),
	  .ways = { { &measure_by_queue, "j.queue" } } },
	{ .id = "backlog", .group = "assessment", .unit = "jobs", .published_by = "hotlines",
	  .name = "Backlog", .kind = MEASURE_LEVEL,
	  .definition = "Jobs without a last word at the end of the period.",
	  .at = "x.at", .value = "SUM(x.step)",
	  .source = "FROM (SELECT 0 AS at, 1 AS step, j.queue AS queue FROM desk_jobs j WHERE j.state = 'open' "
		    "UNION ALL SELECT j.created_at, 1, j.queue FROM desk_jobs j WHERE " WITHIN("j.created_at")
		    "UNION ALL SELECT CASE WHEN d.at > j.created_at THEN d.at ELSE j.created_at END, -1, j.queue " DECIDED
		    "WHERE " WITHIN("d.at") "AND " LAST_WORD("d", "l") ") x",
	  .ways = { { &measure_by_queue, "x.queue" } } },
	{ .id = "hash_only_share", .group = "assessment", .unit = "decisions", .published_by = "",
	  .name = "Decided without looking", .kind = MEASURE_SHARE,
	  .definition = "Decisions by somebody who had seen nothing of the job but facts, of all decisions.",
	  .at = "d.at", .value = HOW_MANY("d.exposure = 'L0'"), .of = COUNT,
	  .source = "FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job WHERE " WITHIN("d.at")
		    "AND d.pass > 0 AND d.undone_at IS NULL ",
	  .ways = { { &measure_by_outcome, "d.outcome" }, { &measure_by_queue, "j.queue" } } },
	{ .id = "complaints", .group = "platform", .unit = "appeals", .published_by = "DSA",
	  .name = "Appeals that were right", .kind = MEASURE_SHARE,
	  .definition = "Decisions that were reversed upon an appeal, of all appeals that were settled.",
	  .at = "p.settled_at", .value = HOW_MANY("p.state = 'reversed'"), .of = COUNT,
	  .source = "FROM desk_appeals p JOIN desk_decisions d ON d.id = p.decision WHERE p.state <> 'open' AND "
		    WITHIN("p.settled_at"),
	  .ways = { { &measure_by_policy, "d.policy" } } },
	{ .id = "complaints_time", .group = "platform", .unit = "seconds", .published_by = "DSA",
	  .name = "Time to settle an appeal", .kind = MEASURE_TIME,
	  .definition = "From an appeal's arrival to its answer.",
	  .at = "p.settled_at", .value = "CASE WHEN p.settled_at > p.at THEN p.settled_at - p.at ELSE 0 END",
	  .source = "FROM desk_appeals p WHERE p.state <> 'open' AND " WITHIN("p.settled_at") },
	/* ---- what follows ---- */
	{ .id = "actions_done", .group = "referral", .unit = "actions", .published_by = "DSA",
	  .name = "Actions that left",
	  .definition = "What followed a decision and was carried out, on the day it was due.",
	  .at = "a.due_at", .value = COUNT,
	  .source = "FROM desk_actions a WHERE a.state = 'done' AND " WITHIN("a.due_at"),
	  .ways = { { &measure_by_action, "a.kind" } } },
	{ .id = "to_ncmec", .group = "referral", .unit = "reports", .published_by = "NCMEC",
	  .name = "CyberTipline reports filed",
	  .definition = "Reports to NCMEC that were finished in production, tests left out.",
	  .at = "f.finished_at", .value = COUNT, .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	{ .id = "ncmec_files", .group = "referral", .unit = "files", .published_by = "NCMEC",
	  .name = "Files in them",
	  .definition = "Files that those reports held.",
	  .at = "f.finished_at", .value = "SUM(f.files)",
	  .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	{ .id = "referral_time", .group = "referral", .unit = "seconds", .published_by = "NCMEC",
	  .name = "Time to filing", .kind = MEASURE_TIME,
	  .definition = "From the decision (by hand: the approval) to NCMEC's receipt of the finished report.",
	  .at = "f.finished_at",
	  .value = "CASE WHEN f.finished_at > COALESCE(d.at, f.approved_at) "
		   "THEN f.finished_at - COALESCE(d.at, f.approved_at) ELSE 0 END",
	  .source = FINISHED,
	  .ways = { { &measure_by_urgent, URGENT } } },
	{ .id = "to_authorities", .group = "referral", .unit = "reports", .published_by = "INHOPE",
	  .name = "Reports handed to other authorities",
	  .definition = "Packages that a person sent to an authority that is not NCMEC, on the day of which that person says so, tests left out.",
	  .at = "f.finished_at", .value = COUNT, .source = SENT,
	  .ways = { { &measure_by_recipient, "f.authority" }, { &measure_by_urgent, URGENT } } },
	{ .id = "authority_time", .group = "referral", .unit = "seconds", .published_by = "",
	  .name = "Time to hand over", .kind = MEASURE_TIME,
	  .definition = "From the decision to the time at which the report was sent, as a person says.",
	  .at = "f.finished_at",
	  .value = "CASE WHEN f.finished_at > COALESCE(d.at, f.approved_at) "
		   "THEN f.finished_at - COALESCE(d.at, f.approved_at) ELSE 0 END",
	  .source = SENT,
	  .ways = { { &measure_by_recipient, "f.authority" } } },
	/* ---- what is kept ---- */
	{ .id = "evidence_sealed", .group = "evidence", .unit = "items", .published_by = "",
	  .name = "Items sealed",
	  .definition = "Items that were sealed into the vault.",
	  .at = "v.sealed_at", .value = COUNT, .source = "FROM vault_items v WHERE " WITHIN("v.sealed_at") },
	{ .id = "evidence_destroyed", .group = "evidence", .unit = "items", .published_by = "",
	  .name = "Items destroyed",
	  .definition = "Items whose keys were destroyed, because their time was over or because two persons said so.",
	  .at = "v.at", .value = COUNT, .source = "FROM vault_destructions v WHERE " WITHIN("v.at"),
	  .ways = { { &measure_by_method, "v.method" } } },
	{ .id = "legal_holds", .group = "evidence", .unit = "holds", .published_by = "",
	  .name = "Holds begun",
	  .definition = "Reasons to keep an item until a day, on the day they began.",
	  .at = "v.start_at", .value = COUNT, .source = "FROM vault_holds v WHERE " WITHIN("v.start_at"),
	  .ways = { { &measure_by_basis, "v.basis" }, { &measure_by_authority,
		      "CASE WHEN v.authority = 1 THEN 'yes' ELSE 'no' END" } } },
	/* ---- what it asks of people ---- */
	{ .id = "exposure_items", .group = "wellbeing", .unit = "items", .published_by = "", .people = true,
	  .name = "Items seen clear",
	  .definition = "Items that were seen clear, all people together; the same item counts for each person and day.",
	  .at = EXPOSURE_AT, .value = "SUM(x.items)", .source = EXPOSURE },
	{ .id = "exposure_severe", .group = "wellbeing", .unit = "items", .published_by = "", .people = true,
	  .name = "Severe items seen clear",
	  .definition = "Those of them that were known to be severe.",
	  .at = EXPOSURE_AT, .value = "SUM(x.severe)", .source = EXPOSURE },
	{ .id = "exposure_seconds", .group = "wellbeing", .unit = "seconds", .published_by = "", .people = true,
	  .name = "Time of clear view",
	  .definition = "Seconds for which something clear was on a screen, all people together.",
	  .at = EXPOSURE_AT, .value = "SUM(x.seconds)", .source = EXPOSURE },
};
/* clang-format on */

size_t measure_metric_count(void)
{
	return sizeof(measure_metrics) / sizeof(*measure_metrics);
}

const struct measure_metric *measure_metric_find(ward_str id)
{
	for (size_t i = 0; i < measure_metric_count(); i++) {
		if (ward_str_eq(id, ward_str_from(measure_metrics[i].id)))
			return &measure_metrics[i];
	}
	return NULL;
}

const struct measure_way *measure_way_find(const struct measure_metric *metric,
		const struct measure_split *split)
{
	for (size_t i = 0; i < MEASURE_SPLITS_OF_ONE && metric->ways[i].split; i++) {
		if (metric->ways[i].split == split)
			return &metric->ways[i];
	}
	return NULL;
}
