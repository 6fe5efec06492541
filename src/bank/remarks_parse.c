#include "bank/remarks.h"

#include <inttypes.h>
#include <jansson.h>

static bool read_number(const json_t *root, const char *key, int64_t *number)
{
	const json_t *value = json_object_get(root, key);

	*number = json_integer_value(value);
	return json_is_integer(value) && *number >= 0;
}

/* Sixteen digits, as they are written. */
static bool read_signals(const json_t *root, uint64_t *signals)
{
	const char *text = json_string_value(json_object_get(root, "signals"));
	char *end = NULL;

	if (!text || strspn(text, "0123456789abcdef") != 16 || text[16])
		return false;
	*signals = strtoull(text, &end, 16);
	return *end == '\0';
}

static bool read_remark(const json_t *root, struct remark *remark)
{
	const json_t *note = json_object_get(root, "note");
	int64_t entry = 0;
	struct ward_remark told;

	if (!read_number(root, "entry", &entry) || !read_signals(root, &remark->signals) ||
			!read_number(root, "off_until", &remark->off_until) ||
			!json_is_string(note) ||
			strlen(json_string_value(note)) != json_string_length(note))
		return false;
	remark->entry = (uint64_t)entry;
	told = (struct ward_remark){ remark->entry, remark->off_until, json_string_value(note) };
	return !ward_remark_check(&told, NULL) && (remark->note = strdup(told.note));
}

ward_err remark_parse(ward_str line, struct remark *remark, struct ward_error *error)
{
	struct remark read = { 0 };
	json_t *root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = root && read_remark(root, &read);

	json_decref(root);
	if (!ok)
		return ward_fail(error, WARD_E_CORRUPT, "this is not a remark");
	*remark = read;
	return WARD_OK;
}

static size_t count_lines(ward_str text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

static ward_err read_lines(ward_str text, struct remarks *remarks, size_t lines,
		struct ward_error *error)
{
	for (size_t i = 0; i < lines; i++) {
		struct ward_error why = { 0 };
		ward_err err = remark_parse(ward_str_cut(&text, '\n'), &remarks->at[i], &why);

		if (err)
			return ward_fail(error, err, "line %zu: %s", i + 1, why.message);
		remarks->count++;
		if (i > 0 && remarks->at[i].entry <= remarks->at[i - 1].entry)
			return ward_fail(error, WARD_E_CORRUPT, "line %zu is out of order", i + 1);
	}
	return WARD_OK;
}

ward_err remarks_parse(ward_str text, struct remarks *remarks, struct ward_error *error)
{
	size_t lines = count_lines(text);
	struct remarks read = { .at = calloc(lines + 1, sizeof(*read.at)) };
	ward_err err;

	if (!read.at)
		return ward_fail(error, WARD_E_NOMEM, "no memory for %zu remarks", lines);
	/* It is replaced as a whole, so half a line is damage. */
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		err = ward_fail(error, WARD_E_CORRUPT, "its last line has no end");
	else
		err = read_lines(text, &read, lines, error);
	if (err)
		remarks_free(&read);
	else
		*remarks = read;
	return err;
}
