/*
 * ward site ls, show, verify - what the lists of places hold
 */
#include <inttypes.h>

#include "base/clock.h"
#include "bin/known.h"
#include "bin/progress.h"
#include "bin/scan_print.h"
#include "bin/sites.h"

#define LINE_MAX_TEXT ((size_t)1 << 20)

/* ---- ls ---- */

static const char *state_of(const struct ward_site_info *info)
{
	int64_t now = clock_now();

	return !info->enabled                          ? "off"
	       : ward_site_info_has_expired(info, now) ? "expired"
	       : ward_site_info_is_stale(info, now)    ? "stale"
						       : "on";
}

/* "17 s", "3 h", "12 d" */
static void format_age(int64_t seconds, char out[24])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 120)
		snprintf(out, 24, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		snprintf(out, 24, "%" PRId64 " min", seconds / 60);
	else if (seconds < 172800)
		snprintf(out, 24, "%" PRId64 " h", seconds / 3600);
	else
		snprintf(out, 24, "%" PRId64 " d", seconds / 86400);
}

static void print_row(const struct ward_site_list *list)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	char size[PROGRESS_TEXT_MAX], age[24];
	struct ward_buf text;

	progress_bytes(ward_site_list_bytes(list), size);
	format_age(clock_now() - info->changed, age);
	ward_buf_init(&text, LINE_MAX_TEXT);
	ward_buf_printf(&text, "%-20s  %-5s  %-7s  %12" PRIu64 "  %8s  %8s  %c%c%c    ", info->name,
			ward_site_sense_name(info->sense), state_of(info),
			ward_site_list_entries(list), size, age, info->mandatory ? 'm' : '-',
			info->hidden ? 'h' : '-', info->has_publisher ? 'p' : '-');
	scan_print_text(&text, ward_str_from(info->source));
	sites_put_line(&text);
	ward_buf_free(&text);
}

static void print_info_json(const struct ward_site_list *list)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_MAX_TEXT);
	json = json_to(&text);
	sites_json_info(&json, list);
	sites_put_line(&text);
	ward_buf_free(&text);
}

/* A list that cannot be opened is told and does not hide the others. */
static int print_lists(const struct cli *cli, const struct workspace *workspace,
		const struct names *names)
{
	bool json = cli_flag(cli, "json");
	int status = CLI_OK;

	if (!json && names->count > 0)
		printf("%-20s  %-5s  %-7s  %12s  %8s  %8s  %s  %s\n", "NAME", "SENSE", "STATE",
				"ENTRIES", "SIZE", "AGE", "FLAGS", "SOURCE");
	for (size_t i = 0; i < names->count; i++) {
		struct ward_error error;
		struct ward_site_list *list;

		if (sites_open(workspace, names->at[i], &list, &error) != WARD_OK) {
			status = cli_fail_error(cli, &error);
			continue;
		}
		if (json)
			print_info_json(list);
		else
			print_row(list);
		ward_site_list_free(list);
	}
	if (!json && names->count == 0)
		fprintf(stderr, "There are no site lists; \"ward site add NAME PLACE\" makes "
				"one.\n");
	return status;
}

int sites_ls(struct cli *cli)
{
	struct workspace *workspace;
	struct names names;
	struct ward_error error;
	int status;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted; \"ward site show NAME\" tells of "
				      "one list");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (sites_names_read(workspace, &names, &error) != WARD_OK) {
		status = cli_fail_error(cli, &error);
	} else {
		status = print_lists(cli, workspace, &names);
		names_free(&names);
	}
	workspace_free(workspace);
	return status;
}

/* ---- show ---- */

static void print_line(const char *name, const char *text)
{
	struct ward_buf line;

	ward_buf_init(&line, LINE_MAX_TEXT);
	ward_buf_printf(&line, "%-12s ", name);
	scan_print_text(&line, ward_str_from(text[0] ? text : "-"));
	sites_put_line(&line);
	ward_buf_free(&line);
}

static void print_time(const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	print_line(name, when ? clock_format(when, text) : "never");
}

static void print_seconds(const char *name, int64_t seconds, const char *none)
{
	char text[24];

	format_age(seconds, text);
	print_line(name, seconds > 0 ? text : none);
}

static void print_counts(const struct ward_site_list *list)
{
	char size[PROGRESS_TEXT_MAX];

	printf("%-12s %" PRIu64 " in %s", "entries", ward_site_list_entries(list),
			progress_bytes(ward_site_list_bytes(list), size));
	for (int i = 0; i < WARD_SITE_KIND_COUNT; i++) {
		uint64_t count = ward_site_list_count(list, (ward_site_kind)i);

		if (count > 0)
			printf(", %s %" PRIu64, ward_site_kind_name((ward_site_kind)i), count);
	}
	putchar('\n');
}

