#include "desk/route.h"

#include <string.h>

#include "audit/audit.h"
#include "base/json.h"
#include "base/tree.h"
#include "desk/rows.h"

static const char *const modes[] = { "live", "test", "draft" };

const char *desk_route_mode_name(enum desk_route_mode mode)
{
	return modes[mode];
}

bool desk_route_mode_parse(ward_str text, enum desk_route_mode *mode)
{
	size_t found;

	if (!desk_word_find(modes, 3, text, &found))
		return false;
	*mode = (enum desk_route_mode)found;
	return true;
}

/* ---- conditions ---- */

enum condition { WORD = 0, LABEL, URGENT, STRIKES };

static const struct known_condition {
	const char *name;
	enum condition kind;
	size_t offset; /* of a word in struct desk_facts */
} known_conditions[] = {
	{ "channel", WORD, offsetof(struct desk_facts, channel) },
	{ "reporter", WORD, offsetof(struct desk_facts, reporter) },
	{ "kind", WORD, offsetof(struct desk_facts, kind) },
	{ "finding", WORD, offsetof(struct desk_facts, finding) },
	{ "list", WORD, offsetof(struct desk_facts, list) },
	{ "language", WORD, offsetof(struct desk_facts, language) },
	{ "country", WORD, offsetof(struct desk_facts, country) },
	{ "label", LABEL, 0 },
	{ "urgent", URGENT, 0 },
	{ "strikes_min", STRIKES, 0 },
};

enum { CONDITIONS_KNOWN = sizeof(known_conditions) / sizeof(known_conditions[0]) };

static const struct known_condition *find_condition(const char *name)
{
	for (size_t i = 0; i < CONDITIONS_KNOWN; i++) {
		if (strcmp(known_conditions[i].name, name) == 0)
			return &known_conditions[i];
	}
	return NULL;
}

static bool is_words(const struct json_t *value)
{
	if (tree_is_text(value))
		return true;
	if (!tree_is_array(value) || tree_count(value) == 0)
		return false;
	for (size_t i = 0; i < tree_count(value); i++) {
		if (!tree_is_text(tree_at(value, i)))
			return false;
	}
	return true;
}

static ward_err check_condition(const char *name, const struct json_t *value,
		struct ward_error *error)
{
	const struct known_condition *known = find_condition(name);
	int64_t number;
	bool flag;

	if (!known)
		return ward_fail(error, WARD_E_FORMAT,
				"there is no such condition; there are channel, reporter, kind, "
				"finding, "
				"list, label, language, country, urgent and strikes_min");
	switch (known->kind) {
	case URGENT:
		if (!tree_bool(value, &flag))
			return ward_fail(error, WARD_E_FORMAT, "urgent is true or false");
		return WARD_OK;
	case STRIKES:
		if (!tree_int(value, 0, INT32_MAX, &number))
			return ward_fail(error, WARD_E_FORMAT, "strikes_min is a whole number");
		return WARD_OK;
	case WORD:
	case LABEL:
		break;
	}
	if (!is_words(value))
		return ward_fail(error, WARD_E_FORMAT, "%s is a word, or an array of words",
				known->name);
	return WARD_OK;
}

ward_err desk_conditions_check(ward_str conditions, struct ward_error *error)
{
	const struct json_t *value;
	const char *name;
	void *at = NULL;
	ward_err err = WARD_OK;

	if (conditions.len > DESK_CONDITIONS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "conditions have at most %d bytes",
				DESK_CONDITIONS_MAX);
	struct json_t *root = tree_read(conditions, error);

	if (!root)
		return WARD_E_FORMAT;
	while (!err && tree_next(root, &at, &name, &value))
		err = check_condition(name, value, error);
	tree_free(root);
	return err;
}

static bool is_fact(const struct desk_facts *facts, size_t offset, ward_str word)
{
	ward_str fact;

	memcpy(&fact, (const char *)facts + offset, sizeof(fact));
	return ward_str_eq(fact, word);
}

static bool has_label(const struct desk_facts *facts, size_t offset, ward_str wanted)
{
	ward_str rest = facts->labels;

	(void)offset;
	while (rest.len > 0) {
		ward_str label = ward_str_cut(&rest, ',');

		if (ward_str_eq(label, wanted) || (ward_str_ends(wanted, WARD_STR(":")) &&
								  ward_str_starts(label, wanted)))
			return true;
	}
	return false;
}

static bool any_word(const struct json_t *value, const struct desk_facts *facts, size_t offset,
		bool (*is)(const struct desk_facts *, size_t, ward_str))
{
	if (tree_is_text(value))
		return is(facts, offset, tree_text(value));
	for (size_t i = 0; i < tree_count(value); i++) {
		if (is(facts, offset, tree_text(tree_at(value, i))))
			return true;
	}
	return false;
}

