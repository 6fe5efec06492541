#include "api/handlers.h"
#include "api/scan_intake.h"
#include "api/scanning.h"
#include "base/log.h"
#include "scan/report_json.h"

/* What stands before each file's report. */
static void begin_file(struct json *json, const struct request *request, size_t index)
{
	const struct part *part = &request->parts[index];

	json_object(json);
	json_key_uint(json, "index", index);
	if (part->field[0])
		json_key_text(json, "field", part->field);
}

/* The scan itself failed: that is told, and is no verdict. */
static void write_failure(struct json *json, const struct request *request,
		const struct ward_error *error)
{
	log_error("scan_failed", "id=%s code=%s", request->id, ward_err_name(error->code));
	json_key_text(json, "error", ward_err_name(error->code));
	json_key_text(json, "message", "The file could not be scanned; send it again.");
}

/* False when the operator wants no verdict without its report. */
static bool write_kept(struct json *json, struct request *request, const struct part *part,
		const struct ward_report *report)
{
	char id[ID_TEXT_MAX];
	enum scan_kept kept = scan_intake(request, part, report, id);

	if (kept != SCAN_NOT_QUEUED)
		json_key_text(json, "report", kept == SCAN_KEPT ? id : NULL);
	return kept != SCAN_NOT_KEPT || !request_settings(request)->intake_scans_closed;
}

/*
 * One file after the other; a failed one holds, for it is not known to be clean.  False when a
 * verdict is not to be told.
 */
static bool scan_files(struct request *request, struct json *json,
		const struct ward_scan_options *options, ward_verdict_kind *gravest)
{
	struct ward_bank_view *view = live_view(request_live(request));
	bool told = true;

	*gravest = WARD_ALLOW;
	for (size_t i = 0; told && i < request->part_count; i++) {
		const struct ward_report *report;
		struct ward_error error;
		ward_verdict_kind verdict = WARD_HOLD;

		begin_file(json, request, i);
		if (scanning_file(request, &request->parts[i], view, options, &report, &error)) {
			write_failure(json, request, &error);
		} else {
			report_json(json, report);
			metrics_report(request_metrics(request), report);
			verdict = report->verdict.kind;
			told = write_kept(json, request, &request->parts[i], report);
		}
		json_object_end(json);
		*gravest = verdict > *gravest ? verdict : *gravest;
	}
	ward_bank_release(view);
	return told;
}

void handle_scan(struct request *request)
{
	struct ward_scan_options options;

	if (!scanning_has_files(request) || !scanning_options(request, &options))
		return;
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "request", request->id);
	json_key(&json, "files");
	json_array(&json);
	ward_verdict_kind gravest;

	if (!scan_files(request, &json, &options, &gravest)) {
		request_trouble(request, PROBLEM_NO_STORE,
				"What was found could not be kept for a person: hold the file, and "
				"send it again in a while.");
		request->answer.retry_after_s = 5;
		return;
	}
	json_array_end(&json);
	json_key_text(&json, "verdict", ward_verdict_name(gravest));
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}

void handle_hash(struct request *request)
{
	struct ward_scan_options options;
	bool exact = true;

	if (!scanning_has_files(request) || !scanning_options(request, &options) ||
			!request_flag(request, "exact", &exact))
		return;
	options.hash_only = true;
	options.size = exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options.both_paths = exact;
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "request", request->id);
	json_key(&json, "files");
	json_array(&json);
	for (size_t i = 0; i < request->part_count; i++) {
		const struct ward_report *report;
		struct ward_error error;

		begin_file(&json, request, i);
		if (scanning_file(request, &request->parts[i], NULL, &options, &report, &error)) {
			write_failure(&json, request, &error);
		} else {
			json_key(&json, "items");
			json_array(&json);
			for (size_t k = 0; k < report->item_count; k++)
				report_json_item(&json, &report->items[k]);
			json_array_end(&json);
		}
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}
