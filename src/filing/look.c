#include "filing/rows.h"

#include <ward/hash.h>

ward_err filing_due(struct filing *filing, char id[ID_TEXT_MAX], struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(filing->options.store, &tx, error);

	if (err)
		return err;
	err = rows_due(tx, &filing->options, id, error);
	store_read_end(tx);
	return err;
}

ward_err filing_get(struct filing *filing, ward_str id, struct ward_arena *arena,
		struct filing_row *row, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(filing->options.store, &tx, error);

	if (err)
		return err;
	err = rows_get(tx, id, arena, row, error);
	store_read_end(tx);
	return err;
}

ward_err filing_list(struct filing *filing, ward_str before, unsigned rows_max,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(filing->options.store, &tx, error);

	if (err)
		return err;
	err = rows_page(tx, &(struct filing_question){ .before = before, .rows_max = rows_max },
			arena, rows, count, error);
	store_read_end(tx);
	return err;
}

ward_err filing_find_rows(struct store_tx *tx, const struct filing_question *question,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error)
{
	return rows_page(tx, question, arena, rows, count, error);
}

ward_err filing_see(struct store_tx *tx, const struct filing_question *question, ward_str id,
		struct ward_arena *arena, struct filing_row *row, struct ward_error *error)
{
	struct filing_row read;
	bool seen = false;
	ward_err err = rows_get(tx, id, arena, &read, error);

	if (!err)
		err = filing_job_seen(tx, question, read.job, &seen, error);
	if (!err && !seen)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no report with this id");
	if (!err)
		*row = read;
	return err;
}

ward_err filing_files(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_file_row **files, size_t *count, struct ward_error *error)
{
	return rows_files(tx, id, arena, files, count, error);
}

ward_err filing_approvals(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_approval_row **approvals, size_t *count, struct ward_error *error)
{
	return rows_approvals(tx, id, arena, approvals, count, error);
}

/* ---- asking NCMEC ---- */

ward_err filing_status(const struct filing_wire *wire, struct ward_arena *arena,
		struct filing_reply *reply, struct ward_error *error)
{
	struct filing_request request = { .call = FILING_CALL_STATUS };
	struct filing_answer answer;

	filing_wire_call(wire, &request, &answer);
	ward_err err = filing_answer_read(arena, FILING_CALL_STATUS, &answer, reply, error);

	filing_answer_free(&answer);
	return err;
}

ward_err filing_drift(const struct filing_wire *wire, bool *same, char sha256[65],
		struct ward_error *error)
{
	struct filing_request request = { .call = FILING_CALL_XSD };
	struct ward_digests digests;
	struct filing_answer answer;
	ward_err err = WARD_OK;

	filing_wire_call(wire, &request, &answer);
	ward_str body = { answer.body.ptr, answer.body.len };

	if (answer.outcome != FILING_ANSWERED)
		err = ward_fail(error, WARD_E_IO, "%s", answer.error.message);
	else if (answer.status == 401)
		err = ward_fail(error, WARD_E_DENIED, "NCMEC does not let this account in");
	else if (answer.status != 200 || body.len == 0)
		err = ward_fail(error, WARD_E_IO, "NCMEC answered with no schema (HTTP %u)",
				answer.status);
	else
		err = ward_digest((ward_bytes){ (const uint8_t *)body.ptr, body.len }, &digests);
	filing_answer_free(&answer);
	if (err)
		return err;
	ward_hex_format(digests.sha256, 32, sha256);
	*same = strcmp(sha256, filing_schema_sha256) == 0;
	return WARD_OK;
}
