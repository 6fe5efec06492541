#include "api/door.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"

struct desk_actor door_actor(const struct request *request)
{
	return (struct desk_actor){ .person = ward_str_from(request->person.id),
		.role = ward_str_from(request->person.roles) };
}

bool door_may(const struct request *request, enum people_permission permission)
{
	return people_may(request->person.permissions, permission);
}

/* ---- the store ---- */

bool door_have_store(struct request *request)
{
	if (request_store(request))
		return true;
	request_trouble(request, PROBLEM_NO_STORE, "Nothing was lost: ask again in a while.");
	request->answer.retry_after_s = 5;
	return false;
}

bool door_have_intake(struct request *request)
{
	if (!door_have_store(request))
		return false;
	if (request_intake(request))
		return true;
	request_trouble(request, PROBLEM_NO_STORE,
			"The vault is not there; \"ward vault init\" makes its keys.");
	request->answer.retry_after_s = 5;
	return false;
}

static enum problem problem_for(ward_err err)
{
	switch (err) {
	case WARD_E_DENIED:
		return PROBLEM_PERMISSION;
	case WARD_E_IO:
	case WARD_E_TIMEOUT:
		return PROBLEM_NO_STORE;
	case WARD_OK:
	case WARD_E_NOMEM:
	case WARD_E_FORMAT:
	case WARD_E_LIMIT:
	case WARD_E_UNSUPPORTED:
	case WARD_E_NOT_FOUND:
	case WARD_E_EXISTS:
	case WARD_E_CONFLICT:
	case WARD_E_WORKER:
	case WARD_E_CORRUPT:
	case WARD_E_ARGUMENT:
	case WARD_ERR_COUNT:
		break;
	}
	return problem_of(err);
}

/* Sentences of the modules have no capital and no full stop. */
static void tell(struct request *request, enum problem problem, const char *words)
{
	char first = words[0];

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	request_trouble(request, problem, "%c%s.", first, words[0] ? words + 1 : "");
}

void door_failed(struct request *request, const struct ward_error *error)
{
	enum problem problem = problem_for(error->code);

	if (problem_is_theirs(problem)) {
		tell(request, problem, error->message);
		return;
	}
	log_error("desk_failed", "request=%s code=%s message=\"%s\"", request->id,
			ward_err_name(error->code), error->message);
	request_trouble(request, problem,
			problem == PROBLEM_NO_STORE ? "Nothing was lost: ask again in a while."
						    : "The log has the reason under the request's "
						      "id.");
	if (problem == PROBLEM_NO_STORE)
		request->answer.retry_after_s = 5;
}

bool door_read(struct request *request, struct store_tx **tx)
{
	struct ward_error error;

	if (!door_have_store(request))
		return false;
	if (store_read(request_store(request), tx, &error) == WARD_OK)
		return true;
	door_failed(request, &error);
	return false;
}

bool door_write(struct request *request, store_work *work, void *context)
{
	struct ward_error error;

	if (!door_have_store(request))
		return false;
	if (store_write(request_store(request), work, context, &error) == WARD_OK)
		return true;
	door_failed(request, &error);
	return false;
}

/* ---- the body ---- */

struct json_t *door_object(struct request *request)
{
	struct ward_error error;
	struct json_t *root = tree_read(ward_buf_text(&request->text), &error);

	if (!root)
		tell(request, PROBLEM_BAD_REQUEST, error.message);
	return root;
}

bool door_text(struct request *request, const struct json_t *object, const char *name,
		ward_str *text)
{
	const struct json_t *value = tree_member(object, name);

	if (tree_is_null(value))
		return true;
	if (!tree_is_text(value)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is a text.", name);
		return false;
	}
	*text = tree_text(value);
	return true;
}

bool door_flag(struct request *request, const struct json_t *object, const char *name, bool *flag)
{
	const struct json_t *value = tree_member(object, name);

	if (tree_is_null(value) || tree_bool(value, flag))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is true or false.", name);
	return false;
}

bool door_int(struct request *request, const struct json_t *object, const char *name, int64_t min,
		int64_t max, int64_t *number)
{
	const struct json_t *value = tree_member(object, name);

	if (tree_is_null(value) || tree_int(value, min, max, number))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is a whole number from %lld to %lld.",
			name, (long long)min, (long long)max);
	return false;
}

/* ---- answers ---- */

/* Enough for a page of rows of the greatest length. */
enum { LOOK_ARENA = 64 << 20 };

void door_done(struct request *request)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_bool(&json, "done", true);
	json_object_end(&json);
}

void door_no_content(struct request *request)
{
	ward_buf_clear(&request->answer.text);
	request->answer.status = 204;
	request->answer.type = "application/json";
}

bool door_look(struct request *request, struct door_look *look)
{
	if (!door_read(request, &look->tx))
		return false;
	ward_arena_init(&look->arena, LOOK_ARENA);
	return true;
}

void door_look_end(struct request *request, struct door_look *look, ward_err err)
{
	if (err)
		door_failed(request, &look->error);
	ward_arena_free(&look->arena);
	store_read_end(look->tx);
}

void door_rows(struct request *request, const char *name, const void *rows, size_t count,
		size_t size, door_row *write)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, name);
	json_array(&json);
	for (size_t i = 0; i < count; i++)
		write(request, &json, (const char *)rows + i * size);
	json_array_end(&json);
	json_object_end(&json);
}

/* ---- what handlers have in common ---- */

ward_str door_path(const struct request *request, unsigned index)
{
	return ward_str_from(request->parameters.at[index]);
}

bool door_limit(struct request *request, unsigned *limit)
{
	int64_t number = 50;

	if (!request_number(request, "limit", 1, 200, &number))
		return false;
	*limit = (unsigned)number;
	return true;
}

void door_key_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when == 0 ? NULL : clock_format(when, text));
}

void door_key_text(struct json *json, const char *name, ward_str text)
{
	if (text.len > 0)
		json_key_str(json, name, text);
	else
		json_key_text(json, name, NULL);
}

/* ---- the log ---- */

static bool write_row(void *context, const struct audit_row *row)
{
	struct json *json = context;

	json_object(json);
	json_key_uint(json, "number", row->number);
	door_key_time(json, "at", row->at);
	json_key_str(json, "actor", row->entry.actor);
	json_key_str(json, "role", row->entry.role);
	json_key_str(json, "action", row->entry.action);
	json_key_str(json, "reason", row->entry.reason);
	json_object_end(json);
	return true;
}

ward_err door_key_history(struct store_tx *tx, struct json *json, const char *noun, ward_str id,
		unsigned rows_max, struct ward_error *error)
{
	char object[2 * ID_TEXT_MAX];

	(void)snprintf(object, sizeof(object), "%.16s:%.*s", noun,
			(int)(id.len < ID_TEXT_MAX ? id.len : ID_TEXT_MAX), id.ptr);
	json_key(json, "history");
	json_array(json);
	ward_err err = audit_read(tx,
			&(struct audit_question){ .object = ward_str_from(object),
					.rows_max = rows_max },
			write_row, json, error);

	json_array_end(json);
	return err;
}