static bool holds(const char *name, const struct json_t *value, const struct desk_facts *facts)
{
	const struct known_condition *known = find_condition(name);
	int64_t number = 0;
	bool flag = false;

	/* What a later version wrote, and this one does not know, never holds. */
	if (!known)
		return false;
	switch (known->kind) {
	case URGENT:
		return tree_bool(value, &flag) && flag == facts->urgent;
	case STRIKES:
		return tree_int(value, 0, INT32_MAX, &number) && facts->strikes >= number;
	case LABEL:
		return any_word(value, facts, 0, has_label);
	case WORD:
		break;
	}
	return any_word(value, facts, known->offset, is_fact);
}

bool desk_conditions_hold(ward_str conditions, const struct desk_facts *facts)
{
	const struct json_t *value;
	const char *name;
	void *at = NULL;
	struct json_t *root = tree_read(conditions, NULL);
	bool all = root != NULL;

	while (all && tree_next(root, &at, &name, &value))
		all = holds(name, value, facts);
	tree_free(root);
	return all;
}

/* ---- facts as text ---- */

void desk_facts_format(const struct desk_facts *facts, struct ward_buf *out)
{
	struct json json = json_to(out);

	json_object(&json);
	for (size_t i = 0; i < CONDITIONS_KNOWN; i++) {
		ward_str word;

		if (known_conditions[i].kind != WORD)
			continue;
		memcpy(&word, (const char *)facts + known_conditions[i].offset, sizeof(word));
		if (word.len > 0)
			json_key_str(&json, known_conditions[i].name, word);
	}
	if (facts->labels.len > 0)
		json_key_str(&json, "labels", facts->labels);
	if (facts->urgent)
		json_key_bool(&json, "urgent", true);
	if (facts->strikes != 0)
		json_key_int(&json, "strikes", facts->strikes);
	json_object_end(&json);
}

ward_err desk_facts_parse(ward_str text, struct ward_arena *arena, struct desk_facts *facts,
		struct ward_error *error)
{
	struct json_t *root = tree_read(text, error);
	struct desk_facts read = { .urgent = false };
	bool fine = true;

	if (!root)
		return WARD_E_FORMAT;
	for (size_t i = 0; i < CONDITIONS_KNOWN && fine; i++) {
		ward_str word = tree_text(tree_member(root, known_conditions[i].name));

		if (known_conditions[i].kind != WORD || word.len == 0)
			continue;
		word = ward_arena_str(arena, word);
		fine = word.ptr != NULL;
		memcpy((char *)&read + known_conditions[i].offset, &word, sizeof(word));
	}
	if (fine) {
		read.labels = ward_arena_str(arena, tree_text(tree_member(root, "labels")));
		fine = read.labels.ptr != NULL;
	}
	if (!tree_bool(tree_member(root, "urgent"), &read.urgent))
		read.urgent = false;
	if (!tree_int(tree_member(root, "strikes"), 0, INT64_MAX, &read.strikes))
		read.strikes = 0;
	tree_free(root);
	if (!fine)
		return ward_fail(error, WARD_E_NOMEM, "facts are too long to be read");
	*facts = read;
	return WARD_OK;
}

/* ---- in the store ---- */

#define ROUTE_COLUMNS "id, place, mode, conditions, queue, priority, matched"

static ward_err read_route(struct desk_reading *reading, void *row)
{
	struct desk_route *route = row;

	*route = (struct desk_route){
		.id = desk_row_text(reading, 0),
		.place = store_get_int(reading->rows, 1),
		.conditions = desk_row_text(reading, 3),
		.queue = desk_row_text(reading, 4),
		.priority = store_get_int(reading->rows, 5),
		.matched = store_get_int(reading->rows, 6),
	};
	if (!desk_route_mode_parse(store_get_text(reading->rows, 2), &route->mode))
		route->mode = DESK_ROUTE_DRAFT;
	return WARD_OK;
}

ward_err desk_route_list(struct store_tx *tx, struct ward_arena *arena, struct desk_route **routes,
		size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_route),
		.max = DESK_ROUTES_MAX };
	ward_err err = desk_rows_read(tx,
			"SELECT " ROUTE_COLUMNS " FROM desk_routes ORDER BY place, id",
			STORE_NO_VALUES, &array, read_route, error);

	if (!err) {
		*routes = array.at;
		*count = array.count;
	}
	return err;
}

