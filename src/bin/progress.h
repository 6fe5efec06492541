/*
 * progress.h - one line on a terminal that tells how far a long work is
 *
 * The line is redrawn in place on standard error; whoever writes rows to the
 * same terminal clears it first.  Nothing is shown when standard error is no
 * terminal, unless asked.
 */
#ifndef BIN_PROGRESS_H
#define BIN_PROGRESS_H

#include <ward/base.h>

struct progress {
	bool shown; /* is it wanted at all? */
	bool drawn; /* is a line on the screen now? */
	uint64_t started_us;
	uint64_t drawn_us; /* when the line was last drawn by progress_draw_share */
};

struct progress_count {
	uint64_t files;
	uint64_t bytes;
};

void progress_begin(struct progress *progress, bool shown);
/* `total` grows while `counting`; then no end can be foretold yet. */
void progress_draw(struct progress *progress, struct progress_count done,
		struct progress_count total, bool counting, uint64_t found);
/*
 * One work, `done` of `total` (0: the end is not known), told by a word:
 * "reading", "compiling".  Redrawn at most ten times a second, so that it may
 * be called often.  With `bytes`, the counts are bytes and are shown.
 */
void progress_draw_share(struct progress *progress, uint64_t done, uint64_t total, bool bytes,
		const char *says);
void progress_clear(struct progress *progress);

/* "1.4 GB"; returns `out`. */
#define PROGRESS_TEXT_MAX 32
const char *progress_bytes(uint64_t bytes, char out[PROGRESS_TEXT_MAX]);

#endif
