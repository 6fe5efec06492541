#include "bin/report.h"

#include "base/clock.h"
#include "base/json.h"

#include <inttypes.h>

enum { LINE_ROOM = 1 << 20 };

static void put(struct ward_buf *text)
{
	puts(ward_buf_text(text).ptr);
	ward_buf_free(text);
}

void report_print_findings(const struct filing_findings *findings, bool json)
{
	for (const struct filing_finding *each = findings->first; each; each = each->next) {
		bool error = each->severity == FILING_ERROR;
		struct ward_buf text;
		struct json out;

		if (!json) {
			printf("%s: %s (%s%s)\n", each->path, each->says, error ? "" : "warning, ",
					each->rule);
			continue;
		}
		ward_buf_init(&text, LINE_ROOM);
		out = json_to(&text);
		json_object(&out);
		json_key_text(&out, "rule", each->rule);
		json_key_text(&out, "severity", error ? "error" : "warning");
		json_key_text(&out, "path", each->path);
		json_key_text(&out, "says", each->says);
		json_object_end(&out);
		put(&text);
	}
}

static void key_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when > 0 ? clock_format(when, text) : NULL);
}

static void print_row_json(const struct filing_row *row)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_ROOM);
	json = json_to(&text);
	json_object(&json);
	json_key_str(&json, "id", row->id);
	json_key_str(&json, "reference", row->reference);
	json_key_str(&json, "authority", row->authority);
	json_key_text(&json, "environment", filing_environment_name(row->environment));
	json_key_bool(&json, "test", row->environment != FILING_PRODUCTION);
	json_key_text(&json, "state", filing_state_name(row->state));
	json_key(&json, "report");
	if (row->report > 0)
		json_int(&json, row->report);
	else
		json_null(&json);
	json_key_int(&json, "files", row->files);
	json_key_int(&json, "files_sent", row->files_sent);
	json_key_int(&json, "files_told", row->files_told);
	json_key_int(&json, "persons", row->persons);
	json_key_int(&json, "approvals", row->approvals);
	json_key_int(&json, "tries", row->tries);
	json_key_str(&json, "sha256", row->draft_sha256);
	json_key_str(&json, "alert", row->alert);
	json_key_int(&json, "code", row->code);
	json_key_str(&json, "message", row->message);
	key_time(&json, "created", row->created_at);
	key_time(&json, "approved", row->approved_at);
	key_time(&json, "due", filing_state_final(row->state) ? 0 : row->due_at);
	key_time(&json, "finished", row->finished_at);
	json_object_end(&json);
	put(&text);
}

void report_print_row(const struct filing_row *row, bool json)
{
	char when[CLOCK_TEXT_MAX];

	if (json) {
		print_row_json(row);
		return;
	}
	printf("%s%.*s  %-10s", report_band(row->environment), WARD_FMT(row->id),
			filing_state_name(row->state));
	if (!filing_row_is_ncmec(row))
		printf("  for %.*s", WARD_FMT(row->authority));
	if (row->report > 0)
		printf("  report %" PRId64, row->report);
	if (row->files > 0)
		printf("  files %" PRId64 "/%" PRId64, row->files_told, row->files);
	if (row->state == FILING_DRAFT)
		printf("  approved by %" PRId64 " of %" PRId64, row->approvals, row->persons);
	if (!filing_state_final(row->state) && row->due_at > clock_now())
		printf("  again %s", clock_format(row->due_at, when));
	if (row->alert.len > 0)
		printf("  ! %.*s", WARD_FMT(row->alert));
	if (row->message.len > 0)
		printf("  %.*s", WARD_FMT(row->message));
	printf("\n");
}

void report_print_calls(const struct filing_call_row *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char when[CLOCK_TEXT_MAX];

		printf("  %s  %-8.*s  %-8.*s", clock_format(calls[i].begun_at, when),
				WARD_FMT(calls[i].call), WARD_FMT(calls[i].outcome));
		if (calls[i].file >= 0)
			printf("  file %" PRId64, calls[i].file);
		if (calls[i].code >= 0)
			printf("  code %" PRId64, calls[i].code);
		if (calls[i].report > 0)
			printf("  report %" PRId64, calls[i].report);
		if (calls[i].request_id.len > 0)
			printf("  request %.*s", WARD_FMT(calls[i].request_id));
		printf("  answer of %zu bytes\n", calls[i].reply.len);
	}
}
