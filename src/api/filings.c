#include "api/filings.h"

#include "api/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/jobs.h"
#include "intake/intake.h"
#include "vault/holds.h"
#include "vault/release.h"
#include "vault/vault_keys.h"

enum { ARENA_MAX = 128 << 20 };

/* ---- the account ---- */

ward_err filings_account_read(const struct snapshot *snapshot, struct filings_account *account,
		struct ward_error *error)
{
	const struct settings *settings = snapshot->settings;
	const char *name = settings->cybertip_credentials;
	char path[4096];
	struct filings_account read = { .there = true };
	int len = snprintf(path, sizeof(path), "%s%s%s",
			name[0] == '/' ? "" : workspace_folder(snapshot->workspace),
			name[0] == '/' ? "" : "/", name);

	if (len < 0 || (size_t)len >= sizeof(path))
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	ward_err err = filing_credentials_read(path, &read.credentials, error);

	if (err == WARD_E_NOT_FOUND) {
		read.there = false;
		err = WARD_OK;
	}
	if (err)
		return err;
	read.environment = filing_environment_of(settings->cybertip_production,
			read.there ? &read.credentials : NULL);
	*account = read;
	return WARD_OK;
}

struct filing *filings_open(struct request *request)
{
	struct filing_options options = { .store = request_store(request) };
	struct filings_account account;
	struct filing *filing = NULL;
	struct ward_error error;
	ward_err err;

	if (!door_have_intake(request))
		return NULL;
	err = filings_account_read(request->snapshot, &account, &error);
	if (!err) {
		options.environment = account.environment;
		options.package_environment = filings_package_environment(request->snapshot);
		filing_credentials_wipe(&account.credentials);
		err = filing_new(&options, &filing, &error);
	}
	if (err) {
		/* That the account's file cannot be read is the operator's to mend. */
		log_error("no_account", "request=%s code=%s message=\"%s\"", request->id,
				ward_err_name(err), error.message);
		request_failure(request, &(struct ward_error){ .code = WARD_E_CORRUPT });
		return NULL;
	}
	return filing;
}

struct filing_actor filings_actor(const struct request *request, char room[ID_TEXT_MAX + 8])
{
	snprintf(room, ID_TEXT_MAX + 8, "person:%s", request->person.id);
	return (struct filing_actor){ ward_str_from(room), ward_str_from(request->person.roles) };
}

struct filing_question filings_viewer(const struct request *request)
{
	return (struct filing_question){ .viewer = ward_str_from(request->person.id),
		.labels = door_may(request, PEOPLE_JOB_DECIDE) };
}

static int at_most(ward_str text)
{
	return (int)(text.len < 64 ? text.len : 64);
}

void filings_reference(ward_str job, ward_str authority, ward_str name, char reference[256])
{
	bool other = authority.len > 0 && !ward_str_eq(authority, WARD_STR("ncmec"));

	snprintf(reference, 256, "job:%.*s%s%.*s%s%.*s", at_most(job), job.ptr, other ? "@" : "",
			other ? at_most(authority) : 0, other ? authority.ptr : "",
			name.len > 0 ? "/" : "", at_most(name), name.ptr ? name.ptr : "");
}

enum filing_environment filings_package_environment(const struct snapshot *snapshot)
{
	return snapshot->settings->cybertip_production ? FILING_PRODUCTION : FILING_TEST;
}

/* ---- releasing items ---- */

struct releasing {
	struct request *request;
	const struct filing_row *row;
	struct ward_arena arena;
	ward_str *items;
	size_t count;
	bool released;
	char purpose[VAULT_PURPOSE_MAX];
};

static ward_err is_of_job(struct store_tx *tx, struct ward_arena *arena,
		const struct desk_names *items, ward_str payload, bool *found,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	*found = false;
	for (size_t i = 0; i < items->count && !*found && !err; i++) {
		struct intake_item item = { .payload = { NULL, 0 } };

		err = intake_item_get(tx, items->at[i], arena, &item, error);
		*found = !err && ward_str_eq(item.payload, payload);
	}
	return err;
}

/* The report's files, which are items of its job. */
static ward_err read_items(struct releasing *releasing, struct store_tx *tx,
		struct ward_error *error)
{
	const struct filing_row *row = releasing->row;
	struct filing_file_row *files = NULL;
	struct desk_names items = { 0 };
	size_t count = 0;
	ward_err err = filing_files(tx, row->id, &releasing->arena, &files, &count, error);

