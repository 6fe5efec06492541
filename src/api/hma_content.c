#include "api/handlers.h"
#include "api/hma.h"
#include "base/clock.h"

#include <unistd.h>

/* null, and an empty one, takes the note away. */
static bool read_note(struct request *request, const struct json_t *value, const char **note)
{
	struct ward_remark remark = { .note = tree_is_text(value) ? tree_text(value).ptr : "" };

	if (!value)
		return true;
	if (!tree_is_null(value) && !tree_is_text(value)) {
		hma_refuse(request, "note should be a string");
		return false;
	}
	if (ward_remark_check(&remark, NULL)) {
		hma_refuse(request, "note must be at most 255 characters");
		return false;
	}
	*note = remark.note;
	return true;
}

/* The note of a form is a field of its own; longer than `text` it is too long anyway. */
static bool read_form_note(struct request *request, char *text, size_t room, const char **note)
{
	struct ward_remark remark = { .note = text };

	text[0] = '\0';
	for (size_t i = 0; i < request->part_count; i++) {
		const struct part *part = &request->parts[i];

		if (part->is_file || strcmp(part->field, "note") != 0 || part->spill.fd < 0)
			continue;
		ssize_t got = pread(part->spill.fd, text, room - 1, 0);

		text[got > 0 ? got : 0] = '\0';
		if (got < 0 || (uint64_t)got < part->spill.size || strlen(text) < (size_t)got ||
				ward_remark_check(&remark, NULL)) {
			hma_refuse(request, "note must be at most 255 characters");
			return false;
		}
	}
	*note = text;
	return true;
}

static ward_err add_record(const char *path, struct ward_record *record, const char *note,
		struct ward_error *error)
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
	if (!err && note[0]) {
		struct ward_remark remark = { .entry = record->number, .note = note };

		err = ward_list_remark(path, &remark, error);
	}
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

static void add_content(struct request *request, struct ward_record *record, const char *note)
{
	struct ward_list_info info;
	struct ward_error error;
	char path[4096];

	if (!hma_read_info(request, &info) ||
			!hma_find_folder(request, info.name, path, sizeof(path)))
		return;
	record->quality = 255;
	/* A name of its own, by which it can be taken away, and not another of the same signal. */
	record->ref = ward_str_from(request->id);
	if (add_record(path, record, note, &error)) {
		request_failure(request, &error);
		return;
	}
	request_refresh(request);
	struct ward_bank_view *view = live_view(request_live(request));
	const struct ward_list *list = hma_find_bank(request, view);

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
	char text[4 * WARD_NOTE_CHARS_MAX + 2];
	const char *note = "";

	if (!read_form_note(request, text, sizeof(text), &note) || !hma_hash_file(request, &hashes))
		return;
	for (size_t i = 0; i < hashes.count; i++) {
		if (hashes.at[i].signal.kind != WARD_SIGNAL_NONE)
			record.signals[record.signal_count++] = hashes.at[i].signal;
	}
	if (record.signal_count == 0)
		hma_refuse(request, "Invalid pdq signal: the photo is too plain to have a hash "
				    "(quality below 50)");
	else
		add_content(request, &record, note);
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
	const char *note = "";
	struct ward_record record = { .signal_count = 0 };
	struct json_t *root = hma_read_object(request);

	if (root && read_signals(request, root, &record) &&
			read_note(request, tree_member(root, "note"), &note))
		add_content(request, &record, note);
	tree_free(root);
}

/* The entry that the path names; NULL with a 404. */
static const struct ward_list *find_content(struct request *request,
		const struct ward_bank_view *view, struct ward_record *record)
{
	const struct ward_list *list = hma_find_bank(request, view);
	uint64_t id, entry;

	if (!list)
		return NULL;
	if (ward_u64_parse(ward_str_from(request->parameters.at[1]), &id) &&
			hma_entry(list, id, &entry) && ward_list_entry(list, entry, record))
		return list;
	request_trouble(request, PROBLEM_NOT_FOUND, "content not found");
	return NULL;
}

/* HMA's words for it: 1 is in use, 0 is off for good, else the time until which it is off. */
static int64_t disable_until(const struct ward_remark *remark)
{
	if (remark->off_until == 0)
		return 1;
	return remark->off_until == WARD_OFF_FOR_GOOD ? 0 : remark->off_until;
}

static void write_content(struct request *request, struct json *json, const struct ward_list *list,
		const struct ward_record *record, bool signals)
{
	ward_str only = request_query(request, "signal_type");
	struct ward_remark remark = ward_list_remark_on(list, record->number);

	json_object(json);
	json_key_uint(json, "id", hma_id(list, record->number));
	json_key_int(json, "disable_until_ts", disable_until(&remark));
	json_key(json, "collab_metadata");
	json_object(json);
	json_object_end(json);
	json_key(json, "original_media_uri");
	json_null(json);
	json_key(json, "bank");
	hma_write_bank(json, ward_list_info(list));
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
	if (remark.note[0])
		json_key_text(json, "note", remark.note);
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

/* HMA's bound: content is switched off for five years at most, or for good. */
enum { DAY_S = 86400, DAYS_MAX = 365 * 5 };

static bool read_disable_until(struct request *request, const struct json_t *value,
		struct ward_remark *remark)
{
	double given = 0;

	if (tree_is_null(value))
		return true;
	if (!hma_number(value, &given) || !(given >= 0)) {
		hma_refuse(request, "disable_until_ts must be a non-negative integer");
		return false;
	}
	if (given > (double)(clock_now() + (int64_t)DAYS_MAX * DAY_S)) {
		hma_refuse(request, "disable_until_ts must be less than 5 years in the future");
		return false;
	}
	int64_t until = (int64_t)given;

	if ((double)until != given) {
		hma_refuse(request, "disable_until_ts must be a non-negative integer");
		return false;
	}
	remark->off_until = until == 0 ? WARD_OFF_FOR_GOOD : until == 1 ? 0 : until;
	return true;
}

static void change_content(struct request *request, const struct json_t *root,
		const struct ward_list *list, const struct ward_record *record)
{
	struct ward_remark remark = ward_list_remark_on(list, record->number);
	const char *name = ward_list_info(list)->name;
	struct ward_error error;
	char path[4096];

	if (!read_disable_until(request, tree_member(root, "disable_until_ts"), &remark) ||
			!read_note(request, tree_member(root, "note"), &remark.note) ||
			!hma_find_folder(request, name, path, sizeof(path)))
		return;
	if (ward_list_remark(path, &remark, &error))
		request_failure(request, &error);
}

void handle_hma_content_change(struct request *request)
{
	struct json_t *root = hma_read_object(request);
	struct ward_bank_view *view = live_view(request_live(request));
	struct ward_record record;
	const struct ward_list *list = root ? find_content(request, view, &record) : NULL;

	if (list)
		change_content(request, root, list, &record);
	tree_free(root);
	ward_bank_release(view);
	if (request->answer.status)
		return;
	request_refresh(request);
	view = live_view(request_live(request));
	list = find_content(request, view, &record);
	if (list) {
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

	if (list && hma_find_folder(request, ward_list_info(list)->name, path, sizeof(path))) {
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
