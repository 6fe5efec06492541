#include "bank/manifest.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/json.h"

#include <inttypes.h>
#include <stddef.h>

/* ---- what a list says about itself ---- */

const struct manifest_text manifest_texts[MANIFEST_TEXTS] = {
	{ "name", offsetof(struct ward_list_info, name), WARD_LIST_NAME_MAX },
	{ "source", offsetof(struct ward_list_info, source), WARD_LIST_TEXT_MAX },
	{ "scheme", offsetof(struct ward_list_info, scheme), WARD_LIST_NAME_MAX },
	{ "default_label", offsetof(struct ward_list_info, default_label), WARD_LIST_TEXT_MAX },
	{ "licence", offsetof(struct ward_list_info, licence), WARD_LIST_TEXT_MAX },
};

bool list_name_valid(ward_str name)
{
	static const char more[] = "._-";

	if (name.len == 0 || name.len >= WARD_LIST_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z');

		if (!plain && (i == 0 || c == '\0' || !strchr(more, c)))
			return false;
	}
	return true;
}

/* FNV-1a of the name: the same on every machine and at every start. */
uint32_t manifest_tag(const struct manifest *manifest)
{
	uint64_t hash = 0xcbf29ce484222325;

	if (manifest->info.tag)
		return manifest->info.tag;
	for (const char *at = manifest->info.name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3;
	return (uint32_t)(hash ^ hash >> 32);
}

const char *ward_list_sense_name(ward_list_sense sense)
{
	static const char *const names[WARD_SENSE_COUNT] = { "deny", "allow", "exclude" };

	return (unsigned)sense < WARD_SENSE_COUNT ? names[sense] : "unknown";
}

bool ward_list_info_init(struct ward_list_info *info, ward_str name)
{
	if (!list_name_valid(name))
		return false;
	*info = (struct ward_list_info){ .radius = WARD_PDQ_RADIUS, .enabled = true };
	memcpy(info->name, name.ptr, name.len);
	return true;
}

ward_err list_info_check(const struct ward_list_info *info, struct ward_error *error)
{
	for (size_t i = 0; i < MANIFEST_TEXTS; i++) {
		const struct manifest_text *field = &manifest_texts[i];
		const char *text = (const char *)info + field->offset;
		const char *end = memchr(text, '\0', field->room);

		if (!end || !ward_utf8_valid((ward_str){ text, (size_t)(end - text) }))
			return ward_fail(error, WARD_E_ARGUMENT,
					"a list's %s is UTF-8 text of at most %zu bytes",
					field->key, field->room - 1);
	}
	if (!list_name_valid(ward_str_from(info->name)))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a list's name is letters, digits, '.', '_' and '-', and begins "
				"with a letter or digit");
	if ((unsigned)info->sense >= WARD_SENSE_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a list's sense is deny, allow or exclude");
	/* Written so that what is no number is refused, too. */
	if (!(info->lookup_ratio >= 0 && info->lookup_ratio < 1))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a list's share of look-ups is above 0 and below 1, or 0 for all");
	if (info->radius < 0 || info->radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a list's radius is 0 to %d, not %d",
				WARD_PDQ_RADIUS_MAX, info->radius);
	return WARD_OK;
}

/* ---- writing ---- */

static void format_info(struct json *json, const struct ward_list_info *info)
{
	for (size_t i = 0; i < MANIFEST_TEXTS; i++)
		json_key_text(json, manifest_texts[i].key,
				(const char *)info + manifest_texts[i].offset);
	json_key_text(json, "sense", ward_list_sense_name(info->sense));
	json_key_int(json, "radius", info->radius);
	json_key_uint(json, "photodna_distance_max", info->photodna_distance_max);
	json_key_int(json, "expires", info->expires);
	json_key_bool(json, "enabled", info->enabled);
	if (info->lookup_ratio > 0) {
		json_key(json, "lookup_ratio");
		json_real(json, info->lookup_ratio);
	}
	if (info->tag)
		json_key_uint(json, "tag", info->tag);
	json_key_int(json, "created", info->created);
	json_key_int(json, "changed", info->changed);
}

void manifest_format(const struct manifest *manifest, struct ward_buf *buf)
{
	struct json json = json_to(buf);
	ward_str text;

	json_object(&json);
	json_key_uint(&json, "ward_list", MANIFEST_FORMAT);
	json_key_text(&json, "version", manifest->version);
	format_info(&json, &manifest->info);
	json_key_uint(&json, "next", manifest->next);
	json_key(&json, "segments");
	json_array(&json);
	for (size_t i = 0; i < manifest->segment_count; i++)
		json_str(&json, ward_str_from(manifest->segments[i]));
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(buf, '\n');
	text = ward_buf_text(buf);
	ward_buf_printf(buf, "%016" PRIx64 "\n", checksum_of(text.ptr, text.len));
}

/* ---- in the list's folder ---- */

static ward_err manifest_path(const char *folder, char path[4096], struct ward_error *error)
{
	int len = snprintf(path, 4096, "%s/" MANIFEST_NAME, folder);

	if (len < 0 || len >= 4096)
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", folder);
	return WARD_OK;
}

/* The folder's last name. */
static ward_str folder_name(const char *folder)
{
	ward_str path = ward_str_from(folder);

	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	for (size_t i = path.len; i > 0; i--) {
		if (path.ptr[i - 1] == '/')
			return (ward_str){ path.ptr + i, path.len - i };
	}
	return path;
}

ward_err manifest_read(const char *folder, struct manifest *manifest, struct ward_error *error)
{
	struct ward_error why = { 0 };
	ward_str name = folder_name(folder);
	char path[4096], *text = NULL;
	size_t len = 0;
	ward_err err = manifest_path(folder, path, error);

	if (!err)
		err = file_read(path, MANIFEST_BYTES_MAX, &text, &len, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no list in %s", folder);
	if (err)
		return err;
	err = manifest_parse((ward_str){ text, len }, manifest, &why);
	free(text);
	if (err)
		return ward_fail(error, err, "%s: %s", path, why.message);
	/* A list that was moved is called as its folder is now. */
	if (list_name_valid(name)) {
		memset(manifest->info.name, 0, sizeof(manifest->info.name));
		memcpy(manifest->info.name, name.ptr, name.len);
	}
	return WARD_OK;
}

ward_err manifest_replace(const char *folder, struct manifest *manifest, struct ward_error *error)
{
	struct ward_buf buf;
	char path[4096];
	ward_err err = manifest_path(folder, path, error);

	if (err)
		return err;
	id_new(manifest->version);
	ward_buf_init(&buf, MANIFEST_BYTES_MAX);
	manifest_format(manifest, &buf);
	if (buf.failed) {
		err = ward_fail(error, WARD_E_NOMEM, "no memory to write a manifest");
	} else {
		ward_str text = ward_buf_text(&buf);

		err = file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0640,
				error);
	}
	ward_buf_free(&buf);
	return err;
}