static ward_err check_route(struct store_tx *tx, const struct desk_route *route,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = desk_conditions_check(route->conditions, error);

	if (err)
		return err;
	if (route->priority > 100)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a priority is 0 to 100, or negative for the report's own");
	err = store_one(tx, "SELECT id FROM desk_queues WHERE id = $1",
			STORE_VALUES(store_text(route->queue)), &rows, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no such queue");
	return err ? err : store_rows_end(rows, error);
}

ward_err desk_route_put(struct store_tx *tx, const struct desk_actor *actor,
		struct desk_route *route, char id[ID_TEXT_MAX], struct ward_error *error)
{
	bool is_new = route->id.len == 0;
	uint64_t changed = 0;
	ward_err err = check_route(tx, route, error);

	if (err)
		return err;
	if (is_new)
		id_new(id);
	else
		desk_copy(id, ID_TEXT_MAX, route->id);
	struct store_values values = STORE_VALUES(store_string(id), store_int(route->place),
			store_string(desk_route_mode_name(route->mode)),
			store_text(route->conditions), store_text(route->queue),
			store_int(route->priority));

	if (is_new)
		err = store_run(tx,
				"INSERT INTO desk_routes (" ROUTE_COLUMNS ") "
				"VALUES ($1, $2, $3, $4, $5, $6, 0)",
				values, &changed, error);
	else
		/* What matched before matched other conditions. */
		err = store_run(tx,
				"UPDATE desk_routes SET place = $2, mode = $3, "
				"matched = CASE WHEN conditions = $4 THEN matched ELSE 0 END, "
				"conditions = $4, queue = $5, priority = $6 WHERE id = $1",
				values, &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such rule");
	return err ? err
		   : desk_audit(tx, actor, "route.changed", "route", ward_str_from(id),
				     WARD_STR(""), route->conditions, error);
}

ward_err desk_route_remove(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error)
{
	uint64_t changed = 0;
	ward_err err = store_run(tx, "DELETE FROM desk_routes WHERE id = $1",
			STORE_VALUES(store_text(id)), &changed, error);

	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such rule");
	return err ? err
		   : desk_audit(tx, actor, "route.removed", "route", id, WARD_STR(""), WARD_STR(""),
				     error);
}

static ward_err count_match(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx, "UPDATE desk_routes SET matched = matched + 1 WHERE id = $1",
			STORE_VALUES(store_text(id)), NULL, error);
}

static ward_err ask_routes(struct store_tx *tx, const struct desk_route *routes, size_t count,
		const struct desk_facts *facts, struct desk_routed *routed,
		struct ward_error *error)
{
	ward_err err = WARD_OK;
	bool found = false;

	for (size_t i = 0; i < count && !err; i++) {
		const struct desk_route *route = &routes[i];
		bool asked = route->mode == DESK_ROUTE_TEST ||
			     (route->mode == DESK_ROUTE_LIVE && !found);

		if (!asked || !desk_conditions_hold(route->conditions, facts))
			continue;
		err = count_match(tx, route->id, error);
		if (route->mode == DESK_ROUTE_TEST)
			continue;
		found = true;
		desk_copy(routed->queue, sizeof(routed->queue), route->queue);
		desk_copy(routed->route, sizeof(routed->route), route->id);
		routed->priority = route->priority;
	}
	return err;
}

ward_err desk_route_find(struct store_tx *tx, const struct desk_facts *facts,
		struct desk_routed *routed, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_route *routes;
	size_t count;

	*routed = (struct desk_routed){ .queue = DESK_INBOX, .priority = -1 };
	ward_arena_init(&arena, (size_t)DESK_ROUTES_MAX * (DESK_CONDITIONS_MAX + 1024));
	ward_err err = desk_route_list(tx, &arena, &routes, &count, error);

	if (!err)
		err = ask_routes(tx, routes, count, facts, routed, error);
	ward_arena_free(&arena);
	return err;
}

ward_err desk_route_try(struct store_tx *tx, ward_str conditions, ward_str queue, int64_t jobs_max,
		struct desk_route_trial *trial, struct ward_error *error)
{
	struct desk_route_trial tried = { 0 };
	struct store_rows *rows;
	ward_err err = desk_conditions_check(conditions, error);

	if (err)
		return err;
	err = store_query(tx,
			"SELECT facts, queue FROM desk_jobs ORDER BY created_at DESC LIMIT $1",
			STORE_VALUES(store_int(jobs_max)), &rows, error);
	if (err)
		return err;
	while (!err && store_next(rows)) {
		struct ward_arena arena;
		struct desk_facts facts;

		ward_arena_init(&arena, 1 << 16);
		err = desk_facts_parse(store_get_text(rows, 0), &arena, &facts, error);
		tried.looked_at++;
		if (!err && desk_conditions_hold(conditions, &facts)) {
			tried.matched++;
			tried.moved += !ward_str_eq(store_get_text(rows, 1), queue);
		}
		ward_arena_free(&arena);
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	if (!err && !end)
		*trial = tried;
	return err ? err : end;
}