	if (!err && count > 0)
		err = desk_job_items(tx, row->job, &releasing->arena, &items, error);
	if (err)
		return err;
	releasing->items = ward_new(&releasing->arena, ward_str, count + 1);
	if (!releasing->items)
		return ward_fail(error, WARD_E_NOMEM, "that many files do not fit");
	for (size_t i = 0; i < count && !err; i++) {
		bool found = false;

		err = is_of_job(tx, &releasing->arena, &items, files[i].item, &found, error);
		if (!err && !found)
			err = ward_fail(error, WARD_E_CONFLICT,
					"the draft names a file that is no item of its job");
		releasing->items[i] = files[i].item;
	}
	releasing->count = count;
	return err ? err
		   : vault_is_released(tx, releasing->items, count,
				     ward_str_from(releasing->purpose), &releasing->released,
				     error);
}

static ward_err release_by(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *error)
{
	struct releasing *releasing = context;
	struct vault *vault = releasing->request->server->vault;
	char name[ID_TEXT_MAX + 8];
	struct filing_actor who = filings_actor(releasing->request, name);
	struct vault_actor actor = { who.actor, who.role };
	struct vault_access *access = NULL;
	ward_err err = vault_unlock(vault, &actor, secret_key, &access, error);

	(void)public_key;
	if (!err)
		err = vault_release(vault, access, releasing->items, releasing->count,
				ward_str_from(releasing->purpose),
				WARD_STR("a report of it is let go"), error);
	vault_access_free(access);
	/* It is missing, which is no 404 of the report that was asked for. */
	return err == WARD_E_NOT_FOUND ? ward_fail(error, WARD_E_CONFLICT, "%s", error->message)
				       : err;
}

static bool release_now(struct releasing *releasing)
{
	struct request *request = releasing->request;
	struct people_login *login = request_login(request);
	struct people_ring *ring = login ? people_login_ring(login) : NULL;
	ward_str session = ward_str_from(request->session.id);
	struct ward_error error;

	if (!ring || people_ring_left(ring, session) == 0) {
		request_trouble(request, PROBLEM_LOCKED,
				"Unlock your vault key first (/v1/session/unlock): who lets a "
				"report go releases its files.");
		return false;
	}
	if (people_ring_borrow(ring, session, release_by, releasing, &error) == WARD_OK)
		return true;
	door_failed(request, &error);
	return false;
}

bool filings_release(struct request *request, const struct filing_row *row)
{
	struct releasing releasing = { .request = request, .row = row };
	struct ward_error error;
	struct store_tx *tx;

	if (!door_read(request, &tx))
		return false;
	snprintf(releasing.purpose, sizeof(releasing.purpose), "filing:%.*s", WARD_FMT(row->id));
	ward_arena_init(&releasing.arena, ARENA_MAX);
	ward_err err = read_items(&releasing, tx, &error);

	store_read_end(tx);
	if (err)
		door_failed(request, &error);
	/* A package has no files in it: they travel sealed, by an export of two persons. */
	bool fine = !err && (releasing.count == 0 || releasing.released ||
					    !filing_row_is_ncmec(row) || release_now(&releasing));

	ward_arena_free(&releasing.arena);
	return fine;
}

static bool release_named(struct request *request, ward_str job, ward_str id)
{
	struct filing_question viewer = filings_viewer(request);
	struct filing_row row;
	struct door_look look;

	if (!door_look(request, &look))
		return false;
	ward_err err = filing_see(look.tx, &viewer, id, &look.arena, &row, &look.error);

	if (!err && !ward_str_eq(row.job, job))
		err = ward_fail(&look.error, WARD_E_CONFLICT,
				"the report that the action names is of another job");
	store_read_end(look.tx);
	if (err)
		door_failed(request, &look.error);
	bool fine = !err && filings_release(request, &row);

	ward_arena_free(&look.arena);
	return fine;
}

bool filings_release_asked(struct request *request, ward_str job, ward_str parameters)
{
	struct json_t *root = tree_read(parameters, NULL);
	ward_str id = tree_text(tree_member(root, "filing"));
	bool fine = true;

	if (id.len > 0 && !door_may(request, PEOPLE_REPORT_APPROVE)) {
		request_trouble(request, PROBLEM_PERMISSION,
				"Naming the draft sends it, which wants the permission "
				"\"report.approve\": without it, a colleague approves the draft.");
		fine = false;
	} else if (id.len > 0) {
		fine = release_named(request, job, id);
	}
	tree_free(root);
	return fine;
}

