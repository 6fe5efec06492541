#include "measure/metrics.h"

#include "measure/rows.h"
#include "measure/splits.h"

const char *measure_kind_name(enum measure_kind kind)
{
	static const char *const names[] = { "count", "share", "time", "level" };

	return names[kind];
}

/* A row with these bits counts one; or a number of it. */
#define ONE(...)                    \
	{                           \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

/* clang-format off */
const struct measure_metric measure_metrics[] = {
	/* ---- what comes in ---- */
	{ .id = "reports_received", .group = "intake", .unit = "reports", .published_by = "INHOPE, IWF, NCMEC",
	  .name = "Reports received",
	  .definition = "Reports that came in, by any way, before anything was checked: what was sent at once is one.",
	  .feeds = ONE(.rows = &measure_reports),
	  .ways = { { &measure_by_channel, REPORT_CHANNEL }, { &measure_by_urgency, REPORT_URGENCY },
		    { &measure_by_reporter, REPORT_REPORTER }, { &measure_by_country, REPORT_COUNTRY } } },
	{ .id = "report_items", .group = "intake", .unit = "items", .published_by = "INHOPE, IWF",
	  .name = "Items in reports",
	  .definition = "Pictures, texts, accounts, addresses and conversations in reports, before those that are alike were joined.",
	  .feeds = ONE(.rows = &measure_report_items),
	  .ways = { { &measure_by_channel, ITEM_CHANNEL }, { &measure_by_kind, ITEM_KIND } } },
	{ .id = "reports_anonymous", .group = "intake", .unit = "reports", .published_by = "hotlines",
	  .name = "Reports without a contact", .kind = MEASURE_SHARE,
	  .definition = "Reports whose sender left no way to be reached, of all that came in.",
	  .feeds = ONE(.rows = &measure_reports, .share = REPORT_BARE),
	  .ways = { { &measure_by_channel, REPORT_CHANNEL } } },
	{ .id = "duplicate_rate", .group = "intake", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Items that were there already", .kind = MEASURE_SHARE,
	  .definition = "Items like an earlier one (same digest, same address or account, or a picture that looks the same), of all in reports.",
	  .feeds = ONE(.rows = &measure_report_items, .share = ITEM_ALIKE),
	  .ways = { { &measure_by_channel, ITEM_CHANNEL }, { &measure_by_kind, ITEM_KIND } } },
	{ .id = "own_initiative", .group = "platform", .unit = "items", .published_by = "DSA, EU 2021/1232",
	  .name = "Items found by own means",
	  .definition = "Items that scanning brought to the desk; nobody had reported them.",
	  .feeds = ONE(.rows = &measure_report_items, .only = ITEM_SCANNED),
	  .ways = { { &measure_by_kind, ITEM_KIND } } },
	/* ---- what people make of it ---- */
	{ .id = "reports_assessed", .group = "assessment", .unit = "reports", .published_by = "IWF",
	  .name = "Reports assessed",
	  .definition = "Reports whose job is decided, on the day of the last word on it.",
	  .feeds = ONE(.rows = &measure_judged_reports),
	  .ways = { { &measure_by_channel, REPORTED_CHANNEL }, { &measure_by_queue, REPORTED_QUEUE } } },
	{ .id = "decisions", .group = "assessment", .unit = "decisions", .published_by = "DSA",
	  .name = "Decisions",
	  .definition = "What people decided and did not undo; a second, blind label and the reversal upon an appeal count, too.",
	  .feeds = ONE(.rows = &measure_words, .only = WORD_STANDS),
	  .ways = { { &measure_by_outcome, WORD_OUTCOME }, { &measure_by_queue, WORD_QUEUE },
		    { &measure_by_policy, WORD_POLICY } } },
	{ .id = "items_actionable", .group = "assessment", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Actionable items",
	  .definition = "Different items that were judged a violation, on the day of the first such word that stands; those that are alike are one, and none is counted again.",
	  .feeds = ONE(.rows = &measure_judged_items, .only = JUDGED_NEW),
	  .ways = { { &measure_by_kind, JUDGED_KIND }, { &measure_by_policy, JUDGED_POLICY },
		    { &measure_by_severity, JUDGED_LABELS }, { &measure_by_age, JUDGED_LABELS },
		    { &measure_by_sex, JUDGED_LABELS }, { &measure_by_made, JUDGED_LABELS } } },
	{ .id = "new_unique_images", .group = "assessment", .unit = "items", .published_by = "IWF",
	  .name = "New pictures and videos",
	  .definition = "Different files, by SHA-256, that were judged a violation for the first time.",
	  .feeds = ONE(.rows = &measure_judged_items, .only = JUDGED_NEW_FILE),
	  .ways = { { &measure_by_severity, JUDGED_LABELS }, { &measure_by_age, JUDGED_LABELS },
		    { &measure_by_sex, JUDGED_LABELS } } },
	{ .id = "actionable_rate", .group = "assessment", .unit = "items", .published_by = "IWF, INHOPE",
	  .name = "Actionable share", .kind = MEASURE_SHARE,
	  .definition = "Items judged a violation, of all items of jobs that were decided; each as often as it was decided.",
	  .feeds = ONE(.rows = &measure_judged_items, .share = JUDGED_VIOLATION),
	  .ways = { { &measure_by_kind, JUDGED_KIND }, { &measure_by_queue, JUDGED_QUEUE } } },
	{ .id = "previously_seen", .group = "assessment", .unit = "items", .published_by = "INHOPE",
	  .name = "Known items", .kind = MEASURE_SHARE,
	  .definition = "Actionable items of jobs that were decided before, so that nobody had to look again, of all items judged a violation.",
	  .feeds = ONE(.rows = &measure_judged_items, .only = JUDGED_VIOLATION, .share = JUDGED_KNOWN),
	  .ways = { { &measure_by_kind, JUDGED_KIND }, { &measure_by_queue, JUDGED_QUEUE } } },
	{ .id = "time_to_triage", .group = "assessment", .unit = "seconds", .published_by = "",
	  .name = "Time to triage", .kind = MEASURE_TIME,
	  .definition = "From a job's first report to when it was taken by the person who said the first word on it, an escalation included.",
	  .feeds = ONE(.rows = &measure_words, .only = WORD_FIRST, .number = WORD_WAITED),
	  .ways = { { &measure_by_queue, WORD_QUEUE }, { &measure_by_urgent, WORD_URGENT },
		    { &measure_by_channel, WORD_CHANNEL } } },
	{ .id = "time_to_assess", .group = "assessment", .unit = "seconds", .published_by = "hotlines, DSA",
	  .name = "Time to decision", .kind = MEASURE_TIME,
	  .definition = "From a job's first report to the first decision on it; an escalation is none.",
	  .feeds = ONE(.rows = &measure_words, .only = WORD_JUDGES_FIRST, .number = WORD_TOOK),
	  .ways = { { &measure_by_queue, WORD_QUEUE }, { &measure_by_urgent, WORD_URGENT },
		    { &measure_by_channel, WORD_CHANNEL } } },
	{ .id = "classifier_precision", .group = "platform", .unit = "reports", .published_by = "DSA, EU 2021/1232",
	  .name = "Scanning that was right", .kind = MEASURE_SHARE,
	  .definition = "Reports by scanning whose job was judged a violation, of all by scanning that were assessed; the rest is the error rate.",
	  .feeds = ONE(.rows = &measure_judged_reports, .only = REPORTED_SCANNED, .share = REPORTED_VIOLATION),
	  .ways = { { &measure_by_queue, REPORTED_QUEUE } } },
	{ .id = "inter_rater", .group = "assessment", .unit = "jobs", .published_by = "",
	  .name = "Two people agreeing", .kind = MEASURE_SHARE,
	  .definition = "Jobs whose two blind labels (outcome and policy) were the same, of all that were labelled twice. GET /v1/agreement has kappa.",
	  .feeds = ONE(.rows = &measure_pairs, .share = PAIR_AGREES),
	  .ways = { { &measure_by_queue, PAIR_QUEUE } } },
	{ .id = "backlog", .group = "assessment", .unit = "jobs", .published_by = "hotlines",
	  .name = "Backlog", .kind = MEASURE_LEVEL,
	  .definition = "Jobs without a last word at the end of the period.",
	  .feeds = { { .rows = &measure_open_jobs, .number = JOB_COUNT },
		     { .rows = &measure_new_jobs, .number = JOB_COUNT },
		     { .rows = &measure_words, .only = WORD_LAST, .day = WORD_ENDED, .less = true },
		     { .rows = &measure_later_words, .day = WORD_ENDED, .less = true } },
	  .ways = { { &measure_by_queue, WORD_QUEUE } } },
	{ .id = "hash_only_share", .group = "assessment", .unit = "decisions", .published_by = "",
	  .name = "Decided without looking", .kind = MEASURE_SHARE,
	  .definition = "Decisions by somebody who had seen nothing of the job but facts, of all decisions.",
	  .feeds = ONE(.rows = &measure_words, .only = WORD_IS_LABEL, .share = WORD_UNSEEN),
	  .ways = { { &measure_by_outcome, WORD_OUTCOME }, { &measure_by_queue, WORD_QUEUE } } },
	{ .id = "complaints_received", .group = "platform", .unit = "appeals", .published_by = "DSA",
	  .name = "Appeals received",
	  .definition = "Appeals against decisions, on the day they came in.",
	  .feeds = ONE(.rows = &measure_appeals),
	  .ways = { { &measure_by_policy, APPEAL_POLICY } } },
	{ .id = "complaints_open", .group = "platform", .unit = "appeals", .published_by = "",
	  .name = "Appeals waiting", .kind = MEASURE_LEVEL,
	  .definition = "Appeals without an answer at the end of the period.",
	  .feeds = ONE(.rows = &measure_open_appeals, .number = STEP) },
	{ .id = "complaints", .group = "platform", .unit = "appeals", .published_by = "DSA",
	  .name = "Appeals that were right", .kind = MEASURE_SHARE,
	  .definition = "Decisions that were reversed upon an appeal, of all appeals that were settled.",
	  .feeds = ONE(.rows = &measure_settled_appeals, .share = APPEAL_REVERSED),
	  .ways = { { &measure_by_policy, APPEAL_POLICY } } },
	{ .id = "complaints_time", .group = "platform", .unit = "seconds", .published_by = "DSA",
	  .name = "Time to settle an appeal", .kind = MEASURE_TIME,
	  .definition = "From an appeal's arrival to its answer.",
	  .feeds = ONE(.rows = &measure_settled_appeals, .number = APPEAL_TOOK) },
	/* ---- what follows ---- */
	{ .id = "actions_done", .group = "referral", .unit = "actions", .published_by = "DSA",
	  .name = "Actions that left",
	  .definition = "What followed a decision and was carried out, on the day it was due.",
	  .feeds = ONE(.rows = &measure_actions),
	  .ways = { { &measure_by_action, ACTION_KIND } } },
	{ .id = "to_ncmec", .group = "referral", .unit = "reports", .published_by = "NCMEC",
	  .name = "CyberTipline reports filed",
	  .definition = "Reports to NCMEC that were finished in production, tests left out.",
	  .feeds = ONE(.rows = &measure_filings, .only = FILING_FINISHED),
	  .ways = { { &measure_by_urgent, FILING_URGENT } } },
	{ .id = "ncmec_files", .group = "referral", .unit = "files", .published_by = "NCMEC",
	  .name = "Files in them",
	  .definition = "Files that those reports held.",
	  .feeds = ONE(.rows = &measure_filings, .only = FILING_FINISHED, .number = FILING_FILES),
	  .ways = { { &measure_by_urgent, FILING_URGENT } } },
	{ .id = "referral_time", .group = "referral", .unit = "seconds", .published_by = "NCMEC",
	  .name = "Time to filing", .kind = MEASURE_TIME,
	  .definition = "From the decision (by hand: the approval) to NCMEC's receipt of the finished report.",
	  .feeds = ONE(.rows = &measure_filings, .only = FILING_FINISHED, .number = FILING_TOOK),
	  .ways = { { &measure_by_urgent, FILING_URGENT } } },
	{ .id = "to_authorities", .group = "referral", .unit = "reports", .published_by = "INHOPE",
	  .name = "Reports handed to other authorities",
	  .definition = "Packages that a person sent to an authority that is not NCMEC, on the day of which that person says so, tests left out.",
	  .feeds = ONE(.rows = &measure_filings, .only = FILING_SENT),
	  .ways = { { &measure_by_recipient, FILING_AUTHORITY }, { &measure_by_urgent, FILING_URGENT } } },
	{ .id = "authority_time", .group = "referral", .unit = "seconds", .published_by = "",
	  .name = "Time to hand over", .kind = MEASURE_TIME,
	  .definition = "From the decision to the time at which the report was sent, as a person says.",
	  .feeds = ONE(.rows = &measure_filings, .only = FILING_SENT, .number = FILING_TOOK),
	  .ways = { { &measure_by_recipient, FILING_AUTHORITY } } },
	/* ---- lists ---- */
	{ .id = "list_additions", .group = "lists", .unit = "items", .published_by = "IWF, NCMEC, C3P",
	  .name = "Put on lists",
	  .definition = "Decisions to put something on a list of one's own that were carried out, on the day they were due.",
	  .feeds = ONE(.rows = &measure_actions, .only = ACTION_IS_LISTING),
	  .ways = { { &measure_by_named, ACTION_PARAMETERS } } },
	{ .id = "list_entries", .group = "lists", .unit = "entries", .published_by = "IWF",
	  .name = "Entries of lists", .kind = MEASURE_LEVEL,
	  .definition = "Entries of all lists at the end of the period, as wardd saw them; before it first did, none.",
	  .feeds = ONE(.rows = &measure_list_steps, .number = STEP),
	  .ways = { { &measure_by_list, LIST_NAME } } },
	/* ---- what is kept ---- */
	{ .id = "evidence_sealed", .group = "evidence", .unit = "items", .published_by = "",
	  .name = "Items sealed",
	  .definition = "Items that were sealed into the vault.",
	  .feeds = ONE(.rows = &measure_sealed) },
	{ .id = "evidence_destroyed", .group = "evidence", .unit = "items", .published_by = "",
	  .name = "Items destroyed",
	  .definition = "Items whose keys were destroyed, because their time was over or because two persons said so.",
	  .feeds = ONE(.rows = &measure_destroyed),
	  .ways = { { &measure_by_method, DESTROYED_METHOD } } },
	{ .id = "legal_holds", .group = "evidence", .unit = "holds", .published_by = "",
	  .name = "Holds begun",
	  .definition = "Reasons to keep an item until a day, on the day they began.",
	  .feeds = ONE(.rows = &measure_holds),
	  .ways = { { &measure_by_basis, HOLD_BASIS }, { &measure_by_authority, HOLD_AUTHORITY } } },
	/* ---- what it asks of people ---- */
	{ .id = "exposure_items", .group = "wellbeing", .unit = "items", .published_by = "", .people = true,
	  .name = "Items seen clear",
	  .definition = "Items that were seen clear, all people together; the same item counts for each person and day.",
	  .feeds = ONE(.rows = &measure_exposure, .number = SEEN_ITEMS) },
	{ .id = "exposure_severe", .group = "wellbeing", .unit = "items", .published_by = "", .people = true,
	  .name = "Severe items seen clear",
	  .definition = "Those of them that were known to be severe.",
	  .feeds = ONE(.rows = &measure_exposure, .number = SEEN_SEVERE) },
	{ .id = "exposure_seconds", .group = "wellbeing", .unit = "seconds", .published_by = "", .people = true,
	  .name = "Time of clear view",
	  .definition = "Seconds for which something clear was on a screen, all people together.",
	  .feeds = ONE(.rows = &measure_exposure, .number = SEEN_SECONDS) },
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
