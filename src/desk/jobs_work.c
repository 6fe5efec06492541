#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/fit.h"
#include "desk/items.h"
#include "desk/job_rows.h"
#include "desk/route.h"

static ward_err count_open(struct store_tx *tx, ward_str queue, int64_t change,
		struct ward_error *error)
{
	return store_run(tx, "UPDATE desk_queues SET count_open = count_open + $2 WHERE id = $1",
			STORE_VALUES(store_text(queue), store_int(change)), NULL, error);
}

ward_err desk_job_settle(struct store_tx *tx, ward_str job, enum desk_job_state state,
		struct ward_error *error)
{
	struct store_rows *rows;
	char queue[DESK_NAME_MAX];
	ward_err err = store_one(tx,
			"UPDATE desk_jobs SET state = $2, lease_person = NULL, "
			"lease_until = 0, changed_at = $3, not_person = NULL "
			"WHERE id = $1 AND state <> $2 RETURNING queue",
			STORE_VALUES(store_text(job), store_string(desk_job_state_name(state)),
					store_int(clock_now())),
			&rows, error);

	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	desk_copy(queue, sizeof(queue), store_get_text(rows, 0));
	err = store_rows_end(rows, error);
	return err ? err
		   : count_open(tx, ward_str_from(queue), state == DESK_JOB_OPEN ? 1 : -1, error);
}

ward_err desk_job_hand_on(struct store_tx *tx, ward_str job, const char *waits, ward_str not_person,
		ward_str queue, struct ward_error *error)
{
	struct store_rows *rows;
	char before[DESK_NAME_MAX];
	/* The old queue is asked first: RETURNING knows only the new one. */
	ward_err err = store_one(tx, "SELECT queue FROM desk_jobs WHERE id = $1 AND state = 'open'",
			STORE_VALUES(store_text(job)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_CONFLICT, "the job is not open any more");
	if (err)
		return err;
	desk_copy(before, sizeof(before), store_get_text(rows, 0));
	err = store_rows_end(rows, error);
	if (!err)
		err = store_run(tx,
				"UPDATE desk_jobs SET waits = $2, not_person = $3, queue = $4, "
				"lease_person = NULL, lease_until = 0, changed_at = $5 WHERE id = "
				"$1",
				STORE_VALUES(store_text(job), store_string(waits),
						not_person.len > 0 ? store_text(not_person)
								   : store_null(),
						queue.len > 0 ? store_text(queue)
							      : store_string(before),
						store_int(clock_now())),
				NULL, error);
	if (!err && queue.len > 0 && !ward_str_eq(queue, ward_str_from(before))) {
		err = count_open(tx, ward_str_from(before), -1, error);
		if (!err)
			err = count_open(tx, queue, 1, error);
	}
	return err;
}

/* ---- what comes in ---- */

static void name_subject(const struct desk_arrival *arrival, char *subject, size_t room)
{
	const struct desk_arrival_item *best = NULL;

	for (size_t i = 0; i < arrival->item_count; i++) {
		if (arrival->items[i].account.len > 0) {
			(void)snprintf(subject, room, "account:%.*s",
					WARD_FMT(arrival->items[i].account));
			return;
		}
		if (!best && ward_str_eq(arrival->items[i].kind, WARD_STR("media")))
			best = &arrival->items[i];
	}
	if (best) {
		(void)snprintf(subject, room, "item:%.*s", WARD_FMT(best->first));
		return;
	}
	for (size_t i = 0; i < arrival->item_count; i++) {
		/* Those of the same address have the same first item. */
		if (arrival->items[i].url.len > 0) {
			(void)snprintf(subject, room, "item:%.*s",
					WARD_FMT(arrival->items[i].first));
			return;
		}
	}
	(void)snprintf(subject, room, "report:%.*s", WARD_FMT(arrival->report));
}

/* The newest decision that stands about a thing; "" when there is none. */
static ward_err find_decision(struct store_tx *tx, ward_str first, char decision[ID_TEXT_MAX],
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT d.id FROM desk_keys k JOIN desk_decisions d ON d.job = k.job "
			"WHERE k.kind = 'item' AND k.value = $1 AND d.undone_at IS NULL "
			"AND d.outcome <> 'escalate' ORDER BY d.at DESC, d.id DESC LIMIT 1",
			STORE_VALUES(store_text(first)), &rows, error);

	decision[0] = '\0';
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	desk_copy(decision, ID_TEXT_MAX, store_get_text(rows, 0));
	return store_rows_end(rows, error);
}

/* Known is what has nothing in it that was not decided before. */
static ward_err find_known(struct store_tx *tx, const struct desk_arrival *arrival,
		char decision[ID_TEXT_MAX], struct ward_error *error)
{
	decision[0] = '\0';
	for (size_t i = 0; i < arrival->item_count; i++) {
		const struct desk_arrival_item *item = &arrival->items[i];
		bool shows = ward_str_eq(item->kind, WARD_STR("media"));

		/* An account or an address beside a known picture shows nothing more. */
		if (!shows && (item->account.len > 0 || item->url.len > 0))
			continue;
		ward_err err = find_decision(tx, item->first, decision, error);

		if (err || decision[0] == '\0')
			return err;
	}
	return WARD_OK;
}

