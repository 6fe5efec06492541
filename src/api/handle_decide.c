#include "api/desk_json.h"
#include "api/door.h"
#include "api/filings.h"
#include "api/handlers.h"

enum { BULK_MAX = 1000 };

/* ---- reading what is asked ---- */

struct ask {
	struct request *request;
	struct desk_asked asked;
	struct desk_asked_action actions[DESK_ACTIONS_MAX];
	struct ward_arena arena; /* of the actions' parameters, written out */
	char decision[ID_TEXT_MAX];
};

static bool read_outcome(struct request *request, const struct json_t *body,
		enum desk_outcome *outcome)
{
	ward_str text = WARD_STR("");

	if (!door_text(request, body, "outcome", &text))
		return false;
	if (desk_outcome_parse(text, outcome))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"outcome\" is violation, none or escalate.");
	return false;
}

static bool read_action(struct ask *ask, const struct json_t *action)
{
	const struct json_t *parameters = tree_member(action, "parameters");
	struct desk_asked_action *to = &ask->actions[ask->asked.action_count];
	struct ward_buf text;

	if (!tree_is_object(action) || !tree_is_text(tree_member(action, "kind")) ||
			!(tree_is_null(parameters) || tree_is_object(parameters))) {
		request_trouble(ask->request, PROBLEM_BAD_REQUEST,
				"Each action is an object with \"kind\", and \"parameters\", an "
				"object.");
		return false;
	}
	to->kind = tree_text(tree_member(action, "kind"));
	to->parameters = WARD_STR("");
	if (tree_is_object(parameters)) {
		ward_buf_init(&text, 1 << 16);
		tree_write(parameters, &text);
		to->parameters = ward_arena_str(&ask->arena, ward_buf_text(&text));
		bool failed = text.failed || !to->parameters.ptr;

		ward_buf_free(&text);
		if (failed) {
			request_trouble(ask->request, PROBLEM_TOO_LARGE,
					"An action's parameters are too long.");
			return false;
		}
	}
	ask->asked.action_count++;
	return true;
}

static bool read_actions(struct ask *ask, const struct json_t *body)
{
	const struct json_t *actions = tree_member(body, "actions");

	ask->asked.actions = ask->actions;
	if (tree_is_null(actions))
		return true;
	if (!tree_is_array(actions) || tree_count(actions) > DESK_ACTIONS_MAX) {
		request_trouble(ask->request, PROBLEM_BAD_REQUEST,
				"\"actions\" is an array of at most %d actions.", DESK_ACTIONS_MAX);
		return false;
	}
	for (size_t i = 0; i < tree_count(actions); i++) {
		if (!read_action(ask, tree_at(actions, i)))
			return false;
	}
	return true;
}

static bool read_ask(struct ask *ask, const struct json_t *body)
{
	struct request *request = ask->request;
	struct desk_asked *asked = &ask->asked;

	*asked = (struct desk_asked){ .policy = WARD_STR(""),
		.labels = WARD_STR(""),
		.reason = WARD_STR(""),
		.undo_s = -1 };
	return read_outcome(request, body, &asked->outcome) &&
	       door_text(request, body, "policy", &asked->policy) &&
	       door_text(request, body, "labels", &asked->labels) &&
	       door_text(request, body, "reason", &asked->reason) &&
	       door_text(request, body, "queue", &asked->queue) &&
	       door_int(request, body, "undo_seconds", 0, 3600, &asked->undo_s) &&
	       read_actions(ask, body);
}

/* ---- one ---- */

static ward_err decide(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct ask *ask = context;
	struct desk_actor actor = door_actor(ask->request);

	return desk_decide(tx, &actor, &ask->asked, ask->decision, error);
}

/* A draft that an action names is let go by it. */
static bool let_go(const struct ask *ask)
{
	bool fine = true;

	for (size_t i = 0; fine && i < ask->asked.action_count; i++) {
		const struct desk_asked_action *action = &ask->asked.actions[i];

		if (ward_str_eq(action->kind, WARD_STR("report")) && action->parameters.len > 0)
			fine = filings_release_asked(ask->request, ask->asked.job,
					action->parameters);
	}
	return fine;
}

void handle_job_decide(struct request *request)
{
	struct ask ask = { .request = request };
	struct json_t *body = door_object(request);

	ward_arena_init(&ask.arena, 1 << 20);
	if (body && read_ask(&ask, body)) {
		ask.asked.job = door_path(request, 0);
		if (let_go(&ask) && door_write(request, decide, &ask)) {
			struct json json = request_json(request);

			json_object(&json);
			json_key_text(&json, "decision", ask.decision);
			json_key_int(&json, "undo_seconds",
					ask.asked.undo_s < 0 ? DESK_UNDO_S : ask.asked.undo_s);
			json_object_end(&json);
			request->answer.status = 201;
		}
	}
	ward_arena_free(&ask.arena);
	tree_free(body);
}

struct undoing {
	struct request *request;
	ward_str reason;
};

static ward_err undo(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct undoing *undoing = context;
	struct desk_actor actor = door_actor(undoing->request);

	return desk_undo(tx, &actor, door_path(undoing->request, 0), undoing->reason, error);
}

