#include "measure/rows.h"

#define WITHIN(time) time " >= $1 AND " time " < $2 "
#define DAY(time)    time " / 86400"
/* How long, where clocks of two machines may differ. */
#define FROM_TO(a, b) "CASE WHEN " b " > " a " THEN " b " - " a " ELSE 0 END"

/* ---- what came in ---- */

#define REPORTS                                                                                \
	"s AS (SELECT r.id AS id, " DAY("r.at") " AS day, r.channel AS channel, r.urgency AS " \
						"urgency, r.reporter AS reporter, "            \
						"r.jurisdiction AS country, r.contact AS "     \
						"contact FROM intake_reports r WHERE " WITHIN( \
								"r.at") ")"

const struct measure_rows measure_reports = {
	.base = REPORTS,
	.from = "FROM s",
	.day = "s.day",
	.bits = { "s.contact IS NULL" },
	.texts = { "s.channel",
			"CASE s.urgency WHEN 2 THEN 'now' WHEN 1 THEN 'soon' ELSE 'any' END",
			"s.reporter", "s.country" },
};

const struct measure_rows measure_report_items = {
	.base = REPORTS,
	.from = "FROM s JOIN intake_items i ON i.report = s.id",
	.day = "s.day",
	.bits = { "i.alike <> ''", "s.channel = 'scan'" },
	.texts = { "s.channel", "i.kind" },
};

/* ---- what people said ---- */

/* It stands, and it judges: who escalates leaves that to others. */
#define STANDS(d) d ".undone_at IS NULL AND " d ".outcome <> 'escalate' "

/*
 * Decisions with their jobs.  Most jobs have one: then nothing else has to be looked at to know
 * that it is the first and the last, so they are counted first, in an index alone.
 */
#define WORDS                                                                                      \
	"w AS (SELECT d.id AS id, d.job AS job, d.at AS at, d.outcome AS outcome, d.policy AS "    \
	"policy, d.labels AS labels, d.pass AS pass, d.exposure AS exposure, d.seconds AS "        \
	"seconds, d.undone_at AS undone_at, j.queue AS queue, j.state AS state, j.urgent AS "      \
	"urgent, j.created_at AS created_at, j.known_decision AS known_decision, (SELECT "         \
	"COUNT(*) FROM desk_decisions o WHERE o.job = d.job) AS words FROM desk_decisions d JOIN " \
	"desk_jobs j ON j.id = d.job WHERE " WITHIN("d.at") ")"

/* None of its job that `is` says, and that is behind (>) or before (<) it. */
#define NO_OTHER(w, o, than, is)                                                             \
	"NOT EXISTS (SELECT 1 FROM desk_decisions " o " WHERE " o ".job = " w ".job AND (" o \
	".at, " o ".id) " than " (" w ".at, " w ".id) AND " is ") "
#define ALONE_OR(other) "(w.words = 1 OR " other ") "

/* The last word on its job; a job that is open has none yet. */
#define LAST STANDS("w") "AND w.state <> 'open' AND " ALONE_OR(NO_OTHER("w", "l", ">", STANDS("l")))

#define LOOKS(d)  d ".pass > 0 "
#define JUDGES(d) LOOKS(d) "AND " d ".outcome <> 'escalate' "

#define URGENT(j) "CASE WHEN " j ".urgent = 1 THEN 'yes' ELSE 'no' END"

const struct measure_rows measure_words = {
	.base = WORDS,
	.from = "FROM w",
	.day = DAY("w.at"),
	.bits = { "w.undone_at IS NULL", LOOKS("w") "AND w.undone_at IS NULL", "w.exposure = 'L0'",
			LOOKS("w") "AND " ALONE_OR(NO_OTHER("w", "e", "<", LOOKS("e"))),
			JUDGES("w") "AND " ALONE_OR(NO_OTHER("w", "e", "<", JUDGES("e"))), LAST },
	.numbers = { FROM_TO("w.created_at", "w.at - w.seconds"), FROM_TO("w.created_at", "w.at"),
			"CASE WHEN w.at > w.created_at THEN w.at ELSE w.created_at END / 86400" },
	.texts = { "w.outcome", "w.queue", "w.policy", URGENT("w"),
			"(SELECT r.channel FROM desk_job_reports jr JOIN intake_reports r ON r.id "
			"= jr.report WHERE jr.job = w.job ORDER BY jr.at, jr.report LIMIT 1)" },
};

