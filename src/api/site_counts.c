#include "api/site_counts.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "gate/counts.h"
#include "gate/gate_live.h"
#include "measure/sites.h"

enum { ROWS_MAX = 2048, HOSTS_MAX = 1000, DAY_S = 86400 };

/* ---- keeping ---- */

/* Room for what is copied out, and for what the store is told. */
struct room {
	struct gate_count rows[ROWS_MAX];
	struct gate_host_count hosts[HOSTS_MAX];
	struct measure_site_count counts[ROWS_MAX];
	struct measure_site_host places[HOSTS_MAX];
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void fill(struct gate_counts *counts, int64_t day, struct room *room,
		struct measure_sites *sites)
{
	size_t rows = least(gate_counts_rows(counts, day, room->rows, ROWS_MAX), ROWS_MAX);
	size_t hosts = least(gate_counts_hosts(counts, day, room->hosts, HOSTS_MAX), HOSTS_MAX);

	for (size_t i = 0; i < rows; i++)
		room->counts[i] =
				(struct measure_site_count){ day, ward_str_from(room->rows[i].list),
					ward_str_from(gate_cause_name(room->rows[i].cause)),
					ward_str_from(gate_act_name(room->rows[i].act)),
					(int64_t)room->rows[i].count };
	for (size_t i = 0; i < hosts; i++)
		room->places[i] = (struct measure_site_host){ ward_str_from(room->hosts[i].host),
			ward_str_from(room->hosts[i].list), (int64_t)room->hosts[i].count };
	sites->day = day;
	sites->counts = room->counts;
	sites->count_count = rows;
	sites->hosts = room->places;
	sites->host_count = hosts;
}

static ward_err note_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	return measure_sites_note(tx, context, error);
}

static void keep_day(struct server *server, int64_t day, struct room *room)
{
	struct measure_sites sites = { .run = server->run };
	struct ward_error error;

	fill(server->network.counts, day, room, &sites);
	if (sites.count_count > 0 &&
			store_write(server->store, note_work, &sites, &error) != WARD_OK)
		log_error("site_counts_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}

void site_counts_keep(struct server *server)
{
	struct room *room = calloc(1, sizeof(*room));
	int64_t today = clock_now() / DAY_S;

	if (!room)
		return;
	keep_day(server, today - 1, room);
	keep_day(server, today, room);
	free(room);
}

static ward_err forget_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	return measure_sites_forget(tx, *(int64_t *)context, error);
}

void site_counts_forget(struct server *server)
{
	int64_t before = clock_now() / DAY_S - MEASURE_SITES_KEEP_DAYS;
	struct ward_error error;

	if (store_write(server->store, forget_work, &before, &error) != WARD_OK)
		log_error("site_counts_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}

/* ---- alarms ---- */

void site_lists_warn(struct server *server)
{
	const struct gate_state *state = gate_live_acquire(server->network.gate);
	int64_t now = clock_now();

	for (size_t i = 0; i < ward_site_view_lists(state->sites); i++) {
		const struct ward_site_info *info =
				ward_site_list_info(ward_site_view_list(state->sites, i));

		if (info->enabled && ward_site_info_is_stale(info, now))
			log_warn("site_list_stale", "list=%s age_s=%" PRId64, info->name,
					ward_site_info_age(info, now));
		if (info->enabled && ward_site_info_has_expired(info, now))
			log_warn("site_list_expired", "list=%s", info->name);
	}
	gate_live_release(server->network.gate, state);
}

/* ---- /metrics ---- */

static void write_answers(struct gate_counts *counts, struct ward_buf *out)
{
	struct gate_count *rows = calloc(ROWS_MAX, sizeof(*rows));
	size_t count = rows ? least(gate_counts_total(counts, rows, ROWS_MAX), ROWS_MAX) : 0;

	ward_buf_str(out,
			WARD_STR("# HELP ward_site_answers_total What the gate noted or blocked.\n"
				 "# TYPE ward_site_answers_total counter\n"));
	for (size_t i = 0; i < count; i++)
		ward_buf_printf(out,
				"ward_site_answers_total{list=\"%s\",cause=\"%s\",answer=\"%s\"} "
				"%" PRIu64 "\n",
				rows[i].list, gate_cause_name(rows[i].cause),
				gate_act_name(rows[i].act), rows[i].count);
	free(rows);
}

static void write_lists(const struct ward_site_view *sites, struct ward_buf *out)
{
	int64_t now = clock_now();

	ward_buf_str(out, WARD_STR("# HELP ward_site_list_age_seconds Since a list was issued.\n"
				   "# TYPE ward_site_list_age_seconds gauge\n"));
	for (size_t i = 0; i < ward_site_view_lists(sites); i++) {
		const struct ward_site_info *info =
				ward_site_list_info(ward_site_view_list(sites, i));

		ward_buf_printf(out, "ward_site_list_age_seconds{list=\"%s\"} %" PRId64 "\n",
				info->name, ward_site_info_age(info, now));
	}
	ward_buf_str(out, WARD_STR("# HELP ward_site_list_stale Is it older than it may be.\n"
				   "# TYPE ward_site_list_stale gauge\n"));
	for (size_t i = 0; i < ward_site_view_lists(sites); i++) {
		const struct ward_site_info *info =
				ward_site_list_info(ward_site_view_list(sites, i));

		ward_buf_printf(out, "ward_site_list_stale{list=\"%s\"} %d\n", info->name,
				ward_site_info_is_stale(info, now));
	}
	ward_buf_str(out, WARD_STR("# HELP ward_site_list_entries Entries in force.\n"
				   "# TYPE ward_site_list_entries gauge\n"));
	for (size_t i = 0; i < ward_site_view_lists(sites); i++) {
		const struct ward_site_list *list = ward_site_view_list(sites, i);

		ward_buf_printf(out, "ward_site_list_entries{list=\"%s\"} %" PRIu64 "\n",
				ward_site_list_info(list)->name, ward_site_list_entries(list));
	}
}

void site_metrics_write(const struct server_network *network, struct ward_buf *out)
{
	const struct gate_state *state = gate_live_acquire(network->gate);

	write_answers(network->counts, out);
	write_lists(state->sites, out);
	gate_live_release(network->gate, state);
	if (network->metrics)
		network->metrics(network->context, out);
}
