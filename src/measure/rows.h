/*
 * rows.h - where numbers come from: rows of the store, each read once for all that count them
 *
 * A row has a day, bits (what is true of it), up to three numbers and up to
 * five texts.  A metric counts rows that have some bits, and is split by their
 * texts (metrics.h).  What nobody wants of a row is not asked for.
 *
 * Rows of one base are read by one statement: what they share is put together
 * there, once.
 */
#ifndef MEASURE_ROWS_H
#define MEASURE_ROWS_H

#include <ward/base.h>

enum { MEASURE_BITS = 6, MEASURE_NUMBERS = 3, MEASURE_TEXTS = 5 };

struct measure_rows {
	/* A table of a WITH, "name AS (…)", of what is from $1 and before $2; NULL: `from` is. */
	const char *base;
	const char *from;               /* FROM …, within $1 and $2 unless the base is */
	const char *day;                /* 0: what there is now, of a level */
	const char *bits[MEASURE_BITS]; /* conditions */
	const char *numbers[MEASURE_NUMBERS];
	const char *texts[MEASURE_TEXTS];
	bool to_the_end; /* of levels: $2 is behind all there is */
};

/* Which number, or text, a metric means; and its bits. */
enum { MEASURE_ONE = 0, MEASURE_N1, MEASURE_N2, MEASURE_N3 };
enum { MEASURE_T1 = 0, MEASURE_T2, MEASURE_T3, MEASURE_T4, MEASURE_T5 };

/* ---- what came in ---- */

enum { REPORT_BARE = 1 };
enum { REPORT_CHANNEL = MEASURE_T1, REPORT_URGENCY, REPORT_REPORTER, REPORT_COUNTRY };
extern const struct measure_rows measure_reports;

enum { ITEM_ALIKE = 1, ITEM_SCANNED = 2 };
enum { ITEM_CHANNEL = MEASURE_T1, ITEM_KIND };
extern const struct measure_rows measure_report_items;

/* ---- what people said: decisions, and the items and reports of those that are the last ---- */

enum {
	WORD_STANDS = 1,   /* it was not undone */
	WORD_IS_LABEL = 2, /* of a first, a second or a third look */
	WORD_UNSEEN = 4,   /* nothing was looked at */
	WORD_FIRST = 8,    /* on its job, undone or not */
	WORD_JUDGES_FIRST = 16,
	WORD_LAST = 32, /* on its job, which is not open */
};
enum { WORD_WAITED = MEASURE_N1, WORD_TOOK, WORD_ENDED };
enum { WORD_OUTCOME = MEASURE_T1, WORD_QUEUE, WORD_POLICY, WORD_URGENT, WORD_CHANNEL };
extern const struct measure_rows measure_words;

enum { JUDGED_VIOLATION = 1, JUDGED_KNOWN = 2, JUDGED_NEW = 4, JUDGED_NEW_FILE = 8 };
enum { JUDGED_KIND = MEASURE_T1, JUDGED_QUEUE, JUDGED_POLICY, JUDGED_LABELS };
extern const struct measure_rows measure_judged_items;

enum { REPORTED_SCANNED = 1, REPORTED_VIOLATION = 2 };
enum { REPORTED_CHANNEL = MEASURE_T1, REPORTED_QUEUE };
extern const struct measure_rows measure_judged_reports;

enum { PAIR_AGREES = 1 };
enum { PAIR_QUEUE = MEASURE_T2 };
extern const struct measure_rows measure_pairs;

/* Of the backlog: jobs that are open, jobs that began, and last words behind the others' end. */
enum { JOB_COUNT = MEASURE_N1 };
extern const struct measure_rows measure_open_jobs, measure_new_jobs, measure_later_words;

/* ---- the rest ---- */

enum { APPEAL_REVERSED = 1 };
enum { APPEAL_TOOK = MEASURE_N1 };
enum { APPEAL_POLICY = MEASURE_T1 };
extern const struct measure_rows measure_appeals, measure_settled_appeals;

enum { STEP = MEASURE_N1 };
extern const struct measure_rows measure_open_appeals, measure_list_steps;
enum { LIST_NAME = MEASURE_T1 };

enum { ACTION_KIND = MEASURE_T1, ACTION_PARAMETERS };
enum { ACTION_IS_LISTING = 1 };
extern const struct measure_rows measure_actions;

enum { FILING_FINISHED = 1, FILING_SENT = 2 };
enum { FILING_FILES = MEASURE_N1, FILING_TOOK };
enum { FILING_URGENT = MEASURE_T1, FILING_AUTHORITY };
extern const struct measure_rows measure_filings;

enum { HOLD_BASIS = MEASURE_T1, HOLD_AUTHORITY, DESTROYED_METHOD = MEASURE_T1 };
extern const struct measure_rows measure_sealed, measure_destroyed, measure_holds;

/* How many people are in a number is counted by person, and goes no further than that. */
enum { SEEN_ITEMS = MEASURE_N1, SEEN_SEVERE, SEEN_SECONDS };
enum { SEEN_PERSON = MEASURE_T1 };
extern const struct measure_rows measure_exposure;

#endif
