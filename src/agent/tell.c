#include "agent/tell.h"

#include "base/json.h"

#include <sodium.h>

enum { LABELS_MAX = 500, KEY_BYTES = 16 };

/* The finding that decided; else the gravest. */
static const struct ward_finding *finding_of(const struct ward_report *report)
{
	if (report->finding_count == 0)
		return NULL;
	return &report->findings[report->verdict.finding < report->finding_count
						 ? report->verdict.finding
						 : 0];
}

static ward_str at_most(ward_str text, size_t len)
{
	return text.len > len ? (ward_str){ text.ptr, len } : text;
}

static void write_finding(struct json *json, const struct ward_finding *finding)
{
	json_key_text(json, "finding", ward_finding_kind_name(finding->kind));
	json_key_str(json, "list", at_most(finding->list, LABELS_MAX));
	json_key_str(json, "labels", at_most(finding->labels, LABELS_MAX));
	if (finding->kind == WARD_FINDING_NEAR)
		json_key_uint(json, "distance", finding->distance);
	/* Within an archive or a mail: how deep, not what it is called. */
	if (finding->path.len > 0) {
		uint64_t depth = 1;

		for (size_t i = 0; i < finding->path.len; i++)
			depth += finding->path.ptr[i] == '!';
		json_key_uint(json, "depth", depth);
	}
	if (finding->has_time)
		json_key_int(json, "second", (int64_t)finding->from_s);
}

static void write_context(struct json *json, const struct tell_about *about)
{
	const struct ward_report *report = about->report;
	const struct ward_finding *finding = finding_of(report);
	char digits[65];

	json_key(json, "context");
	json_object(json);
	json_key_text(json, "agent", about->agent);
	json_key_text(json, "watch", about->watch);
	json_key_text(json, "action", about->action);
	if (about->held[0])
		json_key_text(json, "held", about->held);
	json_key_text(json, "verdict", ward_verdict_name(report->verdict.kind));
	json_key_str(json, "rule", at_most(report->verdict.rule, LABELS_MAX));
	json_key_uint(json, "bytes", about->bytes);
	if (report->item_count > 0 && report->items[0].has_digests) {
		ward_hex_format(report->items[0].digests.sha256, 32, digits);
		json_key_text(json, "sha256", digits);
	}
	if (finding)
		write_finding(json, finding);
	json_object_end(json);
}

/* The hash of the picture that was found, wherever in the file it is. */
static const struct ward_item *item_of(const struct ward_report *report)
{
	const struct ward_finding *finding = finding_of(report);

	for (size_t i = 0; finding && i < report->item_count; i++) {
		if (ward_str_eq(report->items[i].path, finding->path) &&
				report->items[i].frame_count > 0)
			return &report->items[i];
	}
	return NULL;
}

static void write_items(struct json *json, const struct tell_about *about)
{
	const struct ward_item *item = item_of(about->report);
	const struct ward_finding *finding = finding_of(about->report);
	char digits[2 * sizeof(ward_pdq) + 1];

	json_key(json, "items");
	json_array(json);
	if (item) {
		json_object(json);
		json_key_text(json, "kind", "media");
		ward_pdq_format(item->frames[0].pdq.hash, digits);
		json_key_text(json, "pdq", digits);
		json_key_int(json, "pdq_quality", item->frames[0].pdq.quality);
		json_object_end(json);
	}
	json_object(json);
	json_key_text(json, "kind", "text");
	json_key(json, "text");
	struct ward_buf text;

	ward_buf_init(&text, 1 << 16);
	ward_buf_printf(&text, "%s", about->path);
	if (finding && finding->path.len > 0)
		ward_buf_printf(&text, "!%.*s", WARD_FMT(at_most(finding->path, 1 << 14)));
	json_str(json, ward_buf_text(&text));
	ward_buf_free(&text);
	json_object_end(json);
	json_array_end(json);
}

ward_err tell_write(const struct tell_about *about, struct ward_buf *body,
		char key[AGENT_SPOOL_KEY_MAX + 1], struct ward_error *error)
{
	struct json json = json_to(body);
	uint8_t digest[KEY_BYTES];
	char digits[2 * KEY_BYTES + 1];

	json_object(&json);
	json_key_text(&json, "reporter", "automatic");
	write_context(&json, about);
	write_items(&json, about);
	json_object_end(&json);
	if (body->failed || body->len > AGENT_SPOOL_BODY_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the report is too long");
	/* Of all that it says: a report that says something else is another one. */
	crypto_generichash(digest, sizeof(digest), (const uint8_t *)body->ptr, body->len, NULL, 0);
	ward_hex_format(digest, sizeof(digest), digits);
	snprintf(key, AGENT_SPOOL_KEY_MAX + 1, "agent-%s", digits);
	return WARD_OK;
}
