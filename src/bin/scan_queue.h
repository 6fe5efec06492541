/*
 * scan_queue.h - paths on their way from the one that walks to those that scan
 *
 * It holds a bounded number of tasks.  The walker waits while it is full, and
 * is woken only when there is room for many; a scanner takes its fair share of
 * what waits, so that files can be scanned together and none sits idle.
 */
#ifndef BIN_SCAN_QUEUE_H
#define BIN_SCAN_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include <ward/base.h>

/* Enough that the walker is never waited for, small against any folder. */
#define SCAN_QUEUE_ROOM 1024

struct scan_task {
	char *path;     /* from malloc; NULL for standard input, or with `of` */
	const void *of; /* the verb's, borrowed */
};

/* All zeroes but the two numbers and what PTHREAD_*_INITIALIZER gives. */
struct scan_queue {
	size_t most;     /* tasks that are taken at a time */
	unsigned takers; /* how many share what waits; at least 1 */
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct scan_task tasks[SCAN_QUEUE_ROOM];
	size_t first, count;
	unsigned idle;       /* takers that wait */
	bool ended;          /* no more will come */
	atomic_bool stopped; /* may be read at any time */
};

/* Takes the task over.  False, and the task is freed, when the queue was stopped. */
bool scan_queue_put(struct scan_queue *queue, struct scan_task task);
/* Waits for tasks, and moves a fair share of them to `tasks`, which has room for `most`.  0: the
 * end. */
size_t scan_queue_take(struct scan_queue *queue, struct scan_task tasks[]);
/* Nothing more will be put. */
void scan_queue_end(struct scan_queue *queue);
/* What waits is not taken any more, and nothing is put. */
void scan_queue_stop(struct scan_queue *queue);
/* Frees what was not taken; for when all threads are gone. */
void scan_queue_clear(struct scan_queue *queue);

#endif
