#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"

enum { RELATED_MAX = 50, HISTORY_MAX = 200 };

static void write_list(struct request *request, const struct desk_job_list *list)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, "jobs");
	json_array(&json);
	for (size_t i = 0; i < list->count; i++) {
		json_object(&json);
		desk_json_job(&json, &list->at[i]);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key_text(&json, "next", list->next[0] ? list->next : NULL);
	json_object_end(&json);
}

/* GET /v1/queues/{queue}/jobs, and GET /v1/jobs without what to look for */
static void answer_page(struct request *request, ward_str queue)
{
	struct desk_page page = { .queue = queue,
		.after = request_query(request, "after"),
		.person = door_actor(request).person };
	ward_str state = request_query(request, "state");
	struct desk_job_list list;
	struct door_look look;

	if (state.len > 0 && !desk_job_state_parse(state, &page.state)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"state\" is open, decided or closed.");
		return;
	}
	if (!door_limit(request, &page.jobs_max) || !door_look(request, &look))
		return;
	ward_err err = desk_job_page(look.tx, &page, &look.arena, &list, &look.error);

	if (!err)
		write_list(request, &list);
	door_look_end(request, &look, err);
}

void handle_queue_jobs(struct request *request)
{
	answer_page(request, door_path(request, 0));
}

void handle_job_search(struct request *request)
{
	ward_str by = request_query(request, "by");
	struct desk_job_list list = { .count = 0 };
	struct door_look look;
	unsigned limit;

	if (by.len == 0) {
		answer_page(request, WARD_STR(""));
		return;
	}
	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = desk_job_search(look.tx, by, request_query(request, "value"),
			door_actor(request).person, limit, &look.arena, &list, &look.error);

	if (!err)
		write_list(request, &list);
	door_look_end(request, &look, err);
}

/* ---- one job, whole ---- */

struct whole {
	struct desk_job job;
	struct desk_names items, reports;
	struct desk_decision *decisions;
	struct desk_action *actions;
	struct desk_comment *comments;
	size_t decision_count, action_count, comment_count;
};

/* While a blind pass is open, only who is not to be blind sees what followed the first. */
static bool is_blind(const struct whole *whole)
{
	return whole->job.state == DESK_JOB_OPEN &&
	       ward_str_eq(whole->job.waits, WARD_STR("second"));
}

static ward_err read_whole(const struct request *request, struct store_tx *tx,
		struct ward_arena *arena, struct whole *whole, struct ward_error *error)
{
	ward_str id = door_path(request, 0), person = door_actor(request).person;
	ward_err err = desk_job_get(tx, id, person, arena, &whole->job, error);

	if (!err)
		err = desk_job_items(tx, id, arena, &whole->items, error);
	if (!err)
		err = desk_job_reports(tx, id, arena, &whole->reports, error);
	if (!err)
		err = desk_decision_list(tx, id, person, arena, &whole->decisions,
				&whole->decision_count, error);
	if (!err && !is_blind(whole))
		err = desk_action_of_job(tx, id, arena, &whole->actions, &whole->action_count,
				error);
	if (!err && !is_blind(whole))
		err = desk_comment_list(tx, id, arena, &whole->comments, &whole->comment_count,
				error);
	return err;
}

static void write_names(struct json *json, const char *name, const struct desk_names *names)
{
	json_key(json, name);
	json_array(json);
	for (size_t i = 0; i < names->count; i++)
		json_str(json, names->at[i]);
	json_array_end(json);
}

static void write_whole(struct request *request, const struct whole *whole)
{
	struct json json = request_json(request);

	json_object(&json);
	desk_json_job(&json, &whole->job);
	write_names(&json, "items", &whole->items);
	write_names(&json, "report_ids", &whole->reports);
	json_key(&json, "decisions");
	json_array(&json);
	for (size_t i = 0; i < whole->decision_count; i++)
		desk_json_decision(&json, &whole->decisions[i]);
	json_array_end(&json);
	json_key(&json, "actions");
	json_array(&json);
	for (size_t i = 0; i < whole->action_count; i++)
		desk_json_action(&json, &whole->actions[i]);
	json_array_end(&json);
	json_key(&json, "comments");
	json_array(&json);
	for (size_t i = 0; i < whole->comment_count; i++)
		desk_json_comment(&json, &whole->comments[i]);
	json_array_end(&json);
	json_object_end(&json);
}

void handle_job(struct request *request)
{
	struct whole whole = { .decision_count = 0 };
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = read_whole(request, look.tx, &look.arena, &whole, &look.error);

	if (!err)
		write_whole(request, &whole);
	door_look_end(request, &look, err);
}

static void write_related(struct request *request, struct json *json, const void *row)
{
	const struct desk_related *related = row;

	(void)request;
	json_object(json);
	json_key_str(json, "by", related->by);
	desk_json_job(json, &related->job);
	json_object_end(json);
}

void handle_job_related(struct request *request)
{
	ward_str id = door_path(request, 0), person = door_actor(request).person;
	struct desk_related *related;
	struct door_look look;
	struct desk_job job;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_job_get(look.tx, id, person, &look.arena, &job, &look.error);

	if (!err)
		err = desk_job_related(look.tx, id, person, RELATED_MAX, &look.arena, &related,
				&count, &look.error);
	if (!err)
		door_rows(request, "related", related, count, sizeof(*related), write_related);
	door_look_end(request, &look, err);
}

/* ---- what was done with it ---- */

void handle_job_history(struct request *request)
{
	struct whole whole = { .decision_count = 0 };
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_job_get(look.tx, door_path(request, 0), door_actor(request).person,
			&look.arena, &whole.job, &look.error);

	if (!err && is_blind(&whole) && !door_may(request, PEOPLE_AUDIT_READ))
		err = ward_fail(&look.error, WARD_E_CONFLICT,
				"what was done with this job is told when the second person has "
				"decided");
	if (!err) {
		struct json json = request_json(request);

		json_object(&json);
		err = door_key_history(look.tx, &json, "job", door_path(request, 0), HISTORY_MAX,
				&look.error);
		json_object_end(&json);
	}
	door_look_end(request, &look, err);
}