void handle_decision_undo(struct request *request)
{
	struct undoing undoing = { .request = request, .reason = WARD_STR("") };
	struct json_t *body = door_object(request);

	if (body && door_text(request, body, "reason", &undoing.reason) &&
			door_write(request, undo, &undoing))
		door_done(request);
	tree_free(body);
}

static void write_decision(struct request *request, struct json *json, const void *row)
{
	(void)request;
	desk_json_decision(json, row);
}

void handle_decisions(struct request *request)
{
	ward_str viewer = door_actor(request).person, person = request_query(request, "person");
	struct desk_decision *decisions;
	struct door_look look;
	unsigned limit;
	size_t count;

	/* Others' decisions are for those who search; one's own are one's own. */
	if (!door_may(request, PEOPLE_JOB_SEARCH))
		person = viewer;
	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = desk_decision_recent(look.tx, viewer, person,
			request_query(request, "before"), limit, &look.arena, &decisions, &count,
			&look.error);

	if (!err)
		door_rows(request, "decisions", decisions, count, sizeof(*decisions),
				write_decision);
	door_look_end(request, &look, err);
}

/* ---- many, or what would become of them ---- */

struct bulk {
	struct ask ask;
	const struct json_t *jobs;
	bool dry_run;
	bool would; /* of a dry run: it would have been decided */
	char decision[ID_TEXT_MAX];
};

/* A dry run does it all, and is undone. */
static ward_err decide_one(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct bulk *bulk = context;
	struct desk_actor actor = door_actor(bulk->ask.request);
	ward_err err = desk_job_take_one(tx, &actor, NULL, bulk->ask.asked.job, error);

	bulk->would = false;
	if (!err)
		err = desk_decide(tx, &actor, &bulk->ask.asked, bulk->decision, error);
	bulk->would = !err && bulk->dry_run;
	return bulk->would ? ward_fail(error, WARD_E_CONFLICT, "a dry run is undone") : err;
}

static void decide_each(struct bulk *bulk, struct json *json)
{
	struct request *request = bulk->ask.request;

	for (size_t i = 0; i < tree_count(bulk->jobs); i++) {
		struct ward_error error;

		bulk->ask.asked.job = tree_text(tree_at(bulk->jobs, i));
		ward_err err = store_write(request_store(request), decide_one, bulk, &error);
		bool fine = !err || bulk->would;

		json_object(json);
		json_key_str(json, "job", bulk->ask.asked.job);
		json_key_bool(json, "fine", fine);
		if (!fine) {
			json_key_text(json, "code", ward_err_name(err));
			json_key_text(json, "says", error.message);
		} else if (!bulk->dry_run) {
			json_key_text(json, "decision", bulk->decision);
		}
		json_object_end(json);
	}
}

static bool read_jobs(struct request *request, const struct json_t *body, struct bulk *bulk)
{
	bulk->jobs = tree_member(body, "jobs");
	bool fine = tree_is_array(bulk->jobs) && tree_count(bulk->jobs) > 0 &&
		    tree_count(bulk->jobs) <= BULK_MAX;

	for (size_t i = 0; fine && i < tree_count(bulk->jobs); i++)
		fine = tree_is_text(tree_at(bulk->jobs, i));
	if (!fine)
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"jobs\" is an array of 1 to %d ids of jobs.", BULK_MAX);
	return fine;
}

/* A draft is of one job. */
static bool names_no_draft(const struct ask *ask)
{
	for (size_t i = 0; i < ask->asked.action_count; i++) {
		struct json_t *root = tree_read(ask->asked.actions[i].parameters, NULL);
		bool names = ward_str_eq(ask->asked.actions[i].kind, WARD_STR("report")) &&
			     !tree_is_null(tree_member(root, "filing"));

		tree_free(root);
		if (!names)
			continue;
		request_trouble(ask->request, PROBLEM_BAD_REQUEST,
				"A report's draft is of one job: leave \"filing\" out, and each "
				"job "
				"gets a draft of its own.");
		return false;
	}
	return true;
}

void handle_jobs_bulk(struct request *request)
{
	struct bulk bulk = { .ask = { .request = request } };
	struct json_t *body = door_object(request);

	ward_arena_init(&bulk.ask.arena, 1 << 20);
	if (body && door_flag(request, body, "dry_run", &bulk.dry_run) &&
			read_jobs(request, body, &bulk) && read_ask(&bulk.ask, body) &&
			names_no_draft(&bulk.ask)) {
		struct store_tx *tx;

		/* Says that the store is away, if it is, before anything is begun. */
		if (door_read(request, &tx)) {
			struct json json = request_json(request);

			store_read_end(tx);
			json_object(&json);
			json_key_bool(&json, "dry_run", bulk.dry_run);
			json_key(&json, "jobs");
			json_array(&json);
			decide_each(&bulk, &json);
			json_array_end(&json);
			json_object_end(&json);
		}
	}
	ward_arena_free(&bulk.ask.arena);
	tree_free(body);
}
