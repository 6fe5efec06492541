/*
 * decide.h - what a person makes of a job
 *
 * A decision belongs to one person, who holds the job.  It names a policy (or
 * none), says why, and carries the actions that shall follow.  It is never
 * changed: undoing it is a row of its own, and is possible while none of its
 * actions has left.
 *
 * Labelling twice: of a queue's jobs a share is given, after the first
 * decision, to a second person who does not learn of it.  Where the two agree
 * nothing more happens; where they differ the job goes to a third ("between
 * the two"), whose word holds.  Which jobs are chosen follows from their ids
 * alone, so nobody can tell before; an urgent one never is.  A second opinion that somebody asked
 * for is not blind: the colleague sees the first decision.
 *
 * Actions of a first decision leave without waiting for the second one, save
 * those that want two persons: they wait until another person agrees.
 */
#ifndef DESK_DECIDE_H
#define DESK_DECIDE_H

#include "desk/desk.h"

enum desk_outcome { DESK_VIOLATION = 0, DESK_NO_VIOLATION, DESK_ESCALATE };
const char *desk_outcome_name(enum desk_outcome outcome); /* "violation", "none", "escalate" */
bool desk_outcome_parse(ward_str text, enum desk_outcome *outcome) WARD_MUST_USE;

struct desk_asked_action {
	ward_str kind;
	ward_str parameters; /* a JSON object; "" is {} */
};

enum { DESK_ACTIONS_MAX = 16, DESK_UNDO_S = 30 };

/* What is asked for. */
struct desk_asked {
	ward_str job;
	enum desk_outcome outcome;
	ward_str policy; /* needed for a violation; else "" */
	ward_str labels; /* beside the policy's own; or "" */
	ward_str reason; /* needed for a violation of a severe policy, and to escalate */
	ward_str queue;  /* of an escalation: where to */
	const struct desk_asked_action *actions;
	size_t action_count;
	int64_t undo_s; /* how long it can be undone; negative: DESK_UNDO_S */
};

/*
 * Makes the decision, its actions and its strikes, and settles the job or
 * hands it on.  CONFLICT when the job is not this person's any more; ARGUMENT
 * with a sentence when something is missing or not offered in this queue.
 */
ward_err desk_decide(struct store_tx *tx, const struct desk_actor *actor,
		const struct desk_asked *asked, char decision[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

/* The job is open again, and this person's.  CONFLICT when an action has left already. */
ward_err desk_undo(struct store_tx *tx, const struct desk_actor *actor, ward_str decision,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* Asks a colleague: the job waits in its queue for another person, who sees the first's words. */
ward_err desk_ask_second(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str words, struct ward_error *error) WARD_MUST_USE;

struct desk_decision {
	ward_str id, job;
	int64_t pass;
	ward_str person, role;
	int64_t at;
	enum desk_outcome outcome;
	ward_str policy, labels, reason, exposure;
	int64_t seconds;
	int64_t undone_at; /* 0: it stands */
	ward_str undone_by;
};

/* Of a job, oldest first.  While a blind pass is open, `person` sees only what they may. */
ward_err desk_decision_list(struct store_tx *tx, ward_str job, ward_str person,
		struct ward_arena *arena, struct desk_decision **decisions, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The newest that `viewer` may see, of everybody or of one person: `before` is a decision's id, ""
 * for the first page.
 */
ward_err desk_decision_recent(struct store_tx *tx, ward_str viewer, ward_str person,
		ward_str before, unsigned rows_max, struct ward_arena *arena,
		struct desk_decision **decisions, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* ---- how well two people agree ---- */

/*
 * Of jobs that were labelled twice, blindly, since `since`: Cohen's kappa over
 * (outcome, policy) = (observed - expected) / (1 - expected), where `expected`
 * is the chance that two people with these shares of labels agree.  With fewer
 * than 2 pairs, or when chance alone explains everything, there is no kappa.
 */
struct desk_agreement {
	int64_t pairs, agreed;
	bool has_kappa;
	double kappa;
};
ward_err desk_agreement(struct store_tx *tx, ward_str queue, int64_t since,
		struct desk_agreement *agreement, struct ward_error *error) WARD_MUST_USE;
/* The formula alone: `pairs` of small numbers that stand for labels. */
struct desk_agreement desk_kappa(const uint32_t (*pairs)[2], size_t count);

/* True for `percent` of a hundred ids, by the id alone. */
bool desk_is_doubled(ward_str job, int64_t percent);

#endif
