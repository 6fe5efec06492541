/*
 * ward stats - the work in numbers: tables, JSON, CSV, and a page with plots
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "measure/page.h"
#include "measure/tell.h"

enum { TEXT_MAX = 256 << 20 };

static ward_err read_question(const struct cli *cli, struct measure_question *question,
		struct ward_error *error)
{
	const struct measure_asked asked = {
		.from = ward_str_from(cli_text(cli, "from")),
		.to = ward_str_from(cli_text(cli, "to")),
		.step = ward_str_from(cli_text(cli, "step")),
		.metrics = ward_str_from(cli_text(cli, "metric")),
		.by = ward_str_from(cli_text(cli, "by")),
	};

	return measure_question_read(&asked, clock_now(), question, error);
}

static ward_err write_answer(const struct cli *cli, struct store_tx *tx,
		const struct measure_question *question, struct ward_arena *arena,
		struct ward_buf *out, struct ward_error *error)
{
	struct measure_answer answer;
	ward_err err = measure_ask(tx, question, arena, &answer, error);

	if (err)
		return err;
	if (cli_flag(cli, "json")) {
		measure_write_json(&answer, out);
		ward_buf_char(out, '\n');
	} else if (cli_flag(cli, "csv")) {
		measure_write_csv(&answer, out);
	} else {
		measure_write_text(&answer, out);
	}
	return out->failed ? ward_fail(error, WARD_E_LIMIT,
					     "this is too much at once; ask for longer periods")
			   : WARD_OK;
}

static ward_err ask(const struct cli *cli, struct store *store, struct ward_buf *out,
		struct ward_error *error)
{
	struct measure_question question;
	struct store_tx *tx = NULL;
	struct ward_arena arena;
	ward_err err = read_question(cli, &question, error);

	if (!err)
		err = store_read(store, &tx, error);
	if (err)
		return err;
	ward_arena_init(&arena, MEASURE_ARENA);
	if (cli_text(cli, "html"))
		err = measure_page(tx, &question, &arena, out, error);
	else
		err = write_answer(cli, tx, &question, &arena, out, error);
	ward_arena_free(&arena);
	store_read_end(tx);
	return err;
}

/* The page is there whole, or not at all. */
static ward_err put(const struct cli *cli, struct ward_buf *out, struct ward_error *error)
{
	const char *path = cli_text(cli, "html");
	ward_str text = ward_buf_text(out);

	if (path && strcmp(path, "-") != 0)
		return file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0644,
				error);
	if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		return ward_fail(error, WARD_E_IO, "cannot write: %s", strerror(errno));
	return WARD_OK;
}

static ward_err tell(const struct cli *cli, struct ward_buf *out, struct ward_error *error)
{
	struct workspace *workspace = NULL;
	struct store *store = NULL;
	ward_err err;

	if (cli_flag(cli, "catalogue")) {
		if (cli_flag(cli, "json")) {
			measure_write_catalogue_json(out);
			ward_buf_char(out, '\n');
		} else {
			measure_write_catalogue_text(out);
		}
		return put(cli, out, error);
	}
	err = known_workspace(cli, &workspace, error);
	if (!err)
		err = workspace_store(workspace, false, &store, error);
	if (!err)
		err = ask(cli, store, out, error);
	if (!err)
		err = put(cli, out, error);
	store_free(store);
	workspace_free(workspace);
	return err;
}

static int run(struct cli *cli)
{
	int forms = cli_flag(cli, "json") + cli_flag(cli, "csv") + (cli_text(cli, "html") != NULL);
	struct ward_error error;
	struct ward_buf out;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (forms > 1)
		return cli_usage(cli, "choose one of --json, --csv and --html");
	if (cli_text(cli, "html") && (cli_text(cli, "by") || cli_flag(cli, "catalogue")))
		return cli_usage(cli, "the page shows each number split in every way there is");
	if (cli_flag(cli, "csv") && cli_flag(cli, "catalogue"))
		return cli_usage(cli, "the catalogue is text, or --json");
	ward_buf_init(&out, TEXT_MAX);
	ward_err err = tell(cli, &out, &error);

	ward_buf_free(&out);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

static const struct cli_option options[] = {
	{ "from", 'f', CLI_TEXT, "DAY", "the first day (default: 29 days before the last)", 0, 0 },
	{ "to", 't', CLI_TEXT, "DAY", "the last day (default: today)", 0, 0 },
	{ "step", 's', CLI_TEXT, "STEP", "day, week, month or year (default: day)", 0, 0 },
	{ "metric", 'm', CLI_TEXT, "IDS", "these, a comma between them (default: all)", 0, 0 },
	{ "by", 'b', CLI_TEXT, "SPLIT", "split the numbers: channel, queue, age, ...", 0, 0 },
	{ "catalogue", 0, CLI_FLAG, NULL, "say what can be counted, and what each number means", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object", 0, 0 },
	{ "csv", 0, CLI_FLAG, NULL, "a line a number", 0, 0 },
	{ "html", 0, CLI_TEXT, "FILE", "write a page with plots; - is standard output", 0, 0 },
	{ 0 },
};

const struct cli_verb verb_stats = {
	.name = "stats",
	.arguments = "",
	.options = options,
	.run = run,
};
