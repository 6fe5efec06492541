#include "bin/scan_print.h"

#include <inttypes.h>

#include "bin/progress.h"
#include "scan/report_json.h"

/* Rows of one file: an animation may have hundreds of hits, and a person needs a few. */
enum { ROWS_MAX = 10 };

#define ROW "%-7s  %-10s  %8s  %-20s  "

bool scan_totals_add(struct scan_totals *totals, const struct ward_report *report)
{
	bool kinds[WARD_FINDING_KIND_COUNT] = { false };

	totals->files++;
	totals->verdicts[report->verdict.kind]++;
	for (size_t i = 0; i < report->finding_count; i++)
		kinds[report->findings[i].kind] = true;
	bool unreadable = kinds[WARD_FINDING_UNREADABLE] || kinds[WARD_FINDING_LIMIT] ||
			  kinds[WARD_FINDING_ENCRYPTED];

	if (report->item_count > 0)
		totals->bytes += report->items[0].bytes;
	totals->found += kinds[WARD_FINDING_KNOWN] || kinds[WARD_FINDING_NEAR];
	totals->known += kinds[WARD_FINDING_KNOWN];
	totals->near += kinds[WARD_FINDING_NEAR];
	totals->unreadable += unreadable;
	for (size_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].kind != WARD_FINDING_ALLOWED)
			return true;
	}
	return false;
}

/* How many bytes the first character has; 0 when they are none. */
static size_t character(ward_str text)
{
	for (size_t len = 1; len <= 4 && len <= text.len; len++) {
		if (ward_utf8_valid((ward_str){ text.ptr, len }))
			return len;
	}
	return 0;
}

/*
 * C0 and C1 controls, which terminals obey (U+009B alone begins a sequence);
 * ends of lines by other names; and the marks that change the direction of
 * writing (Unicode Bidi_Control), by which a name is made to look like another.
 */
