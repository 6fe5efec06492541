#include "filing/draft.h"

#include "base/tree.h"
#include "filing/check.h"

#include <inttypes.h>

struct reading {
	struct ward_arena *arena;
	struct filing_findings *findings;
	const char *prefix; /* what the root is called in paths */
	struct ward_error *error;
	ward_err err; /* the first failure; nothing is read behind it */
};

/* The rule that a node answers to. */
static const char *rule_of(const struct filing_node *node)
{
	return node->part                         ? filing_rules[node->part->rule].id
	       : node->type == filing_type_report ? "schema/report"
						  : "schema/fileDetails";
}

static void complain(struct reading *reading, const struct filing_node *node, const char *says)
{
	filing_found(reading->findings, rule_of(node), FILING_ERROR,
			filing_path(reading->arena, reading->prefix, node, NULL), "%s", says);
}

/* Names come from outside, so of an unknown one the first characters are told. */
static void complain_name(struct reading *reading, const struct filing_node *node, const char *name)
{
	filing_found(reading->findings, rule_of(node), FILING_ERROR,
			filing_path(reading->arena, reading->prefix, node, NULL),
			"There is no field \"%.40s\" here.", name);
}

/* The text of a JSON value that stands for one; false for an object, a list and null. */
static bool text_of(struct ward_arena *arena, const struct json_t *value, ward_str *text)
{
	char number[64];
	int64_t whole;
	double real;
	bool yes;

	if (tree_is_text(value)) {
		*text = tree_text(value);
		return true;
	}
	if (tree_bool(value, &yes)) {
		*text = yes ? WARD_STR("true") : WARD_STR("false");
		return true;
	}
	if (tree_int(value, INT64_MIN, INT64_MAX, &whole))
		snprintf(number, sizeof(number), "%" PRId64, whole);
	else if (tree_number(value, &real) && real > -1e15 && real < 1e15)
		snprintf(number, sizeof(number), "%.8f", real);
	else
		return false;
	*text = ward_arena_str(arena, ward_str_from(number));
	return text->ptr != NULL;
}

static void set_attribute(struct reading *reading, struct filing_node *node, const char *name,
		const struct json_t *value)
{
	struct ward_error error;
	ward_str text;

	if (tree_is_null(value))
		return;
	if (!text_of(reading->arena, value, &text)) {
		filing_found(reading->findings, rule_of(node), FILING_ERROR,
				filing_path(reading->arena, reading->prefix, node, NULL),
				"The attribute \"%.40s\" is a text, a number, true or false.",
				name);
		return;
	}
	ward_err err = filing_set_attribute(reading->arena, node, name, text, &error);

	if (err == WARD_E_NOT_FOUND)
		filing_found(reading->findings, rule_of(node), FILING_ERROR,
				filing_path(reading->arena, reading->prefix, node, NULL),
				"There is no attribute \"%.40s\" here.", name);
	else if (err)
		reading->err = ward_fail(reading->error, err, "%s", error.message);
}

static void set_text(struct reading *reading, struct filing_node *node, const struct json_t *value)
{
	ward_str text;

	if (node->type->value == FILING_PARTS)
		complain(reading, node, "This is a group of fields, not a text.");
	else if (!text_of(reading->arena, value, &text))
		filing_found(reading->findings,
				node->type->rule == FILING_NO_RULE
						? rule_of(node)
						: filing_rules[node->type->rule].id,
				FILING_ERROR,
				filing_path(reading->arena, reading->prefix, node, NULL),
				"This is a text, a number, true or false.");
	else
		reading->err = filing_set_text(reading->arena, node, text, reading->error);
}

static void read_object(struct reading *reading, struct filing_node *node,
		const struct json_t *object);

static void read_node(struct reading *reading,
		struct filing_node *node, // NOLINT(misc-no-recursion)
		const struct json_t *value)
{
	if (tree_is_object(value))
		read_object(reading, node, value);
	else
		set_text(reading, node, value);
}

/* A mark that is false is a mark that is not there. */
static bool is_no_mark(const struct filing_part *part, const struct json_t *value)
{
	bool yes;

	return part->type->value == FILING_MARK && tree_bool(value, &yes) && !yes;
}

static void read_part(struct reading *reading,
		struct filing_node *node, // NOLINT(misc-no-recursion)
		const char *name, const struct json_t *value)
{
	bool list = tree_is_array(value);
	size_t count = list ? tree_count(value) : 1;

	for (size_t i = 0; i < count && !reading->err; i++) {
		const struct json_t *each = list ? tree_at(value, i) : value;
		struct ward_error error;
		struct filing_node *child;

		if (tree_is_null(each))
			continue;
		ward_err err = filing_add(reading->arena, node, name, &child, &error);

		if (err == WARD_E_NOT_FOUND) {
			complain_name(reading, node, name);
			return;
		}
		if (err) {
			reading->err = ward_fail(reading->error, err, "%s", error.message);
			return;
		}
		if (!list && is_no_mark(child->part, each))
			filing_remove(node, name);
		else
			read_node(reading, child, each);
	}
}

