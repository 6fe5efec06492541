#include "wardd_network.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "exchange/site_names.h"
#include "gate/counts.h"
#include "gate/gate_live.h"
#include "icap/filter.h"
#include "wardd_block.h"
#include "wardd_dns.h"
#include "workspace/workspace.h"

enum {
	PATH_ROOM = 8192,
	SMALL_MAX = 1 << 20,
	MEMORY_MAX = 256 << 20,
	DRAIN_MS = 5000,
	/* Squid reads no more than 64 KiB of a body before an answer begins. */
	NUDGE_MS = 200
};

/* A search engine's name, and the host it publishes for its safe mode. */
struct safe {
	ward_str name, host;
};

struct wardd_network {
	char *folder;
	struct workspace *workspace; /* as it was at the start: addresses, threads, limits */
	struct gate_live *gate;
	struct gate_counts *counts;
	struct ward_bank *bank;
	struct wardd_block *block;
	struct wardd_dns *dns;
	struct safe *safe;
	size_t safe_count;
	struct icap_filter *filter;
	struct icap_server *icap;
	struct icap_service services[2];
	struct spill_place place;
	uint64_t refreshed_us;
	bool failed; /* the last refresh: told once */
};

/* ---- the gate ---- */

static void drop_workspace(void *workspace)
{
	workspace_free(workspace);
}

/* Rules and policy live in a workspace of their own, as long as a state needs them. */
static ward_err open_rules(const char *folder, struct gate_rules_owner *rules,
		struct ward_error *error)
{
	struct workspace *workspace = NULL;
	ward_err err = workspace_open(folder, &workspace, error);

	if (err)
		return err;
	*rules = (struct gate_rules_owner){ workspace_gate_rules(workspace), workspace,
		drop_workspace };
	return WARD_OK;
}

static ward_err open_gate(struct wardd_network *network, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(network->workspace);
	struct gate_rules_owner rules = { 0 };
	ward_err err = open_rules(network->folder, &rules, error);

	if (!err)
		err = workspace_gate(network->workspace, rules, &network->gate, error);
	if (!err) {
		network->counts = gate_counts_new(settings->network_least);
		if (!network->counts)
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the counters");
	}
	return err;
}

ward_err wardd_network_open(const char *folder, struct wardd_network **opened,
		struct ward_error *error)
{
	struct wardd_network *network = calloc(1, sizeof(*network));
	ward_err err;

	if (!network)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	network->folder = strdup(folder);
	err = network->folder ? workspace_open(folder, &network->workspace, error)
			      : ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = open_gate(network, error);
	if (err) {
		wardd_network_free(network);
		return err;
	}
	*opened = network;
	return WARD_OK;
}

ward_err wardd_network_check(const char *folder, struct ward_error *error)
{
	struct wardd_network *network = NULL;
	struct exchange_site_dns options;
	ward_err err = wardd_network_open(folder, &network, error);

	/* gcc does not know that one follows from the other. */
	if (err || !network)
		return err;
	err = wardd_dns_options(workspace_settings(network->workspace), &options, error);
	wardd_network_free(network);
	return err;
}

/* ---- search engines' safe hosts ---- */

static int by_name(const void *a, const void *b)
{
	return ward_str_cmp(((const struct safe *)a)->name, ((const struct safe *)b)->name);
}

static ward_err read_safe(struct wardd_network *network, struct ward_error *error)
{
	ward_str name, host;

	while (exchange_safe_search_at(network->safe_count, EXCHANGE_SAFE_STRICT, &name, &host))
		network->safe_count++;
	network->safe = calloc(network->safe_count + 1, sizeof(*network->safe));
	if (!network->safe)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (size_t i = 0; i < network->safe_count; i++) {
		(void)exchange_safe_search_at(i, EXCHANGE_SAFE_STRICT, &name, &host);
		network->safe[i] = (struct safe){ name, host };
	}
	qsort(network->safe, network->safe_count, sizeof(*network->safe), by_name);
	return WARD_OK;
}

static ward_str safe_host(void *context, const struct gate_state *state, ward_str host)
{
	const struct wardd_network *network = context;
	const struct safe key = { host, { "", 0 } };
	const struct safe *found;

	(void)state;
	found = bsearch(&key, network->safe, network->safe_count, sizeof(*network->safe), by_name);
	return found ? found->host : (ward_str){ "", 0 };
}

