/*
 * tree.h - reading a JSON text as a tree
 *
 * jansson reads it; this is the only place that sees jansson's header, whose
 * names are those of base/json.h (which writes).  A member that is not there
 * is NULL, and asking NULL anything gives "no".
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <ward/base.h>

struct json_t;

/* An object, without members of the same name; FORMAT or ARGUMENT for anything else.  Or an array.
 */
struct json_t *tree_read(ward_str text, struct ward_error *error);
struct json_t *tree_read_array(ward_str text, struct ward_error *error);
void tree_free(struct json_t *tree);

const struct json_t *tree_member(const struct json_t *object, const char *name);
bool tree_is_object(const struct json_t *value);
bool tree_is_array(const struct json_t *value);
bool tree_is_null(const struct json_t *value); /* null, or not there */
bool tree_is_text(const struct json_t *value);
size_t tree_count(const struct json_t *array);
const struct json_t *tree_at(const struct json_t *array, size_t index);

/* "" when it is no text. */
ward_str tree_text(const struct json_t *value);
bool tree_int(const struct json_t *value, int64_t min, int64_t max, int64_t *number) WARD_MUST_USE;
bool tree_number(const struct json_t *value, double *number) WARD_MUST_USE;
bool tree_bool(const struct json_t *value, bool *flag) WARD_MUST_USE;

/* The value as JSON again, without spaces. */
void tree_write(const struct json_t *value, struct ward_buf *out);

/* Walks an object: `at` starts as NULL; false at the end. */
bool tree_next(const struct json_t *object, void **at, const char **name,
		const struct json_t **value) WARD_MUST_USE;

#endif
