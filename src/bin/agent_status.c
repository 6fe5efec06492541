/*
 * ward agent status - what the running agent says of itself
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/tree.h"
#include "bin/agent.h"
#include "bin/scan_print.h"

enum { STATUS_MAX = 1 << 20 };

static bool is_running(const struct json_t *status)
{
	int64_t process;
	char path[64], *name;
	size_t len;

	if (!tree_int(tree_member(status, "process"), 2, INT32_MAX, &process))
		return false;
	snprintf(path, sizeof(path), "/proc/%" PRId64 "/comm", process);
	if (file_read(path, 64, &name, &len, NULL) != WARD_OK)
		return false;
	bool same = strcmp(name, "ward-agent\n") == 0;

	free(name);
	return same;
}

static void print_text(ward_str text)
{
	struct ward_buf printed;

	ward_buf_init(&printed, 1 << 16);
	scan_print_text(&printed, text);
	fputs(ward_buf_text(&printed).ptr, stdout);
	ward_buf_free(&printed);
}

static void print_value(const struct json_t *value)
{
	struct ward_buf text;

	ward_buf_init(&text, 1 << 16);
	tree_write(value, &text);
	fputs(ward_buf_text(&text).ptr, stdout);
	ward_buf_free(&text);
}

static void print_place(const struct json_t *place)
{
	int64_t every = 0;

	printf("  ");
	print_text(tree_text(tree_member(place, "watch")));
	printf("  ");
	print_text(tree_text(tree_member(place, "folder")));
	printf("  %.*s", WARD_FMT(tree_text(tree_member(place, "heard_by"))));
	if (tree_int(tree_member(place, "swept_every_s"), 1, INT32_MAX, &every))
		printf(", every %" PRId64 " s", every);
	if (!tree_is_null(tree_member(place, "swept")))
		printf(", last %.*s", WARD_FMT(tree_text(tree_member(place, "swept"))));
	printf("\n");
}

static void print_people(const struct json_t *status)
{
	const struct json_t *places = tree_member(status, "places");
	const struct json_t *value;
	const char *name;
	void *at = NULL;

	while (tree_next(status, &at, &name, &value)) {
		if (tree_is_array(value) || tree_is_null(value))
			continue;
		printf("%-20s ", name);
		if (tree_is_text(value))
			print_text(tree_text(value));
		else
			print_value(value);
		printf("\n");
	}
	printf("places\n");
	for (size_t i = 0; i < tree_count(places); i++)
		print_place(tree_at(places, i));
}

int agent_status(struct cli *cli, const struct agent_settings *settings)
{
	char path[4096], *text;
	struct ward_error error;
	size_t len;

	if (folder_path(settings->folder, AGENT_STATUS, path, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = file_read(path, STATUS_MAX, &text, &len, &error);

	if (err == WARD_E_NOT_FOUND)
		return cli_fail(cli, "no agent has run on %s", settings->folder);
	if (err)
		return cli_fail_error(cli, &error);
	struct json_t *status = tree_read((ward_str){ text, len }, &error);
	bool runs = status && is_running(status);

	if (status && cli_flag(cli, "json"))
		fwrite(text, 1, len, stdout);
	else if (status)
		print_people(status);
	free(text);
	if (!status)
		return cli_fail_error(cli, &error);
	tree_free(status);
	return runs ? CLI_OK : cli_fail(cli, "it does not run now; this is what it said last");
}
