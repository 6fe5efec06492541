#include "api/listing.h"

#include "base/clock.h"
#include "base/tree.h"
#include "exchange/schemes.h"
#include "scan/report_json.h"

static void write_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when ? clock_format(when, text) : NULL);
}

void listing_json(struct json *json, const struct ward_list *list)
{
	const struct ward_list_info *info = ward_list_info(list);

	json_object(json);
	json_key_text(json, "name", info->name);
	json_key_text(json, "source", info->source);
	json_key_text(json, "scheme", info->scheme);
	json_key_text(json, "default_label", info->default_label);
	json_key_text(json, "licence", info->licence);
	json_key_text(json, "sense", ward_list_sense_name(info->sense));
	json_key_int(json, "radius", info->radius);
	json_key_uint(json, "photodna_distance_max", info->photodna_distance_max);
	write_time(json, "expires", info->expires);
	json_key_bool(json, "enabled", info->enabled);
	write_time(json, "created", info->created);
	write_time(json, "changed", info->changed);
	json_key_text(json, "version", ward_list_version(list));
	json_key_uint(json, "entries", ward_list_entries(list));
	json_key(json, "signals");
	json_object(json);
	for (int kind = WARD_SIGNAL_NONE + 1; kind < WARD_SIGNAL_KIND_COUNT; kind++)
		json_key_uint(json, ward_signal_kind_name((ward_signal_kind)kind),
				ward_list_signals(list, (ward_signal_kind)kind));
	report_json_video_counts(json, ward_list_videos(list), ward_list_tmks(list));
	json_object_end(json);
	json_key_uint(json, "bytes", ward_list_bytes(list));
	json_key_uint(json, "deltas", ward_list_deltas(list));
	json_object_end(json);
}

void listing_record(struct json *json, const struct ward_list *list,
		const struct ward_record *record)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	json_key_uint(json, "entry", record->number);
	json_key(json, "signals");
	json_array(json);
	for (size_t i = 0; i < record->signal_count; i++) {
		json_object(json);
		json_key_text(json, "type", ward_signal_kind_name(record->signals[i].kind));
		json_key_text(json, "signal", ward_signal_format(&record->signals[i], text));
		json_object_end(json);
	}
	json_array_end(json);
	if (record->video)
		report_json_video(json, list, record->number);
	json_key(json, "labels");
	report_json_labels(json, record->labels);
	if (record->ref.len > 0)
		json_key_str(json, "ref", record->ref);
	if (record->quality != 255)
		json_key_uint(json, "quality", record->quality);
	report_json_remark(json, list, record->number);
	json_object_end(json);
}

const struct ward_list *listing_find(struct request *request, const struct ward_bank_view *view)
{
	const struct ward_list *list =
			ward_bank_find(view, ward_str_from(request->parameters.at[0]));

	if (!list)
		request_trouble(request, PROBLEM_NOT_FOUND,
				"There is no such list; GET /v1/lists names all.");
	return list;
}

/* ---- changing ---- */

bool listing_sense(ward_str word, ward_list_sense *sense)
{
	for (int i = 0; i < WARD_SENSE_COUNT; i++) {
		if (ward_str_eq(word, ward_str_from(ward_list_sense_name((ward_list_sense)i)))) {
			*sense = (ward_list_sense)i;
			return true;
		}
	}
	return false;
}

bool listing_text(ward_str text, char *to, size_t room)
{
	if (text.len >= room || !ward_utf8_valid(text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
	}
	memcpy(to, text.ptr, text.len);
	to[text.len] = '\0';
	return true;
}

const char listing_scheme_is[] =
		"one word of letters, digits, dots, dashes and underscores, of less than 64 bytes";

bool listing_scheme(ward_str word, char *to, size_t room)
{
	return (word.len == 0 || scheme_name_valid(word)) && listing_text(word, to, room);
}

const char listing_labels_are[] =
		"words as scheme:code with blanks between, of less than 256 bytes in all";

bool listing_labels(ward_str text, char *to, size_t room)
{
	return scheme_labels_valid(text) && listing_text(text, to, room);
}

static bool set_text(const struct json_t *value, char *to, size_t room)
{
	return tree_is_text(value) && listing_text(tree_text(value), to, room);
}

static bool set_expiry(const struct json_t *value, int64_t *expires)
{
	if (tree_is_null(value))
		*expires = 0;
	return tree_is_null(value) ||
	       (tree_is_text(value) && clock_parse(tree_text(value), expires));
}

/* What the member wants, when it cannot be set; NULL when it was. */
static const char *set_member(struct ward_list_info *info, const char *name,
		const struct json_t *value)
{
	static const char text[] = "a text of less than 256 bytes without control characters";

	if (strcmp(name, "source") == 0)
		return set_text(value, info->source, sizeof(info->source)) ? NULL : text;
	if (strcmp(name, "licence") == 0)
		return set_text(value, info->licence, sizeof(info->licence)) ? NULL : text;
	if (strcmp(name, "default_label") == 0)
		return tree_is_text(value) && listing_labels(tree_text(value), info->default_label,
							      sizeof(info->default_label))
				       ? NULL
				       : listing_labels_are;
	if (strcmp(name, "scheme") == 0)
		return tree_is_text(value) && listing_scheme(tree_text(value), info->scheme,
							      sizeof(info->scheme))
				       ? NULL
				       : listing_scheme_is;
	if (strcmp(name, "sense") == 0)
		return tree_is_text(value) && listing_sense(tree_text(value), &info->sense)
				       ? NULL
				       : "deny, allow or exclude";
	if (strcmp(name, "expires") == 0)
		return set_expiry(value, &info->expires)
				       ? NULL
				       : "a time like 2026-03-01T00:00:00Z, or null";
	if (strcmp(name, "enabled") == 0)
		return tree_bool(value, &info->enabled) ? NULL : "true or false";
	if (strcmp(name, "radius") == 0) {
		int64_t radius = info->radius;
		bool fits = tree_int(value, 0, WARD_PDQ_RADIUS_MAX, &radius);

		info->radius = (int)radius;
		return fits ? NULL : "a whole number from 0 to 63";
	}
	if (strcmp(name, "photodna_distance_max") == 0) {
		int64_t distance = info->photodna_distance_max;
		bool fits = tree_int(value, 0, UINT32_MAX, &distance);

		info->photodna_distance_max = (uint32_t)distance;
		return fits ? NULL : "a whole number";
	}
	return "";
}

ward_err listing_patch(ward_str text, struct ward_list_info *info, struct ward_error *error)
{
	struct ward_list_info changed = *info;
	struct ward_error own;
	struct json_t *root = tree_read(text, &own);
	const struct json_t *value;
	ward_err err = WARD_OK;
	void *at = NULL;
	const char *name;

	if (!root)
		return ward_fail(error, own.code, "%s", own.message);
	while (!err && tree_next(root, &at, &name, &value)) {
		const char *want = set_member(&changed, name, value);

		/* A name that we know may be told again; another may not. */
		if (want && want[0])
			err = ward_fail(error, WARD_E_ARGUMENT, "\"%s\" is %s", name, want);
		else if (want)
			err = ward_fail(error, WARD_E_ARGUMENT,
					"a member is none of source, scheme, default_label, "
					"licence, sense, radius, photodna_distance_max, expires, "
					"enabled");
	}
	tree_free(root);
	if (!err)
		*info = changed;
	return err;
}