struct place {
	char job[ID_TEXT_MAX], queue[DESK_NAME_MAX];
	int64_t rank;
};

static ward_err find_open(struct store_tx *tx, const char *subject, struct place *place,
		struct ward_error *error)
{
	struct store_rows *rows;
	/* A job that waits for a second, blind look stays as it was for the first. */
	ward_err err = store_one(tx,
			"SELECT id, queue, rank FROM desk_jobs WHERE subject = $1 "
			"AND state = 'open' AND waits = 'first' ORDER BY created_at LIMIT 1",
			STORE_VALUES(store_string(subject)), &rows, error);

	if (err)
		return err;
	desk_copy(place->job, sizeof(place->job), store_get_text(rows, 0));
	desk_copy(place->queue, sizeof(place->queue), store_get_text(rows, 1));
	place->rank = store_get_int(rows, 2);
	return store_rows_end(rows, error);
}

enum { FACTS_ARENA = 4 << 20, FACTS_MAX = 1 << 16 };

static ward_err merge_labels(struct desk_facts *facts, ward_str more, struct ward_arena *arena,
		struct ward_error *error)
{
	while (more.len > 0) {
		ward_str label = ward_str_trim(ward_str_cut(&more, ','));

		if (label.len == 0 || desk_labels_meet(label, facts->labels))
			continue;
		const char *joined = ward_arena_printf(arena, "%.*s%s%.*s", WARD_FMT(facts->labels),
				facts->labels.len > 0 ? "," : "", WARD_FMT(label));

		if (!joined)
			return ward_fail(error, WARD_E_NOMEM, "the labels do not fit");
		facts->labels = ward_str_from(joined);
	}
	return WARD_OK;
}

/* What lists said of a report that joins is said of the job, too. */
static ward_err merge_facts(struct store_tx *tx, const struct desk_arrival *arrival,
		const struct place *place, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_facts facts;
	struct ward_buf text;
	struct desk_job job;

	if (arrival->facts.labels.len == 0 && arrival->facts.finding.len == 0)
		return WARD_OK;
	ward_arena_init(&arena, FACTS_ARENA);
	ward_buf_init(&text, FACTS_MAX);
	ward_err err = desk_row_read(tx, JOB_SELECT "WHERE j.id = $3",
			STORE_VALUES(store_int(0), store_string(""), store_string(place->job)),
			&arena, desk_job_read, &job, "there is no such job", error);

	if (!err)
		err = desk_facts_parse(job.facts, &arena, &facts, error);
	if (!err)
		err = merge_labels(&facts, arrival->facts.labels, &arena, error);
	if (!err && facts.finding.len == 0) {
		facts.finding = arrival->facts.finding;
		facts.list = arrival->facts.list;
	}
	if (!err)
		desk_facts_format(&facts, &text);
	/* What is too long is left as it was: the report is not lost for it. */
	if (!err && !text.failed)
		err = store_run(tx, "UPDATE desk_jobs SET facts = $2 WHERE id = $1",
				STORE_VALUES(store_string(place->job),
						store_text(ward_buf_text(&text))),
				NULL, error);
	ward_buf_free(&text);
	ward_arena_free(&arena);
	return err;
}

static ward_err join_job(struct store_tx *tx, const struct desk_arrival *arrival,
		const struct place *place, int64_t rank, bool known, struct ward_error *error)
{
	/* What was known stays so while nothing unknown comes to it. */
	return store_run(tx,
			"UPDATE desk_jobs SET reports = reports + 1, rank = $2, "
			"urgent = CASE WHEN $3 = 1 THEN 1 ELSE urgent END, "
			"known_decision = CASE WHEN $5 = 1 THEN known_decision ELSE NULL END, "
			"changed_at = $4 WHERE id = $1",
			STORE_VALUES(store_string(place->job),
					store_int(rank < place->rank ? rank : place->rank),
					store_int(arrival->facts.urgent), store_int(clock_now()),
					store_int(known)),
			NULL, error);
}

static ward_err make_job(struct store_tx *tx, const struct desk_arrival *arrival,
		const char *subject, const struct desk_received *received, int64_t rank,
		const char *known, struct ward_error *error)
{
	struct ward_buf facts;

	ward_buf_init(&facts, FACTS_MAX);
	desk_facts_format(&arrival->facts, &facts);
	if (facts.failed) {
		ward_buf_free(&facts);
		return ward_fail(error, WARD_E_LIMIT, "the facts of the report are too long");
	}
	ward_err err = store_run(tx,
			"INSERT INTO desk_jobs (id, queue, state, waits, rank, created_at, "
			"changed_at, urgent, subject, facts, reports, known_decision, "
			"lease_person, lease_until, leased_at, not_person) VALUES "
			"($1, $2, 'open', 'first', $3, $4, $5, $6, $7, $8, 1, $9, NULL, 0, 0, "
			"NULL)",
			STORE_VALUES(store_string(received->job), store_string(received->queue),
					store_int(rank), store_int(arrival->at),
					store_int(clock_now()), store_int(arrival->facts.urgent),
					store_string(subject), store_text(ward_buf_text(&facts)),
					known[0] ? store_string(known) : store_null()),
			NULL, error);

	ward_buf_free(&facts);
	return err ? err : count_open(tx, ward_str_from(received->queue), 1, error);
}

