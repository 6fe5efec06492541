#include "api/handlers.h"
#include "api/hma.h"
#include "base/clock.h"
#include "base/tree.h"

/* ---- what is asked ---- */

/* The body's object; NULL with a 400. */
struct json_t *hma_read_object(struct request *request)
{
	struct ward_error error;
	struct json_t *root = tree_read(ward_buf_text(&request->text), &error);

	if (!root)
		hma_refuse(request, "this endpoint expects a json object payload");
	return root;
}

const struct ward_list *hma_find_bank(struct request *request, const struct ward_bank_view *view)
{
	const struct ward_list *list =
			ward_bank_find(view, ward_str_from(request->parameters.at[0]));

	if (list && hma_is_bank(list))
		return list;
	request_trouble(request, PROBLEM_NOT_FOUND, "bank not found");
	return NULL;
}

bool hma_find_folder(struct request *request, const char *name, char *path, size_t room)
{
	struct ward_error error;

	if (workspace_list_folder(request->snapshot->workspace, ward_str_from(name), path, room,
			    &error) == WARD_OK)
		return true;
	request_trouble(request, PROBLEM_NOT_FOUND, "bank not found");
	return false;
}

/* HMA's own rule, narrower than that of a list. */
static bool is_bank_name(const char *name)
{
	if (!(name[0] >= 'A' && name[0] <= 'Z') && name[0] != '_')
		return false;
	for (const char *at = name; *at; at++) {
		if (!(*at >= 'A' && *at <= 'Z') && !(*at >= '0' && *at <= '9') && *at != '_')
			return false;
	}
	return strlen(name) < WARD_LIST_NAME_MAX;
}

/* A number, or a text that is one: HMA takes both. */
bool hma_number(const struct json_t *value, double *number)
{
	char text[64], *end = text;
	ward_str given = tree_text(value);

	if (!tree_is_text(value))
		return tree_number(value, number);
	if (given.len == 0 || given.len >= sizeof(text) || memchr(given.ptr, '\0', given.len))
		return false;
	memcpy(text, given.ptr, given.len);
	text[given.len] = '\0';
	*number = strtod(text, &end);
	return *end == '\0' && text[0] > ' ';
}

/* "enabled", or "enabled_ratio", which counts when both are given. */
static bool read_enabled(struct request *request, const struct json_t *root,
		struct ward_list_info *info)
{
	const struct json_t *ratio = tree_member(root, "enabled_ratio");
	const struct json_t *given = tree_member(root, "enabled");
	double value = 1;

	if (!tree_is_null(given)) {
		if (!tree_bool(given, &info->enabled)) {
			hma_refuse(request, "enabled is true or false");
			return false;
		}
		info->lookup_ratio = 0;
	}
	if (tree_is_null(ratio))
		return true;
	if (!hma_number(ratio, &value) || !(value >= 0 && value <= 1)) {
		hma_refuse(request, "enabled_ratio is a number from 0 to 1");
		return false;
	}
	info->enabled = value > 0;
	info->lookup_ratio = value < 1 ? value : 0;
	return true;
}

double hma_ratio(const struct ward_list_info *info)
{
	if (!info->enabled)
		return 0;
	return info->lookup_ratio > 0 ? info->lookup_ratio : 1;
}

void hma_write_bank(struct json *json, const struct ward_list_info *info)
{
	json_object(json);
	json_key_text(json, "name", info->name);
	json_key(json, "matching_enabled_ratio");
	json_real(json, hma_ratio(info));
	json_object_end(json);
}

/* ---- banks ---- */

void handle_hma_banks(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct json json = request_json(request);

	json_array(&json);
	for (size_t i = 0; i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);

		if (hma_is_bank(list))
			hma_write_bank(&json, ward_list_info(list));
	}
	json_array_end(&json);
	ward_bank_release(view);
}

void handle_hma_bank(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = hma_find_bank(request, view);

	if (list) {
		struct json json = request_json(request);

		hma_write_bank(&json, ward_list_info(list));
	}
	ward_bank_release(view);
}