/* ---- what a report that is over had ---- */

struct placed {
	const struct filings_held *held;
	bool found;
};

static bool look_at_hold(void *context, const struct hold *hold)
{
	struct placed *placed = context;

	placed->found = ward_str_eq(ward_str_from(hold->basis), placed->held->basis) &&
			ward_str_eq(ward_str_from(hold->reference), placed->held->reference);
	return !placed->found;
}

static ward_err hold_file(struct vault *vault, struct store_tx *tx, ward_str item,
		const struct filings_held *held, struct ward_error *error)
{
	struct placed placed = { held, false };
	char id[ID_TEXT_MAX];
	ward_err err = hold_list(tx, &(struct hold_question){ .item = item, .holds_max = 1000 },
			look_at_hold, &placed, error);

	if (err || placed.found)
		return err;
	err = hold_place(vault, tx,
			&(struct hold_wish){ .item = item,
					.basis = held->basis,
					.reference = held->reference,
					.reason = held->reason },
			&(struct vault_actor){ WARD_STR("system"), WARD_STR("") }, id, error);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

ward_err filings_hold(struct vault *vault, struct store_tx *tx, const struct filings_held *held,
		struct ward_error *error)
{
	struct filing_file_row *files = NULL;
	struct ward_arena arena;
	size_t count = 0;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_files(tx, held->filing, &arena, &files, &count, error);

	for (size_t i = 0; i < count && !err; i++)
		err = hold_file(vault, tx, files[i].item, held, error);
	ward_arena_free(&arena);
	return err;
}

/* ---- answers ---- */

void filings_json(struct json *json, const struct filing_row *row)
{
	bool waits = !filing_state_final(row->state);

	json_key_str(json, "id", row->id);
	door_key_text(json, "job", row->job);
	json_key_str(json, "reference", row->reference);
	json_key_str(json, "authority", row->authority);
	json_key_text(json, "environment", filing_environment_name(row->environment));
	json_key_text(json, "state", filing_state_name(row->state));
	door_key_text(json, "alert", row->alert);
	json_key_int(json, "code", row->code);
	door_key_text(json, "message", row->message);
	json_key(json, "report");
	if (row->report > 0)
		json_int(json, row->report);
	else
		json_null(json);
	door_key_text(json, "wish", row->wish);
	door_key_text(json, "action", row->action);
	json_key_str(json, "draft_sha256", row->draft_sha256);
	json_key_int(json, "persons", row->persons);
	json_key_int(json, "approvals", row->approvals);
	json_key_int(json, "files", row->files);
	json_key_int(json, "files_sent", row->files_sent);
	json_key_int(json, "files_told", row->files_told);
	json_key_int(json, "tries", row->tries);
	door_key_time(json, "due_at", waits ? row->due_at : 0);
	door_key_time(json, "created_at", row->created_at);
	door_key_time(json, "approved_at", row->approved_at);
	door_key_time(json, "finished_at", row->finished_at);
	door_key_time(json, "changed_at", row->changed_at);
}

static void write_findings(struct json *json, const struct filing_findings *findings)
{
	json_key_bool(json, "sound", filing_sound(findings));
	json_key_uint(json, "errors", findings->errors);
	json_key_uint(json, "warnings", findings->warnings);
	json_key(json, "findings");
	json_array(json);
	for (const struct filing_finding *each = findings->first; each; each = each->next) {
		json_object(json);
		json_key_text(json, "rule", each->rule);
		json_key_text(json, "severity",
				each->severity == FILING_ERROR ? "error" : "warning");
		json_key_text(json, "path", each->path);
		json_key_text(json, "says", each->says);
		json_object_end(json);
	}
	json_array_end(json);
}

ward_err filings_checked_json(struct json *json, const struct filing_row *row,
		struct ward_error *error)
{
	struct filing_check check = { clock_now(), false, 0 };
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, row->draft, &draft, &findings, error);

	if (!err) {
		filing_check_draft(&draft, &check, &findings);
		json_object(json);
		json_key_str(json, "id", row->id);
		json_key_str(json, "sha256", row->draft_sha256);
		write_findings(json, &findings);
		json_object_end(json);
	}
	ward_arena_free(&arena);
	return err;
}
