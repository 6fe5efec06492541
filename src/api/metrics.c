#include "api/metrics.h"

#include "api/route.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

static const unsigned statuses[] = { 200, 201, 400, 401, 403, 404, 405, 408, 409, 413, 415, 429,
	500, 501, 502, 503, 504, 507, 0 /* any other */ };
enum { STATUSES = sizeof(statuses) / sizeof(*statuses) };

/* Upper bounds of the histogram of durations, in microseconds. */
static const uint64_t bounds_us[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 10000000 };
enum { BOUNDS = sizeof(bounds_us) / sizeof(*bounds_us) };

struct per_route {
	_Atomic uint64_t by_status[STATUSES];
	_Atomic uint64_t by_time[BOUNDS + 1];
	_Atomic uint64_t time_us;
};

struct metrics {
	_Atomic uint64_t cut;
	_Atomic uint64_t verdicts[WARD_VERDICT_KIND_COUNT];
	_Atomic uint64_t findings[WARD_FINDING_KIND_COUNT];
	_Atomic uint64_t scanned_bytes;
	_Atomic uint64_t scan_us;
	_Atomic uint64_t worker_died;
	_Atomic uint64_t worker_timeout;
	_Atomic uint64_t lookups;
	_Atomic bool portal; /* there is one */
	_Atomic uint64_t portal_pages, portal_refused, portal_filed, portal_full, portal_too_slow;
	struct per_route route[]; /* the last one is of no route */
};

struct metrics *metrics_new(void)
{
	return calloc(1, sizeof(struct metrics) + (routes_count() + 1) * sizeof(struct per_route));
}

void metrics_free(struct metrics *metrics)
{
	free(metrics);
}

