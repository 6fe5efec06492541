/* Who has a job: taking the next one or this one, keeping it, giving it back, moving it on. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/fit.h"
#include "desk/job_rows.h"

/* All policies, and what was made of them. */
enum { FIT_ARENA = 32 << 20 };

/* Not who asked for the second opinion, and not who labelled it already. */
#define MAY_TAKE                                                                             \
	"(j.not_person IS NULL OR j.not_person <> $2) AND (j.waits = 'first' OR NOT EXISTS " \
	"(SELECT 1 FROM desk_decisions d WHERE d.job = j.id AND d.person = $2 "              \
	"AND d.undone_at IS NULL))"

static ward_err lease_seconds(struct store_tx *tx, ward_str queue, int64_t *seconds,
		struct ward_error *error)
{
	return desk_number(tx, "SELECT lease_seconds FROM desk_queues WHERE id = $1",
			STORE_VALUES(store_text(queue)), seconds, error);
}

static ward_err lease(struct store_tx *tx, const struct desk_actor *actor, const char *job,
		int64_t seconds, struct ward_error *error)
{
	int64_t now = clock_now();
	uint64_t changed = 0;
	/* Asked once more, for another program may have been between. */
	ward_err err = store_run(tx,
			"UPDATE desk_jobs SET lease_person = $2, lease_until = $3, "
			"leased_at = $4, changed_at = $4 WHERE id = $1 AND state = 'open' "
			"AND (lease_until <= $4 OR lease_person = $2)",
			STORE_VALUES(store_string(job), store_text(actor->person),
					store_int(now + seconds), store_int(now)),
			&changed, error);

	if (!err && changed == 0)
		return ward_fail(error, WARD_E_CONFLICT, "somebody else has the job now");
	return err ? err
		   : desk_audit(tx, actor, "job.taken", "job", ward_str_from(job), WARD_STR(""),
				     WARD_STR(""), error);
}

/* Those that wait for a person, or are theirs, in their order. */
struct waiting {
	const struct desk_actor *actor;
	ward_str queue;
	const struct desk_fit *fit;
	int64_t now, rank, created_at; /* and the id: of the last one that was looked at */
	char id[ID_TEXT_MAX];
	bool found, more;
};

/* Of a queue for which nothing has to be asked, one is enough. */
enum { WAITING_AT_ONCE = 250 };

static ward_err look_on(struct store_tx *tx, struct waiting *waiting, struct ward_error *error)
{
	int64_t most = desk_fit_is_any(waiting->fit) ? 1 : WAITING_AT_ONCE, count = 0;
	struct store_rows *rows;
	/* What they hold already in this queue is theirs: a lost page is found again. */
	ward_err err = store_query(tx,
			"SELECT j.id, j.rank, j.created_at, j.facts, j.known_decision, "
			"CASE WHEN j.lease_until > $1 THEN 1 ELSE 0 END "
			"FROM desk_jobs j WHERE j.queue = $3 AND j.state = 'open' AND "
			"((j.lease_until > $1 AND j.lease_person = $2) OR "
			"(j.lease_until <= $1 AND " MAY_TAKE ")) "
			"AND (j.rank, j.created_at, j.id) > ($4, $5, $6) "
			"ORDER BY j.rank, j.created_at, j.id LIMIT $7",
			STORE_VALUES(store_int(waiting->now), store_text(waiting->actor->person),
					store_text(waiting->queue), store_int(waiting->rank),
					store_int(waiting->created_at), store_string(waiting->id),
					store_int(most)),
			&rows, error);

	if (err)
		return err;
	while (!waiting->found && store_next(rows)) {
		bool known = store_get_text(rows, 4).len > 0, theirs = store_get_int(rows, 5) != 0;

		desk_copy(waiting->id, sizeof(waiting->id), store_get_text(rows, 0));
		waiting->rank = store_get_int(rows, 1);
		waiting->created_at = store_get_int(rows, 2);
		waiting->found = theirs || desk_fit_ask(waiting->fit, store_get_text(rows, 3),
							   known) == DESK_FITS;
		count++;
	}
	waiting->more = count == most;
	return store_rows_end(rows, error);
}

static ward_err find_waiting(struct store_tx *tx, const struct desk_actor *actor, ward_str queue,
		const struct desk_fit *fit, char job[ID_TEXT_MAX], struct ward_error *error)
{
	struct waiting waiting = { .actor = actor,
		.queue = queue,
		.fit = fit,
		.now = clock_now(),
		.rank = INT64_MIN,
		.created_at = INT64_MIN,
		.more = true };
	ward_err err = WARD_OK;

	while (!err && !waiting.found && waiting.more)
		err = look_on(tx, &waiting, error);
	if (err)
		return err;
	if (!waiting.found)
		return ward_fail(error, WARD_E_NOT_FOUND, "no job waits for you in this queue");
	memcpy(job, waiting.id, sizeof(waiting.id));
	return WARD_OK;
}

ward_err desk_job_take(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str queue, char job[ID_TEXT_MAX],
		struct ward_error *error)
{
	char found[ID_TEXT_MAX] = "";
	struct ward_arena arena;
	struct desk_fit fit;
	int64_t seconds = 0;

	ward_arena_init(&arena, FIT_ARENA);
	ward_err err = desk_queue_may(tx, queue, actor->person, error);

