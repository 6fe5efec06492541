#include "desk/jobs.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/job_rows.h"

static const char *const states[] = { "open", "decided", "closed" };

const char *desk_job_state_name(enum desk_job_state state)
{
	return states[state];
}

bool desk_job_state_parse(ward_str text, enum desk_job_state *state)
{
	size_t found;

	if (!desk_word_find(states, 3, text, &found))
		return false;
	*state = (enum desk_job_state)found;
	return true;
}

ward_err desk_job_read(struct desk_reading *reading, void *row)
{
	struct store_rows *rows = reading->rows;
	struct desk_job *job = row;

	*job = (struct desk_job){
		.id = desk_row_text(reading, 0),
		.queue = desk_row_text(reading, 1),
		.waits = desk_row_text(reading, 3),
		.priority = 100 - store_get_int(rows, 4),
		.created_at = store_get_int(rows, 5),
		.changed_at = store_get_int(rows, 6),
		.urgent = store_get_int(rows, 7) != 0,
		.subject = desk_row_text(reading, 8),
		.facts = desk_row_text(reading, 9),
		.reports = store_get_int(rows, 10),
		.known_decision = desk_row_text(reading, 11),
		.lease_person = desk_row_text(reading, 12),
		.lease_until = store_get_int(rows, 13),
		.starred = store_get_int(rows, 14) != 0,
	};
	if (!desk_job_state_parse(store_get_text(rows, 2), &job->state))
		return WARD_E_CORRUPT;
	return WARD_OK;
}

/* ---- a page ---- */

/* "12.1767225600.0190…" */
static bool parse_place(ward_str text, int64_t *rank, int64_t *at, ward_str *id)
{
	ward_str first = ward_str_cut(&text, '.');
	ward_str second = ward_str_cut(&text, '.');

	*id = text;
	return ward_i64_parse(first, rank) && ward_i64_parse(second, at) && text.len > 0 &&
	       text.len < ID_TEXT_MAX;
}

static void format_place(const struct desk_job *job, char place[DESK_PLACE_MAX])
{
	(void)snprintf(place, DESK_PLACE_MAX, "%lld.%lld.%.*s", (long long)(100 - job->priority),
			(long long)job->created_at, WARD_FMT(job->id));
}

ward_err desk_job_page(struct store_tx *tx, const struct desk_page *page, struct ward_arena *arena,
		struct desk_job_list *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_job),
		.max = page->jobs_max };
	int64_t rank = INT64_MIN, at = INT64_MIN;
	ward_str id = WARD_STR("");

	if (page->after.len > 0 && !parse_place(page->after, &rank, &at, &id))
		return ward_fail(error, WARD_E_ARGUMENT,
				"\"after\" is the \"next\" of the page before, as it was given");
	if (page->queue.len > 0) {
		ward_err err = desk_queue_may(tx, page->queue, page->person, error);

		if (err)
			return err;
	}
	/* One more than wanted tells whether there is a next page. */
	array.max++;
	struct store_values values = STORE_VALUES(store_int(clock_now()), store_text(page->person),
			store_string(desk_job_state_name(page->state)), store_int(rank),
			store_int(at), store_text(id), store_int((int64_t)page->jobs_max + 1),
			store_text(page->queue));

	if (page->queue.len == 0)
		values.count--;
	ward_err err = desk_rows_read(tx,
			page->queue.len > 0 ? JOB_SELECT
					"WHERE j.queue = $8 AND j.state = $3 AND "
					"(j.rank, j.created_at, j.id) > ($4, $5, $6) "
					"ORDER BY j.rank, j.created_at, j.id LIMIT $7"
					    : JOB_SELECT
					"WHERE j.state = $3 AND (j.rank, j.created_at, j.id) > "
					"($4, $5, $6) "
					"AND " JOB_VISIBLE
					" ORDER BY j.rank, j.created_at, j.id LIMIT $7",
			values, &array, desk_job_read, error);

	if (err)
		return err;
	*list = (struct desk_job_list){ .at = array.at, .count = array.count };
	if (list->count > page->jobs_max) {
		list->count = page->jobs_max;
		if (list->count > 0)
			format_place(&list->at[list->count - 1], list->next);
	}
	return WARD_OK;
}

ward_err desk_job_seen(struct store_tx *tx, ward_str job, ward_str person, const char *missing,
		struct ward_error *error)
{
	int64_t seen = 0;
	ward_err err = desk_number(tx, "SELECT 1 FROM desk_jobs j WHERE j.id = $1 AND " JOB_VISIBLE,
			STORE_VALUES(store_text(job), store_text(person)), &seen, error);

	return err || seen ? err : ward_fail(error, WARD_E_NOT_FOUND, "%s", missing);
}

ward_err desk_job_get(struct store_tx *tx, ward_str id, ward_str person, struct ward_arena *arena,
		struct desk_job *job, struct ward_error *error)
{
	return desk_row_read(tx, JOB_SELECT "WHERE j.id = $3 AND " JOB_VISIBLE,
			STORE_VALUES(store_int(clock_now()), store_text(person), store_text(id)),
			arena, desk_job_read, job,
			"there is no such job, or it is in a queue of others", error);
}

