#include "filing/checker.h"

/* What a batch of one widely shared file may hold; anything else makes NCMEC refuse it. */

static bool one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(name, *names) == 0)
			return true;
	}
	return false;
}

/* `rule` is what the finding is called. */
static void refuse_others(const struct checker *checker, const char *rule,
		const struct filing_node *node, const char *const *allowed, const char *says)
{
	for (unsigned i = 0; i < node->type->part_count; i++) {
		const struct filing_node *found = node->slots[i].first;

		if (found && !one_of(found->part->name, allowed))
			filing_found(checker->findings, rule, FILING_ERROR,
					filing_path(checker->findings->arena, checker->prefix,
							found, NULL),
					"%s", says);
	}
}

static void check_people(const struct checker *checker)
{
	static const char *const allowed[] = { "espIdentifier", NULL };
	const struct filing_node *each =
			filing_find(checker->draft->report, "personOrUserReported");

	if (!each)
		filing_found(checker->findings, "batched/personOrUserReported", FILING_ERROR,
				"report", "A batch names the accounts that it is about.");
	for (; each; each = each->next) {
		refuse_others(checker, "batched/personOrUserReported", each, allowed,
				"An account in a batch is its espIdentifier alone.");
		if (!filing_find(each, "espIdentifier"))
			filing_found(checker->findings, "batched/personOrUserReported",
					FILING_ERROR,
					filing_path(checker->findings->arena, checker->prefix, each,
							NULL),
					"An account in a batch wants its espIdentifier.");
	}
}

static void check_file(struct checker *checker, const struct filing_file *file)
{
	static const char *const allowed[] = { "reportId", "fileId", "fileName",
		"uploadedToEspTimestamp", "fileViewedByEsp", "exifViewedByEsp", "publiclyAvailable",
		"fileRelevance", "fileAnnotations", "industryClassification", NULL };
	static const char *const marks[] = { "viral", "potentialMeme", NULL };
	const struct filing_node *annotations = filing_find(file->details, "fileAnnotations");

	checker->prefix = "files[0].details";
	refuse_others(checker, "batched/fileDetails", file->details, allowed,
			"The file of a batch does not carry this.");
	if (annotations)
		refuse_others(checker, "batched/fileAnnotations", annotations, marks,
				"The file of a batch is marked viral or potentialMeme, and no "
				"more.");
	if (!annotations || (!filing_find(annotations, "viral") &&
					    !filing_find(annotations, "potentialMeme")))
		filing_found(checker->findings, "batched/fileAnnotations", FILING_ERROR,
				checker->prefix,
				"The file of a batch is marked viral or potentialMeme.");
}

void checker_batch(const struct checker *outer)
{
	static const char *const report[] = { "batchedReport", "incidentSummary", "reporter",
		"personOrUserReported", NULL };
	struct checker checker = *outer;

	checker.prefix = "report";
	refuse_others(&checker, "batched/report", checker.draft->report, report,
			"A batch does not carry this.");
	if (filing_draft_escalated(checker.draft))
		filing_found(checker.findings, "batched/escalateToHighPriority", FILING_ERROR,
				"report.incidentSummary.escalateToHighPriority",
				"A batch cannot be escalated.");
	check_people(&checker);
	if (checker.draft->file_count != 1)
		filing_found(checker.findings, "batched/files", FILING_ERROR, "files",
				"A batch has exactly one file; this has %u.",
				checker.draft->file_count);
	else
		check_file(&checker, checker.draft->files);
}
