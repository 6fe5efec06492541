#include "bin/policy_findings.h"

#include <jansson.h>

enum { MEMORY = 64 << 20, DISTANCE_MAX = 1 << 30 };

static ward_err wrong(struct ward_error *error, const char *what)
{
	return ward_fail(error, WARD_E_FORMAT, "%s", what);
}

static ward_err copy_text(struct policy_findings *findings, const json_t *value, ward_str *text,
		struct ward_error *error)
{
	*text = ward_arena_str(&findings->arena,
			(ward_str){ json_string_value(value), json_string_length(value) });
	return text->ptr ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory for a finding");
}

static ward_err take_kind(const json_t *object, ward_finding_kind *kind, struct ward_error *error)
{
	const char *name = json_string_value(json_object_get(object, "kind"));

	for (int i = 0; name && i < WARD_FINDING_KIND_COUNT; i++) {
		if (strcmp(name, ward_finding_kind_name((ward_finding_kind)i)) == 0) {
			*kind = (ward_finding_kind)i;
			return WARD_OK;
		}
	}
	return wrong(error, "a finding has a \"kind\": known, near, allowed, excluded, unreadable, "
			    "limit, encrypted, score or link");
}

static ward_err take_count(const json_t *object, const char *name, uint32_t *count,
		struct ward_error *error)
{
	const json_t *value = json_object_get(object, name);

	if (!value)
		return WARD_OK;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
			json_integer_value(value) > DISTANCE_MAX)
		return ward_fail(error, WARD_E_FORMAT, "\"%s\" is a whole number", name);
	*count = (uint32_t)json_integer_value(value);
	return WARD_OK;
}

/* An array of words, or one text with blanks between them. */
static ward_err take_labels(struct policy_findings *findings, const json_t *value, ward_str *labels,
		struct ward_error *error)
{
	struct ward_buf text;
	ward_err err = WARD_OK;

	if (!value)
		return WARD_OK;
	if (json_is_string(value))
		return copy_text(findings, value, labels, error);
	if (!json_is_array(value))
		return wrong(error, "\"labels\" is an array of texts");
	ward_buf_init(&text, MEMORY);
	for (size_t i = 0; i < json_array_size(value) && !err; i++) {
		const json_t *word = json_array_get(value, i);

		if (!json_is_string(word))
			err = wrong(error, "\"labels\" is an array of texts");
		else
			ward_buf_printf(&text, "%s%s", i > 0 ? " " : "", json_string_value(word));
	}
	if (!err) {
		*labels = ward_arena_str(&findings->arena, ward_buf_text(&text));
		if (text.failed || !labels->ptr)
			err = ward_fail(error, WARD_E_NOMEM, "no memory for a finding");
	}
	ward_buf_free(&text);
	return err;
}

static ward_err take_finding(struct policy_findings *findings, const json_t *object,
		struct ward_finding *finding, struct ward_error *error)
{
	const json_t *list = json_object_get(object, "list");
	const json_t *score = json_object_get(object, "score");
	ward_err err = take_kind(object, &finding->kind, error);

	if (!err && list)
		err = json_is_string(list) ? copy_text(findings, list, &finding->list, error)
					   : wrong(error, "\"list\" is a text");
	if (!err)
		err = take_labels(findings, json_object_get(object, "labels"), &finding->labels,
				error);
	if (!err)
		err = take_count(object, "distance", &finding->distance, error);
	if (!err)
		err = take_count(object, "affirmed", &finding->affirmed, error);
	if (!err)
		err = take_count(object, "disputed", &finding->disputed, error);
	if (!err && score && !json_is_number(score))
		err = wrong(error, "\"score\" is a number");
	if (!err && score)
		finding->score = json_number_value(score);
	return err;
}

static ward_err take_array(struct policy_findings *findings, const json_t *array,
		struct ward_error *error)
{
	size_t count = json_array_size(array);
	ward_err err = WARD_OK;

	findings->at = ward_new(&findings->arena, struct ward_finding, count + 1);
	if (!findings->at)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the findings");
	for (size_t i = 0; i < count && !err; i++)
		err = take_finding(findings, json_array_get(array, i), &findings->at[i], error);
	findings->count = count;
	return err;
}

static ward_err take_value(struct policy_findings *findings, const json_t *value,
		struct ward_error *error)
{
	const json_t *inner = json_object_get(value, "findings");
	const json_t *path = json_object_get(value, "path");

	if (json_is_string(path) && copy_text(findings, path, &findings->path, error) != WARD_OK)
		return WARD_E_NOMEM;
	if (json_is_array(inner))
		return take_array(findings, inner, error);
	if (inner)
		return wrong(error, "\"findings\" is an array");
	if (json_is_array(value))
		return take_array(findings, value, error);
	findings->count = 1;
	findings->at = ward_new(&findings->arena, struct ward_finding, 1);
	if (!findings->at)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the findings");
	return take_finding(findings, value, findings->at, error);
}

/* Past white space; false at the end. */
static bool any_left(FILE *file)
{
	int c;

	do {
		c = getc(file);
	} while (c == ' ' || c == '\t' || c == '\n' || c == '\r');
	if (c == EOF)
		return false;
	ungetc(c, file);
	return true;
}

ward_err policy_findings_read(FILE *file, struct policy_findings *findings, bool *more,
		struct ward_error *error)
{
	struct policy_findings read = { 0 };
	json_error_t where;

	if (!any_left(file)) {
		*more = false;
		return ferror(file) ? ward_fail(error, WARD_E_IO, "cannot read on") : WARD_OK;
	}
	json_t *value = json_loadf(file, JSON_DISABLE_EOF_CHECK, &where);

	if (!value)
		return ward_fail(error, WARD_E_FORMAT,
				"line %d, column %d of this value: this is "
				"no JSON",
				where.line, where.column);
	ward_arena_init(&read.arena, MEMORY);
	ward_err err = take_value(&read, value, error);

	json_decref(value);
	if (err) {
		ward_arena_free(&read.arena);
		return err;
	}
	*findings = read;
	*more = true;
	return WARD_OK;
}
