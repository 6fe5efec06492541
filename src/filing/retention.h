/*
 * retention.h - how long a report is kept here, and how it ends
 *
 * A report holds people's data.  One that was filed or sent is kept for the
 * law's time (a clock of vault/legal.h: "us-2258a-h", or what its authority's
 * file names) from its finish; what was never sent for ninety days from its
 * last change.  Then its rows are deleted in one work (SQLite overwrites them;
 * for PostgreSQL see docs/guide/vault.md), and a record stays that says that it
 * was here, without a word of it.  The same reference is not sent once more.
 *
 * What still waits for somebody does not end by itself: a report on its way,
 * one that failed, a package that nobody sent, a draft that a decision asks
 * for.  Neither does one whose files, package or job are held for an
 * authority.  A report is ended when it was found to be over its time twice, a
 * day apart, and never by a clock that stands before the newest row of the log:
 * a clock that was wrong for an hour ends nothing.
 */
#ifndef FILING_RETENTION_H
#define FILING_RETENTION_H

#include "store/store.h"
#include "vault/legal.h"

enum { FILING_UNSENT_DAYS = 90 };

struct filing_retention {
	const struct legal *legal; /* borrowed */
	const char *workspace;     /* the folder with authorities of its own; or NULL */
};

struct filing_ended {
	uint64_t ended;
	uint64_t held; /* over their time, and kept for an authority */
};

/* Ends what is due; each report in a work of its own, so it can be cut off anywhere. */
ward_err filing_end_due(struct store *store, const struct filing_retention *retention,
		struct filing_ended *ended, struct ward_error *error) WARD_MUST_USE;

/* Whether a report with this reference was filed or sent, and ended. */
ward_err filing_has_ended(struct store_tx *tx, ward_str reference, bool *has,
		struct ward_error *error) WARD_MUST_USE;

#endif
