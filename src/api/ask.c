#include "api/ask.h"

#include "base/tree.h"

#include <inttypes.h>

ward_err ask_signal(ward_str type, ward_str text, ward_signal *signal, struct ward_error *error)
{
	ward_signal_kind kind = WARD_SIGNAL_NONE;

	if (type.len > 0 && !ward_str_eq(type, WARD_STR("auto"))) {
		kind = ward_signal_kind_from(type);
		if (kind == WARD_SIGNAL_NONE)
			return ward_fail(error, WARD_E_ARGUMENT,
					"a type is md5, sha1, sha256, pdq or photodna");
	}
	if (ward_signal_parse(kind, ward_str_trim(text), signal))
		return WARD_OK;
	if (kind == WARD_SIGNAL_NONE)
		return ward_fail(error, WARD_E_ARGUMENT,
				"this is no signal that tells its own kind: write \"pdq:\", "
				"\"sha256:\", ... in front, or give its type");
	return ward_fail(error, WARD_E_ARGUMENT, "this is no signal of the type %s",
			ward_signal_kind_name(kind));
}

ward_err ask_one(const struct json_t *value, ward_signal *signal, struct ward_error *error)
{
	const struct json_t *type = tree_member(value, "type");

	if (!tree_is_null(type) && !tree_is_text(type))
		return ward_fail(error, WARD_E_ARGUMENT, "a type is a text");
	if (tree_is_object(value))
		return ask_signal(tree_text(tree_member(value, "type")),
				tree_text(tree_member(value, "signal")), signal, error);
	return ask_signal(WARD_STR(""), tree_text(value), signal, error);
}

static ward_err read_signals(const struct json_t *array, struct ask *ask, struct ward_error *error)
{
	size_t count = tree_count(array);

	if (!tree_is_array(array) || count == 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"signals\" is an array of signals, with one at least");
	if (count > ASK_SIGNALS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "at most %d signals can be asked at once",
				ASK_SIGNALS_MAX);
	ask->signals = calloc(count, sizeof(*ask->signals));
	if (!ask->signals)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct ward_error own;

		if (ask_one(tree_at(array, i), &ask->signals[i], &own))
			return ward_fail(error, own.code, "signal %zu (counted from 0): %s", i,
					own.message);
	}
	ask->count = count;
	return WARD_OK;
}

static ward_err add_list(ward_str name, struct ask *ask, struct ward_error *error)
{
	struct ward_list_info info;

	if (!ward_list_info_init(&info, name))
		return ward_fail(error, WARD_E_ARGUMENT, "what is given as a list is no list name");
	if (ask->list_count == ASK_LISTS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "at most %d lists can be named",
				ASK_LISTS_MAX);
	memcpy(ask->lists[ask->list_count++], info.name, sizeof(info.name));
	return WARD_OK;
}

ward_err ask_lists(ward_str names, struct ask *ask, struct ward_error *error)
{
	ward_err err = WARD_OK;

	while (names.len > 0 && !err)
		err = add_list(ward_str_trim(ward_str_cut(&names, ',')), ask, error);
	return err;
}

static ward_err read_number(const struct json_t *root, const char *name, int64_t min, int64_t max,
		int64_t *number, struct ward_error *error)
{
	const struct json_t *value = tree_member(root, name);

	if (tree_is_null(value))
		return WARD_OK;
	if (!tree_int(value, min, max, number))
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"%s\" is a whole number from %" PRId64 " to %" PRId64, name, min,
				max);
	return WARD_OK;
}

static ward_err read_rest(const struct json_t *root, struct ask *ask, struct ward_error *error)
{
	const struct json_t *lists = tree_member(root, "lists");
	int64_t radius = -1, max = ASK_HITS_DEFAULT;
	ward_err err = read_number(root, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius, error);

	if (!err)
		err = read_number(root, "max", 1, ASK_HITS_MAX, &max, error);
	if (!err && lists && !tree_is_array(lists))
		err = ward_fail(error, WARD_E_ARGUMENT, "\"lists\" is an array of names");
	for (size_t i = 0; i < tree_count(lists) && !err; i++)
		err = add_list(tree_text(tree_at(lists, i)), ask, error);
	ask->radius = (int)radius;
	ask->hits_max = (size_t)max;
	return err;
}

ward_err ask_read(ward_str text, struct ask *ask, struct ward_error *error)
{
	struct ward_error own = { 0 };

	*ask = (struct ask){ .radius = -1, .hits_max = ASK_HITS_DEFAULT };
	struct json_t *root = tree_read(text, &own);

	if (!root)
		return ward_fail(error, own.code, "%s", own.message);
	ward_err err = read_signals(tree_member(root, "signals"), ask, error);

	if (!err)
		err = read_rest(root, ask, error);
	tree_free(root);
	return err;
}

void ask_free(struct ask *ask)
{
	free(ask->signals);
	ask->signals = NULL;
}

ward_err ask_pair(ward_str text, ward_signal pair[2], struct ward_error *error)
{
	struct ward_error own = { 0 };
	struct json_t *root = tree_read(text, &own);
	ward_err err = WARD_OK;

	if (!root)
		return ward_fail(error, own.code, "%s", own.message);
	for (int i = 0; i < 2 && !err; i++) {
		const char *name = i == 0 ? "a" : "b";

		err = ask_one(tree_member(root, name), &pair[i], &own);
		if (err)
			(void)ward_fail(error, err, "\"%s\": %s", name, own.message);
	}
	tree_free(root);
	return err;
}