static bool is_command(ward_str text, size_t len)
{
	const uint8_t *c = (const uint8_t *)text.ptr;

	if (len == 1)
		return c[0] < ' ' || c[0] == 0x7f;
	if (len == 2)
		return (c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xd8 && c[1] == 0x9c);
	if (len > 3 || c[0] != 0xe2)
		return false;
	return (c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
	       (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

void scan_print_text(struct ward_buf *out, ward_str text)
{
	while (text.len > 0) {
		size_t len = character(text);

		if (len == 0 || is_command(text, len))
			ward_buf_char(out, '?');
		else
			ward_buf_add(out, text.ptr, len);
		text.ptr += len ? len : 1;
		text.len -= len ? len : 1;
	}
}

void scan_print_path(struct json *json, const char *path)
{
	ward_str text = ward_str_from(path);

	json_key_str(json, "path", text);
	if (ward_utf8_valid(text))
		return;
	char *hex = malloc(2 * text.len + 1);

	/* Without memory the object still says which file, as far as text can. */
	if (!hex)
		return;
	ward_hex_format((const uint8_t *)text.ptr, text.len, hex);
	json_key_text(json, "path_hex", hex);
	free(hex);
}

void scan_print_head(struct ward_buf *out)
{
	ward_buf_printf(out, ROW "%-24s  %s\n", "VERDICT", "FINDING", "DISTANCE", "LIST", "LABELS",
			"PATH");
}

/* At least `width` wide, so that short words line up. */
static void print_column(struct ward_buf *out, ward_str text, size_t width)
{
	scan_print_text(out, text);
	for (size_t i = text.len; i < width; i++)
		ward_buf_char(out, ' ');
	ward_buf_str(out, WARD_STR("  "));
}

/* Minutes and seconds, and hours where there are some. */
static void print_clock(struct ward_buf *out, double seconds)
{
	unsigned all = (unsigned)seconds;

	if (all >= 3600)
		ward_buf_printf(out, "%u:%02u:%02u", all / 3600, all / 60 % 60, all % 60);
	else
		ward_buf_printf(out, "%u:%02u", all / 60, all % 60);
}

static void print_stretch(struct ward_buf *out, double from, double to)
{
	print_clock(out, from);
	if (to - from >= 1) {
		ward_buf_char(out, '-');
		print_clock(out, to);
	}
}

static void print_time(struct ward_buf *out, const struct ward_finding *finding)
{
	ward_buf_str(out, WARD_STR(" (at "));
	print_stretch(out, finding->from_s, finding->until_s);
	ward_buf_char(out, ')');
}

/* The shares, and the longest stretch: " (video: 25 % of it, 100 % of the listed one; 3:20-3:34 is
 * 0:00-0:14)". */
static void print_video(struct ward_buf *out, const struct ward_video_hit *video)
{
	ward_buf_str(out, WARD_STR(" (video"));
	if (video->match.frames[0] > 0)
		ward_buf_printf(out, ": %.0f %% of it, %.0f %% of the listed one",
				ward_vpdq_percent(&video->match, 0),
				ward_vpdq_percent(&video->match, 1));
	if (video->span_count > 0) {
		ward_buf_str(out, WARD_STR("; "));
		print_stretch(out, video->spans[0].asked_from, video->spans[0].asked_to);
		ward_buf_str(out, WARD_STR(" is "));
		print_stretch(out, video->spans[0].listed_from, video->spans[0].listed_to);
		if (video->span_count > 1)
			ward_buf_printf(out, ", and %zu more", video->span_count - 1);
	}
	if (video->has_tmk)
		ward_buf_printf(out, "; tmk %.2f and %.2f", video->level1, video->level2);
	ward_buf_char(out, ')');
}

static void print_row(struct ward_buf *out, const char *path, const char *note,
		const struct ward_report *report, const struct ward_finding *finding)
{
	bool is_hit = finding->list.len > 0;
	char distance[16] = "-";
	char list[WARD_LIST_NAME_MAX] = "-";

	if (is_hit && finding->kind == WARD_FINDING_LINK) {
		snprintf(list, sizeof(list), "%.*s", WARD_FMT(finding->list));
	} else if (is_hit) {
		snprintf(distance, sizeof(distance), "%" PRIu32, finding->distance);
		snprintf(list, sizeof(list), "%.*s", WARD_FMT(finding->list));
	}
	ward_buf_printf(out, ROW, ward_verdict_name(report->verdict.kind),
			ward_finding_kind_name(finding->kind), distance, list);
	print_column(out, is_hit ? finding->labels : finding->message, 24);
	scan_print_text(out, ward_str_from(path));
	if (finding->path.len > 0) {
		ward_buf_char(out, '!');
		scan_print_text(out, finding->path);
	}
	if (finding->link.len > 0) {
		ward_buf_str(out, WARD_STR(" ("));
		scan_print_text(out, finding->link);
		ward_buf_char(out, ')');
	}
	if (finding->video)
		print_video(out, finding->video);
	else if (finding->has_time)
		print_time(out, finding);
	else if (finding->frame > 0)
		ward_buf_printf(out, " (frame %" PRIu32 ")", finding->frame);
	if (finding->orientation.len > 0)
		ward_buf_printf(out, " (%.*s)", WARD_FMT(finding->orientation));
	ward_buf_str(out, ward_str_from(note));
	ward_buf_char(out, '\n');
}

void scan_print_rows(struct ward_buf *out, const char *path, const char *note,
		const struct ward_report *report)
{
	size_t rows = 0;

	for (size_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].kind == WARD_FINDING_ALLOWED)
			continue;
		if (rows < ROWS_MAX)
			print_row(out, path, note, report, &report->findings[i]);
		rows++;
	}
	if (rows <= ROWS_MAX)
		return;
	ward_buf_printf(out, ROW "and %zu more  ", "", "", "", "", rows - ROWS_MAX);
	scan_print_text(out, ward_str_from(path));
	ward_buf_char(out, '\n');
}

void scan_print_report(struct ward_buf *out, enum scan_format format, bool found_only,
		const char *path, const struct ward_report *report)
{
	struct json json = json_to(out);

	if (format == SCAN_QUIET || (found_only && report->finding_count == 0))
		return;
	if (format == SCAN_TABLE) {
		scan_print_rows(out, path, NULL, report);
		return;
	}
	json_object(&json);
	scan_print_path(&json, path);
	report_json(&json, report);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

void scan_print_failure(struct ward_buf *out, enum scan_format format, const char *path,
		const struct ward_error *error)
{
	struct json json = json_to(out);

	if (format != SCAN_JSON)
		return;
	json_object(&json);
	scan_print_path(&json, path);
	json_key_text(&json, "error", ward_err_name(error->code));
	json_key_text(&json, "message", error->message);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static void print_totals_json(struct ward_buf *out, const struct scan_totals *totals,
		uint64_t took_us)
{
	struct json json = json_to(out);

	json_object(&json);
	json_key_uint(&json, "files", totals->files);
	json_key_uint(&json, "bytes", totals->bytes);
	json_key_uint(&json, "found", totals->found);
	json_key_uint(&json, "known", totals->known);
	json_key_uint(&json, "near", totals->near);
	json_key_uint(&json, "unreadable", totals->unreadable);
	json_key_uint(&json, "failed", totals->failed);
	json_key(&json, "verdicts");
	json_object(&json);
	for (int i = 0; i < WARD_VERDICT_KIND_COUNT; i++)
		json_key_uint(&json, ward_verdict_name((ward_verdict_kind)i), totals->verdicts[i]);
	json_object_end(&json);
	json_key(&json, "skipped");
	json_object(&json);
	json_key_uint(&json, "seen", totals->seen);
	json_key_uint(&json, "hidden", totals->skipped.hidden);
	json_key_uint(&json, "links", totals->skipped.links);
	json_key_uint(&json, "special", totals->skipped.special);
	json_object_end(&json);
	json_key_uint(&json, "time_us", took_us);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static void print_count(struct ward_buf *out, uint64_t count, const char *what)
{
	if (count > 0)
		ward_buf_printf(out, "%12" PRIu64 "  %s\n", count, what);
}

void scan_print_totals(struct ward_buf *out, bool json, const struct scan_totals *totals,
		uint64_t took_us)
{
	char bytes[PROGRESS_TEXT_MAX], rate[PROGRESS_TEXT_MAX];
	double seconds = (double)took_us / 1e6;

	if (json) {
		print_totals_json(out, totals, took_us);
		return;
	}
	progress_bytes(totals->bytes, bytes);
	progress_bytes((uint64_t)((double)totals->bytes / (seconds > 0 ? seconds : 1)), rate);
	ward_buf_printf(out, "%12" PRIu64 "  %s scanned: %s in %.1f s (%s/s)\n", totals->files,
			totals->files == 1 ? "file" : "files", bytes, seconds, rate);
	ward_buf_printf(out, "%12" PRIu64 "  found: %" PRIu64 " known, %" PRIu64 " near\n",
			totals->found, totals->known, totals->near);
	ward_buf_printf(out, "%12" PRIu64 "  to block, %" PRIu64 " to hold\n",
			totals->verdicts[WARD_BLOCK], totals->verdicts[WARD_HOLD]);
	print_count(out, totals->unreadable, "with content that could not be read");
	print_count(out, totals->failed, "not scanned: could not be opened or read");
	print_count(out, totals->seen, "not scanned again: done by an earlier run");
	print_count(out, totals->skipped.hidden, "hidden names left out (--hidden scans them)");
	print_count(out, totals->skipped.links, "symbolic links left out (--follow scans them)");
	print_count(out, totals->skipped.special, "sockets, pipes, devices and the like left out");
}
