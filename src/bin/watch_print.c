#include <inttypes.h>

#include "base/clock.h"
#include "bin/scan_print.h"
#include "bin/watch.h"
#include "scan/report_json.h"

static void write_hash(struct json *json, const struct ward_report *report)
{
	const struct ward_item *item = report->item_count > 0 ? &report->items[0] : NULL;
	char text[65];

	if (!item || item->frame_count == 0)
		return;
	json_key_text(json, "pdq", ward_pdq_format(item->frames[0].pdq.hash, text));
	json_key_int(json, "quality", item->frames[0].pdq.quality);
}

static void write_frame(struct ward_buf *out, const struct watch_frame *frame)
{
	const struct ward_verdict *verdict = &frame->report->verdict;
	struct json json = json_to(out);
	char text[CLOCK_TEXT_MAX];

	json_object(&json);
	json_key_uint(&json, "stream_ms", frame->stream_ms);
	json_key_text(&json, "time", clock_format(clock_now(), text));
	json_key_uint(&json, "lag_ms", frame->lag_ms);
	json_key_uint(&json, "dropped", frame->dropped);
	write_hash(&json, frame->report);
	json_key(&json, "verdict");
	json_object(&json);
	json_key_text(&json, "kind", ward_verdict_name(verdict->kind));
	json_key_str(&json, "queue", verdict->queue);
	json_key_int(&json, "priority", verdict->priority);
	json_key_str(&json, "rule", verdict->rule);
	json_object_end(&json);
	json_key(&json, "findings");
	json_array(&json);
	for (size_t i = 0; i < frame->report->finding_count; i++)
		report_json_finding(&json, &frame->report->findings[i]);
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

void watch_print_frame(struct ward_buf *out, bool json, const struct watch_frame *frame)
{
	const struct ward_report *report = frame->report;

	if (json) {
		write_frame(out, frame);
		return;
	}
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct ward_finding *finding = &report->findings[i];

		ward_buf_printf(out, "%8" PRIu64 ".%03u s  %-5s  %-8s", frame->stream_ms / 1000,
				(unsigned)(frame->stream_ms % 1000),
				ward_verdict_name(report->verdict.kind),
				ward_finding_kind_name(finding->kind));
		if (finding->list.len > 0) {
			ward_buf_printf(out, "  distance %-3" PRIu32 "  %.*s entry %" PRIu64 "  ",
					finding->distance, WARD_FMT(finding->list), finding->entry);
			scan_print_text(out, finding->labels);
		} else {
			ward_buf_str(out, WARD_STR("  "));
			scan_print_text(out, finding->message);
		}
		ward_buf_char(out, '\n');
	}
}

static void write_totals(struct ward_buf *out, const struct watch_totals *totals)
{
	struct json json = json_to(out);

	json_object(&json);
	json_key_uint(&json, "frames", totals->frames);
	json_key_uint(&json, "dropped", totals->dropped);
	json_key_uint(&json, "found", totals->found);
	json_key_uint(&json, "known", totals->known);
	json_key_uint(&json, "near", totals->near);
	json_key_uint(&json, "connections", totals->connections);
	json_key_uint(&json, "failures", totals->failures);
	json_key_uint(&json, "lag_max_ms", totals->lag_max_ms);
	json_key(&json, "verdicts");
	json_object(&json);
	for (int i = 0; i < WARD_VERDICT_KIND_COUNT; i++)
		json_key_uint(&json, ward_verdict_name((ward_verdict_kind)i), totals->verdicts[i]);
	json_object_end(&json);
	json_key_uint(&json, "time_ms", totals->time_ms);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

void watch_print_totals(struct ward_buf *out, bool json, const struct watch_totals *totals)
{
	if (json) {
		write_totals(out, totals);
		return;
	}
	ward_buf_printf(out,
			"%12" PRIu64 "  pictures looked at in %.1f s, %" PRIu64
			" dropped; the longest lag was %.1f s\n",
			totals->frames, (double)totals->time_ms / 1000, totals->dropped,
			(double)totals->lag_max_ms / 1000);
	ward_buf_printf(out, "%12" PRIu64 "  found: %" PRIu64 " known, %" PRIu64 " near\n",
			totals->found, totals->known, totals->near);
	ward_buf_printf(out, "%12" PRIu64 "  to block, %" PRIu64 " to hold\n",
			totals->verdicts[WARD_BLOCK], totals->verdicts[WARD_HOLD]);
	ward_buf_printf(out, "%12" PRIu64 "  connections, %" PRIu64 " failures\n",
			totals->connections, totals->failures);
}
