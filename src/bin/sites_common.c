#include "bin/sites.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/known.h"

/* ---- names ---- */

/* A list's first version may not be there yet: then its folder holds none. */
static bool holds_list(const struct workspace *workspace, const char *name)
{
	char path[SITES_PATH];
	int len = snprintf(path, sizeof(path), "%s/%s/base.site", workspace_sites(workspace), name);

	return len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0;
}

ward_err sites_names_read(const struct workspace *workspace, struct names *names,
		struct ward_error *error)
{
	struct names read = { 0 };
	DIR *folder = opendir(workspace_sites(workspace));
	struct dirent *entry;
	ward_err err = WARD_OK;

	if (!folder && errno != ENOENT)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", workspace_sites(workspace),
				strerror(errno));
	while (!err && folder && (entry = readdir(folder))) {
		struct ward_site_info info;

		if (ward_site_info_init(&info, ward_str_from(entry->d_name)) &&
				holds_list(workspace, entry->d_name) &&
				!names_keep(&read, entry->d_name))
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the names");
	}
	if (folder)
		closedir(folder);
	if (err) {
		names_free(&read);
		return err;
	}
	names_sort(&read);
	*names = read;
	return WARD_OK;
}

/* ---- one list ---- */

ward_err sites_open(const struct workspace *workspace, const char *name,
		struct ward_site_list **list, struct ward_error *error)
{
	char folder[SITES_PATH];
	ward_err err = workspace_site_folder(workspace, ward_str_from(name), folder, sizeof(folder),
			error);

	if (!err)
		err = ward_site_list_open(folder, list, error);
	if (err == WARD_E_NOT_FOUND)
		err = ward_fail(error, err,
				"there is no site list named %s; \"ward site ls\" shows them",
				name);
	return err;
}

ward_err sites_find_first(const struct cli *cli, char folder[SITES_PATH], struct ward_error *error)
{
	struct workspace *workspace;
	ward_err err = known_workspace(cli, &workspace, error);

	if (err)
		return err;
	err = workspace_site_folder(workspace, ward_str_from(cli->args[0]), folder, SITES_PATH,
			error);
	workspace_free(workspace);
	return err;
}

/* ---- text ---- */

static void json_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when ? clock_format(when, text) : NULL);
}

static void json_publisher(struct json *json, const struct ward_site_info *info)
{
	char hex[2 * sizeof(info->publisher) + 1];

	ward_hex_format(info->publisher, sizeof(info->publisher), hex);
	json_key_text(json, "publisher", info->has_publisher ? hex : NULL);
	json_key_text(json, "urn", info->urn[0] ? info->urn : NULL);
	json_key_uint(json, "sequence", info->sequence);
	json_time(json, "issued", info->issued);
}

void sites_json_info(struct json *json, const struct ward_site_list *list)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	int64_t now = clock_now();

	json_object(json);
	json_key_text(json, "name", info->name);
	json_key_text(json, "sense", ward_site_sense_name(info->sense));
	json_key_bool(json, "enabled", info->enabled);
	json_key_bool(json, "mandatory", info->mandatory);
	json_key_bool(json, "hidden", info->hidden);
	json_key_uint(json, "entries", ward_site_list_entries(list));
	json_key(json, "kinds");
	json_object(json);
	for (int i = 0; i < WARD_SITE_KIND_COUNT; i++)
		json_key_uint(json, ward_site_kind_name((ward_site_kind)i),
				ward_site_list_count(list, (ward_site_kind)i));
	json_object_end(json);
	json_key_uint(json, "bytes", ward_site_list_bytes(list));
	json_key_text(json, "source", info->source);
	json_key_text(json, "licence", info->licence);
	json_key_text(json, "category", info->category);
	json_key_text(json, "class", info->class_code);
	json_publisher(json, info);
	json_time(json, "expires", info->expires);
	json_key_int(json, "entry_life_s", info->entry_life_s);
	json_key_int(json, "stale_after_s", info->stale_after_s);
	json_key_int(json, "age_s", now - info->changed);
	json_key_bool(json, "stale", ward_site_info_is_stale(info, now));
	json_key_bool(json, "expired", ward_site_info_has_expired(info, now));
	json_time(json, "created", info->created);
	json_time(json, "changed", info->changed);
	json_key_text(json, "version", ward_site_list_version(list));
	json_object_end(json);
}

static void json_some(struct json *json, const char *name, ward_str text)
{
	if (text.len > 0)
		json_key_str(json, name, text);
}

void sites_json_entry(struct json *json, const struct ward_site_entry *entry)
{
	struct ward_buf place;

	ward_buf_init(&place, (size_t)2 * WARD_LINK_MAX);
	ward_site_entry_write(entry, &place);
	json_object(json);
	json_key_text(json, "kind", ward_site_kind_name(entry->kind));
	json_key_str(json, "place", ward_buf_text(&place));
	json_some(json, "original", entry->original);
	json_some(json, "category", entry->category);
	json_some(json, "class", entry->class_code);
	json_some(json, "reason", entry->reason);
	json_some(json, "ref", entry->ref);
	if (entry->expires)
		json_time(json, "expires", entry->expires);
	json_object_end(json);
	ward_buf_free(&place);
}

void sites_put_line(struct ward_buf *text)
{
	ward_str line = ward_buf_text(text);

	(void)fwrite(line.ptr, 1, line.len, stdout);
	putchar('\n');
	ward_buf_clear(text);
}

bool sites_seconds(const char *text, int64_t *seconds)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	ward_str number = ward_str_from(text);
	int64_t unit = 1, value;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && number.len > 0; i++) {
		if (text[number.len - 1] != units[i].letter)
			continue;
		unit = units[i].seconds;
		number.len--;
		break;
	}
	if (!ward_i64_parse(number, &value) || value < 0 || ckd_mul(&value, value, unit))
		return false;
	*seconds = value;
	return true;
}
