#include "bin/scan_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

enum { THREADS_MAX = 256 };

/* Of one file's row or object; an archive of many thousand members has a long one. */
#define OUTPUT_MAX ((size_t)1 << 30)

/* ---- putting results out ---- */

/* With the lock held.  A reader that went away ends the scan. */
static void put(struct scan_run *run, struct ward_buf *text)
{
	if (text->len == 0)
		return;
	progress_clear(&run->progress);
	fwrite(text->ptr, 1, text->len, stdout);
	if (ferror(stdout))
		run->queue.stopped = true;
}

static void put_head(struct scan_run *run)
{
	struct ward_buf head;

	if (run->head_printed || (run->format != SCAN_TABLE && run->format != SCAN_CSV))
		return;
	run->head_printed = true;
	ward_buf_init(&head, 4096);
	if (run->head)
		run->head(&head);
	else
		scan_print_head(&head);
	put(run, &head);
	ward_buf_free(&head);
}

static void put_failure(struct scan_run *run, struct ward_buf *text, const char *path,
		const struct ward_error *error)
{
	ward_buf_clear(text);
	scan_print_failure(text, run->format, path, error);
	if (run->failed)
		run->failed(run, path, error);
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
static bool put_report(struct scan_run *run, struct ward_buf *text, const struct scan_opened *file,
		const struct ward_report *report)
{
	const char *path = file->path;

	ward_buf_clear(text);
	if (run->print)
		run->print(run, text, file, report);
	else
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

void scan_run_fail(struct scan_hand *hand, const char *path, const struct ward_error *error)
{
	put_failure(hand->run, &hand->text, path, error);
}

void scan_run_say(struct scan_run *run, struct ward_buf *text)
{
	pthread_mutex_lock(&run->out_lock);
	if (text->len > 0)
		put_head(run);
	put(run, text);
	pthread_mutex_unlock(&run->out_lock);
}

/* ---- one file ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* The file was told and nothing was found: it need not be scanned again. */
static void call_seen(struct scan_run *run, const struct scan_opened *file, int fd)
{
	struct ward_error error;
	struct stat after;

	if ((file->may_change && (fstat(fd, &after) < 0 || !same_file(&file->st, &after))) ||
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
	struct scan_hand *hand = context;
	const struct scan_opened *file = &hand->opened[index];

	hand->told++;
	if (!report)
		put_failure(hand->run, &hand->text, file->path, error);
	else if (put_report(hand->run, &hand->text, file, report) && hand->run->seen)
		call_seen(hand->run, file, hand->files[index].fd);
	return !hand->run->queue.stopped;
}

void scan_run_flush(struct scan_hand *hand)
{
	struct scan_run *run = hand->run;
	struct ward_error error = { 0 };

	hand->told = 0;
	if (hand->count == 0)
		return;
	if (ward_scan_many(hand->scanner, hand->files, hand->count, run->known.view,
			    run->known.policy, &run->options, tell, hand, &error) != WARD_OK) {
		for (size_t i = hand->told; i < hand->count; i++)
			put_failure(run, &hand->text, hand->opened[i].path, &error);
	}
	for (size_t i = 0; i < hand->count; i++)
		close(hand->files[i].fd);
	hand->count = 0;
}

void scan_run_add(struct scan_hand *hand, struct scan_opened file, int fd, uint64_t size)
{
	struct scan_run *run = hand->run;

	if (run->seen && seen_has(run->seen, file.key)) {
		pthread_mutex_lock(&run->out_lock);
		run->totals.seen++;
		pthread_mutex_unlock(&run->out_lock);
		close(fd);
		return;
	}
	hand->files[hand->count] = (struct ward_scan_file){ fd, size };
	hand->opened[hand->count++] = file;
}

/* ---- threads ---- */

void scan_run_meet(struct scan_run *run, const char *path, const struct ward_error *error)
{
	struct ward_buf text;

	ward_buf_init(&text, OUTPUT_MAX);
	put_failure(run, &text, path, error);
	ward_buf_free(&text);
}

static void scan_tasks(struct scan_hand *hand, struct scan_task tasks[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		hand->run->open(hand, &tasks[i]);
	scan_run_flush(hand);
	for (size_t i = 0; i < count; i++)
		free(tasks[i].path);
}

static void *scan_thread(void *context)
{
	struct scan_run *run = context;
	struct scan_hand *hand = calloc(1, sizeof(*hand));
	struct scan_task tasks[SCAN_BATCH];
	size_t count;

	if (hand) {
		hand->run = run;
		hand->scanner = ward_scanner_new(NULL);
		ward_buf_init(&hand->text, OUTPUT_MAX);
	}
	if (hand && run->begin)
		run->begin(hand);
	while (hand && hand->scanner && (count = scan_queue_take(&run->queue, tasks)) > 0)
		scan_tasks(hand, tasks, count);
	if (!hand || !hand->scanner) {
		struct ward_error error = files_error(ENOMEM);

		scan_run_meet(run, "-", &error);
		scan_queue_stop(&run->queue);
	}
	if (hand) {
		if (run->end)
			run->end(hand);
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

static void *walk_thread(void *context)
{
	struct scan_run *run = context;

	run->walk(run);
	scan_queue_end(&run->queue);
	return NULL;
}

static void *count_thread(void *context)
{
	struct scan_run *run = context;

	run->count(run);
	return NULL;
}

/* Draws the progress line five times a second until the scanners are done. */
static void watch(struct scan_run *run)
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
	struct scan_run *run = context;
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
static void block_signals(struct scan_run *run)
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
static void pass_on(const struct scan_run *run)
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

static bool start(pthread_t *thread, void *(*body)(void *), struct scan_run *run)
{
	return pthread_create(thread, NULL, body, run) == 0;
}

/* How many files each of the threads may have open: a batch, or its share of what the system
 * allows. */
static size_t batch_for(int threads)
{
	const rlim_t others = 256; /* the lists, the workers, the walker's folders */
	rlim_t wanted = (rlim_t)threads * SCAN_BATCH + others;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return 1;
	}
	if (limit.rlim_cur >= wanted)
		return SCAN_BATCH;
	return limit.rlim_cur > others + (rlim_t)threads
			       ? (size_t)(limit.rlim_cur - others) / (size_t)threads
			       : 1;
}

/* False when not a single thread could be had. */
bool scan_run_threads(struct scan_run *run)
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
	run->counting = run->progress.shown && (run->count || run->counting);
	counts = run->counting && run->count && start(&counter, count_thread, run);
	watch(run);
	run->cut_short = run->queue.stopped;
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

/* What texts are looked up in. */
static void add_words(const struct ward_scan_options *options, struct ward_buf *text)
{
	for (size_t i = 0; options->sites && i < ward_site_view_lists(options->sites); i++) {
		const struct ward_site_list *list = ward_site_view_list(options->sites, i);
		const struct ward_site_info *info = ward_site_list_info(list);

		ward_buf_printf(text, "\n%s %s %d %d %" PRId64, info->name,
				ward_site_list_version(list), info->sense, info->enabled,
				info->expires);
	}
	if (options->terms)
		ward_buf_printf(text, "\n%s %f", ward_terms_version(options->terms),
				options->terms_from);
}

/* Everything that decides what a scan would find in the same bytes. */
static seen_key basis_of(const struct scan_run *run, ward_str more)
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
	ward_buf_printf(&text, "%s %d %d %d %d %d %d %d %" PRIu32 "\n", WARD_VERSION, options->size,
			options->all_orientations, options->borders, options->archives,
			options->apply_orientation, options->radius, options->videos,
			options->video_time_ms);
	ward_buf_printf(&text,
			"%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32
			" %" PRIu32,
			limits->bytes_max, limits->pixels_max, limits->memory_max,
			limits->frames_max, limits->parts_max, limits->depth_max, limits->time_ms);
	add_words(options, &text);
	ward_buf_str(&text, more);
	seen_key basis = { { 0 } };

	if (!text.failed)
		basis = seen_key_of((ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return basis;
}

ward_err scan_run_state(struct scan_run *run, ward_str more, struct ward_error *error)
{
	const char *path = cli_text(run->cli, "state");

	if (!path)
		return WARD_OK;
	ward_err err = seen_open(path, basis_of(run, more), &run->seen, error);

	if (!err && seen_was_reset(run->seen))
		fprintf(stderr,
				"The lists or options have changed since %s was written: "
				"every file is scanned again.\n",
				path);
	return err;
}

/* The totals are data when asked for, and words for a person otherwise. */
void scan_run_totals(struct scan_run *run)
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

int scan_run_end(struct scan_run *run)
{
	struct ward_error error;
	int status = CLI_OK;

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
