/*
 * Reports of jobs, from a decision to a receipt: the desk's actions are taken,
 * what is due is sent, and what a report that is over had is given back.
 */
#include "api/carry.h"
#include "api/every.h"
#include "api/filings.h"
#include "api/handover.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/exposure.h"
#include "filing/authority.h"
#include "vault/release.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	ARENA_MAX = 64 << 20,
	ACTIONS_MAX = 50,
	STEPS_MAX = 500, /* then settings are looked at again */
	TIDY_S = 60,
	RELEASE_S = 24 * 3600, /* of a report that is not on its way */
	PURPOSES_MAX = 256,
};

/* The clock of what was reported to NCMEC (share/legal-clocks.json). */
#define REPORTED "us-2258a-h"

struct sender {
	struct server *server;
	struct every *every;
	struct every *now; /* the same, for the thread itself */
	bool failed;       /* said once, not each time */
	uint64_t tidied_us;
};

static bool is_stopping(void *context)
{
	const struct sender *sender = context;

	return every_is_stopping(sender->now);
}

/* ---- from the desk ---- */

struct taken {
	const struct desk_action *action;
	ward_err err;
	const char *answer; /* of one that is done */
};

static ward_err taken_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct taken *taken = context;
	bool done = taken->err == WARD_OK;
	/* A report in another state does not come back by itself. */
	bool hopeless = carry_is_hopeless(taken->err) || taken->err == WARD_E_CONFLICT;

	return desk_action_tried(tx, taken->action->id, done, hopeless,
			ward_str_from(done ? taken->answer : ward_err_name(taken->err)), error);
}

/* A decision that names no draft gets one, for people to complete; one that is there stays. */
static ward_err begin_draft(struct sender *sender, struct filing *filing,
		const struct desk_action *action, const struct json_t *parameters,
		struct ward_error *error)
{
	ward_str incident = tree_text(tree_member(parameters, "incident"));
	ward_str authority = tree_text(tree_member(parameters, "authority"));
	const struct snapshot *snapshot = live_acquire(sender->server->live);
	ward_str email = ward_str_from(snapshot->settings->cybertip_email);
	char reference[256], name[ID_TEXT_MAX + 8], id[ID_TEXT_MAX];
	struct filing_actor actor = { .role = WARD_STR("") };
	struct ward_buf text;
	struct store_tx *tx;
	bool made;
	ward_err err = store_read(sender->server->store, &tx, error);

	ward_buf_init(&text, FILING_DRAFT_MAX);
	if (!err) {
		err = filings_begin(tx, action->job, incident, email, &text, error);
		store_read_end(tx);
	}
	live_release(sender->server->live, snapshot);
	filings_reference(action->job, authority, WARD_STR(""), reference);
	snprintf(name, sizeof(name), "person:%.*s", WARD_FMT(action->person));
	actor.actor = ward_str_from(name);
	if (!err)
		err = filing_draft_keep(filing, &actor,
				&(struct filing_draft_new){ .reference = ward_str_from(reference),
						.draft = ward_buf_text(&text),
						.job = action->job,
						.only_new = true,
						.authority = authority },
				id, &made, error);
	ward_buf_free(&text);
	return err;
}

/* One that nobody has described is nobody's: UNSUPPORTED, and put aside for people to see. */
static ward_err check_authority(struct sender *sender, const struct json_t *parameters,
		struct ward_error *error)
{
	const struct snapshot *snapshot = live_acquire(sender->server->live);
	struct filing_authority *authority = NULL;
	ward_err err = filing_authority_find(workspace_folder(snapshot->workspace),
			tree_text(tree_member(parameters, "authority")), &authority, error);

	live_release(sender->server->live, snapshot);
	filing_authority_free(authority);
	return err == WARD_E_NOT_FOUND
			       ? ward_fail(error, WARD_E_UNSUPPORTED, "there is no such authority")
			       : err;
}

static ward_err take_action(struct sender *sender, struct filing *filing, struct taken *taken,
		struct ward_error *error)
{
	struct json_t *parameters = tree_read(taken->action->parameters, error);
	bool named = tree_text(tree_member(parameters, "filing")).len > 0;
	ward_err err = parameters ? WARD_OK : WARD_E_FORMAT;

	taken->answer = named ? "approved" : "draft";
	if (!err && !filing_is_ncmec(taken->action))
		err = check_authority(sender, parameters, error);
	if (!err && named)
		err = filing_take(filing, taken->action, error);
	else if (!err)
		err = begin_draft(sender, filing, taken->action, parameters, error);
	tree_free(parameters);
	return err;
}

