#include "desk/decide.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "desk/action_rows.h"
#include "desk/appeals.h"
#include "desk/items.h"
#include "desk/job_rows.h"
#include "desk/policies.h"

static const char *const outcomes[] = { "violation", "none", "escalate" };

const char *desk_outcome_name(enum desk_outcome outcome)
{
	return outcomes[outcome];
}

bool desk_outcome_parse(ward_str text, enum desk_outcome *outcome)
{
	size_t found;

	if (!desk_word_find(outcomes, 3, text, &found))
		return false;
	*outcome = (enum desk_outcome)found;
	return true;
}

/* FNV-1a over the id, whose end is random. */
bool desk_is_doubled(ward_str job, int64_t percent)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < job.len; i++)
		hash = (hash ^ (uint8_t)job.ptr[i]) * UINT64_C(0x100000001b3);
	return (int64_t)((hash >> 33) % 100) < percent;
}

/* ---- what the decision is about ---- */

enum { PASS_APPEAL = 0, PASS_FIRST, PASS_SECOND, PASS_BETWEEN };

struct about {
	struct desk_job job;
	struct desk_queue queue;
	struct desk_policy policy; /* of a violation */
	int64_t leased_at;
	ward_view_level seen; /* the highest at which this person saw any of it */
	int pass;
};

static int pass_of(ward_str waits)
{
	if (ward_str_eq(waits, WARD_STR("second")))
		return PASS_SECOND;
	return ward_str_eq(waits, WARD_STR("between")) ? PASS_BETWEEN : PASS_FIRST;
}

static ward_err read_about(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_asked *asked, struct ward_arena *arena, struct about *about,
		struct ward_error *error)
{
	ward_err err = desk_job_hold(tx, asked->job, actor->person, error);

	if (!err)
		err = desk_job_get(tx, asked->job, actor->person, arena, &about->job, error);
	if (!err)
		err = desk_queue_get(tx, actor->person, about->job.queue, arena, &about->queue,
				error);
	if (!err)
		err = desk_number(tx, "SELECT leased_at FROM desk_jobs WHERE id = $1",
				STORE_VALUES(store_text(asked->job)), &about->leased_at, error);
	if (!err)
		err = desk_items_seen(tx, asked->job, actor->person, &about->seen, error);
	if (!err && asked->outcome == DESK_VIOLATION) {
		err = desk_policy_get(tx, asked->policy, arena, &about->policy, error);
		if (err == WARD_E_NOT_FOUND || (!err && !about->policy.active))
			return ward_fail(error, WARD_E_ARGUMENT,
					"a violation is of a policy that is in use");
	}
	if (!err)
		about->pass = pass_of(about->job.waits);
	return err;
}

static ward_err check_words(const struct desk_asked *asked, const struct about *about,
		struct ward_error *error)
{
	bool needs_reason = asked->outcome == DESK_ESCALATE ||
			    (asked->outcome == DESK_VIOLATION && about->policy.severe);

	if (asked->outcome != DESK_VIOLATION && asked->policy.len > 0)
		return ward_fail(error, WARD_E_ARGUMENT, "only a violation names a policy");
	if (!desk_labels_valid(asked->labels))
		return ward_fail(error, WARD_E_ARGUMENT,
				"labels are \"scheme:code\" with a comma between them");
	if (asked->action_count > DESK_ACTIONS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a decision has at most %d actions",
				DESK_ACTIONS_MAX);
	if (asked->outcome == DESK_ESCALATE && asked->action_count > 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"who escalates leaves the actions to others");
	return desk_words_check(asked->reason, "a reason", needs_reason, error);
}

/* ---- writing it ---- */

static ward_err write_labels(const struct desk_asked *asked, const struct about *about,
		struct ward_arena *arena, ward_str *labels, struct ward_error *error)
{
	ward_str mapped = asked->outcome == DESK_VIOLATION ? about->policy.labels : WARD_STR("");
	char *text = ward_arena_printf(arena, "%.*s%s%.*s", WARD_FMT(mapped),
			mapped.len > 0 && asked->labels.len > 0 ? "," : "",
			WARD_FMT(asked->labels));

