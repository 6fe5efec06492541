/* Reports to authorities, looked at. */
#include "api/filings.h"
#include "api/handlers.h"
#include "filing/handover.h"

enum { HISTORY_MAX = 500 };

/* ---- many ---- */

static void write_filing(struct request *request, struct json *json, const void *row)
{
	(void)request;
	json_object(json);
	filings_json(json, row);
	json_object_end(json);
}

static bool read_question(struct request *request, struct filing_question *question)
{
	ward_str state = request_query(request, "state");

	*question = filings_viewer(request);
	question->job = request_query(request, "job");
	question->before = request_query(request, "after");
	question->has_state = state.len > 0;
	if (state.len > 0 && !filing_state_parse(state, &question->state)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"state\" is a state of a report, as draft, approved or "
				"finished.");
		return false;
	}
	return request_flag(request, "alert", &question->alerts) &&
	       door_limit(request, &question->rows_max);
}

void handle_filings(struct request *request)
{
	struct filing_question question;
	struct filing_row *rows;
	struct door_look look;
	size_t count;

	if (!read_question(request, &question) || !door_look(request, &look))
		return;
	ward_err err = filing_find_rows(look.tx, &question, &look.arena, &rows, &count,
			&look.error);

	if (!err)
		door_rows(request, "filings", rows, count, sizeof(*rows), write_filing);
	door_look_end(request, &look, err);
}

/* ---- one ---- */

static void write_files(struct json *json, const struct filing_file_row *files, size_t count)
{
	json_key(json, "file_list");
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		json_object(json);
		json_key_int(json, "number", files[i].number);
		json_key_str(json, "item", files[i].item);
		json_key_str(json, "state", files[i].state);
		json_key_int(json, "size", files[i].size);
		door_key_text(json, "file", files[i].file);
		json_key_bool(json, "viewed", files[i].viewed);
		json_key_bool(json, "exif_viewed", files[i].exif_viewed);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_approvals(struct json *json, const struct filing_row *row,
		const struct filing_approval_row *approvals, size_t count)
{
	json_key(json, "approved_by");
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		json_object(json);
		json_key_str(json, "person", approvals[i].person);
		door_key_time(json, "at", approvals[i].at);
		json_key_str(json, "reason", approvals[i].reason);
		json_key_bool(json, "counts", ward_str_eq(approvals[i].sha256, row->draft_sha256));
		json_object_end(json);
	}
	json_array_end(json);
}

static void key_number(struct json *json, const char *name, bool there, int64_t number)
{
	json_key(json, name);
	if (there)
		json_int(json, number);
	else
		json_null(json);
}

