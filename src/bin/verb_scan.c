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
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "bin/progress.h"
#include "bin/scan_print.h"
#include "bin/scan_queue.h"
#include "bin/seen.h"

enum { THREADS_MAX = 256 };

/* So many files a scanner takes at a time: their digests are computed together. */
enum { BATCH = 128 };

/* Of one file's row or object; an archive of many thousand members has a long one. */
#define OUTPUT_MAX ((size_t)1 << 30)

struct run {
	const struct cli *cli;
	struct known known;
	struct ward_scan_options options;
	struct files_options walk;
	enum scan_format format;
	bool found_only;
	struct seen *seen;
	char folder[4096]; /* the current one, with a slash: paths in the state are absolute */

	struct scan_queue queue;
	atomic_int signal; /* that stopped it; 0: none did */
	sigset_t signals;  /* that would */
	atomic_bool signals_end;

	/* results; the lock also keeps rows whole */
	pthread_mutex_t out_lock;
	struct scan_totals totals;
	struct progress_count ahead; /* what there is to do, as far as counted */
	bool counting;
	bool head_printed;
	struct progress progress;
	unsigned scanners; /* still at work */
	pthread_cond_t one_left;
};

/* ---- putting results out ---- */

/* With the lock held.  A reader that went away ends the scan. */
static void put(struct run *run, struct ward_buf *text)
{
	if (text->len == 0)
		return;
	progress_clear(&run->progress);
	fwrite(text->ptr, 1, text->len, stdout);
	if (ferror(stdout))
		run->queue.stopped = true;
}

static void put_head(struct run *run)
{
	struct ward_buf head;

	if (run->head_printed || run->format != SCAN_TABLE)
		return;
	run->head_printed = true;
	ward_buf_init(&head, 4096);
	scan_print_head(&head);
	put(run, &head);
	ward_buf_free(&head);
}

static void put_failure(struct run *run, struct ward_buf *text, const char *path,
		const struct ward_error *error)
{
	ward_buf_clear(text);
	scan_print_failure(text, run->format, path, error);
	pthread_mutex_lock(&run->out_lock);
	run->totals.failed++;
	put(run, text);
	if (run->format != SCAN_JSON) {
		ward_buf_clear(text);
		scan_print_text(text, ward_str_from(path));
		progress_clear(&run->progress);
		cli_fail(run->cli, "%s: %s", ward_buf_text(text).ptr, error->message);
	}
	pthread_mutex_unlock(&run->out_lock);
}