/* As deep as the schema: a name that a type does not have is not descended into. */
static void read_object(struct reading *reading,
		struct filing_node *node, // NOLINT(misc-no-recursion)
		const struct json_t *object)
{
	const struct json_t *value;
	const char *name;
	void *at = NULL;

	while (tree_next(object, &at, &name, &value)) {
		if (reading->err)
			return;
		if (name[0] == '@')
			set_attribute(reading, node, name + 1, value);
		else if (strcmp(name, "#") == 0)
			set_text(reading, node, value);
		else
			read_part(reading, node, name, value);
	}
}

/* ---- files ---- */

static void read_digest(struct reading *reading, const struct json_t *value, const char *what,
		size_t size, ward_str *digest)
{
	uint8_t bytes[32];
	ward_str text;

	*digest = WARD_STR("");
	if (tree_is_null(value))
		return;
	if (!text_of(reading->arena, value, &text) || !ward_hex_parse(text, bytes, size)) {
		filing_found(reading->findings, "draft/digest", FILING_ERROR, reading->prefix,
				"\"%s\" wants %zu hexadecimal digits.", what, 2 * size);
		return;
	}
	*digest = ward_arena_str(reading->arena, text);
}

static void read_item(struct reading *reading, const struct json_t *value, ward_str *item)
{
	ward_str text = tree_text(value);

	*item = WARD_STR("");
	if (text.len == 0 || text.len > 255) {
		filing_found(reading->findings, "draft/item", FILING_ERROR, reading->prefix,
				"\"item\" wants the id of the evidence.");
		return;
	}
	*item = ward_arena_str(reading->arena, text);
}

static void read_file(struct reading *reading, const struct json_t *value, struct filing_file *file)
{
	const struct json_t *each;
	const char *name;
	void *at = NULL;

	if (!tree_is_object(value)) {
		filing_found(reading->findings, "draft/files", FILING_ERROR, reading->prefix,
				"A file is an object of item and details.");
		return;
	}
	read_item(reading, tree_member(value, "item"), &file->item);
	read_digest(reading, tree_member(value, "md5"), "md5", 16, &file->md5);
	read_digest(reading, tree_member(value, "sha256"), "sha256", 32, &file->sha256);
	while (tree_next(value, &at, &name, &each)) {
		if (strcmp(name, "item") != 0 && strcmp(name, "md5") != 0 &&
				strcmp(name, "sha256") != 0 && strcmp(name, "details") != 0)
			filing_found(reading->findings, "draft/files", FILING_ERROR,
					reading->prefix, "There is no field \"%.40s\" here.", name);
	}
	each = tree_member(value, "details");
	if (tree_is_null(each))
		return;
	reading->prefix = ward_arena_printf(reading->arena, "%s.details", reading->prefix);
	if (reading->prefix)
		read_node(reading, file->details, each);
	else
		reading->err = ward_fail(reading->error, WARD_E_NOMEM, "the draft is too large");
}

static void read_files(struct reading *reading, const struct json_t *files,
		struct filing_draft *draft)
{
	struct filing_file **at = &draft->files;

	if (!tree_is_array(files) || tree_count(files) > FILING_FILES_MAX) {
		filing_found(reading->findings, "draft/files", FILING_ERROR, "files",
				"\"files\" is a list of at most %d.", FILING_FILES_MAX);
		return;
	}
	for (size_t i = 0; i < tree_count(files) && !reading->err; i++) {
		struct filing_file *file = ward_new(reading->arena, struct filing_file, 1);

		if (file)
			file->details = filing_tree_new(reading->arena, filing_type_details);
		reading->prefix = ward_arena_printf(reading->arena, "files[%zu]", i);
		if (!file || !file->details || !reading->prefix) {
			reading->err = ward_fail(reading->error, WARD_E_NOMEM,
					"the draft is too large");
			return;
		}
		file->index = (unsigned)i;
		*at = file;
		at = &file->next;
		draft->file_count++;
		read_file(reading, tree_at(files, i), file);
	}
}

/* ---- the whole ---- */

static void read_draft(struct reading *reading, const struct json_t *root,
		struct filing_draft *draft)
{
	const struct json_t *value;
	const char *name;
	void *at = NULL;

	while (tree_next(root, &at, &name, &value)) {
		if (reading->err)
			return;
		reading->prefix = "report";
		if (strcmp(name, "report") == 0)
			read_node(reading, draft->report, value);
		else if (strcmp(name, "files") == 0)
			read_files(reading, value, draft);
		else
			filing_found(reading->findings, "draft/fields", FILING_ERROR, "",
					"A draft has no field \"%.40s\".", name);
	}
}

ward_err filing_draft_read(struct ward_arena *arena, ward_str text, struct filing_draft *draft,
		struct filing_findings *findings, struct ward_error *error)
{
	struct filing_draft read = { .report = filing_tree_new(arena, filing_type_report) };
	struct reading reading = { arena, findings, "report", error, WARD_OK };

	if (!read.report)
		return ward_fail(error, WARD_E_NOMEM, "the draft is too large");
	if (text.len > FILING_DRAFT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a draft is at most %zu MiB",
				FILING_DRAFT_MAX >> 20);
	struct json_t *root = tree_read(text, error);

	if (!root)
		return WARD_E_FORMAT;
	read_draft(&reading, root, &read);
	tree_free(root);
	if (reading.err)
		return reading.err;
	*draft = read;
	return WARD_OK;
}