static ward_err take_one(struct sender *sender, struct filing *filing, struct ward_error *error)
{
	struct store *store = sender->server->store;
	struct desk_action action;
	struct taken taken = { .action = &action };
	struct ward_arena arena;
	struct ward_error own;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = carry_next(store, "report", &arena, &action, error);

	if (!err) {
		taken.err = take_action(sender, filing, &taken, &own);
		if (taken.err)
			log_error("action_failed", "action=%.*s kind=report code=%s",
					WARD_FMT(action.id), ward_err_name(taken.err));
		err = store_write(store, taken_work, &taken, error);
	}
	ward_arena_free(&arena);
	return err;
}

static ward_err take_actions(struct sender *sender, struct filing *filing, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 0; i < ACTIONS_MAX && !err && !is_stopping(sender); i++)
		err = take_one(sender, filing, error);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

/* ---- a report's files ---- */

struct evidence {
	struct server *server;
	struct vault_sender *key; /* NULL: there is none, and `why` says why */
	struct ward_error why;
	char purpose[VAULT_PURPOSE_MAX];
};

static ward_err open_item(void *context, ward_str item, void **stream, struct ward_error *error)
{
	struct evidence *evidence = context;
	struct vault_actor actor = { WARD_STR("system"), WARD_STR("") };
	struct vault_opening opening = { item, WARD_STR("filing"),
		WARD_STR("a report of it is sent") };
	struct vault_access *access = NULL;
	struct vault_pull *pull = NULL;

	if (!evidence->key)
		return ward_fail(error, WARD_E_DENIED, "%s", evidence->why.message);
	ward_err err = vault_sender_access(evidence->key, &actor, ward_str_from(evidence->purpose),
			&access, error);

	if (!err)
		err = vault_pull_open(evidence->server->vault, access, &opening, &pull, error);
	vault_access_free(access);
	if (!err)
		*stream = pull;
	return err;
}

static ward_err read_item(void *stream, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	return vault_pull_read(stream, into, room, len, error);
}

static void close_item(void *stream)
{
	vault_pull_close(stream);
}

static ward_err exposure(void *context, ward_str item, bool *viewed, bool *exif_viewed,
		struct ward_error *error)
{
	const struct evidence *evidence = context;
	struct exposure_viewed seen;
	struct store_tx *tx;
	ward_err err = store_read(evidence->server->store, &tx, error);

	if (err)
		return err;
	err = exposure_viewed(tx, item, &seen, error);
	store_read_end(tx);
	if (!err) {
		*viewed = seen.file_at != 0;
		*exif_viewed = seen.file_at != 0 && seen.metadata_at != 0;
	}
	return err;
}

/* ---- what a report that is over had ---- */

struct settling {
	struct server *server;
	ward_str id;
	bool is_old; /* what is not on its way has its files no longer */
};

/* The law's year, from the finish on; where the installation has no such clock, its own holds. */
static ward_err hold_files(struct settling *settling, struct store_tx *tx,
		const struct filing_row *row, struct ward_error *error)
{
	char reference[64];

	snprintf(reference, sizeof(reference), "CyberTipline %lld", (long long)row->report);
	return filings_hold(settling->server->vault, tx,
			&(struct filings_held){ row->id, WARD_STR(REPORTED),
					ward_str_from(reference),
					WARD_STR("it was reported to NCMEC") },
			error);
}

static ward_err settle(struct settling *settling, struct store_tx *tx, struct ward_arena *arena,
		struct ward_error *error)
{
	struct filing_question anybody = { .viewer = WARD_STR("") };
	char purpose[VAULT_PURPOSE_MAX];
	struct filing_row row;
	ward_err err = filing_see(tx, &anybody, settling->id, arena, &row, error);

	/* It was removed when its time was over. */
	if (err == WARD_E_NOT_FOUND)
		row = (struct filing_row){ .state = FILING_ABANDONED };
	else if (err)
		return err;
	bool over = row.state == FILING_FINISHED || row.state == FILING_RETRACTED ||
		    row.state == FILING_ABANDONED;

	err = WARD_OK;
	if (!over && !(settling->is_old && filing_state_final(row.state)))
		return WARD_OK;
	if (row.state == FILING_FINISHED)
		err = hold_files(settling, tx, &row, error);
	snprintf(purpose, sizeof(purpose), "filing:%.*s", WARD_FMT(settling->id));
	return err ? err : vault_release_end(tx, ward_str_from(purpose), error);
}

