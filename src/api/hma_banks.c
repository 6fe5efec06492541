#include "api/handlers.h"
#include "api/hma.h"
#include "base/clock.h"
#include "base/tree.h"

/* ---- what is asked ---- */

/* The body's object; NULL with a 400. */
static struct json_t *read_object(struct request *request)
{
	struct ward_error error;
	struct json_t *root = tree_read(ward_buf_text(&request->text), &error);

	if (!root)
		hma_refuse(request, "this endpoint expects a json object payload");
	return root;
}

static const struct ward_list *find_bank(struct request *request, const struct ward_bank_view *view)
{
	const struct ward_list *list =
			ward_bank_find(view, ward_str_from(request->parameters.at[0]));

	if (list && hma_is_bank(list))
		return list;
	request_trouble(request, PROBLEM_NOT_FOUND, "bank not found");
	return NULL;
}

static bool find_folder(struct request *request, const char *name, char *path, size_t room)
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

/*
 * "enabled", or "enabled_ratio".  A ratio between none and all would leave
 * known material unmatched by chance, which ward does not do.
 */
static bool read_enabled(struct request *request, const struct json_t *root, bool *enabled)
{
	const struct json_t *ratio = tree_member(root, "enabled_ratio");
	const struct json_t *given = tree_member(root, "enabled");
	double value = 1;

	if (!tree_is_null(given) && !tree_bool(given, enabled)) {
		hma_refuse(request, "enabled is true or false");
		return false;
	}
	if (tree_is_null(ratio))
		return true;
	if (!tree_number(ratio, &value) || (value != 0 && value != 1)) {
		hma_refuse(request, "enabled_ratio is 0 or 1: ward leaves nothing to chance");
		return false;
	}
	*enabled = value > 0;
	return true;
}

static void write_bank(struct json *json, const char *name, bool enabled)
{
	json_object(json);
	json_key_text(json, "name", name);
	json_key(json, "matching_enabled_ratio");
	json_raw(json, enabled ? WARD_STR("1.0") : WARD_STR("0.0"));
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
			write_bank(&json, ward_list_info(list)->name,
					ward_list_info(list)->enabled);
	}
	json_array_end(&json);
	ward_bank_release(view);
}