/* ---- the door ---- */

static void block_page(void *context, const struct icap_blocked *blocked, struct ward_buf *memory,
		struct icap_answer *reply)
{
	const struct wardd_network *network = context;

	wardd_block_page(network->block, blocked, memory, reply);
}

static const struct workspace *workspace_of(const struct gate_state *state)
{
	return state->owner;
}

static const struct ward_policy *policy_of(const struct gate_state *state)
{
	return workspace_policy(workspace_of(state));
}

static ward_err open_filter(struct wardd_network *network, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(network->workspace);
	struct icap_filter_options options = {
		.gate = network->gate,
		.counts = network->counts,
		.policy = policy_of,
		.scan = ward_scan_options_default(),
		.scanners = settings->workers,
		.waiting_max = settings->queue_max,
		.place = &network->place,
		.pages = settings->icap_pages,
		.block_page = block_page,
		.context = network,
	};
	ward_err err = wardd_block_new(network->workspace, &network->block, error);

	options.scan.limits = settings->limits;
	options.scan.size = settings->exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options.scan.all_orientations = settings->all_orientations;
	options.scan.borders = settings->borders;
	options.scan.archives = false;
	options.scan.videos = false; /* nobody waits for all of a film */
	options.scan.radius = settings->radius;
	if (options.scan.limits.time_ms > settings->icap_wait_ms)
		options.scan.limits.time_ms = settings->icap_wait_ms;
	if (!err && settings->network_safe_search) {
		err = read_safe(network, error);
		options.safe_host = safe_host;
	}
	if (!err && settings->icap_pictures)
		err = ward_bank_open(workspace_lists(network->workspace), &network->bank, error);
	options.bank = network->bank;
	return err ? err : icap_filter_new(&options, &network->filter, error);
}

static void fill_services(struct wardd_network *network)
{
	const struct settings *settings = workspace_settings(network->workspace);
	struct icap_service each = {
		.over = settings->icap_large_open ? ICAP_OVER_PASS : ICAP_OVER_BLOCK,
		.body_max = settings->icap_body_max,
		.preview = 1024,
		.wait_ms = settings->icap_wait_ms,
	};

	network->services[0] = each;
	network->services[0].path = "request";
	network->services[0].method = ICAP_REQMOD;
	network->services[0].preview = 0;
	network->services[0].fail =
			settings->icap_requests_open ? ICAP_FAIL_OPEN : ICAP_FAIL_CLOSED;
	network->services[1] = each;
	network->services[1].path = "response";
	network->services[1].method = ICAP_RESPMOD;
	network->services[1].nudge_ms = NUDGE_MS;
	network->services[1].fail = settings->icap_answers_open ? ICAP_FAIL_OPEN : ICAP_FAIL_CLOSED;
}

static ward_err open_door(struct wardd_network *network, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(network->workspace);
	struct icap_options options = {
		.listen = settings->icap_listen,
		.services = network->services,
		.service_count = 2,
		.place = &network->place,
		.name = "ward",
		.threads = settings->icap_threads,
		.connections_max = settings->icap_connections_max,
	};
	ward_err err = open_filter(network, error);

	if (err)
		return err;
	snprintf(network->place.folder, sizeof(network->place.folder), "%s",
			workspace_folder(network->workspace));
	network->place.small_max = SMALL_MAX;
	network->place.memory_max = MEMORY_MAX;
	fill_services(network);
	options.owner = icap_filter_owner(network->filter);
	err = icap_server_new(&options, &network->icap, error);
	if (!err)
		err = icap_server_start(network->icap, error);
	if (!err)
		log_info("icap_ready", "port=%u", icap_server_port(network->icap));
	return err;
}

ward_err wardd_network_start(struct wardd_network *network, struct ward_error *error)
{
	ward_err err = wardd_dns_start(network->workspace, network->gate, &network->dns, error);

	if (!err && workspace_settings(network->workspace)->icap_listen[0])
		err = open_door(network, error);
	return err;
}

/* ---- now and then ---- */

static void told(struct wardd_network *network, ward_err err, const struct ward_error *error)
{
	if (err && !network->failed)
		log_warn("sites_not_read", "code=%s", ward_err_name(error->code));
	network->failed = err != WARD_OK;
}

