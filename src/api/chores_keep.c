#include "api/chores_keep.h"

#include "api/exports.h"
#include "api/exposure_rules.h"
#include "api/serve.h"
#include "api/site_counts.h"
#include "api/site_lift.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/exposure.h"
#include "filing/retention.h"
#include "measure/lists.h"
#include "vault/holds.h"

#include <inttypes.h>

#define MINUTE_US ((uint64_t)60 * 1000000)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)

/* The first time, and then each so often. */
static bool is_due(uint64_t *last_us, uint64_t each_us)
{
	uint64_t now = clock_ticks_us();

	if (*last_us != 0 && now - *last_us < each_us)
		return false;
	*last_us = now;
	return true;
}

static ward_err forget_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct settings *settings = context;
	struct exposure_rules rules = exposure_rules_of(settings);
	int64_t now = clock_now();
	unsigned forgotten = 0;
	ward_err err = people_forget(tx, now - (int64_t)(settings->people_forget_ms / 1000),
			&forgotten, error);

	uint64_t appeals;

	if (!err)
		err = exposure_forget_gone(tx, error);
	if (!err)
		err = intake_site_appeal_tidy(tx, now, &appeals, error);
	return err ? err
		   : exposure_forget(tx, &rules,
				     now - (int64_t)settings->exposure_keep_days * 86400, error);
}

static void forget(struct server *server)
{
	const struct snapshot *snapshot = live_acquire(server->live);
	struct settings settings = *snapshot->settings;
	struct ward_error error;

	live_release(server->live, snapshot);
	if (store_write(server->store, forget_work, &settings, &error) != WARD_OK)
		log_error("forget_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}

static void forget_exports(struct server *server)
{
	const struct snapshot *snapshot = live_acquire(server->live);

	exports_sweep(workspace_folder(snapshot->workspace));
	live_release(server->live, snapshot);
}

static void sweep(struct vault *vault)
{
	struct vault_swept swept;
	struct ward_error error;

	if (vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error) != WARD_OK)
		log_error("sweep_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
	else if (swept.orphans > 0 || swept.finished > 0)
		log_info("swept", "orphans=%" PRIu64 " finished=%" PRIu64, swept.orphans,
				swept.finished);
}

static void end_reports(struct server *server)
{
	const struct snapshot *snapshot = live_acquire(server->live);
	struct filing_retention retention = { vault_legal(server->vault),
		workspace_folder(snapshot->workspace) };
	struct filing_ended ended;
	struct ward_error error;

	if (filing_end_due(server->store, &retention, &ended, &error) != WARD_OK)
		log_error("retention_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
	else if (ended.ended > 0 || ended.held > 0)
		log_info("reports_ended", "ended=%" PRIu64 " held=%" PRIu64, ended.ended,
				ended.held);
	live_release(server->live, snapshot);
}

/* ---- how large the lists are ---- */

struct lists_seen {
	const struct measure_list_size *sizes;
	size_t count;
};

static ward_err note_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct lists_seen *seen = context;

	return measure_lists_note(tx, seen->sizes, seen->count, clock_now(), error);
}

static ward_err note_sizes(struct store *store, struct lists_seen *seen, struct ward_error *error)
{
	struct store_tx *tx;
	bool changed = false;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = measure_lists_changed(tx, seen->sizes, seen->count, &changed, error);
	store_read_end(tx);
	return err || !changed ? err : store_write(store, note_work, seen, error);
}

static void note_lists(struct server *server)
{
	struct ward_bank_view *view = live_view(server->live);
	size_t count = ward_bank_list_count(view);
	struct measure_list_size *sizes = calloc(count + 1, sizeof(*sizes));
	struct lists_seen seen = { sizes, count };
	struct ward_error error;

	for (size_t i = 0; sizes && i < count; i++) {
		const struct ward_list *list = ward_bank_list(view, i);

		sizes[i] = (struct measure_list_size){ ward_str_from(ward_list_info(list)->name),
			(int64_t)ward_list_entries(list) };
	}
	if (sizes && note_sizes(server->store, &seen, &error) != WARD_OK)
		log_error("note_lists_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
	free(sizes);
	ward_bank_release(view);
}

/* What was decided before a program was killed, or while the list was being changed. */
static void lift(struct server *server)
{
	const struct snapshot *snapshot = live_acquire(server->live);
	struct ward_error error;
	uint64_t done = 0;
	ward_err err = site_lift_due(snapshot->workspace, server->store, &done, &error);

	live_release(server->live, snapshot);
	if (err)
		log_error("lift_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
	if (done > 0)
		log_info("lifted", "count=%" PRIu64, done);
}

void chores_keep(struct server *server, struct keeping *keeping)
{
	if (is_due(&keeping->forgot_us, HOUR_US)) {
		forget(server);
		forget_exports(server);
		site_counts_forget(server);
		site_lists_warn(server);
	}
	if (is_due(&keeping->noted_us, MINUTE_US)) {
		note_lists(server);
		site_counts_keep(server);
		lift(server);
	}
	/* The vault is opened before what takes reports in is there. */
	if (server->intake && is_due(&keeping->swept_us, DAY_US))
		sweep(server->vault);
	if (server->intake && is_due(&keeping->ended_us, DAY_US))
		end_reports(server);
}