/* Returns whether the file may be called seen: nothing was found, and it was told. */
static bool put_report(struct run *run, struct ward_buf *text, const char *path,
		const struct ward_report *report)
{
	ward_buf_clear(text);
	scan_print_report(text, run->format, run->found_only, path, report);
	if (text->failed) {
		struct ward_error error;

		(void)ward_fail(&error, WARD_E_NOMEM, "the result is too large to print");
		put_failure(run, text, path, &error);
		return false;
	}
	pthread_mutex_lock(&run->out_lock);
	bool any = scan_totals_add(&run->totals, report);

	if (text->len > 0)
		put_head(run);
	put(run, text);
	/* Told before it is called seen, whatever happens between. */
	if (run->seen && text->len > 0 && fflush(stdout) != 0)
		run->queue.stopped = true;
	pthread_mutex_unlock(&run->out_lock);
	return !any && report->finding_count == 0 && !run->queue.stopped;
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

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

struct opened {
	const char *path;
	struct stat st;
	seen_key key;
};

/* One thread's: its scanner, and the files that it scans together. */
struct hand {
	struct run *run;
	struct ward_scanner *scanner;
	struct ward_buf text;
	size_t count;
	size_t told; /* so many of them */
	struct ward_scan_file files[BATCH];
	struct opened opened[BATCH];
};

static void fail_system(struct hand *hand, const char *path)
{
	struct ward_error error = files_error(errno);

	put_failure(hand->run, &hand->text, path, &error);
}

/* The file was told and nothing was found: it need not be scanned again. */
static void call_seen(struct run *run, const struct opened *file, int fd)
{
	struct ward_error error;
	struct stat after;

	if (fstat(fd, &after) < 0 || !same_file(&file->st, &after) ||
			seen_add(run->seen, file->key, &error) == WARD_OK)
		return;
	cli_fail_error(run->cli, &error);
	pthread_mutex_lock(&run->out_lock);
	run->totals.failed++;
	pthread_mutex_unlock(&run->out_lock);
	scan_queue_stop(&run->queue);
}

static bool tell(void *context, size_t index, const struct ward_report *report,
		const struct ward_error *error)
{
	struct hand *hand = context;
	const struct opened *file = &hand->opened[index];

	hand->told++;
	if (!report)
		put_failure(hand->run, &hand->text, file->path, error);
	else if (put_report(hand->run, &hand->text, file->path, report) && hand->run->seen)
		call_seen(hand->run, file, hand->files[index].fd);
	return !hand->run->queue.stopped;
}

static void scan_opened(struct hand *hand)
{
	struct run *run = hand->run;
	struct ward_error error = { 0 };

	hand->told = 0;
	if (ward_scan_many(hand->scanner, hand->files, hand->count, run->known.view,
			    run->known.policy, &run->options, tell, hand, &error) != WARD_OK) {
		for (size_t i = hand->told; i < hand->count; i++)
			put_failure(run, &hand->text, hand->opened[i].path, &error);
	}
	for (size_t i = 0; i < hand->count; i++)
		close(hand->files[i].fd);
	hand->count = 0;
}

/* Takes over the descriptor of a regular file, and the path until the file is scanned. */
static void add_opened(struct hand *hand, const char *path, int fd, const struct stat *st)
{
	struct run *run = hand->run;
	struct opened file = { .path = path, .st = *st };

	if (run->seen) {
		file.key = key_of_file(run, path, st);
		if (seen_has(run->seen, file.key)) {
			pthread_mutex_lock(&run->out_lock);
			run->totals.seen++;
			pthread_mutex_unlock(&run->out_lock);
			close(fd);
			return;
		}
	}
	hand->files[hand->count] = (struct ward_scan_file){ fd, (uint64_t)st->st_size };
	hand->opened[hand->count++] = file;
}

static void fail_special(struct hand *hand, const char *path)
{
	struct ward_error error;

	(void)ward_fail(&error, WARD_E_ARGUMENT, "not a regular file");
	put_failure(hand->run, &hand->text, path, &error);
}

static void open_path(struct hand *hand, const char *path)
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
static void add_again(struct hand *hand, int fd, const struct stat *st)
{
	int own = dup(fd);

	if (own < 0)
		fail_system(hand, "-");
	else
		add_opened(hand, "-", own, st);
}

static void open_stdin(struct hand *hand)
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

/* ---- threads ---- */

static void meet_trouble(struct run *run, const char *path, const struct ward_error *error)
{
	struct ward_buf text;

	ward_buf_init(&text, OUTPUT_MAX);
	put_failure(run, &text, path, error);
	ward_buf_free(&text);
}

static void scan_tasks(struct hand *hand, struct scan_task tasks[BATCH], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!tasks[i].path)
			open_stdin(hand);
		else
			open_path(hand, tasks[i].path);
	}
	scan_opened(hand);
	for (size_t i = 0; i < count; i++)
		free(tasks[i].path);
}

static void *scan_thread(void *context)
{
	struct run *run = context;
	struct hand *hand = calloc(1, sizeof(*hand));
	struct scan_task tasks[BATCH];
	size_t count;

	if (hand) {
		hand->run = run;
		hand->scanner = ward_scanner_new(NULL);
		ward_buf_init(&hand->text, OUTPUT_MAX);
	}
	while (hand && hand->scanner && (count = scan_queue_take(&run->queue, tasks)) > 0)
		scan_tasks(hand, tasks, count);
	if (!hand || !hand->scanner) {
		struct ward_error error = files_error(ENOMEM);

		meet_trouble(run, "-", &error);
		scan_queue_stop(&run->queue);
	}
	if (hand) {
		ward_buf_free(&hand->text);
		ward_scanner_free(hand->scanner);
		free(hand);
	}
	pthread_mutex_lock(&run->out_lock);
	run->scanners--;
	pthread_cond_signal(&run->one_left);
	pthread_mutex_unlock(&run->out_lock);
	return NULL;
}

static bool meet(void *context, const char *path, uint64_t size, const struct ward_error *trouble)
{
	struct run *run = context;
	char *copy = trouble ? NULL : strdup(path);
	struct ward_error no_memory = files_error(ENOMEM);

	(void)size;
	if (copy)
		return scan_queue_put(&run->queue, (struct scan_task){ .path = copy });
	meet_trouble(run, path, trouble ? trouble : &no_memory);
	return !run->queue.stopped;
}

