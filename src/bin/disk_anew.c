#include "bin/disk_anew.h"

#include <sys/stat.h>

#include "base/file.h"
#include "bin/disk_csv.h"
#include "bin/disk_kept.h"
#include "bin/disk_report_files.h"

/* Of one row, and of the reports' text. */
#define MEMORY_MAX ((size_t)4 << 30)

enum { PATH_ROOM = 4096 };

struct anew {
	struct cli *cli;
	enum scan_format format;
	struct disk_kept kept;
	struct disk_report report;
	struct ward_buf text;
	bool any_find, any_unread;
};

/* ---- rows ---- */

static struct ward_error error_of(const struct disk_kept_row *row)
{
	struct ward_error error;

	(void)ward_fail(&error, row->err ? row->err : WARD_E_IO, "%.*s", WARD_FMT(row->message));
	return error;
}

static void put_text(struct anew *anew)
{
	fwrite(anew->text.ptr, 1, anew->text.len, stdout);
	ward_buf_clear(&anew->text);
}

static void put_unread(struct anew *anew, const struct disk_kept_row *row)
{
	struct ward_error error = error_of(row);
	char *path = ward_arena_printf(&anew->report.arena, "%.*s", WARD_FMT(row->path));

	anew->any_unread = true;
	if (!path) {
		anew->report.full = true;
		return;
	}
	disk_report_add_unread(&anew->report, path, &error);
	scan_print_failure(&anew->text, anew->format, path, &error);
	if (anew->format == SCAN_JSON)
		return;
	scan_print_text(&anew->text, row->path);
	cli_fail(anew->cli, "%s: %s", ward_buf_text(&anew->text).ptr, error.message);
	ward_buf_clear(&anew->text);
}

static void put_file(struct anew *anew, const struct disk_kept_row *row)
{
	for (size_t i = 0; i < row->find_count; i++) {
		disk_report_add_find(&anew->report, &row->finds[i]);
		if (anew->format == SCAN_CSV)
			disk_csv_row(&anew->text, &row->finds[i]);
	}
	anew->any_find |= row->find_count > 0;
	if (anew->format != SCAN_CSV)
		ward_buf_str(&anew->text, anew->format == SCAN_JSON ? row->json : row->table);
}

static void put_rows(struct anew *anew)
{
	if (anew->format == SCAN_CSV)
		disk_csv_head(&anew->text);
	else if (anew->format == SCAN_TABLE && anew->kept.row_count > 0)
		scan_print_head(&anew->text);
	put_text(anew);
	for (size_t i = 0; i < anew->kept.row_count; i++) {
		const struct disk_kept_row *row = &anew->kept.rows[i];

		if (!row->replaced && row->unread)
			put_unread(anew, row);
		else if (!row->replaced)
			put_file(anew, row);
		put_text(anew);
	}
}

/* An image's sums come at its end; of one that was not come to there are none. */
static void put_images(struct anew *anew)
{
	for (size_t i = 0; i < anew->report.image_count; i++) {
		if (!anew->kept.told[i])
			continue;
		disk_print_account(&anew->text, anew->format, &anew->kept.images[i]);
		if (anew->format == SCAN_JSON)
			put_text(anew);
		else
			fputs(ward_buf_text(&anew->text).ptr, stderr);
		ward_buf_clear(&anew->text);
	}
}

/* ---- reports ---- */

static void take_run(struct anew *anew)
{
	const struct disk_report *run = &anew->kept.report;
	struct disk_report *report = &anew->report;
	const char *number = cli_text(anew->cli, "case"), *who = cli_text(anew->cli, "examiner");

	disk_report_init(report, MEMORY_MAX);
	report->case_number = number ? number : run->case_number;
	report->examiner = who ? who : run->examiner;
	report->version = run->version;
	report->command = run->command;
	report->began = run->began;
	report->ended = run->ended;
	report->stopped = run->stopped;
	report->cut_short = run->cut_short;
	report->full = run->full;
	report->images = run->images;
	report->image_count = run->image_count;
	report->lists = run->lists;
	report->list_count = run->list_count;
	memcpy(report->settings, run->settings, sizeof(report->settings));
	report->setting_count = run->setting_count;
	report->totals = run->totals;
}

