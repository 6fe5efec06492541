#include "base/tree.h"

#include <jansson.h>

static json_t *read_text(ward_str text, const char *wanted, struct ward_error *error)
{
	json_error_t where;
	json_t *root = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);

	if (!root)
		(void)ward_fail(error, WARD_E_FORMAT,
				"the text is not JSON (line %d, column %d); an %s is wanted",
				where.line, where.column, wanted);
	return root;
}

struct json_t *tree_read(ward_str text, struct ward_error *error)
{
	json_t *root = read_text(text, "object", error);

	if (!root || json_is_object(root))
		return root;
	(void)ward_fail(error, WARD_E_ARGUMENT, "the text is JSON, but no object");
	json_decref(root);
	return NULL;
}

struct json_t *tree_read_array(ward_str text, struct ward_error *error)
{
	json_t *root = read_text(text, "array", error);

	if (!root || json_is_array(root))
		return root;
	(void)ward_fail(error, WARD_E_ARGUMENT, "the text is JSON, but no array");
	json_decref(root);
	return NULL;
}

void tree_free(struct json_t *tree)
{
	json_decref(tree);
}

const struct json_t *tree_member(const struct json_t *object, const char *name)
{
	return json_object_get(object, name);
}

bool tree_is_object(const struct json_t *value)
{
	return json_is_object(value);
}

bool tree_is_array(const struct json_t *value)
{
	return json_is_array(value);
}

bool tree_is_null(const struct json_t *value)
{
	return !value || json_is_null(value);
}

bool tree_is_text(const struct json_t *value)
{
	return json_is_string(value);
}

size_t tree_count(const struct json_t *array)
{
	return json_array_size(array);
}

const struct json_t *tree_at(const struct json_t *array, size_t index)
{
	return json_array_get(array, index);
}

ward_str tree_text(const struct json_t *value)
{
	if (!json_is_string(value))
		return WARD_STR("");
	return (ward_str){ json_string_value(value), json_string_length(value) };
}

/* Up to here a double holds every whole number. */
#define EXACT_MAX 9007199254740992.0

bool tree_int(const struct json_t *value, int64_t min, int64_t max, int64_t *number)
{
	int64_t whole;

	/* JSON has one kind of number: 31.0 is 31, whatever wrote it. */
	if (json_is_real(value) && json_real_value(value) >= -EXACT_MAX &&
			json_real_value(value) <= EXACT_MAX &&
			json_real_value(value) == (double)(int64_t)json_real_value(value))
		whole = (int64_t)json_real_value(value);
	else if (json_is_integer(value))
		whole = json_integer_value(value);
	else
		return false;
	if (whole < min || whole > max)
		return false;
	*number = whole;
	return true;
}

bool tree_number(const struct json_t *value, double *number)
{
	*number = json_number_value(value);
	return json_is_number(value);
}

bool tree_bool(const struct json_t *value, bool *flag)
{
	if (!json_is_boolean(value))
		return false;
	*flag = json_is_true(value);
	return true;
}

bool tree_next(const struct json_t *object, void **at, const char **name,
		const struct json_t **value)
{
	/* The library's walk takes a tree it could change; this one does not. */
	json_t *walked = (json_t *)(uintptr_t)object;

	*at = *at ? json_object_iter_next(walked, *at) : json_object_iter(walked);
	if (!*at)
		return false;
	*name = json_object_iter_key(*at);
	*value = json_object_iter_value(*at);
	return true;
}

static int add_piece(const char *text, size_t len, void *out)
{
	ward_buf_add(out, text, len);
	return 0;
}

void tree_write(const struct json_t *value, struct ward_buf *out)
{
	if (json_dump_callback(value, add_piece, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		out->failed = true;
}
