#include "filing/draft.h"

#include "base/json.h"

static void write_value(struct json *json, enum filing_value value, ward_str text)
{
	bool yes = ward_str_eq(text, WARD_STR("true"));
	int64_t number;

	if ((value == FILING_BOOLEAN || value == FILING_MARK) &&
			(yes || ward_str_eq(text, WARD_STR("false"))))
		json_bool(json, yes);
	else if (value == FILING_MARK && text.len == 0)
		json_bool(json, true);
	else if ((value == FILING_INT || value == FILING_LONG) && ward_i64_parse(text, &number) &&
			text.ptr[0] != '+' && (text.ptr[0] != '0' || text.len == 1) &&
			!ward_str_starts(text, WARD_STR("-0")))
		json_int(json, number);
	else
		json_str(json, text);
}

static bool has_attributes(const struct filing_node *node)
{
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		if (node->attributes[i].ptr)
			return true;
	}
	return false;
}

static void write_node(const struct filing_node *node, struct json *json);

static void write_fields(const struct filing_node *node,
		struct json *json) // NOLINT(misc-no-recursion)
{
	for (unsigned i = 0; i < node->type->part_count; i++) {
		const struct filing_list *list = &node->slots[i];

		if (list->count == 0)
			continue;
		json_key(json, node->type->parts[i].name);
		if (list->count > 1 || node->type->parts[i].many)
			json_array(json);
		for (const struct filing_node *child = list->first; child; child = child->next)
			write_node(child, json);
		if (list->count > 1 || node->type->parts[i].many)
			json_array_end(json);
	}
}

static void write_node(const struct filing_node *node,
		struct json *json) // NOLINT(misc-no-recursion)
{
	char name[64];

	if (node->type->value != FILING_PARTS && !has_attributes(node)) {
		write_value(json, node->type->value, node->text);
		return;
	}
	json_object(json);
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		if (!node->attributes[i].ptr)
			continue;
		snprintf(name, sizeof(name), "@%s", node->type->attributes[i].name);
		json_key(json, name);
		write_value(json, node->type->attributes[i].value, node->attributes[i]);
	}
	if (node->text.ptr) {
		json_key(json, "#");
		write_value(json, node->type->value, node->text);
	}
	write_fields(node, json);
	json_object_end(json);
}

void filing_draft_write(const struct filing_draft *draft, struct ward_buf *out)
{
	struct json json = json_to(out);

	json_object(&json);
	json_key(&json, "report");
	write_node(draft->report, &json);
	json_key(&json, "files");
	json_array(&json);
	for (const struct filing_file *file = draft->files; file; file = file->next) {
		json_object(&json);
		json_key_str(&json, "item", file->item);
		if (file->md5.len > 0)
			json_key_str(&json, "md5", file->md5);
		if (file->sha256.len > 0)
			json_key_str(&json, "sha256", file->sha256);
		json_key(&json, "details");
		write_node(file->details, &json);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
}

bool filing_draft_batched(const struct filing_draft *draft)
{
	return filing_find(draft->report, "batchedReport") != NULL;
}

bool filing_draft_escalated(const struct filing_draft *draft)
{
	return filing_find(draft->report, "incidentSummary/escalateToHighPriority") != NULL;
}
