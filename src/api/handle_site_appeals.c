#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"
#include "api/site_lift.h"
#include "base/log.h"

enum { ARENA_MAX = 1 << 20 };

/* ---- looking ---- */

static void write_appeal(struct request *request, struct json *json, const void *row)
{
	const struct intake_site_appeal *appeal = row;

	(void)request;
	json_object(json);
	json_key_str(json, "id", appeal->id);
	door_key_time(json, "at", appeal->at);
	json_key_str(json, "blocked", appeal->blocked);
	json_key_str(json, "list", appeal->list);
	json_key_str(json, "entry", appeal->entry);
	door_key_text(json, "host", appeal->host);
	json_key_bool(json, "ordered", appeal->ordered);
	json_key_str(json, "language", appeal->language);
	json_key_str(json, "words", appeal->words);
	door_key_text(json, "contact", appeal->contact);
	json_key_text(json, "state", intake_site_state_name(appeal->state));
	door_key_text(json, "person", appeal->person);
	door_key_text(json, "reason", appeal->reason);
	door_key_time(json, "settled_at", appeal->settled_at);
	door_key_time(json, "applied_at", appeal->applied_at);
	json_object_end(json);
}

void handle_site_appeals(struct request *request)
{
	ward_str word = request_query(request, "state");
	enum intake_site_state state = INTAKE_SITE_OPEN;
	struct intake_site_appeal *appeals;
	struct door_look look;
	unsigned limit;
	size_t count;

	if (word.len > 0 && !intake_site_state_parse(word, &state)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"state\" is open, kept or lifted.");
		return;
	}
	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = intake_site_appeal_list(look.tx, state, request_query(request, "after"),
			limit, &look.arena, &appeals, &count, &look.error);

	if (!err)
		door_rows(request, "appeals", appeals, count, sizeof(*appeals), write_appeal);
	door_look_end(request, &look, err);
}

/* ---- settling ---- */

/* What could not be done is not decided. */
static ward_err settle(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_judgement *judgement = context;
	struct desk_actor actor = door_actor(judgement->request);
	char name[128];
	ward_str id = door_path(judgement->request, 0);
	struct intake_site_appeal appeal;
	struct ward_arena arena;

	snprintf(name, sizeof(name), "person:%.*s", WARD_FMT(actor.person));
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = intake_site_appeal_get(tx, id, &arena, &appeal, error);

	if (!err)
		err = intake_site_appeal_settle(tx,
				&(struct vault_actor){ ward_str_from(name), actor.role }, id,
				judgement->yes, judgement->reason, error);
	if (!err && judgement->yes)
		err = site_lift_check(judgement->request->snapshot->workspace, &appeal, error);
	ward_arena_free(&arena);
	return err;
}

void handle_site_appeal_settle(struct request *request)
{
	struct ward_error error;
	uint64_t done;

	desk_json_judge(request, "lift", settle);
	/* It is decided; what cannot be done just now is done within a minute. */
	if (request_store(request) && site_lift_due(request->snapshot->workspace,
						      request_store(request), &done, &error))
		log_error("lift_failed", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}
