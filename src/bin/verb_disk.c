/*
 * ward disk - images of disks against the workspace's lists
 *
 * One thread asks the jailed worker for volumes, files and lost files, and puts
 * them in order; some scan, each with a worker of its own; one digests the
 * image from end to end.  The image is opened to be read, and nothing else.
 */
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/disk_anew.h"
#include "bin/disk_csv.h"
#include "bin/disk_job.h"
#include "bin/disk_print.h"
#include "bin/disk_report_files.h"
#include "bin/disk_report_run.h"

/* Of names and places of files: some tens of millions. */
#define MEMORY_MAX ((size_t)8 << 30)

/* ---- the image as a whole ---- */

static void tell_account(struct disk_job_image *image)
{
	struct scan_run *scan = &image->run->scan;
	struct ward_buf text;

	ward_buf_init(&text, (size_t)1 << 20);
	disk_print_account(&text, scan->format == SCAN_QUIET ? SCAN_TABLE : scan->format,
			&image->account);
	if (scan->format == SCAN_JSON) {
		scan_run_say(scan, &text);
	} else {
		pthread_mutex_lock(&scan->out_lock);
		progress_clear(&scan->progress);
		fputs(ward_buf_text(&text).ptr, stderr);
		pthread_mutex_unlock(&scan->out_lock);
	}
	ward_buf_free(&text);
}

/* When nothing of it is read any more. */
static void check_whole(struct disk_job_image *image)
{
	struct disk_digest *digest = &image->digest;
	struct disk_account *account = &image->account;
	struct scan_run *scan = &image->run->scan;
	struct ward_error error = { 0 };

	account->has_digests = digest->done;
	account->digests = digest->digests;
	account->changed = disk_image_changed(image->files);
	if (digest->error.code)
		scan_run_meet(scan, image->path, &digest->error);
	for (size_t i = 0; i < image->expected.trouble_count; i++)
		scan_run_meet(scan, image->expected.troubles[i].path,
				&image->expected.troubles[i].error);
	if (account->has_digests)
		account->fit = disk_digest_fits(digest, &image->expected);
	/* What an E01 says of itself counts beside what was said of it. */
	if (account->has_digests && image->facts.stored[0]) {
		bool is = disk_digest_is(&digest->digests, image->facts.stored);

		if (!is || account->fit != DISK_FIT_NOT)
			account->fit = is ? DISK_FIT_WHOLE : DISK_FIT_NOT;
	}
	if (account->fit == DISK_FIT_NOT) {
		(void)ward_fail(&error, WARD_E_CORRUPT,
				"the image is not what it was when its digest was taken");
		scan_run_meet(scan, image->path, &error);
	}
	if (account->changed) {
		(void)ward_fail(&error, WARD_E_CONFLICT, "the image was changed while it was read");
		scan_run_meet(scan, image->path, &error);
	}
}

/* ---- the verb ---- */

static ward_err open_image(struct disk_job *run, const char *path, struct ward_error *error)
{
	struct disk_job_image *image = &run->images[run->image_count];
	struct ward_error why = { 0 };
	ward_err err;

	*image = (struct disk_job_image){ .run = run, .path = path };
	err = disk_image_open(path, &image->files, error);
	if (err)
		return err;
	if (run->raw)
		disk_image_take_raw(image->files);
	run->image_count++;
	disk_found_init(&image->found, MEMORY_MAX / (size_t)run->scan.cli->arg_count);
	image->account = (struct disk_account){
		.path = path,
		.bytes = disk_image_size(image->files),
		.segments = disk_image_segments(image->files),
	};
	if (run->expect)
		err = disk_expected_add(&image->expected, ward_str_from(run->expect), &why);
	else
		disk_expected_beside(&image->expected, image->files);
	if (err)
		return ward_fail(error, err, "--expect: %s", why.message);
	if (image->expected.count > 0)
		image->account.expected = image->expected.digests[0].text;
	return WARD_OK;
}

static ward_err open_images(struct disk_job *run, struct ward_error *error)
{
	const struct cli *cli = run->scan.cli;
	ward_err err = WARD_OK;

	run->images = calloc((size_t)cli->arg_count, sizeof(*run->images));
	if (!run->images)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (int i = 0; i < cli->arg_count && !err; i++)
		err = open_image(run, cli->args[i], error);
	return err;
}

