/*
 * metrics.h - what was counted since the start, as Prometheus reads it
 *
 * Counters are added to by any thread, without locks, and never go back.
 * Labels are rows of our own tables and names of lists; nothing that came
 * with a request.
 */
#ifndef API_METRICS_H
#define API_METRICS_H

#include <ward/scan.h>

struct route;
struct metrics;

struct metrics *metrics_new(void); /* NULL without memory */
void metrics_free(struct metrics *metrics);

/* A request was answered; `route` is NULL when the path or method was none of ours. */
void metrics_request(struct metrics *metrics, const struct route *route, unsigned status,
		uint64_t time_us);
/* A connection was cut: too slow, or gone before its answer. */
void metrics_cut(struct metrics *metrics);
void metrics_report(struct metrics *metrics, const struct ward_report *report);
void metrics_lookups(struct metrics *metrics, uint64_t count);

/* What the portal has counted since the start, as it is now; without it nothing is told of one. */
struct metrics_portal {
	uint64_t pages, refused, filed, full, too_slow;
};
void metrics_portal(struct metrics *metrics, const struct metrics_portal *portal);

uint64_t metrics_requests(const struct metrics *metrics);
uint64_t metrics_scans(const struct metrics *metrics, ward_verdict_kind verdict);
uint64_t metrics_worker_failures(const struct metrics *metrics);

/* What is measured at the moment it is asked. */
struct metrics_now {
	int64_t started; /* Unix seconds */
	unsigned connections, in_flight;
	unsigned scan_waiting, scan_running, lists_waiting, lists_running;
	unsigned desk_waiting, desk_running, views_waiting, views_running;
	bool store;           /* it is open */
	uint64_t spill_bytes; /* memory held by what arrives */
	bool ready;
	const struct ward_bank_view *view;
};

void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
		struct ward_buf *out);

/* Bytes of memory that this process has resident. */
uint64_t metrics_resident(void);

#endif
