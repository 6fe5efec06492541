#include "api/scan_intake.h"

#include "api/scanning.h"
#include "api/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "intake/intake.h"

#include <unistd.h>

/* So long nobody tries again what has just failed. */
#define AWAY_US ((uint64_t)2 * 1000000)

enum { RULE_MAX = 100 };

/* ---- what it is ---- */

/* Labels have spaces between them in a list, and commas at the desk. */
static void write_labels(struct json *json, ward_str labels)
{
	struct ward_buf text;

	ward_buf_init(&text, INTAKE_CONTEXT_MAX);
	while (labels.len > 0) {
		ward_str word = ward_str_cut(&labels, ' ');

		if (word.len == 0)
			continue;
		if (text.len > 0)
			ward_buf_char(&text, ',');
		ward_buf_str(&text, word);
	}
	json_key_str(json, "labels", text.failed ? WARD_STR("") : ward_buf_text(&text));
	ward_buf_free(&text);
}

/* Codes alone: what the rule found, as routes of the desk look at it. */
static void write_context(struct ward_buf *out, const struct ward_report *report)
{
	const struct ward_verdict *verdict = &report->verdict;
	struct json json = json_to(out);

	json_object(&json);
	if (verdict->finding < report->finding_count) {
		const struct ward_finding *finding = &report->findings[verdict->finding];

		json_key_text(&json, "finding", ward_finding_kind_name(finding->kind));
		if (finding->list.len > 0)
			json_key_str(&json, "list", finding->list);
		if (finding->labels.len > 0)
			write_labels(&json, finding->labels);
	}
	json_key_int(&json, "priority", verdict->priority);
	json_key_str(&json, "queue", verdict->queue);
	json_key_str(&json, "rule", verdict->rule);
	json_object_end(&json);
}

/* The file's bytes, and how it looks where that was seen. */
static void fill_item(struct intake_item_new *item, const struct part *part,
		const struct ward_report *report)
{
	const struct ward_item *file = report->item_count > 0 ? &report->items[0] : NULL;

	*item = (struct intake_item_new){ .kind = INTAKE_MEDIA,
		.from_fd = true,
		.fd = part->spill.fd,
		.type = WARD_STR("") };
	if (!file || file->frame_count == 0)
		return;
	item->has_pdq = true;
	item->pdq = file->frames[0].pdq.hash;
	item->pdq_quality = (unsigned)file->frames[0].pdq.quality;
}

/* The same file by the same rule. */
static bool write_once(char once[64 + 1 + RULE_MAX + 1], const struct ward_report *report)
{
	char sha256[65];

	if (report->item_count == 0 || !report->items[0].has_digests)
		return false;
	ward_hex_format(report->items[0].digests.sha256, 32, sha256);
	ward_str rule = report->verdict.rule;

	snprintf(once, 64 + 1 + RULE_MAX + 1, "%s/%.*s", sha256,
			(int)(rule.len < RULE_MAX ? rule.len : RULE_MAX), rule.ptr);
	return true;
}

static ward_err keep(struct request *request, const struct part *part,
		const struct ward_report *report, struct intake_added *added,
		struct ward_error *error)
{
	char once[64 + 1 + RULE_MAX + 1], actor[80];
	struct intake_item_new item;
	struct ward_buf context;

	if (!write_once(once, report))
		return ward_fail(error, WARD_E_IO, "the file has no digest");
	if (lseek(part->spill.fd, 0, SEEK_SET) != 0)
		return ward_fail(error, WARD_E_IO, "the file cannot be read again");
	fill_item(&item, part, report);
	snprintf(actor, sizeof(actor), "key:%.70s", request->key_name);
	ward_buf_init(&context, INTAKE_CONTEXT_MAX);
	write_context(&context, report);
	ward_err err = context.failed ? ward_fail(error, WARD_E_LIMIT, "the finding is too long")
				      : intake_add(request_intake(request),
							&(struct intake_new){
									.channel = INTAKE_SCAN,
									.holder = ward_str_from(
											request->key_name),
									.once = ward_str_from(once),
									.reporter = INTAKE_AUTOMATIC,
									.context = ward_buf_text(
											&context),
									.items = &item,
									.item_count = 1,
									.actor = { ward_str_from(actor),
											WARD_STR("") } },
							added, error);

	ward_buf_free(&context);
	return err;
}

/* ---- while it is away ---- */

static bool was_away(const struct server *server)
{
	uint64_t since = server->scan_away_us;

	return since != 0 && clock_ticks_us() - since < AWAY_US;
}

/* Said when it begins and when it ends, not by each scan. */
static void note(struct server *server, ward_err err, const struct ward_error *error)
{
	uint64_t before = server->scan_away_us;

	server->scan_away_us = err ? clock_ticks_us() : 0;
	if (err && before == 0)
		log_error("scan_not_queued", "code=%s message=\"%s\"", ward_err_name(err),
				error->message);
	else if (!err && before != 0)
		log_info("scan_queued_again", "away_s=%llu",
				(unsigned long long)((clock_ticks_us() - before) / 1000000));
}

enum scan_kept scan_intake(struct request *request, const struct part *part,
		const struct ward_report *report, char id[ID_TEXT_MAX])
{
	struct server *server = request->server;
	struct intake_added added;
	struct ward_error error;

	if (report->verdict.queue.len == 0 || !request_settings(request)->intake_scans)
		return SCAN_NOT_QUEUED;
	if (!request_intake(request) || was_away(server))
		return SCAN_NOT_KEPT;
	ward_err err = keep(request, part, report, &added, &error);

	/* Who never made the vault's keys has no desk, and nothing is kept. */
	if (err == WARD_E_NOT_FOUND && !request_settings(request)->intake_scans_closed)
		return SCAN_NOT_QUEUED;
	note(server, err, &error);
	if (err)
		return SCAN_NOT_KEPT;
	if (!added.again && report->item_count > 0)
		scanning_know(request, added.report, &report->items[0].facts, 1);
	memcpy(id, added.report, ID_TEXT_MAX);
	return SCAN_KEPT;
}
