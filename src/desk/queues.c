#include "desk/queues.h"

#include <string.h>

#include "desk/job_rows.h"
#include "desk/route.h"
#include "desk/rows.h"

/* $1 is the person. */
#define QUEUE_SELECT                                                                               \
	"SELECT q.id, q.title, q.place, q.active, q.lease_seconds, q.double_percent, q.everyone, " \
	"q.hidden_actions, q.count_open, "                                                         \
	"CASE WHEN q.everyone = 1 OR EXISTS (SELECT 1 FROM desk_queue_people p "                   \
	"WHERE p.queue = q.id AND p.person = $1) THEN 1 ELSE 0 END, "                              \
	"CASE WHEN EXISTS (SELECT 1 FROM desk_stars s "                                            \
	"WHERE s.person = $1 AND s.kind = 'queue' AND s.object = q.id) THEN 1 ELSE 0 END, "        \
	"(SELECT MIN(j.created_at) FROM desk_jobs j WHERE j.queue = q.id AND j.state = 'open') "   \
	"FROM desk_queues q "

enum { QUEUES_MAX = 200 };

static ward_err read_queue(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_queue *queue = row;

	*queue = (struct desk_queue){
		.id = desk_row_text(reading, 0),
		.title = desk_row_text(reading, 1),
		.place = store_get_int(rows, 2),
		.active = store_get_int(rows, 3) != 0,
		.lease_seconds = store_get_int(rows, 4),
		.double_percent = store_get_int(rows, 5),
		.everyone = store_get_int(rows, 6) != 0,
		.hidden_actions = desk_row_text(reading, 7),
		.open = store_get_int(rows, 8),
		.mine = store_get_int(rows, 9) != 0,
		.starred = store_get_int(rows, 10) != 0,
		.oldest_at = store_get_int(rows, 11),
	};
	return WARD_OK;
}

ward_err desk_queue_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct desk_queue **queues, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_queue),
		.max = QUEUES_MAX };
	ward_err err = desk_rows_read(tx, QUEUE_SELECT "ORDER BY q.place, q.id",
			STORE_VALUES(store_text(person)), &array, read_queue, error);

	if (!err) {
		*queues = array.at;
		*count = array.count;
	}
	return err;
}

ward_err desk_queue_get(struct store_tx *tx, ward_str person, ward_str id, struct ward_arena *arena,
		struct desk_queue *queue, struct ward_error *error)
{
	return desk_row_read(tx, QUEUE_SELECT "WHERE q.id = $2",
			STORE_VALUES(store_text(person), store_text(id)), arena, read_queue, queue,
			"there is no such queue", error);
}

static ward_err check_queue(const struct desk_queue *queue, struct ward_error *error)
{
	if (!desk_is_name(queue->id))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a queue's id is a short word of small letters, digits and ._-");
	if (queue->lease_seconds < DESK_LEASE_MIN_S || queue->lease_seconds > DESK_LEASE_MAX_S)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a job is one person's for %d to %d seconds", DESK_LEASE_MIN_S,
				DESK_LEASE_MAX_S);
	if (queue->double_percent < 0 || queue->double_percent > 100)
		return ward_fail(error, WARD_E_ARGUMENT, "double_percent is 0 to 100");
	ward_err err = desk_words_check(queue->title, "a queue's title", true, error);

	return err ? err : desk_words_check(queue->hidden_actions, "hidden_actions", false, error);
}

static ward_err count_queues(struct store_tx *tx, struct ward_error *error)
{
	int64_t count = 0;
	ward_err err = desk_number(tx, "SELECT COUNT(*) FROM desk_queues", STORE_NO_VALUES, &count,
			error);

	if (!err && count >= QUEUES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "there are %d queues already", QUEUES_MAX);
	return err;
}

ward_err desk_queue_put(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_queue *queue, struct ward_error *error)
{
	ward_err err = check_queue(queue, error);

	if (!err)
		err = count_queues(tx, error);
	if (!err)
		err = store_run(tx,
				"INSERT INTO desk_queues (id, title, place, active, lease_seconds, "
				"double_percent, everyone, hidden_actions, count_open) "
				"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) "
				"ON CONFLICT (id) DO UPDATE SET title = $2, place = $3, active = "
				"$4, "
				"lease_seconds = $5, double_percent = $6, everyone = $7, "
				"hidden_actions = $8",
				STORE_VALUES(store_text(queue->id), store_text(queue->title),
						store_int(queue->place), store_int(queue->active),
						store_int(queue->lease_seconds),
						store_int(queue->double_percent),
						store_int(queue->everyone),
						store_text(queue->hidden_actions)),
				NULL, error);
	return err ? err
		   : desk_audit(tx, actor, "queue.changed", "queue", queue->id, WARD_STR(""),
				     WARD_STR(""), error);
}

