/* A job's items are held for a letter, let go, or destroyed before their time. */
#include "api/filings.h"
#include "api/handlers.h"
#include "api/kept.h"
#include "api/two.h"
#include "base/clock.h"
#include "desk/jobs.h"
#include "vault/holds.h"

static struct vault_actor actor_of(const struct request *request, char room[ID_TEXT_MAX + 8])
{
	(void)snprintf(room, ID_TEXT_MAX + 8, "person:%s", request->person.id);
	return (struct vault_actor){ ward_str_from(room), ward_str_from(request->person.roles) };
}

/* ---- holding ---- */

struct holding {
	struct request *request;
	const struct kept_job *job;
	struct hold_wish wish;
};

static ward_err hold_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct holding *holding = context;
	struct hold_wish wish = holding->wish;
	char name[ID_TEXT_MAX + 8], id[ID_TEXT_MAX];
	struct vault_actor actor = actor_of(holding->request, name);
	ward_err err = WARD_OK;

	for (size_t i = 0; i < holding->job->count && !err; i++) {
		wish.item = holding->job->payloads[i];
		err = hold_place(request_vault(holding->request), tx, &wish, &actor, id, error);
	}
	return err;
}

/* Which clock is no part of the path: one that is not there is a word in the body that is wrong. */
static bool read_basis(struct request *request, const struct json_t *body, struct hold_wish *wish)
{
	if (!door_have_intake(request) || !door_text(request, body, "basis", &wish->basis) ||
			!door_text(request, body, "reference", &wish->reference))
		return false;
	if (legal_find(vault_legal(request_vault(request)), wish->basis))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"basis\" is the code of a clock: GET /v1/vault/clocks has them.");
	return false;
}

static bool read_hold(struct request *request, const struct json_t *body, struct hold_wish *wish)
{
	ward_str until = WARD_STR("");

	if (!kept_reason(request, body, &wish->reason) || !read_basis(request, body, wish) ||
			!door_text(request, body, "until", &until))
		return false;
	if (until.len == 0 || (clock_parse(until, &wish->until) && wish->until > clock_now()))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"until\" is a time ahead, as 2027-03-01 or 2027-03-01T12:00:00Z.");
	return false;
}

static void answer_items(struct request *request, const char *name, size_t count)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key_uint(&json, name, count);
	json_object_end(&json);
}

void handle_job_hold(struct request *request)
{
	struct json_t *body = door_object(request);
	struct holding holding = { .request = request };
	struct kept_job job;

	if (read_hold(request, body, &holding.wish)) {
		holding.job = &job;
		if (kept_job_begin(request, NULL, &job) &&
				door_write(request, hold_work, &holding)) {
			answer_items(request, "held", job.count);
			request->answer.status = 201;
		}
		kept_job_end(&job);
	}
	tree_free(body);
}

/* ---- letting go ---- */

struct letting_go {
	struct two two;
	struct vault_pair pair;
	ward_str reason;
	ward_str *holds;
	size_t count;
};

/* The confirmation is used up once, for all of them. */
static ward_err let_go_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct letting_go *letting_go = context;
	struct vault_pair each = letting_go->pair;
	ward_err err = letting_go->pair.use(letting_go->pair.context, tx, error);

	each.use = NULL;
	for (size_t i = 0; i < letting_go->count && !err; i++)
		err = hold_release(tx, letting_go->holds[i], &each, letting_go->reason, error);
	return err;
}

static bool find_holds(struct request *request, const struct kept_job *job,
		const struct hold_wish *wish, struct letting_go *letting_go,
		struct ward_arena *arena)
{
	struct door_look look;

	if (!door_look(request, &look))
		return false;
	ward_err err = desk_letter_holds(look.tx, job->id, wish->basis, wish->reference, arena,
			&letting_go->holds, &letting_go->count, &look.error);

	if (!err && letting_go->count == 0)
		err = ward_fail(&look.error, WARD_E_CONFLICT,
				"nothing of this job is held by this, or not any more");
	door_look_end(request, &look, err);
	return !err;
}

static void let_go(struct request *request, struct kept_job *job, const struct hold_wish *wish)
{
	static const struct two_kind kind = { "vault.release", "job", PEOPLE_VAULT_HOLD };
	struct letting_go letting_go = { .reason = wish->reason };

	if (!find_holds(request, job, wish, &letting_go, &job->arena))
		return;
	struct json json = two_begin(&letting_go.two, request, &kind, job->id);

	json_key_str(&json, "basis", wish->basis);
	json_key_str(&json, "reference", wish->reference);
	json_key_uint(&json, "holds", letting_go.count);
	json_key_str(&json, "newest", letting_go.holds[letting_go.count - 1]);
	if (two_ask(&letting_go.two, &json, wish->reason)) {
		letting_go.pair = two_pair(&letting_go.two);
		if (door_write(request, let_go_work, &letting_go))
			answer_items(request, "released", letting_go.count);
	}
	two_end(&letting_go.two);
}

