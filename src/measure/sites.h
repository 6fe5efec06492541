/*
 * sites.h - what site lists and rules did on the networks, day by day
 *
 * Whoever serves a network counts (gate/counts.h) and says now and then how far it is; each
 * says it for its own run, whole and anew, so that nothing is counted twice and a crash loses a
 * minute at most.  Hosts come here only when enough different clients asked for them.
 *
 * Rows live in the caller's arena.
 */
#ifndef MEASURE_SITES_H
#define MEASURE_SITES_H

#include "store/store.h"

enum { MEASURE_SITES_KEEP_DAYS = 90, MEASURE_SITES_ROWS_MAX = 1000 };

struct measure_site_count {
	int64_t day;
	ward_str list, cause, act;
	int64_t count;
};

struct measure_site_host {
	ward_str host, list;
	int64_t count;
};

/* What a run says of one day.  Called within a work of store_write. */
struct measure_sites {
	const char *run;
	int64_t day;
	const struct measure_site_count *counts;
	size_t count_count;
	const struct measure_site_host *hosts;
	size_t host_count;
};

ward_err measure_sites_note(struct store_tx *tx, const struct measure_sites *sites,
		struct ward_error *error) WARD_MUST_USE;
/* Hosts of before this day. */
ward_err measure_sites_forget(struct store_tx *tx, int64_t day,
		struct ward_error *error) WARD_MUST_USE;

/* Days from..to, both counted, of all runs together: by day, list, cause and act. */
ward_err measure_sites_counts(struct store_tx *tx, int64_t from, int64_t to,
		struct ward_arena *arena, const struct measure_site_count **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* The most asked for first, at most `most` and MEASURE_SITES_ROWS_MAX. */
ward_err measure_sites_hosts(struct store_tx *tx, int64_t from, int64_t to, size_t most,
		struct ward_arena *arena, const struct measure_site_host **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

#endif
