#include "milter/decide.h"

#include "base/json.h"

/* Of more findings there is no more to learn. */
enum { FINDINGS_MAX = 32 };

static const char *const actions[MILTER_ACTIONS] = { "pass", "hold", "reject", "defer" };

const char *milter_action_name(enum milter_action action)
{
	return actions[action];
}

bool milter_action_from(ward_str name, enum milter_action *action)
{
	for (int i = 0; i < MILTER_ACTIONS; i++) {
		if (ward_str_eq(name, ward_str_from(actions[i]))) {
			*action = (enum milter_action)i;
			return true;
		}
	}
	return false;
}

struct milter_rules milter_rules_default(void)
{
	return (struct milter_rules){ MILTER_HOLD, MILTER_HOLD, MILTER_HOLD, MILTER_DEFER };
}

void milter_outcome_init(struct milter_outcome *outcome)
{
	*outcome = (struct milter_outcome){ .state = MILTER_FAILED };
	ward_buf_init(&outcome->findings, MILTER_CONTEXT_MAX);
	ward_buf_init(&outcome->context, MILTER_CONTEXT_MAX);
}

void milter_outcome_free(struct milter_outcome *outcome)
{
	ward_buf_free(&outcome->findings);
	ward_buf_free(&outcome->context);
}

static bool is_match(const struct ward_finding *finding)
{
	return finding->kind == WARD_FINDING_KNOWN || finding->kind == WARD_FINDING_NEAR;
}

/*
 * Was something not looked at, so that what is known of the mail is not all?  A worker
 * that died, a clock that ran out, a limit that was met; or the mail itself, that nothing here
 * reads.
 */
static bool is_failure(const struct ward_finding *finding)
{
	if (finding->kind == WARD_FINDING_LIMIT)
		return true;
	return finding->err == WARD_E_WORKER || finding->err == WARD_E_TIMEOUT ||
	       finding->err == WARD_E_NOMEM || finding->err == WARD_E_IO ||
	       (finding->err == WARD_E_UNSUPPORTED && finding->path.len == 0);
}

/* ---- in codes ---- */

/* Labels have spaces between them in a list, and commas at the desk. */
static void write_labels(struct json *json, ward_str labels)
{
	struct ward_buf text;

	ward_buf_init(&text, MILTER_CONTEXT_MAX);
	while (labels.len > 0) {
		ward_str word = ward_str_cut(&labels, ' ');

		if (word.len > 0 && text.len > 0)
			ward_buf_char(&text, ',');
		ward_buf_str(&text, word);
	}
	json_key_str(json, "labels", text.failed ? WARD_STR("") : ward_buf_text(&text));
	ward_buf_free(&text);
}

static void write_finding(struct json *json, const struct ward_finding *finding)
{
	json_object(json);
	json_key_text(json, "kind", ward_finding_kind_name(finding->kind));
	if (finding->list.len > 0) {
		json_key_str(json, "list", finding->list);
		json_key_uint(json, "entry", finding->entry);
		json_key_uint(json, "distance", finding->distance);
		write_labels(json, finding->labels);
	}
	json_object_end(json);
}

static void write_findings(struct ward_buf *out, const struct ward_report *report)
{
	struct json json = json_to(out);

	json_array(&json);
	for (size_t i = 0; i < report->finding_count && i < FINDINGS_MAX; i++)
		write_finding(&json, &report->findings[i]);
	json_array_end(&json);
}

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
	if (verdict->queue.len > 0)
		json_key_str(&json, "queue", verdict->queue);
	json_key_str(&json, "rule", verdict->rule);
	json_object_end(&json);
}

/* ---- the outcome ---- */

void milter_outcome_read(struct milter_outcome *outcome, const struct ward_report *report)
{
	bool failed = report->item_count == 0 || !report->items[0].has_digests;

	outcome->verdict = report->verdict.kind;
	outcome->found = report->verdict.kind != WARD_ALLOW &&
			 report->verdict.finding < report->finding_count &&
			 is_match(&report->findings[report->verdict.finding]);
	for (size_t i = 0; i < report->finding_count; i++)
		failed = failed || is_failure(&report->findings[i]);
	outcome->state = failed ? MILTER_FAILED : MILTER_LOOKED;
	if (failed)
		(void)ward_fail(&outcome->error, WARD_E_WORKER, "the mail could not be read whole");
	write_findings(&outcome->findings, report);
	write_context(&outcome->context, report);
}

enum milter_action milter_decide(const struct milter_rules *rules,
		const struct milter_outcome *outcome)
{
	if (outcome->state == MILTER_LARGE)
		return rules->large;
	if (outcome->state == MILTER_FAILED && !outcome->found)
		return rules->failed;
	switch (outcome->verdict) {
	case WARD_BLOCK:
		return rules->block;
	case WARD_HOLD:
		return rules->hold;
	case WARD_ALLOW:
	case WARD_VERDICT_KIND_COUNT:
		break;
	}
	return MILTER_PASS;
}

const char *milter_says(const struct milter_outcome *outcome)
{
	return outcome->state == MILTER_LOOKED || outcome->found ? "checked" : "unchecked";
}