/* The words of the command line: files, folders, "-"; then the names of --files-from. */
static void walk_all(struct run *run, files_visit *visit, struct files_skipped *skipped)
{
	const struct cli *cli = run->cli;
	const char *names = cli_text(cli, "files-from");
	bool counts = visit != meet;
	struct ward_error error;
	bool go_on = true;

	for (int i = 0; i < cli->arg_count && go_on; i++) {
		if (strcmp(cli->args[i], "-") != 0)
			go_on = files_walk(cli->args[i], &run->walk, visit, run, skipped);
		else if (!counts)
			go_on = scan_queue_put(&run->queue, (struct scan_task){ NULL });
	}
	/* Standard input can be read once: then the end is not known beforehand. */
	if (!names || !go_on || (counts && strcmp(names, "-") == 0))
		return;
	if (files_from(names, cli_flag(cli, "null") ? '\0' : '\n', &run->walk, visit, run, skipped,
			    &error) != WARD_OK &&
			!counts)
		meet_trouble(run, names, &error);
}

static void *walk_thread(void *context)
{
	struct run *run = context;
	struct files_skipped skipped = { 0 };

	walk_all(run, meet, &skipped);
	pthread_mutex_lock(&run->out_lock);
	run->totals.skipped = skipped;
	pthread_mutex_unlock(&run->out_lock);
	scan_queue_end(&run->queue);
	return NULL;
}

static bool count_file(void *context, const char *path, uint64_t size,
		const struct ward_error *trouble)
{
	struct run *run = context;

	(void)path;
	if (!trouble) {
		pthread_mutex_lock(&run->out_lock);
		run->ahead.files++;
		run->ahead.bytes += size;
		pthread_mutex_unlock(&run->out_lock);
	}
	return !run->queue.stopped;
}

static void *count_thread(void *context)
{
	struct run *run = context;
	const char *names = cli_text(run->cli, "files-from");
	struct files_skipped skipped = { 0 };

	walk_all(run, count_file, &skipped);
	pthread_mutex_lock(&run->out_lock);
	run->counting = names && strcmp(names, "-") == 0;
	pthread_mutex_unlock(&run->out_lock);
	return NULL;
}

/* Draws the progress line five times a second until the scanners are done. */
static void watch(struct run *run)
{
	pthread_mutex_lock(&run->out_lock);
	while (run->scanners > 0) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 200000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (!run->progress.shown)
			pthread_cond_wait(&run->one_left, &run->out_lock);
		else if (pthread_cond_timedwait(&run->one_left, &run->out_lock, &until) != 0)
			progress_draw(&run->progress,
					(struct progress_count){ run->totals.files +
										 run->totals.seen,
							run->totals.bytes },
					run->ahead, run->counting, run->totals.found);
	}
	progress_clear(&run->progress);
	pthread_mutex_unlock(&run->out_lock);
}

/* ---- being stopped ---- */

/*
 * The first Ctrl-C (or SIGTERM, SIGHUP) lets the files in hand be told, writes
 * the state, and prints the totals; the second ends the program at once.
 */
static void *signal_thread(void *context)
{
	struct run *run = context;
	int number = 0;

	if (sigwait(&run->signals, &number) != 0 || run->signals_end)
		return NULL;
	run->signal = number;
	pthread_sigmask(SIG_UNBLOCK, &run->signals, NULL);
	pthread_mutex_lock(&run->out_lock);
	progress_clear(&run->progress);
	cli_fail(run->cli, "stopping behind the files in hand; once more stops at once");
	pthread_mutex_unlock(&run->out_lock);
	scan_queue_stop(&run->queue);
	return NULL;
}

/* What was ignored when we were started (nohup) stays so. */
static void block_signals(struct run *run)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(&run->signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction action;

		if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&run->signals, numbers[i]);
	}
	pthread_sigmask(SIG_BLOCK, &run->signals, NULL);
}

/* Dies by the signal that stopped us, so that a shell's loop stops as well. */
static void pass_on(const struct run *run)
{
	if (run->signal == 0)
		return;
	fflush(stdout);
	signal(run->signal, SIG_DFL);
	raise(run->signal);
	pthread_sigmask(SIG_UNBLOCK, &run->signals, NULL);
}

static int thread_count(const struct cli *cli)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t count = cli_number(cli, "threads", cores > 0 ? cores : 1);

	return count < THREADS_MAX ? (int)count : THREADS_MAX;
}

static bool start(pthread_t *thread, void *(*body)(void *), struct run *run)
{
	return pthread_create(thread, NULL, body, run) == 0;
}

