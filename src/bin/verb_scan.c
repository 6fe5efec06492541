/*
 * ward scan - files and folders against the workspace's lists
 *
 * One thread walks, some scan (each with its own scanner and so its own
 * worker, many files at a time), one counts ahead when a progress line is
 * shown.  Results are put out whole, file by file, in the order they are ready.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin/scan_run.h"

/* The verb's own, around what it shares with others. */
struct run {
	struct scan_run scan;
	struct files_options walk;
	char folder[4096]; /* the current one, with a slash: paths in the state are absolute */
};

static struct run *run_of(struct scan_run *scan)
{
	return scan->own;
}

/* ---- one file ---- */

static seen_key key_of_file(struct run *run, const char *path, const struct stat *st)
{
	struct ward_buf text;

	ward_buf_init(&text, (size_t)1 << 17);
	if (path[0] != '/')
		ward_buf_str(&text, ward_str_from(run->folder));
	ward_buf_str(&text, ward_str_from(path));
	ward_buf_printf(&text, "%c%jd %jd.%09ld %jd.%09ld", 0, (intmax_t)st->st_size,
			(intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
			(intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
	seen_key key = { { 0 } };

	if (!text.failed)
		key = seen_key_of((ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return key;
}

static void fail_system(struct scan_hand *hand, const char *path)
{
	struct ward_error error = files_error(errno);

	scan_run_fail(hand, path, &error);
}

/* Takes over the descriptor of a regular file, and the path until the file is scanned. */
static void add_opened(struct scan_hand *hand, const char *path, int fd, const struct stat *st)
{
	struct scan_opened file = { .path = path, .may_change = true, .st = *st };

	if (hand->run->seen)
		file.key = key_of_file(run_of(hand->run), path, st);
	scan_run_add(hand, file, fd, (uint64_t)st->st_size);
}

static void fail_special(struct scan_hand *hand, const char *path)
{
	struct ward_error error;

	(void)ward_fail(&error, WARD_E_ARGUMENT, "not a regular file");
	scan_run_fail(hand, path, &error);
}

static void open_path(struct scan_hand *hand, const char *path)
{
	/* A name may have become a pipe since the walker saw it: do not wait for its other end. */
	int fd = files_open(path, O_RDONLY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		add_opened(hand, path, fd, &st);
		return;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		fail_system(hand, path);
	else
		fail_special(hand, path);
	if (fd >= 0)
		close(fd);
}

/* Copies what is no file to a nameless one; the size is bounded like any file's. */
static bool spool(int from, FILE *to, uint64_t bytes_max)
{
	static char chunk[1 << 16];
	uint64_t total = 0;

	for (;;) {
		ssize_t got = read(from, chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 && fflush(to) == 0;
		total += (uint64_t)got;
		if (total > bytes_max) {
			errno = EFBIG;
			return false;
		}
		if (fwrite(chunk, 1, (size_t)got, to) != (size_t)got)
			return false;
	}
}

/* A descriptor of our own for what stays open elsewhere. */
static void add_again(struct scan_hand *hand, int fd, const struct stat *st)
{
	int own = dup(fd);

	if (own < 0)
		fail_system(hand, "-");
	else
		add_opened(hand, "-", own, st);
}

static void open_stdin(struct scan_hand *hand)
{
	struct stat st;
	FILE *copy;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		add_again(hand, STDIN_FILENO, &st);
		return;
	}
	copy = tmpfile();
	if (!copy || !spool(STDIN_FILENO, copy, hand->run->options.limits.bytes_max) ||
			fstat(fileno(copy), &st) < 0)
		fail_system(hand, "-");
	else
		add_again(hand, fileno(copy), &st);
	if (copy)
		fclose(copy);
}

static void open_task(struct scan_hand *hand, struct scan_task *task)
{
	if (!task->path)
		open_stdin(hand);
	else
		open_path(hand, task->path);
}

/* ---- where files come from ---- */

static bool meet(void *context, const char *path, uint64_t size, const struct ward_error *trouble)
{
	struct scan_run *run = context;
	char *copy = trouble ? NULL : strdup(path);
	struct ward_error no_memory = files_error(ENOMEM);

	(void)size;
	if (copy)
		return scan_queue_put(&run->queue, (struct scan_task){ .path = copy });
	scan_run_meet(run, path, trouble ? trouble : &no_memory);
	return !run->queue.stopped;
}

/* The words of the command line: files, folders, "-"; then the names of --files-from. */
static void walk_all(struct scan_run *run, files_visit *visit, struct files_skipped *skipped)
{
	const struct cli *cli = run->cli;
	const char *names = cli_text(cli, "files-from");
	bool counts = visit != meet;
	struct ward_error error;
	bool go_on = true;

	for (int i = 0; i < cli->arg_count && go_on; i++) {
		if (strcmp(cli->args[i], "-") != 0)
			go_on = files_walk(cli->args[i], &run_of(run)->walk, visit, run, skipped);
		else if (!counts)
			go_on = scan_queue_put(&run->queue, (struct scan_task){ .path = NULL });
	}
	/* Standard input can be read once: then the end is not known beforehand. */
	if (!names || !go_on || (counts && strcmp(names, "-") == 0))
		return;
	if (files_from(names, cli_flag(cli, "null") ? '\0' : '\n', &run_of(run)->walk, visit, run,
			    skipped, &error) != WARD_OK &&
			!counts)
		scan_run_meet(run, names, &error);
}

static void walk(struct scan_run *run)
{
	struct files_skipped skipped = { 0 };

	walk_all(run, meet, &skipped);
	pthread_mutex_lock(&run->out_lock);
	run->totals.skipped = skipped;
	pthread_mutex_unlock(&run->out_lock);
}

static bool count_file(void *context, const char *path, uint64_t size,
		const struct ward_error *trouble)
{
	struct scan_run *run = context;

	(void)path;
	if (!trouble) {
		pthread_mutex_lock(&run->out_lock);
		run->ahead.files++;
		run->ahead.bytes += size;
		pthread_mutex_unlock(&run->out_lock);
	}
	return !run->queue.stopped;
}

static void count(struct scan_run *run)
{
	const char *names = cli_text(run->cli, "files-from");
	struct files_skipped skipped = { 0 };

	walk_all(run, count_file, &skipped);
	pthread_mutex_lock(&run->out_lock);
	run->counting = names && strcmp(names, "-") == 0;
	pthread_mutex_unlock(&run->out_lock);
}

/* ---- the verb ---- */

static ward_err open_state(struct run *run, struct ward_error *error)
{
	/* One byte is kept for the slash. */
	if (cli_text(run->scan.cli, "state") && !getcwd(run->folder, sizeof(run->folder) - 1))
		return ward_fail(error, WARD_E_IO, "where are we? %s", strerror(errno));
	run->folder[strlen(run->folder) + 1] = '\0';
	run->folder[strlen(run->folder)] = '/';
	return scan_run_state(&run->scan, WARD_STR(""), error);
}

/* ward.conf first, the command line over it. */
static ward_err read_options(struct run *run, struct ward_error *error)
{
	struct scan_run *scan = &run->scan;
	const struct cli *cli = scan->cli;
	struct ward_scan_options *options = &scan->options;
	bool progress = isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress");

	ward_err err = known_look(cli, &scan->known, options, error);

	if (err)
		return err;
	if (cli_flag(cli, "exact"))
		options->size = WARD_DECODE_FULL;
	options->apply_orientation = cli_flag(cli, "upright");
	run->walk = (struct files_options){
		.hidden = cli_flag(cli, "hidden"),
		.follow = cli_flag(cli, "follow"),
		.one_file_system = cli_flag(cli, "one-file-system"),
	};
	scan->format = cli_flag(cli, "summary") ? SCAN_QUIET
		       : cli_flag(cli, "json")  ? SCAN_JSON
						: SCAN_TABLE;
	scan->found_only = cli_flag(cli, "found");
	progress_begin(&scan->progress, progress || cli_flag(cli, "progress"));
	run->walk.sizes = scan->progress.shown;
	return WARD_OK;
}

static int scan_all(struct scan_run *run)
{
	if (!scan_run_threads(run))
		return cli_fail(run->cli, "cannot start threads");
	scan_run_totals(run);
	return scan_run_end(run);
}

static int run_scan(struct cli *cli)
{
	static struct run run = {
		.scan = { SCAN_RUN_LOCKS, .own = &run, .open = open_task, .walk = walk,
				.count = count },
	};
	const char *names = cli_text(cli, "files-from");
	struct ward_error error;
	int stdins = names && strcmp(names, "-") == 0;
	int status;

	for (int i = 0; i < cli->arg_count; i++)
		stdins += strcmp(cli->args[i], "-") == 0;
	if (stdins > 1)
		return cli_usage(cli, "standard input can be read once only");
	if (cli->arg_count == 0 && !names)
		return cli_usage(cli, "which files or folders? (- is standard input)");
	run.scan.cli = cli;
	if (known_open(cli, &run.scan.known, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (read_options(&run, &error) != WARD_OK || open_state(&run, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else
		status = scan_all(&run.scan);
	known_close(&run.scan.known);
	return status;
}

static const struct cli_option options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line, for every file", 0, 0 },
	{ "found", 0, CLI_FLAG, NULL, "with --json: only files with findings", 0, 0 },
	{ "summary", 0, CLI_FLAG, NULL, "only the totals", 0, 0 },
	{ "files-from", 0, CLI_TEXT, "FILE", "read names from FILE (-: standard input)", 0, 0 },
	{ "null", '0', CLI_FLAG, NULL, "those names end with NUL, not newline", 0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "also names that begin with a dot", 0, 0 },
	{ "follow", 'L', CLI_FLAG, NULL, "follow symbolic links inside folders", 0, 0 },
	{ "one-file-system", 'x', CLI_FLAG, NULL, "stay on the file system of each folder", 0, 0 },
	KNOWN_LOOKS,
	KNOWN_WITHIN,
	{ "exact", 0, CLI_FLAG, NULL, "hash every pixel of large pictures", 0, 0 },
	{ "upright", 0, CLI_FLAG, NULL, "also the picture turned as EXIF says", 0, 0 },
	{ "threads", 'j', CLI_NUMBER, "N", "files at a time (default: processors)", 1, 256 },
	{ "state", 0, CLI_TEXT, "FILE", "remember finished files in FILE, and pass over them", 0,
			0 },
	{ "progress", 0, CLI_FLAG, NULL, "show progress, also without a terminal", 0, 0 },
	{ "no-progress", 0, CLI_FLAG, NULL, "show no progress", 0, 0 },
	{ 0 },
};

const struct cli_verb verb_scan = {
	.name = "scan",
	.arguments = "FILE|FOLDER|-...",
	.options = options,
	.run = run_scan,
};