static ward_err settle_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = settle(context, tx, &arena, error);

	ward_arena_free(&arena);
	return err;
}

struct purposes {
	char ids[PURPOSES_MAX][ID_TEXT_MAX];
	size_t count;
};

static bool take_purpose(void *context, ward_str purpose)
{
	struct purposes *purposes = context;
	ward_str word = WARD_STR("filing:");

	if (ward_str_starts(purpose, word))
		snprintf(purposes->ids[purposes->count++], ID_TEXT_MAX, "%.*s",
				(int)(purpose.len - word.len), purpose.ptr + word.len);
	return purposes->count < PURPOSES_MAX;
}

/* Those that a kill left, and those that nobody has sent for a day. */
static ward_err tidy_before(struct sender *sender, int64_t before, bool is_old,
		struct ward_error *error)
{
	struct purposes *purposes = calloc(1, sizeof(*purposes));
	struct store_tx *tx;

	if (!purposes)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = store_read(sender->server->store, &tx, error);

	if (!err) {
		err = vault_release_list(tx, before, take_purpose, purposes, error);
		store_read_end(tx);
	}
	for (size_t i = 0; i < purposes->count && !err; i++) {
		struct settling settling = { sender->server, ward_str_from(purposes->ids[i]),
			is_old };

		err = store_write(sender->server->store, settle_work, &settling, error);
	}
	free(purposes);
	return err;
}

static ward_err tidy(struct sender *sender, struct ward_error *error)
{
	uint64_t now = clock_ticks_us();

	if (sender->tidied_us != 0 && now - sender->tidied_us < (uint64_t)TIDY_S * 1000000)
		return WARD_OK;
	sender->tidied_us = now;
	ward_err err = tidy_before(sender, clock_now(), false, error);

	return err ? err : tidy_before(sender, clock_now() - RELEASE_S, true, error);
}

/* ---- sending ---- */

static void say_where(struct filing *filing, ward_str id)
{
	struct filing_row row;
	struct ward_arena arena;
	struct ward_error error;

	ward_arena_init(&arena, ARENA_MAX);
	if (filing_get(filing, id, &arena, &row, &error) == WARD_OK)
		log_info("report", "filing=%.*s environment=%s state=%s%s%.*s code=%lld",
				WARD_FMT(row.id), filing_environment_name(row.environment),
				filing_state_name(row.state), row.alert.len > 0 ? " alert=" : "",
				WARD_FMT(row.alert), (long long)row.code);
	ward_arena_free(&arena);
}

/* Until it is done or has to wait; what it had is given back then. */
static ward_err send_one(struct sender *sender, struct filing *filing, struct evidence *evidence,
		ward_str id, struct ward_error *error)
{
	struct settling settling = { sender->server, id, false };
	bool more = true;
	ward_err err = WARD_OK;

	snprintf(evidence->purpose, sizeof(evidence->purpose), "filing:%.*s", WARD_FMT(id));
	while (!err && more && !is_stopping(sender))
		err = filing_step(filing, id, &more, error);
	if (!err) {
		say_where(filing, id);
		err = store_write(sender->server->store, settle_work, &settling, error);
	}
	return err;
}

static ward_err send_due(struct sender *sender, struct filing *filing, struct evidence *evidence,
		struct ward_error *error)
{
	char id[ID_TEXT_MAX];
	ward_err err = WARD_OK;

	for (int i = 0; i < STEPS_MAX && !err && !is_stopping(sender); i++) {
		err = filing_due(filing, id, error);
		if (!err)
			err = send_one(sender, filing, evidence, ward_str_from(id), error);
	}
	/* CONFLICT: another program is at it. */
	return err == WARD_E_NOT_FOUND || err == WARD_E_CONFLICT ? WARD_OK : err;
}

/* -1 when another program, as `ward report send`, sends now. */
static int take_lock(const struct snapshot *snapshot)
{
	char path[4096];
	int len = snprintf(path, sizeof(path), "%s/filing.lock",
			workspace_folder(snapshot->workspace));
	int lock = len > 0 && (size_t)len < sizeof(path)
				   ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
				   : -1;

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
		close(lock);
		lock = -1;
	}
	return lock;
}

static ward_err open_evidence(struct sender *sender, const struct snapshot *snapshot,
		struct evidence *evidence, struct ward_error *error)
{
	char path[4096];