static void print_info(const struct ward_site_list *list)
{
	const struct ward_site_info *info = ward_site_list_info(list);
	char key[65];

	print_line("name", info->name);
	print_line("sense", ward_site_sense_name(info->sense));
	print_line("state", state_of(info));
	print_line("mandatory", info->mandatory ? "yes" : "no");
	print_line("hidden", info->hidden ? "yes" : "no");
	print_counts(list);
	print_line("source", info->source);
	print_line("licence", info->licence);
	print_line("category", info->category);
	print_line("class", info->class_code);
	ward_hex_format(info->publisher, sizeof(info->publisher), key);
	print_line("publisher", info->has_publisher ? key : "");
	print_line("urn", info->urn);
	if (info->has_publisher)
		printf("%-12s %" PRIu64 "\n", "sequence", info->sequence);
	print_time("expires", info->expires);
	print_seconds("entry-life", info->entry_life_s, "without end");
	print_seconds("stale-after", info->stale_after_s, "never");
	print_time("created", info->created);
	print_time("changed", info->changed);
	print_line("version", ward_site_list_version(list));
}

static void print_entry(struct ward_buf *line, const struct ward_site_entry *entry)
{
	const struct {
		const char *name;
		ward_str text;
	} said[] = { { "category", entry->category }, { "class", entry->class_code },
		{ "reason", entry->reason }, { "ref", entry->ref }, { "from", entry->original } };
	char when[CLOCK_TEXT_MAX];
	struct ward_buf place;

	ward_buf_init(&place, (size_t)2 * WARD_LINK_MAX);
	ward_site_entry_write(entry, &place);
	ward_buf_printf(line, "%-8s ", ward_site_kind_name(entry->kind));
	scan_print_text(line, ward_buf_text(&place));
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		if (said[i].text.len == 0)
			continue;
		ward_buf_printf(line, "  %s ", said[i].name);
		scan_print_text(line, said[i].text);
	}
	if (entry->expires)
		ward_buf_printf(line, "  until %s", clock_format(entry->expires, when));
	sites_put_line(line);
	ward_buf_free(&place);
}

static ward_err print_entries(const struct ward_site_list *list, bool json,
		struct ward_error *error)
{
	struct ward_site_cursor *cursor = calloc(1, sizeof(*cursor));
	struct ward_site_entry entry;
	struct ward_buf line;
	ward_err err;

	if (!cursor)
		return ward_fail(error, WARD_E_NOMEM, "no memory to go through a list");
	ward_buf_init(&line, LINE_MAX_TEXT);
	while (ward_site_list_next(list, cursor, &entry)) {
		struct json out = json_to(&line);

		if (json) {
			sites_json_entry(&out, &entry);
			sites_put_line(&line);
		} else {
			print_entry(&line, &entry);
		}
	}
	err = ward_site_list_end(list, cursor, error);
	ward_buf_free(&line);
	free(cursor);
	return err;
}

int sites_show(struct cli *cli)
{
	bool json = cli_flag(cli, "json"), entries = cli_flag(cli, "entries");
	struct workspace *workspace;
	struct ward_site_list *list;
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward site ls\" shows their names");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = sites_open(workspace, cli->args[0], &list, &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	if (entries && ward_site_list_info(list)->hidden) {
		ward_site_list_free(list);
		return cli_fail(cli, "%s is hidden: what is on it is told to nobody", cli->args[0]);
	}
	if (json)
		print_info_json(list);
	else
		print_info(list);
	if (entries && !json)
		putchar('\n');
	if (entries)
		err = print_entries(list, json, &error);
	ward_site_list_free(list);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- verify ---- */

static int verify_one(const struct cli *cli, const struct workspace *workspace, const char *name)
{
	struct ward_site_list *list = NULL;
	struct ward_error error;
	ward_err err = sites_open(workspace, name, &list, &error);

	if (!err)
		err = ward_site_list_verify(list, &error);
	if (!err)
		printf("%s: sound, %" PRIu64 " entries\n", name, ward_site_list_entries(list));
	ward_site_list_free(list);
	return err ? cli_fail(cli, "%s: %s", name, error.message) : CLI_OK;
}

int sites_verify(struct cli *cli)
{
	struct names names = { 0 };
	struct workspace *workspace;
	struct ward_error error;
	int status = CLI_OK;

	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (cli->arg_count == 0 && sites_names_read(workspace, &names, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	for (int i = 0; i < cli->arg_count; i++)
		status |= verify_one(cli, workspace, cli->args[i]);
	for (size_t i = 0; i < names.count; i++)
		status |= verify_one(cli, workspace, names.at[i]);
	names_free(&names);
	workspace_free(workspace);
	return status;
}