/* How many files each of the threads may have open: a batch, or its share of what the system
 * allows. */
static size_t batch_for(int threads)
{
	const rlim_t others = 256; /* the lists, the workers, the walker's folders */
	rlim_t wanted = (rlim_t)threads * BATCH + others;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return 1;
	}
	if (limit.rlim_cur >= wanted)
		return BATCH;
	return limit.rlim_cur > others + (rlim_t)threads
			       ? (size_t)(limit.rlim_cur - others) / (size_t)threads
			       : 1;
}

/* False when not a single thread could be had. */
static bool run_threads(struct run *run)
{
	pthread_t scanners[THREADS_MAX], walker, counter, waiter;
	int wanted = thread_count(run->cli);
	int count = 0;
	bool walks, counts, waits;

	run->queue.takers = run->scanners = (unsigned)wanted;
	run->queue.most = batch_for(wanted);
	block_signals(run);
	waits = start(&waiter, signal_thread, run);
	while (count < wanted && start(&scanners[count], scan_thread, run))
		count++;
	pthread_mutex_lock(&run->out_lock);
	run->scanners -= (unsigned)(wanted - count);
	pthread_mutex_unlock(&run->out_lock);
	walks = count > 0 && start(&walker, walk_thread, run);
	if (!walks)
		scan_queue_stop(&run->queue);
	run->counting = run->progress.shown;
	counts = run->counting && start(&counter, count_thread, run);
	watch(run);
	scan_queue_stop(&run->queue);
	for (int i = 0; i < count; i++)
		pthread_join(scanners[i], NULL);
	/* These may hang in a read of names that nobody writes; being told to stop, we do not wait.
	 */
	if (walks && run->signal == 0)
		pthread_join(walker, NULL);
	if (counts && run->signal == 0)
		pthread_join(counter, NULL);
	run->signals_end = true;
	if (waits) {
		/* It is blocked everywhere, and only wakes the one thread that waits for it. */
		/* NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread,cert-pos44-c) */
		pthread_kill(waiter, SIGTERM);
		pthread_join(waiter, NULL);
	}
	if (run->signal != 0)
		return walks;
	/* What a scan that was stopped did not come to. */
	scan_queue_clear(&run->queue);
	return walks;
}

/* ---- the verb ---- */