/*
 * (An item is in one job.)  The first of those rows in which an item, or one that has the same
 * `what`, was judged a violation: so each is counted once, whatever the period.  Most are alike
 * with none: an index alone says so, before any plan is needed for what the others went through.
 */
#define ANOTHER(what) \
	"EXISTS (SELECT 1 FROM intake_items q WHERE q." what " = i." what " AND q.id <> i.id) "
#define JUDGED_FIRST(what)                                                                         \
	"w.outcome = 'violation' AND CASE WHEN NOT " ANOTHER(                                      \
			what) "THEN 1 WHEN EXISTS "                                                \
			      "(SELECT 1 FROM intake_items o JOIN desk_job_items ow ON ow.item = " \
			      "o.id JOIN "                                                         \
			      "desk_jobs oj ON oj.id = ow.job AND oj.state <> 'open' JOIN "        \
			      "desk_decisions od ON "                                              \
			      "od.job = oj.id AND od.outcome = 'violation' WHERE o." what          \
			      " = i." what                                                         \
			      " AND o.id <> i.id AND (od.at, od.id, o.id) < (w.at, w.id, i.id) "   \
			      "AND " STANDS("od") "AND " NO_OTHER("od", "ol", ">",                 \
					      STANDS("ol")) ") THEN 0 ELSE 1 END = 1 "

const struct measure_rows measure_judged_items = {
	.base = WORDS,
	.from = "FROM w JOIN desk_job_items x ON x.job = w.job JOIN intake_items i ON i.id = "
		"x.item WHERE " LAST,
	.day = DAY("w.at"),
	.bits = { "w.outcome = 'violation'", "w.known_decision IS NOT NULL", JUDGED_FIRST("first"),
			"i.kind = 'media' AND i.sha256 IS NOT NULL AND " JUDGED_FIRST("sha256") },
	.texts = { "i.kind", "w.queue", "w.policy", "w.labels" },
};

const struct measure_rows measure_judged_reports = {
	.base = WORDS,
	.from = "FROM w JOIN desk_job_reports x ON x.job = w.job JOIN intake_reports r ON r.id = "
		"x.report WHERE " LAST,
	.day = DAY("w.at"),
	.bits = { "r.channel = 'scan'", "w.outcome = 'violation'" },
	.texts = { "r.channel", "w.queue" },
};

const struct measure_rows measure_pairs = {
	.base = WORDS,
	.from = "FROM w JOIN desk_decisions a ON a.job = w.job AND a.pass = 1 AND " STANDS(
			"a") "WHERE w.pass = 2 AND " STANDS("w"),
	.day = DAY("w.at"),
	.bits = { "a.outcome = w.outcome AND COALESCE(a.policy, '') = COALESCE(w.policy, '')" },
	.texts = { NULL, "w.queue" },
};

const struct measure_rows measure_open_jobs = {
	.base = WORDS,
	.from = "FROM desk_jobs j WHERE j.state = 'open' GROUP BY j.queue",
	.day = "0",
	.numbers = { "COUNT(*)" },
	.texts = { NULL, "j.queue" },
};

const struct measure_rows measure_new_jobs = {
	.base = WORDS,
	.from = "FROM desk_jobs j WHERE j.created_at >= $1 GROUP BY j.created_at / 86400, j.queue",
	.day = DAY("j.created_at"),
	.numbers = { "COUNT(*)" },
	.texts = { NULL, "j.queue" },
};

const struct measure_rows measure_later_words = {
	.base = WORDS,
	.from = "FROM desk_decisions d JOIN desk_jobs j ON j.id = d.job AND j.state <> 'open' "
		"WHERE d.at >= $2 AND " STANDS("d") "AND " NO_OTHER("d", "l", ">", STANDS("l")),
	.day = DAY("d.at"),
	.numbers = { NULL, NULL,
			"CASE WHEN d.at > j.created_at THEN d.at ELSE j.created_at END / 86400" },
	.texts = { NULL, "j.queue" },
};

/* ---- appeals ---- */

