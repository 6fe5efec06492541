#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"
#include "api/opening.h"
#include "intake/intake.h"
#include "vault/vault.h"

enum { WORDS_MAX = 20000, TOLD_MAX = WORDS_MAX * 6 + 256, ORIGIN_MAX = 80, ACTOR_MAX = 128 };

/* ---- making one ---- */

struct appealing {
	struct request *request;
	ward_str words;
	char actor[ACTOR_MAX];
	struct vault_sealed *sealed; /* NULL without words */
	char id[ID_TEXT_MAX];
};

/* A key appeals for whom it reported, or was told of: a report of its own is in the job. */
static ward_err check_holder(struct door_look *look, const struct request *request, ward_str job)
{
	struct desk_names reports = { .count = 0 };
	ward_err err = desk_job_reports(look->tx, job, &look->arena, &reports, &look->error);

	for (size_t i = 0; !err && i < reports.count; i++) {
		struct intake_report report;

		err = intake_get(look->tx, reports.at[i], &look->arena, &report, &look->error);
		if (!err && ward_str_eq(report.holder, ward_str_from(request->key_name)) &&
				report.at >= request->key_created)
			return WARD_OK;
	}
	return err ? err : ward_fail(&look->error, WARD_E_NOT_FOUND, "there is no such decision");
}

/* Of a decision that they may know of; false with a problem. */
static bool check_decision(struct request *request)
{
	struct door_look look;
	ward_str job;

	if (!door_look(request, &look))
		return false;
	bool person = request->person.id[0] != '\0';
	ward_err err = desk_decision_job(look.tx,
			person ? door_actor(request).person : WARD_STR(""), door_path(request, 0),
			&look.arena, &job, &look.error);

	if (!err && !person)
		err = check_holder(&look, request, job);
	door_look_end(request, &look, err);
	return !err;
}

/* Somebody's words: sealed as whatever comes in is. */
static bool seal(struct appealing *appealing)
{
	struct request *request = appealing->request;
	ward_str decision = door_path(request, 0);
	char origin[ORIGIN_MAX];
	struct ward_error error;

	if (appealing->words.len == 0)
		return true;
	(void)snprintf(origin, sizeof(origin), "appeal:%.*s", WARD_FMT(decision));
	const struct vault_arrival arrival = {
		.bytes = { (const uint8_t *)appealing->words.ptr, appealing->words.len },
		.kind = WARD_STR("text/plain"),
		.origin = ward_str_from(origin),
	};

	if (!request_vault(request)) {
		request_trouble(request, PROBLEM_NO_STORE, "Nothing was kept: send it again.");
		return false;
	}
	if (vault_seal(request_vault(request), &arrival, &appealing->sealed, &error) == WARD_OK)
		return true;
	door_failed(request, &error);
	return false;
}

static ward_err add(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct appealing *appealing = context;
	const struct vault_actor actor = { ward_str_from(appealing->actor),
		ward_str_from(appealing->request->person.roles) };
	ward_str item = WARD_STR("");
	ward_err err = WARD_OK;

	if (appealing->sealed) {
		item = ward_str_from(vault_sealed_facts(appealing->sealed)->id);
		err = vault_put(tx, appealing->sealed, &actor, error);
	}
	return err ? err
		   : desk_appeal_add(tx,
				     appealing->request->person.id[0]
						     ? ward_str_from(appealing->request->person.id)
						     : ward_str_from(appealing->actor),
				     door_path(appealing->request, 0), item, appealing->id, error);
}

void handle_appeal_add(struct request *request)
{
	struct appealing appealing = { .request = request, .words = WARD_STR("") };
	struct json_t *body = door_object(request);
	bool person = request->person.id[0] != '\0';

	(void)snprintf(appealing.actor, sizeof(appealing.actor), person ? "person:%s" : "key:%s",
			person ? request->person.id : request->key_name);
	if (!body || !door_text(request, body, "words", &appealing.words)) {
		/* It is told. */
	} else if (appealing.words.len > WORDS_MAX) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"words\" has at most %d bytes.",
				WORDS_MAX);
	} else if (door_have_intake(request) && check_decision(request) && seal(&appealing) &&
			door_write(request, add, &appealing)) {
		struct json json = request_json(request);

		json_object(&json);
		json_key_text(&json, "appeal", appealing.id);
		json_object_end(&json);
		request->answer.status = 201;
	}
	vault_sealed_free(appealing.sealed);
	tree_free(body);
}

/* ---- looking, and settling ---- */

static void write_appeal(struct request *request, struct json *json, const void *row)
{
	(void)request;
	desk_json_appeal(json, row);
}

void handle_appeals(struct request *request)
{
	ward_str word = request_query(request, "state");
	enum desk_appeal_state state = DESK_APPEAL_OPEN;
	struct desk_appeal *appeals;
	struct door_look look;
	unsigned limit;
	size_t count;

	if (word.len > 0 && !desk_appeal_state_parse(word, &state)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"state\" is open, upheld or reversed.");
		return;
	}
	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = desk_appeal_list(look.tx, door_actor(request).person, state,
			request_query(request, "after"), limit, &look.arena, &appeals, &count,
			&look.error);

	if (!err)
		door_rows(request, "appeals", appeals, count, sizeof(*appeals), write_appeal);
	door_look_end(request, &look, err);
}

static ward_err settle(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_judgement *judgement = context;
	struct desk_actor actor = door_actor(judgement->request);

	return desk_appeal_settle(tx, &actor, door_path(judgement->request, 0), judgement->yes,
			judgement->reason, error);
}

void handle_appeal_settle(struct request *request)
{
	desk_json_judge(request, "reverse", settle);
}

/* ---- its words ---- */

static void write_words(struct request *request, struct ward_buf *text)
{
	request_secret(request, TOLD_MAX);
	struct json json = request_json(request);

	json_object(&json);
	json_key_str(&json, "text", ward_buf_text(text));
	json_object_end(&json);
}

static void answer_words(struct request *request, const struct desk_appeal *appeal, ward_str reason)
{
	const struct desk_looking looking = { .item = { .payload = appeal->item },
		.job = appeal->job };
	const struct opening opening = { &looking, "L0", reason };
	struct ward_buf text;

	ward_buf_init(&text, WORDS_MAX + 1);
	if (!ward_buf_reserve(&text, WORDS_MAX))
		request_trouble(request, PROBLEM_INTERNAL, "Out of memory; ask again.");
	else if (opening_text(request, &opening, &text))
		write_words(request, &text);
	if (text.ptr)
		explicit_bzero(text.ptr, text.len);
	ward_buf_free(&text);
}

void handle_appeal_text(struct request *request)
{
	struct json_t *body = door_object(request);
	ward_str reason = WARD_STR("");
	struct desk_appeal appeal;
	struct door_look look;

	if (body && door_text(request, body, "reason", &reason) && door_look(request, &look)) {
		ward_err err = desk_appeal_get(look.tx, door_actor(request).person,
				door_path(request, 0), &look.arena, &appeal, &look.error);

		/* The store is let go before the vault asks it for more. */
		store_read_end(look.tx);
		if (err)
			door_failed(request, &look.error);
		else if (appeal.item.len == 0)
			request_trouble(request, PROBLEM_CONFLICT, "This appeal has no words.");
		else if (opening_may(request))
			answer_words(request, &appeal, reason);
		ward_arena_free(&look.arena);
	}
	tree_free(body);
}