/* Everything that decides what a scan would find in the same bytes. */
static seen_key basis_of(const struct run *run)
{
	const struct ward_scan_options *options = &run->options;
	const struct ward_limits *limits = &options->limits;
	struct ward_buf text;

	ward_buf_init(&text, SIZE_MAX);
	for (size_t i = 0; i < ward_bank_list_count(run->known.view); i++) {
		const struct ward_list *list = ward_bank_list(run->known.view, i);
		const struct ward_list_info *info = ward_list_info(list);

		ward_buf_printf(&text, "%s %s %d %d %" PRIu32 " %" PRId64 " %d\n", info->name,
				ward_list_version(list), info->sense, info->radius,
				info->photodna_distance_max, info->expires, info->enabled);
	}
	ward_buf_printf(&text, "%s %d %d %d %d %d %d %" PRIu32 "\n", WARD_VERSION, options->size,
			options->all_orientations, options->archives, options->apply_orientation,
			options->radius, options->videos, options->video_time_ms);
	ward_buf_printf(&text,
			"%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32
			" %" PRIu32,
			limits->bytes_max, limits->pixels_max, limits->memory_max,
			limits->frames_max, limits->parts_max, limits->depth_max, limits->time_ms);
	seen_key basis = { { 0 } };

	if (!text.failed)
		basis = seen_key_of((ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return basis;
}

static ward_err open_state(struct run *run, struct ward_error *error)
{
	const char *path = cli_text(run->cli, "state");
	ward_err err;

	if (!path)
		return WARD_OK;
	/* One byte is kept for the slash. */
	if (!getcwd(run->folder, sizeof(run->folder) - 1))
		return ward_fail(error, WARD_E_IO, "where are we? %s", strerror(errno));
	run->folder[strlen(run->folder) + 1] = '\0';
	run->folder[strlen(run->folder)] = '/';
	err = seen_open(path, basis_of(run), &run->seen, error);
	if (!err && seen_was_reset(run->seen))
		fprintf(stderr,
				"The lists or options have changed since %s was written: "
				"every file is scanned again.\n",
				path);
	return err;
}

/* ward.conf first, the command line over it. */
static ward_err read_options(struct run *run, struct ward_error *error)
{
	const struct cli *cli = run->cli;
	struct ward_scan_options *options = &run->options;
	bool progress = isatty(STDERR_FILENO) && !cli_flag(cli, "no-progress");

	*options = known_scan_options(&run->known);
	ward_err err = known_set(cli, options, error);

	if (err)
		return err;
	if (cli_flag(cli, "exact"))
		options->size = WARD_DECODE_FULL;
	options->all_orientations |= cli_flag(cli, "any-orientation");
	options->apply_orientation = cli_flag(cli, "upright");
	options->archives &= !cli_flag(cli, "no-archives");
	options->videos &= !cli_flag(cli, "no-videos");
	options->radius = (int)cli_number(cli, "radius", options->radius);
	if (cli_flag(cli, "time-limit"))
		options->limits.time_ms = (uint32_t)cli_number(cli, "time-limit", 0) * 1000;
	run->walk = (struct files_options){
		.hidden = cli_flag(cli, "hidden"),
		.follow = cli_flag(cli, "follow"),
		.one_file_system = cli_flag(cli, "one-file-system"),
	};
	run->format = cli_flag(cli, "summary") ? SCAN_QUIET
		      : cli_flag(cli, "json")  ? SCAN_JSON
					       : SCAN_TABLE;
	run->found_only = cli_flag(cli, "found");
	progress_begin(&run->progress, progress || cli_flag(cli, "progress"));
	run->walk.sizes = run->progress.shown;
	return WARD_OK;
}

/* The totals are data when asked for, and words for a person otherwise. */
static void tell_totals(struct run *run)
{
	bool asked = cli_flag(run->cli, "summary");
	uint64_t took_us = clock_ticks_us() - run->progress.started_us;
	struct ward_buf text;

	if (!asked && run->format == SCAN_JSON)
		return;
	ward_buf_init(&text, 4096);
	scan_print_totals(&text, asked && cli_flag(run->cli, "json"), &run->totals, took_us);
	/* Both may go to one place: then no line of the table is cut in two. */
	fflush(stdout);
	if (!asked && run->head_printed)
		fputc('\n', stderr);
	fputs(ward_buf_text(&text).ptr, asked ? stdout : stderr);
	ward_buf_free(&text);
}

static int scan_all(struct run *run)
{
	struct ward_error error;
	int status = CLI_OK;

	if (!run_threads(run))
		return cli_fail(run->cli, "cannot start threads");
	tell_totals(run);
	if (run->totals.found > 0 || run->totals.files > run->totals.verdicts[WARD_ALLOW])
		status = CLI_FOUND;
	if (run->totals.failed > 0)
		status = CLI_TROUBLE;
	if (seen_close(run->seen, &error) != WARD_OK)
		status = cli_fail_error(run->cli, &error);
	run->seen = NULL;
	pass_on(run);
	return status;
}

static int run_scan(struct cli *cli)
{
	static struct run run = {
		.queue = { .lock = PTHREAD_MUTEX_INITIALIZER,
				.filled = PTHREAD_COND_INITIALIZER,
				.emptied = PTHREAD_COND_INITIALIZER },
		.out_lock = PTHREAD_MUTEX_INITIALIZER,
		.one_left = PTHREAD_COND_INITIALIZER,
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
	run.cli = cli;
	if (known_open(cli, &run.known, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (read_options(&run, &error) != WARD_OK || open_state(&run, &error) != WARD_OK)
		status = cli_fail_error(cli, &error);
	else
		status = scan_all(&run);
	known_close(&run.known);
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
	{ "no-archives", 0, CLI_FLAG, NULL, "do not look into archives", 0, 0 },
	{ "no-videos", 0, CLI_FLAG, NULL, "do not compare frames of videos", 0, 0 },
	{ "radius", 'r', CLI_NUMBER, "BITS", "PDQ distance (default: each list's own)", 0, 63 },
	{ "exact", 0, CLI_FLAG, NULL, "hash every pixel of large pictures", 0, 0 },
	{ "any-orientation", 0, CLI_FLAG, NULL, "also pictures turned and mirrored", 0, 0 },
	{ "upright", 0, CLI_FLAG, NULL, "also the picture turned as EXIF says", 0, 0 },
	{ "time-limit", 0, CLI_NUMBER, "SECONDS", "for one file (default: ward.conf's, 60)", 1,
			86400 },
	{ "set", 0, CLI_MANY, "NAME=VALUE", "a setting of ward.conf's scan section, for this time",
			0, 0 },
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
