/*
 * What an import did, as JSON
 */
#include "workspace/workspace.h"

#include "scan/report_json.h"

void workspace_imported_json(struct json *json, const struct workspace_imported *imported)
{
	json_key_text(json, "format", exchange_format_name(imported->format));
	json_key_uint(json, "records", imported->records);
	json_key_uint(json, "added", imported->added);
	json_key_uint(json, "bad", imported->bad);
	json_key_uint(json, "partly", imported->partly);
	json_key_uint(json, "removed", imported->removed);
	json_key_uint(json, "degenerate", imported->degenerate);
	json_key_uint(json, "low_quality", imported->low_quality);
	json_key_uint(json, "replaced", imported->replaced);
	json_key_uint(json, "harmless", imported->harmless);
	json_key_uint(json, "passed_over", imported->passed_over);
	json_key_uint(json, "guessed", imported->guessed);
	json_key_uint(json, "unknown_labels", imported->unknown_labels);
	json_key(json, "signals");
	json_object(json);
	for (int kind = 1; kind < WARD_SIGNAL_KIND_COUNT; kind++)
		json_key_uint(json, ward_signal_kind_name((ward_signal_kind)kind),
				imported->signals[kind]);
	report_json_video_counts(json, imported->vpdq, imported->tmk);
	json_object_end(json);
}
