/*
 * handover.h - a report for another authority: its package, and what a person does with it
 *
 * What is approved is made into a package (package.h) by whoever has the
 * vault, sealed there, and kept with its report in one work: the report is
 * ready then.  A person takes it out, sends it by the authority's own way, and
 * says when, how and under which number; what the authority answers is kept as
 * the receipt.  ward sends it to nobody.
 *
 * Everything here is within the caller's work, and says CONFLICT when the
 * report is not in the state for it.  Saying the same thing again is fine.
 */
#ifndef FILING_HANDOVER_H
#define FILING_HANDOVER_H

#include "filing/filing.h"

enum { FILING_WAY_MAX = 200, FILING_RECEIPT_MAX = 20000, FILING_PAGES_TRIES = 3 };

struct filing_package_row {
	ward_str item, sha256, downloaded_by, sent_by, way, their_reference, receipt, receipt_by;
	int64_t bytes, made_at, downloaded_at, sent_at, receipt_at;
	bool pages;
};
/* NOT_FOUND before there is one. */
ward_err filing_package_of(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_package_row *package, struct ward_error *error) WARD_MUST_USE;

/* ---- making ---- */

/* A report of a job whose package is to be made; NOT_FOUND when there is none. */
ward_err filing_package_due(struct store_tx *tx, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

struct filing_package_made {
	ward_str item, sha256; /* "" of one that lies in a folder */
	uint64_t bytes;
	bool pages;
};
/* CONFLICT also when the report was changed since `row` was read: then nothing is kept of it. */
ward_err filing_package_keep(struct store_tx *tx, const struct filing_actor *actor,
		struct filing_row *row, const struct filing_package_made *made,
		struct ward_error *error) WARD_MUST_USE;
/* It is to be made later: "pages" or "seal", and a sentence. */
ward_err filing_package_later(struct store_tx *tx, struct filing_row *row, const char *alert,
		ward_str message, struct ward_error *error) WARD_MUST_USE;

/* ---- what a person does ---- */

/* It is taken out.  Each time is in the log, the first one in the row. */
ward_err filing_downloaded(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

struct filing_sending {
	int64_t at; /* when it was handed over; not ahead, and not before it was approved */
	ward_str reference, way;
};
ward_err filing_mark_sent(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		const struct filing_sending *sending, struct ward_error *error) WARD_MUST_USE;

/* The authority's answer, as text. */
ward_err filing_acknowledge(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str text, struct ward_error *error) WARD_MUST_USE;

/* One without pages is made once more, before it is sent. */
ward_err filing_package_again(struct store_tx *tx, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

#endif
