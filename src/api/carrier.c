/*
 * What stays in the house: holds upon items of the vault, entries of lists.
 */
#include "api/carry.h"

#include "api/every.h"
#include "base/log.h"
#include "base/tree.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "intake/intake.h"
#include "vault/holds.h"

enum { ARENA_MAX = 32 << 20, LEASE_S = 120, ACTIONS_MAX = 100 };

struct carrier {
	struct server *server;
	struct every *every;
	bool failed; /* said once, not each time */
};

/* One action, and what it is about. */
struct carrying {
	struct carrier *carrier;
	struct desk_action action;
	struct ward_arena arena;
	struct json_t *parameters;
	ward_str labels; /* of the decision */
	struct intake_item *items;
	size_t count;
	char answer[32];
};

/* ---- taking them ---- */

struct next {
	ward_str kind;
	struct ward_arena *arena;
	struct desk_action *action;
};

static ward_err next_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct next *next = context;

	return desk_action_next(tx, next->kind, LEASE_S, next->arena, next->action, error);
}

ward_err carry_next(struct store *store, const char *kind, struct ward_arena *arena,
		struct desk_action *action, struct ward_error *error)
{
	struct next next = { ward_str_from(kind), arena, action };
	struct store_tx *tx;
	bool due = false;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = desk_action_is_due(tx, next.kind, &due, error);
	store_read_end(tx);
	if (!err && !due)
		return ward_fail(error, WARD_E_NOT_FOUND, "no action is due");
	return err ? err : store_write(store, next_work, &next, error);
}

/* What the same action would meet again. */
bool carry_is_hopeless(ward_err err)
{
	return err == WARD_E_ARGUMENT || err == WARD_E_FORMAT || err == WARD_E_UNSUPPORTED ||
	       err == WARD_E_DENIED || err == WARD_E_NOT_FOUND || err == WARD_E_LIMIT;
}

/* ---- what it is about ---- */

static ward_err read_labels(struct carrying *carrying, struct store_tx *tx,
		struct ward_error *error)
{
	struct desk_decision *decisions = NULL;
	size_t count = 0;
	ward_err err = desk_decision_list(tx, carrying->action.job, carrying->action.person,
			&carrying->arena, &decisions, &count, error);

	for (size_t i = 0; i < count && !err; i++) {
		if (ward_str_eq(decisions[i].id, carrying->action.decision))
			carrying->labels = decisions[i].labels;
	}
	return err;
}

static ward_err read_about(struct carrying *carrying, struct store_tx *tx, struct ward_error *error)
{
	struct desk_names names = { 0 };
	ward_err err = desk_job_items(tx, carrying->action.job, &carrying->arena, &names, error);

	if (err)
		return err;
	carrying->count = 0;
	carrying->items = ward_new(&carrying->arena, struct intake_item, names.count + 1);
	if (!carrying->items)
		return ward_fail(error, WARD_E_NOMEM, "the job has too many items");
	for (size_t i = 0; i < names.count && !err; i++) {
		err = intake_item_get(tx, names.at[i], &carrying->arena,
				&carrying->items[carrying->count], error);
		carrying->count += !err;
		if (err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	return err ? err : read_labels(carrying, tx, error);
}

static ward_str parameter(const struct carrying *carrying, const char *name)
{
	return tree_text(tree_member(carrying->parameters, name));
}

/* ---- hold ---- */

struct placed {
	ward_str basis, reference;
	bool found;
};

static bool look_at_hold(void *context, const struct hold *hold)
{
	struct placed *placed = context;

	placed->found = hold->state == HOLD_ACTIVE &&
			ward_str_eq(ward_str_from(hold->basis), placed->basis) &&
			ward_str_eq(ward_str_from(hold->reference), placed->reference);
	return !placed->found;
}

static ward_err hold_item(const struct carrying *carrying, struct store_tx *tx, ward_str item,
		ward_str reference, struct ward_error *error)
{
	char actor[ID_TEXT_MAX + 8], id[ID_TEXT_MAX];
	struct placed placed = { parameter(carrying, "authority"), reference, false };
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, item, &facts, error);

	/* What is destroyed is kept by nobody. */
	if (!err && facts.destroyed_at != 0)
		return WARD_OK;
	if (!err)
		err = hold_list(tx,
				&(struct hold_question){ .item = item,
						.active = true,
						.holds_max = 1000 },
				look_at_hold, &placed, error);
	if (err || placed.found)
		return err;
	snprintf(actor, sizeof(actor), "person:%.*s", WARD_FMT(carrying->action.person));
	return hold_place(carrying->carrier->server->vault, tx,
			&(struct hold_wish){ .item = item,
					.basis = placed.basis,
					.reference = reference,
					.reason = WARD_STR("decided at the desk") },
			&(struct vault_actor){ ward_str_from(actor), WARD_STR("") }, id, error);
}

/* The holds, and that it is done, in one work: each item is held once. */
static ward_err hold_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct carrying *carrying = context;
	ward_str reference = parameter(carrying, "reference");
	unsigned held = 0;
	ward_err err = read_about(carrying, tx, error);

	for (size_t i = 0; i < carrying->count && !err; i++) {
		if (carrying->items[i].payload.len == 0)
			continue;
		err = hold_item(carrying, tx, carrying->items[i].payload, reference, error);
		held += !err;
	}
	snprintf(carrying->answer, sizeof(carrying->answer), "held-%u", held);
	return err ? err
		   : desk_action_tried(tx, carrying->action.id, true, false,
				     ward_str_from(carrying->answer), error);
}

