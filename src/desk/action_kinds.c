#include "desk/actions.h"

#include <string.h>

#include "base/tree.h"
#include "desk/rows.h"

enum { KINDS_MAX = 200, PARAMETERS_MAX = 20, PARAMETER_TEXT_MAX = 2000, SCHEMA_MAX = 16384 };

#define KIND_COLUMNS "name, title, builtin, parameters, url, two_persons, active"

static ward_err read_kind(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;

	*(struct desk_action_kind *)row = (struct desk_action_kind){
		.name = desk_row_text(reading, 0),
		.title = desk_row_text(reading, 1),
		.builtin = store_get_int(rows, 2) != 0,
		.parameters = desk_row_text(reading, 3),
		.url = desk_row_text(reading, 4),
		.two_persons = store_get_int(rows, 5) != 0,
		.active = store_get_int(rows, 6) != 0,
	};
	return WARD_OK;
}

ward_err desk_action_kind_list(struct store_tx *tx, struct ward_arena *arena,
		struct desk_action_kind **kinds, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_action_kind),
		.max = KINDS_MAX };
	ward_err err = desk_rows_read(tx,
			"SELECT " KIND_COLUMNS " FROM desk_action_kinds "
			"ORDER BY builtin DESC, name",
			STORE_NO_VALUES, &array, read_kind, error);

	if (!err) {
		*kinds = array.at;
		*count = array.count;
	}
	return err;
}

/* ---- parameters ---- */

static const char *const types[] = { "text", "number", "flag", "choice" };
enum type { TYPE_TEXT = 0, TYPE_NUMBER, TYPE_FLAG, TYPE_CHOICE, TYPE_COUNT };

static bool is_choices(const struct json_t *choices)
{
	if (!tree_is_array(choices) || tree_count(choices) == 0 || tree_count(choices) > 100)
		return false;
	for (size_t i = 0; i < tree_count(choices); i++) {
		if (!tree_is_text(tree_at(choices, i)))
			return false;
	}
	return true;
}

