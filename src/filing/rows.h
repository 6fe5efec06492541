/*
 * rows.h - the rows of a filing; for this module alone, and the only place with SQL
 *
 * A change of a filing names the turn it was made from: when somebody has
 * changed it in between nothing happens and the answer is CONFLICT.
 */
#ifndef FILING_ROWS_H
#define FILING_ROWS_H

#include "filing/filing.h"

struct filing {
	struct filing_options options;
};

/* Of what is written now for this authority: reports that are not NCMEC's have one of their own. */
enum filing_environment rows_environment_of(const struct filing *filing, ward_str authority);

/* A row with its texts in the arena.  NOT_FOUND. */
ward_err rows_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_row *row, struct ward_error *error) WARD_MUST_USE;
ward_err rows_by_reference(struct store_tx *tx, ward_str reference, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
ward_err rows_by_action(struct store_tx *tx, ward_str action, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
ward_err rows_due(struct store_tx *tx, const struct filing_options *options, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
ward_err rows_page(struct store_tx *tx, const struct filing_question *question,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

ward_err rows_insert(struct store_tx *tx, const struct filing_row *row,
		struct ward_error *error) WARD_MUST_USE;
/* Everything of a row that can change, if its turn is still `row->turn`; the turn grows. */
ward_err rows_update(struct store_tx *tx, struct filing_row *row,
		struct ward_error *error) WARD_MUST_USE;

ward_err rows_approve(struct store_tx *tx, ward_str id, ward_str person, ward_str sha256,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* ---- files ---- */

/* Replaces the files by those of the draft, all waiting. */
ward_err rows_files_put(struct store_tx *tx, ward_str id, const struct filing_draft *draft,
		struct ward_error *error) WARD_MUST_USE;
/* The first in this state; NOT_FOUND. */
ward_err rows_file(struct store_tx *tx, ward_str id, const char *state, struct ward_arena *arena,
		struct filing_file_row *row, struct ward_error *error) WARD_MUST_USE;
ward_err rows_file_update(struct store_tx *tx, ward_str id, const struct filing_file_row *row,
		struct ward_error *error) WARD_MUST_USE;
/* All are to be sent again. */
ward_err rows_files_reset(struct store_tx *tx, ward_str id, struct ward_error *error) WARD_MUST_USE;

ward_err rows_files(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_file_row **files, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
ward_err rows_approvals(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_approval_row **approvals, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* ---- calls ---- */

/* The number of the new row. */
ward_err rows_call_begin(struct store_tx *tx, ward_str id, const struct filing_call_row *call,
		int64_t *number, struct ward_error *error) WARD_MUST_USE;
/* `*ours` is false when somebody has called it lost meanwhile; the answer is kept all the same. */
ward_err rows_call_end(struct store_tx *tx, ward_str id, const struct filing_call_row *call,
		bool *ours, struct ward_error *error) WARD_MUST_USE;
/* Those that have no end are lost. */
ward_err rows_calls_lost(struct store_tx *tx, ward_str id, struct ward_error *error) WARD_MUST_USE;

#endif
