/*
 * ward list import - files of signals into a list
 */
#include <inttypes.h>
#include <unistd.h>

#include "bin/lists.h"
#include "bin/progress.h"
#include "bin/sources.h"

enum { FILES_MAX = 4096, ONLY_MAX = 64 };

struct import {
	const struct cli *cli;
	struct workspace *workspace;
	struct workspace_import wants;
	struct sources sources;
	struct progress progress;
	ward_str only[ONLY_MAX]; /* labels */
	bool quiet;
};

/* ---- what is told meanwhile ---- */

/* Why, and where; never what. */
static void tell_bad(void *context, size_t source, const struct exchange_record *record)
{
	struct import *import = context;
	char line[40] = "";

	if (import->quiet)
		return;
	progress_clear(&import->progress);
	if (record->line > 0)
		snprintf(line, sizeof(line), ", line %" PRIu64, record->line);
	fprintf(stderr, "%s%s: record %" PRIu64 " left out%s: %s\n", import->cli->args[source + 1],
			line, record->record.number,
			record->record.signal_count > (record->partly ? 0 : 1) ? " in part" : "",
			record->bad);
}

static void tell_reading(void *context, uint64_t done, uint64_t total)
{
	struct import *import = context;

	progress_draw_share(&import->progress, done, total, true, "reading");
}

static void tell_compiling(void *context, uint64_t done, uint64_t total)
{
	struct import *import = context;

	progress_draw_share(&import->progress, done, total, false, "compiling");
}

/* ---- what the list is ---- */

/* A list that is there keeps what it says about itself, but for what is given. */
static ward_err read_info(const struct import *import, const char *name,
		struct ward_list_info *info, struct ward_error *error)
{
	struct ward_list *list;
	ward_err err = lists_open(import->workspace, name, &list, error);

	if (!err) {
		*info = *ward_list_info(list);
		ward_list_free(list);
	} else if (err == WARD_E_NOT_FOUND && !import->wants.delta) {
		/* The name was found good in looking for the list. */
		err = ward_list_info_init(info, ward_str_from(name)) ? WARD_OK : err;
	}
	return err;
}

/* ---- the end ---- */

static void print_json(const struct workspace_imported *result, const char *name)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, 1 << 16);
	json = json_to(&text);
	json_object(&json);
	json_key_text(&json, "list", name);
	workspace_imported_json(&json, result);
	json_key_text(&json, "quarantine", result->quarantine[0] ? result->quarantine : NULL);
	json_object_end(&json);
	(void)lists_put_line(&text);
	ward_buf_free(&text);
}

static void print_count(uint64_t count, const char *one, const char *many)
{
	if (count > 0)
		printf("  %" PRIu64 " %s\n", count, count == 1 ? one : many);
}

/* "  3 md5, 20 pdq": a file that was taken for what it is not shows here. */
static void print_signals(const struct workspace_imported *result)
{
	const char *before = "  ";

	for (int kind = 1; kind < WARD_SIGNAL_KIND_COUNT; kind++) {
		if (result->signals[kind] == 0)
			continue;
		printf("%s%" PRIu64 " %s", before, result->signals[kind],
				ward_signal_kind_name((ward_signal_kind)kind));
		before = ", ";
	}
	if (result->vpdq > 0) {
		printf("%s%" PRIu64 " vpdq", before, result->vpdq);
		before = ", ";
	}
	if (result->tmk > 0) {
		printf("%s%" PRIu64 " tmk", before, result->tmk);
		before = ", ";
	}
	if (before[0] == ',')
		putchar('\n');
}

/* What was added, and should be looked at. */
static void print_doubts(const struct workspace_imported *result)
{
	if (result->guessed > 0)
		printf("  %" PRIu64 " with 64 digits of no kind, taken for pdq; --type sha256 "
		       "takes them for that\n",
				result->guessed);
	if (result->unknown_labels > 0)
		printf("  %" PRIu64 " with a label that its scheme does not know, kept; the first "
		       "is record %" PRIu64 "\n",
				result->unknown_labels, result->unknown_label_first);
}

