#include "bank/manifest.h"
#include "base/checksum.h"

#include <inttypes.h>
#include <jansson.h>

/* True, with `body` set, when the last line is the checksum of what stands before it. */
static bool cut_checksum(ward_str text, ward_str *body)
{
	char want[18];
	size_t line = sizeof(want) - 1;

	if (text.len < line)
		return false;
	*body = (ward_str){ text.ptr, text.len - line };
	snprintf(want, sizeof(want), "%016" PRIx64 "\n", checksum_of(body->ptr, body->len));
	return memcmp(text.ptr + body->len, want, line) == 0;
}

static ward_err fail_key(const char *key, struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the manifest's \"%s\" is missing or wrong", key);
}

static ward_err get_text(const json_t *root, const char *key, char *out, size_t room,
		struct ward_error *error)
{
	const json_t *value = json_object_get(root, key);
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len >= room)
		return fail_key(key, error);
	memcpy(out, json_string_value(value), len);
	memset(out + len, 0, room - len);
	return WARD_OK;
}

static ward_err get_number(const json_t *root, const char *key, int64_t min, int64_t max,
		int64_t *out, struct ward_error *error)
{
	const json_t *value = json_object_get(root, key);

	if (!json_is_integer(value) || json_integer_value(value) < min ||
			json_integer_value(value) > max)
		return fail_key(key, error);
	*out = json_integer_value(value);
	return WARD_OK;
}

/* One that may be missing: then `out` stays. */
static ward_err get_optional(const json_t *root, const char *key, int64_t min, int64_t max,
		int64_t *out, struct ward_error *error)
{
	return json_object_get(root, key) ? get_number(root, key, min, max, out, error) : WARD_OK;
}

static ward_err get_ratio(const json_t *root, double *ratio, struct ward_error *error)
{
	const json_t *value = json_object_get(root, "lookup_ratio");

	if (value && !json_is_real(value))
		return fail_key("lookup_ratio", error);
	if (value)
		*ratio = json_real_value(value);
	return WARD_OK;
}

static ward_err get_sense(const json_t *root, ward_list_sense *sense, struct ward_error *error)
{
	const char *name = json_string_value(json_object_get(root, "sense"));

	for (int i = 0; name && i < WARD_SENSE_COUNT; i++) {
		if (strcmp(name, ward_list_sense_name((ward_list_sense)i)) == 0) {
			*sense = (ward_list_sense)i;
			return WARD_OK;
		}
	}
	return fail_key("sense", error);
}

static ward_err parse_info(const json_t *root, struct ward_list_info *info,
		struct ward_error *error)
{
	const json_t *enabled = json_object_get(root, "enabled");
	int64_t radius = 0, distance = 0, tag = 0;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < MANIFEST_TEXTS && !err; i++)
		err = get_text(root, manifest_texts[i].key, (char *)info + manifest_texts[i].offset,
				manifest_texts[i].room, error);
	if (!err)
		err = get_sense(root, &info->sense, error);
	if (!err)
		err = get_number(root, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius, error);
	if (!err)
		err = get_number(root, "photodna_distance_max", 0, UINT32_MAX, &distance, error);
	if (!err)
		err = get_number(root, "expires", INT64_MIN, INT64_MAX, &info->expires, error);
	if (!err)
		err = get_number(root, "created", INT64_MIN, INT64_MAX, &info->created, error);
	if (!err)
		err = get_number(root, "changed", INT64_MIN, INT64_MAX, &info->changed, error);
	if (!err)
		err = get_optional(root, "tag", 0, UINT32_MAX, &tag, error);
	if (!err)
		err = get_ratio(root, &info->lookup_ratio, error);
	if (!err && !json_is_boolean(enabled))
		err = fail_key("enabled", error);
	info->tag = (uint32_t)tag;
	info->radius = (int)radius;
	info->photodna_distance_max = (uint32_t)distance;
	info->enabled = json_is_true(enabled);
	return err ? err : list_info_check(info, error);
}

/* A segment lies in the list's own folder and nowhere else. */
static bool segment_name_valid(ward_str name)
{
	return name.len < SEGMENT_FILE_MAX && list_name_valid(name) &&
	       ward_str_ends(name, WARD_STR(".seg"));
}

static ward_err parse_segments(const json_t *root, struct manifest *manifest,
		struct ward_error *error)
{
	const json_t *segments = json_object_get(root, "segments");
	size_t count = json_array_size(segments);

	if (count == 0 || count > MANIFEST_SEGMENTS_MAX)
		return fail_key("segments", error);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(segments, i);
		ward_str name = { json_string_value(value), json_string_length(value) };

		if (!json_is_string(value) || !segment_name_valid(name))
			return fail_key("segments", error);
		memcpy(manifest->segments[i], name.ptr, name.len);
		manifest->segments[i][name.len] = '\0';
	}
	manifest->segment_count = count;
	return WARD_OK;
}

static ward_err parse_root(const json_t *root, struct manifest *manifest, struct ward_error *error)
{
	int64_t format = 0, next = 0;
	ward_err err = get_number(root, "ward_list", 1, INT64_MAX, &format, error);

	if (!err && format != MANIFEST_FORMAT)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the list is of format %" PRId64 ", and this program reads %d",
				format, MANIFEST_FORMAT);
	if (!err)
		err = get_text(root, "version", manifest->version, sizeof(manifest->version),
				error);
	if (!err && !manifest->version[0])
		err = fail_key("version", error);
	if (!err)
		err = parse_info(root, &manifest->info, error);
	if (!err)
		err = get_number(root, "next", 0, INT64_MAX, &next, error);
	manifest->next = (uint64_t)next;
	return err ? err : parse_segments(root, manifest, error);
}

ward_err manifest_parse(ward_str text, struct manifest *manifest, struct ward_error *error)
{
	ward_str body = { NULL, 0 };
	json_error_t why;
	json_t *root;
	ward_err err;

	if (!cut_checksum(text, &body))
		return ward_fail(error, WARD_E_CORRUPT,
				"the manifest is damaged: its last line is not its checksum");
	root = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return ward_fail(error, WARD_E_CORRUPT, "the manifest is not JSON: line %d",
				why.line);
	struct manifest *parsed = calloc(1, sizeof(*parsed));

	if (parsed)
		err = parse_root(root, parsed, error);
	else
		err = ward_fail(error, WARD_E_NOMEM, "no memory to read a manifest");
	if (!err)
		*manifest = *parsed;
	free(parsed);
	json_decref(root);
	return err;
}
