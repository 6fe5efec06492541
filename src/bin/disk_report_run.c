#include "bin/disk_report_run.h"

#include "base/clock.h"
#include "bin/disk_report_files.h"

/* Of members' names and sentences: some millions of finds. */
#define MEMORY_MAX ((size_t)4 << 30)

static const char *yes(bool set)
{
	return set ? "yes" : "no";
}

static void take_settings(struct disk_report *report, const struct scan_run *scan)
{
	const struct ward_scan_options *options = &scan->options;
	const struct cli *cli = scan->cli;

	disk_report_set(report, "Deleted files", "%s", yes(!cli_flag(cli, "no-deleted")));
	disk_report_set(report, "Carving", "%s", yes(!cli_flag(cli, "no-carving")));
	disk_report_set(report, "Digest of the image", "%s", yes(!cli_flag(cli, "no-digest")));
	disk_report_set(report, "Archives opened", "%s", yes(options->archives));
	disk_report_set(report, "Frames of videos", "%s", yes(options->videos));
	disk_report_set(report, "Turned pictures", "%s", yes(options->all_orientations));
	disk_report_set(report, "Without borders", "%s", yes(options->borders));
	if (options->radius < 0)
		disk_report_set(report, "PDQ distance", "each list's own");
	else
		disk_report_set(report, "PDQ distance", "%d", options->radius);
	disk_report_set(report, "Time for a file", "%u s",
			(unsigned)(options->limits.time_ms / 1000));
}

/* As a shell would take it. */
static void write_word(struct ward_buf *out, const char *word)
{
	bool plain = word[0] && !strpbrk(word, " \t\n'\"\\$`;&|<>()*?[]#~!{}");

	ward_buf_str(out, plain ? WARD_STR(" ") : WARD_STR(" '"));
	for (const char *c = word; *c; c++) {
		if (*c == '\'')
			ward_buf_str(out, WARD_STR("'\\'"));
		ward_buf_char(out, *c);
	}
	if (!plain)
		ward_buf_char(out, '\'');
}

/* Options come before what they are about. */
static void write_command(struct ward_buf *out, const struct cli *cli)
{
	ward_buf_str(out, WARD_STR("ward disk"));
	for (int i = 0; i < cli->word_count; i++)
		write_word(out, cli->words[i]);
	if (cli->arg_count > 0)
		ward_buf_str(out, WARD_STR(" --"));
	for (int i = 0; i < cli->arg_count; i++)
		write_word(out, cli->args[i]);
}

static const char *command_of(struct disk_report *report, const struct cli *cli)
{
	struct ward_buf command;

	ward_buf_init(&command, (size_t)1 << 20);
	write_command(&command, cli);
	const char *kept = ward_arena_str(&report->arena, ward_buf_text(&command)).ptr;

	ward_buf_free(&command);
	return kept;
}

static const struct disk_report_list *list_all(struct disk_report *report,
		const struct scan_run *scan, size_t *count)
{
	size_t wanted = ward_bank_list_count(scan->known.view);
	struct disk_report_list *lists =
			ward_new(&report->arena, struct disk_report_list, wanted + 1);

	*count = lists ? wanted : 0;
	for (size_t i = 0; i < *count; i++) {
		const struct ward_list *list = ward_bank_list(scan->known.view, i);

		lists[i] = (struct disk_report_list){ ward_list_info(list), ward_list_version(list),
			ward_list_entries(list) };
	}
	return lists;
}

void disk_report_begin(struct disk_report *report, const struct scan_run *scan)
{
	disk_report_init(report, MEMORY_MAX);
	report->began = clock_now();
	report->version = WARD_VERSION;
	report->case_number = cli_text(scan->cli, "case");
	report->examiner = cli_text(scan->cli, "examiner");
	report->command = command_of(report, scan->cli);
	report->lists = list_all(report, scan, &report->list_count);
	report->full = !report->command || !report->lists;
	take_settings(report, scan);
}

bool disk_report_end(struct disk_report *report, const struct scan_run *scan,
		const struct disk_account *images, size_t image_count)
{
	struct ward_error error;

	report->stopped = scan->signal;
	report->cut_short = scan->cut_short;
	report->images = images;
	report->image_count = image_count;
	report->totals = scan->totals;
	disk_report_settle(report);
	ward_err err = disk_report_files_write(scan->cli, report, &error);

	if (err)
		cli_fail_error(scan->cli, &error);
	/* Of the reports only the page has a place for it. */
	if (report->full)
		cli_fail(scan->cli,
				"the reports do not hold all finds: there was no memory for them");
	return !err && !report->full;
}