/* ---- list ---- */

static void add_signal(struct ward_record *record, ward_signal_kind kind, const void *bytes,
		size_t size)
{
	ward_signal *signal = &record->signals[record->signal_count++];

	*signal = (ward_signal){ .kind = kind };
	memcpy(signal->bytes, bytes, size);
}

/* Digests of what was sent, and its look where somebody took it; false when there is neither. */
static bool fill_record(const struct intake_item *item, struct ward_record *record)
{
	record->signal_count = 0;
	record->quality = 255;
	if (item->has_digests) {
		add_signal(record, WARD_SIGNAL_MD5, item->md5, sizeof(item->md5));
		add_signal(record, WARD_SIGNAL_SHA1, item->sha1, sizeof(item->sha1));
		add_signal(record, WARD_SIGNAL_SHA256, item->sha256, sizeof(item->sha256));
	}
	if (item->has_pdq && item->pdq_quality >= WARD_PDQ_QUALITY_MIN) {
		record->signals[record->signal_count++] = ward_pdq_signal(item->pdq);
		record->quality = (uint8_t)item->pdq_quality;
	}
	return record->signal_count > 0;
}

/* "a,b" as "a b". */
static ward_str record_labels(struct carrying *carrying)
{
	ward_str copy = ward_arena_str(&carrying->arena, carrying->labels);
	char *text = (char *)(uintptr_t)copy.ptr;

	for (size_t i = 0; text && i < copy.len; i++) {
		if (text[i] == ',')
			text[i] = ' ';
	}
	return copy.ptr ? copy : WARD_STR("");
}

/* One that was added before, when the answer was lost, is taken out first. */
static ward_err add_items(struct carrying *carrying, struct ward_list_writer *writer,
		unsigned *added, struct ward_error *error)
{
	ward_str labels = record_labels(carrying);
	ward_err err = WARD_OK;

	for (size_t i = 0; i < carrying->count && !err; i++) {
		const struct intake_item *item = &carrying->items[i];
		struct ward_record record = { .labels = labels, .ref = item->id };
		uint64_t removed;

		/* The digest of an account's name is no fingerprint of a file. */
		if (!ward_str_eq(item->kind, WARD_STR("media")) || !fill_record(item, &record))
			continue;
		err = ward_list_writer_remove_ref(writer, record.ref, &removed, error);
		record.number = ward_list_writer_next(writer);
		if (!err)
			err = ward_list_writer_add(writer, &record, error);
		*added += !err;
	}
	return err;
}

