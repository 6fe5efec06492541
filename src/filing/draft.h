/*
 * draft.h - a report before it is sent, as JSON that people and programs edit
 *
 *     {
 *       "report": {
 *         "incidentSummary": { "incidentType": "…", "incidentDateTime": "2026-03-01T12:00:00Z" },
 *         "reporter": { "reportingPerson": { "email": "desk@host.example" } },
 *         "internetDetails": [ { "webPageIncident": { "url": [ "https://…" ] } } ]
 *       },
 *       "files": [
 *         { "item": "0190…", "md5": "…", "details": { "originalFileName": "a.png" } }
 *       ]
 *     }
 *
 * Names are those of NCMEC's schema; their order does not matter.  What may
 * stand more than once is a list, or the one value alone.  A value that has
 * attributes is an object of "@NAME" for each and "#" for the text:
 * { "@type": "Work", "#": "desk@host.example" }.  An item is what the evidence
 * is called where it is kept; its digests, where given, are compared with the
 * bytes that are sent.
 *
 * What is not so is told as findings (check.h), with the path of the place, and
 * the rest is read, so that all that is wrong is told at once.
 */
#ifndef FILING_DRAFT_H
#define FILING_DRAFT_H

#include "filing/tree.h"

struct filing_findings;

/* Text longer than this is no draft. */
#define FILING_DRAFT_MAX ((size_t)8 << 20)
#define FILING_FILES_MAX 10000

struct filing_file {
	ward_str item;
	ward_str md5, sha256;        /* as the draft has them; "" is not given */
	struct filing_node *details; /* never NULL */
	unsigned index;
	struct filing_file *next;
};

struct filing_draft {
	struct filing_node *report; /* never NULL */
	struct filing_file *files;
	unsigned file_count;
};

/*
 * Reads a draft into the arena.  FORMAT when the text is no JSON object, with the line; LIMIT when
 * it is too large.  Fields that no draft has are findings and WARD_OK.
 */
ward_err filing_draft_read(struct ward_arena *arena, ward_str text, struct filing_draft *draft,
		struct filing_findings *findings, struct ward_error *error) WARD_MUST_USE;

/* The same draft as JSON in the schema's order: equal drafts give equal text. */
void filing_draft_write(const struct filing_draft *draft, struct ward_buf *out);

/* A batch of reports of one widely shared file (specified as batchedReport). */
bool filing_draft_batched(const struct filing_draft *draft);
/* Whoever made the draft asks for it to be looked at first. */
bool filing_draft_escalated(const struct filing_draft *draft);

#endif