void handle_job_holds_release(struct request *request)
{
	struct json_t *body = door_object(request);
	struct hold_wish wish = { .basis = WARD_STR(""), .reference = WARD_STR("") };
	struct kept_job job;

	if (kept_reason(request, body, &wish.reason) &&
			door_text(request, body, "basis", &wish.basis) &&
			door_text(request, body, "reference", &wish.reference)) {
		if (kept_job_begin(request, NULL, &job))
			let_go(request, &job, &wish);
		kept_job_end(&job);
	}
	tree_free(body);
}

/* ---- destroying ahead of time ---- */

static ward_err no_report_under_way(struct request *request, struct store_tx *tx,
		const struct kept_job *job, struct ward_arena *arena, struct ward_error *error)
{
	struct filing_question question = filings_viewer(request);
	struct filing_row *rows = NULL;
	size_t count = 0;

	question.job = job->id;
	question.rows_max = 1000;
	ward_err err = filing_find_rows(tx, &question, arena, &rows, &count, error);

	for (size_t i = 0; i < count && !err; i++) {
		if (!filing_state_final(rows[i].state))
			err = ward_fail(error, WARD_E_CONFLICT,
					"a report of this job is not over: finish it, or take it "
					"back");
	}
	return err;
}

/* No colleague is asked about what would be refused behind their answer. */
static ward_err no_other_hold(struct request *request, struct store_tx *tx,
		const struct kept_job *job, struct ward_arena *arena, struct ward_error *error)
{
	struct desk_letter_question question = { .viewer = kept_viewer(request),
		.job = job->id,
		.rows_max = 1000 };
	struct desk_letter_list list = { .count = 0 };
	ward_err err = desk_letters(tx, &question, arena, &list, error);

	for (size_t i = 0; i < list.count && !err; i++) {
		if (list.at[i].authority ||
				!hold_basis_is_own(request_vault(request), list.at[i].basis))
			err = ward_fail(error, WARD_E_CONFLICT,
					"an item is held by \"%.*s\", which is no rule of one's "
					"own: release that first, or wait for its end",
					WARD_FMT(list.at[i].basis));
	}
	return err;
}

static ward_err may_be_destroyed(struct request *request, struct store_tx *tx,
		const struct kept_job *job, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_job found;
	bool elsewhere = false;

	ward_arena_init(&arena, 16 << 20);
	ward_err err = desk_job_get(tx, job->id, ward_str_from(request->person.id), &arena, &found,
			error);

	if (!err && found.state == DESK_JOB_OPEN)
		err = ward_fail(error, WARD_E_CONFLICT,
				"the job is not decided: decide it before its items go");
	if (!err)
		err = desk_kept_elsewhere(tx, job->id, &elsewhere, error);
	if (!err && elsewhere)
		err = ward_fail(error, WARD_E_CONFLICT,
				"an item is of an open job, too: it is still needed");
	if (!err)
		err = no_report_under_way(request, tx, job, &arena, error);
	if (!err)
		err = no_other_hold(request, tx, job, &arena, error);
	ward_arena_free(&arena);
	return err;
}

struct destroying {
	struct two two;
	const struct kept_job *job;
};

/* In the work itself all of it is looked at again. */
static ward_err use_and_check(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct destroying *destroying = context;
	ward_err err = may_be_destroyed(destroying->two.request, tx, destroying->job, error);

	return err ? err : two_use(&destroying->two, tx, error);
}

static void destroy(struct request *request, const struct kept_job *job, ward_str reason)
{
	static const struct two_kind kind = { "vault.destroy", "job", PEOPLE_VAULT_DESTROY_SECOND };
	struct destroying destroying = { .job = job };
	struct ward_error error;
	struct json json = two_begin(&destroying.two, request, &kind, job->id);

	kept_job_detail(&json, job);
	if (two_ask(&destroying.two, &json, reason)) {
		struct vault_pair pair = two_pair(&destroying.two);

		pair.use = use_and_check;
		pair.context = &destroying;
		if (vault_destroy_early(request_vault(request), job->payloads, job->count, &pair,
				    reason, &error))
			door_failed(request, &error);
		else
			answer_items(request, "destroyed", job->count);
	}
	two_end(&destroying.two);
}

void handle_job_destruction(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	struct kept_job job;

	if (kept_reason(request, body, &reason)) {
		if (kept_job_begin(request, may_be_destroyed, &job))
			destroy(request, &job, reason);
		kept_job_end(&job);
	}
	tree_free(body);
}