static ward_err check_parameter(const struct json_t *parameter, struct ward_error *error)
{
	const struct json_t *required = tree_member(parameter, "required");
	ward_str name = tree_text(tree_member(parameter, "name"));
	bool flag = false;
	size_t type = 0;

	if (!tree_is_object(parameter) || !desk_is_name(name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"each parameter has a \"name\": a short word of small letters");
	if (!desk_word_find(types, TYPE_COUNT, tree_text(tree_member(parameter, "type")), &type))
		return ward_fail(error, WARD_E_ARGUMENT,
				"parameter \"%.*s\": its \"type\" is text, number, flag or choice",
				WARD_FMT(name));
	if (!tree_is_null(required) && !tree_bool(required, &flag))
		return ward_fail(error, WARD_E_ARGUMENT,
				"parameter \"%.*s\": \"required\" is true or false",
				WARD_FMT(name));
	if ((type == TYPE_CHOICE) != is_choices(tree_member(parameter, "choices")))
		return ward_fail(error, WARD_E_ARGUMENT,
				"parameter \"%.*s\": \"choices\" is an array of words, for a "
				"choice",
				WARD_FMT(name));
	return WARD_OK;
}

ward_err desk_parameters_schema_check(ward_str schema, struct ward_error *error)
{
	if (schema.len > SCHEMA_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"the parameters are described in at most %d bytes", SCHEMA_MAX);
	struct json_t *root = tree_read_array(schema, error);
	ward_err err = root ? WARD_OK : WARD_E_ARGUMENT;

	if (root && tree_count(root) > PARAMETERS_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "an action has at most %d parameters",
				PARAMETERS_MAX);
	for (size_t i = 0; !err && i < tree_count(root); i++)
		err = check_parameter(tree_at(root, i), error);
	tree_free(root);
	return err;
}

static bool is_choice(const struct json_t *choices, ward_str value)
{
	for (size_t i = 0; i < tree_count(choices); i++) {
		if (ward_str_eq(tree_text(tree_at(choices, i)), value))
			return true;
	}
	return false;
}

static bool fits(const struct json_t *parameter, const struct json_t *value)
{
	size_t type = TYPE_COUNT;
	double number;
	bool flag;

	if (!desk_word_find(types, TYPE_COUNT, tree_text(tree_member(parameter, "type")), &type))
		return false;
	if (type == TYPE_NUMBER)
		return tree_number(value, &number);
	if (type == TYPE_FLAG)
		return tree_bool(value, &flag);
	if (!tree_is_text(value) || tree_text(value).len > PARAMETER_TEXT_MAX)
		return false;
	return type == TYPE_TEXT || is_choice(tree_member(parameter, "choices"), tree_text(value));
}

static const struct json_t *find_parameter(const struct json_t *schema, const char *name)
{
	for (size_t i = 0; i < tree_count(schema); i++) {
		if (ward_str_eq(tree_text(tree_member(tree_at(schema, i), "name")),
				    ward_str_from(name)))
			return tree_at(schema, i);
	}
	return NULL;
}

/* Nothing is there that the schema does not know, and what is there fits. */
static ward_err check_given(const struct json_t *schema, const struct json_t *given,
		struct ward_error *error)
{
	const struct json_t *value;
	const char *name;
	void *at = NULL;

	while (tree_next(given, &at, &name, &value)) {
		const struct json_t *parameter = find_parameter(schema, name);

		if (!parameter)
			return ward_fail(error, WARD_E_ARGUMENT,
					"this action has no parameter of that name");
		if (!tree_is_null(value) && !fits(parameter, value))
			return ward_fail(error, WARD_E_ARGUMENT,
					"the parameter \"%.*s\" is not what the action wants",
					WARD_FMT(tree_text(tree_member(parameter, "name"))));
	}
	return WARD_OK;
}

static ward_err check_required(const struct json_t *schema, const struct json_t *given,
		struct ward_error *error)
{
	for (size_t i = 0; i < tree_count(schema); i++) {
		const struct json_t *parameter = tree_at(schema, i);
		ward_str name = tree_text(tree_member(parameter, "name"));
		char text[DESK_NAME_MAX];
		bool required = false;

		if (!tree_bool(tree_member(parameter, "required"), &required) || !required)
			continue;
		desk_copy(text, sizeof(text), name);
		const struct json_t *value = tree_member(given, text);

		if (tree_is_null(value) ||
				(tree_is_text(value) && ward_str_trim(tree_text(value)).len == 0))
			return ward_fail(error, WARD_E_ARGUMENT,
					"the action needs its parameter \"%s\"", text);
	}
	return WARD_OK;
}

ward_err desk_parameters_check(ward_str schema, ward_str parameters, struct ward_error *error)
{
	struct json_t *wanted = tree_read_array(schema, error);
	struct json_t *given = wanted && parameters.len <= SCHEMA_MAX ? tree_read(parameters, error)
								      : NULL;
	ward_err err;

	if (!given)
		err = ward_fail(error, WARD_E_ARGUMENT,
				"an action's parameters are a JSON object of at "
				"most %d bytes",
				SCHEMA_MAX);
	else
		err = check_given(wanted, given, error);
	if (!err)
		err = check_required(wanted, given, error);
	tree_free(given);
	tree_free(wanted);
	return err;
}

/* ---- changing kinds ---- */

static ward_err change_builtin(struct store_tx *tx, const struct desk_action_kind *kind,
		struct ward_error *error)
{
	return store_run(tx,
			"UPDATE desk_action_kinds SET title = $2, two_persons = $3, active = $4 "
			"WHERE name = $1",
			STORE_VALUES(store_text(kind->name), store_text(kind->title),
					store_int(kind->two_persons), store_int(kind->active)),
			NULL, error);
}

static ward_err put_own(struct store_tx *tx, const struct desk_action_kind *kind,
		struct ward_error *error)
{
	if (!ward_str_starts(kind->url, WARD_STR("https://")) &&
			!ward_str_starts(kind->url, WARD_STR("http://127.0.0.1:")))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a call goes to an address with https (or to this machine, "
				"http://127.0.0.1:PORT/)");
	if (kind->url.len > 2000 || memchr(kind->url.ptr, '\0', kind->url.len))
		return ward_fail(error, WARD_E_ARGUMENT, "the address is too long");
	return store_run(tx,
			"INSERT INTO desk_action_kinds (" KIND_COLUMNS ") "
			"VALUES ($1, $2, 0, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET "
			"title = $2, parameters = $3, url = $4, two_persons = $5, active = $6",
			STORE_VALUES(store_text(kind->name), store_text(kind->title),
					store_text(kind->parameters), store_text(kind->url),
					store_int(kind->two_persons), store_int(kind->active)),
			NULL, error);
}

ward_err desk_action_kind_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_action_kind *kind, struct ward_error *error)
{
	int64_t builtin = 0, count = 0;
	ward_err err = desk_words_check(kind->title, "an action's title", true, error);

	if (!err && !desk_is_name(kind->name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"an action's name is a short word of small letters, digits and "
				"._-");
	if (!err)
		err = desk_number(tx, "SELECT builtin FROM desk_action_kinds WHERE name = $1",
				STORE_VALUES(store_text(kind->name)), &builtin, error);
	if (!err)
		err = desk_number(tx, "SELECT COUNT(*) FROM desk_action_kinds", STORE_NO_VALUES,
				&count, error);
	if (!err && count >= KINDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "there are %d kinds of action already",
				KINDS_MAX);
	if (!err && !builtin)
		err = desk_parameters_schema_check(kind->parameters, error);
	if (!err)
		err = builtin ? change_builtin(tx, kind, error) : put_own(tx, kind, error);
	return err ? err
		   : desk_audit(tx, actor, "action_kind.changed", "action_kind", kind->name,
				     WARD_STR(""), WARD_STR(""), error);
}