	if (!text)
		return ward_fail(error, WARD_E_NOMEM, "the labels do not fit");
	*labels = ward_str_from(text);
	return WARD_OK;
}

static ward_err write_decision(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_asked *asked, const struct about *about, const char *id,
		struct ward_arena *arena, struct ward_error *error)
{
	int64_t now = clock_now();
	int64_t seconds = now > about->leased_at ? now - about->leased_at : 0;
	char detail[256];
	ward_str labels;
	ward_err err = write_labels(asked, about, arena, &labels, error);

	if (!err)
		err = store_run(tx,
				"INSERT INTO desk_decisions (id, job, pass, person, role, at, "
				"outcome, "
				"policy, labels, reason, exposure, seconds, undone_at, undone_by) "
				"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, "
				"NULL)",
				STORE_VALUES(store_string(id), store_text(asked->job),
						store_int(about->pass), store_text(actor->person),
						store_text(actor->role), store_int(now),
						store_string(desk_outcome_name(asked->outcome)),
						asked->policy.len > 0 ? store_text(asked->policy)
								      : store_null(),
						store_text(labels), store_text(asked->reason),
						store_string(ward_view_level_name(about->seen)),
						store_int(seconds)),
				NULL, error);
	if (err)
		return err;
	(void)snprintf(detail, sizeof(detail),
			"{\"decision\":\"%s\",\"outcome\":\"%s\",\"policy\":\"%.*s\",\"exposure\":"
			"\"%s\"}",
			id, desk_outcome_name(asked->outcome), WARD_FMT(asked->policy),
			ward_view_level_name(about->seen));
	return desk_audit(tx, actor, "job.decided", "job", asked->job, asked->reason,
			ward_str_from(detail), error);
}

static ward_err write_strike(struct store_tx *tx, const struct about *about, const char *decision,
		struct ward_error *error)
{
	ward_str account = about->job.subject, noun = ward_str_cut(&account, ':');
	int64_t now = clock_now();

	if (!ward_str_eq(noun, WARD_STR("account")) || about->policy.weight == 0)
		return WARD_OK;
	return store_run(tx,
			"INSERT INTO desk_strikes (decision, account, policy, weight, at, "
			"expires_at) "
			"VALUES ($1, $2, $3, $4, $5, $6)",
			STORE_VALUES(store_string(decision), store_text(account),
					store_text(about->policy.code),
					store_int(about->policy.weight), store_int(now),
					store_int(now + DESK_STRIKE_DAYS * 86400)),
			NULL, error);
}

static ward_err write_actions(struct store_tx *tx, const struct desk_asked *asked,
		const struct about *about, const char *decision, struct ward_error *error)
{
	int64_t undo_s = asked->undo_s < 0 ? DESK_UNDO_S : asked->undo_s;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < asked->action_count && !err; i++) {
		struct desk_action_new action = {
			.decision = ward_str_from(decision),
			.job = asked->job,
			.kind = asked->actions[i].kind,
			.parameters = asked->actions[i].parameters.len > 0
						      ? asked->actions[i].parameters
						      : WARD_STR("{}"),
			.hidden = about->queue.hidden_actions,
			.violation = asked->outcome == DESK_VIOLATION,
			.urgent = about->job.urgent,
			.due_at = clock_now() + undo_s,
		};

		err = desk_action_add(tx, &action, error);
	}
	return err;
}

/* ---- what becomes of the job ---- */

/* The first labelling's word; NOT_FOUND when it was undone. */
static ward_err first_agrees(struct store_tx *tx, const struct desk_asked *asked, bool *agrees,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT outcome, policy FROM desk_decisions WHERE job = $1 "
			"AND pass = 1 AND undone_at IS NULL ORDER BY at DESC LIMIT 1",
			STORE_VALUES(store_text(asked->job)), &rows, error);

	if (err)
		return err;
	*agrees = ward_str_eq(store_get_text(rows, 0),
				  ward_str_from(desk_outcome_name(asked->outcome))) &&
		  ward_str_eq(store_get_text(rows, 1), asked->policy);
	return store_rows_end(rows, error);
}