static ward_err read_word(struct desk_reading *reading, void *row)
{
	*(ward_str *)row = desk_row_text(reading, 0);
	return WARD_OK;
}

enum { NAMES_MAX = 10000 };

static ward_err read_names(struct store_tx *tx, const char *sql, ward_str job,
		struct ward_arena *arena, struct desk_names *names, struct ward_error *error)
{
	struct desk_array array = { .arena = arena, .size = sizeof(ward_str), .max = NAMES_MAX };
	ward_err err = desk_rows_read(tx, sql, STORE_VALUES(store_text(job)), &array, read_word,
			error);

	if (!err)
		*names = (struct desk_names){ .at = array.at, .count = array.count };
	return err;
}

ward_err desk_job_items(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_names *items, struct ward_error *error)
{
	return read_names(tx, "SELECT item FROM desk_job_items WHERE job = $1 ORDER BY item", job,
			arena, items, error);
}

ward_err desk_job_reports(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_names *reports, struct ward_error *error)
{
	return read_names(tx,
			"SELECT report FROM desk_job_reports WHERE job = $1 ORDER BY at, report",
			job, arena, reports, error);
}

/* ---- what belongs together ---- */

static ward_err read_related(struct desk_reading *reading, void *row)
{
	struct desk_related *related = row;

	related->by = desk_row_text(reading, JOB_COLUMN_COUNT);
	return desk_job_read(reading, &related->job);
}

ward_err desk_job_related(struct store_tx *tx, ward_str job, ward_str person, unsigned jobs_max,
		struct ward_arena *arena, struct desk_related **related, size_t *count,
		struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_related),
		.max = jobs_max };
	ward_err err = desk_rows_read(tx,
			"SELECT " JOB_COLUMNS ", other.kind FROM desk_keys mine "
			"JOIN desk_keys other ON other.kind = mine.kind AND other.value = "
			"mine.value "
			"AND other.job <> mine.job JOIN desk_jobs j ON j.id = other.job "
			"WHERE mine.job = $3 AND mine.kind <> 'report' AND " JOB_VISIBLE
			" LIMIT $4",
			STORE_VALUES(store_int(clock_now()), store_text(person), store_text(job),
					store_int(jobs_max)),
			&array, read_related, error);

	if (!err) {
		*related = array.at;
		*count = array.count;
	}
	return err;
}

ward_err desk_job_search(struct store_tx *tx, ward_str kind, ward_str value, ward_str person,
		unsigned jobs_max, struct ward_arena *arena, struct desk_job_list *list,
		struct ward_error *error)
{
	static const char *const kinds[] = { "sha256", "account", "host", "url", "item", "report",
		"job" };
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_job),
		.max = jobs_max };
	bool by_id = ward_str_eq(kind, WARD_STR("job"));
	size_t found;

	if (!desk_word_find(kinds, 7, kind, &found))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a job is found by sha256, account, host, url, item, report or "
				"job");
	struct store_values values = STORE_VALUES(store_int(clock_now()), store_text(person),
			store_text(value), store_int(jobs_max), store_text(kind));

	if (by_id)
		values.count--;
	ward_err err = desk_rows_read(tx,
			by_id ? JOB_SELECT "WHERE j.id = $3 AND " JOB_VISIBLE " LIMIT $4"
			      : JOB_SELECT "JOIN desk_keys k ON k.job = j.id WHERE k.kind = $5 AND "
					   "k.value = $3 "
					   "AND " JOB_VISIBLE
					   " ORDER BY j.created_at DESC LIMIT $4",
			values, &array, desk_job_read, error);

	if (!err)
		*list = (struct desk_job_list){ .at = array.at, .count = array.count };
	return err;
}

/* ---- words to colleagues ---- */

ward_err desk_comment_add(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str words, char id[ID_TEXT_MAX], struct ward_error *error)
{
	ward_err err = desk_words_check(words, "a comment", true, error);

	if (err)
		return err;
	id_new(id);
	err = store_run(tx,
			"INSERT INTO desk_comments (id, job, person, at, words) "
			"VALUES ($1, $2, $3, $4, $5)",
			STORE_VALUES(store_string(id), store_text(job), store_text(actor->person),
					store_int(clock_now()), store_text(words)),
			NULL, error);
	return err ? err
		   : desk_audit(tx, actor, "job.commented", "job", job, WARD_STR(""), WARD_STR(""),
				     error);
}

static ward_err read_comment(struct desk_reading *reading, void *row)
{
	*(struct desk_comment *)row = (struct desk_comment){
		.id = desk_row_text(reading, 0),
		.person = desk_row_text(reading, 1),
		.at = store_get_int(reading->rows, 2),
		.words = desk_row_text(reading, 3),
	};
	return WARD_OK;
}

ward_err desk_comment_list(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_comment **comments, size_t *count, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct desk_comment),
		.max = 1000 };
	ward_err err = desk_rows_read(tx,
			"SELECT id, person, at, words FROM desk_comments "
			"WHERE job = $1 ORDER BY at, id",
			STORE_VALUES(store_text(job)), &array, read_comment, error);

	if (!err) {
		*comments = array.at;
		*count = array.count;
	}
	return err;
}
