#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"

static void write_queue(struct request *request, struct json *json, const void *row)
{
	const struct desk_queue *queue = row;

	/* What a queue for others is called is their business, and who arranges them. */
	if (queue->mine || door_may(request, PEOPLE_QUEUE_CHANGE))
		desk_json_queue(json, queue);
}

void handle_queues(struct request *request)
{
	struct desk_queue *queues;
	struct door_look look;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_queue_list(look.tx, door_actor(request).person, &look.arena, &queues,
			&count, &look.error);

	if (!err)
		door_rows(request, "queues", queues, count, sizeof(*queues), write_queue);
	door_look_end(request, &look, err);
}

/* ---- changing ---- */

struct queue_change {
	struct request *request;
	const struct json_t *body;
	bool fine; /* false: a problem is told already */
};

static bool read_words(struct request *request, const struct json_t *body, const char *name,
		struct ward_arena *arena, ward_str *words)
{
	const struct json_t *array = tree_member(body, name);
	struct ward_buf text;
	bool fine = true;

	if (tree_is_null(array))
		return true;
	ward_buf_init(&text, DESK_WORDS_MAX);
	for (size_t i = 0; i < tree_count(array) && fine; i++) {
		ward_str word = tree_text(tree_at(array, i));

		fine = word.len > 0 && !memchr(word.ptr, ',', word.len);
		ward_buf_printf(&text, "%s%.*s", i > 0 ? "," : "", WARD_FMT(word));
	}
	fine = fine && tree_is_array(array) && !text.failed;
	if (fine)
		*words = ward_arena_str(arena, ward_buf_text(&text));
	else
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"%s\" is an array of words.", name);
	ward_buf_free(&text);
	return fine && words->ptr;
}

static bool fill_queue(struct queue_change *change, struct ward_arena *arena,
		struct desk_queue *queue)
{
	struct request *request = change->request;
	const struct json_t *body = change->body;

	return door_text(request, body, "title", &queue->title) &&
	       door_int(request, body, "place", 0, 1000000, &queue->place) &&
	       door_flag(request, body, "active", &queue->active) &&
	       door_int(request, body, "lease_seconds", DESK_LEASE_MIN_S, DESK_LEASE_MAX_S,
			       &queue->lease_seconds) &&
	       door_int(request, body, "double_percent", 0, 100, &queue->double_percent) &&
	       door_flag(request, body, "everyone", &queue->everyone) &&
	       read_words(request, body, "hidden_actions", arena, &queue->hidden_actions);
}

static ward_err put_queue(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct queue_change *change = context;
	struct desk_actor actor = door_actor(change->request);
	struct desk_queue queue = { .title = WARD_STR(""),
		.active = true,
		.lease_seconds = DESK_LEASE_DEFAULT_S,
		.everyone = true,
		.hidden_actions = WARD_STR("") };
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	ward_err err = desk_queue_get(tx, actor.person, door_path(change->request, 0), &arena,
			&queue, error);

	queue.id = door_path(change->request, 0);
	if (err == WARD_E_NOT_FOUND)
		err = WARD_OK;
	if (!err) {
		change->fine = fill_queue(change, &arena, &queue);
		err = change->fine ? desk_queue_put(tx, &actor, &queue, error)
				   : ward_fail(error, WARD_E_ARGUMENT, "the body is not a queue");
	}
	ward_arena_free(&arena);
	return err;
}

/* As door_write, when the work may have told the problem itself. */
static bool write_told(struct request *request, store_work *work, void *context, const bool *fine)
{
	struct ward_error error;

	if (!request_store(request))
		return door_write(request, work, context);
	if (store_write(request_store(request), work, context, &error) == WARD_OK)
		return true;
	if (*fine)
		door_failed(request, &error);
	return false;
}

static void answer_queue(struct request *request)
{
	struct desk_queue queue;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_queue_get(look.tx, door_actor(request).person, door_path(request, 0),
			&look.arena, &queue, &look.error);

	if (!err) {
		struct json json = request_json(request);

		desk_json_queue(&json, &queue);
	}
	door_look_end(request, &look, err);
}

void handle_queue_put(struct request *request)
{
	struct json_t *body = door_object(request);
	struct queue_change change = { .request = request, .body = body, .fine = true };

	if (body && write_told(request, put_queue, &change, &change.fine))
		answer_queue(request);
	tree_free(body);
}

static ward_err remove_queue(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	struct desk_actor actor = door_actor(request);

	return desk_queue_remove(tx, &actor, door_path(request, 0), error);
}

void handle_queue_delete(struct request *request)
{
	if (door_write(request, remove_queue, request))
		door_done(request);
}

/* ---- who works on it ---- */

static void write_person(struct request *request, struct json *json, const void *row)
{
	(void)request;
	json_str(json, *(const ward_str *)row);
}

void handle_queue_people(struct request *request)
{
	struct door_look look;
	ward_str *people;
	size_t count;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_queue_people(look.tx, door_path(request, 0), &look.arena, &people,
			&count, &look.error);

	if (!err)
		door_rows(request, "people", people, count, sizeof(*people), write_person);
	door_look_end(request, &look, err);
}

static ward_err admit_person(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	struct desk_actor actor = door_actor(request);

	return desk_queue_admit(tx, &actor, door_path(request, 0), door_path(request, 1),
			strcmp(request->route->method, "PUT") == 0, error);
}

void handle_queue_admit(struct request *request)
{
	if (door_write(request, admit_person, request))
		door_done(request);
}

/* ---- stars: "/v1/queues/{queue}/star", "/v1/jobs/{job}/star" ---- */

static ward_err set_star(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct request *request = context;
	bool job = strncmp(request->route->path, "/v1/jobs/", 9) == 0;

	return desk_star(tx, door_actor(request).person, job ? WARD_STR("job") : WARD_STR("queue"),
			door_path(request, 0), strcmp(request->route->method, "PUT") == 0, error);
}

void handle_star(struct request *request)
{
	if (door_write(request, set_star, request))
		door_done(request);
}
