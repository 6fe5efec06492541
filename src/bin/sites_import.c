/*
 * ward site import - files of places into a list
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/progress.h"
#include "bin/sites.h"
#include "bin/sources.h"
#include "workspace/site_import.h"

enum { FILES_MAX = 4096, SHRINK_DEFAULT = 50 };

struct import {
	const struct cli *cli;
	struct workspace *workspace;
	struct workspace_site_import wants;
	struct sources sources;
	struct progress progress;
};

/* ---- what is told meanwhile ---- */

/* Why, and where; never what. */
static void tell_bad(void *context, size_t source, const struct exchange_site_record *record)
{
	struct import *import = context;
	char line[40] = "";

	if (cli_flag(import->cli, "quiet"))
		return;
	progress_clear(&import->progress);
	if (record->line > 0)
		snprintf(line, sizeof(line), ", line %" PRIu64, record->line);
	fprintf(stderr, "%s%s: left out: %s\n", import->cli->args[source + 1], line, record->bad);
}

static void tell_reading(void *context, uint64_t done, uint64_t total)
{
	struct import *import = context;

	progress_draw_share(&import->progress, done, total, true, "reading");
}

/* ---- what the list is ---- */

static ward_err read_info(struct import *import, struct ward_error *error)
{
	struct ward_site_info *info = &import->wants.info;
	struct ward_site_list *list;
	char folder[SITES_PATH];
	ward_err err = workspace_site_folder(import->workspace, ward_str_from(import->cli->args[0]),
			folder, sizeof(folder), error);

	if (err)
		return err;
	err = ward_site_list_open(folder, &list, error);
	if (!err) {
		*info = *ward_site_list_info(list);
		ward_site_list_free(list);
		if (info->has_publisher)
			err = ward_fail(error, WARD_E_DENIED,
					"%s has a publisher: its pages are applied by \"ward site "
					"update\"",
					info->name);
	} else if (err == WARD_E_NOT_FOUND && !import->wants.delta) {
		err = ward_site_info_init(info, ward_str_from(import->cli->args[0])) ? WARD_OK
										     : err;
	}
	return err;
}

static bool take_text(const struct cli *cli, const char *option, char *to, size_t room)
{
	const char *text = cli_text(cli, option);

	if (!text)
		return true;
	if (strlen(text) >= room)
		return false;
	memcpy(to, text, strlen(text) + 1);
	return true;
}

bool sites_take_salt(const struct cli *cli, uint8_t salt[32], size_t *len)
{
	ward_str hex = ward_str_from(cli_text(cli, "salt"));

	if (hex.len > 64 || hex.len % 2 != 0 || !ward_hex_parse(hex, salt, hex.len / 2)) {
		cli_usage(cli, "--salt is up to 64 hex digits");
		return false;
	}
	*len = hex.len / 2;
	return true;
}

static bool take_sense(const struct cli *cli, struct ward_site_info *info)
{
	const char *text = cli_text(cli, "sense");
	int sense = 0;

	if (!text)
		return true;
	while (sense < WARD_SITE_SENSE_COUNT &&
			strcmp(text, ward_site_sense_name((ward_site_sense)sense)) != 0)
		sense++;
	if (sense == WARD_SITE_SENSE_COUNT) {
		cli_usage(cli, "--sense is block, allow or log");
		return false;
	}
	info->sense = (ward_site_sense)sense;
	return true;
}

static bool take_info(const struct cli *cli, struct ward_site_info *info)
{
	size_t len = info->salt_len;

	if (!take_text(cli, "source", info->source, sizeof(info->source)) ||
			!take_text(cli, "category", info->category, sizeof(info->category)) ||
			!take_text(cli, "class", info->class_code, sizeof(info->class_code))) {
		cli_usage(cli, "--source, --category or --class is too long");
		return false;
	}
	if (cli_text(cli, "salt") && !sites_take_salt(cli, info->salt, &len))
		return false;
	info->salt_len = (uint8_t)len;
	info->mandatory = info->mandatory || cli_flag(cli, "mandatory");
	info->hidden = info->hidden || cli_flag(cli, "hidden");
	return take_sense(cli, info);
}

static bool take_reading(const struct cli *cli, struct exchange_site_options *read)
{
	const char *format = cli_text(cli, "format"), *bare = cli_text(cli, "bare");

	if (format) {
		read->format = exchange_site_format_from(ward_str_from(format));
		if (read->format == EXCHANGE_SITE_FORMAT_COUNT) {
			cli_usage(cli, "there is no format \"%s\"", format);
			return false;
		}
	}
	if (!bare)
		return true;
	read->bare_given = true;
	if (strcmp(bare, "domain") == 0)
		read->bare = WARD_SITE_BARE_DOMAIN;
	else if (strcmp(bare, "host") == 0)
		read->bare = WARD_SITE_BARE_HOST;
	else if (strcmp(bare, "page") == 0)
		read->bare = WARD_SITE_BARE_PAGE;
	else {
		cli_usage(cli, "--bare is domain, host or page");
		return false;
	}
	return true;
}