ward_err desk_queue_remove(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error)
{
	uint64_t changed = 0;
	int64_t uses = 0;
	ward_err err = WARD_OK;

	if (ward_str_eq(id, WARD_STR(DESK_INBOX)))
		return ward_fail(error, WARD_E_CONFLICT,
				"the inbox stays: what no rule takes goes there");
	err = desk_number(tx,
			"SELECT (SELECT COUNT(*) FROM desk_jobs WHERE queue = $1) + "
			"(SELECT COUNT(*) FROM desk_routes WHERE queue = $1)",
			STORE_VALUES(store_text(id)), &uses, error);
	if (!err && uses > 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"jobs or rules name this queue: move them first, or switch it off");
	if (!err)
		err = store_run(tx, "DELETE FROM desk_queue_people WHERE queue = $1",
				STORE_VALUES(store_text(id)), NULL, error);
	if (!err)
		err = store_run(tx, "DELETE FROM desk_queues WHERE id = $1",
				STORE_VALUES(store_text(id)), &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such queue");
	return err ? err
		   : desk_audit(tx, actor, "queue.removed", "queue", id, WARD_STR(""), WARD_STR(""),
				     error);
}

static ward_err read_word(struct desk_reading *reading, void *row)
{
	*(ward_str *)row = desk_row_text(reading, 0);
	return WARD_OK;
}

ward_err desk_queue_people(struct store_tx *tx, ward_str queue, struct ward_arena *arena,
		ward_str **people, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena, .size = sizeof(ward_str), .max = 10000 };
	ward_err err = desk_rows_read(tx,
			"SELECT person FROM desk_queue_people WHERE queue = $1 "
			"ORDER BY person",
			STORE_VALUES(store_text(queue)), &array, read_word, error);

	if (!err) {
		*people = array.at;
		*count = array.count;
	}
	return err;
}

ward_err desk_queue_admit(struct store_tx *tx, const struct desk_actor *actor, ward_str queue,
		ward_str person, bool may, struct ward_error *error)
{
	struct store_values values = STORE_VALUES(store_text(queue), store_text(person));
	int64_t there = 0;
	ward_err err = desk_number(tx, "SELECT 1 FROM desk_queues WHERE id = $1",
			STORE_VALUES(store_text(queue)), &there, error);

	if (!err && there == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such queue");
	if (!err)
		err = store_run(tx,
				may ? "INSERT INTO desk_queue_people (queue, person) VALUES ($1, "
				      "$2) "
				      "ON CONFLICT (queue, person) DO NOTHING"
				    : "DELETE FROM desk_queue_people WHERE queue = $1 AND person = "
				      "$2",
				values, NULL, error);
	return err ? err
		   : desk_audit(tx, actor, may ? "queue.admitted" : "queue.dismissed", "person",
				     person, WARD_STR(""), WARD_STR(""), error);
}

ward_err desk_queue_may(struct store_tx *tx, ward_str queue, ward_str person,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_queue found;

	ward_arena_init(&arena, 65536);
	ward_err err = desk_queue_get(tx, person, queue, &arena, &found, error);

	ward_arena_free(&arena);
	if (err)
		return err;
	if (!found.active)
		return ward_fail(error, WARD_E_NOT_FOUND, "this queue is switched off");
	if (!found.mine)
		return ward_fail(error, WARD_E_DENIED, "this queue is for others");
	return WARD_OK;
}

ward_err desk_star(struct store_tx *tx, ward_str person, ward_str kind, ward_str object, bool on,
		struct ward_error *error)
{
	if (!ward_str_eq(kind, WARD_STR("queue")) && !ward_str_eq(kind, WARD_STR("job")))
		return ward_fail(error, WARD_E_ARGUMENT, "a queue or a job gets a star");
	if (on) {
		ward_err err = ward_str_eq(kind, WARD_STR("job"))
					       ? desk_job_seen(tx, object, person,
								 "there is no such job", error)
					       : desk_queue_may(tx, object, person, error);

		if (err)
			return err;
	}
	return store_run(tx,
			on ? "INSERT INTO desk_stars (person, kind, object) VALUES ($1, $2, $3) "
			     "ON CONFLICT (person, kind, object) DO NOTHING"
			   : "DELETE FROM desk_stars WHERE person = $1 AND kind = $2 AND object = "
			     "$3",
			STORE_VALUES(store_text(person), store_text(kind), store_text(object)),
			NULL, error);
}
