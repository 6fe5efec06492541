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
#include "bin/disk_content.h"
#include "bin/disk_csv.h"
#include "bin/disk_digest.h"
#include "bin/disk_kept.h"
#include "bin/disk_report_files.h"
#include "bin/disk_report_run.h"
#include "bin/scan_run.h"

/* What a thread holds of files that it scans together. */
#define HELD_MAX ((uint64_t)64 << 20)

/* Of names and places of files: some tens of millions. */
#define MEMORY_MAX ((size_t)8 << 30)

enum { VOLUME_NAME_MAX = 24 };

struct volume {
	char name[VOLUME_NAME_MAX]; /* "p2" */
	bool readable, gap;
	char *trouble; /* from malloc; NULL for none */
};

/* One image, while its turn is. */
struct image {
	struct run *run;
	const char *path;
	struct disk_image *files;
	struct disk *disk; /* the walker's */
	struct disk_facts facts;
	struct disk_found found;
	struct disk_places *places;
	struct volume *volumes;
	size_t volume_count, partitions, gaps;
	size_t volume; /* that is asked of now */
	struct disk_account account;
	struct disk_digest digest;
	struct disk_expected expected;
	bool full; /* there is no room for more files */
};

struct run {
	struct scan_run scan;
	bool deleted, carve, digest, raw, verify;
	unsigned volume_time_s;
	const char *expect;
	struct image *images;
	size_t image_count;
	struct disk_keep *keep; /* with --state */
	bool reports;           /* are wanted */
	struct disk_report report;
};

/* ---- scanners ---- */

/* One thread's own worker, made when a file comes that asks for it. */
struct own {
	struct image *image; /* whose it is */
	struct disk *disk;
	uint64_t held;
};

static void begin_thread(struct scan_hand *hand)
{
	hand->own = calloc(1, sizeof(struct own));
}

static void end_thread(struct scan_hand *hand)
{
	struct own *own = hand->own;

	if (own)
		disk_free(own->disk);
	free(own);
}

static struct disk *new_worker(struct image *image)
{
	struct disk *disk = disk_new(image->files, image->run->volume_time_s);

	if (disk)
		disk_heed(disk, &image->run->scan.queue.stopped);
	return disk;
}

static struct disk *worker_for(struct own *own, struct image *image)
{
	if (own->image != image) {
		disk_free(own->disk);
		own->disk = new_worker(image);
		own->image = image;
	}
	return own->disk;
}