static void write_calls(struct json *json, const struct filing_call_row *calls, size_t count)
{
	json_key(json, "calls");
	json_array(json);
	for (size_t i = 0; i < count; i++) {
		const struct filing_call_row *call = &calls[i];

		json_object(json);
		json_key_int(json, "number", call->number);
		json_key_str(json, "call", call->call);
		key_number(json, "report", call->report > 0, call->report);
		key_number(json, "file", call->file >= 0, call->file);
		door_key_time(json, "begun_at", call->begun_at);
		door_key_time(json, "ended_at", call->ended_at);
		json_key_str(json, "outcome", call->outcome);
		key_number(json, "status", call->status > 0, call->status);
		key_number(json, "code", call->code >= 0, call->code);
		json_key_text(json, "means",
				call->code >= 0 ? filing_code_of(call->code).means : NULL);
		door_key_text(json, "request_id", call->request_id);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_package(struct json *json, const struct filing_package_row *package)
{
	json_key(json, "package");
	if (!package->made_at) {
		json_null(json);
		return;
	}
	json_object(json);
	door_key_text(json, "item", package->item);
	door_key_text(json, "sha256", package->sha256);
	json_key_int(json, "bytes", package->bytes);
	json_key_bool(json, "pages", package->pages);
	door_key_time(json, "made_at", package->made_at);
	door_key_time(json, "downloaded_at", package->downloaded_at);
	door_key_text(json, "downloaded_by", package->downloaded_by);
	door_key_time(json, "sent_at", package->sent_at);
	door_key_text(json, "sent_by", package->sent_by);
	door_key_text(json, "way", package->way);
	door_key_text(json, "reference", package->their_reference);
	door_key_time(json, "receipt_at", package->receipt_at);
	door_key_text(json, "receipt_by", package->receipt_by);
	json_object_end(json);
}

/* What the authority is called, and how it takes reports; nulls where nobody describes it. */
static void write_authority(struct request *request, struct json *json, ward_str id)
{
	struct filing_authority *authority = NULL;

	if (filing_authority_find(workspace_folder(request->snapshot->workspace), id, &authority,
			    NULL))
		authority = NULL;
	door_key_text(json, "authority_name", authority ? authority->authority : WARD_STR(""));
	door_key_text(json, "delivery", authority ? authority->delivery : WARD_STR(""));
	filing_authority_free(authority);
}

struct whole {
	struct filing_row row;
	struct filing_package_row package;
	struct filing_file_row *files;
	struct filing_approval_row *approvals;
	struct filing_call_row *calls;
	size_t file_count, approval_count, call_count;
};

/* Its calls are of the same id, and were there before the row was seen, or are newer. */
static ward_err read_whole(struct request *request, struct door_look *look, struct whole *whole)
{
	struct filing_question viewer = filings_viewer(request);
	ward_err err = filing_see(look->tx, &viewer, door_path(request, 0), &look->arena,
			&whole->row, &look->error);

	if (!err)
		err = filing_files(look->tx, whole->row.id, &look->arena, &whole->files,
				&whole->file_count, &look->error);
	if (!err)
		err = filing_approvals(look->tx, whole->row.id, &look->arena, &whole->approvals,
				&whole->approval_count, &look->error);
	if (!err)
		err = filing_calls_of(look->tx, whole->row.id, &look->arena, &whole->calls,
				&whole->call_count, &look->error);
	if (!err)
		err = filing_package_of(look->tx, whole->row.id, &look->arena, &whole->package,
				&look->error);
	return err == WARD_E_NOT_FOUND && whole->row.id.len > 0 ? WARD_OK : err;
}

void handle_filing(struct request *request)
{
	struct whole whole = { .file_count = 0 };
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = read_whole(request, &look, &whole);

	if (!err) {
		struct json json = request_json(request);

		json_object(&json);
		filings_json(&json, &whole.row);
		write_files(&json, whole.files, whole.file_count);
		write_approvals(&json, &whole.row, whole.approvals, whole.approval_count);
		write_calls(&json, whole.calls, whole.call_count);
		write_authority(request, &json, whole.row.authority);
		write_package(&json, &whole.package);
		err = door_key_history(look.tx, &json, "filing", whole.row.id, HISTORY_MAX,
				&look.error);
		json_object_end(&json);
	}
	door_look_end(request, &look, err);
}

/* ---- its draft ---- */

static ward_err see(struct request *request, struct door_look *look, struct filing_row *row)
{
	struct filing_question viewer = filings_viewer(request);

	return filing_see(look->tx, &viewer, door_path(request, 0), &look->arena, row,
			&look->error);
}

void handle_filing_draft(struct request *request)
{
	struct filing_row row;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = see(request, &look, &row);

	if (!err) {
		struct json json = request_json(request);

		json_object(&json);
		json_key_str(&json, "id", row.id);
		json_key_str(&json, "sha256", row.draft_sha256);
		json_key(&json, "draft");
		json_raw(&json, row.draft);
		json_object_end(&json);
	}
	door_look_end(request, &look, err);
}

void handle_filing_findings(struct request *request)
{
	struct filing_row row;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = see(request, &look, &row);

	if (!err) {
		struct json json = request_json(request);

		err = filings_checked_json(&json, &row, &look.error);
	}
	door_look_end(request, &look, err);
}

/* ---- its receipt: the answer to the finish as it came, or what a person took down ---- */

static ward_bytes find_receipt(const struct whole *whole)
{
	ward_str kept = whole->package.receipt;

	for (size_t i = whole->call_count; i > 0; i--) {
		const struct filing_call_row *call = &whole->calls[i - 1];

		if (ward_str_eq(call->call, WARD_STR("finish")) && call->code == 0)
			return call->reply;
	}
	return (ward_bytes){ (const uint8_t *)kept.ptr, kept.len };
}

void handle_filing_receipt(struct request *request)
{
	struct whole whole = { .file_count = 0 };
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = read_whole(request, &look, &whole);
	ward_bytes receipt = err ? (ward_bytes){ NULL, 0 } : find_receipt(&whole);

	if (!err && receipt.len == 0)
		err = ward_fail(&look.error, WARD_E_NOT_FOUND, "there is no receipt yet");
	if (!err) {
		struct answer *answer = &request->answer;

		answer->status = 200;
		/* Another's XML is not for a browser to show as a page of ours. */
		answer->type = "application/octet-stream";
		ward_buf_clear(&answer->text);
		ward_buf_add(&answer->text, receipt.ptr, receipt.len);
	}
	door_look_end(request, &look, err);
}