/* ---- the end ---- */

static void print_json(const struct import *import, const struct workspace_site_imported *result)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, 1 << 16);
	json = json_to(&text);
	json_object(&json);
	json_key_text(&json, "list", import->cli->args[0]);
	json_key_text(&json, "format", exchange_site_format_name(result->format));
	json_key_bool(&json, "dry_run", import->wants.dry_run);
	json_key_uint(&json, "read", result->records);
	json_key_uint(&json, "added", result->added);
	json_key_uint(&json, "bad", result->bad);
	json_key_uint(&json, "unsupported", result->unsupported);
	json_key_uint(&json, "removed", result->removed);
	json_key_uint(&json, "excepted", result->excepted);
	json_key_uint(&json, "exceptions", result->exceptions);
	json_key_uint(&json, "widened", result->widened);
	json_key_uint(&json, "walled", result->walled);
	json_key_uint(&json, "replaced", import->wants.delta ? 0 : result->before);
	json_key_uint(&json, "entries", result->after);
	json_key_text(&json, "quarantine", result->quarantine[0] ? result->quarantine : NULL);
	json_object_end(&json);
	printf("%s\n", ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_count(uint64_t count, const char *says)
{
	if (count > 0)
		printf("  %" PRIu64 " %s\n", count, says);
}

static void print_summary(const struct import *import, const struct workspace_site_imported *result)
{
	printf("%s: %" PRIu64 " read (%s), %" PRIu64 " %s%s\n", import->cli->args[0],
			result->records, exchange_site_format_name(result->format), result->added,
			import->wants.dry_run ? "would be " : "", "added");
	print_count(result->bad, "could not be read");
	print_count(result->unsupported, "say what a site list cannot hold");
	print_count(result->removed, "taken back by the source");
	print_count(result->excepted, "taken out again: the source excepts them");
	print_count(result->exceptions, "exceptions from what is listed otherwise: import them as "
					"an allowing list");
	print_count(result->widened, "taken with the name above a wildcard");
	print_count(result->walled, "answered by a page of the zone's own: taken as blocked");
	if (!import->wants.dry_run)
		printf("  entries in force: %" PRIu64 "; before: %" PRIu64 "\n", result->after,
				result->before);
	if (result->quarantine[0])
		printf("  what was left out, and why: %s\n", result->quarantine);
}

static int import_all(struct import *import)
{
	struct workspace_site_imported result;
	struct ward_error error;
	ward_err err = sources_open(import->cli, &import->sources, &error);

	if (!err)
		err = workspace_site_import(import->workspace, &import->wants, import->sources.at,
				import->sources.count, &result, &error);
	progress_clear(&import->progress);
	sources_close(&import->sources);
	if (err)
		return cli_fail_error(import->cli, &error);
	if (cli_flag(import->cli, "json"))
		print_json(import, &result);
	else
		print_summary(import, &result);
	return CLI_OK;
}

int sites_import(struct cli *cli)
{
	struct import import = { .cli = cli };
	struct workspace_site_import *wants = &import.wants;
	struct ward_error error;
	int status, stdins = 0;

	for (int i = 1; i < cli->arg_count; i++)
		stdins += strcmp(cli->args[i], "-") == 0;
	if (cli->arg_count < 2 || stdins > 1 || cli->arg_count > FILES_MAX)
		return cli_usage(cli, "a list's name and files are wanted (- is standard input, "
				      "once)");
	wants->delta = cli_flag(cli, "delta");
	wants->dry_run = cli_flag(cli, "dry-run");
	wants->allow_empty = cli_flag(cli, "allow-empty");
	wants->force = cli_flag(cli, "force");
	wants->shrink_max = (unsigned)cli_number(cli, "max-shrink", SHRINK_DEFAULT);
	wants->bad = tell_bad;
	wants->progress = tell_reading;
	wants->context = &import;
	progress_begin(&import.progress,
			cli_flag(cli, "progress") ||
					(isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress")));
	if (!take_reading(cli, &wants->read))
		return CLI_TROUBLE;
	if (known_workspace(cli, &import.workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (read_info(&import, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else if (!take_info(cli, &wants->info))
		status = CLI_TROUBLE;
	else
		status = import_all(&import);
	workspace_free(import.workspace);
	return status;
}