const struct measure_rows measure_appeals = {
	.from = "FROM desk_appeals p JOIN desk_decisions d ON d.id = p.decision WHERE " WITHIN(
			"p.at"),
	.day = DAY("p.at"),
	.texts = { "d.policy" },
};

const struct measure_rows measure_settled_appeals = {
	.from = "FROM desk_appeals p JOIN desk_decisions d ON d.id = p.decision WHERE p.state <> "
		"'open' AND " WITHIN("p.settled_at"),
	.day = DAY("p.settled_at"),
	.bits = { "p.state = 'reversed'" },
	.numbers = { FROM_TO("p.at", "p.settled_at") },
	.texts = { "d.policy" },
};

const struct measure_rows measure_open_appeals = {
	.from = "FROM (SELECT 0 AS at, 1 AS step FROM desk_appeals p WHERE p.state = 'open' UNION "
		"ALL SELECT p.at, 1 FROM desk_appeals p WHERE " WITHIN(
				"p.at") "UNION ALL SELECT " /* Not before it came. */
					"CASE WHEN p.settled_at > p.at THEN p.settled_at ELSE p.at "
					"END, -1 FROM desk_appeals p WHERE p.state <> 'open' "
					"AND " WITHIN("p.settled_at") ") x",
	.day = DAY("x.at"),
	.numbers = { "x.step" },
	.to_the_end = true,
};

/* ---- what followed ---- */

const struct measure_rows measure_actions = {
	.from = "FROM desk_actions a WHERE a.state = 'done' AND " WITHIN("a.due_at"),
	.day = DAY("a.due_at"),
	.bits = { "a.kind = 'list'" },
	.texts = { "a.kind", "a.parameters" },
};

/* Those that are here, and what is left of those that ended: they were filed all the same. */
const struct measure_rows measure_filings = {
	.from = "FROM (SELECT action, job, environment, state, authority, approved_at, "
		"finished_at, (SELECT COUNT(*) FROM filing_files WHERE filing = filings.id) AS "
		"files FROM filings UNION ALL SELECT action, job, environment, state, authority, "
		"approved_at, finished_at, files FROM filing_destructions) f LEFT JOIN "
		"desk_actions a ON a.id = f.action LEFT JOIN desk_decisions d ON d.id = a.decision "
		"LEFT JOIN desk_jobs j ON j.id = COALESCE(a.job, f.job) WHERE f.environment = "
		"'production' AND " WITHIN("f.finished_at"),
	.day = DAY("f.finished_at"),
	.bits = { "f.state = 'finished'", "f.state IN ('sent', 'acknowledged')" },
	.numbers = { "f.files", FROM_TO("COALESCE(d.at, f.approved_at)", "f.finished_at") },
	.texts = { URGENT("j"), "f.authority" },
};

/* ---- lists, evidence, people ---- */

const struct measure_rows measure_list_steps = {
	.from = "FROM (SELECT 0 AS at, SUM(m.step) AS step, m.list AS list FROM measure_lists m "
		"GROUP BY m.list UNION ALL SELECT m.at, m.step, m.list FROM measure_lists m "
		"WHERE " WITHIN("m.at") ") x",
	.day = DAY("x.at"),
	.numbers = { "x.step" },
	.texts = { "x.list" },
	.to_the_end = true,
};

const struct measure_rows measure_sealed = {
	.from = "FROM vault_items v WHERE " WITHIN("v.sealed_at"),
	.day = DAY("v.sealed_at"),
};

const struct measure_rows measure_destroyed = {
	.from = "FROM vault_destructions v WHERE " WITHIN("v.at"),
	.day = DAY("v.at"),
	.texts = { "v.method" },
};

const struct measure_rows measure_holds = {
	.from = "FROM vault_holds v WHERE " WITHIN("v.start_at"),
	.day = DAY("v.start_at"),
	.texts = { "v.basis", "CASE WHEN v.authority = 1 THEN 'yes' ELSE 'no' END" },
};

/* A person's day is named by its number. */
const struct measure_rows measure_exposure = {
	.from = "FROM exposure_days x WHERE " WITHIN("x.day * 86400"),
	.day = "x.day",
	.numbers = { "x.items", "x.severe", "x.seconds" },
	.texts = { "x.person" },
};