	*evidence = (struct evidence){ .server = sender->server };
	snprintf(path, sizeof(path), "%s/keys/sender.key", workspace_folder(snapshot->workspace));
	ward_err err = vault_sender_read(sender->server->vault, path, &evidence->key,
			&evidence->why);

	/* Reports without files are sent all the same. */
	if (err == WARD_E_NOT_FOUND || err == WARD_E_DENIED || err == WARD_E_FORMAT)
		return WARD_OK;
	return err ? ward_fail(error, err, "%s", evidence->why.message) : WARD_OK;
}

static ward_err send_with(struct sender *sender, const struct snapshot *snapshot,
		const struct filing_wire *wire, struct ward_error *error)
{
	struct store *store = sender->server->store;
	struct evidence evidence;
	struct filing *filing = NULL;
	struct filing_options options = {
		.store = store,
		.wire = wire,
		.environment = filing_wire_environment(wire),
		.source = { open_item, read_item, close_item, exposure, &evidence },
		/* A server's store has other machines' senders, which our lock does not hold. */
		.alone = store_engine_of(store) == STORE_SQLITE,
		.share = FILING_OF_JOBS,
	};
	ward_err err = open_evidence(sender, snapshot, &evidence, error);

	if (!err)
		err = filing_new(&options, &filing, error);
	if (!err)
		err = send_due(sender, filing, &evidence, error);
	filing_free(filing);
	vault_sender_free(evidence.key);
	return err;
}

static ward_err send_all(struct sender *sender, const struct snapshot *snapshot,
		const struct filings_account *account, struct ward_error *error)
{
	struct filing_wire_options options = {
		.environment = account->environment,
		.url = ward_str_from(snapshot->settings->cybertip_url),
		.user = ward_str_from(account->credentials.user),
		.password = ward_str_from(account->credentials.password),
		.stop = is_stopping,
		.context = sender,
	};
	struct filing_wire *wire = NULL;
	ward_err err = filing_wire_new(&options, &wire, error);
	int lock = err ? -1 : take_lock(snapshot);

	if (!err && lock >= 0)
		err = send_with(sender, snapshot, wire, error);
	filing_wire_free(wire);
	if (lock >= 0)
		close(lock);
	return err;
}

/* ---- every moment ---- */

static ward_err take_and_send(struct sender *sender, const struct snapshot *snapshot,
		struct ward_error *error)
{
	struct filing_options options = { .store = sender->server->store };
	struct filings_account account;
	struct filing *filing = NULL;
	ward_err err = filings_account_read(snapshot, &account, error);

	if (err)
		return err;
	options.environment = account.environment;
	options.package_environment = filings_package_environment(snapshot);
	err = filing_new(&options, &filing, error);
	if (!err)
		err = take_actions(sender, filing, error);
	filing_free(filing);
	if (!err && snapshot->settings->cybertip_send && account.there)
		err = send_all(sender, snapshot, &account, error);
	filing_credentials_wipe(&account.credentials);
	return err ? err : tidy(sender, error);
}

/* Neither waits for the other: packages need no account with NCMEC, and one that cannot be kept
 * stops no report to it.
 */
static ward_err pass(struct sender *sender, const struct snapshot *snapshot,
		struct ward_error *error)
{
	struct ward_error packing;
	ward_err packed = handover_make(sender->server, snapshot, is_stopping, sender, &packing);
	ward_err err = take_and_send(sender, snapshot, error);

	if (!err && packed)
		*error = packing;
	return err ? err : packed;
}

static void work(struct every *every, void *context)
{
	struct sender *sender = context;
	struct ward_error error = { .code = WARD_OK };

	sender->now = every;
	/* The vault is there when the intake is. */
	if (!sender->server->store || !sender->server->intake)
		return;
	const struct snapshot *snapshot = live_acquire(sender->server->live);
	ward_err err = pass(sender, snapshot, &error);

	live_release(sender->server->live, snapshot);
	if (err && !sender->failed)
		log_error("sender_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
	sender->failed = err != WARD_OK;
}

struct sender *sender_start(struct server *server)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return NULL;
	sender->server = server;
	sender->every = every_start(work, sender);
	if (sender->every)
		return sender;
	free(sender);
	return NULL;
}

void sender_stop(struct sender *sender)
{
	if (!sender)
		return;
	every_stop(sender->every);
	free(sender);
}