static int status_of(const struct anew *anew)
{
	const struct scan_totals *totals = &anew->report.totals;

	/* Of what a stopped run did not come to nothing is known. */
	if (anew->any_unread || totals->failed > 0 || anew->report.cut_short)
		return CLI_TROUBLE;
	return anew->any_find || totals->found > 0 || totals->files > totals->verdicts[WARD_ALLOW]
			       ? CLI_FOUND
			       : CLI_OK;
}

static int report_all(struct anew *anew)
{
	struct ward_error error;

	take_run(anew);
	ward_buf_init(&anew->text, MEMORY_MAX);
	put_rows(anew);
	put_images(anew);
	if (anew->report.cut_short)
		cli_fail(anew->cli, "the run was stopped before its end: this is what it had found "
				    "until then");
	disk_report_settle(&anew->report);
	ward_err err = disk_report_files_write(anew->cli, &anew->report, &error);

	if (err)
		cli_fail_error(anew->cli, &error);
	if (anew->report.full || anew->text.failed)
		cli_fail(anew->cli, "there was no memory for all finds");
	bool whole = !anew->report.full && !anew->text.failed;

	ward_buf_free(&anew->text);
	disk_report_free(&anew->report);
	return err || !whole ? CLI_TROUBLE : status_of(anew);
}

/* ---- the action ---- */

static int run_file(struct anew *anew, const char *path)
{
	struct ward_error error;
	struct file_map map;
	struct stat st;

	if (file_map_open(path, &map, &error) != WARD_OK)
		return cli_fail_error(anew->cli, &error);
	int status = CLI_TROUBLE;

	if (disk_kept_read((ward_bytes){ map.ptr, map.len }, &anew->kept, &error) != WARD_OK) {
		cli_fail(anew->cli, "%s: %s", path, error.message);
	} else {
		/* Of one that was killed the last thing that it found says when. */
		if (anew->kept.report.ended == 0 && stat(path, &st) == 0)
			anew->kept.report.ended = st.st_mtim.tv_sec;
		status = report_all(anew);
		disk_kept_free(&anew->kept);
	}
	file_map_close(&map);
	return status;
}

int disk_anew_run(struct cli *cli)
{
	struct anew anew = { .cli = cli,
		.format = cli_flag(cli, "json")  ? SCAN_JSON
			  : cli_flag(cli, "csv") ? SCAN_CSV
						 : SCAN_TABLE };
	struct ward_error error;
	char path[PATH_ROOM];

	if (cli->arg_count != 1)
		return cli_usage(cli, "of which state file?");
	if (disk_report_files_check(cli, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if ((size_t)snprintf(path, sizeof(path), "%s.finds", cli->args[0]) >= sizeof(path))
		return cli_fail(cli, "the path is too long");
	return run_file(&anew, path);
}

const struct cli_option disk_anew_options[] = {
	{ "json", 0, CLI_FLAG, NULL,
			"one object a line, for each file with findings and each image", 0, 0 },
	{ "csv", 0, CLI_FLAG, NULL, "one row a finding, for a table of your own", 0, 0 },
	{ "report", 0, CLI_MANY, "FORMAT=FILE", "write a report as well: html, csv, vics or icse",
			0, 0 },
	{ "overwrite", 0, CLI_FLAG, NULL, "let a report take the place of a file", 0, 0 },
	{ "case", 0, CLI_TEXT, "NUMBER", "of the case, in place of the run's", 0, 0 },
	{ "examiner", 0, CLI_TEXT, "NAME", "who examines, in place of the run's", 0, 0 },
	{ 0 },
};