	if (!err)
		err = lease_seconds(tx, queue, &seconds, error);
	if (!err)
		err = desk_fit_begin(tx, actor->person, rules, &arena, &fit, error);
	if (!err)
		err = find_waiting(tx, actor, queue, &fit, found, error);
	ward_arena_free(&arena);
	if (!err)
		err = lease(tx, actor, found, seconds, error);
	if (!err)
		memcpy(job, found, sizeof(found));
	return err;
}

static ward_err check_fit(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, const struct desk_job *job,
		struct ward_arena *arena, struct ward_error *error)
{
	bool theirs = ward_str_eq(job->lease_person, actor->person);
	enum desk_fits fits = DESK_FITS;
	struct desk_fit fit;
	ward_err err = WARD_OK;

	if (rules && !theirs) {
		err = desk_fit_begin(tx, actor->person, rules, arena, &fit, error);
		if (!err)
			fits = desk_fit_ask(&fit, job->facts, job->known_decision.len > 0);
	}
	if (err || fits == DESK_FITS)
		return err;
	return ward_fail(error, WARD_E_DENIED,
			fits == DESK_FITS_UNWANTED
					? "this job has a theme that you chose not to get"
					: "this job is of the gravest class, and you are shown no "
					  "more of that now");
}

ward_err desk_job_take_one(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str job, struct ward_error *error)
{
	struct ward_arena arena;
	struct desk_job found;
	char id[ID_TEXT_MAX];
	int64_t may = 0, seconds = 0;

	ward_arena_init(&arena, FIT_ARENA);
	ward_err err = desk_job_get(tx, job, actor->person, &arena, &found, error);

	if (!err)
		err = desk_queue_may(tx, found.queue, actor->person, error);
	if (!err)
		err = check_fit(tx, actor, rules, &found, &arena, error);
	if (!err)
		err = lease_seconds(tx, found.queue, &seconds, error);
	if (!err)
		err = desk_number(tx, "SELECT 1 FROM desk_jobs j WHERE j.id = $1 AND " MAY_TAKE,
				STORE_VALUES(store_text(job), store_text(actor->person)), &may,
				error);
	ward_arena_free(&arena);
	if (err)
		return err;
	if (!may)
		return ward_fail(error, WARD_E_DENIED,
				"this job waits for another person than you");
	desk_copy(id, sizeof(id), job);
	return lease(tx, actor, id, seconds, error);
}

ward_err desk_job_hold(struct store_tx *tx, ward_str job, ward_str person, struct ward_error *error)
{
	int64_t holds = 0;
	ward_err err = desk_number(tx,
			"SELECT 1 FROM desk_jobs WHERE id = $1 AND state = 'open' "
			"AND lease_person = $2 AND lease_until > $3",
			STORE_VALUES(store_text(job), store_text(person), store_int(clock_now())),
			&holds, error);

	if (!err && !holds)
		return ward_fail(error, WARD_E_CONFLICT,
				"the job is not yours now: its time was over, or it is decided; "
				"take it "
				"again");
	return err;
}

ward_err desk_job_renew(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		int64_t *until, struct ward_error *error)
{
	int64_t seconds = 0;
	ward_err err = desk_job_hold(tx, job, actor->person, error);

	if (!err)
		err = desk_number(tx,
				"SELECT q.lease_seconds FROM desk_queues q JOIN desk_jobs j "
				"ON j.queue = q.id WHERE j.id = $1",
				STORE_VALUES(store_text(job)), &seconds, error);
	if (err)
		return err;
	*until = clock_now() + seconds;
	return store_run(tx, "UPDATE desk_jobs SET lease_until = $2 WHERE id = $1",
			STORE_VALUES(store_text(job), store_int(*until)), NULL, error);
}

ward_err desk_job_release(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		struct ward_error *error)
{
	ward_err err = desk_job_hold(tx, job, actor->person, error);

	if (!err)
		err = store_run(tx,
				"UPDATE desk_jobs SET lease_person = NULL, lease_until = 0 "
				"WHERE id = $1",
				STORE_VALUES(store_text(job)), NULL, error);
	return err ? err
		   : desk_audit(tx, actor, "job.released", "job", job, WARD_STR(""), WARD_STR(""),
				     error);
}

ward_err desk_job_move(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str queue, ward_str reason, struct ward_error *error)
{
	char waits[16] = "first";
	struct store_rows *rows;
	ward_err err = desk_words_check(reason, "a reason", true, error);

	if (!err)
		err = desk_job_hold(tx, job, actor->person, error);
	if (!err)
		err = store_one(tx, "SELECT waits FROM desk_jobs WHERE id = $1",
				STORE_VALUES(store_text(job)), &rows, error);
	if (err)
		return err;
	desk_copy(waits, sizeof(waits), store_get_text(rows, 0));
	err = store_rows_end(rows, error);
	if (!err) {
		int64_t active = 0;

		err = desk_number(tx, "SELECT active FROM desk_queues WHERE id = $1",
				STORE_VALUES(store_text(queue)), &active, error);
		if (!err && !active)
			return ward_fail(error, WARD_E_NOT_FOUND,
					"there is no such queue, or it is switched off");
	}
	if (!err)
		err = desk_job_hand_on(tx, job, waits, WARD_STR(""), queue, error);
	return err ? err
		   : desk_audit(tx, actor, "job.moved", "job", job, reason, WARD_STR(""), error);
}
