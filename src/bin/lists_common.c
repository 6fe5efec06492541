#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/lists.h"
#include "exchange/schemes.h"
#include "scan/report_json.h"

/* ---- a list by its name ---- */

ward_err lists_open(const struct workspace *workspace, const char *name, struct ward_list **list,
		struct ward_error *error)
{
	char folder[LIST_PATH];
	ward_err err = workspace_list_folder(workspace, ward_str_from(name), folder, sizeof(folder),
			error);

	if (!err)
		err = ward_list_open(folder, list, error);
	if (err == WARD_E_NOT_FOUND)
		err = ward_fail(error, err,
				"there is no list named %s; \"ward list ls\" shows them", name);
	return err;
}

ward_err lists_find(const struct workspace *workspace, const char *name, char folder[LIST_PATH],
		struct ward_error *error)
{
	struct ward_list *list;
	ward_err err = lists_open(workspace, name, &list, error);

	if (err)
		return err;
	ward_list_free(list);
	return workspace_list_folder(workspace, ward_str_from(name), folder, LIST_PATH, error);
}

ward_err lists_find_first(const struct cli *cli, char folder[LIST_PATH], struct ward_error *error)
{
	struct workspace *workspace;
	ward_err err = known_workspace(cli, &workspace, error);

	if (err)
		return err;
	err = lists_find(workspace, cli->args[0], folder, error);
	workspace_free(workspace);
	return err;
}

/* The first import of a list may have been stopped: then its folder holds no list. */
static bool holds_list(const char *folder)
{
	struct ward_error error;
	struct ward_list *list;
	ward_err err = ward_list_open(folder, &list, &error);

	if (!err)
		ward_list_free(list);
	return err != WARD_E_NOT_FOUND;
}

static bool is_misnamed(DIR *folder, const char *name)
{
	char path[LIST_PATH];
	int len = snprintf(path, sizeof(path), "%s/manifest.json", name);

	return len > 0 && (size_t)len < sizeof(path) &&
	       faccessat(dirfd(folder), path, F_OK, 0) == 0;
}

ward_err lists_names_read(const struct workspace *workspace, struct names *names,
		struct ward_error *error)
{
	struct names read = { 0 };
	DIR *folder = opendir(workspace_lists(workspace));
	struct dirent *entry;
	ward_err err = WARD_OK;

	if (!folder)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", workspace_lists(workspace),
				strerror(errno));
	/* None is renamed meanwhile, and missed under both names; closing gives the lock back. */
	while (flock(dirfd(folder), LOCK_SH) < 0 && errno == EINTR)
		continue;
	while (!err && (entry = readdir(folder))) {
		char path[LIST_PATH];

		if (workspace_list_folder(workspace, ward_str_from(entry->d_name), path,
				    sizeof(path), NULL) != WARD_OK) {
			if (entry->d_name[0] != '.' && is_misnamed(folder, entry->d_name))
				err = ward_fail(error, WARD_E_ARGUMENT,
						"a folder in %s holds a list and is not named like "
						"one: rename it (letters, digits, dots, dashes, "
						"underscores)",
						workspace_lists(workspace));
			continue;
		}
		if (!holds_list(path))
			continue;
		if (!names_keep(&read, entry->d_name))
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the names");
	}
	closedir(folder);
	if (err) {
		names_free(&read);
		return err;
	}
	names_sort(&read);
	*names = read;
	return WARD_OK;
}

/* ---- options ---- */

/* One line of text that fits; an option that is not given changes nothing. */
static bool take_text(const struct cli *cli, const char *option, char *out, size_t room)
{
	const char *text = cli_text(cli, option);

	if (!text)
		return true;
	bool good = strlen(text) < room && ward_utf8_valid(ward_str_from(text));

	for (const char *at = text; good && *at; at++)
		good = (unsigned char)*at >= ' ' && *at != 0x7f;
	if (!good) {
		cli_usage(cli, "--%s wants one line of at most %zu bytes", option, room - 1);
		return false;
	}
	snprintf(out, room, "%s", text);
	return true;
}

static bool take_label(const struct cli *cli, char *out, size_t room)
{
	if (!scheme_labels_valid(ward_str_from(cli_text(cli, "label")))) {
		cli_usage(cli, "--label wants words as scheme:code, with blanks between");
		return false;
	}
	return take_text(cli, "label", out, room);
}

static bool take_scheme(const struct cli *cli, char *out, size_t room)
{
	const char *text = cli_text(cli, "scheme");

	if (text && text[0] && !scheme_name_valid(ward_str_from(text))) {
		cli_usage(cli, "--scheme wants one word of letters, digits, dots, dashes and "
			       "underscores");
		return false;
	}
	return take_text(cli, "scheme", out, room);
}

static bool take_sense(const struct cli *cli, ward_list_sense *sense)
{
	const char *text = cli_text(cli, "sense");

	for (int i = 0; text && i < WARD_SENSE_COUNT; i++) {
		if (strcmp(text, ward_list_sense_name((ward_list_sense)i)) == 0) {
			*sense = (ward_list_sense)i;
			return true;
		}
	}
	if (text)
		cli_usage(cli, "--sense wants deny, allow or exclude");
	return !text;
}