static void print_summary(const struct import *import, const struct workspace_imported *result)
{
	printf("%s: %" PRIu64 " of %" PRIu64 " %s %s (%s)\n", import->cli->args[0], result->added,
			result->records, result->records == 1 ? "record" : "records",
			import->wants.delta ? "added" : "imported",
			exchange_format_name(result->format));
	print_signals(result);
	print_count(result->bad, "could not be read", "could not be read");
	print_count(result->partly, "was added without a part that could not be read",
			"were added without a part that could not be read");
	print_count(result->removed, "entry was taken back by the source",
			"entries were taken back by the source");
	print_count(result->replaced, "entry was replaced by a later record of it",
			"entries were replaced by later records of them");
	print_count(result->degenerate, "fingerprint of no picture was left out",
			"fingerprints of no picture were left out");
	print_count(result->low_quality, "hash of quality below 50 was left out",
			"hashes of quality below 50 were left out");
	print_count(result->harmless, "was left out: its source calls it harmless",
			"were left out: their source calls them harmless");
	print_count(result->passed_over, "has none of the labels that were asked for",
			"have none of the labels that were asked for");
	print_doubts(result);
	if (result->quarantine[0])
		printf("  what was left out, and why: %s\n", result->quarantine);
}

static ward_err import_all(struct import *import, struct workspace_imported *result,
		struct ward_error *error)
{
	ward_err err = sources_open(import->cli, &import->sources, error);

	if (!err)
		err = workspace_import(import->workspace, &import->wants, import->sources.at,
				import->sources.count, result, error);
	progress_clear(&import->progress);
	sources_close(&import->sources);
	return err;
}

/* What was left out is told and kept, and is no failure. */
static int finish(const struct import *import, const struct workspace_imported *result)
{
	if (cli_flag(import->cli, "json"))
		print_json(result, import->cli->args[0]);
	else
		print_summary(import, result);
	return CLI_OK;
}

int lists_import(struct cli *cli)
{
	struct workspace_imported result;
	struct import import = { .cli = cli };
	struct workspace_import *wants = &import.wants;
	struct ward_error error;
	int status = CLI_TROUBLE, stdins = 0;

	for (int i = 1; i < cli->arg_count; i++)
		stdins += strcmp(cli->args[i], "-") == 0;
	if (cli->arg_count < 2 || stdins > 1 || cli->arg_count > FILES_MAX)
		return cli_usage(cli, "a list's name and files are wanted (- is standard input, "
				      "once)");
	wants->delta = cli_flag(cli, "delta");
	wants->keep_degenerate = cli_flag(cli, "keep-degenerate");
	wants->allow_empty = cli_flag(cli, "allow-empty");
	wants->allow_empty_called = "--allow-empty";
	wants->only = import.only;
	for (const char *label; (label = cli_many(cli, "only", (int)wants->only_count));) {
		if (wants->only_count == ONLY_MAX)
			return cli_usage(cli, "--only is given at most %d times", ONLY_MAX);
		import.only[wants->only_count++] = ward_str_from(label);
	}
	wants->bad = tell_bad;
	wants->progress = tell_reading;
	wants->compiling = tell_compiling;
	wants->context = &import;
	import.quiet = cli_flag(cli, "quiet");
	progress_begin(&import.progress,
			cli_flag(cli, "progress") ||
					(isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress")));
	if (!lists_read_options(cli, &wants->read))
		return CLI_TROUBLE;
	if (known_workspace(cli, &import.workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (read_info(&import, cli->args[0], &wants->info, &error) != WARD_OK)
		cli_fail_error(cli, &error);
	else if (!lists_info_options(cli, &wants->info))
		status = CLI_TROUBLE;
	else if (import_all(&import, &result, &error) != WARD_OK)
		cli_fail_error(cli, &error);
	else
		status = finish(&import, &result);
	workspace_free(import.workspace);
	return status;
}