static void add(_Atomic uint64_t *counter, uint64_t amount)
{
	atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_request(struct metrics *metrics, const struct route *route, unsigned status,
		uint64_t time_us)
{
	size_t index = route ? (size_t)(route - routes) : routes_count();
	struct per_route *per = &metrics->route[index];
	size_t s = 0, t = 0;

	while (s < STATUSES - 1 && statuses[s] != status)
		s++;
	while (t < BOUNDS && time_us > bounds_us[t])
		t++;
	add(&per->by_status[s], 1);
	add(&per->by_time[t], 1);
	add(&per->time_us, time_us);
}

void metrics_cut(struct metrics *metrics)
{
	add(&metrics->cut, 1);
}

void metrics_report(struct metrics *metrics, const struct ward_report *report)
{
	add(&metrics->verdicts[report->verdict.kind], 1);
	add(&metrics->scan_us, report->time_us);
	for (size_t i = 0; i < report->finding_count; i++)
		add(&metrics->findings[report->findings[i].kind], 1);
	for (size_t i = 0; i < report->item_count; i++) {
		if (report->items[i].path.len == 0)
			add(&metrics->scanned_bytes, report->items[i].bytes);
		if (report->items[i].err == WARD_E_WORKER)
			add(&metrics->worker_died, 1);
		if (report->items[i].err == WARD_E_TIMEOUT)
			add(&metrics->worker_timeout, 1);
	}
}

void metrics_lookups(struct metrics *metrics, uint64_t count)
{
	add(&metrics->lookups, count);
}

/* The portal counts; this is a copy. */
void metrics_portal(struct metrics *metrics, const struct metrics_portal *portal)
{
	metrics->portal_pages = portal->pages;
	metrics->portal_refused = portal->refused;
	metrics->portal_filed = portal->filed;
	metrics->portal_full = portal->full;
	metrics->portal_too_slow = portal->too_slow;
	metrics->portal = true;
}

uint64_t metrics_requests(const struct metrics *metrics)
{
	uint64_t total = 0;

	for (size_t i = 0; i <= routes_count(); i++) {
		for (size_t s = 0; s < STATUSES; s++)
			total += read_counter(&metrics->route[i].by_status[s]);
	}
	return total;
}

uint64_t metrics_scans(const struct metrics *metrics, ward_verdict_kind verdict)
{
	return read_counter(&metrics->verdicts[verdict]);
}

uint64_t metrics_worker_failures(const struct metrics *metrics)
{
	return read_counter(&metrics->worker_died) + read_counter(&metrics->worker_timeout);
}

uint64_t metrics_resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long size = 0, resident = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(file);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- writing ---- */

static void head(struct ward_buf *out, const char *name, const char *type, const char *help)
{
	ward_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(struct ward_buf *out, const char *name, const char *type, const char *help,
		uint64_t value)
{
	head(out, name, type, help);
	ward_buf_printf(out, "%s %" PRIu64 "\n", name, value);
}

static void write_route_labels(struct ward_buf *out, size_t index)
{
	bool known = index < routes_count();

	ward_buf_printf(out, "method=\"%s\",route=\"%s\"", known ? routes[index].method : "other",
			known ? routes[index].path : "other");
}

static uint64_t route_total(const struct per_route *per)
{
	uint64_t total = 0;

	for (size_t t = 0; t <= BOUNDS; t++)
		total += read_counter(&per->by_time[t]);
	return total;
}

static void write_requests(const struct metrics *metrics, struct ward_buf *out)
{
	head(out, "ward_http_requests_total", "counter", "Requests answered.");
	for (size_t i = 0; i <= routes_count(); i++) {
		for (size_t s = 0; s < STATUSES; s++) {
			uint64_t count = read_counter(&metrics->route[i].by_status[s]);

			if (count == 0)
				continue;
			ward_buf_printf(out, "ward_http_requests_total{");
			write_route_labels(out, i);
			if (statuses[s] > 0)
				ward_buf_printf(out, ",status=\"%u\"} %" PRIu64 "\n", statuses[s],
						count);
			else
				ward_buf_printf(out, ",status=\"other\"} %" PRIu64 "\n", count);
		}
	}
}

static void write_durations(const struct metrics *metrics, struct ward_buf *out)
{
	head(out, "ward_http_request_seconds", "histogram",
			"From the first line of a request to its answer's end.");
	for (size_t i = 0; i <= routes_count(); i++) {
		const struct per_route *per = &metrics->route[i];
		uint64_t sum = 0;

		if (route_total(per) == 0)
			continue;
		for (size_t t = 0; t <= BOUNDS; t++) {
			sum += read_counter(&per->by_time[t]);
			ward_buf_printf(out, "ward_http_request_seconds_bucket{");
			write_route_labels(out, i);
			if (t < BOUNDS)
				ward_buf_printf(out, ",le=\"%g\"} %" PRIu64 "\n",
						(double)bounds_us[t] / 1e6, sum);
			else
				ward_buf_printf(out, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
		}
		ward_buf_printf(out, "ward_http_request_seconds_sum{");
		write_route_labels(out, i);
		ward_buf_printf(out, "} %.6f\nward_http_request_seconds_count{",
				(double)read_counter(&per->time_us) / 1e6);
		write_route_labels(out, i);
		ward_buf_printf(out, "} %" PRIu64 "\n", sum);
	}
}

static void write_scans(const struct metrics *metrics, struct ward_buf *out)
{
	head(out, "ward_scans_total", "counter", "Files scanned, by verdict.");
	for (int i = 0; i < WARD_VERDICT_KIND_COUNT; i++)
		ward_buf_printf(out, "ward_scans_total{verdict=\"%s\"} %" PRIu64 "\n",
				ward_verdict_name((ward_verdict_kind)i),
				read_counter(&metrics->verdicts[i]));
	head(out, "ward_findings_total", "counter", "Findings, by kind.");
	for (int i = 0; i < WARD_FINDING_KIND_COUNT; i++)
		ward_buf_printf(out, "ward_findings_total{kind=\"%s\"} %" PRIu64 "\n",
				ward_finding_kind_name((ward_finding_kind)i),
				read_counter(&metrics->findings[i]));
	single(out, "ward_scanned_bytes_total", "counter", "Bytes of files scanned.",
			read_counter(&metrics->scanned_bytes));
	head(out, "ward_scan_seconds_total", "counter", "Time spent scanning.");
	ward_buf_printf(out, "ward_scan_seconds_total %.6f\n",
			(double)read_counter(&metrics->scan_us) / 1e6);
	single(out, "ward_lookups_total", "counter", "Signals looked up by name.",
			read_counter(&metrics->lookups));
	head(out, "ward_worker_restarts_total", "counter",
			"Workers that were replaced because of a file, by reason.");
	ward_buf_printf(out,
			"ward_worker_restarts_total{reason=\"died\"} %" PRIu64 "\n"
			"ward_worker_restarts_total{reason=\"timeout\"} %" PRIu64 "\n",
			read_counter(&metrics->worker_died),
			read_counter(&metrics->worker_timeout));
}

static void write_queues(const struct metrics_now *now, struct ward_buf *out)
{
	head(out, "ward_queue_waiting", "gauge", "Requests that wait for a thread, by lane.");
	ward_buf_printf(out,
			"ward_queue_waiting{lane=\"scan\"} %u\n"
			"ward_queue_waiting{lane=\"lists\"} %u\n"
			"ward_queue_waiting{lane=\"desk\"} %u\n"
			"ward_queue_waiting{lane=\"views\"} %u\n",
			now->scan_waiting, now->lists_waiting, now->desk_waiting,
			now->views_waiting);
	head(out, "ward_queue_running", "gauge", "Requests that a thread works on, by lane.");
	ward_buf_printf(out,
			"ward_queue_running{lane=\"scan\"} %u\n"
			"ward_queue_running{lane=\"lists\"} %u\n"
			"ward_queue_running{lane=\"desk\"} %u\n"
			"ward_queue_running{lane=\"views\"} %u\n",
			now->scan_running, now->lists_running, now->desk_running,
			now->views_running);
	single(out, "ward_store_open", "gauge", "Whether the store is there.", now->store);
	single(out, "ward_connections", "gauge", "Open connections.", now->connections);
	single(out, "ward_requests_in_flight", "gauge", "Requests begun and not yet answered.",
			now->in_flight);
	single(out, "ward_upload_memory_bytes", "gauge", "Memory held by what arrives.",
			now->spill_bytes);
}

static void write_portal(const struct metrics *metrics, struct ward_buf *out)
{
	if (!metrics->portal)
		return;
	single(out, "ward_portal_pages_total", "counter", "Pages of the portal that were answered.",
			read_counter(&metrics->portal_pages));
	single(out, "ward_portal_reports_total", "counter", "Reports that the portal handed on.",
			read_counter(&metrics->portal_filed));
	head(out, "ward_portal_refused_total", "counter",
			"Requests to the portal that were turned away, by reason.");
	ward_buf_printf(out,
			"ward_portal_refused_total{reason=\"request\"} %" PRIu64 "\n"
			"ward_portal_refused_total{reason=\"full\"} %" PRIu64 "\n"
			"ward_portal_refused_total{reason=\"slow\"} %" PRIu64 "\n",
			read_counter(&metrics->portal_refused), read_counter(&metrics->portal_full),
			read_counter(&metrics->portal_too_slow));
}

/* A list's name needs no escape: it is [A-Za-z0-9._-]. */
static void write_lists(const struct metrics_now *now, struct ward_buf *out)
{
	size_t count = ward_bank_list_count(now->view);

	single(out, "ward_lists", "gauge", "Lists that are open.", count);
	head(out, "ward_list_entries", "gauge", "Entries of each list.");
	for (size_t i = 0; i < count; i++) {
		const struct ward_list *list = ward_bank_list(now->view, i);

		ward_buf_printf(out,
				"ward_list_entries{list=\"%s\",sense=\"%s\",enabled=\"%d\"} "
				"%" PRIu64 "\n",
				ward_list_info(list)->name,
				ward_list_sense_name(ward_list_info(list)->sense),
				ward_list_info(list)->enabled, ward_list_entries(list));
	}
}

void metrics_write(const struct metrics *metrics, const struct metrics_now *now,
		struct ward_buf *out)
{
	write_requests(metrics, out);
	write_durations(metrics, out);
	single(out, "ward_connections_cut_total", "counter",
			"Connections cut because they were too slow, or gone before their answer.",
			read_counter(&metrics->cut));
	write_scans(metrics, out);
	write_queues(now, out);
	write_portal(metrics, out);
	write_lists(now, out);
	single(out, "ward_ready", "gauge", "1 when requests are taken, 0 while stopping.",
			now->ready);
	single(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
			metrics_resident());
	single(out, "process_start_time_seconds", "gauge", "When the process started.",
			(uint64_t)now->started);
}