static void close_images(struct disk_job *run)
{
	for (size_t i = 0; i < run->image_count; i++) {
		struct disk_job_image *image = &run->images[i];

		for (size_t v = 0; v < image->volume_count; v++)
			free(image->volumes[v].trouble);
		free(image->volumes);
		disk_free(image->disk);
		disk_places_free(image->places);
		disk_found_free(&image->found);
		disk_image_free(image->files);
		disk_expected_free(&image->expected);
	}
	free(run->images);
}

/* ward.conf first, the command line over it. */
static ward_err read_options(struct disk_job *run, struct ward_error *error)
{
	struct scan_run *scan = &run->scan;
	const struct cli *cli = scan->cli;
	bool progress = isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress");

	ward_err err = known_look(cli, &scan->known, &scan->options, error);

	if (err)
		return err;
	run->deleted = !cli_flag(cli, "no-deleted");
	run->carve = !cli_flag(cli, "no-carving");
	run->digest = !cli_flag(cli, "no-digest");
	run->raw = cli_flag(cli, "raw");
	run->verify = cli_flag(cli, "verify");
	run->volume_time_s = (unsigned)cli_number(cli, "volume-time", 0);
	run->expect = cli_text(cli, "expect");
	scan->format = cli_flag(cli, "summary") ? SCAN_QUIET
		       : cli_flag(cli, "json")  ? SCAN_JSON
		       : cli_flag(cli, "csv")   ? SCAN_CSV
						: SCAN_TABLE;
	scan->head = scan->format == SCAN_CSV ? disk_csv_head : NULL;
	scan->found_only = cli_flag(cli, "found");
	progress_begin(&scan->progress, progress || cli_flag(cli, "progress"));
	scan->counting = true;
	disk_report_begin(&run->report, scan);
	return WARD_OK;
}

static void finish_image(struct disk_job_image *image)
{
	struct ward_error error = { 0 };

	check_whole(image);
	image->account.verify = image->run->verify;
	image->account.verified =
			image->run->verify && disk_digest_again(&image->digest, &error) == WARD_OK;
	if (error.code)
		scan_run_meet(&image->run->scan, image->path, &error);
	tell_account(image);
	if (image->run->keep)
		disk_job_check_kept(image->run,
				disk_keep_image(image->run->keep,
						(uint32_t)(image - image->run->images),
						&image->account, &error),
				&error);
}

/* With --state: what is found from here on is kept beside it. */
static ward_err begin_keep(struct disk_job *run, struct ward_error *error)
{
	struct disk_report about = run->report;
	struct disk_account *accounts = calloc(run->image_count + 1, sizeof(*accounts));
	ward_err err = WARD_OK;

	if (!accounts)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < run->image_count; i++)
		accounts[i] = run->images[i].account;
	about.images = accounts;
	about.image_count = run->image_count;
	if (run->scan.seen)
		err = disk_keep_open(cli_text(run->scan.cli, "state"), seen_is_new(run->scan.seen),
				&about, &run->keep, error);
	free(accounts);
	return err;
}

static void end_keep(struct disk_job *run)
{
	struct disk_report end = { .ended = run->report.ended,
		.stopped = run->scan.signal,
		.cut_short = run->scan.cut_short,
		.totals = run->scan.totals };
	struct ward_error error = { 0 };

	if (run->keep)
		disk_job_check_kept(run, disk_keep_end(run->keep, &end, &error), &error);
}

static bool write_reports(struct disk_job *run)
{
	struct disk_account *accounts;
	bool written;

	if (!run->reports)
		return true;
	accounts = calloc(run->image_count + 1, sizeof(*accounts));
	if (!accounts)
		return cli_fail(run->scan.cli, "out of memory"), false;
	for (size_t i = 0; i < run->image_count; i++) {
		const struct disk_job_image *image = &run->images[i];

		/* Of a run that was stopped the walker may still be at work on the rest. */
		accounts[i] = !run->scan.cut_short ? image->account
						   : (struct disk_account){
							     .path = image->path,
							     .bytes = disk_image_size(image->files),
							     .segments = disk_image_segments(
									     image->files),
						     };
	}
	written = disk_report_end(&run->report, &run->scan, accounts, run->image_count);
	free(accounts);
	return written;
}

