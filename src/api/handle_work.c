#include "api/desk_json.h"
#include "api/door.h"
#include "api/exposure_rules.h"
#include "api/handlers.h"

/* One step with a job: what is asked, and what comes of it. */
struct step {
	struct request *request;
	ward_str queue, words; /* of the body */
	char id[ID_TEXT_MAX];  /* the job's; of a comment: the comment's */
	int64_t until;
};

/* The job as it is now, whoever changed it. */
static void answer_job(struct request *request, const char *id)
{
	(void)snprintf(request->parameters.at[0], sizeof(request->parameters.at[0]), "%s", id);
	handle_job(request);
}

/* ---- taking ---- */

static ward_err take_next(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);
	struct exposure_rules rules = exposure_rules_of(request_settings(step->request));

	return desk_job_take(tx, &actor, &rules, door_path(step->request, 0), step->id, error);
}

void handle_queue_take(struct request *request)
{
	struct step step = { .request = request };

	if (door_write(request, take_next, &step))
		answer_job(request, step.id);
}

static ward_err take_one(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);
	struct exposure_rules rules = exposure_rules_of(request_settings(step->request));

	return desk_job_take_one(tx, &actor, &rules, door_path(step->request, 0), error);
}

static ward_err renew(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);

	return desk_job_renew(tx, &actor, door_path(step->request, 0), &step->until, error);
}

static ward_err release(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);

	return desk_job_release(tx, &actor, door_path(step->request, 0), error);
}

static ward_err move(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);

	return desk_job_move(tx, &actor, door_path(step->request, 0), step->queue, step->words,
			error);
}

static ward_err ask_second(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);

	return desk_ask_second(tx, &actor, door_path(step->request, 0), step->words, error);
}

static void answer_step(struct request *request, store_work *work)
{
	struct step step = { .request = request };

	if (door_write(request, work, &step))
		handle_job(request);
}

void handle_job_take(struct request *request)
{
	answer_step(request, take_one);
}

void handle_job_renew(struct request *request)
{
	struct step step = { .request = request };

	if (!door_write(request, renew, &step))
		return;
	struct json json = request_json(request);

	json_object(&json);
	door_key_time(&json, "lease_until", step.until);
	json_object_end(&json);
}

/* The job may be in a queue that this person does not see: nothing more is told of it. */
static void answer_gone(struct request *request, store_work *work, struct step *step)
{
	if (door_write(request, work, step))
		door_done(request);
}

void handle_job_release(struct request *request)
{
	struct step step = { .request = request };

	answer_gone(request, release, &step);
}

static void do_with_words(struct request *request, const char *words, store_work *work)
{
	struct step step = { .request = request };
	struct json_t *body = door_object(request);

	if (body && door_text(request, body, words, &step.words) &&
			door_text(request, body, "queue", &step.queue))
		answer_gone(request, work, &step);
	tree_free(body);
}

void handle_job_move(struct request *request)
{
	do_with_words(request, "reason", move);
}

void handle_job_second(struct request *request)
{
	do_with_words(request, "words", ask_second);
}

/* ---- words to colleagues ---- */

static ward_err add_comment(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct desk_actor actor = door_actor(step->request);
	struct ward_arena arena;
	struct desk_job job;

	ward_arena_init(&arena, 1 << 20);
	/* Only about what this person may see. */
	ward_err err = desk_job_get(tx, door_path(step->request, 0), actor.person, &arena, &job,
			error);

	ward_arena_free(&arena);
	return err ? err
		   : desk_comment_add(tx, &actor, door_path(step->request, 0), step->words,
				     step->id, error);
}

void handle_job_comment(struct request *request)
{
	struct step step = { .request = request };
	struct json_t *body = door_object(request);

	if (body && door_text(request, body, "words", &step.words) &&
			door_write(request, add_comment, &step)) {
		struct json json = request_json(request);

		json_object(&json);
		json_key_text(&json, "id", step.id);
		json_object_end(&json);
		request->answer.status = 201;
	}
	tree_free(body);
}