void wardd_network_tick(struct wardd_network *network)
{
	uint64_t now = clock_ticks_us();
	uint64_t wait = (uint64_t)workspace_settings(network->workspace)->refresh_ms * 1000;
	struct ward_error error;
	bool changed = false;

	if (now - network->refreshed_us < wait)
		return;
	network->refreshed_us = now;
	told(network, gate_live_refresh(network->gate, &changed, &error), &error);
	if (changed) {
		log_info("sites_changed", "changed=1");
		wardd_dns_wake(network->dns);
	}
	if (network->bank && ward_bank_refresh(network->bank, &changed, &error) != WARD_OK)
		log_debug("lists_not_read", "code=%s", ward_err_name(error.code));
}

void wardd_network_reload(struct wardd_network *network)
{
	struct gate_rules_owner rules;
	struct ward_error error;
	ward_err err = open_rules(network->folder, &rules, &error);

	if (!err)
		err = gate_live_rules(network->gate, rules, &error);
	if (err)
		log_warn("site_rules_not_read", "code=%s", ward_err_name(err));
	else
		wardd_dns_wake(network->dns);
}

/* ---- the end ---- */

void wardd_network_stop(struct wardd_network *network)
{
	if (network->icap && !icap_server_stop(network->icap, DRAIN_MS))
		log_warn("icap_cut", "cut=1");
}

void wardd_network_free(struct wardd_network *network)
{
	if (!network)
		return;
	wardd_dns_free(network->dns);
	icap_server_free(network->icap);
	icap_filter_free(network->filter);
	wardd_block_free(network->block);
	free(network->safe);
	ward_bank_free(network->bank);
	gate_counts_free(network->counts);
	gate_live_free(network->gate);
	workspace_free(network->workspace);
	free(network->folder);
	free(network);
}

/* ---- what the API and /metrics see of it ---- */

static void icap_metrics(void *context, struct ward_buf *out)
{
	const struct wardd_network *network = context;
	struct icap_counters c;

	if (!network->icap)
		return;
	icap_server_count(network->icap, &c);
	ward_buf_printf(out,
			"# HELP ward_icap_requests_total Requests of proxies whose heads were "
			"read.\n"
			"# TYPE ward_icap_requests_total counter\n"
			"ward_icap_requests_total{method=\"options\"} %" PRIu64 "\n"
			"ward_icap_requests_total{method=\"reqmod\"} %" PRIu64 "\n"
			"ward_icap_requests_total{method=\"respmod\"} %" PRIu64 "\n",
			c.options, c.reqmod, c.respmod);
	ward_buf_printf(out,
			"# HELP ward_icap_outcomes_total What became of them.\n"
			"# TYPE ward_icap_outcomes_total counter\n"
			"ward_icap_outcomes_total{outcome=\"passed\"} %" PRIu64 "\n"
			"ward_icap_outcomes_total{outcome=\"answered\"} %" PRIu64 "\n"
			"ward_icap_outcomes_total{outcome=\"rewritten\"} %" PRIu64 "\n"
			"ward_icap_outcomes_total{outcome=\"failed_open\"} %" PRIu64 "\n"
			"ward_icap_outcomes_total{outcome=\"failed_closed\"} %" PRIu64 "\n"
			"ward_icap_outcomes_total{outcome=\"too_large\"} %" PRIu64 "\n",
			c.passed_204 + c.passed_200, c.answered, c.rewritten, c.failed_open,
			c.failed_closed, c.over);
	ward_buf_printf(out,
			"# HELP ward_icap_refused_total Requests that were not served.\n"
			"# TYPE ward_icap_refused_total counter\n"
			"ward_icap_refused_total{why=\"broken\"} %" PRIu64 "\n"
			"ward_icap_refused_total{why=\"unknown\"} %" PRIu64 "\n"
			"ward_icap_refused_total{why=\"too_slow\"} %" PRIu64 "\n"
			"ward_icap_refused_total{why=\"full\"} %" PRIu64 "\n"
			"# HELP ward_icap_connections Connections of proxies.\n"
			"# TYPE ward_icap_connections gauge\n"
			"ward_icap_connections %" PRIu64 "\n",
			c.broken, c.unknown, c.timed_out, c.refused, c.connections);
}

struct server_network wardd_network_of(struct wardd_network *network)
{
	return (struct server_network){ network->gate, network->counts, icap_metrics, network };
}