void handle_hma_bank(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = find_bank(request, view);

	if (list) {
		struct json json = request_json(request);

		write_bank(&json, ward_list_info(list)->name, ward_list_info(list)->enabled);
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
	if (!read_enabled(request, root, &info.enabled) ||
			!find_folder(request, name, path, sizeof(path)))
		return;
	if (create_list(path, &info, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	write_bank(&json, name, info.enabled);
	request->answer.status = 201;
}

void handle_hma_bank_create(struct request *request)
{
	struct json_t *root = read_object(request);

	if (root)
		create_bank(request, root);
	tree_free(root);
}

static void change_bank(struct request *request, const struct json_t *root,
		struct ward_list_info *info)
{
	const struct json_t *given = tree_member(root, "name");
	const char *name = tree_is_text(given) ? tree_text(given).ptr : NULL;
	struct ward_error error;
	char path[4096];

	if (!tree_is_null(given) && (!name || !is_bank_name(name))) {
		hma_refuse(request, "Bank names must be UPPER_WITH_UNDERSCORE");
		return;
	}
	if (name && strcmp(name, info->name) != 0) {
		request_trouble(request, PROBLEM_NOT_IMPLEMENTED,
				"a list is not renamed: export it, and import it under the new "
				"name");
		return;
	}
	if (!read_enabled(request, root, &info->enabled) ||
			!find_folder(request, info->name, path, sizeof(path)))
		return;
	if (ward_list_set_info(path, info, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct json json = request_json(request);

	write_bank(&json, info->name, info->enabled);
}

static bool read_info(struct request *request, struct ward_list_info *info)
{
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = find_bank(request, view);

	if (list)
		*info = *ward_list_info(list);
	ward_bank_release(view);
	return list != NULL;
}

void handle_hma_bank_change(struct request *request)
{
	struct ward_list_info info;

	if (!read_info(request, &info))
		return;
	struct json_t *root = read_object(request);

	if (root)
		change_bank(request, root, &info);
	tree_free(root);
}

void handle_hma_bank_delete(struct request *request)
{
	const char *name = request->parameters.at[0];
	struct ward_error error;
	char path[4096];

	if (!find_folder(request, name, path, sizeof(path)))
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

/* ---- content ---- */

static ward_err add_record(const char *path, struct ward_record *record, struct ward_error *error)
{
	struct ward_list_writer *writer;
	ward_err err = ward_list_change(path, &writer, error);

	if (err)
		return err;
	record->number = ward_list_writer_next(writer);
	err = ward_list_writer_add(writer, record, error);
	if (!err)
		err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	return err;
}

static void write_signals(struct json *json, const struct ward_record *record)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	for (size_t i = 0; i < record->signal_count; i++)
		json_key_text(json, hma_type(record->signals[i].kind),
				ward_signal_format(&record->signals[i], text));
	json_object_end(json);
}

static void add_content(struct request *request, struct ward_record *record)
{
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!read_info(request, &info) || !find_folder(request, info.name, path, sizeof(path)))
		return;
	record->quality = 255;
	/* A name of its own, by which it can be taken away, and not another of the same signal. */
	record->ref = ward_str_from(request->id);
	if (add_record(path, record, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = find_bank(request, view);

	if (list) {
		struct json json = request_json(request);

		json_object(&json);
		json_key_uint(&json, "id", hma_id(list, record->number));
		json_key(&json, "signals");
		write_signals(&json, record);
		json_object_end(&json);
	}
	ward_bank_release(view);
}

void handle_hma_content_add(struct request *request)
{
	struct hma_hashes hashes;
	struct ward_record record = { .signal_count = 0 };

	if (!hma_hash_file(request, &hashes))
		return;
	for (size_t i = 0; i < hashes.count; i++) {
		if (hashes.at[i].signal.kind != WARD_SIGNAL_NONE)
			record.signals[record.signal_count++] = hashes.at[i].signal;
	}
	if (record.signal_count == 0)
		hma_refuse(request, "Invalid pdq signal: the photo is too plain to have a hash "
				    "(quality below 50)");
	else
		add_content(request, &record);
}

/* {"pdq": "…", "note": "…"} */
static bool read_signals(struct request *request, const struct json_t *root,
		struct ward_record *record)
{
	const struct json_t *value;
	const char *type;
	void *at = NULL;

	while (tree_next(root, &at, &type, &value)) {
		ward_signal_kind kind = hma_kind(ward_str_from(type));

		if (strcmp(type, "note") == 0 || strcmp(type, "metadata") == 0)
			continue;
		if (kind == WARD_SIGNAL_NONE) {
			hma_refuse(request, "No such signal type");
			return false;
		}
		if (record->signal_count == WARD_RECORD_SIGNALS_MAX ||
				!ward_signal_parse(kind, tree_text(value),
						&record->signals[record->signal_count])) {
			hma_refuse(request, "Invalid %s signal", hma_type(kind));
			return false;
		}
		record->signal_count++;
	}
	if (record->signal_count == 0)
		hma_refuse(request, "No signals given");
	return record->signal_count > 0;
}

void handle_hma_signal_add(struct request *request)
{
	struct ward_record record = { .signal_count = 0 };
	struct json_t *root = read_object(request);

	if (root && read_signals(request, root, &record))
		add_content(request, &record);
	tree_free(root);
}

/* The entry that the path names; NULL with a 404. */
static const struct ward_list *find_content(struct request *request,
		const struct ward_bank_view *view, struct ward_record *record)
{
	const struct ward_list *list = find_bank(request, view);
	uint64_t id, entry;

	if (!list)
		return NULL;
	if (ward_u64_parse(ward_str_from(request->parameters.at[1]), &id) &&
			hma_entry(list, id, &entry) && ward_list_entry(list, entry, record))
		return list;
	request_trouble(request, PROBLEM_NOT_FOUND, "content not found");
	return NULL;
}

static void write_content(struct request *request, struct json *json, const struct ward_list *list,
		const struct ward_record *record, bool signals)
{
	ward_str only = request_query(request, "signal_type");
	const struct ward_list_info *info = ward_list_info(list);

	json_object(json);
	json_key_uint(json, "id", hma_id(list, record->number));
	json_key_int(json, "disable_until_ts", info->enabled ? 1 : 0);
	json_key(json, "collab_metadata");
	json_object(json);
	json_object_end(json);
	json_key(json, "original_media_uri");
	json_null(json);
	json_key(json, "bank");
	write_bank(json, info->name, info->enabled);
	if (signals || only.len > 0) {
		struct ward_record shown = *record;

		shown.signal_count = 0;
		for (size_t i = 0; i < record->signal_count; i++) {
			if (only.len == 0 || record->signals[i].kind == hma_kind(only))
				shown.signals[shown.signal_count++] = record->signals[i];
		}
		json_key(json, "signals");
		write_signals(json, &shown);
	}
	json_object_end(json);
}

void handle_hma_content(struct request *request)
{
	ward_str only = request_query(request, "signal_type");
	struct ward_record record;
	bool signals = false;

	if (!request_flag(request, "include_signals", &signals))
		return;
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = find_content(request, view, &record);

	if (list && only.len > 0 && hma_kind(only) == WARD_SIGNAL_NONE) {
		hma_refuse(request, "No such signal type");
	} else if (list) {
		struct json json = request_json(request);

		write_content(request, &json, list, &record, signals);
	}
	ward_bank_release(view);
}

/* Whether the body leaves the content in use; what would switch it off is not done here. */
static bool read_in_use(struct request *request)
{
	struct json_t *root = read_object(request);
	const struct json_t *given = tree_member(root, "disable_until_ts");
	int64_t until = 1;
	bool fine = root && (tree_is_null(given) || tree_int(given, 0, INT64_MAX, &until));

	if (root && !fine)
		hma_refuse(request, "disable_until_ts must be a non-negative integer");
	if (fine && (until < 1 || until > clock_now())) {
		request_trouble(request, PROBLEM_NOT_IMPLEMENTED,
				"content is not switched off for a time: delete it, or put its "
				"signal on an exclusion list");
		fine = false;
	}
	tree_free(root);
	return fine;
}

void handle_hma_content_change(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct ward_record record;
	const struct ward_list *list = find_content(request, view, &record);

	if (list && read_in_use(request)) {
		struct json json = request_json(request);

		write_content(request, &json, list, &record, false);
	}
	ward_bank_release(view);
}

static ward_err remove_record(const char *path, const struct ward_record *record, uint64_t *removed,
		struct ward_error *error)
{
	struct ward_list_writer *writer;
	ward_err err = ward_list_change(path, &writer, error);

	if (err)
		return err;
	*removed = 0;
	if (record->ref.len > 0)
		err = ward_list_writer_remove_ref(writer, record->ref, removed, error);
	for (size_t i = 0; record->ref.len == 0 && i < record->signal_count && !err; i++) {
		uint64_t count = 0;

		err = ward_list_writer_remove_signal(writer, &record->signals[i], &count, error);
		*removed += count;
	}
	if (!err)
		err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	return err;
}

void handle_hma_content_delete(struct request *request)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct ward_record record;
	const struct ward_list *list = find_content(request, view, &record);
	struct ward_error error;
	uint64_t removed = 0;
	char path[4096];
	ward_err err = WARD_OK;

	if (list && find_folder(request, ward_list_info(list)->name, path, sizeof(path))) {
		err = remove_record(path, &record, &removed, &error);
		if (err) {
			request_failure(request, &error);
		} else {
			request_refresh(request);
			struct json json = request_json(request);

			json_object(&json);
			json_key_uint(&json, "deleted", removed);
			json_object_end(&json);
		}
	}
	ward_bank_release(view);
}