static int scan_all(struct disk_job *run)
{
	struct scan_run *scan = &run->scan;

	if (!scan_run_threads(scan))
		return cli_fail(scan->cli, "cannot start threads");
	/* Nothing is in hand any more: who ends us now ends us at once. */
	if (scan->signal == 0)
		pthread_sigmask(SIG_UNBLOCK, &scan->signals, NULL);
	for (size_t i = 0; i < run->image_count && scan->signal == 0; i++)
		finish_image(&run->images[i]);
	run->report.ended = clock_now();
	end_keep(run);
	scan_run_totals(scan);
	bool written = write_reports(run);
	int status = scan_run_end(scan);

	return written ? status : CLI_TROUBLE;
}

static int run_disk(struct cli *cli)
{
	static struct disk_job run = {
		.scan = { SCAN_RUN_LOCKS, .own = &run, .open = disk_scan_open, .walk = disk_walk,
				.begin = disk_scan_begin, .end = disk_scan_end,
				.print = disk_scan_print, .failed = disk_scan_failed },
	};
	struct ward_error error;
	int status;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which image, or which disk?");
	if (cli->arg_count > 1 && cli_text(cli, "expect"))
		return cli_usage(cli, "--expect is for one image");
	if (cli_flag(cli, "no-digest") && (cli_flag(cli, "verify") || cli_text(cli, "expect")))
		return cli_usage(cli, "--verify and --expect compare digests, and --no-digest "
				      "makes none");
	run.scan.cli = cli;
	run.reports = disk_report_files_any(cli);
	if (disk_report_files_check(cli, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (known_open(cli, &run.scan.known, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (read_options(&run, &error) != WARD_OK || open_images(&run, &error) != WARD_OK ||
			scan_run_state(&run.scan, WARD_STR("disk"), &error) != WARD_OK ||
			begin_keep(&run, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else
		status = scan_all(&run);
	disk_keep_free(run.keep);
	disk_report_free(&run.report);
	close_images(&run);
	known_close(&run.scan.known);
	return status;
}

static const struct cli_option options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line, for every file and each image", 0, 0 },
	{ "csv", 0, CLI_FLAG, NULL, "one row a finding, for a table of your own", 0, 0 },
	{ "report", 0, CLI_MANY, "FORMAT=FILE", "write a report as well: html, csv, vics or icse",
			0, 0 },
	{ "overwrite", 0, CLI_FLAG, NULL, "let a report take the place of a file", 0, 0 },
	{ "case", 0, CLI_TEXT, "NUMBER", "of the case, for reports", 0, 0 },
	{ "examiner", 0, CLI_TEXT, "NAME", "who examines, for reports", 0, 0 },
	{ "found", 0, CLI_FLAG, NULL, "with --json: only files with findings", 0, 0 },
	{ "summary", 0, CLI_FLAG, NULL, "only the totals", 0, 0 },
	{ "no-deleted", 0, CLI_FLAG, NULL, "leave out files that were deleted", 0, 0 },
	{ "no-carving", 0, CLI_FLAG, NULL, "do not look for files where no file is", 0, 0 },
	{ "no-digest", 0, CLI_FLAG, NULL, "do not digest the whole image", 0, 0 },
	{ "verify", 0, CLI_FLAG, NULL, "at the end, read it again and compare the digests", 0, 0 },
	{ "raw", 0, CLI_FLAG, NULL, "read the image as it lies, whatever it begins with", 0, 0 },
	{ "expect", 0, CLI_TEXT, "DIGEST",
			"the image's MD5, SHA-1 or SHA-256 (default: of IMAGE.sha256 and the like)",
			0, 0 },
	KNOWN_LOOKS,
	KNOWN_WITHIN,
	{ "volume-time", 0, CLI_NUMBER, "SECONDS", "for the files of one volume (default: 14400)",
			1, 1000000 },
	{ "threads", 'j', CLI_NUMBER, "N", "files at a time (default: processors)", 1, 256 },
	{ "state", 0, CLI_TEXT, "FILE", "remember finished files in FILE, and pass over them", 0,
			0 },
	{ "progress", 0, CLI_FLAG, NULL, "show progress, also without a terminal", 0, 0 },
	{ "no-progress", 0, CLI_FLAG, NULL, "show no progress", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "report", "STATE", "make the reports of a run anew, without its image", disk_anew_options,
			disk_anew_run, NULL },
	{ 0 },
};

const struct cli_verb verb_disk = {
	.name = "disk",
	.arguments = "IMAGE...",
	.options = options,
	.run = run_disk,
	.actions = actions,
};
