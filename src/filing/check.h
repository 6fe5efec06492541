/*
 * check.h - everything that is wrong with a report, before anybody is asked to take it
 *
 * NCMEC refuses a report for one wrong field and says little about it, so all
 * of its rules are checked here: occurrence, choice, types, lengths, formats,
 * times, and what one field says about another.  Each finding names the rule
 * (as data/ncmec/constraints.json does; "schema/…" and "batched/…" are what
 * the schema and a batch add), the path of the field and a sentence for the
 * person who can mend it.  A field is found fault with once, and a field that
 * is wrong by itself is not held against another.
 *
 * A report with an error is not sent.  A warning is told and does not stop it.
 */
#ifndef FILING_CHECK_H
#define FILING_CHECK_H

#include "filing/draft.h"

enum filing_severity { FILING_ERROR = 0, FILING_WARNING };

struct filing_finding {
	const char *rule;
	enum filing_severity severity;
	const char *path; /* "report.personOrUserReported[0].screenName", "files[1].details" */
	const char *says; /* a sentence that does not repeat the value */
	struct filing_finding *next;
};

#define FILING_FINDINGS_MAX 1000

struct filing_findings {
	struct ward_arena *arena;
	struct filing_finding *first, *last;
	unsigned errors, warnings;
	bool failed; /* there was no memory to tell one: counts as an error */
};

struct filing_check {
	int64_t now;        /* every event lies behind it */
	bool complete;      /* the details hold what only sending knows, as they are sent */
	uint64_t report_id; /* that they belong to, when complete */
};

/* Adds what is wrong with the report and its files.  The arena is the findings'. */
void filing_check_draft(const struct filing_draft *draft, const struct filing_check *check,
		struct filing_findings *findings);

/* True when nothing keeps it from being sent. */
bool filing_sound(const struct filing_findings *findings);

/* Adds one; `fmt` is the sentence. */
void filing_found(struct filing_findings *findings, const char *rule, enum filing_severity severity,
		const char *path, const char *fmt, ...) WARD_PRINTF(5, 6);

/* The path of a node, or of its attribute (NULL: none); `prefix` is what the root is called. */
const char *filing_path(struct ward_arena *arena, const char *prefix,
		const struct filing_node *node, const char *attribute);

#endif
