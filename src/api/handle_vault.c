/* What is kept: items, clocks, letters, custody, and what was destroyed.  Nothing is opened here.
 */
#include "api/handlers.h"
#include "api/kept.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "vault/holds.h"

enum { SOON_DAYS = 30, CUSTODY_MAX = 1000 };

/* ---- what is there ---- */

/* Who may act on what is kept also learns of whom it is held for. */
static bool may_know_holds(const struct request *request)
{
	return door_may(request, PEOPLE_VAULT_HOLD) || door_may(request, PEOPLE_VAULT_DESTROY) ||
	       door_may(request, PEOPLE_VAULT_DESTROY_SECOND);
}

static void write_kept(struct request *request, struct json *json, const void *row)
{
	const struct desk_kept *kept = row;
	int64_t now = clock_now();

	json_object(json);
	json_key_str(json, "item", kept->item);
	json_key_str(json, "job", kept->job);
	door_key_text(json, "type", kept->type);
	json_key_int(json, "bytes", kept->bytes);
	json_key_text(json, "state",
			kept->destroyed_at != 0  ? "destroyed"
			: kept->keep_until < now ? "due"
						 : "here");
	door_key_time(json, "sealed_at", kept->sealed_at);
	door_key_time(json, "keep_until", kept->keep_until);
	door_key_time(json, "authority_until", may_know_holds(request) ? kept->authority_until : 0);
	door_key_time(json, "destroyed_at", kept->destroyed_at);
	json_object_end(json);
}

/* "here", "due" and "soon" are times between which it ends. */
static bool read_state(struct request *request, struct desk_kept_question *question)
{
	ward_str state = request_query(request, "state");
	int64_t now = clock_now();

	question->ends_from = INT64_MIN;
	question->ends_before = INT64_MAX;
	if (ward_str_eq(state, WARD_STR("due"))) {
		question->ends_before = now;
	} else if (ward_str_eq(state, WARD_STR("soon"))) {
		question->ends_from = now;
		question->ends_before = now + (int64_t)SOON_DAYS * 86400;
	} else if (state.len > 0 && !ward_str_eq(state, WARD_STR("here"))) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"state\" is here, soon or due.");
		return false;
	}
	return true;
}

void handle_vault_items(struct request *request)
{
	struct desk_kept_question question = { .viewer = kept_viewer(request),
		.after = request_query(request, "after") };
	struct desk_kept_list list;
	struct door_look look;

	if (!read_state(request, &question) || !door_limit(request, &question.rows_max) ||
			!door_look(request, &look))
		return;
	ward_err err = desk_kept_page(look.tx, &question, &look.arena, &list, &look.error);

	if (!err)
		door_rows(request, "items", list.at, list.count, sizeof(*list.at), write_kept);
	door_look_end(request, &look, err);
}

/* ---- the clocks ---- */

static void write_period(struct json *json, const char *name, struct legal_period period)
{
	json_key(json, name);
	json_object(json);
	json_key_uint(json, "years", period.years);
	json_key_uint(json, "months", period.months);
	json_key_uint(json, "days", period.days);
	json_object_end(json);
}

static void write_clock(struct json *json, const struct legal_clock *clock)
{
	json_object(json);
	json_key_text(json, "code", clock->code);
	json_key_text(json, "title", clock->title);
	json_key_text(json, "place", clock->place[0] ? clock->place : NULL);
	json_key_text(json, "trigger", clock->trigger);
	write_period(json, "keep", clock->keep);
	json_key_bool(json, "authority", clock->authority);
	json_key_text(json, "source", clock->source);
	json_key_text(json, "note", clock->note[0] ? clock->note : NULL);
	json_object_end(json);
}

void handle_vault_clocks(struct request *request)
{
	if (!door_have_intake(request))
		return;
	const struct legal *legal = vault_legal(request_vault(request));
	struct json json = request_json(request);

	json_object(&json);
	json_key_text(&json, "notice", legal_notice(legal));
	json_key(&json, "clocks");
	json_array(&json);
	for (size_t i = 0; i < legal_count(legal); i++)
		write_clock(&json, legal_at(legal, i));
	json_array_end(&json);
	json_object_end(&json);
}

/* ---- letters ---- */

static void write_letter(struct request *request, struct json *json, const void *row)
{
	const struct desk_letter *letter = row;

	(void)request;
	json_object(json);
	json_key_str(json, "id", letter->id);
	json_key_str(json, "job", letter->job);
	json_key_str(json, "basis", letter->basis);
	door_key_text(json, "reference", letter->reference);
	json_key_bool(json, "authority", letter->authority);
	json_key_int(json, "items", letter->items);
	door_key_time(json, "start_at", letter->start_at);
	door_key_time(json, "end_at", letter->end_at);
	json_object_end(json);
}

static void answer_letters(struct request *request, ward_str job)
{
	struct desk_letter_question question = { .viewer = kept_viewer(request),
		.job = job,
		.after = request_query(request, "after") };
	struct desk_letter_list list;
	struct door_look look;

	if (!door_limit(request, &question.rows_max) || !door_look(request, &look))
		return;
	ward_err err = desk_letters(look.tx, &question, &look.arena, &list, &look.error);

	if (!err)
		door_rows(request, "holds", list.at, list.count, sizeof(*list.at), write_letter);
	door_look_end(request, &look, err);
}

