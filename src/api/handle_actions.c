#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"
#include "base/clock.h"

/* ---- actions ---- */

static void write_action(struct request *request, struct json *json, const void *row)
{
	(void)request;
	desk_json_action(json, row);
}

void handle_actions(struct request *request)
{
	ward_str word = request_query(request, "state");
	enum desk_action_state state = DESK_ACTION_WAITING;
	struct desk_action *actions;
	struct door_look look;
	unsigned limit;
	size_t count;

	if (word.len > 0 && !desk_action_state_parse(word, &state)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"state\" is waiting, due, done, dead or undone.");
		return;
	}
	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = desk_action_list(look.tx, door_actor(request).person, state,
			request_query(request, "after"), limit, &look.arena, &actions, &count,
			&look.error);

	if (!err)
		door_rows(request, "actions", actions, count, sizeof(*actions), write_action);
	door_look_end(request, &look, err);
}

static ward_err agree(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct desk_judgement *judgement = context;
	struct desk_actor actor = door_actor(judgement->request);

	return desk_action_agree(tx, &actor, door_path(judgement->request, 0), judgement->yes,
			judgement->reason, error);
}

void handle_action_agree(struct request *request)
{
	desk_json_judge(request, "agree", agree);
}

static ward_err revive(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	struct desk_actor actor = door_actor(request);

	return desk_action_revive(tx, &actor, door_path(request, 0), error);
}

void handle_action_revive(struct request *request)
{
	if (door_write(request, revive, request))
		door_done(request);
}

/* ---- counts ---- */

void handle_strikes(struct request *request)
{
	ward_str account = request_query(request, "account");
	struct ward_error error;
	struct store_tx *tx;
	int64_t weight = 0;

	if (account.len == 0) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "Say whose: \"account\".");
		return;
	}
	if (!door_read(request, &tx))
		return;
	if (desk_strikes(tx, account, &weight, &error)) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key_int(&json, "weight", weight);
		json_object_end(&json);
	}
	store_read_end(tx);
}

void handle_agreement(struct request *request)
{
	struct desk_agreement agreement;
	int64_t days = 90;
	struct ward_error error;
	struct store_tx *tx;

	if (!request_number(request, "days", 1, 3660, &days) || !door_read(request, &tx))
		return;
	if (desk_agreement(tx, request_query(request, "queue"), clock_now() - days * 86400,
			    &agreement, &error)) {
		door_failed(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key_int(&json, "pairs", agreement.pairs);
		json_key_int(&json, "agreed", agreement.agreed);
		json_key(&json, "kappa");
		if (agreement.has_kappa)
			json_double(&json, agreement.kappa, 4);
		else
			json_null(&json);
		json_object_end(&json);
	}
	store_read_end(tx);
}
