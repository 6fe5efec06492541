/*
 * counts.h - how much is blocked, by which list and why, and nothing about by whom
 *
 * Two things are counted.  How often each list, with each cause, passed, noted or
 * blocked: plain numbers.  And how often each host was asked for in vain, which tells
 * an operator what a list takes down; but one person's interest must not be read from
 * it, so a host is told of only when at least `least` different clients asked for it
 * within the day.  To tell clients apart, short hashes of them under a random key are
 * held in memory until there are enough, then dropped; the key is drawn anew each day
 * and never leaves the process.
 *
 * Hosts of hidden lists are not counted by name at all.
 *
 * Any number of threads may add and read at once.
 */
#ifndef GATE_COUNTS_H
#define GATE_COUNTS_H

#include "gate/gate.h"

struct gate_counts;

enum { GATE_LEAST_MAX = 16, GATE_HOST_MAX = 255 };

/* NULL without memory.  `least` is 2..GATE_LEAST_MAX. */
struct gate_counts *gate_counts_new(unsigned least);
void gate_counts_free(struct gate_counts *counts);

/*
 * One answer, with what it was made from.  `host` is the link's; `client` only tells
 * clients apart.  `now` is Unix seconds: hosts are counted by days, in UTC.
 */
void gate_counts_add(struct gate_counts *counts, const struct gate_answer *answer,
		const struct ward_site_hits *hits, ward_str host, const struct gate_client *client,
		int64_t now);

/* ---- reading ---- */

struct gate_count {
	char list[WARD_SITE_NAME_MAX]; /* "" for what no list was the cause of */
	enum gate_cause cause;
	enum gate_act act;
	uint64_t count;
};

struct gate_host_count {
	char host[GATE_HOST_MAX + 1];
	char list[WARD_SITE_NAME_MAX];
	uint64_t count;
};

/* Since the process began; at most `max` rows are copied, and it is said how many there are. */
size_t gate_counts_total(struct gate_counts *counts, struct gate_count *rows, size_t max);

/*
 * Of one day (`now` / 86400): today or the day before it, so that whoever keeps them
 * can still read the last of a day when the next has begun.  Of other days there are none.
 */
size_t gate_counts_rows(struct gate_counts *counts, int64_t day, struct gate_count *rows,
		size_t max);
/* The most asked for first; without those that too few asked for. */
size_t gate_counts_hosts(struct gate_counts *counts, int64_t day, struct gate_host_count *rows,
		size_t max);
/* Those that are left out, and how often all of them together were asked for. */
void gate_counts_few(struct gate_counts *counts, int64_t day, uint64_t *hosts, uint64_t *asked);

#endif