/* False without memory. */
static bool key_of(const struct image *image, const struct disk_file *file, seen_key *key)
{
	const struct disk_entry *entry = &file->entry;
	struct ward_buf text;

	ward_buf_init(&text, (size_t)64 << 20);
	disk_image_identity(image->files, &text);
	ward_buf_str(&text, ward_str_from(file->path));
	/* An image may be a disk in two ways, each with files at the same places. */
	ward_buf_char(&text, image->facts.packed ? 'p' : 'r');
	ward_buf_add(&text, &entry->inode, sizeof(entry->inode));
	ward_buf_add(&text, &entry->size, sizeof(entry->size));
	ward_buf_add(&text, &entry->flags, sizeof(entry->flags));
	ward_buf_add(&text, &entry->attr_id, sizeof(entry->attr_id));
	ward_buf_add(&text, entry->runs, (size_t)entry->run_count * 16);
	bool made = !text.failed;

	if (made)
		*key = seen_key_of((ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return made;
}

static bool was_seen(struct scan_hand *hand, seen_key key)
{
	struct scan_run *run = hand->run;

	if (!run->seen || !seen_has(run->seen, key))
		return false;
	pthread_mutex_lock(&run->out_lock);
	run->totals.seen++;
	pthread_mutex_unlock(&run->out_lock);
	return true;
}

static void open_file(struct scan_hand *hand, struct scan_task *task)
{
	const struct disk_file *file = task->of;
	struct image *image = file->owner;
	struct own *own = hand->own;
	struct ward_error error = { 0 };
	seen_key key = { { 0 } };
	bool keyed = !hand->run->seen || key_of(image, file, &key);
	struct disk *disk = own && keyed ? worker_for(own, image) : NULL;

	if (keyed && was_seen(hand, key))
		return;
	int fd = -1;

	if (own && hand->count == 0)
		own->held = 0;
	if (disk)
		fd = disk_content(disk, image->files, &image->facts, file->volume, &file->entry,
				&error);
	else
		(void)ward_fail(&error, WARD_E_NOMEM, "out of memory");
	if (fd < 0) {
		scan_run_fail(hand, file->path, &error);
		return;
	}
	scan_run_add(hand, (struct scan_opened){ .path = file->path, .key = key, .of = file }, fd,
			file->entry.size);
	own->held += file->entry.size;
	if (own->held >= HELD_MAX)
		scan_run_flush(hand);
}

/* What was found and cannot be kept would be missing from a report. */
static void check_kept(struct run *run, ward_err err, const struct ward_error *error)
{
	if (!err)
		return;
	pthread_mutex_lock(&run->scan.out_lock);
	run->scan.totals.failed++;
	cli_fail_error(run->scan.cli, error);
	pthread_mutex_unlock(&run->scan.out_lock);
	scan_queue_stop(&run->scan.queue);
}

static void print(struct scan_run *scan, struct ward_buf *out, const struct scan_opened *file,
		const struct ward_report *report)
{
	const struct disk_file *of = file->of;
	const struct image *image = of->owner;
	struct run *run = scan->own;

	disk_print_report(out, scan->format, scan->found_only, image->path, of, report);
	uint32_t number = (uint32_t)(image - run->images);
	struct ward_error error = { 0 };

	if (run->reports)
		disk_report_add(&run->report, number, image->path, of, report);
	if (run->keep && report->finding_count > 0)
		check_kept(run, disk_keep_file(run->keep, number, image->path, of, report, &error),
				&error);
}

static void failed(struct scan_run *scan, const char *path, const struct ward_error *error)
{
	struct run *run = scan->own;
	struct ward_error why = { 0 };

	if (run->reports)
		disk_report_add_unread(&run->report, path, error);
	if (run->keep)
		check_kept(run, disk_keep_unread(run->keep, path, error, &why), &why);
}

/* ---- troubles ---- */

static void meet(struct image *image, const char *name, ward_str within,
		const struct ward_error *error)
{
	/* What is stopped is not broken. */
	if (image->run->scan.queue.stopped)
		return;
	size_t room = strlen(name) + within.len + 2;
	char *path = malloc(room);

	if (path)
		snprintf(path, room, "%s:%.*s", name, WARD_FMT(within));
	scan_run_meet(&image->run->scan, path ? path : name, error);
	free(path);
}

static void meet_trouble(struct image *image, const char *name, const struct disk_trouble *trouble)
{
	struct ward_error error;

	(void)ward_fail(&error, trouble->err, "%.*s", WARD_FMT(trouble->message));
	meet(image, name, trouble->path, &error);
}

/* ---- volumes ---- */

static bool meet_volume(void *context, const struct disk_record *record)
{
	struct image *image = context;
	const struct disk_volume *told = &record->volume;
	struct volume volume = { .readable = told->readable, .gap = told->gap };
	struct volume *grown;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->path, &record->trouble);
	if (record->kind != DISK_VOLUME)
		return record->kind == DISK_TROUBLE;
	grown = realloc(image->volumes, (image->volume_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	image->volumes = grown;
	if (told->gap)
		snprintf(volume.name, sizeof(volume.name), "gap%zu", ++image->gaps);
	else if (told->container > 0 && told->container <= image->volume_count)
		snprintf(volume.name, sizeof(volume.name), "%.12sv%u",
				image->volumes[told->container - 1].name, told->number % 1000);
	else
		snprintf(volume.name, sizeof(volume.name), "p%zu", ++image->partitions);
	if (told->trouble.len > 0)
		volume.trouble = strndup(told->trouble.ptr, told->trouble.len);
	image->volumes[image->volume_count++] = volume;
	return true;
}

/* ---- files ---- */

static bool put_file(struct image *image, const struct disk_file *file)
{
	return scan_queue_put(&image->run->scan.queue, (struct scan_task){ .of = file });
}

static void count_ahead(struct image *image, const struct disk_entry *entry)
{
	struct scan_run *scan = &image->run->scan;

	pthread_mutex_lock(&scan->out_lock);
	scan->ahead.files++;
	scan->ahead.bytes += entry->size;
	pthread_mutex_unlock(&scan->out_lock);
}

static const struct disk_file *keep(struct image *image, const struct disk_entry *entry)
{
	const struct disk_file *file = disk_found_add(&image->found, image->volume,
			image->volumes[image->volume].name, entry, image);

	if (file)
		count_ahead(image, entry);
	else
		image->full = true;
	return file;
}

static bool meet_file(void *context, const struct disk_record *record)
{
	struct image *image = context;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->volumes[image->volume].name, &record->trouble);
	if (record->kind != DISK_ENTRY)
		return !image->run->scan.queue.stopped;
	bool deleted = record->entry.flags & DISK_DELETED;

	if (deleted && !image->run->deleted)
		return !image->run->scan.queue.stopped;
	if (deleted)
		image->account.deleted++;
	else
		image->account.files++;
	return keep(image, &record->entry) && !image->run->scan.queue.stopped;
}

static bool meet_carved(void *context, const struct disk_record *record)
{
	struct image *image = context;
	const struct disk_file *file;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->volumes[image->volume].name, &record->trouble);
	if (record->kind != DISK_ENTRY)
		return !image->run->scan.queue.stopped;
	if (disk_places_has(image->places, &record->entry)) {
		image->account.again++;
		return !image->run->scan.queue.stopped;
	}
	image->account.carved++;
	file = keep(image, &record->entry);
	return file && put_file(image, file);
}

static void list_all(struct image *image)
{
	for (size_t i = 0; i < image->volume_count && !image->run->scan.queue.stopped; i++) {
		const struct volume *volume = &image->volumes[i];
		struct ward_error error = { 0 };

		image->volume = i;
		if (!volume->readable && volume->trouble) {
			(void)ward_fail(&error, WARD_E_UNSUPPORTED, "%s", volume->trouble);
			meet(image, volume->name, WARD_STR(""), &error);
		}
		if (volume->readable &&
				disk_list(image->disk, i, meet_file, image, &error) != WARD_OK)
			meet(image, volume->name, WARD_STR(""), &error);
	}
	disk_found_sort(&image->found, 0);
}

static void put_all(struct image *image)
{
	for (size_t i = 0; i < image->found.count; i++) {
		if (!put_file(image, image->found.files[i]))
			return;
	}
}

static void carve_all(struct image *image)
{
	struct ward_error error = { 0 };

	image->places = disk_places_new(&image->found);
	if (!image->places) {
		(void)ward_fail(&error, WARD_E_NOMEM, "no memory to look for lost files");
		scan_run_meet(&image->run->scan, image->path, &error);
		return;
	}
	for (size_t i = 0; i < image->volume_count && !image->run->scan.queue.stopped; i++) {
		image->volume = i;
		if (disk_carve(image->disk, i, meet_carved, image, &error) != WARD_OK)
			meet(image, image->volumes[i].name, WARD_STR("unallocated"), &error);
	}
}

/* ---- the image as a whole ---- */

static void tell_account(struct image *image)
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
static void check_whole(struct image *image)
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

static void walk_image(struct image *image)
{
	struct scan_run *scan = &image->run->scan;
	struct ward_error error = { 0 };

	image->disk = new_worker(image);
	ward_err err = image->disk ? WARD_OK : ward_fail(&error, WARD_E_NOMEM, "out of memory");

	/* Until the worker says otherwise. */
	image->facts.size = disk_image_size(image->files);
	if (!err)
		err = disk_facts(image->disk, &image->facts, &error);
	if (err) {
		scan_run_meet(scan, image->path, &error);
		return;
	}
	image->account.bytes = image->facts.size;
	if (!image->account.expected && image->facts.stored[0])
		image->account.expected = image->facts.stored;
	if (disk_volumes(image->disk, meet_volume, image, &error) != WARD_OK)
		scan_run_meet(scan, image->path, &error);
	/* Also of an image that nothing can be read of. */
	if (image->run->digest && disk_digest_start(&image->digest, image->files, &image->facts,
						  &scan->queue.stopped, &error) != WARD_OK)
		scan_run_meet(scan, image->path, &error);
	image->account.volumes = image->volume_count;
	list_all(image);
	put_all(image);
	if (image->run->carve)
		carve_all(image);
	if (image->full) {
		(void)ward_fail(&error, WARD_E_LIMIT, "there are more files than memory allows");
		scan_run_meet(scan, image->path, &error);
	}
	disk_digest_wait(&image->digest);
	disk_free(image->disk);
	image->disk = NULL;
}

static void walk(struct scan_run *scan)
{
	struct run *run = scan->own;

	for (size_t i = 0; i < run->image_count && !scan->queue.stopped; i++)
		walk_image(&run->images[i]);
	pthread_mutex_lock(&scan->out_lock);
	scan->counting = false;
	pthread_mutex_unlock(&scan->out_lock);
}

/* ---- the verb ---- */

static ward_err open_image(struct run *run, const char *path, struct ward_error *error)
{
	struct image *image = &run->images[run->image_count];
	struct ward_error why = { 0 };
	ward_err err;

	*image = (struct image){ .run = run, .path = path };
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

static ward_err open_images(struct run *run, struct ward_error *error)
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

static void close_images(struct run *run)
{
	for (size_t i = 0; i < run->image_count; i++) {
		struct image *image = &run->images[i];

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
static ward_err read_options(struct run *run, struct ward_error *error)
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

static void finish_image(struct image *image)
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
		check_kept(image->run,
				disk_keep_image(image->run->keep,
						(uint32_t)(image - image->run->images),
						&image->account, &error),
				&error);
}

/* With --state: what is found from here on is kept beside it. */
static ward_err begin_keep(struct run *run, struct ward_error *error)
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

static void end_keep(struct run *run)
{
	struct disk_report end = { .ended = run->report.ended,
		.stopped = run->scan.signal,
		.cut_short = run->scan.cut_short,
		.totals = run->scan.totals };
	struct ward_error error = { 0 };

	if (run->keep)
		check_kept(run, disk_keep_end(run->keep, &end, &error), &error);
}

static bool write_reports(struct run *run)
{
	struct disk_account *accounts;
	bool written;

	if (!run->reports)
		return true;
	accounts = calloc(run->image_count + 1, sizeof(*accounts));
	if (!accounts)
		return cli_fail(run->scan.cli, "out of memory"), false;
	for (size_t i = 0; i < run->image_count; i++) {
		const struct image *image = &run->images[i];

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

static int scan_all(struct run *run)
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
	static struct run run = {
		.scan = { SCAN_RUN_LOCKS, .own = &run, .open = open_file, .walk = walk,
				.begin = begin_thread, .end = end_thread, .print = print,
				.failed = failed },
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