static ward_err after_second(struct store_tx *tx, const struct desk_asked *asked,
		struct ward_error *error)
{
	bool agrees = false;
	ward_err err = first_agrees(tx, asked, &agrees, error);

	if (err)
		return err;
	return agrees ? desk_job_settle(tx, asked->job, DESK_JOB_DECIDED, error)
		      : desk_job_hand_on(tx, asked->job, "between", WARD_STR(""), WARD_STR(""),
					error);
}

static ward_err hand_on(struct store_tx *tx, const struct desk_asked *asked,
		const struct about *about, struct ward_error *error)
{
	int64_t active = 0;

	if (asked->outcome == DESK_ESCALATE) {
		ward_err err = desk_number(tx, "SELECT active FROM desk_queues WHERE id = $1",
				STORE_VALUES(store_text(asked->queue)), &active, error);

		if (!err && !active)
			return ward_fail(error, WARD_E_ARGUMENT,
					"say to which queue, of those in use");
		return err ? err
			   : desk_job_hand_on(tx, asked->job, "first", WARD_STR(""), asked->queue,
					     error);
	}
	if (about->pass == PASS_SECOND)
		return after_second(tx, asked, error);
	/* An urgent one does not wait for another look. */
	if (about->pass == PASS_FIRST && !about->job.urgent &&
			desk_is_doubled(asked->job, about->queue.double_percent))
		return desk_job_hand_on(tx, asked->job, "second", WARD_STR(""), WARD_STR(""),
				error);
	return desk_job_settle(tx, asked->job, DESK_JOB_DECIDED, error);
}

static ward_err decide(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_asked *asked, struct ward_arena *arena, char *id,
		struct ward_error *error)
{
	struct about about = { .pass = PASS_FIRST };
	ward_err err = read_about(tx, actor, asked, arena, &about, error);

	if (!err)
		err = check_words(asked, &about, error);
	/* What a third person decides replaces what has not left yet. */
	if (!err && about.pass == PASS_BETWEEN)
		err = desk_action_undo_job(tx, asked->job, error);
	if (!err)
		err = write_decision(tx, actor, asked, &about, id, arena, error);
	/* A blind second labelling changes nothing by itself. */
	if (!err && about.pass != PASS_SECOND)
		err = write_actions(tx, asked, &about, id, error);
	if (!err && about.pass != PASS_SECOND && asked->outcome == DESK_VIOLATION)
		err = write_strike(tx, &about, id, error);
	if (!err && asked->outcome != DESK_ESCALATE)
		err = desk_items_decided(tx, asked->job, error);
	return err ? err : hand_on(tx, asked, &about, error);
}

ward_err desk_decide(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_asked *asked, char decision[ID_TEXT_MAX],
		struct ward_error *error)
{
	struct ward_arena arena;
	char id[ID_TEXT_MAX];

	id_new(id);
	ward_arena_init(&arena, 1 << 20);
	ward_err err = decide(tx, actor, asked, &arena, id, error);

	ward_arena_free(&arena);
	if (!err)
		memcpy(decision, id, sizeof(id));
	return err;
}

ward_err desk_ask_second(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str words, struct ward_error *error)
{
	char comment[ID_TEXT_MAX];
	int64_t first = 0;
	ward_err err = desk_job_hold(tx, job, actor->person, error);

	if (!err)
		err = desk_number(tx, "SELECT 1 FROM desk_jobs WHERE id = $1 AND waits = 'first'",
				STORE_VALUES(store_text(job)), &first, error);
	if (!err && !first)
		return ward_fail(error, WARD_E_CONFLICT,
				"another opinion was asked for already: this one is yours to give");
	if (!err)
		err = desk_comment_add(tx, actor, job, words, comment, error);
	if (!err)
		err = desk_job_hand_on(tx, job, "opinion", actor->person, WARD_STR(""), error);
	return err ? err
		   : desk_audit(tx, actor, "job.second_asked", "job", job, WARD_STR(""),
				     WARD_STR(""), error);
}