static ward_err change_list(struct carrying *carrying, const struct snapshot *snapshot,
		struct ward_error *error)
{
	struct ward_list_writer *writer = NULL;
	unsigned added = 0;
	char path[4096];
	ward_err err = workspace_list_folder(snapshot->workspace, parameter(carrying, "list"), path,
			sizeof(path), error);

	if (!err)
		err = ward_list_change(path, &writer, error);
	if (!err)
		err = add_items(carrying, writer, &added, error);
	if (!err && added > 0)
		err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	snprintf(carrying->answer, sizeof(carrying->answer), "listed-%u", added);
	return err;
}

static ward_err done_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct carrying *carrying = context;

	return desk_action_tried(tx, carrying->action.id, true, false,
			ward_str_from(carrying->answer), error);
}

static ward_err carry_list(struct carrying *carrying, struct ward_error *error)
{
	struct server *server = carrying->carrier->server;
	const struct snapshot *snapshot;
	struct ward_error refresh;
	struct store_tx *tx;
	ward_err err = store_read(server->store, &tx, error);

	if (err)
		return err;
	err = read_about(carrying, tx, error);
	store_read_end(tx);
	if (err)
		return err;
	snapshot = live_acquire(server->live);
	err = change_list(carrying, snapshot, error);
	live_release(server->live, snapshot);
	if (!err && live_refresh(server->live, false, &refresh) != WARD_OK)
		log_error("refresh_failed", "code=%s", ward_err_name(refresh.code));
	return err ? err : store_write(server->store, done_work, carrying, error);
}

/* ---- one behind the other ---- */

struct trouble {
	const struct desk_action *action;
	ward_err err;
};

static ward_err trouble_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct trouble *trouble = context;

	return desk_action_tried(tx, trouble->action->id, false, carry_is_hopeless(trouble->err),
			ward_str_from(ward_err_name(trouble->err)), error);
}

static ward_err carry_one(struct carrier *carrier, const char *kind, struct ward_error *error)
{
	struct store *store = carrier->server->store;
	struct carrying carrying = { .carrier = carrier };
	struct ward_error own;

	ward_arena_init(&carrying.arena, ARENA_MAX);
	ward_err err = carry_next(store, kind, &carrying.arena, &carrying.action, error);

	if (!err) {
		struct trouble trouble = { &carrying.action, WARD_OK };

		carrying.parameters = tree_read(carrying.action.parameters, &own);
		trouble.err = !carrying.parameters ? WARD_E_FORMAT
			      : strcmp(kind, "hold") == 0
					      ? store_write(store, hold_work, &carrying, &own)
					      : carry_list(&carrying, &own);
		if (trouble.err) {
			log_error("action_failed", "action=%.*s kind=%s code=%s",
					WARD_FMT(carrying.action.id), kind,
					ward_err_name(trouble.err));
			err = store_write(store, trouble_work, &trouble, error);
		}
	}
	tree_free(carrying.parameters);
	ward_arena_free(&carrying.arena);
	return err;
}

static void work(struct every *every, void *context)
{
	static const char *const kinds[] = { "hold", "list" };
	struct carrier *carrier = context;
	struct ward_error error = { .code = WARD_OK };
	ward_err err = WARD_OK;

	/* The vault is there when the intake is. */
	if (!carrier->server->store || !carrier->server->intake)
		return;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		err = WARD_OK;
		for (int i = 0; i < ACTIONS_MAX && !err && !every_is_stopping(every); i++)
			err = carry_one(carrier, kinds[k], &error);
		if (err && err != WARD_E_NOT_FOUND)
			break;
	}
	if (err == WARD_E_NOT_FOUND)
		err = WARD_OK;
	if (err && !carrier->failed)
		log_error("carry_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
	carrier->failed = err != WARD_OK;
}

struct carrier *carrier_start(struct server *server)
{
	struct carrier *carrier = calloc(1, sizeof(*carrier));

	if (!carrier)
		return NULL;
	carrier->server = server;
	carrier->every = every_start(work, carrier);
	if (carrier->every)
		return carrier;
	free(carrier);
	return NULL;
}

void carrier_stop(struct carrier *carrier)
{
	if (!carrier)
		return;
	every_stop(carrier->every);
	free(carrier);
}