void handle_vault_holds(struct request *request)
{
	answer_letters(request, WARD_STR(""));
}

void handle_job_holds(struct request *request)
{
	answer_letters(request, door_path(request, 0));
}

/* ---- what was destroyed ---- */

static void write_destruction(struct request *request, struct json *json, const void *row)
{
	const struct desk_destruction *destruction = row;

	json_object(json);
	json_key_str(json, "item", destruction->item);
	json_key_str(json, "payload", destruction->payload);
	json_key_str(json, "job", destruction->job);
	json_key_int(json, "bytes", destruction->bytes);
	door_key_time(json, "at", destruction->at);
	json_key_str(json, "method", destruction->method);
	json_key_str(json, "first", destruction->first);
	json_key_str(json, "second", destruction->second);
	json_key_str(json, "reason", destruction->reason);
	door_key_text(json, "bases", may_know_holds(request) ? destruction->bases : WARD_STR(""));
	json_object_end(json);
}

void handle_vault_destructions(struct request *request)
{
	struct desk_kept_viewer viewer = kept_viewer(request);
	struct desk_destruction_list list;
	struct door_look look;
	unsigned limit;

	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = desk_destructions(look.tx, &viewer, request_query(request, "after"), limit,
			&look.arena, &list, &look.error);

	if (!err)
		door_rows(request, "destructions", list.at, list.count, sizeof(*list.at),
				write_destruction);
	door_look_end(request, &look, err);
}

/* ---- of one job ---- */

/* The rows behind `after`, at most so many. */
static void take_page(struct request *request, struct desk_kept_list *list, unsigned limit)
{
	ward_str after = request_query(request, "after");
	size_t from = 0;

	while (after.len > 0 && from < list->count && !ward_str_eq(list->at[from].item, after))
		from++;
	from += after.len > 0 && from < list->count;
	list->at += list->count > 0 ? from : 0;
	list->count = list->count - from < limit ? list->count - from : limit;
}

/* A page of what is kept of the job that the path names. */
static ward_err look_at_job(struct request *request, struct door_look *look, unsigned limit,
		struct desk_kept_list *list)
{
	struct desk_kept_viewer viewer = kept_viewer(request);
	ward_err err = desk_kept_of_job(look->tx, &viewer, door_path(request, 0), &look->arena,
			list, &look->error);

	if (!err)
		take_page(request, list, limit);
	return err;
}

void handle_job_vault(struct request *request)
{
	struct desk_kept_list list;
	struct door_look look;
	unsigned limit;

	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = look_at_job(request, &look, limit, &list);

	if (!err)
		door_rows(request, "items", list.at, list.count, sizeof(*list.at), write_kept);
	door_look_end(request, &look, err);
}

/* ---- custody ---- */

static bool write_row(void *context, const struct audit_row *row)
{
	struct json *json = context;
	char self[65];

	ward_hex_format(row->self, 32, self);
	json_object(json);
	json_key_uint(json, "number", row->number);
	door_key_time(json, "at", row->at);
	json_key_str(json, "actor", row->entry.actor);
	json_key_str(json, "role", row->entry.role);
	json_key_str(json, "action", row->entry.action);
	json_key_str(json, "reason", row->entry.reason);
	json_key(json, "detail");
	if (row->entry.detail.len > 0)
		json_raw(json, row->entry.detail);
	else
		json_null(json);
	json_key_text(json, "self", self);
	json_object_end(json);
	return true;
}

static ward_err write_custody(struct json *json, struct store_tx *tx, const struct desk_kept *kept,
		struct ward_error *error)
{
	char object[ID_TEXT_MAX + 8];

	(void)snprintf(object, sizeof(object), "item:%.*s", WARD_FMT(kept->payload));
	json_object(json);
	json_key_str(json, "item", kept->item);
	json_key_str(json, "payload", kept->payload);
	json_key(json, "rows");
	json_array(json);
	ward_err err = audit_read(tx,
			&(struct audit_question){ .object = ward_str_from(object),
					.rows_max = CUSTODY_MAX },
			write_row, json, error);

	json_array_end(json);
	json_object_end(json);
	return err;
}

static ward_err answer_custody(struct request *request, struct door_look *look,
		const struct desk_kept *kept, size_t count)
{
	struct json json = request_json(request);
	ward_err err = WARD_OK;

	json_object(&json);
	json_key(&json, "custody");
	json_array(&json);
	for (size_t i = 0; i < count && !err; i++)
		err = write_custody(&json, look->tx, &kept[i], &look->error);
	json_array_end(&json);
	json_object_end(&json);
	return err;
}

void handle_item_custody(struct request *request)
{
	struct desk_kept_viewer viewer = kept_viewer(request);
	struct desk_kept kept;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_kept_item(look.tx, &viewer, door_path(request, 0), &look.arena, &kept,
			&look.error);

	if (!err)
		err = answer_custody(request, &look, &kept, 1);
	door_look_end(request, &look, err);
}

void handle_job_custody(struct request *request)
{
	struct desk_kept_list list;
	struct door_look look;
	unsigned limit;

	if (!door_limit(request, &limit) || !door_look(request, &look))
		return;
	ward_err err = look_at_job(request, &look, limit, &list);

	if (!err)
		err = answer_custody(request, &look, list.at, list.count);
	door_look_end(request, &look, err);
}
