#include "api/handlers.h"
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

/* One file after the other; a failed one holds, for it is not known to be clean. */
static ward_verdict_kind scan_files(struct request *request, struct json *json,
		const struct ward_scan_options *options)
{
	struct ward_bank_view *view = live_view(request_live(request));
	ward_verdict_kind gravest = WARD_ALLOW;

	for (size_t i = 0; i < request->part_count; i++) {
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
		}
		json_object_end(json);
		gravest = verdict > gravest ? verdict : gravest;
	}
	ward_bank_release(view);
	return gravest;
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
	ward_verdict_kind gravest = scan_files(request, &json, &options);

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
