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
};

struct progress_count {
	uint64_t files;
	uint64_t bytes;
};

void progress_begin(struct progress *progress, bool shown);
/* `total` grows while `counting`; then no end can be foretold yet. */
void progress_draw(struct progress *progress, struct progress_count done,
		struct progress_count total, bool counting, uint64_t found);
void progress_clear(struct progress *progress);

/* "1.4 GB"; returns `out`. */
#define PROGRESS_TEXT_MAX 32
const char *progress_bytes(uint64_t bytes, char out[PROGRESS_TEXT_MAX]);

#endif