static bool take_expiry(const struct cli *cli, int64_t *expires)
{
	const char *text = cli_text(cli, "expires");

	if (!text || clock_parse(ward_str_from(text), expires))
		return true;
	if (strcmp(text, "never") == 0) {
		*expires = 0;
		return true;
	}
	cli_usage(cli, "--expires wants a date as 2027-03-01, a date and time, or never");
	return false;
}

bool lists_read_options(const struct cli *cli, struct exchange_read_options *read)
{
	const char *format = cli_text(cli, "format"), *type = cli_text(cli, "type");

	if (format)
		read->format = exchange_format_from(ward_str_from(format));
	if (read->format == EXCHANGE_FORMAT_COUNT) {
		cli_usage(cli, "--format wants auto, text, csv, tsv, jsonl, threatexchange, vics, "
			       "ncmec, nsrl, hashkeeper, md5sum, vpdq or tmk");
		return false;
	}
	if (type)
		read->kind = ward_signal_kind_from(ward_str_from(type));
	if (type && read->kind == WARD_SIGNAL_NONE) {
		cli_usage(cli, "--type wants md5, sha1, sha256, pdq or photodna");
		return false;
	}
	return true;
}

bool lists_info_options(const struct cli *cli, struct ward_list_info *info)
{
	if (cli_flag(cli, "enable") && cli_flag(cli, "disable")) {
		cli_usage(cli, "--enable or --disable, not both");
		return false;
	}
	if (!take_text(cli, "source", info->source, sizeof(info->source)) ||
			!take_scheme(cli, info->scheme, sizeof(info->scheme)) ||
			!take_label(cli, info->default_label, sizeof(info->default_label)) ||
			!take_text(cli, "licence", info->licence, sizeof(info->licence)) ||
			!take_sense(cli, &info->sense) || !take_expiry(cli, &info->expires))
		return false;
	info->radius = (int)cli_number(cli, "radius", info->radius);
	info->photodna_distance_max =
			(uint32_t)cli_number(cli, "photodna-distance", info->photodna_distance_max);
	info->enabled = cli_flag(cli, "disable")  ? false
			: cli_flag(cli, "enable") ? true
						  : info->enabled;
	return true;
}

/* ---- JSON ---- */

static void json_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when ? clock_format(when, text) : NULL);
}

void lists_json_info(struct json *json, const struct ward_list *list)
{
	const struct ward_list_info *info = ward_list_info(list);

	json_object(json);
	json_key_text(json, "name", info->name);
	json_key_text(json, "sense", ward_list_sense_name(info->sense));
	json_key_bool(json, "enabled", info->enabled);
	json_key_uint(json, "entries", ward_list_entries(list));
	json_key(json, "signals");
	json_object(json);
	for (int kind = 1; kind < WARD_SIGNAL_KIND_COUNT; kind++)
		json_key_uint(json, ward_signal_kind_name((ward_signal_kind)kind),
				ward_list_signals(list, (ward_signal_kind)kind));
	report_json_video_counts(json, ward_list_videos(list), ward_list_tmks(list));
	json_object_end(json);
	json_key_int(json, "radius", info->radius);
	json_key_uint(json, "photodna_distance", info->photodna_distance_max);
	json_key_text(json, "source", info->source);
	json_key_text(json, "scheme", info->scheme);
	json_key_text(json, "label", info->default_label);
	json_key_text(json, "licence", info->licence);
	json_time(json, "expires", info->expires);
	json_time(json, "created", info->created);
	json_time(json, "changed", info->changed);
	json_key_uint(json, "bytes", ward_list_bytes(list));
	json_key_uint(json, "deltas", ward_list_deltas(list));
	json_key_text(json, "version", ward_list_version(list));
	json_object_end(json);
}

void lists_json_record(struct json *json, const struct ward_list *list,
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
	if (list && record->video)
		report_json_video(json, list, record->number);
	json_key(json, "labels");
	report_json_labels(json, record->labels);
	if (record->ref.len > 0)
		json_key_str(json, "ref", record->ref);
	if (record->quality <= 100)
		json_key_uint(json, "quality", record->quality);
	if (list)
		report_json_remark(json, list, record->number);
	json_object_end(json);
}

bool lists_put_line(struct ward_buf *text)
{
	ward_buf_char(text, '\n');
	bool good = !text->failed && fwrite(text->ptr, 1, text->len, stdout) == text->len;

	ward_buf_clear(text);
	return good;
}

bool lists_signal(const char *text, ward_signal *signal)
{
	ward_str given = ward_str_trim(ward_str_from(text));

	return ward_signal_parse(WARD_SIGNAL_NONE, given, signal) ||
	       ward_signal_parse(WARD_SIGNAL_PDQ, given, signal) ||
	       ward_signal_parse(WARD_SIGNAL_PHOTODNA, given, signal);
}
