/*
 * scan_run.h - many files scanned by several threads, and what came of each put out whole
 *
 * A verb says where files come from: it walks on a thread of its own and puts
 * tasks, and each scanner's thread has it open a task.  Everything behind that
 * is here: files scanned together, results put out one by one, the progress
 * line, the state of an earlier run, being stopped, the totals.
 */
#ifndef BIN_SCAN_RUN_H
#define BIN_SCAN_RUN_H

#include <signal.h>
#include <sys/stat.h>

#include "bin/cli.h"
#include "bin/known.h"
#include "bin/progress.h"
#include "bin/scan_print.h"
#include "bin/scan_queue.h"
#include "bin/seen.h"

/* So many files a scanner takes at a time: their digests are computed together. */
enum { SCAN_BATCH = 128 };

struct scan_run;

/* A file that is open. */
struct scan_opened {
	const char *path; /* valid until it was told */
	seen_key key;     /* with run->seen */
	bool may_change;  /* then `st` is how it was when it was opened */
	struct stat st;
	const void *of; /* the verb's, for `print` */
};

/* One thread's: its scanner, and the files that it scans together. */
struct scan_hand {
	struct scan_run *run;
	void *own; /* the verb's */
	struct ward_scanner *scanner;
	struct ward_buf text;
	size_t count;
	size_t told; /* so many of them */
	struct ward_scan_file files[SCAN_BATCH];
	struct scan_opened opened[SCAN_BATCH];
};

struct scan_run {
	const struct cli *cli;
	struct known known;
	struct ward_scan_options options;
	enum scan_format format;
	bool found_only;
	struct seen *seen;

	void *own; /* the verb's, as is all that follows */
	/* `open` adds a task's file, or says why not. */
	void (*open)(struct scan_hand *hand, struct scan_task *task);
	void (*walk)(struct scan_run *run);
	void (*count)(struct scan_run *run); /* adds to `ahead`, on a thread of its own; or NULL */
	void (*begin)(struct scan_hand *hand); /* or NULL: of each thread */
	void (*end)(struct scan_hand *hand);
	/* In place of scan_print_report; or NULL. */
	void (*print)(struct scan_run *run, struct ward_buf *out, const struct scan_opened *file,
			const struct ward_report *report);
	/* Also of what could not be scanned, from any thread; or NULL. */
	void (*failed)(struct scan_run *run, const char *path, const struct ward_error *error);
	void (*head)(struct ward_buf *out); /* of what is no JSON; or NULL: the table's */

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
	bool cut_short; /* behind scan_run_threads: it was stopped before all was scanned */
	struct progress progress;
	unsigned scanners; /* still at work */
	pthread_cond_t one_left;
};

/* What a static run begins with. */
#define SCAN_RUN_LOCKS                                 \
	.queue = { .lock = PTHREAD_MUTEX_INITIALIZER,  \
		.filled = PTHREAD_COND_INITIALIZER,    \
		.emptied = PTHREAD_COND_INITIALIZER }, \
	.out_lock = PTHREAD_MUTEX_INITIALIZER, .one_left = PTHREAD_COND_INITIALIZER

/* Takes over the descriptor of what can be read from its beginning. */
void scan_run_add(struct scan_hand *hand, struct scan_opened file, int fd, uint64_t size);
/* Scans and tells what was added, when a batch is full enough for the verb. */
void scan_run_flush(struct scan_hand *hand);
/* Tells what could not be opened. */
void scan_run_fail(struct scan_hand *hand, const char *path, const struct ward_error *error);
/* The same, from the walker's thread. */
void scan_run_meet(struct scan_run *run, const char *path, const struct ward_error *error);
/* Puts text out whole, between results. */
void scan_run_say(struct scan_run *run, struct ward_buf *text);

/* Opens --state for what these lists and options, and `more`, would find. */
ward_err scan_run_state(struct scan_run *run, ward_str more,
		struct ward_error *error) WARD_MUST_USE;
/* Everything from the first task to the end; false when not a single thread could be had. */
bool scan_run_threads(struct scan_run *run) WARD_MUST_USE;
/* The totals are data when asked for, and words for a person otherwise. */
void scan_run_totals(struct scan_run *run);
/* Closes the state, dies by the signal that stopped us, or returns the exit status. */
int scan_run_end(struct scan_run *run);

#endif