static ward_err create_list(const char *path, const struct ward_list_info *info,
		struct ward_error *error)
{
	struct ward_list_writer *writer;
	ward_err err = ward_list_create(path, info, &writer, error);

	if (err)
		return err;
	err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	return err;
}

static bool exists(struct request *request, const char *name)
{
	struct ward_bank_view *view = live_view(request_live(request));
	bool found = ward_bank_find(view, ward_str_from(name)) != NULL;

	ward_bank_release(view);
	return found;
}

static void create_bank(struct request *request, const struct json_t *root)
{
	const struct json_t *given = tree_member(root, "name");
	const char *name = tree_is_text(given) ? tree_text(given).ptr : NULL;
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!name || !is_bank_name(name) || !ward_list_info_init(&info, ward_str_from(name))) {
		hma_refuse(request, "Bank names must be UPPER_WITH_UNDERSCORE");
		return;
	}
	if (exists(request, name)) {
		request_trouble(request, PROBLEM_SCOPE, "Bank already exists");
		return;
	}
	if (!read_enabled(request, root, &info) ||
			!hma_find_folder(request, name, path, sizeof(path)))
		return;
	if (create_list(path, &info, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	hma_write_bank(&json, &info);
	request->answer.status = 201;
}

void handle_hma_bank_create(struct request *request)
{
	struct json_t *root = hma_read_object(request);

	if (root)
		create_bank(request, root);
	tree_free(root);
}

/* HMA says 403 where the name is taken. */
static bool rename_bank(struct request *request, struct ward_list_info *info, const char *name)
{
	struct ward_error error;
	ward_err err = workspace_list_rename(request->snapshot->workspace,
			ward_str_from(info->name), ward_str_from(name), &error);

	if (err == WARD_E_EXISTS)
		request_trouble(request, PROBLEM_SCOPE, "Bank name already exists");
	else if (err)
		request_failure(request, &error);
	else
		memcpy(info->name, name, strlen(name) + 1);
	return err == WARD_OK;
}

/* All that was asked is checked before the first of it is done; the name comes last. */
static void change_bank(struct request *request, const struct json_t *root,
		struct ward_list_info *info)
{
	const struct json_t *given = tree_member(root, "name");
	const char *name = tree_is_text(given) ? tree_text(given).ptr : NULL;
	struct ward_list_info before = *info;
	struct ward_error error;
	char path[4096];

	if (!tree_is_null(given) && (!name || !is_bank_name(name))) {
		hma_refuse(request, "Bank names must be UPPER_WITH_UNDERSCORE");
		return;
	}
	bool renames = name && strcmp(name, info->name) != 0;

	if (renames && exists(request, name)) {
		request_trouble(request, PROBLEM_SCOPE, "Bank name already exists");
		return;
	}
	if (!read_enabled(request, root, info) ||
			!hma_find_folder(request, info->name, path, sizeof(path)))
		return;
	if ((!renames || hma_ratio(&before) != hma_ratio(info)) &&
			ward_list_set_info(path, info, &error)) {
		request_failure(request, &error);
		return;
	}
	bool fine = !renames || rename_bank(request, info, name);

	request_refresh(request);
	if (!fine)
		return;
	struct json json = request_json(request);

	hma_write_bank(&json, info);
}

bool hma_read_info(struct request *request, struct ward_list_info *info)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = hma_find_bank(request, view);

	if (list)
		*info = *ward_list_info(list);
	ward_bank_release(view);
	return list != NULL;
}

void handle_hma_bank_change(struct request *request)
{
	struct ward_list_info info;

	if (!hma_read_info(request, &info))
		return;
	struct json_t *root = hma_read_object(request);

	if (root)
		change_bank(request, root, &info);
	tree_free(root);
}

void handle_hma_bank_delete(struct request *request)
{
	const char *name = request->parameters.at[0];
	struct ward_error error;
	char path[4096];

	if (!hma_find_folder(request, name, path, sizeof(path)))
		return;
	/* One that is not there is deleted already. */
	if (exists(request, name) && ward_list_delete(path, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "message", "Done");
	json_object_end(&json);
}
