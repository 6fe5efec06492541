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

void disk_report_begin(struct disk_report *report, const struct scan_run *scan)
{
	disk_report_init(report, MEMORY_MAX);
	report->began = clock_now();
	report->version = WARD_VERSION;
	report->case_number = cli_text(scan->cli, "case");
	report->examiner = cli_text(scan->cli, "examiner");
	take_settings(report, scan);
}

/* As a shell would take it. */
static void write_command(struct ward_buf *out, const struct cli *cli)
{
	ward_buf_str(out, WARD_STR("ward disk"));
	for (int i = 0; i < cli->word_count; i++) {
		const char *word = cli->words[i];
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
}

static struct disk_report_list *list_all(const struct scan_run *scan, size_t *count)
{
	size_t wanted = ward_bank_list_count(scan->known.view);
	struct disk_report_list *lists = calloc(wanted + 1, sizeof(*lists));

	*count = lists ? wanted : 0;
	for (size_t i = 0; i < *count; i++) {
		const struct ward_list *list = ward_bank_list(scan->known.view, i);

		lists[i] = (struct disk_report_list){ ward_list_info(list), ward_list_version(list),
			ward_list_entries(list) };
	}
	return lists;
}

bool disk_report_end(struct disk_report *report, const struct scan_run *scan,
		const struct disk_account *images, size_t image_count)
{
	struct ward_error error;
	struct ward_buf command;

	ward_buf_init(&command, (size_t)1 << 20);
	write_command(&command, scan->cli);
	struct disk_report_list *lists = list_all(scan, &report->list_count);

	report->lists = lists;
	report->command = ward_buf_text(&command).ptr;
	report->ended = clock_now();
	report->stopped = scan->signal;
	report->cut_short = scan->cut_short;
	report->images = images;
	report->image_count = image_count;
	report->totals = scan->totals;
	disk_report_settle(report);
	report->full |= !lists;
	ward_err err = disk_report_files_write(scan->cli, report, &error);

	if (err)
		cli_fail_error(scan->cli, &error);
	/* Of the reports only the page has a place for it. */
	if (report->full)
		cli_fail(scan->cli,
				"the reports do not hold all finds: there was no memory for them");
	free(lists);
	ward_buf_free(&command);
	report->lists = NULL;
	report->command = NULL;
	return !err && !report->full;
}
