/*
 * pool.h - a few threads that scan mails, for many that wait for them
 *
 * Each mail server's connection has a thread of libmilter's.  A scanner's
 * workers end with the thread that started them, and are dear, so scans are made
 * by threads of their own: as many at once as there are, the others wait their
 * turn.  The time that a mail may take begins when it is handed in; one whose
 * time is spent before its turn comes is not scanned.
 *
 * Lists that change are taken up between scans, looked at once a second.
 * Any number of threads may call.
 */
#ifndef MILTER_POOL_H
#define MILTER_POOL_H

#include "milter/decide.h"

struct milter_pool;

struct milter_pool_options {
	struct ward_bank *bank; /* outlives the pool, as does: */
	const struct ward_policy *policy;
	struct ward_scan_options scan; /* of each; its `now` and time are set here */
	unsigned threads;              /* 1..64 */
	uint32_t time_ms;              /* of a mail, waiting included */
};

enum { MILTER_THREADS_MAX = 64 };

ward_err milter_pool_new(const struct milter_pool_options *options, struct milter_pool **pool,
		struct ward_error *error) WARD_MUST_USE;
/* Nobody waits any more.  NULL is fine. */
void milter_pool_free(struct milter_pool *pool);

/* Returns when the file was looked at, or will not be; never later than its time by much. */
void milter_pool_scan(struct milter_pool *pool, int fd, uint64_t size,
		struct milter_outcome *outcome);

#endif