static ward_err add_key(struct store_tx *tx, const char *job, const char *kind, ward_str value,
		struct ward_error *error)
{
	if (value.len == 0)
		return WARD_OK;
	return store_run(tx,
			"INSERT INTO desk_keys (kind, value, job) VALUES ($1, $2, $3) "
			"ON CONFLICT (kind, value, job) DO NOTHING",
			STORE_VALUES(store_string(kind), store_text(value), store_string(job)),
			NULL, error);
}

static ward_err add_item(struct store_tx *tx, const char *job, const struct desk_arrival *arrival,
		const struct desk_arrival_item *item, struct ward_error *error)
{
	ward_err err = store_run(tx,
			"INSERT INTO desk_job_items (job, item, report) VALUES ($1, $2, $3) "
			"ON CONFLICT (job, item) DO NOTHING",
			STORE_VALUES(store_string(job), store_text(item->item),
					store_text(arrival->report)),
			NULL, error);

	if (!err)
		err = add_key(tx, job, "item", item->first, error);
	if (!err)
		err = add_key(tx, job, "sha256", item->sha256, error);
	if (!err)
		err = add_key(tx, job, "account", item->account, error);
	if (!err)
		err = add_key(tx, job, "url", item->url, error);
	return err ? err : add_key(tx, job, "host", item->host, error);
}

static ward_err add_report(struct store_tx *tx, const char *job, const struct desk_arrival *arrival,
		struct ward_error *error)
{
	ward_err err = store_run(tx,
			"INSERT INTO desk_job_reports (job, report, at) VALUES ($1, $2, $3) "
			"ON CONFLICT (job, report) DO NOTHING",
			STORE_VALUES(store_string(job), store_text(arrival->report),
					store_int(arrival->at)),
			NULL, error);

	for (size_t i = 0; i < arrival->item_count && !err; i++)
		err = add_item(tx, job, arrival, &arrival->items[i], error);
	return err ? err : add_key(tx, job, "report", arrival->report, error);
}

static int64_t rank_of(const struct desk_arrival *arrival, const struct desk_routed *routed)
{
	int64_t priority = routed->priority >= 0 ? routed->priority : arrival->priority;

	if (arrival->facts.urgent)
		return 100 - DESK_PRIORITY_URGENT;
	if (priority < 0)
		priority = 50;
	return priority > 100 ? 0 : 100 - priority;
}

/* A queue that is switched off gets nothing. */
static ward_err choose_queue(struct store_tx *tx, const struct desk_routed *routed,
		struct desk_received *received, struct ward_error *error)
{
	int64_t active = 0;
	ward_err err = desk_number(tx, "SELECT active FROM desk_queues WHERE id = $1",
			STORE_VALUES(store_string(routed->queue)), &active, error);

	desk_copy(received->queue, sizeof(received->queue),
			active ? ward_str_from(routed->queue) : WARD_STR(DESK_INBOX));
	return err;
}

ward_err desk_receive(struct store_tx *tx, const struct desk_arrival *arrival,
		struct desk_received *received, struct ward_error *error)
{
	char subject[1024], known[ID_TEXT_MAX];
	struct desk_received got = { .joined = false };
	struct desk_routed routed;
	struct place place;
	ward_err err = desk_route_find(tx, &arrival->facts, &routed, error);

	if (err)
		return err;
	int64_t rank = rank_of(arrival, &routed);

	name_subject(arrival, subject, sizeof(subject));
	err = find_known(tx, arrival, known, error);
	if (err)
		return err;
	err = find_open(tx, subject, &place, error);
	if (!err) {
		got.joined = true;
		desk_copy(got.job, sizeof(got.job), ward_str_from(place.job));
		desk_copy(got.queue, sizeof(got.queue), ward_str_from(place.queue));
		err = join_job(tx, arrival, &place, rank, known[0] != '\0', error);
		if (!err)
			err = merge_facts(tx, arrival, &place, error);
	} else if (err == WARD_E_NOT_FOUND) {
		id_new(got.job);
		got.known = known[0] != '\0';
		err = choose_queue(tx, &routed, &got, error);
		if (!err)
			err = make_job(tx, arrival, subject, &got, rank, known, error);
	}
	if (!err)
		err = add_report(tx, got.job, arrival, error);
	if (!err)
		*received = got;
	return err;
}
